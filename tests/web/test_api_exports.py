"""Exports over HTTP: previewed, made, fetched; the same bytes for the same work, and no half of one."""

import io
import os
import time
import zipfile

import pytest
from watching import refused

from speechlabel.errors import WorkspaceError


@pytest.fixture
def labelled(client, opened):
    """Mark two segments done."""
    edits = [
        {
            "action": "update",
            "target": "segment",
            "id": segment["id"],
            "version": 0,
            "changes": {"text": text, "status": "done"},
        }
        for segment, text in zip(opened["segments"], ("hello", "你好"), strict=False)
    ]
    address = f"/api/transcripts/{opened['transcript']['id']}/edits"
    assert client.post(address, json={"op_id": "done", "edits": edits}).status_code == 200
    return opened


def make(client, format="native", **body):
    return client.post("/api/projects/p/exports", json={"format": format} | body)


def homes(workspace):
    folder = workspace.root / "exports"
    return sorted(folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize("format", ["native", "nemo", "kaldi", "rttm", "textgrid"])
def test_an_export_is_previewed_made_and_fetched(client, labelled, workspace, format):
    seen = client.post("/api/projects/p/exports/preview", json={"format": format}).json()
    assert seen["in"] >= 2
    assert seen["is_whole"]
    assert seen["files"]
    made = make(client, format)
    assert made.status_code == 201
    body = made.json()
    assert (body["in"], body["out"]) == (seen["in"], seen["out"])
    answer = client.get(body["url"])
    assert answer.headers["content-type"] == "application/zip"
    assert f"p-{format}.zip" in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert {f"p-{format}/{name}" for name in body["files"]} <= set(names)
        assert any(b"hello" in archive.read(name) for name in names) or format == "rttm"
    [home] = homes(workspace)
    assert [path.name for path in home.iterdir()] == [f"p-{format}.zip"]


def test_the_same_work_gives_the_same_bytes(client, labelled):
    first, second = (client.get(make(client, include=["machine"]).json()["url"]).content for _ in range(2))
    assert first == second


def test_what_cannot_be_exported_is_said_and_leaves_nothing(client, opened, workspace):
    refused(make(client, "nope"), 422, "unknown_name")
    refused(make(client, "../../x"), 422, "unknown_name")
    refused(make(client, include=["everything"]), 422)
    refused(make(client, recordings=["nope"]), 404, "not_found")
    refused(make(client, colour=1), 422, "request")
    refused(client.post("/api/projects/q/exports", json={"format": "native"}), 404, "not_found")
    error = refused(make(client, "nemo"), 422, "export")  # nothing is done yet
    assert "no segment" in error["message"]
    for format, remedy in {"nemo": [], "rttm": ["machine"], "native": ["machine", "no_text"]}.items():
        seen = client.post("/api/projects/p/exports/preview", json={"format": format}).json()
        assert (seen["in"], seen["remedy"]) == (0, remedy)
    assert homes(workspace) == []
    for id in ("0" * 36, "..", "..%2f..", "x", "%2e%2e%2f" * 12):
        refused(client.get(f"/api/exports/{id}/download"), 404, "not_found")


def test_an_export_that_fails_half_way_leaves_nothing(client, labelled, workspace, monkeypatch):
    def full(*_):
        raise WorkspaceError("full", "the disk is full")

    monkeypatch.setattr("speechlabel.web.exporting._zip", full)
    refused(make(client), 507)
    assert homes(workspace) == []


def test_old_exports_go_and_so_does_what_a_killed_server_left(app, client, labelled, workspace):
    old, young = (make(client).json() for _ in range(2))
    week = 7 * 86_400 + 1
    os.utime(workspace.root / "exports" / old["id"], (time.time() - week,) * 2)
    broken = workspace.root / "exports" / ("0" * 36)
    (broken / "p-native").mkdir(parents=True)
    (broken / "p-native.zip.part").write_bytes(b"PK")
    refused(client.get(f"/api/exports/{'0' * 36}/download"), 404)
    make(client)
    refused(client.get(old["url"]), 404)
    assert client.get(young["url"]).status_code == 200
    assert broken.exists()  # it could be under way
    app.state.site.exports.sweep(unfinished=True)
    assert not broken.exists()
    assert client.get(young["url"]).status_code == 200
