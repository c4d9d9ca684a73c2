"""Errors → HTTP, once.  Every refusal has the form ``{"error": {"code", "message", …}}``."""

from __future__ import annotations

import errno
import logging
import re
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from speechlabel.errors import (
    ChangedError,
    ConflictError,
    NotFoundError,
    SpeechLabelError,
    WorkspaceError,
)
from speechlabel.web.site import site_of
from speechlabel.web.uploading import OffsetError, SlowError, TooLargeError

__all__ = ["install", "status_of"]

log = logging.getLogger(__name__)
CONFLICTS = {"stale": 412, "version_missing": 428, "op_reused": 422, "lease_lost": 409, "read_only": 409}
SHOWN = ("reason", "conflicts", "offset")  # of an error's data; "path" is nobody's business in the browser
KINDS = (
    (NotFoundError, 404),
    (ChangedError, 409),
    (OffsetError, 409),
    (TooLargeError, 413),
    (SlowError, 408),
)
FULL = (errno.ENOSPC, errno.EDQUOT)


def status_of(error: SpeechLabelError) -> int:
    """Return the HTTP status that tells a client what to do about an error."""
    if isinstance(error, ConflictError):
        return CONFLICTS.get(error.data["reason"], 409)
    if isinstance(error, WorkspaceError):
        return 507 if error.data["reason"] == "full" else 503
    return next((status for kind, status in KINDS if isinstance(error, kind)), 422)


def without_paths(error: SpeechLabelError, root: Path) -> str:
    """Return an error's message with names of files in place of their paths on the server."""
    message = error.message
    if path := error.data.get("path"):
        message = message.replace(str(path), Path(path).name)
    return re.sub(rf"{re.escape(str(root))}[^'\"\s]*", lambda match: Path(match.group()).name, message)


def _answer(status: int, body: dict[str, Any]) -> Response:
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": "2"} if status == 503 else {})
    content = orjson.dumps({"error": body}, default=str)
    return Response(content, status, headers, media_type="application/json")


def install(app: FastAPI) -> None:
    """Register the handlers on an application."""

    @app.exception_handler(SpeechLabelError)
    def speechlabel_error(request: Request, error: SpeechLabelError) -> Response:  # pyright: ignore[reportUnusedFunction]
        shown = {name: error.data[name] for name in SHOWN if name in error.data}
        message = without_paths(error, site_of(request).workspace.root)
        return _answer(status_of(error), {"code": error.code, "message": message, **shown})

    @app.exception_handler(RequestValidationError)
    def invalid(_request: Request, error: RequestValidationError) -> Response:  # pyright: ignore[reportUnusedFunction]
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "body")
        return _answer(422, {"code": "request", "message": f"{where or 'request'}: {first['msg']}"})

    @app.exception_handler(HTTPException)
    def http_error(_request: Request, error: HTTPException) -> Response:  # pyright: ignore[reportUnusedFunction]
        return JSONResponse(
            {"error": {"code": "http", "message": str(error.detail)}}, error.status_code, error.headers
        )

    @app.exception_handler(ClientDisconnect)
    def gone(_request: Request, _error: ClientDisconnect) -> Response:  # pyright: ignore[reportUnusedFunction]
        return Response(status_code=400)  # nobody reads it

    @app.exception_handler(OSError)
    def disk(request: Request, error: OSError) -> Response:  # pyright: ignore[reportUnusedFunction]
        log.error("%s %s: %s", request.method, request.url.path, error)
        if error.errno in FULL:
            message = "the server's disk is full; free some space and try again"
            return _answer(507, {"code": "workspace", "message": message, "reason": "full"})
        why = error.strerror or "no reason given"
        message = f"the server's disk refused ({why}); the server's log has the details"
        return _answer(503, {"code": "workspace", "message": message, "reason": "unwritable"})
