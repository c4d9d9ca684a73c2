"""Preparing behind the page: resumed after a kill, one crash marks one recording, a full disk heals."""

import sys
import threading
from concurrent.futures import Future
from pathlib import Path

import pytest
import soundfile
from starlette.testclient import TestClient
from watching import RATE, speechlike

from speechlabel.errors import OptionError, WorkspaceError
from speechlabel.web import preparing
from speechlabel.web.preparing import Preparer
from speechlabel.workflow.ingest import ingest
from speechlabel.workflow.prepare import PrepareOptions
from speechlabel.workflow.remove import remove_recording


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


def all_queued_or_done(workspace, preparer, recordings):
    return all(
        preparer.progress("p", item.id) is not None or states(workspace)[item.id] == "ready"
        for item in recordings
    )


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

    def hold_one(fn, job, **options):
        return submit(go_on_forever if job.recording.path.endswith("r1.wav") else fn, job, **options)

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
    wait_for(lambda: states(workspace)[first.id] == "ready" and preparer.progress("p", first.id) is None)
    workspace.store.update_recording("p", first.id, state="preparing")  # again, and the server was killed
    Path(first.path).write_bytes(b"something else")
    preparer.add(workspace.store.recording("p", first.id))
    wait_for(lambda: states(workspace)[first.id] != "preparing")
    kept = workspace.store.recording("p", first.id)
    assert kept.state == "ready"
    assert "'r0.wav' has changed" in kept.error


@pytest.fixture
def two_sides(workspace, tmp_path):
    """A call that nobody has prepared."""
    soundfile.write(tmp_path / "call.wav", speechlike(4, channels=2), RATE)
    return ingest(workspace, "p", [tmp_path / "call.wav"]).added[0]


class Held:
    """A pool that takes work and never does it."""

    def __init__(self):
        self.jobs = []

    def submit_sized(self, fn, job, **_):
        self.jobs.append(job)
        return Future()

    def shutdown(self, **_):
        pass


@pytest.fixture
def held(workspace, monkeypatch):
    """A server's queue that is killed before it begins with anything."""
    preparer = Preparer(workspace, 1)
    pool = preparer._pool
    monkeypatch.setattr(preparer, "_pool", Held())
    yield preparer
    preparer.close()
    pool.shutdown()


WANTED = PrepareOptions(segmenter="energy", values={"max_speech_s": 1}, layout="mixed")


def test_what_was_asked_for_is_done_as_asked_after_a_restart(workspace, held, preparer, two_sides):
    assert held.add(two_sides, WANTED)
    assert PrepareOptions.from_dict(workspace.store.recording("p", two_sides.id).preparation) == WANTED
    held.close()
    preparer.resume()
    wait_for(all_ready(workspace))
    [made] = workspace.store.transcripts("p", two_sides.id)
    assert made.author == "vad:energy"
    segments = workspace.store.segments(made.id)
    assert {item.channel for item in segments} == {None}
    assert segments
    assert max(item.duration_us for item in segments) <= 1_000_000
    done = workspace.store.recording("p", two_sides.id)
    assert (done.layout, done.preparation) == ("mixed", {})
    wait_for(lambda: preparer.add(done))  # as soon as the queue has let go of it; nothing is remembered
    wait_for(lambda: len(workspace.store.transcripts("p", two_sides.id)) == 2)
    assert {item.author for item in workspace.store.transcripts("p", two_sides.id)} == {
        "vad:energy",
        "vad:webrtc",
    }


def test_what_waits_for_the_disk_is_done_as_asked_after_a_restart(
    workspace, preparer, two_sides, monkeypatch
):
    first = Preparer(workspace, 1)
    with monkeypatch.context() as patch:
        patch.setattr(preparing, "keep", refuse_for_lack_of_room)
        first.add(two_sides, WANTED)
        wait_for(lambda: workspace.store.recording("p", two_sides.id).error_code == "disk_full")
        first.close()
    preparer.resume()
    wait_for(all_ready(workspace))
    done = workspace.store.recording("p", two_sides.id)
    assert (done.layout, done.preparation, done.error, done.error_code) == ("mixed", {}, None, None)


def refuse_for_lack_of_room(*_):
    raise WorkspaceError("full", "the disk is full")


def test_a_segmenter_that_was_uninstalled_meanwhile_fails_its_recording_only(
    workspace, held, preparer, recordings
):
    for item in recordings:
        held.add(item)
    gone = {"segmenter": "gone", "values": {}, "layout": None}
    workspace.store.update_recording("p", recordings[0].id, preparation=gone)
    preparer.resume()
    wait_for(lambda: list(states(workspace).values()) == ["failed", "ready", "ready"])
    failed = workspace.store.recording("p", recordings[0].id)
    assert failed.error_code == "unknown_name"
    assert "'gone'" in failed.error
    assert failed.preparation == {}


OPENED: list[str] = []
WATCHING = threading.Event()


def watch(event, arguments):
    if event == "open" and WATCHING.is_set():
        OPENED.append(str(arguments[0]))


def test_no_waiting_recording_is_opened_at_the_start(workspace, held, recordings):
    sys.addaudithook(watch)  # for good; it looks only while it is wanted
    WATCHING.set()
    try:
        held.resume()
        wait_for(lambda: len(held._pool.jobs) == len(recordings))
        Path(recordings[0].path).read_bytes()
    finally:
        WATCHING.clear()
    assert [path for path in OPENED if path.endswith(".wav")] == [recordings[0].path]  # by this test itself
    assert [job.recording.id for job in held._pool.jobs] == [item.id for item in recordings]
    assert set(states(workspace).values()) == {"new"}  # and nothing is written


def test_a_server_answers_while_it_looks_for_what_waits(app, workspace, recordings, monkeypatch):
    look, may_look = workspace.store.recordings, threading.Event()

    def look_late(project):
        if threading.current_thread().name == "taking up":
            assert may_look.wait(60)
        return look(project)

    monkeypatch.setattr(workspace.store, "recordings", look_late)
    with TestClient(app, base_url="http://127.0.0.1:7860") as client:
        rows = client.get("/api/projects/p/recordings").json()
        assert {(row["state"], row["progress"]) for row in rows} == {("new", None)}
        # Asked for by somebody in the meantime: once is enough.
        asked = client.post(f"/api/projects/p/recordings/{recordings[0].id}/prepare", json={})
        assert asked.json()["queued"]
        wait_for(lambda: states(workspace)[recordings[0].id] == "ready")
        may_look.set()
        wait_for(all_ready(workspace))
    assert [len(workspace.store.transcripts("p", item.id)) for item in recordings] == [1, 1, 1]


def test_one_crash_marks_one_recording(workspace, preparer, recordings, monkeypatch):
    submit = preparer._pool.submit_sized

    def crash_one(fn, job, **options):
        return submit(kill_itself if job.recording.path.endswith("r1.wav") else fn, job, **options)

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
    wait_for(lambda: all_queued_or_done(workspace, preparer, recordings))
    workspace.store.delete_project("p")
    wait_for(lambda: all(preparer.progress("p", item.id) is None for item in recordings))
    assert "Traceback" not in caplog.text


def test_a_recording_removed_while_it_is_prepared_leaves_nothing_and_its_id_can_be_had_again(
    workspace, preparer, recordings, tmp_path
):
    preparer.add(recordings[0])
    remove_recording(workspace, "p", "r0")
    preparer.forget("p", "r0")
    assert preparer.progress("p", "r0") is None
    soundfile.write(tmp_path / "r0.wav", speechlike(3, seed=9), RATE)
    [new] = ingest(workspace, "p", [tmp_path / "r0.wav"]).added
    assert new.id == "r0" and preparer.add(new)
    wait_for(lambda: states(workspace)["r0"] == "ready")
    assert workspace.store.recording("p", "r0").n_frames == 3 * RATE
    assert len(workspace.store.transcripts("p", "r0")) == 1
    old = workspace.blobs.derived(recordings[0].content_hash, "any").parent
    wait_for(lambda: not old.exists())


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
