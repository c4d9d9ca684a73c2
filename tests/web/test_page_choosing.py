"""The export view's closer choice and its split: fields in, counts, files and leaks out."""

from __future__ import annotations

import gc
import io
import zipfile

import pytest

PLACE = {"locale": "en", "project": "p", "view": "export"}
EVERYTHING = ["machine", "no_text"]


@pytest.fixture
def view(client, app, monkeypatch):
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "False")  # before the first import: it calls other hosts
    import gradio as gr

    from speechlabel.web.pages.export import ExportPage

    with gr.Blocks(analytics_enabled=False):
        yield ExportPage(app.state.site)
    gc.collect()  # what the import left: CPython 3.11 trips over it when pytest parses a file later


def fields(**asked):
    from speechlabel.web.pages.choosing import Asked

    made = Asked(**asked)
    return [getattr(made, name) for name in Asked.__dataclass_fields__]


def test_what_is_asked_for_is_counted_by_reason(view, recording):
    facts, _ = view._preview(PLACE, "native", EVERYTHING, *fields())
    assert "too long" not in facts
    facts, _ = view._preview(PLACE, "native", EVERYTHING, *fields(longest=0.01))
    assert "<b>0</b>" in facts and "too long:" in facts
    chinese, _ = view._preview(PLACE | {"locale": "zh-CN"}, "native", EVERYTHING, *fields(longest=0.01))
    assert "太长：" in chinese or "太长:" in chinese


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"shortest": 2.0, "longest": 1.0}, "shortest"),
        ({"shortest": -1.0}, "below 0"),
        ({"options": "nonsense"}, "NAME=VALUE"),
        ({"options": "nonsense=1"}, "no such option"),
        ({"options": "out=/tmp"}, "no such option"),
        ({"split": "lost"}, "lost"),
    ],
)
def test_what_cannot_be_is_said_where_it_is_asked(view, recording, asked, told):
    facts, _ = view._preview(PLACE, "native", EVERYTHING, *fields(**asked))
    assert "slp-error" in facts and told in facts


def test_a_split_is_made_told_and_written(view, recording, client):
    said, field = view.splitting._split(
        PLACE, "main", "train=rest test=50%", "speaker", 0, [], "native", EVERYTHING, *fields()
    )
    assert "<td>train</td>" in said and field["value"] == "main"
    assert client.get("/api/projects/p/splits").json()["main"]["shares"] == {"train": "rest", "test": 0.5}
    wrong, _ = view.splitting._split(
        PLACE, "main", "train=much test=50%", "speaker", 0, [], "native", EVERYTHING, *fields()
    )
    assert "slp-error" in wrong


def test_rest_exports_what_is_chosen_cut_and_by_options(client, recording):
    wanted = {"format": "native", "include": EVERYTHING, "longest_us": 10}
    seen = client.post("/api/projects/p/exports/preview", json=wanted).json()
    assert seen["in"] == 0 and "too_long" in seen["reasons"]
    spans = {"format": "rttm", "include": EVERYTHING, "options": {"decimals": 6}}
    made = client.post("/api/projects/p/exports", json=spans).json()
    archive = zipfile.ZipFile(io.BytesIO(client.get(made["url"]).content))
    [line, *_] = [archive.read(name).decode() for name in archive.namelist() if name.endswith(".rttm")]
    assert len(line.split()[3].partition(".")[2]) == 6
    split = {"wanted": spans, "shares": {"train": "rest", "test": "50%"}}
    assert client.put("/api/projects/p/splits/halves", json=split).json()["splits"].keys() == {
        "train",
        "test",
    }
    refused = client.put("/api/projects/p/splits/halves", json=split | {"shares": {"train": "1"}})
    assert refused.status_code == 422


def test_a_snapshot_is_made_compared_and_corrected(view, recording, client):
    nothing = view.snapshots.filled("p", "en")[0]
    assert "none yet" in nothing
    listed, _, newer, said, _ = view.snapshots._make(PLACE, EVERYTHING, *fields())
    assert "Snapshot 1 is made" in said and "<td>1</td>" in listed and newer["value"] == "1"
    again = view.snapshots._make(PLACE, EVERYTHING, *fields())
    assert "no new one" in again[3]
    assert "slp-error" in view.snapshots._compare(PLACE, "1", "1")

    opened = client.get(f"/api/projects/p/recordings/{recording.id}/open").json()
    segment = opened["segments"][0]
    edit = {
        "action": "update",
        "target": "segment",
        "id": segment["id"],
        "version": segment.get("version", 0),
    }
    edit["changes"] = {"text": "new words"}
    saved = client.post(
        f"/api/transcripts/{opened['transcript']['id']}/edits",
        json={"op_id": "one", "visit": None, "lease": None, "edits": [edit]},
    )
    assert saved.status_code == 200, saved.text
    second = view.snapshots._make(PLACE, [*EVERYTHING, "draft"], *fields())
    assert "Snapshot 2 is made" in second[3]
    compared = view.snapshots._compare(PLACE, "1", "2")
    assert "new words" in compared and "<b>1</b> changed" in compared
    link = view.snapshots._correct(PLACE, "1", "2", "native")
    assert "segments: 1, dropped: 0" in link and "/download" in link
    facts, _ = view._preview(PLACE, "native", EVERYTHING, *fields(snapshot="1"))
    assert "slp-error" not in facts
    chinese = view.snapshots._compare(PLACE | {"locale": "zh-CN"}, "1", "2")
    assert "修改" in chinese
