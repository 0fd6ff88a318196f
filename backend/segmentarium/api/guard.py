"""The door: every request passes here before any route, body or file is looked at. What is not let in is refused.

- Host: only names that this server answers for, so a name elsewhere that resolves to 127.0.0.1 (DNS rebinding) fails.
- Origin and Sec-Fetch-Site: a page from elsewhere, or from another port of this machine, cannot ask.
- Session cookie or bearer token for everything under /api, but for what `_PUBLIC` names.
- The size of the body, also where no Content-Length tells it.
"""

from __future__ import annotations

import re

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from segmentarium.api.context import AppContext
from segmentarium.api.problems import problem_response
from segmentarium.core.errors import (
    AppError,
    ForeignOrigin,
    NotSignedIn,
    RequestTooLarge,
    UnknownHost,
)
from segmentarium.storage.users import User, user_of_secret

_PUBLIC = {("POST", "/api/session"), ("GET", "/api/health")}
_HOST = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d+)?")
_UPLOAD = re.compile(r"/api/projects/\d+/(images|imports)")
_SIGN_IN_BYTES = 64_000  # the only body that is read of strangers
_LOCAL = ("localhost", "127.0.0.1", "[::1]")
_CSP = (
    "default-src 'self'; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = (
    (b"content-security-policy", _CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, context: AppContext) -> None:
        self._app = app
        self._context = context
        self._hosts = {*_LOCAL, *context.settings.allowed_hosts}
        if context.settings.host not in {"0.0.0.0", "::"}:
            host = context.settings.host.lower()
            self._hosts.add(f"[{host}]" if ":" in host else host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(h for h in _HEADERS if h[0] not in present),
                ]
            await send(message)

        try:
            self._check_host(headers)
            _check_origin(scope, headers)
            await self._authenticate(scope, headers)
            limited = self._limited(scope, headers, receive)
        except AppError as error:
            await problem_response(error, scope["path"])(scope, receive, send_with_headers)
            return
        await self._app(scope, limited, send_with_headers)

    def _check_host(self, headers: Headers) -> None:
        host = headers.get("host", "").lower()
        match = _HOST.fullmatch(host)
        if match is None or match[1] not in self._hosts:
            raise UnknownHost(
                f"The Host header says {host[:100]!r}. Name it in SEGMENTARIUM_ALLOWED_HOSTS to serve under it."
            )

    async def _authenticate(self, scope: Scope, headers: Headers) -> None:
        path, method = scope["path"], scope["method"]
        if not path.startswith("/api/") and path != "/api":
            return
        user = await to_thread.run_sync(self._user, headers)
        if user is None and (method, path) not in _PUBLIC:
            raise NotSignedIn(
                "Open the sign-in URL that `segmentarium serve` printed, or send a token: "
                "`Authorization: Bearer …`."
            )
        scope.setdefault("state", {})["user"] = user

    def _user(self, headers: Headers) -> User | None:
        secret, kind = bearer_token(headers), "token"
        if secret is None:
            secret, kind = session_secret(headers, self._context.session_cookie), "browser"
        if not secret:
            return None
        with self._context.database.lookup() as connection:
            return user_of_secret(connection, secret, "token" if kind == "token" else "browser")

    def _limited(self, scope: Scope, headers: Headers, receive: Receive) -> Receive:
        """`receive` that stops a body over the limit; uploads may be large, everything else is JSON."""
        settings, path = self._context.settings, scope["path"]
        limit = settings.max_json_bytes
        if _UPLOAD.fullmatch(path):
            limit = settings.max_request_bytes
        elif path == "/api/session":
            limit = min(limit, _SIGN_IN_BYTES)
        problem = RequestTooLarge(f"The body is over {limit / 1e6:,.0f} MB.", max_bytes=limit)
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > limit:
            raise problem
        seen = 0

        async def limited() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                # FastAPI calls every other error while it reads a body a malformed request.
                raise HTTPException(413, problem.detail) from problem
            return message

        return limited


def bearer_token(headers: Headers) -> str | None:
    """The token of an Authorization header; None when there is no such header."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def session_secret(headers: Headers, cookie: str) -> str | None:
    """The value of the session's cookie."""
    # Not the standard library's parser: it gives up on all cookies at one odd one of another local program.
    return cookie_parser(headers.get("cookie", "")).get(cookie)


def _check_origin(scope: Scope, headers: Headers) -> None:
    origin = headers.get("origin")
    own = headers.get("host", "").lower()
    if origin is not None and origin.lower().partition("://")[2] != own:
        raise ForeignOrigin(f"The request came from a page of {origin[:100]}.")
    # Requests that carry no Origin (images, links) still say where they come from, in every present browser.
    if scope["path"].startswith("/api/") and headers.get("sec-fetch-site") in {
        "cross-site",
        "same-site",
    }:
        raise ForeignOrigin("The request came from a page of another site.")
