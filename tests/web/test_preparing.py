"""Preparing behind the page: resumed after a kill, one crash marks one recording, a full disk heals."""

import threading
from pathlib import Path

import pytest
import soundfile
from watching import RATE, speechlike

from speechlabel.errors import OptionError, WorkspaceError
from speechlabel.web import preparing
from speechlabel.web.preparing import Preparer
from speechlabel.workflow.ingest import ingest
from speechlabel.workflow.prepare import PrepareOptions


@pytest.fixture
def recordings(workspace, tmp_path):
    """Three recordings that nobody has prepared."""
    for number in range(3):
        soundfile.write(tmp_path / f"r{number}.wav", speechlike(2, seed=number), RATE)
    return ingest(workspace, "p", [tmp_path]).added


@pytest.fixture
def preparer(workspace):
    preparer = Preparer(workspace, 1)
    yield preparer
    preparer.close()


def states(workspace):
    return {item.id: item.state for item in workspace.store.recordings("p")}


def wait_for(condition):
    for _ in range(1200):
        if condition():
            return
        threading.Event().wait(0.05)
    raise AssertionError("it never came")


def all_ready(workspace):
    return lambda: set(states(workspace).values()) == {"ready"}


def test_what_a_killed_server_left_is_taken_up(workspace, preparer, recordings):
    workspace.store.update_recording("p", recordings[1].id, state="preparing")
    workspace.store.update_recording("p", recordings[2].id, state="failed", error="is cut off")
    preparer.resume()
    wait_for(lambda: list(states(workspace).values()) == ["ready", "ready", "failed"])
    assert len(workspace.store.transcripts("p", recordings[0].id)) == 1
    wait_for(lambda: preparer.progress("p", recordings[0].id) is None)


def test_a_stop_marks_nothing_as_failed(workspace, recordings, monkeypatch):
    preparer = Preparer(workspace, 1)
    submit = preparer._pool.submit_sized

    def hold_one(fn, task, **options):
        return submit(go_on_forever if task.path.endswith("r1.wav") else fn, task, **options)

    monkeypatch.setenv("PYTHONPATH", __file__.rsplit("/", 1)[0])
    monkeypatch.setattr(preparer._pool, "submit_sized", hold_one)
    for item in recordings:
        preparer.add(item)
    wait_for(lambda: preparer.progress("p", recordings[1].id))  # under way
    preparer.close()
    assert states(workspace)[recordings[1].id] == "preparing"
    assert set(states(workspace).values()) <= {"preparing", "ready"}
    again = Preparer(workspace, 1)
    again.resume()
    wait_for(all_ready(workspace))
    again.close()
    preparer.add(recordings[0])  # closed: nothing happens


def test_work_stays_open_when_a_second_try_was_killed_and_then_failed(workspace, preparer, recordings):
    [first, *_] = recordings
    preparer.add(first)
    wait_for(lambda: states(workspace)[first.id] == "ready")
    workspace.store.update_recording("p", first.id, state="preparing")  # again, and the server was killed
    Path(first.path).write_bytes(b"something else")
    preparer.add(workspace.store.recording("p", first.id))
    wait_for(lambda: states(workspace)[first.id] != "preparing")
    kept = workspace.store.recording("p", first.id)
    assert kept.state == "ready"
    assert "'r0.wav' has changed" in kept.error


def test_one_crash_marks_one_recording(workspace, preparer, recordings, monkeypatch):
    submit = preparer._pool.submit_sized

    def crash_one(fn, task, **options):
        return submit(kill_itself if task.path.endswith("r1.wav") else fn, task, **options)

    monkeypatch.setenv("PYTHONPATH", __file__.rsplit("/", 1)[0])
    monkeypatch.setattr(preparer._pool, "submit_sized", crash_one)
    preparer.resume()
    wait_for(lambda: sorted(states(workspace).values()) == ["failed", "ready", "ready"])
    crashed = workspace.store.recording("p", recordings[1].id)
    assert (crashed.state, "decoder crashed" in crashed.error) == ("failed", True)
    assert crashed.error_code == "worker_died"
    monkeypatch.undo()
    preparer.add(crashed)  # it can be asked for again
    wait_for(all_ready(workspace))
    assert workspace.store.recording("p", crashed.id).error is None


def kill_itself(_task, progress):
    import os

    os._exit(1)


def go_on_forever(_task, progress):
    import time

    progress(0.5)
    time.sleep(3_600)


@pytest.mark.parametrize("error", [WorkspaceError("full", "the disk is full"), OSError(28, "No space left")])
def test_a_full_disk_is_not_the_recordings_fault(workspace, preparer, recordings, monkeypatch, error):
    monkeypatch.setattr(preparing, "RETRY_SECONDS", 0.3)
    keep = preparing.keep
    is_full = True

    def keep_unless_full(*arguments):
        if is_full:
            raise error
        return keep(*arguments)

    monkeypatch.setattr(preparing, "keep", keep_unless_full)
    preparer.resume()
    wait_for(lambda: workspace.store.recording("p", recordings[0].id).error)
    waiting = workspace.store.recording("p", recordings[0].id)
    assert waiting.state in ("new", "preparing")
    is_full_disk = getattr(error, "reason", None) == "full"
    assert waiting.error_code == ("disk_full" if is_full_disk else "disk_unwritable")
    assert waiting.error == preparing.WAITS[waiting.error_code]
    assert "failed" not in states(workspace).values()
    is_full = False
    wait_for(all_ready(workspace))  # by itself
    assert {(item.error, item.error_code) for item in workspace.store.recordings("p")} == {(None, None)}


def test_a_disk_too_full_even_for_the_note_is_waited_for(workspace, preparer, recordings, monkeypatch):
    monkeypatch.setattr(preparing, "RETRY_SECONDS", 0.2)
    update = workspace.store.update_recording
    is_full = True

    def update_unless_full(*arguments, **fields):
        if is_full:
            raise WorkspaceError("full", "the disk is full")
        return update(*arguments, **fields)

    monkeypatch.setattr(workspace.store, "update_recording", update_unless_full)
    preparer.add(recordings[0])
    assert states(workspace)[recordings[0].id] == "new"
    is_full = False
    wait_for(lambda: states(workspace)[recordings[0].id] == "ready")


def test_a_project_removed_meanwhile_is_no_error(workspace, preparer, recordings, caplog):
    preparer.resume()
    workspace.store.delete_project("p")
    wait_for(lambda: all(preparer.progress("p", item.id) is None for item in recordings))
    assert "Traceback" not in caplog.text


def test_wrong_options_change_nothing(workspace, preparer, recordings):
    with pytest.raises(OptionError):
        preparer.add(recordings[0], PrepareOptions(values={"nope": 1}))
    assert states(workspace)[recordings[0].id] == "new"
    assert preparer.progress("p", recordings[0].id) is None


def test_an_error_nobody_foresaw_is_logged_and_marked(workspace, preparer, recordings, monkeypatch, caplog):
    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(preparing, "keep", broken)
    preparer.add(recordings[0])
    wait_for(lambda: states(workspace)[recordings[0].id] == "failed")
    assert "log has the details" in workspace.store.recording("p", recordings[0].id).error
    assert workspace.store.recording("p", recordings[0].id).error_code == "internal"
    assert "ZeroDivisionError" in caplog.text
