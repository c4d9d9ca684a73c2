"""Make the server: our routes first, Gradio's pages mounted behind them, the gate around both."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from speechlabel.audio.pcm import OpenDecoders
from speechlabel.config import Settings
from speechlabel.store.workspace import Workspace
from speechlabel.version import __version__
from speechlabel.web.api import failures, nothing, router
from speechlabel.web.exporting import Exports
from speechlabel.web.gate import Gate
from speechlabel.web.importing import Imports
from speechlabel.web.preparing import Preparer
from speechlabel.web.site import Site
from speechlabel.web.statics import FILES, LOCALES, static_base
from speechlabel.web.uploading import Uploads

__all__ = ["create_app"]

PLAIN = re.compile(r"/(media|api/exports|api/health|gradio_api/(queue/data|heartbeat))(/|$)")


class _Forever(StaticFiles):
    """Static files whose address changes with their content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


class _Compressed:
    """Compresses JSON, pages and scripts; not sound, archives or streams, whose ranges and delays matter."""

    def __init__(self, app: ASGIApp) -> None:
        self.plain = app
        self.small = GZipMiddleware(app, minimum_size=2000, compresslevel=5)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_plain = scope["type"] != "http" or PLAIN.match(scope["path"])
        await (self.plain if is_plain else self.small)(scope, receive, send)


def create_app(
    workspace: Workspace,
    settings: Settings,
    *,
    key: str | None = None,
    token: str | None = None,
    pages: bool = True,
) -> FastAPI:
    """Build the ASGI application for one workspace.

    Parameters
    ----------
    key
        Needed by every request when the server listens beyond loopback; None on loopback.
    token
        Shown by commands of the person who runs the server: they may take in any file that this person can
        read, as they may without a server.
    pages
        False: only ``/api`` and ``/media``, for scripts; it starts seconds sooner.
    """
    site = Site(
        workspace=workspace,
        settings=settings,
        preparer=Preparer(workspace, settings.workers),
        decoders=OpenDecoders(),
        uploads=Uploads(workspace, settings.max_upload_mb * 1_000_000),
        imports=Imports(workspace, settings.max_upload_mb * 1_000_000),
        exports=Exports(workspace),
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
        site.exports.sweep(unfinished=True)
        site.uploads.sweep()
        site.imports.sweep()
        site.uploads.sweep_stored()
        site.preparer.resume()
        yield
        site.preparer.close()
        site.decoders.close()

    app = FastAPI(
        title="speechlabel",
        version=__version__,
        lifespan=lifespan,
        openapi_url="/api/openapi.json",
        docs_url=None,  # its page loads scripts from another host
        redoc_url=None,
    )
    app.state.site = site
    failures.install(app)
    app.include_router(router)
    app.mount(f"{static_base()}/locales", _Forever(directory=LOCALES), name="speechlabel-locales")
    app.mount(static_base(), _Forever(directory=FILES), name="speechlabel-static")
    for area in ("api", "media", "speechlabel-static"):
        app.include_router(nothing, prefix=f"/{area}")
    if pages:
        _mount_pages(app, site)
    app.add_middleware(_Compressed)
    app.state.stopping = asyncio.Event()
    app.add_middleware(Gate, key=key, token=token, stopping=app.state.stopping)
    return app


def _mount_pages(app: FastAPI, site: Site) -> None:
    """Put Gradio's pages behind our routes."""
    # Read when gradio is imported, which takes seconds: it would call hosts on the internet from here.
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import gradio as gr

    from speechlabel.web.pages import make_pages

    pages = make_pages(site)
    cast("Any", gr).mount_gradio_app(
        app,
        pages.blocks,
        path="/",
        run_history=False,
        show_error=False,
        footer_links=[],
        allowed_paths=[],
        max_file_size="1kb",
        ssr_mode=False,
        mcp_server=False,
        enable_monitoring=False,
        pwa=False,
        theme=pages.theme,
        head=pages.head,
        favicon_path=str(Path(FILES, "page", "favicon.svg")),
        app_kwargs={"openapi_url": None, "docs_url": None, "redoc_url": None},
    )
    app.state.blocks = pages.blocks
