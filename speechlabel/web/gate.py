"""The gate: an ASGI layer around everything, pages, API, media and Gradio's own routes alike.

On one's own machine (loopback) there is no account, but ``Host`` and ``Origin`` are checked, so that a page
in another tab cannot reach in.  On any other address each request needs the key that the server prints at
its start, kept in a cookie after the first visit.  Of Gradio's routes only those that our pages use pass:
its file, upload, proxy and direct-call routes stay closed.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Gate", "is_loopback"]

log = logging.getLogger(__name__)
COOKIE = "speechlabel_key"
API = re.compile(r"/(api|media)/.*", re.DOTALL)
STATIC = re.compile(r"/(speechlabel-static|assets|static|svelte)/.*", re.DOTALL)
GRADIO = re.compile(
    r"/|/(config|theme\.css|manifest\.json|favicon\.ico|robots\.txt)"
    r"|/gradio_api/(queue/join|queue/data|heartbeat/[^/]+|info|user|app_id|login_check|cancel|reset"
    r"|theme\.css|startup-events)"
)
STREAM = re.compile(r"/gradio_api/(queue/data|heartbeat/[^/]+)")
UPLOADS = {  # bounded by themselves: by the size that was announced, by what an import may hold
    "PATCH": re.compile(r"/api/uploads/[^/]+"),
    "PUT": re.compile(r"/api/imports/[^/]+/files"),
}
MAX_BODY = 64 << 20  # bytes; a batch of 50,000 edits is 20 MB
MAX_EVENT = 1 << 20  # of an event of the pages, which carries ids
SAFE = {"GET", "HEAD", "OPTIONS"}
# Gradio's page has inline scripts and compiles ``js_on_load`` at run time; nothing may come from elsewhere.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; connect-src 'self'; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
STRICT = "default-src 'none'; sandbox; frame-ancestors 'none'"  # data: nothing in it may ever run
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


def is_loopback(host: str) -> bool:
    """Tell whether an address is reached only from this machine."""
    return host in {"localhost", "::1", "[::1]"} or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None


class Gate:
    """ASGI middleware; ``key`` is None on loopback, ``stopping`` is set when streams are to end.

    A request that shows ``token`` comes from a command of whoever runs the server: it needs no key, and
    ``request.state.is_operator`` says so.
    """

    def __init__(
        self, app: ASGIApp, *, stopping: asyncio.Event, key: str | None = None, token: str | None = None
    ) -> None:
        self.app = app
        self.key = key
        self.token = token
        self.stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer why not."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":  # no page of ours opens one
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        path: str = scope["path"]

        is_started = False

        async def with_headers(message: Message) -> None:
            nonlocal is_started
            if message["type"] == "http.response.start":
                is_started = True
                _add_headers(MutableHeaders(scope=message), path)
            await send(message)

        if STREAM.fullmatch(path):
            receive = _until(self.stopping, receive)
        try:
            await self._choose(scope, headers)(scope, receive, with_headers)
        except Exception:
            # Starlette would answer outside of this layer, without the headers.
            log.exception("%s %s", scope["method"], path)
            if is_started:
                raise
            internal = _no(500, "internal", "internal error; the server's log has the details")
            await internal(scope, receive, with_headers)

    def _choose(self, scope: Scope, headers: Mapping[str, str]) -> ASGIApp:
        """Return what answers a request: the application, or a refusal."""
        refusal = self._refuse(scope, headers)
        if refusal is not None:
            return refusal
        path: str = scope["path"]
        upload = UPLOADS.get(scope["method"])
        if scope["method"] in SAFE or (upload is not None and upload.fullmatch(path)):
            return self.app
        limit = MAX_BODY if API.fullmatch(path) else MAX_EVENT
        declared = headers.get("content-length", "")
        return _too_large(limit) if _exceeds(declared, limit) else _Bounded(self.app, limit)

    def _refuse(self, scope: Scope, headers: Mapping[str, str]) -> Response | None:
        host = _host_of(headers)
        if self.key is None and not (is_loopback(host) or host.endswith(".localhost")):
            return _no(400, "host", f"this server answers on localhost only, not as {host!r}")
        is_operator = self._has_token(headers)
        scope.setdefault("state", {})["is_operator"] = is_operator
        if self.key is not None and not is_operator and not self._has_key(headers):
            return self._let_in_or_not(scope)
        if not _same_origin(headers, scope["method"]):
            return _no(403, "origin", "the request comes from another site")
        path: str = scope["path"]
        if ".." in path.split("/") or not any(kind.fullmatch(path) for kind in (API, STATIC, GRADIO)):
            return _no(404, "not_found", "there is nothing here")
        return None

    def _has_key(self, headers: Mapping[str, str]) -> bool:
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            cookie = None
        return self._is_key(cookie.value if cookie else _bearer(headers))

    def _has_token(self, headers: Mapping[str, str]) -> bool:
        return self.token is not None and hmac.compare_digest(
            _bearer(headers).encode("utf-8", "replace"), self.token.encode()
        )

    def _is_key(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "replace"), (self.key or "").encode())

    def _let_in_or_not(self, scope: Scope) -> Response:
        query = parse_qs(scope["query_string"].decode("latin-1"))
        given = query.pop("key", [""])[0]
        if scope["method"] == "GET" and self._is_key(given):
            # Only ever to the page: a path that a stranger chose could lead to another host.
            answer = RedirectResponse("/" + (f"?{urlencode(query, doseq=True)}" if query else ""), 303)
            is_secure = scope.get("scheme") == "https"
            answer.set_cookie(
                COOKIE, given, httponly=True, samesite="lax", max_age=30 * 86_400, secure=is_secure
            )
            return answer
        return _no(401, "key", "open the address with ?key=… that the server printed when it started")


def _until(stopping: asyncio.Event, receive: Receive) -> Receive:
    """Let a stream see its client leave once the server stops: it would hold the server up for ever."""

    async def either() -> Message:
        asked = asyncio.ensure_future(receive())
        told = asyncio.ensure_future(stopping.wait())
        try:
            await asyncio.wait((asked, told), return_when=asyncio.FIRST_COMPLETED)
            return asked.result() if asked.done() else {"type": "http.disconnect"}
        finally:
            asked.cancel()
            told.cancel()

    return either


class _Bounded:
    """Passes on a body of ``limit`` bytes at most; a longer one is answered 413, whatever the app says."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        room = self.limit
        is_over = False

        async def counted() -> Message:
            nonlocal room, is_over
            message: Message = {"type": "http.disconnect"}
            if not is_over:
                message = await receive()
                room -= len(message.get("body", b""))
                is_over = room < 0
            return {"type": "http.disconnect"} if is_over else message

        async def unless_over(message: Message) -> None:
            if not is_over:
                await send(message)

        try:
            await self.app(scope, counted, unless_over)
        except ClientDisconnect:
            if not is_over:
                raise
        if is_over:
            await _too_large(self.limit)(scope, receive, send)


def _exceeds(declared: str, limit: int) -> bool:
    # Compared by length first: int() refuses numbers of thousands of digits.
    return declared.isdecimal() and (len(declared) > len(str(limit)) or int(declared) > limit)


def _too_large(limit: int) -> Response:
    return _no(413, "too_large", f"the request is longer than {limit >> 20} MB; send it in parts")


def _add_headers(headers: MutableHeaders, path: str) -> None:
    for name in [name for name in headers if name.lower().startswith("access-control-")]:
        del headers[name]  # Gradio lets other sites in
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Content-Security-Policy", STRICT if API.fullmatch(path) else POLICY)
    if not STATIC.fullmatch(path):
        headers.setdefault("Cache-Control", "no-store")


def _host_of(headers: Mapping[str, str]) -> str:
    try:
        return urlsplit(f"//{headers.get('host', '')}").hostname or ""
    except ValueError:
        return ""


def _bearer(headers: Mapping[str, str]) -> str:
    return headers.get("authorization", "").removeprefix("Bearer ")


def _same_origin(headers: Mapping[str, str], method: str) -> bool:
    """Tell whether our own page asks, or a person who follows a link; a page of another site may not."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        is_link = method == "GET" and headers.get("sec-fetch-dest") == "document"
        return site in {"same-origin", "none"} or is_link
    origin = headers.get("origin")
    if origin is None or method in SAFE:
        return True
    try:
        return urlsplit(origin).netloc == headers.get("host")
    except ValueError:
        return False


def _no(status: int, code: str, message: str) -> Response:
    body: dict[str, Any] = {"error": {"code": code, "message": message}}
    return JSONResponse(body, status, {"Cache-Control": "no-store"})
