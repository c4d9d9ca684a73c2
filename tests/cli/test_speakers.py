"""``speechlabel speakers``: the same with and without a server in the workspace."""

from __future__ import annotations

import pytest

from cli.running import answer, complaint, run, voice, write
from speechlabel.records import Segment, Speaker, Transcript
from speechlabel.store.workspace import open_workspace


@pytest.fixture
def data(tmp_path):
    """A project of two recordings whose imports have a "spk1" each, in one of them beside an Anna."""
    workspace = tmp_path / "data"
    run("project", "create", "calls", "--language", "en", workspace=workspace)
    paths = [write(tmp_path / f"{name}.wav", voice(3, seed=seed)) for seed, name in enumerate("ab")]
    run("ingest", "calls", *paths, workspace=workspace)
    run("prepare", "calls", workspace=workspace)
    with open_workspace(workspace) as opened:
        for id in "ab":
            people = [Speaker(id="u1", name="spk1")] + ([Speaker(id="u2", name="Anna")] if id == "b" else [])
            segments = [
                Segment(id="s1", start_us=0, end_us=1_000_000, speaker="u1"),
                Segment(id="s2", start_us=1_000_000, end_us=2_000_000, speaker="u1", is_locked=id == "b"),
            ]
            made = Transcript(project_id="calls", recording_id=id, author="import:rttm")
            opened.store.add_transcript(made, segments, people)
    return workspace


def test_speakers_are_listed_renamed_and_changed(data):
    assert run("speakers", "calls", workspace=data).stdout.splitlines() == [
        "spk1                         2 recordings       4 segments   0:00:04  perhaps several people",
        "Anna                         1 recordings       0 segments   0:00:00",
    ]
    done = run("speakers", "calls", "--rename", "spk1", "Anna", workspace=data)
    assert done.stdout.splitlines() == [
        "spk1: renamed to Anna in 1 recording, merged in 1 (1 segment)",
        "b: spk1 keeps 1 locked segment",
    ]
    assert "'spk1' is a name that programs give; in 2 recordings" in done.stderr
    anna, spk = answer("speakers", "calls", workspace=data)["speakers"]
    assert (anna["name"], anna["recordings"], anna["segments"]) == ("Anna", ["a", "b"], 3)
    assert (spk["name"], spk["recordings"], spk["locked"]) == ("spk1", ["b"], 1)

    report = answer("speakers", "calls", "--role", "Anna", "agent", workspace=data)
    assert report["changed"] == ["a", "b"]
    run("speakers", "calls", "--color", "Anna", "#d1495b", workspace=data)
    said = run("speakers", "calls", "--color", "Anna", "#d1495b", workspace=data).stdout
    assert said == "Anna: changed in 0 recordings, as wanted already in 2\n"
    assert run("speakers", "calls", workspace=data).stdout.splitlines()[0].endswith("  agent, #d1495b")
    run("speakers", "calls", "--color", "Anna", "none", workspace=data)
    assert answer("speakers", "calls", workspace=data)["speakers"][0]["colors"] == []


def test_a_project_without_speakers_says_so(tmp_path):
    run("project", "create", "calls", workspace=tmp_path / "data")
    assert "calls: no speakers yet" in run("speakers", "calls", workspace=tmp_path / "data").stdout


def test_what_is_wrong_is_said(data, tmp_path):
    assert "speakers: spk1, Anna" in complaint(
        "speakers", "calls", "--rename", "x", "y", workspace=data, code=3
    )
    assert "at a time" in complaint(
        "speakers", "calls", "--rename", "a", "b", "--role", "a", "agent", workspace=data, code=2
    )
    assert "#rrggbb" in complaint("speakers", "calls", "--color", "Anna", "red", workspace=data, code=2)
    write(tmp_path / "a.wav", voice(3, seed=9))  # other bytes than those that were taken in
    done = run("speakers", "calls", "--rename", "spk1", "Li", workspace=data, code=1)
    assert done.stdout.splitlines() == ["spk1: renamed to Li in 1 recording"]
    assert "speechlabel: a: " in done.stderr
