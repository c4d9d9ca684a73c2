"""Errors → HTTP, once.  Every refusal has the form ``{"error": {"code", "message", …}}``."""

from __future__ import annotations

import logging
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from speechlabel.errors import (
    ChangedError,
    ConflictError,
    InputError,
    NotFoundError,
    SpeechLabelError,
    WorkspaceError,
)

__all__ = ["install", "status_of"]

log = logging.getLogger(__name__)
CONFLICTS = {"stale": 412, "version_missing": 428, "op_reused": 422, "lease_lost": 409, "read_only": 409}


def status_of(error: SpeechLabelError) -> int:
    """Return the HTTP status that tells a client what to do about an error."""
    if isinstance(error, ConflictError):
        return CONFLICTS.get(error.data["reason"], 409)
    if isinstance(error, WorkspaceError):
        return 507 if error.data["reason"] == "full" else 503
    for kind, status in ((NotFoundError, 404), (ChangedError, 409), (InputError, 422)):
        if isinstance(error, kind):
            return status
    return 422


def _answer(status: int, body: dict[str, Any]) -> Response:
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": "2"} if status == 503 else {})
    content = orjson.dumps({"error": body}, default=str)
    return Response(content, status, headers, media_type="application/json")


def install(app: FastAPI) -> None:
    """Register the handlers on an application."""

    @app.exception_handler(SpeechLabelError)
    def speechlabel_error(_request: Request, error: SpeechLabelError) -> Response:  # pyright: ignore[reportUnusedFunction]
        shown = {name: error.data[name] for name in ("reason", "conflicts") if name in error.data}
        return _answer(status_of(error), {"code": error.code, "message": error.message, **shown})

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

    @app.exception_handler(Exception)
    def internal(request: Request, error: Exception) -> Response:  # pyright: ignore[reportUnusedFunction]
        log.error("%s %s", request.method, request.url.path, exc_info=error)
        return _answer(
            500, {"code": "internal", "message": "internal error; the server's log has the details"}
        )
