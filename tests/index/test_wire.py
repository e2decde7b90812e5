"""Asking the index from the event loop: what is asked again, and what a refusal says."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
import uvloop
from cri_shared.index.port import IndexRefused, SearchUnavailable
from cri_shared.index.wire import MOST_AT_ONCE, Wire

FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\n{}"
LAST = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"
REFUSED = (
    b'HTTP/1.1 403 No\r\nContent-Length: 45\r\n\r\n{"code": "invalid_api_key", "message": "No."}'
)
NO_JSON = b"HTTP/1.1 404 No\r\nContent-Length: 3\r\n\r\n<p>"
NO_HTTP = b"SSH-2.0-OpenSSH_9.2\r\n\r\n"

Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Answers as it is told, the last word again and again; counts questions and connections."""

    def __init__(self, *answers: bytes) -> None:
        self._answers = list(answers)
        self.asked = self.connected = self.at_once = self.most_at_once = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connected += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(_length(head))
                self.asked += 1
                self.at_once += 1
                self.most_at_once = max(self.most_at_once, self.at_once)
                await asyncio.sleep(0)
                self.at_once -= 1
                answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
                writer.write(answer)
                if not answer or answer == LAST:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


def _length(head: bytes) -> int:
    named = head.lower().partition(b"content-length: ")[2]
    return int(named.partition(b"\r\n")[0] or 0)


@asynccontextmanager
async def asking(server: Answering, seconds: float = 5.0) -> AsyncIterator[Wire]:
    async with await asyncio.start_server(server, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        wire = Wire(f"http://127.0.0.1:{port}", "key", seconds)
        yield wire
        await wire.close()


async def test_one_connection_serves_many_questions() -> None:
    async with asking(server := Server(FINE)) as wire:
        for _ in range(3):
            assert await wire.post("search", {}) == {}
    assert (server.asked, server.connected) == (3, 1)


def test_it_asks_in_the_event_loop_that_services_run_in() -> None:
    async def ask() -> None:
        async with asking(server := Server(FINE)) as wire:
            assert [await wire.post("search", {}) for _ in range(2)] == [{}, {}]
        assert server.connected == 1

    uvloop.run(ask())


@pytest.mark.parametrize("answer", [LAST, CHUNKS])
async def test_answers_come_in_every_form_of_http(answer: bytes) -> None:
    async with asking(Server(answer)) as wire:
        assert [await wire.post("search", {}) for _ in range(2)] == [{}, {}]


@pytest.mark.parametrize("first", [BUSY, b""])
async def test_what_failed_once_is_asked_again(first: bytes) -> None:
    async with asking(server := Server(first, FINE)) as wire:
        assert await wire.post("search", {}) == {}
    assert server.asked == 2


async def test_who_is_silent_is_not_asked_again() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connected
        connected += 1
        await reader.read()
        writer.close()

    connected = 0
    with pytest.raises(SearchUnavailable):
        async with asking(silent, seconds=0.05) as wire:
            await wire.post("search", {})
    assert connected == 1


@pytest.mark.parametrize(("answer", "code"), [(REFUSED, "invalid_api_key"), (NO_JSON, "404")])
async def test_a_refusal_says_why_and_is_not_repeated(answer: bytes, code: str) -> None:
    async with asking(server := Server(answer)) as wire:
        with pytest.raises(IndexRefused) as refused:
            await wire.post("search", {})
    assert refused.value.code == code
    assert server.asked == 1


async def test_what_is_no_http_is_no_answer() -> None:
    async with asking(Server(NO_HTTP)) as wire:
        with pytest.raises(SearchUnavailable):
            await wire.get("health")


async def test_a_crowd_shares_a_few_connections() -> None:
    async with asking(server := Server(FINE)) as wire:
        await asyncio.gather(*(wire.post("search", {}) for _ in range(50)))
    assert server.asked == 50
    assert server.most_at_once <= server.connected <= MOST_AT_ONCE


async def test_what_the_index_hung_up_on_is_not_asked_again() -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connected
        connected += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(FINE)
        writer.close()

    connected = 0
    async with asking(once) as wire:
        for _ in range(3):  # asked once each: `get` does not try again
            assert await wire.get("health") == {}
    assert connected == 3


async def test_an_answer_that_comes_too_late_is_nobodys() -> None:
    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connected
        connected += 1
        mine = connected
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                if mine == 1:
                    await given_up.wait()
                body = b"%d" % mine
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        writer.close()

    connected, given_up = 0, asyncio.Event()
    async with asking(late, seconds=0.1) as wire:
        with pytest.raises(SearchUnavailable):
            await wire.get("health")
        given_up.set()
        assert await wire.get("health") == 2


async def test_what_nobody_asked_for_ends_the_connection() -> None:
    async def talking(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connected
        connected += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(FINE + FINE)
        ended.set() if await reader.read() == b"" else None
        writer.close()

    connected, ended = 0, asyncio.Event()
    async with asking(talking) as wire:
        assert await wire.get("health") == {}
        await asyncio.wait_for(ended.wait(), 5)
        assert await wire.get("health") == {}
    assert connected == 2


async def test_the_index_may_be_behind_a_path() -> None:
    async def told(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(LAST)
        writer.close()

    asked: list[bytes] = []
    async with await asyncio.start_server(told, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        wire = Wire(f"http://127.0.0.1:{port}/meili/", "key", 5.0)
        assert await wire.get("health") == {}
    first, host, key, *_ = asked[0].decode().split("\r\n")
    assert first == "GET /meili/health HTTP/1.1"
    assert (host, key) == (f"Host: 127.0.0.1:{port}", "Authorization: Bearer key")
