"""Snapshots over HTTP: made, listed, compared, delivered and corrected as from the command line."""

import io
import json
import zipfile

import pytest
from watching import refused

SNAPSHOTS = "/api/projects/p/snapshots"


def save(client, opened, text, *, first=True):
    """Mark the first segment as done, with this text."""
    segment, version = opened["segments"][0], 0
    now = client.get(f"/api/transcripts/{opened['transcript']['id']}/segments").json()
    if not first:
        [version] = [item["version"] for item in now if item["id"] == segment["id"]]
    edit = {
        **{"action": "update", "target": "segment", "id": segment["id"], "version": version},
        "changes": {"text": text, "status": "done"},
    }
    address = f"/api/transcripts/{opened['transcript']['id']}/edits"
    assert client.post(address, json={"op_id": text, "edits": [edit]}).status_code == 200


@pytest.fixture
def labelled(client, opened):
    save(client, opened, "hello")
    return opened


def unpacked(client, url):
    with zipfile.ZipFile(io.BytesIO(client.get(url).content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_they_are_made_listed_compared_delivered_and_corrected(client, labelled, workspace):
    assert client.get(SNAPSHOTS).json() == []
    made = client.post(SNAPSHOTS, json={})
    assert made.status_code == 201
    body = made.json()
    assert (body["number"], body["is_new"], body["segments"], body["recordings"]) == (1, True, 1, 1)
    assert body["not_prepared"] == []
    same = client.post(SNAPSHOTS, json={})
    assert (same.status_code, same.json()["is_new"], same.json()["number"]) == (200, False, 1)

    save(client, labelled, "hallo", first=False)
    assert client.post(SNAPSHOTS, json={}).json()["number"] == 2
    listed = client.get(SNAPSHOTS)
    assert [item["number"] for item in listed.json()] == [1, 2]
    assert str(workspace.root) not in listed.text

    found = client.get(f"{SNAPSHOTS}/compare", params={"from": 1, "to": 2}).json()
    assert (found["added"], found["changed"], found["dropped"]) == (0, 1, 0)
    assert found["cer"] == {"errors": 1, "length": 5, "rate": 0.2}
    [change] = found["changes"]
    assert (change["text_before"], change["text_after"]) == ("hello", "hallo")

    export = client.post("/api/projects/p/exports", json={"format": "nemo", "snapshot": 1})
    assert export.status_code == 201
    files = unpacked(client, export.json()["url"])
    assert json.loads(files["p-nemo/manifest.jsonl"])["text"] == "hello"

    body = {"from": 1, "to": 2, "format": "nemo"}
    correction = client.post(f"{SNAPSHOTS}/correction", json=body)
    assert correction.status_code == 201
    assert correction.json()["changed"] == 1
    files = unpacked(client, correction.json()["url"])
    assert json.loads(files["p-nemo-1-2/nemo/manifest.jsonl"])["text"] == "hallo"
    assert files["p-nemo-1-2/dropped.tsv"].count(b"\n") == 1


def test_what_is_not_there_is_told(client, labelled, workspace):
    client.post(SNAPSHOTS, json={})
    answer = refused(client.get(f"{SNAPSHOTS}/compare", params={"from": 1, "to": 9}), 404)
    assert answer["code"] == "not_found"
    refused(client.get("/api/projects/nobody/snapshots"), 404)
    refused(client.post(f"{SNAPSHOTS}/correction", json={"from": 1, "to": 1, "format": "nemo"}), 422)
    refused(client.post(f"{SNAPSHOTS}/correction", json={"from": 1, "to": 1, "format": "../x"}), 422)
    refused(client.post(SNAPSHOTS, json={"snapshot": 1}), 422)
    assert not (workspace.root / "exports").exists() or not any((workspace.root / "exports").iterdir())


def test_one_that_was_changed_is_not_compared(client, labelled, workspace):
    client.post(SNAPSHOTS, json={})
    path = workspace.root / "snapshots" / "p" / "1" / "segments.jsonl"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b"hello", b"jello"))
    answer = refused(client.get(f"{SNAPSHOTS}/compare", params={"from": 1, "to": 1}), 422)
    assert "was changed after snapshot 1 was made" in answer["message"]
