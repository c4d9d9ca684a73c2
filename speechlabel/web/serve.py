"""Start the server: a free port, the samples at first, and three lines that say where everything is."""

from __future__ import annotations

import atexit
import contextlib
import logging
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Generator
from types import FrameType
from typing import NoReturn

import uvicorn
from fastapi import FastAPI

from speechlabel.batch.local import LocalPool
from speechlabel.config import Settings, load_settings
from speechlabel.errors import SpeechLabelError, WorkspaceError
from speechlabel.store.workspace import Workspace, open_workspace
from speechlabel.web.gate import is_loopback
from speechlabel.workflow.samples import offer_samples

__all__ = ["application", "free_socket", "main", "serve"]

PORTS = 100  # how many are tried
GRACE_SECONDS = 3  # for answers under way when the server stops; uploads and unsaved edits are sent again


def application(settings: Settings | None = None) -> FastAPI:
    """Build the application for another server: the workspace that the settings name, with the samples in it.

    Such a server listens where it is told to.  When ``SPEECHLABEL_HOST`` is not loopback, requests need the
    key that is printed here.
    """
    from speechlabel.web.app import create_app

    with _plainly():
        settings = settings or load_settings()
        workspace = open_workspace(settings.workspace)
        atexit.register(workspace.close)
        first_samples(workspace, settings, lambda _name, _ratio: None)
    key = None if is_loopback(settings.host) else secrets.token_urlsafe(24)
    if key:
        print(f"speechlabel: add /?key={key} to its address", flush=True)  # noqa: T201
    return create_app(workspace, settings, key=key)


def first_samples(workspace: Workspace, settings: Settings, progress: Callable[[str, float], None]) -> None:
    """Load the samples into a workspace that has never had any."""
    with LocalPool(settings.workers) as pool:
        offer_samples(workspace, executor=pool, progress=progress)


def free_socket(host: str, first: int) -> socket.socket:
    """Return a socket that is bound to the first free port from ``first`` on.

    Raises
    ------
    WorkspaceError
        None of a hundred is free, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in range(first, min(first + PORTS, 65_536)):
        # The protocol by its number: asyncio switches Nagle's algorithm off only where it is given, and
        # with it on each answer comes 40 ms late.
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            if sys.platform != "win32":  # there it would take a port that another program listens on
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind((host, port))
            bound.listen(2048)  # from here on nobody else can have the port
        except (OSError, UnicodeError):
            bound.close()
            continue
        return bound
    raise WorkspaceError(
        "unwritable", f"no port from {first} on is free at {host!r}; choose another with --port"
    )


def serve(
    settings: Settings | None = None,
    *,
    say: Callable[[str], None] = print,
    progress: Callable[[str, float], None] | None = None,
    pages: bool = True,
) -> None:
    """Serve a workspace until interrupted.

    Parameters
    ----------
    say
        Told the address, the data folder and how to stop, one line each.
    progress
        Called with (sample, ratio) while the samples are prepared at the first start.
    pages
        False: only ``/api`` and ``/media``, for scripts, and no samples.

    Raises
    ------
    WorkspaceError
        Another process has the workspace open (the message names it), or no port is free.
    """
    from speechlabel.web.app import create_app

    settings = settings or load_settings()
    with _stopped_by_signals(), open_workspace(settings.workspace) as workspace:
        if pages:
            first_samples(workspace, settings, progress or (lambda _name, _ratio: None))
        key = None if is_loopback(settings.host) else secrets.token_urlsafe(24)
        token = secrets.token_urlsafe(32)
        app = create_app(workspace, settings, key=key, token=token, pages=pages)
        with contextlib.closing(free_socket(settings.host, settings.port)) as bound:
            host = f"[{settings.host}]" if ":" in settings.host else settings.host
            address = f"http://{host}:{bound.getsockname()[1]}"
            workspace.announce(address, token=token)
            _Server(app, lambda: _tell(say, settings, address, key)).run(sockets=[bound])


def main() -> None:
    """Serve by the settings of the environment; what is wrong there is one line, not a traceback."""
    with _plainly():
        serve()


@contextlib.contextmanager
def _plainly() -> Generator[None]:
    try:
        yield
    except SpeechLabelError as error:
        raise SystemExit(f"speechlabel: {error}") from None


@contextlib.contextmanager
def _stopped_by_signals() -> Generator[None]:
    """End as usual on Ctrl+C and SIGTERM, so that the workspace is closed, and say nothing about it.

    Uvicorn stops in order on either and then raises the signal once more, for whoever waits for it here.
    """
    previous = signal.getsignal(signal.SIGTERM)
    try:
        signal.signal(signal.SIGTERM, _leave)
    except ValueError:  # not the main thread: signals are somebody else's
        yield
        return
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, previous)


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


class _Server(uvicorn.Server):
    """Says where it is once it really answers, and ends the pages' streams when it stops."""

    def __init__(self, app: FastAPI, on_start: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
                server_header=False,
            )
        )
        self._app = app
        self._on_start = on_start

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.state.stopping.set()
        # A download that is cut off now is no error that anybody wants a traceback of.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)


def _tell(say: Callable[[str], None], settings: Settings, address: str, key: str | None) -> None:
    say("")
    say(f"speechlabel is running at  {address}" + (f"/?key={key}" if key else ""))
    say(f"Its data lies in           {settings.workspace}")
    say("Stop it with               Ctrl+C")
