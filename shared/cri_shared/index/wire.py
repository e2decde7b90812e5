"""Asking the index from the event loop: open lines, no thread, retries.

The package's way, a thread and requests, took some 2 ms of CPU for a search, aiohttp 0.5 ms: a
sixth of what the service may add to its engine. What is needed of HTTP is a parser, and that is a
library's (httptools, which uvicorn reads requests with).
"""

import asyncio
import json
import os
import ssl
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import orjson

from cri_shared.index.line import Line
from cri_shared.index.port import IndexRefused, SearchUnavailable

# Statuses that say "later": time-outs, too many searches, restarts.
LATER = frozenset({408, 429, 500, 502, 503, 504})
PAUSES = (0.05, 0.25)
MOST_AT_ONCE = 8  # the engine answers one after the other anyway


class Wire:
    """Questions to one server with one key; `seconds` bounds each of them.

    Every question raises SearchUnavailable when trying again later may help, IndexRefused when not.
    """

    def __init__(self, url: str, key: str, seconds: float) -> None:
        self._at = urlsplit(url.rstrip("/"))
        self._head = (
            f"Host: {self._at.netloc.rpartition('@')[2]}\r\nAuthorization: Bearer {key}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        )
        self._seconds = seconds
        self._free: list[Line] = []
        self._trusted: ssl.SSLContext | None = None
        self._places = asyncio.Semaphore(MOST_AT_ONCE)

    async def get(self, path: str) -> Any:
        """The JSON at a path; asked once."""
        return await self._ask("GET", path)

    async def post(self, path: str, body: Any) -> Any:
        """The JSON answer to a question that does no harm when it arrives twice."""
        content = json.dumps(body, separators=(",", ":")).encode()
        for pause in PAUSES:
            try:
                return await self._ask("POST", path, content)
            except SearchUnavailable as unavailable:
                # Who waited for an answer in vain would only wait twice as long.
                if isinstance(unavailable.__cause__, TimeoutError):
                    raise
                await asyncio.sleep(pause)
        return await self._ask("POST", path, content)

    async def close(self) -> None:
        """Hang up; whoever asks after this connects anew."""
        while self._free:
            self._free.pop().close()

    async def _ask(self, method: str, path: str, content: bytes = b"") -> Any:
        first = f"{method} {self._at.path}/{path} HTTP/1.1\r\n"
        question = f"{first}{self._head}{len(content)}\r\n\r\n".encode() + content
        try:
            async with self._places, asyncio.timeout(self._seconds):
                status, body = await self._told(question)
            return _understood(status, body)
        except (OSError, ValueError) as trouble:  # TimeoutError is an OSError
            raise SearchUnavailable from trouble

    async def _told(self, question: bytes) -> tuple[int, bytes]:
        """The answer over a line that is open; over a new one where the index hung those up."""
        while self._free:
            line = self._free.pop()
            if line.is_open:
                with suppress(ConnectionError):
                    return await self._over(line, question)
        return await self._over(await self._dial(), question)

    async def _over(self, line: Line, question: bytes) -> tuple[int, bytes]:
        try:
            answer = await line.ask(question)
        except BaseException:
            line.close()  # an answer that still comes is nobody's
            raise
        if line.is_open:
            self._free.append(line)
        return answer

    async def _dial(self) -> Line:
        secure = self._at.scheme == "https"
        if secure and self._trusted is None:
            self._trusted = _trust()
        port = self._at.port or (443 if secure else 80)
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(
            Line, self._at.hostname or "", port, ssl=self._trusted if secure else None
        )
        return line


def _trust() -> ssl.SSLContext:
    """Whom to believe: whom the package believes that writes the index."""
    from requests.utils import DEFAULT_CA_BUNDLE_PATH  # not held where the index is next door

    bundle = os.environ.get("REQUESTS_CA_BUNDLE") or DEFAULT_CA_BUNDLE_PATH
    if os.path.isdir(bundle):
        return ssl.create_default_context(capath=bundle)
    return ssl.create_default_context(cafile=bundle)


def _understood(status: int, body: bytes) -> Any:
    """What the index answered; raises what its refusal means."""
    if status in LATER:
        raise SearchUnavailable
    if status < 400:
        return orjson.loads(body)
    told: Any = None
    with suppress(ValueError):
        told = json.loads(body)
    error = told if isinstance(told, dict) else {}
    raise IndexRefused(str(error.get("code") or status), str(error.get("message", "")))
