"""A pool of processes on this machine that outlives a crashing decoder and lets short jobs past long ones."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import IO, Any, ParamSpec, TypeVar, cast

from speechlabel.batch.worker import receive, send
from speechlabel.errors import InputError

__all__ = ["LocalPool", "WorkerDiedError"]

P = ParamSpec("P")
T = TypeVar("T")
SHORT = 100_000_000  # bytes; about an hour of 16 kHz speech


class WorkerDiedError(InputError):
    """The process that worked on a file ended: its decoder crashed, or it was killed for memory."""

    code = "worker_died"


@dataclass(order=True)
class _Job:
    size: int
    number: int
    call: tuple[Any, ...] = field(compare=False)
    future: Future[Any] = field(compare=False)
    on_progress: Callable[[float], None] | None = field(compare=False)


class LocalPool(Executor):
    """Child processes that start when first needed.

    The smallest job goes first.  With two workers or more, one never takes a job larger than ``SHORT``
    (when sizes are given), so that a short recording need not wait for a long one.
    """

    def __init__(self, workers: int) -> None:
        self._jobs: list[_Job] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._closing = False
        self._killing = False  # what runs is to end as well
        self._children: list[subprocess.Popen[bytes]] = []
        self._threads = [
            threading.Thread(target=self._serve, args=(workers > 1 and lane == 0,), daemon=True)
            for lane in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Queue a call; function, arguments and result must pickle."""
        return self._queue(fn, args, kwargs, size=0, on_progress=None)

    def submit_sized(
        self,
        fn: Callable[..., T],
        /,
        *args: object,
        size: int,
        on_progress: Callable[[float], None] | None = None,
    ) -> Future[T]:
        """Queue a call with its size in bytes; ``fn`` gets ``progress=`` when ``on_progress`` is given."""
        return self._queue(fn, args, {}, size=size, on_progress=on_progress)

    def _queue(
        self,
        fn: Callable[..., T],
        args: tuple[object, ...],
        kwargs: dict[str, Any],
        *,
        size: int,
        on_progress: Callable[[float], None] | None,
    ) -> Future[T]:
        future: Future[T] = Future()
        call = (fn, args, kwargs, on_progress is not None)
        with self._changed:
            if self._closing:
                raise RuntimeError("the pool is closed")
            heapq.heappush(self._jobs, _Job(size, next(self._numbers), call, future, on_progress))
            self._changed.notify_all()
        return future

    def _serve(self, only_short: bool) -> None:
        if hasattr(signal, "pthread_sigmask"):
            # Children inherit it, so that Ctrl+C and a stop of the service never meet one half started.
            signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
        child: subprocess.Popen[bytes] | None = None
        while (job := self._next(only_short)) is not None:
            if not job.future.set_running_or_notify_cancel():
                continue
            try:
                if child is None or child.poll() is not None:
                    self._end(child)
                    child = self._start()
                kind, value = _call(child, job)
            except (EOFError, OSError) as error:
                kind, value = "failed", _died(error)
            except Exception as error:  # a call that does not pickle, or a callback that raises
                kind, value = "failed", error
            else:
                _settle(job.future, kind, value)
                continue
            # Its replies may be anywhere: the next job starts with a new child.
            self._end(child)
            child = None
            _settle(job.future, kind, value)
        self._end(child)

    def _next(self, only_short: bool) -> _Job | None:
        with self._changed:
            while True:
                if self._jobs and not (only_short and self._jobs[0].size > SHORT):
                    return heapq.heappop(self._jobs)
                if self._closing:
                    return None
                self._changed.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        with self._changed:
            if self._killing:
                raise EOFError
            child = subprocess.Popen(
                [sys.executable, "-m", "speechlabel.batch.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            self._children.append(child)
        return child

    def _end(self, child: subprocess.Popen[bytes] | None) -> None:
        """Let go of a child that is idle or of no use any more."""
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe:
                with contextlib.suppress(OSError):  # what was not sent to a dead child
                    pipe.close()
        with self._changed:
            self._children.remove(child)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Stop; ``cancel_futures`` also ends what is running, at once."""
        with self._changed:
            self._closing = True
            if cancel_futures:
                self._killing = True
                for job in self._jobs:
                    job.future.cancel()
                self._jobs.clear()
                for child in self._children:
                    child.kill()
            self._changed.notify_all()
        if wait:
            for thread in self._threads:
                thread.join()


def _died(cause: Exception) -> WorkerDiedError:
    why = "" if isinstance(cause, EOFError | BrokenPipeError) else f" ({cause})"
    return WorkerDiedError(
        f"the process that worked on it ended: its decoder crashed or ran out of memory{why}"
    )


def _settle(future: Future[Any], kind: str, value: Any) -> None:  # noqa: ANN401 - what the call returned
    if kind == "done":
        future.set_result(value)
    else:
        future.set_exception(value)


def _call(child: subprocess.Popen[bytes], job: _Job) -> tuple[str, Any]:
    """Return ("done", result) or ("failed", error); raises what a dead child's pipes raise."""
    assert child.stdin and child.stdout
    send(cast("Any", child.stdin), job.call)
    replies: IO[bytes] = child.stdout
    while True:
        kind, value = receive(cast("Any", replies))
        if kind == "progress":
            if job.on_progress:
                job.on_progress(value)
        else:
            return kind, value
