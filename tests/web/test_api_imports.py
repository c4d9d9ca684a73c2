"""Bringing in annotations over REST: files sent, shown as what they are, taken in once, and swept."""

import json
import os
import re
import time
from pathlib import Path

import anyio
import pytest
import soundfile
from watching import RATE, refused, speechlike

from speechlabel import formats
from speechlabel.errors import InputError
from speechlabel.web import importing
from speechlabel.web.api.previews import field_name
from speechlabel.web.app import create_app
from speechlabel.web.importing import Imports, safe_name
from speechlabel.web.uploading import TooLargeError
from speechlabel.workflow.export import Selection, export
from speechlabel.workflow.ingest import ingest
from speechlabel.workflow.prepare import prepare

RTTM = """SPEAKER tone 1 0.500 1.250 <NA> <NA> anna <NA> <NA>
SPEAKER tone 1 2.000 1.000 <NA> <NA> bob <NA> <NA>
"""
GRID = """File type = "ooTextFile"
Object class = "TextGrid"
0
7
<exists>
2
"IntervalTier"
"Anna"
0
7
2
0
1.5
"hello"
1.5
7
""
"IntervalTier"
"Übersetzung"
0
7
1
0
1.4
"bonjour"
"""


def begin(client, project="p"):
    answer = client.post(f"/api/projects/{project}/imports")
    assert answer.status_code == 201, answer.text
    return answer.json()["import_id"]


def put(client, id, name, content):
    content = content if isinstance(content, bytes) else content.encode()
    return client.put(f"/api/imports/{id}/files", params={"name": name}, content=content)


def send(client, files, project="p"):
    id = begin(client, project)
    for name, content in files.items():
        assert put(client, id, name, content).status_code == 200
    return id


def preview(client, id, **choices):
    answer = client.post(f"/api/imports/{id}/preview", json=choices)
    assert answer.status_code == 200, answer.text
    return answer.json()


def take(client, id, **choices):
    answer = client.post(f"/api/imports/{id}/take", json=choices)
    assert answer.status_code == 200, answer.text
    return answer.json()


def shown(client, recording):
    opened = client.get(f"/api/projects/p/recordings/{recording.id}/open").json()
    names = {item["id"]: item["name"] for item in opened["speakers"]}
    return [(item.get("text"), names.get(item.get("speaker"))) for item in opened["segments"]]


def homes(workspace):
    return [path.name for path in (workspace.root / "imports").glob("*")]


def test_a_file_is_shown_then_taken_in_and_its_folder_goes(client, workspace, recording):
    id = send(client, {"tone.TextGrid": GRID})
    seen = client.get(f"/api/imports/{id}/preview").json()
    [file] = seen["files"]
    assert (file["path"], file["format"], file["state"]) == ("tone.TextGrid", "textgrid", "read")
    assert file["table"] is None
    [item] = file["items"]
    assert (item["audio"], item["how"], item["is_same"], item["n_losses"]) == ("tone.wav", "known", False, 0)
    assert (item["segments"], item["speakers"], item["duration_us"]) == (2, 2, 2_900_000)
    tiers = {tier["name"]: tier for tier in seen["tiers"]}
    assert tiers["Übersetzung"]["example"] == "bonjour"
    assert (tiers["Anna"]["field"], tiers["Übersetzung"]["field"]) == ("anna", "ubersetzung")
    assert {"name": "textgrid", "title": formats.get("textgrid").title} in seen["readable"]
    assert seen == preview(client, id), "looking changes nothing"
    report = take(client, id)
    assert [item["name"] for item in report["imported"]] == ["tone.wav"]
    assert (report["unchanged"], report["unmatched"], report["failed"], report["beside"]) == ([], [], [], [])
    assert [text for text, _ in shown(client, recording)] == ["bonjour", "hello"]
    assert homes(workspace) == []
    refused(client.get(f"/api/imports/{id}/preview"), 404, "not_found")


def test_the_same_again_changes_nothing(client, workspace, recording):
    files = {"data/tone.rttm": RTTM}
    take(client, send(client, files))
    before = workspace.store.transcripts("p", recording.id)
    id = send(client, files)
    assert preview(client, id)["totals"]["same"] == 1
    report = take(client, id)
    assert report["imported"] == []
    assert [item["name"] for item in report["unchanged"]] == ["tone.wav"]
    assert workspace.store.transcripts("p", recording.id) == before


def test_a_tier_becomes_a_layer_that_the_guideline_has_from_then_on(client, recording):
    id = send(client, {"tone.TextGrid": GRID})
    tiers = {"Übersetzung": "layer:ubersetzung"}
    assert preview(client, id, tiers=tiers)["losses"] == []
    lost = preview(client, id, tiers={"Anna": "skip", **tiers})
    assert "lies over no segment" in lost["losses"][0]
    assert lost["n_losses"] == 1
    take(client, id, tiers=tiers, fields={"ubersetzung": 'Die "Übersetzung"'})
    opened = client.get(f"/api/projects/p/recordings/{recording.id}/open").json()
    [segment] = opened["segments"]
    assert segment["fields"] == {"ubersetzung": "bonjour"}
    [layer] = opened["guideline"]["fields"]
    assert (layer["name"], layer["title"]["en"]) == ("ubersetzung", 'Die "Übersetzung"')
    again = send(client, {"tone.TextGrid": GRID})
    assert take(client, again, tiers=tiers, fields={"ubersetzung": "x"})["notes"] == []
    bad = send(client, {"tone.TextGrid": GRID})
    [note] = take(client, bad, fields={"No Name!": "x"})["notes"]
    assert "add it by hand" in note


def test_a_meaning_that_is_none_is_refused_before_anything_is_done(client, recording):
    id = send(client, {"tone.TextGrid": GRID})
    refused(client.post(f"/api/imports/{id}/take", json={"tiers": {"Anna": "queen"}}), 422, "input")
    refused(client.post(f"/api/imports/{id}/preview", json={"tiers": {"Anna": "channel:x"}}), 422, "input")
    assert take(client, id)["imported"], "the files are still there"


def test_own_work_stays_what_is_shown_and_the_answer_says_so(client, opened, recording):
    edit = {
        "op_id": "12345678-1234-1234-1234-123456789012",
        "edits": [
            {
                "action": "update",
                "target": "segment",
                "id": opened["segments"][0]["id"],
                "version": 0,
                "changes": {"text": "mine"},
            }
        ],
    }
    saved = client.post(f"/api/transcripts/{opened['transcript']['id']}/edits", json=edit)
    assert saved.status_code == 200, saved.text
    report = take(client, send(client, {"tone.rttm": RTTM}))
    assert report["beside"] == ["tone.wav"]
    assert "mine" in [text for text, _ in shown(client, recording)]


def test_a_broken_file_is_told_with_its_line_and_hinders_no_other(client, recording):
    broken = RTTM + "SPEAKER tone 1 nonsense 1.0 <NA> <NA> bob <NA> <NA>\n"
    id = send(client, {"a/tone.TextGrid": GRID, "b/tone.rttm": broken, "c/notes.xyz": "?", "d/x.json": "{"})
    seen = preview(client, id)
    states = {file["path"]: file["state"] for file in seen["files"]}
    assert states["a/tone.TextGrid"] == "read"
    assert states["c/notes.xyz"] == "unknown"
    [failed] = [file for file in seen["files"] if file["path"] == "b/tone.rttm"]
    assert (failed["state"], failed["line"], failed["format"]) == ("failed", 3, "rttm")
    assert "nonsense" in failed["reason"]
    assert str(id) not in json.dumps(seen)
    report = take(client, id)
    assert len(report["imported"]) == 1
    assert [item["path"] for item in report["failed"]] == ["b/tone.rttm"]


def test_a_format_is_corrected_for_one_file_and_a_file_left_out(client, recording):
    id = send(client, {"tone.TextGrid": GRID, "tone.rttm": RTTM})
    choice = {"tone.TextGrid": {"format": "rttm"}, "tone.rttm": {"format": None}}
    seen = preview(client, id, files=choice)
    assert {file["path"]: file["state"] for file in seen["files"]} == {
        "tone.TextGrid": "failed",
        "tone.rttm": "left_out",
    }
    assert all(file["is_chosen"] for file in seen["files"])
    report = take(client, id, files={"tone.rttm": {"format": None}})
    assert [item["format"] for item in report["imported"]] == ["textgrid"]


def test_columns_are_shown_and_mapped(client, recording):
    id = send(client, {"labels.csv": "wer,von,bis,was,datei\nAnna,0.5,1.5,hallo,tone.wav\n"})
    [file] = preview(client, id)["files"]
    assert (file["state"], file["format"], file["claims"]) == ("failed", "csv", ["csv"])
    assert file["table"]["columns"] == ["wer", "von", "bis", "was", "datei"]
    assert file["table"]["rows"] == [["Anna", "0.5", "1.5", "hallo", "tone.wav"]]
    assert "text" in file["table"]["fields"]
    columns = "speaker=1;start=2;end=3;text=4;audio=5"
    choice = {"labels.csv": {"format": "csv", "values": {"columns": columns}}}
    [file] = preview(client, id, files=choice)["files"]
    assert (file["state"], file["items"][0]["audio"]) == ("read", "tone.wav")
    assert file["table"]["mapping"]["text"] == "was"
    take(client, id, files=choice)
    assert shown(client, recording) == [("hallo", "Anna")]
    wrong = {"labels.csv": {"format": "csv", "values": {"columns": "text=nowhere"}}}
    id = send(client, {"labels.csv": "a,b\n1,2\n"})
    [file] = preview(client, id, files=wrong)["files"]
    assert "nowhere" in file["reason"]


def test_a_folder_in_one_format_is_one_file_and_its_audio_is_found_by_name(
    client, workspace, recording, tmp_path
):
    take(client, send(client, {"tone.rttm": RTTM}))
    export(
        workspace,
        "p",
        "native",
        tmp_path / "package",
        selection=Selection(include=frozenset({"draft", "machine", "no_text"})),
    )
    files = {
        f"package/{path.relative_to(tmp_path / 'package').as_posix()}": path.read_bytes()
        for path in (tmp_path / "package").rglob("*")
        if path.is_file()
    }
    seen = preview(client, send(client, files))
    assert [(file["path"], file["format"]) for file in seen["files"]] == [("package", "native")]
    [item] = seen["files"][0]["items"]
    assert (item["audio"], item["how"]) == ("tone.wav", "content")


def test_audio_of_one_name_in_two_folders_is_told_apart_by_where_it_lay(client, take_named):
    monday, tuesday = take_named("monday", 3), take_named("tuesday", 4)
    id = send(
        client, {"monday/call.TextGrid": GRID, "tuesday/call.TextGrid": GRID.replace("hello", "tuesday")}
    )
    assert preview(client, id)["totals"]["unmatched"] == 2
    audio = {"monday/call.wav": monday.id, "tuesday/call.wav": tuesday.id, "gone/call.wav": "nothing"}
    assert preview(client, id, audio=audio)["totals"]["unmatched"] == 0
    take(client, id, audio=audio)
    assert "tuesday" in [text for text, _ in shown(client, tuesday)]
    assert "hello" in [text for text, _ in shown(client, monday)]


@pytest.fixture
def take_named(workspace, tmp_path):
    """Take in a recording ``call.wav`` of its own folder."""

    def take_named(folder, seed):
        path = tmp_path / folder / "call.wav"
        path.parent.mkdir()
        soundfile.write(path, speechlike(7, seed=seed), RATE)
        [made] = ingest(workspace, "p", [path]).added
        prepare(workspace, "p", [made.id])
        return workspace.store.recording("p", made.id)

    return take_named


def test_nothing_outside_of_the_open_folders_is_opened(client, tmp_path, workspace):
    soundfile.write(tmp_path / "secret.wav", speechlike(3), RATE)
    (tmp_path / "open").mkdir()
    soundfile.write(tmp_path / "open" / "fine.wav", speechlike(3, seed=2), RATE)
    rows = [
        {"audio_filepath": str(tmp_path / name), "duration": 3.0, "text": name}
        for name in ("secret.wav", "open/../secret.wav", "open/fine.wav")
    ]
    id = send(
        client,
        {"manifest.json": "\n".join(json.dumps(row) for row in rows).replace(str(tmp_path), str(tmp_path))},
    )
    seen = preview(client, id)
    found = [item["audio"] for file in seen["files"] for item in file["items"]]
    assert sorted(found, key=str) == [None, None, "fine.wav"]
    report = take(client, id)
    assert [item["name"] for item in report["imported"]] == ["fine.wav"]
    assert [Path(item.path).name for item in workspace.store.recordings("p")] == ["fine.wav"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../x.rttm",
        "/etc/x.rttm",
        "a/../x.rttm",
        "a//x.rttm",
        "a\\x",
        "x\0",
        "x\ny",
        "n" * 256,
        "a/" * 40 + "x",
    ],
)
def test_names_that_lead_elsewhere_are_refused(client, workspace, name):
    id = begin(client)
    with pytest.raises(InputError):
        safe_name(name)
    refused(put(client, id, name, "x"), 422)
    assert [path for path in (workspace.root / "imports").rglob("*") if path.is_file()] == [
        workspace.root / "imports" / id / "about.json"
    ]


def test_names_of_all_scripts_and_audio_and_clashes(client, workspace):
    id = begin(client)
    assert put(client, id, "星期一/张三 .访谈.TextGrid", GRID).json() == {"size": len(GRID.encode())}
    refused(put(client, id, "星期一", "x"), 422, "input")
    refused(put(client, id, "星期一/张三 .访谈.TextGrid/x", "x"), 422, "input")
    refused(put(client, id, "a.WAV", "x"), 422, "input")
    refused(put(client, "no-such-id", "a.rttm", "x"), 404, "not_found")
    refused(client.post("/api/projects/nowhere/imports"), 404, "not_found")
    assert client.delete(f"/api/imports/{id}").status_code == 200
    assert homes(workspace) == []
    refused(client.delete(f"/api/imports/{id}"), 404, "not_found")
    refused(client.post(f"/api/imports/{id}/take", json={}), 404, "not_found")


async def pieces(*blocks):
    for block in blocks:
        yield block


def test_count_and_bytes_are_limited_and_a_file_sent_again_counts_once(workspace, monkeypatch):
    monkeypatch.setattr(importing, "MOST_FILES", 3)
    imports = Imports(workspace, 100)
    id = imports.begin("p").id

    def put(name, *blocks):
        return anyio.run(imports.put, id, name, pieces(*blocks))

    for _ in range(5):
        assert put("a.rttm", b"x" * 30, b"x" * 10) == 40
    with pytest.raises(TooLargeError, match="MB"):
        put("b.rttm", b"x" * 61)
    assert put("b.rttm", b"x" * 60) == 60
    assert put("c.rttm") == 0
    with pytest.raises(TooLargeError, match="files"):
        put("d.rttm")
    again = Imports(workspace, 100)  # after a start of the server
    with pytest.raises(TooLargeError, match="files"):
        anyio.run(again.put, id, "d.rttm", pieces(b""))
    assert sorted(path.name for path in imports.get(id).folder.iterdir()) == ["a.rttm", "b.rttm", "c.rttm"]
    assert list((workspace.root / "imports" / id / "parts").iterdir()) == []


def test_what_nobody_touches_for_a_day_is_swept(workspace, settings, client):
    old, fresh = begin(client), begin(client)
    about = workspace.root / "imports" / old / "about.json"
    past = time.time() - importing.KEEP_SECONDS - 60
    os.utime(about, (past, past))
    other = workspace.root / "imports" / "kept.txt"
    other.write_text("not ours")
    os.utime(other, (past, past))
    create_app(workspace, settings, pages=False).state.site.imports.sweep()
    assert sorted(homes(workspace)) == sorted([fresh, "kept.txt"])
    refused(put(client, old, "a.rttm", RTTM), 404, "not_found")
    assert put(client, fresh, "a.rttm", RTTM).status_code == 200


@pytest.mark.parametrize(
    ("tier", "name"), [("Anna translation", "anna_translation"), ("翻译", "fan_yi"), ("Größe 2", "grosse_2")]
)
def test_a_layer_is_named_after_its_tier(tier, name):
    assert field_name(tier) == name


@pytest.mark.parametrize("tier", ["", "--", "!?", "。"])
def test_a_tier_without_a_letter_gives_a_layer_all_the_same(tier):
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]*", field_name(tier))
