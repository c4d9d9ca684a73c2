"""The gate: an ASGI layer around everything, pages, API, media and Gradio's own routes alike.

On one's own machine (loopback) there is no account, but ``Host`` and ``Origin`` are checked, so that a page
in another tab cannot reach in.  On any other address each request needs the key that the server prints at
its start, kept in a cookie after the first visit.  Of Gradio's routes only those that our pages use pass:
its file, upload, proxy and direct-call routes stay closed.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Gate", "is_loopback"]

COOKIE = "speechlabel_key"
OURS = re.compile(r"/(api|media|speechlabel-static)(/|$)")
GRADIO = re.compile(
    r"/|/(config|theme\.css|manifest\.json|favicon\.ico|robots\.txt)|/(assets|static|svelte)/.*"
    r"|/gradio_api/(queue/join|queue/data|heartbeat/[^/]+|info|user|app_id|login_check|cancel|reset"
    r"|theme\.css|startup-events)"
)
SAFE = {"GET", "HEAD", "OPTIONS"}
# Gradio's page has inline scripts and compiles ``js_on_load`` at run time; nothing may come from elsewhere.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; connect-src 'self'; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def is_loopback(host: str) -> bool:
    """Tell whether an address is reached only from this machine."""
    return host in {"localhost", "::1", "[::1]"} or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None


class Gate:
    """ASGI middleware; ``key`` is None on loopback."""

    def __init__(self, app: ASGIApp, *, key: str | None = None) -> None:
        self.app = app
        self.key = key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer why not."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._refuse(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                found = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    found.setdefault(name, value)
                found.setdefault("Content-Security-Policy", POLICY)
            await send(message)

        await self.app(scope, receive, with_headers)

    def _refuse(self, scope: Scope, headers: Mapping[str, str]) -> Response | None:
        host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
        if self.key is None and not (is_loopback(host) or host.endswith(".localhost")):
            return _no(400, "host", f"this server answers on localhost only, not as {host!r}")
        if self.key is not None and not self._has_key(headers):
            return self._let_in_or_not(scope)
        if scope["method"] not in SAFE and not _same_origin(headers):
            return _no(403, "origin", "the request comes from another site")
        path: str = scope["path"]
        if not (OURS.match(path) or GRADIO.fullmatch(path)):
            return _no(404, "not_found", "there is nothing here")
        return None

    def _has_key(self, headers: Mapping[str, str]) -> bool:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        given = cookie.value if cookie else headers.get("authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), (self.key or "").encode())

    def _let_in_or_not(self, scope: Scope) -> Response:
        query = parse_qs(scope["query_string"].decode("latin-1"))
        given = query.get("key", [""])[0]
        if scope["method"] == "GET" and hmac.compare_digest(given.encode(), (self.key or "").encode()):
            answer = RedirectResponse("/", 303)
            answer.set_cookie(COOKIE, given, httponly=True, samesite="lax", max_age=30 * 86_400)
            return answer
        return _no(401, "key", "open the address with ?key=… that the server printed when it started")


def _same_origin(headers: Mapping[str, str]) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def _no(status: int, code: str, message: str) -> Response:
    body: dict[str, Any] = {"error": {"code": code, "message": message}}
    return JSONResponse(body, status, {"Cache-Control": "no-store"})
