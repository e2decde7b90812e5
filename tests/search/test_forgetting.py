"""A cache in front of search is told what to forget, by the event that makes it old."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from cri_search.forgetting import Front, tags_of
from cri_shared.events import Event
from cri_shared.events.publishing import ContactChanged, EntryArchived, EntryWithdrawn
from cri_shared.events.research import CountryChanged
from cri_shared.events.training import EditionCancelled
from cri_shared.testing.waiting import eventually

from tests.search.conftest import published
from tests.search.library import facts
from tests.search.test_listings import contact


class Cache:
    """A cache that answers what it is told to, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.answers = ["204 No Content"]
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        body = json.loads(await reader.readexactly(length))
        self.asked.append((body["tags"], "bearer secret" in head))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        writer.write(f"HTTP/1.1 {answer}\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@pytest.fixture
async def cache() -> AsyncIterator[Cache]:
    cache = Cache()
    server = await asyncio.start_server(cache.serve, "127.0.0.1", 0)
    cache.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/purge"
    async with server:
        yield cache


@pytest.mark.parametrize(
    ("event", "tags"),
    [
        (published(facts("insulin")), {"cri-lists", "cri-country-AM", "cri-entry-insulin"}),
        (EntryWithdrawn(entry_id="insulin", version=2), {"cri"}),
        (EntryArchived(entry_id="insulin", version=2), {"cri"}),
        (contact(), {"cri-lists", "cri-country-AM"}),
        (ContactChanged(contact_id="c-1", version=2), {"cri"}),
        (CountryChanged(country="AM", partner_state="none"), {"cri"}),
        (EditionCancelled(edition_id="ghent", version=2), {"cri-lists"}),
    ],
)
def test_an_event_makes_old_what_tells_of_it(event: Event, tags: set[str]) -> None:
    assert tags_of(event) == tags


async def test_it_is_told_again_until_it_answers(cache: Cache) -> None:
    cache.answers = ["503 Busy", "204 No Content"]
    front = Front(cache.url, "secret", pauses=(0.0, 0.0))
    front.forget({"cri-lists"})
    await eventually(lambda: len(cache.asked) == 2)
    assert cache.asked == [(["cri-lists"], True)] * 2
    await front.close()


async def test_without_a_cache_in_front_nothing_is_told() -> None:
    front = Front("", "")
    front.forget({"cri"})
    await front.close()
