"""Rename and delete from the command line: asked at a terminal, only with --yes elsewhere."""

from __future__ import annotations

import os
import pty
import subprocess

import pytest

from cli.running import COMMAND, answer, complaint, environment, run, voice, write


@pytest.fixture
def data(tmp_path):
    """A workspace with a project of two recordings."""
    for seed, name in enumerate(("one", "two")):
        write(tmp_path / f"{name}.wav", voice(3, seed=seed))
    workspace = tmp_path / "data"
    run("project", "create", "calls", workspace=workspace)
    run("ingest", "calls", tmp_path / "one.wav", tmp_path / "two.wav", workspace=workspace)
    return workspace


def at_terminal(*words, workspace, types):
    """Run a command at a terminal and answer its question; returns its exit code and what it said."""
    ours, theirs = pty.openpty()
    os.write(ours, types.encode())
    done = subprocess.run(
        [*COMMAND, *words],
        stdin=theirs,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        env=environment(workspace),
    )
    os.close(ours)
    os.close(theirs)
    return done.returncode, done.stdout + done.stderr


def names(data):
    return [row["name"] for row in answer("status", "calls", workspace=data)["recordings"]]


def test_both_are_renamed_and_found_by_the_new_name(data):
    said = run("project", "rename", "calls", "客服 calls", workspace=data).stdout
    assert said == "project calls is called 客服 calls now\n"
    renamed = answer("recording", "rename", "客服 calls", "one.wav", "Monday / one", workspace=data)
    assert renamed == {"id": "one", "name": "Monday / one"}
    assert names(data) == ["Monday / one", "two.wav"]
    assert "there is no recording" in complaint(
        "recording", "rename", "calls", "one.wav", "x", workspace=data, code=3
    )


def test_nothing_is_deleted_unasked(data):
    for words in (("project", "delete", "calls"), ("recording", "delete", "calls", "one")):
        n = 2 if words[0] == "project" else 1
        said = complaint(*words, workspace=data, code=2, stdin=subprocess.DEVNULL)
        assert f"recordings: {n}" in said and "--yes" in said
        code, said = at_terminal(*words, workspace=data, types="n\n")
        assert (code, "nothing was deleted" in said) == (2, True)
    assert names(data) == ["one.wav", "two.wav"]


def test_what_is_meant_is_deleted_and_the_files_stay(data, tmp_path):
    code, said = at_terminal("recording", "delete", "calls", "one.wav", workspace=data, types="y\n")
    assert code == 0 and "This deletes recordings: 1 (0:00:03), segments: 0" in said
    assert "recording one.wav is deleted" in said
    assert names(data) == ["two.wav"]
    assert answer("project", "delete", "calls", "--yes", workspace=data)["recordings"] == 1
    assert answer("project", "list", workspace=data) == {"projects": []}
    assert "there is no project" in complaint("project", "delete", "calls", "--yes", workspace=data, code=3)
    assert (tmp_path / "one.wav").is_file() and (tmp_path / "two.wav").is_file()
