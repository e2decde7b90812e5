"""What every answer carries and every request must satisfy: security headers, size limits."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 2 * 1024 * 1024 + 64 * 1024  # the batch of questions is the largest thing we take


def security_headers(form_targets: tuple[str, ...]) -> list[tuple[bytes, bytes]]:
    """The headers of every answer; `form_targets` are other origins that forms may post to."""
    forms = " ".join(("'self'", *form_targets))
    policy = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
        f"connect-src 'self'; form-action {forms}; base-uri 'none'; frame-ancestors 'none'"
    )
    return [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"same-origin"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
        (b"strict-transport-security", b"max-age=63072000"),
    ]


class SecurityHeaders:
    """Adds the security headers, and no-store wherever a route did not say how to cache."""

    def __init__(self, app: ASGIApp, form_targets: tuple[str, ...] = ()) -> None:
        self._app = app
        self._headers = security_headers(form_targets)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                have = {name.lower() for name, _ in headers}
                headers.extend((n, v) for n, v in self._headers if n not in have)
                if b"cache-control" not in have:
                    headers.append((b"cache-control", b"no-store"))
            await send(message)

        await self._app(scope, receive, send_with_headers)


class BodyLimit:
    """Refuses bodies that are larger than anything we take, before anybody reads them."""

    def __init__(self, app: ASGIApp, limit: int = MAX_BODY) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > self._limit:
            await _refuse(send)
            return
        await self._app(scope, _counted(receive, self._limit), send)


class TooLarge(Exception):
    """A body without an announced length grew past the limit."""


def _counted(receive: Receive, limit: int) -> Callable[[], Awaitable[Message]]:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise TooLarge
        return message

    return counted


PROBLEM_TOO_LARGE: dict[str, Any] = {
    "type": "too-large",
    "title": "Too large",
    "status": 413,
    "detail": "What you sent is too large.",
}


async def _refuse(send: Send) -> None:
    body = json.dumps(PROBLEM_TOO_LARGE).encode()
    start = {
        "type": "http.response.start",
        "status": 413,
        "headers": [(b"content-type", b"application/problem+json"), (b"connection", b"close")],
    }
    await send(start)
    await send({"type": "http.response.body", "body": body})
