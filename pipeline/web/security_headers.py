"""Add security headers to every response, and refuse requests that another site's page sends.

A page of another site must not be able to use this one through a visitor's browser: a host name that was made to
resolve to this machine (DNS rebinding) is refused by `TrustedHostMiddleware`, a request with another origin here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
SAFE = frozenset({"GET", "HEAD"})


class SecurityHeaders:
    """ASGI middleware that wraps the page."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on or refuse it; the response has the headers either way."""

        async def carried(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        foreign = scope["type"] == "http" and scope["method"] not in SAFE and _is_foreign(Headers(scope=scope))
        app = JSONResponse({"reason": "请在本页上选择文件。"}, 403) if foreign else self.app
        await app(scope, receive, carried)


def _is_foreign(headers: Headers) -> bool:
    """Tell whether a browser states that another site's page sends this; other programs state nothing."""
    own = f"http://{headers.get('host', '')}"
    return headers.get("origin", own) != own or headers.get("sec-fetch-site", "same-origin") != "same-origin"
