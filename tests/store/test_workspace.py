"""One process writes, others read, and a process that dies leaves nothing behind."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading

import pytest

from speechlabel.errors import ConflictError, NotFoundError, WorkspaceError
from speechlabel.store.workspace import open_workspace
from speechlabel.testing import make_batch, make_segment, make_transcript, set_text

HOLD = """
import sys, time
from speechlabel.store.workspace import open_workspace
workspace = open_workspace(sys.argv[1])
workspace.announce("http://127.0.0.1:7860")
print("open", flush=True)
time.sleep(600)
"""

FORK = """
import os, sys, time
from speechlabel.store.workspace import open_workspace
workspace = open_workspace(sys.argv[1])
child = os.fork()
if child:
    print(child, flush=True)
time.sleep(600)
"""

READ = """
import sys
from speechlabel.store.workspace import open_workspace
with open_workspace(sys.argv[1], read_only=True) as workspace:
    print(workspace.address, workspace.store.segments(sys.argv[2])[0].text)
"""


@pytest.fixture
def holder(tmp_path):
    """A second process that has the workspace open for writing."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "open\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def reason_of(call):
    with pytest.raises(WorkspaceError) as caught:
        call()
    return caught.value.data["reason"]


def test_what_was_saved_is_there_after_a_reopening(tmp_path):
    with open_workspace(tmp_path / "new" / "folder") as workspace:
        transcript = make_transcript(workspace.store, [make_segment("a")])
        workspace.store.save(transcript.id, make_batch(set_text("a", 0, "x")))
    with open_workspace(tmp_path / "new" / "folder") as workspace:
        assert workspace.store.segments(transcript.id)[0].text == "x"
        assert not workspace.is_read_only


def test_a_second_writer_is_told_who_writes(tmp_path, holder):
    with pytest.raises(WorkspaceError) as caught:
        open_workspace(tmp_path)
    assert caught.value.data == {"reason": "locked", "pid": holder.pid, "address": "http://127.0.0.1:7860"}
    assert str(holder.pid) in caught.value.message
    assert "http://127.0.0.1:7860" in caught.value.message


def test_a_second_process_reads_while_the_first_writes(tmp_path):
    with open_workspace(tmp_path) as workspace:
        workspace.announce("http://here")
        transcript = make_transcript(workspace.store, [make_segment("a")])
        workspace.store.save(transcript.id, make_batch(set_text("a", 0, "x")))
        arguments = [sys.executable, "-c", READ, tmp_path, transcript.id]
        assert (
            subprocess.run(arguments, capture_output=True, text=True, check=True).stdout == "http://here x\n"
        )
        workspace.store.save(transcript.id, make_batch(set_text("a", 1, "y")))


def test_a_reader_does_not_write(tmp_path):
    with pytest.raises(NotFoundError):
        open_workspace(tmp_path, read_only=True)
    with open_workspace(tmp_path) as workspace:
        transcript = make_transcript(workspace.store, [make_segment("a")])
    with open_workspace(tmp_path, read_only=True) as workspace:
        assert (workspace.is_read_only, workspace.address) == (True, None)
        with pytest.raises(ConflictError) as caught:
            workspace.store.save(transcript.id, make_batch(set_text("a", 0, "x")))
        assert caught.value.data["reason"] == "read_only"
        workspace.announce("http://nobody")
        assert not (tmp_path / "workspace.json").exists()
        with open_workspace(tmp_path) as writer:  # a reader is in no writer's way
            writer.store.save(transcript.id, make_batch(set_text("a", 0, "x")))
        assert workspace.store.segments(transcript.id)[0].text == "x"


def test_a_killed_writer_is_succeeded(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    left = json.loads((tmp_path / "workspace.json").read_text())
    assert left == {"pid": holder.pid, "address": "http://127.0.0.1:7860"}
    with open_workspace(tmp_path, read_only=True) as reader:
        assert reader.address is None
    with open_workspace(tmp_path):
        assert json.loads((tmp_path / "workspace.json").read_text()) == {"pid": os.getpid(), "address": None}
    assert not (tmp_path / "workspace.json").exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_child_that_outlives_a_killed_writer_does_not_keep_the_lock(tmp_path):
    arguments = [sys.executable, "-c", FORK, tmp_path]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        child = int(process.stdout.readline())
        try:
            process.kill()
            process.wait()
            os.kill(child, 0)  # alive
            open_workspace(tmp_path).close()
        finally:
            os.kill(child, signal.SIGKILL)


def test_many_threads_open_one_at_a_time(tmp_path):
    start = threading.Barrier(4)
    outcome = []

    def run():
        start.wait()
        try:
            with open_workspace(tmp_path):
                outcome.append("open")
                start.wait()
        except WorkspaceError as error:
            outcome.append(error.data["reason"])
            start.wait()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome) == ["locked", "locked", "locked", "open"]


def test_a_damaged_database_is_refused(tmp_path):
    with open_workspace(tmp_path) as workspace:
        make_transcript(
            workspace.store, [make_segment(f"s{number}", text="x" * 500) for number in range(500)]
        )
    path = tmp_path / "speechlabel.db"
    whole = path.read_bytes()
    for damaged in (b"not a database" * 100, whole[: len(whole) // 2], _scrambled(whole)):
        path.write_bytes(damaged)
        assert reason_of(lambda: open_workspace(tmp_path)) == "damaged"
        assert path.read_bytes() == damaged
    path.write_bytes(whole)
    open_workspace(tmp_path).close()


def _scrambled(whole):
    middle = len(whole) // 2
    return (
        whole[:middle] + bytes(255 - byte for byte in whole[middle : middle + 8192]) + whole[middle + 8192 :]
    )


def test_a_newer_schema_is_refused(tmp_path):
    open_workspace(tmp_path).close()
    database = sqlite3.connect(tmp_path / "speechlabel.db")
    database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.commit()
    database.close()
    assert reason_of(lambda: open_workspace(tmp_path)) == "newer"
    assert reason_of(lambda: open_workspace(tmp_path, read_only=True)) == "newer"


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    assert reason_of(lambda: open_workspace(tmp_path / "file" / "workspace")) == "unwritable"


def test_a_busy_database_asks_to_try_again(tmp_path, monkeypatch):
    monkeypatch.setattr("speechlabel.store.sqlite.BUSY_MS", 10)
    with open_workspace(tmp_path) as workspace:
        transcript = make_transcript(workspace.store, [make_segment("a")])
        other = sqlite3.connect(tmp_path / "speechlabel.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        batch = make_batch(set_text("a", 0, "x"))
        workspace.store.database.writer.dispose()
        assert reason_of(lambda: workspace.store.save(transcript.id, batch)) == "locked"
        other.close()
        assert workspace.store.save(transcript.id, batch).revision == 1
