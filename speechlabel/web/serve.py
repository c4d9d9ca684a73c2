"""Start the server: a free port, the samples at first, and three lines that say where everything is."""

from __future__ import annotations

import contextlib
import secrets
import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from speechlabel.batch.local import LocalPool
from speechlabel.config import Settings, load_settings
from speechlabel.errors import WorkspaceError
from speechlabel.store.workspace import Workspace, open_workspace
from speechlabel.web.gate import is_loopback
from speechlabel.workflow.samples import has_samples, load_samples

__all__ = ["application", "free_port", "serve"]

PORTS = 100  # how many are tried


def application(settings: Settings | None = None) -> FastAPI:
    """Build the application on the workspace that the settings name, with the samples in it."""
    from speechlabel.web.app import create_app  # gradio takes seconds to import; the samples come first

    settings = settings or load_settings()
    workspace = open_workspace(settings.workspace)
    first_samples(workspace, settings, lambda _name, _ratio: None)
    return create_app(workspace, settings)


def first_samples(workspace: Workspace, settings: Settings, progress: Callable[[str, float], None]) -> None:
    """Load the samples into a workspace that has never had any."""
    if workspace.store.projects() and has_samples(workspace):
        return
    if any(project.id != "samples" for project in workspace.store.projects()):
        return  # somebody works here already, and took the samples away
    with LocalPool(settings.workers) as pool:
        load_samples(workspace, executor=pool, progress=progress)


def free_port(host: str, first: int) -> int:
    """Return the first free port from ``first`` on.

    Raises
    ------
    WorkspaceError
        None of a hundred is free, or the address is not this machine's.
    """
    for port in range(first, min(first + PORTS, 65_536)):
        with contextlib.closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise WorkspaceError(
        "unwritable", f"no port from {first} on is free at {host!r}; choose another with --port"
    )


def serve(
    settings: Settings | None = None,
    *,
    say: Callable[[str], None] = print,
    progress: Callable[[str, float], None] | None = None,
) -> None:
    """Serve a workspace until interrupted.

    Parameters
    ----------
    say
        Told the address, the data folder and how to stop, one line each.
    progress
        Called with (sample, ratio) while the samples are prepared at the first start.
    """
    settings = settings or load_settings()
    workspace = open_workspace(settings.workspace)
    try:
        first_samples(workspace, settings, progress or (lambda _name, _ratio: None))
        from speechlabel.web.app import create_app  # as above

        key = None if is_loopback(settings.host) else secrets.token_urlsafe(24)
        app = create_app(workspace, settings, key=key)
        port = free_port(settings.host, settings.port)
        address = f"http://{settings.host}:{port}"
        workspace.announce(address)
        config = uvicorn.Config(
            app, host=settings.host, port=port, log_level="warning", timeout_graceful_shutdown=5
        )
        server = _Server(config, lambda: _tell(say, settings, address, key))
        server.run()
    finally:
        workspace.close()


class _Server(uvicorn.Server):
    """Says where it is once it really answers."""

    def __init__(self, config: uvicorn.Config, on_start: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_start = on_start

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_start()


def _tell(say: Callable[[str], None], settings: Settings, address: str, key: str | None) -> None:
    say("")
    say(f"speechlabel is running at  {address}" + (f"/?key={key}" if key else ""))
    say(f"Its data lies in           {settings.workspace}")
    say("Stop it with               Ctrl+C")
