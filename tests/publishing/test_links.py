"""Cited web pages: looked at in their turn, compared by their words, and left so by editors."""

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cri_publishing.actions.visitor import Visitor
from cri_publishing.models import Link
from cri_publishing.queries import links
from cri_publishing.rules.snapshots import snapshot
from cri_shared import clock
from cri_shared.testing.services import make_tables
from sqlalchemy import select

from tests.publishing.conftest import TODAY, Founded, Publishing, started

PAGE = "<html><head><title>x</title></head><body><p>Insulin costs 4,000 dram.</p>{}</body></html>"


@dataclass
class Ministry:
    """A server of somebody else, on which pages change and disappear."""

    pages: dict[str, tuple[int, str]] = field(default_factory=dict)  # a status, words or a place
    asked: list[str] = field(default_factory=list)
    port: int = 0

    def url(self, path: str = "/list") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@pytest.fixture(scope="module")
def server() -> Iterator[Ministry]:
    with serving() as known:
        yield known


@pytest.fixture
def ministry(server: Ministry) -> Ministry:
    server.pages, server.asked = {"/list": (200, PAGE.format(""))}, []
    return server


@contextmanager
def serving() -> Iterator[Ministry]:
    known = Ministry()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known.asked.append(self.path)
            status, words = known.pages.get(self.path, (404, ""))
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            if status in (301, 302):
                self.send_header("Location", words)
            self.end_headers()
            self.wfile.write(words.encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    house = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known.port = house.server_address[1]
    Thread(target=house.serve_forever, daemon=True).start()
    try:
        yield known
    finally:
        house.shutdown()
        house.server_close()


@pytest.fixture
async def desk(tmp_path: Path, founded: Founded, database_url: str) -> AsyncIterator[Publishing]:
    """A publishing on each database that may visit this machine."""
    told: dict[str, Any] = {"link_networks": "127.0.0.0/8"}
    if not database_url.startswith("sqlite"):
        make_tables("cri_publishing", database_url)
        told["database_url"] = database_url
    async with started(tmp_path, founded, **told) as one:
        yield one


def citing(url: str) -> list[dict[str, Any]]:
    days = {"consulted_on": "2026-11-10", "published_on": "2026-11-01"}
    return [
        {"kind": "web", "label": "Ministry of health", "url": url, **days},
        {"kind": "visit", "label": "Three pharmacies", "consulted_on": "2026-11-10"},
    ]


async def visited(desk: Publishing, days: float = 1) -> list[Link]:
    """Every link as it stands some days later, when all whose time had come were looked at."""
    with clock.frozen(TODAY + dt.timedelta(days=days)):
        visitor = Visitor(desk.rig)
        async with desk.rig.service.database.writing() as work:
            await visitor.look(work)
        await visitor.arrived()
    async with desk.rig.service.database.reading() as session:
        return list((await session.execute(select(Link).order_by(Link.url))).scalars())


async def shown(desk: Publishing, view: str) -> str:
    return (await desk.client.get(f"/console/links?view={view}")).text


async def press(desk: Publishing, link: Link, what: str) -> int:
    staff = await desk.be("Leen D.")
    form = {"csrf": staff.csrf}
    return (await desk.client.post(f"/console/links/{link.link_id}/{what}", data=form)).status_code


async def test_a_page_is_kept_as_a_number_and_its_end_is_a_task(
    desk: Publishing, ministry: Ministry
) -> None:
    entry_id = await desk.published(sources=citing(ministry.url()))
    (link,) = await visited(desk)
    assert (link.state, link.status) == ("good", 200)
    assert link.snapshot == snapshot(PAGE.format("").encode(), "text/html")
    assert link.snapshot_on == (TODAY + dt.timedelta(days=1)).date()
    assert str(link.snapshot)[:12] in await shown(desk, "good")
    (link,) = await visited(desk, 2)
    assert len(ministry.asked) == 1, "not before its time"
    ministry.pages = {}
    assert "<progress" not in await shown(desk, "good")
    with clock.frozen(TODAY + dt.timedelta(days=9)):
        await desk.be("Leen D.")
        assert '<progress max="1" value="0"></progress>' in await shown(desk, "good")
    (link,) = await visited(desk, 9)
    assert link.state == "failing", "once may be chance"
    (link,) = await visited(desk, 11)
    assert (link.state, link.status) == ("gone", 404)
    assert ministry.url() in await shown(desk, "gone")
    assert "the page is gone" in (await desk.get(f"/{entry_id}")).text
    assert await press(desk, link, "seen") == 303
    assert await press(desk, link, "seen") == 303
    assert ministry.url() not in await shown(desk, "gone")
    assert ministry.url() in await shown(desk, "known")


async def test_other_words_are_told_and_taken_over_by_an_editor(
    desk: Publishing, ministry: Ministry
) -> None:
    await desk.published(sources=citing(ministry.url()))
    await visited(desk)
    ministry.pages["/list"] = (200, PAGE.format("<script>var visit = 2</script>\n"))
    (link,) = await visited(desk, 9)
    assert link.state == "good", "what no reader sees does not count"
    ministry.pages["/list"] = (200, PAGE.format("<p>No longer sold.</p>"))
    (link,) = await visited(desk, 17)
    assert link.state == "changed"
    assert str(link.latest)[:12] in await shown(desk, "changed")
    await press(desk, link, "seen")
    (link,) = await visited(desk, 18)
    assert (link.state, link.snapshot) == ("good", link.latest)


async def test_redirects_are_followed_but_nothing_leads_into_the_house(
    desk: Publishing, ministry: Ministry
) -> None:
    ministry.pages |= {"/old": (301, "/list"), "/in": (302, "http://10.0.0.1/secret")}
    ministry.pages |= {"/round": (302, "/round")}
    for path in ("/old", "/in", "/round"):
        await desk.published(sources=citing(ministry.url(path)))
    inside, old, around = await visited(desk)
    assert (old.state, old.status) == ("good", 200)
    assert (inside.state, inside.trouble) == ("failing", "no-address")
    assert (around.state, around.trouble) == ("failing", "no-end")


async def test_only_what_readers_see_is_visited(desk: Publishing, ministry: Ministry) -> None:
    await desk.draft(sources=citing(ministry.url("/draft")))
    entry_id = await desk.published(sources=citing(ministry.url()))
    await desk.post(f"{entry_id}/withdraw", reason="wrong")
    assert await visited(desk) == []
    assert ministry.asked == []


async def test_without_leave_no_private_address_is_called(
    publishing: Publishing, ministry: Ministry
) -> None:
    await publishing.published(sources=citing(ministry.url()))
    (link,) = await visited(publishing)
    assert (link.state, link.trouble, ministry.asked) == ("failing", "no-address", [])
    await press(publishing, link, "again")
    (link,) = await visited(publishing, 1.1)
    assert link.state == "gone"


async def test_a_view_goes_on_where_its_last_page_ended(desk: Publishing) -> None:
    urls = [f"https://example.org/{n % 3}/{n:03}" for n in range(2 * links.PAGE + 7)]
    entry_id = await desk.published()
    async with desk.rig.service.database.writing() as work:
        work.session.add_all(Link(entry_id=entry_id, url=url) for url in urls)
        work.session.add(
            Link(entry_id=entry_id, url="https://example.org/1/x", known_on=TODAY.date())
        )
    seen: list[str] = []
    after: str | None = None
    while not seen or after:
        async with desk.rig.service.database.reading() as session:
            rows, after = await links.page_of(session, "new", after)
        seen += [row.link.url for row in rows]
    assert seen == sorted(urls)
