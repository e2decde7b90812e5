"""One open connection to an HTTP server, asked one question after the other."""

import asyncio
from typing import cast

from httptools import HttpParserError, HttpResponseParser

Answer = tuple[int, bytes]  # status, body


class Line(asyncio.Protocol):
    """A connection; what `create_connection` makes. One question at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser: HttpResponseParser | None = None
        self._coming: asyncio.Future[Answer] | None = None
        self._body: list[bytes] = []

    @property
    def is_open(self) -> bool:
        """Whether it can be asked."""
        return self._transport is not None and not self._transport.is_closing()

    async def ask(self, question: bytes) -> Answer:
        """Send a whole request; gives the status and the whole body.

        Raises ConnectionError where the connection is lost, ValueError where what comes is no HTTP.
        """
        if self._transport is None or not self.is_open:
            raise ConnectionResetError
        self._coming = asyncio.get_running_loop().create_future()
        self._parser, self._body = HttpResponseParser(self), []
        self._transport.write(question)
        return await self._coming

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class

    def data_received(self, data: bytes) -> None:
        """Called by the event loop; what nobody asked for ends the connection."""
        if self._parser is None:
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except HttpParserError as wrong:
            self._end(ValueError(str(wrong)))
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the event loop."""
        self._end(ConnectionResetError())

    def on_body(self, body: bytes) -> None:
        """Called by the parser, for each piece."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """Called by the parser."""
        parser, self._parser = self._parser, None
        if parser is None or not parser.should_keep_alive():  # None: an answer to nothing
            self.close()
        if parser and self._coming and not self._coming.done():
            self._coming.set_result((parser.get_status_code(), b"".join(self._body)))

    def _end(self, trouble: Exception) -> None:
        self._parser = None
        if self._coming and not self._coming.done():
            self._coming.set_exception(trouble)
