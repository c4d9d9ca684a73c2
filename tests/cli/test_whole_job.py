"""The whole job from the command line, as a person and as a script would do it."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from cli.running import COMMAND, answer, complaint, environment, run, voice, write

COMMANDS = [
    "project create",
    "project guideline",
    "project list",
    "project rename",
    "project delete",
    "recording rename",
    "recording delete",
    "ingest",
    "prepare",
    "status",
    "segment",
    "export",
    "speakers",
    "serve",
]


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    """A workspace with a project of three recordings, prepared."""
    home = tmp_path_factory.mktemp("job")
    audio = home / "audio"
    audio.mkdir()
    write(audio / "mono.wav", voice(6))
    write(audio / "call.wav", np.stack([voice(6, 8_000, 1), np.roll(voice(6, 8_000, 2), 8_000)], 1), 8_000)
    write(audio / "pod.mp3", voice(6, 44_100, 3), 44_100)
    (audio / "notes.txt").write_text("not a recording")
    workspace = home / "data"
    run("project", "create", "我的 calls", "--language", "en", workspace=workspace)
    run("ingest", "我的 calls", audio, workspace=workspace)
    run("prepare", "我的 calls", "min_silence_ms=300", workspace=workspace)
    return workspace


def test_a_project_is_made_and_listed(tmp_path):
    data = tmp_path / "data"
    said = run(
        "project", "create", "通话 one", "--language", "zh", "--preset", "default", "--workspace", data
    ).stdout
    assert "TongHua" not in said
    assert "tonghua_one" in said
    assert answer("project", "list", workspace=data) == {
        "projects": [{"id": "tonghua_one", "name": "通话 one", "language": "zh", "recordings": 0}]
    }
    assert "通话 one" in run("project", "list", workspace=data).stdout


def test_ingest_counts_what_came_in(job, tmp_path):
    again = answer("ingest", "我的 calls", job.parent / "audio", workspace=job)
    assert again["added"] == again["failed"] == []
    assert sorted(item["id"] for item in again["known"]) == ["call", "mono", "pod"]
    assert again["skipped"] == 1
    assert run("ingest", "我的 calls", job.parent / "audio", workspace=job).stdout == (
        "0 taken in, 3 known already, 1 other files skipped\n"
    )


def test_prepare_does_what_is_left(job):
    assert answer("prepare", "我的 calls", workspace=job) == {
        "ready": [],
        "unchanged": ["call", "mono", "pod"],
        "failed": [],
    }


def test_a_layout_is_chosen_for_some_recordings_or_all(tmp_path):
    data = tmp_path / "data"
    sides = np.stack([voice(6, 8_000, 1), np.roll(voice(6, 8_000, 2), 8_000)], 1)
    for name in ("a", "b"):
        write(tmp_path / f"{name}.wav", sides, 8_000)
        sides = sides[::-1]
    run("project", "create", "p", workspace=data)
    run("ingest", "p", tmp_path / "a.wav", tmp_path / "b.wav", workspace=data)
    run("prepare", "p", workspace=data)
    said = run("prepare", "p", "--layout", "mixed", "--recording", "a", workspace=data).stdout
    assert said == "1 prepared, 0 were ready already\n"
    rows = {row["id"]: row for row in answer("status", "p", workspace=data)["recordings"]}
    assert (rows["a"]["layout"], rows["b"]["layout"]) == ("mixed", "separate")
    assert 0 < rows["a"]["segments"] < rows["b"]["segments"]
    done = answer("prepare", "p", "--layout", "mixed", "--again", workspace=data)
    assert (sorted(done["ready"]), done["unchanged"]) == (["a", "b"], [])
    assert "no recording 'c'" in complaint("prepare", "p", "--recording", "c", workspace=data, code=3)
    assert run("prepare", "p", "--layout", "stereo", workspace=data, code=2).stderr


def test_status_says_how_far_it_is(job):
    found = answer("status", "我的 calls", workspace=job)
    rows = {row["id"]: row for row in found["recordings"]}
    assert rows["mono"]["segments"] == 3
    assert (rows["call"]["channels"], rows["call"]["layout"], rows["call"]["state"]) == (
        2,
        "separate",
        "ready",
    )
    assert found["total"]["recordings"] == 3
    said = run("status", "我的 calls", workspace=job).stdout
    assert "3 recordings, 0:00:18; 0 of" in said


def test_nothing_done_means_nothing_exported_and_the_reasons_are_told(job, tmp_path):
    said = complaint(
        "export", "我的 calls", "--format", "nemo", "--out", tmp_path / "x", workspace=job, code=2
    )
    advice = "label segments and mark them as done"
    assert re.search(rf"no segment would be exported from '我的 calls': \d+ machine; {advice}$", said)
    for format, include, lacking in (
        ("rttm", "", "machine"),
        ("native", "", "machine,no_text"),
        ("native", "no_text", "no_text,machine"),
    ):
        words = ("--format", format, "--out", tmp_path / "x", "--include", include)
        said = complaint("export", "我的 calls", *words, workspace=job, code=2)
        assert re.search(rf"{advice}, or include .*machine.* as they are \(--include {lacking}\)$", said)
    assert not (tmp_path / "x").exists()


def test_what_nobody_transcribed_is_no_example_even_when_asked_for(job, tmp_path):
    words = ("--format", "nemo", "--out", tmp_path / "x", "--include", "machine,no_text")
    assert "no_text" in complaint("export", "我的 calls", *words, workspace=job, code=2)


@pytest.mark.parametrize("format", ["native", "rttm", "textgrid"])
def test_export_writes_a_folder(job, tmp_path, format):
    out = tmp_path / "out"
    made = answer(
        "export",
        *("我的 calls", "--format", format, "--out", out, "--include", "machine,draft,unsure,no_text"),
        workspace=job,
    )
    assert made["path"] == str(out)
    assert made["segments"] > 6
    assert made["files"] == sorted(
        path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()
    )
    words = ("export", "我的 calls", "--format", "textgrid", "--out", out)
    assert "is there already" in complaint(*words, workspace=job, code=2)
    run(*words, "--overwrite", workspace=job)


def test_a_project_takes_a_guideline_from_a_file(tmp_path):
    data, file = tmp_path / "data", tmp_path / "mine.toml"
    rules = 'version = 1\nname = "mine"\nlanguages = ["zh"]\nterms = ["心肌"]\n'
    file.write_text(rules, encoding="utf-8")
    run("project", "create", "p", "--guideline", file, workspace=data)
    assert run("project", "guideline", "p", workspace=data).stdout == rules
    file.write_text(rules.replace("心肌", "肺"), encoding="utf-8")
    assert answer("project", "guideline", "p", file, workspace=data)["id"] == "p"
    assert answer("project", "guideline", "p", workspace=data) == {"guideline": rules.replace("心肌", "肺")}
    file.write_text(rules + "x = 1\n", encoding="utf-8")
    failed = run("project", "guideline", "p", file, workspace=data, code=2)
    assert "mine.toml" in failed.stderr


def test_segment_needs_no_project(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, seed in ((one, 1), (two, 2)):
        folder.mkdir()
        write(folder / "talk.wav", voice(4, seed=seed))
    write(one / "a b.wav", voice(4, seed=3))
    write(one / "a_b.wav", voice(4, seed=4))
    out = tmp_path / "segments"
    inputs = [one / "talk.wav", two / "talk.wav", one / "a b.wav", one / "a_b.wav"]
    made = answer("segment", *inputs, "--segmenter", "webrtc", "--format", "rttm", "--out", out)
    assert [item["audio"] for item in made["written"]] == [str(path) for path in inputs]
    ids = {}
    for item in made["written"]:
        lines = [line.split() for line in Path(item["file"]).read_text("utf-8").splitlines()]
        assert len(lines) == 2
        assert all(len(line) == 10 for line in lines)
        (ids[item["audio"]],) = {line[1] for line in lines}
    assert sorted(path.name for path in out.iterdir()) == [
        "a b.rttm",
        "a_b_2.rttm",
        "talk.rttm",
        "talk_2.rttm",
    ]
    assert list(ids.values()) == ["talk", "talk_2", "a_b", "a_b_2"]


def test_segment_takes_options_and_other_formats(tmp_path):
    write(tmp_path / "x=y.wav", voice(4))
    few = answer("segment", tmp_path / "x=y.wav", "min_silence_ms=5000", "--out", tmp_path / "few")
    assert Path(few["written"][0]["file"]).read_text("utf-8").count("\n") == 1
    run("segment", tmp_path / "x=y.wav", "--format", "textgrid", "--out", tmp_path / "grids")
    assert list((tmp_path / "grids").glob("*.TextGrid"))
    said = complaint("segment", tmp_path / "x=y.wav", "--format", "nemo", "--out", tmp_path / "n", code=2)
    assert "texts" in said


@pytest.mark.parametrize("command", ["", "project", *COMMANDS])
def test_every_command_explains_itself_with_an_example(command):
    said = run(*command.split(), "--help").stdout
    assert f"speechlabel {command}".strip() in said
    assert "Example: speechlabel" in said


def test_exit_codes_tell_what_kind_of_trouble_it_was(job, tmp_path):
    assert "no project 'nobody'; projects: 我的 calls" in complaint("status", "nobody", workspace=job, code=3)
    assert "project create" in complaint("status", "x", workspace=tmp_path / "none", code=3)
    assert not (tmp_path / "none").exists()
    assert "exists already" in complaint("project", "create", "我的 calls", workspace=job, code=2)
    assert "is not a tag" in complaint("project", "create", "x", "--language", "??", workspace=job, code=2)
    assert "known: default" in complaint("project", "create", "x", "--preset", "no", workspace=job, code=2)
    assert "known: webrtc" in complaint("prepare", "我的 calls", "--segmenter", "no", workspace=job, code=2)
    assert "min_silence_ms" in complaint("prepare", "我的 calls", "min_silence_ms=-4", workspace=job, code=2)
    assert "known: native" in complaint(
        "export", "我的 calls", "--format", "no", "--out", tmp_path / "o", workspace=job, code=2
    )
    assert "'typo' is not one of" in complaint(
        *("export", "我的 calls", "--format", "nemo", "--out", tmp_path / "o", "--include", "typo"),
        workspace=job,
        code=2,
    )
    assert "no recording 'who'" in complaint(
        *("export", "我的 calls", "--format", "rttm", "--out", tmp_path / "o", "--recording", "who"),
        workspace=job,
        code=3,
    )
    assert "--help" in complaint("ingest", code=2)
    assert "--help" in complaint("prepare", "x", "--nonsense", code=2)
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert "cannot be written" in complaint("project", "create", "x", workspace=blocked / "data", code=4)


def on_a_terminal(*words, workspace, columns="200"):
    """Run a command whose standard error is a terminal; return what was drawn there."""
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *map(str, words)],
        env=environment(workspace, TERM="xterm", COLUMNS=columns),
        stdout=subprocess.PIPE,
        stderr=child,
    )
    os.close(child)
    drawn = b""
    while True:
        try:
            piece = os.read(parent, 65_536)
        except OSError:  # the other side is gone
            break
        if not piece:
            break
        drawn += piece
    os.close(parent)
    assert process.wait() == 0
    assert process.stdout
    process.stdout.close()
    return drawn.decode("utf-8", "replace")


def test_a_progress_bar_on_a_terminal_and_none_in_a_pipe(tmp_path):
    data = tmp_path / "data"
    write(tmp_path / "[red]a.wav", voice(20))
    write(tmp_path / "b.wav", voice(3, seed=1))
    run("project", "create", "p", workspace=data)
    drawn = on_a_terminal("ingest", "p", tmp_path, workspace=data)
    assert "taking in" in drawn
    assert "2/2" in drawn
    drawn = on_a_terminal("prepare", "p", workspace=data)
    assert "preparing" in drawn
    assert "━" in drawn
    drawn = on_a_terminal("segment", tmp_path / "[red]a.wav", "--out", tmp_path / "s", workspace=data)
    assert "segmenting" in drawn
    assert "[red]a.wav" in drawn
    for quiet in (
        run("prepare", "p", "--again", workspace=data),
        run("segment", tmp_path / "b.wav", "--out", tmp_path / "s"),
    ):
        assert quiet.stderr == ""
        assert "\x1b" not in quiet.stdout


def test_a_terminal_without_the_letters_is_no_reason_to_fail(job):
    poor = environment(job, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (
        json.loads(run("project", "list", "--json", env=poor).stdout)["projects"][0]["name"] == "我的 calls"
    )
    assert "\\u6211" in run("project", "list", env=poor).stdout


def test_a_reader_that_goes_away_is_no_reason_for_a_traceback(job):
    shell = " ".join([*COMMAND, "status", "'我的 calls'", "--json", "|", "true"])
    done = subprocess.run(shell, shell=True, env=environment(job), capture_output=True, text=True)
    assert done.stderr == ""


def test_the_version_is_said():
    from speechlabel.version import __version__

    assert run("--version").stdout == f"speechlabel {__version__}\n"
