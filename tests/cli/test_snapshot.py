"""``speechlabel snapshot``: what it says, and what it leaves."""

from __future__ import annotations

import json

import pytest

from cli.running import answer, complaint, run, voice, write
from speechlabel.edits import Update
from speechlabel.records import Segment, Transcript
from speechlabel.store.base import Batch
from speechlabel.store.workspace import open_workspace

S = 1_000_000


@pytest.fixture
def data(tmp_path):
    workspace = tmp_path / "data"
    run("project", "create", "calls", "--language", "en", workspace=workspace)
    run("ingest", "calls", write(tmp_path / "a.wav", voice(3)), workspace=workspace)
    run("prepare", "calls", workspace=workspace)
    with open_workspace(workspace) as opened:
        segments = [
            Segment(id=f"s{n}", start_us=n * S, end_us=(n + 1) * S, text=f"text {n}", status="done")
            for n in range(2)
        ]
        made = Transcript(id="t", project_id="calls", recording_id="a", author="user:me")
        opened.store.add_transcript(made, [*segments, Segment(start_us=2 * S, end_us=3 * S)], [])
    return workspace


def change(workspace, **fields):
    with open_workspace(workspace) as opened:
        [version] = [item.version for item in opened.store.read("t").segments if item.id == "s0"]
        edit = Update(target="segment", id="s0", version=version, changes=fields)
        opened.store.save("t", Batch(op_id=str(fields), author="user:me", edits=[edit]))


def test_snapshots_are_made_listed_compared_delivered_and_corrected(data, tmp_path):
    assert "calls: no snapshots yet" in run("snapshot", "list", "calls", workspace=data).stdout
    said = run("snapshot", "make", "calls", workspace=data).stdout.splitlines()
    assert said[0].startswith("snapshot 1: 2 segments in 1 recording, 0:00:02, made 2")
    assert said[1:] == ["  left out: 1 machine"]
    again = run("snapshot", "make", "calls", workspace=data).stdout
    assert again.startswith("nothing has changed: snapshot 1: 2 segments")

    change(data, text="text zero")
    made = answer("snapshot", "make", "calls", workspace=data)
    assert (made["number"], made["is_new"], made["segments"]) == (2, True, 2)
    listed = answer("snapshot", "list", "calls", workspace=data)["snapshots"]
    assert [item["number"] for item in listed] == [1, 2]
    assert len(run("snapshot", "list", "calls", workspace=data).stdout.splitlines()) == 2

    assert run("snapshot", "compare", "calls", "1", "2", workspace=data).stdout.splitlines() == [
        "2 segments → 2, 0:00:02 → 0:00:02 (+0:00:00)",
        "0 added, 1 changed, 0 dropped, 1 same",
        "  text: changed in 1 segment",
        "between the texts: CER 40.00 %, WER 25.00 %",
        "  a: CER 40.00 %, 1 segment changed",
    ]
    assert answer("snapshot", "compare", "calls", "1", "2", workspace=data)["cer"]["errors"] == 4

    for out, words in (("one", ("snapshot", "export", "calls", "1")), ("two", ("export", "calls"))):
        more = ["--snapshot", "1"] if words[0] == "export" else []
        run(*words, *more, "--format", "kaldi", "--out", tmp_path / out, workspace=data)
        assert (tmp_path / out / "text").read_text("utf-8").splitlines()[0].endswith(" text 0")

    out = tmp_path / "fix"
    said = run("snapshot", "correct", "calls", "1", "2", "--format", "nemo", "--out", out, workspace=data)
    assert said.stdout == f"0 added, 1 changed, 0 dropped, in {out}\n"
    assert json.loads((out / "nemo" / "manifest.jsonl").read_text("utf-8"))["text"] == "text zero"
    told = answer(
        *("snapshot", "correct", "calls", "1", "2", "--format", "nemo"), "--out", out, "--overwrite",
        workspace=data,
    )  # fmt: skip
    assert told["files"][:2] == ["dropped.tsv", "correction.json"]


def test_what_is_not_there_or_not_possible_is_said_in_one_line(data, tmp_path):
    said = complaint("snapshot", "compare", "calls", "1", "2", workspace=data, code=3)
    assert "there is no snapshot '1'" in said
    assert "none yet" in said
    change(data, status="draft")
    run("snapshot", "make", "calls", workspace=data)
    run("snapshot", "make", "calls", "--again", workspace=data)
    out = ("--format", "kaldi", "--out", tmp_path / "fix")
    said = complaint("snapshot", "correct", "calls", "1", "2", *out, workspace=data, code=2)
    assert "nothing that kaldi takes has changed" in said
    said = complaint(
        *("export", "calls", "--snapshot", "1", "--include", "unsure"), *out, workspace=data, code=2
    )
    assert "make a snapshot that includes them" in said
