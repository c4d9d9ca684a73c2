"""Bad input: the good comes in, each bad file is listed once with its reason, and nothing is half done."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from cli.running import answer, complaint, run, voice, write
from speechlabel.store.workspace import open_workspace
from speechlabel.workflow.label import open_recording

NAMES = [
    "sp ace.wav",
    "quo'te\"s.wav",
    "中文.wav",
    "em😀ji.wav",
    "new\nline.wav",
    "-dash.wav",
    "a=b.wav",
    "x.WAV",
]


@pytest.fixture
def data(tmp_path):
    run("project", "create", "p", workspace=tmp_path / "data")
    return tmp_path / "data"


def reasons(report):
    return {Path(item["path"]).name: item["reason"] for item in report["failed"]}


def test_files_that_are_no_recordings_are_each_told_once(data, tmp_path):
    bad = tmp_path / "bad"
    bad.mkdir()
    whole = write(bad / "good.wav", voice(4)).read_bytes()
    (bad / "cut-header.wav").write_bytes(whole[:30])
    (bad / "empty.wav").write_bytes(b"")
    (bad / "text.wav").write_text("hello")
    write(bad / "no-samples.wav", np.zeros(0))
    os.mkfifo(bad / "pipe.wav")
    (bad / "folder.wav").mkdir()
    (bad / "loop.wav").symlink_to("loop.wav")
    (bad / "nowhere.wav").symlink_to("missing.wav")
    (bad / "device.wav").symlink_to("/dev/zero")
    (bad / "round").symlink_to(".")
    os.link(bad / "good.wav", os.fsencode(bad) + b"/\xff.wav")
    report = answer("ingest", "p", bad, tmp_path / "absent.wav", workspace=data, code=1)
    assert report["added"] == ["good"]
    found = reasons(report)
    assert set(found) == {
        *("cut-header.wav", "empty.wav", "text.wav", "no-samples.wav", "pipe.wav", "loop.wav", "nowhere.wav"),
        *("device.wav", "\udcff.wav", "absent.wav"),
    }
    assert len(report["failed"]) == len(found)
    assert "empty" in found["empty.wav"]
    assert "no sound" in found["no-samples.wav"]
    assert "not a regular file" in found["pipe.wav"]
    assert "not a regular file" in found["device.wav"]
    assert found["absent.wav"] == "there is no such file"
    assert "not valid UTF-8" in found["\udcff.wav"]
    told = run("ingest", "p", bad, workspace=data, code=1).stderr.splitlines()
    assert len(told) == len(found) - 1
    assert all(line.startswith(f"speechlabel: {bad}/") for line in told)
    # The same files straight to segments; there folders are no input, and any name will do.
    inputs = sorted(map(os.fsencode, bad.iterdir()))
    report = answer("segment", *inputs, "--out", tmp_path / "s", code=1)
    assert sorted(path.name for path in (tmp_path / "s").iterdir()) == ["good.rttm", "\ufffd.rttm"]
    assert set(reasons(report)) == {*found, "folder.wav", "round"} - {"absent.wav", "\udcff.wav"}


def test_sound_that_is_odd_but_sound_comes_in(data, tmp_path):
    odd = tmp_path / "odd"
    odd.mkdir()
    speech = voice(4)
    holes = speech.copy()
    holes[10_000:12_000] = np.nan
    write(odd / "nan.wav", holes, subtype="FLOAT")
    write(odd / "all-nan.wav", np.full(16_000, np.nan, "float32"), subtype="FLOAT")
    write(odd / "one-sample.wav", np.array([0.3]))
    write(odd / "silent.wav", np.zeros(16_000))
    write(odd / "96-channels.wav", np.outer(speech, np.linspace(0.1, 1, 96)))
    write(odd / "192k.wav", voice(3, 192_000), 192_000)
    assert len(answer("ingest", "p", odd, workspace=data)["added"]) == 6
    report = answer("prepare", "p", workspace=data)
    assert len(report["ready"]) == 6
    rows = {row["name"]: row for row in answer("status", "p", workspace=data)["recordings"]}
    assert rows["nan.wav"]["segments"] == 2
    assert rows["192k.wav"]["sample_rate"] == 192_000
    assert (rows["96-channels.wav"]["channels"], rows["96-channels.wav"]["layout"]) == (96, "dual_mono")
    for name in ("all-nan.wav", "one-sample.wav", "silent.wav"):
        assert (rows[name]["state"], rows[name]["segments"]) == ("ready", 0)
    with open_workspace(data) as workspace:  # and can be labelled
        opened = open_recording(workspace, "p", rows["one-sample.wav"]["id"], author="user:me")
        assert opened.segments == []
        assert opened.recording.n_frames == 1


def test_a_recording_cut_off_in_its_middle_is_refused_when_it_is_prepared(data, tmp_path):
    whole = write(tmp_path / "whole.flac", voice(30)).read_bytes()
    (tmp_path / "cut.flac").write_bytes(whole[: len(whole) // 2])
    write(tmp_path / "good.wav", voice(3))
    run("ingest", "p", tmp_path / "cut.flac", tmp_path / "good.wav", workspace=data)
    report = answer("prepare", "p", workspace=data, code=1)
    assert report["ready"] == ["good"]
    assert [item["recording"] for item in report["failed"]] == ["cut"]
    assert "cut off" in report["failed"][0]["reason"]
    rows = {row["id"]: row for row in answer("status", "p", workspace=data)["recordings"]}
    assert rows["cut"]["state"] == "failed"
    assert "cut off" in rows["cut"]["error"]
    (tmp_path / "cut.flac").write_bytes(whole)  # another file now
    assert "has changed" in answer("prepare", "p", workspace=data, code=1)["failed"][0]["reason"]
    assert answer("ingest", "p", tmp_path / "cut.flac", workspace=data)["added"] == ["cut_2"]
    run("prepare", "p", workspace=data, code=1)


def test_names_of_every_kind_come_in_and_go_out(data, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for seed, name in enumerate(NAMES):
        write(folder / name, voice(3, seed=seed))
    added = answer("ingest", "p", folder, workspace=data)["added"]
    assert len(added) == len(set(added)) == len(NAMES)
    run("prepare", "p", workspace=data)
    rows = {row["name"]: row["id"] for row in answer("status", "p", workspace=data)["recordings"]}
    assert set(rows) == set(NAMES)
    assert rows["中文.wav"] == "ZhongWen"
    assert all(id.isascii() and " " not in id for id in rows.values())
    for format in ("native", "rttm", "textgrid"):
        words = ("--format", format, "--out", tmp_path / format, "--include", "all")
        made = answer("export", "p", *words, workspace=data)
        assert made["segments"] >= len(NAMES)
    made = answer("segment", *(f"{folder}/{name}" for name in NAMES), "--out", tmp_path / "s")
    assert len({item["file"] for item in made["written"]}) == len(NAMES)


def test_a_thousand_files_with_three_broken_ones(data, tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(1000):
        write(folder / f"{number:04}.wav", rng.standard_normal(80) * 0.1, 8_000)
    for number, content in ((10, b""), (500, b"RIFF"), (999, b"not audio at all")):
        (folder / f"{number:04}.wav").write_bytes(content)
    report = answer("ingest", "p", folder, workspace=data, code=1)
    assert len(report["added"]) == 997
    assert sorted(reasons(report)) == ["0010.wav", "0500.wav", "0999.wav"]
    with sqlite3.connect(data / "speechlabel.db") as database:
        assert database.execute("select count(*) from recording").fetchone() == (997,)


def test_the_same_file_twice_and_the_same_name_with_other_content(data, tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
    write(one / "talk.wav", voice(3))
    write(two / "talk.wav", voice(3, seed=1))
    (two / "copy.wav").write_bytes((one / "talk.wav").read_bytes())
    report = answer("ingest", "p", one, two, one / "talk.wav", workspace=data)
    assert report["added"] == ["talk", "talk_2"]
    assert report["known"] == [{"path": str(two / "copy.wav"), "id": "talk"}]


def test_a_file_that_changes_is_refused_everywhere_and_a_touched_one_is_fine(data, tmp_path):
    path = write(tmp_path / "a.wav", voice(4))
    before = path.read_bytes()
    run("ingest", "p", path, workspace=data)
    run("prepare", "p", workspace=data)
    os.utime(path, ns=(1, 1))
    assert answer("prepare", "p", "--again", workspace=data)["ready"] == ["a"]
    write(path, voice(4, seed=1))  # as long as before
    words = ("export", "p", "--format", "rttm", "--include", "all", "--out", tmp_path / "out")
    for said in (
        complaint("prepare", "p", "--again", workspace=data, code=1),
        complaint(*words, workspace=data, code=4),
    ):
        assert "has changed since it was taken in" in said
        assert "put the original file back" in said
    assert not (tmp_path / "out").exists()
    assert (
        answer("status", "p", workspace=data)["recordings"][0]["state"] == "ready"
    )  # with its older segments
    path.write_bytes(before)
    os.utime(path, ns=(2, 2))
    run(*words, workspace=data)


def test_labels_can_be_had_when_the_audio_is_away_and_a_moved_file_is_found_again(data, tmp_path):
    path = write(tmp_path / "a.wav", voice(4))
    run("ingest", "p", path, workspace=data)
    run("prepare", "p", workspace=data)
    moved = path.rename(tmp_path / "b.wav")
    made = answer(
        *("export", "p", "--format", "rttm", "--include", "all", "--out", tmp_path / "r"), workspace=data
    )
    assert "is not where it was taken in: a.wav" in made["warnings"][-1]
    words = ("export", "p", "--format", "native", "--include", "all", "--out", tmp_path / "n")
    assert "is gone" in complaint(*words, workspace=data, code=4)
    assert answer("ingest", "p", moved, workspace=data)["known"] == [{"path": str(moved), "id": "a"}]
    run(*words, workspace=data)


def test_a_damaged_or_newer_workspace_is_told(data):
    (data / "speechlabel.db").write_bytes(b"no database" * 1000)
    for words in (("status", "p"), ("project", "create", "q")):
        complaint(*words, workspace=data, code=4)


def test_a_workspace_among_the_recordings_is_not_taken_for_recordings(tmp_path):
    data = tmp_path / "data"
    (tmp_path / "more" / "data").mkdir(parents=True)  # only its name is the same
    write(tmp_path / "a.mp3", voice(3), 16_000)
    write(tmp_path / "more" / "data" / "b.wav", voice(3, seed=1))
    run("project", "create", "p", workspace=data)
    assert answer("ingest", "p", tmp_path, workspace=data)["added"] == ["a", "b"]
    run("prepare", "p", workspace=data)
    assert list(data.rglob("*.flac"))
    assert answer("ingest", "p", tmp_path, workspace=data)["added"] == []
