"""Asking the index from the event loop: open connections, no thread, retries.

The package's way, a thread and requests, took some 2 ms of CPU for a search; this takes a tenth.
"""

import asyncio
import json
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, cast
from urllib.parse import urlsplit

import httptools
from pydantic_core import from_json

from cri_shared.index.port import IndexRefused, SearchUnavailable

# Statuses that say "later": time-outs, too many searches, restarts.
LATER = frozenset({408, 429, 500, 502, 503, 504})
PAUSES = (0.05, 0.25)
MOST_AT_ONCE = 8  # the engine answers one after the other anyway


class _BrokenOff(Exception):
    """The connection ended, or what came was no HTTP."""


class _Connection(asyncio.Protocol):
    """One open connection, for one question at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._pieces: list[bytes] = []
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self.reusable = True

    async def ask(self, question: bytes) -> tuple[int, bytes]:
        """(status, body) of the answer; raises `_BrokenOff`."""
        if self._transport is None or self._transport.is_closing():
            raise _BrokenOff
        self._pieces = []
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(question)
        return await self._answer

    def close(self) -> None:
        """Hang up."""
        self.reusable = False
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The loop's call: connected."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """The loop's call: a part of the answer."""
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.connection_lost(None)

    def connection_lost(self, trouble: Exception | None) -> None:
        """The loop's call: the other side has hung up."""
        self.close()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(_BrokenOff())

    def on_body(self, piece: bytes) -> None:
        """The parser's call: a part of the body."""
        self._pieces.append(piece)

    def on_message_complete(self) -> None:
        """The parser's call: the answer is whole."""
        self.reusable = self.reusable and self._parser.should_keep_alive()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((self._parser.get_status_code(), b"".join(self._pieces)))


class Wire:
    """Questions to one server with one key; `seconds` bounds each of them.

    Every question raises SearchUnavailable when trying again later may help, IndexRefused when not.
    """

    def __init__(self, url: str, key: str, seconds: float) -> None:
        parts = urlsplit(url)
        self._host, self._secure = parts.hostname or "", parts.scheme == "https"
        self._port = parts.port or (443 if self._secure else 80)
        self._path = parts.path.rstrip("/")
        self._head = f"Host: {parts.netloc.rpartition('@')[2]}\r\nAuthorization: Bearer {key}\r\n"
        self._seconds = seconds
        self._idle: list[_Connection] = []
        self._places = asyncio.Semaphore(MOST_AT_ONCE)

    async def get(self, path: str) -> Any:
        """The JSON at a path; asked once."""
        return await self._ask(f"GET {self._path}/{path} HTTP/1.1\r\n{self._head}\r\n".encode())

    async def post(self, path: str, body: Any) -> Any:
        """The JSON answer to a question that does no harm when it arrives twice."""
        content = json.dumps(body, separators=(",", ":")).encode()
        head = (
            f"POST {self._path}/{path} HTTP/1.1\r\n{self._head}Content-Type: application/json\r\n"
        )
        question = f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content
        for pause in PAUSES:
            try:
                return await self._ask(question)
            except SearchUnavailable as unavailable:
                # Who waited for an answer in vain would only wait twice as long.
                if isinstance(unavailable.__cause__, TimeoutError):
                    raise
                await asyncio.sleep(pause)
        return await self._ask(question)

    async def close(self) -> None:
        """Hang up; whoever asks after this connects anew."""
        while self._idle:
            self._idle.pop().close()

    async def _ask(self, question: bytes) -> Any:
        async with self._places:
            try:
                async with asyncio.timeout(self._seconds), self._connection() as connection:
                    status, body = await connection.ask(question)
                return _answer(status, body)
            except (OSError, _BrokenOff, ValueError) as trouble:  # TimeoutError is an OSError
                raise SearchUnavailable from trouble

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[_Connection]:
        """An open connection; it stays open where the answer came whole."""
        while self._idle and not self._idle[-1].reusable:
            self._idle.pop()
        connection = self._idle.pop() if self._idle else await self._connected()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        if connection.reusable:
            self._idle.append(connection)
        else:
            connection.close()

    async def _connected(self) -> _Connection:
        loop, context = asyncio.get_running_loop(), _trust() if self._secure else None
        _, made = await loop.create_connection(_Connection, self._host, self._port, ssl=context)
        return made


def _trust() -> ssl.SSLContext:
    """Whom to believe: whom the package believes that writes the index."""
    from requests.utils import DEFAULT_CA_BUNDLE_PATH  # not held where the index is next door

    bundle = os.environ.get("REQUESTS_CA_BUNDLE") or DEFAULT_CA_BUNDLE_PATH
    if os.path.isdir(bundle):
        return ssl.create_default_context(capath=bundle)
    return ssl.create_default_context(cafile=bundle)


def _answer(status: int, body: bytes) -> Any:
    if status in LATER:
        raise SearchUnavailable
    if status < 400:
        return from_json(body)
    told: Any = None
    with suppress(ValueError):
        told = json.loads(body)
    error = told if isinstance(told, dict) else {}
    raise IndexRefused(str(error.get("code") or status), str(error.get("message", "")))
