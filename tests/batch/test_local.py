"""The pool outlives its workers, gives their errors back, and lets short work past long work."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import CancelledError, wait
from pathlib import Path

import psutil
import pytest
import work_for_pool as work

from speechlabel.batch import local
from speechlabel.batch.local import LocalPool, WorkerDiedError
from speechlabel.errors import AudioError, WorkspaceError


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    """The workers must find the functions of these tests."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))


@pytest.fixture
def pool():
    with LocalPool(1) as pool:
        yield pool


def children():
    return [child for child in psutil.Process().children() if "speechlabel.batch.worker" in child.cmdline()]


def test_calls_run_elsewhere_and_come_home(pool):
    assert pool.submit(work.add, 2, b=3).result() == 5
    assert pool.submit(work.pid).result() != os.getpid()
    assert list(pool.map(work.add, range(5), range(5))) == [0, 2, 4, 6, 8]


def test_a_worker_lives_on_between_calls(pool):
    assert len({pool.submit(work.pid).result() for _ in range(5)}) == 1


def test_errors_come_home_with_their_type_and_data(pool):
    with pytest.raises(AudioError) as caught:
        pool.submit(work.fail, AudioError("/a/b.wav", "is empty")).result()
    assert (caught.value.message, caught.value.reason) == ("'b.wav': is empty", "is empty")
    with pytest.raises(WorkspaceError) as caught:
        pool.submit(work.fail, WorkspaceError("full", "no room", path="/x")).result()
    assert caught.value.data == {"reason": "full", "path": "/x"}
    with pytest.raises(ZeroDivisionError):
        pool.submit(work.fail, ZeroDivisionError()).result()
    with pytest.raises(OSError, match="No space"):
        pool.submit(work.fail, OSError(28, "No space left on device")).result()
    assert pool.submit(work.add, 1, 1).result() == 2


@pytest.mark.parametrize("how", [work.exit_at_once, work.leave, work.kill_itself, work.overflow])
def test_a_crash_is_one_jobs_and_the_next_one_runs(pool, how):
    first = pool.submit(work.pid).result()
    crashed = pool.submit(how)
    after = pool.submit(work.pid)
    with pytest.raises(WorkerDiedError, match="crashed or ran out of memory"):
        crashed.result()
    assert after.result() not in (first, os.getpid())
    assert len(children()) == 1  # the dead are gone


def test_what_does_not_pickle_fails_alone(pool):
    with pytest.raises(Exception, match="pickle"):
        pool.submit(lambda: 1).result()
    with pytest.raises(RuntimeError, match="cannot be sent home"):
        pool.submit(work.unpicklable).result()
    with pytest.raises(RuntimeError, match="cannot be sent home"):
        pool.submit(work.fail_unpicklably).result()
    assert pool.submit(work.add, 1, 1).result() == 2


def test_what_a_call_prints_is_not_taken_for_an_answer(pool):
    assert pool.submit(work.chatter).result() == "said"
    assert pool.submit(work.add, 1, 1).result() == 2


def test_progress_is_told_in_order(pool):
    told = []
    assert pool.submit_sized(work.count, 5, size=1, on_progress=told.append).result() == 5
    assert told == [0.0, 0.2, 0.4, 0.6, 0.8]


def test_a_listener_that_raises_fails_its_job_only(pool):
    def raises(_):
        raise KeyError("listener")

    with pytest.raises(KeyError):
        pool.submit_sized(work.count, 5, size=1, on_progress=raises).result()
    assert pool.submit(work.add, 1, 1).result() == 2


def test_the_smallest_job_goes_first(pool, tmp_path):
    gate = tmp_path / "gate"
    running = pool.submit(work.wait_for, str(gate))
    order = []
    jobs = []
    for size in (30, 10, 20):
        job = pool.submit_sized(work.add, size, 0, size=size)
        job.add_done_callback(lambda done: order.append(done.result()))
        jobs.append(job)
    gate.touch()
    wait([running, *jobs])
    assert order == [10, 20, 30]


def test_a_short_job_does_not_wait_for_long_ones(tmp_path):
    pool = LocalPool(2)
    try:
        never = str(tmp_path / "never")
        long = [pool.submit_sized(work.wait_for, never, size=local.SHORT + 1) for _ in range(3)]
        while not long[0].running():
            time.sleep(0.01)
        time.sleep(0.3)  # in which the other lane could take one, if it did
        assert sum(job.running() for job in long) == 1
        assert pool.submit_sized(work.add, 1, 2, size=local.SHORT).result(timeout=60) == 3
        assert not any(job.done() for job in long)
    finally:
        pool.shutdown(cancel_futures=True)


def test_a_stop_ends_what_runs_at_once(tmp_path):
    pool = LocalPool(2)
    running = [pool.submit(work.wait_for, str(tmp_path / "never")) for _ in range(2)]
    waiting = pool.submit(work.pid)
    while sum(job.running() for job in running) < 2 or len(children()) < 2:
        time.sleep(0.01)
    pool.shutdown(cancel_futures=True)
    for job in running:
        with pytest.raises(WorkerDiedError):
            job.result(timeout=0)
    with pytest.raises(CancelledError):
        waiting.result(timeout=0)
    assert children() == []
    with pytest.raises(RuntimeError, match="closed"):
        pool.submit(work.pid)
    pool.shutdown()  # again is fine


def test_a_stop_in_the_middle_of_a_start_leaves_no_child(tmp_path):
    for _ in range(10):
        pool = LocalPool(2)
        jobs = [pool.submit(work.wait_for, str(tmp_path / "never")) for _ in range(2)]
        ends = threading.Thread(target=pool.shutdown, kwargs={"cancel_futures": True})
        ends.start()
        ends.join(timeout=30)
        assert not ends.is_alive()
        assert all(job.done() for job in jobs)
        assert children() == []


def test_workers_leave_ctrl_c_to_the_program(pool):
    pid = pool.submit(work.pid).result()
    assert {signal.SIGINT, signal.SIGTERM} <= pool.submit(work.blocked).result()  # from its first moment
    counting = pool.submit_sized(work.count, 20, size=1, on_progress=lambda _: None)
    os.kill(pid, signal.SIGINT)
    os.kill(pid, signal.SIGTERM)
    assert counting.result() == 20
    assert pool.submit(work.pid).result() == pid


ORPHAN = """
import os, sys, time, work_for_pool as work
from speechlabel.batch.local import LocalPool
pool = LocalPool(1)
print(pool.submit(work.pid).result(), flush=True)
pool.submit_sized(work.count, 10_000, size=1, on_progress=lambda _: None)
time.sleep(600)
"""


def test_workers_of_a_killed_program_end():
    program = subprocess.Popen([sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE, text=True)
    worker = psutil.Process(int(program.stdout.readline()))
    program.kill()
    program.wait()
    program.stdout.close()
    worker.wait(timeout=30)
