"""How large, how deep and how crowded what is sent may be: refused while it comes in."""

import re

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cri_shared.words import N_

MAX_BODY = 2 * 1024 * 1024 + 64 * 1024  # the batch of questions is the largest thing we take
MAX_DEPTH = 20
MAX_MEMBERS = 25_000  # of all objects and lists together: a full batch has about half of that
_MARKS = re.compile(rb'\\(?:.|\Z)|["{}\[\],\0]', re.DOTALL)


class BeyondLimits(HTTPException):
    """What is sent is more than anything we take; `slug` and `words` are what is said of it."""

    status = 413
    slug = "too-large"
    words = N_("What you sent is too large.")

    def __init__(self) -> None:
        super().__init__(self.status, self.words, headers={"Connection": "close"})


class TooLarge(BeyondLimits):
    """The body is announced to be, or grew, larger than the limit."""


class TooTangled(BeyondLimits):
    """JSON of more levels or members than any of ours, or in another encoding than UTF-8."""

    status = 422
    slug = "too-tangled"
    words = N_("What you sent has too many levels or parts, or is not UTF-8.")


class RequestLimits:
    """Lets nobody read a body that is beyond the limits: reading it raises `BeyondLimits`."""

    def __init__(self, app: ASGIApp, limit: int = MAX_BODY) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            receive = self._watched(dict(scope["headers"]), receive)
        await self._app(scope, receive, send)

    def _watched(self, headers: dict[bytes, bytes], receive: Receive) -> Receive:
        announced = headers.get(b"content-length", b"0")
        beyond = not announced.isdigit() or int(announced) > self._limit
        shape = _Shape() if b"json" in headers.get(b"content-type", b"").lower() else None
        seen = 0

        async def watched() -> Message:
            nonlocal seen
            if beyond:
                raise TooLarge
            message = await receive()
            piece: bytes = message.get("body", b"")
            seen += len(piece)
            if seen > self._limit:
                raise TooLarge
            if shape is not None:
                shape.follow(piece)
            return message

        return watched


class _Shape:
    """Follows JSON as it comes in, in pieces, without reading what it says.

    Parsers go down one level per bracket, so depth is refused before any of them sees it.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._members = 0
        self._in_text = False
        self._held = b""

    def follow(self, piece: bytes) -> None:
        """Take the next piece; raises `TooTangled`."""
        piece, self._held = self._held + piece, b""
        for found in _MARKS.finditer(piece):
            mark = found[0]
            if mark == b"\\":  # what it escapes is in the next piece
                self._held = mark
            elif mark == b'"':
                self._in_text = not self._in_text
            elif mark == b"\0":
                raise TooTangled
            elif not self._in_text:
                self._count(mark)

    def _count(self, mark: bytes) -> None:
        self._depth += (mark in b"{[") - (mark in b"}]")
        self._members += mark == b","
        if self._depth > MAX_DEPTH or self._members > MAX_MEMBERS:
            raise TooTangled
