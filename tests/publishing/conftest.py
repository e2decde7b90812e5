"""A started publishing with two editors, an index that only remembers, and answers to draft."""

import asyncio
import datetime as dt
import html
import itertools
import re
import shutil
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from cri_publishing.app import create_app
from cri_publishing.models import Entry, Question, Version
from cri_publishing.rig import Rig
from cri_publishing.settings import Settings
from cri_shared import clock
from cri_shared.events.research import AnswerApproved
from cri_shared.identity.staff import Staff
from cri_shared.index.comparison import Comparison
from cri_shared.index.documents import EntryDocument
from cri_shared.index.port import ChangedSince, Page, Query, SearchUnavailable
from cri_shared.testing.events import deliver
from cri_shared.testing.identity import sign_in
from cri_shared.testing.services import make_tables, settings_for
from cri_shared.testing.web import running
from fastapi import FastAPI
from sqlalchemy import select

TODAY = dt.datetime(2026, 11, 25, 10, tzinfo=dt.UTC)
_numbers = itertools.count(1)


class RememberedIndex:
    """A SearchIndex that only remembers, and can be away."""

    def __init__(self) -> None:
        self.documents: dict[str, EntryDocument] = {}
        self.away = False
        self.ensured = 0

    def _answer(self) -> None:
        if self.away:
            raise SearchUnavailable

    async def ensure(self) -> None:
        self._answer()
        self.ensured += 1

    async def put(self, documents: Iterable[EntryDocument]) -> None:
        self._answer()
        self.documents |= {document["id"]: document for document in documents}

    async def delete(self, ids: Iterable[str]) -> None:
        self._answer()
        for one in ids:
            self.documents.pop(one, None)

    async def delete_entry(self, entry_id: str) -> None:
        self._answer()
        self.documents = {k: d for k, d in self.documents.items() if d["entry_id"] != entry_id}

    async def search(self, query: Query) -> Page:
        raise NotImplementedError

    async def rebuild(
        self, documents: AsyncIterable[EntryDocument], changed_since: ChangedSince
    ) -> int:
        raise NotImplementedError

    async def compare(
        self, documents: AsyncIterable[EntryDocument], changed_since: ChangedSince
    ) -> Comparison:
        raise NotImplementedError

    async def count(self) -> int:
        return len(self.documents)

    async def available(self) -> bool:
        return not self.away

    async def close(self) -> None:
        return None


def approved(**changed: Any) -> AnswerApproved:
    """An answer that research approved, with changes."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "research_id": f"00000000-0000-4000-8000-{number:012d}",
        "question": "Are both insulin types available in Gyumri, and at what price each month?",
        "question_language": "en",
        "country": "AM",
        "region": "Shirak",
        "topics": ["health.medication"],
        "sensitivity": "green",
        "outcome": "found",
        "text": "Both insulin types were in stock in two of three pharmacies in March 2026.",
        "language": "en",
        "information_date": dt.date(2026, 11, 10),
        "sources": [
            {"kind": "visit", "label": "Three pharmacies", "consulted_on": "2026-11-10"},
            {"kind": "interview", "label": "Health worker", "consulted_on": "2026-11-09"},
        ],
        "approved_on": dt.date(2026, 11, 14),
    }
    return AnswerApproved.model_validate(values | changed)


def marked_public(page: str) -> dict[str, str]:
    """Every name and contact that an entry's page asks about, for the first reason it offers."""
    fields: dict[str, str] = dict(re.findall(r'name="(marks_\w+)" value="([^"]+)"', page))
    for name, options in re.findall(r'name="(keep_\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        fields[name] = re.findall(r'value="(\w+)"', options)[0]
    return fields


@dataclass
class Publishing:
    """A started publishing; `client` is whoever is signed in last."""

    app: FastAPI
    client: httpx.AsyncClient
    directory: Path
    index: RememberedIndex
    people: dict[str, tuple[Staff, str]] = field(default_factory=dict)
    who: str = ""

    @property
    def rig(self) -> Rig:
        rig: Rig = self.app.state.rig
        return rig

    async def be(self, name: str, *roles: str) -> Staff:
        """Let somebody sit at the console; a new person signs in first (an editor by default).

        So does somebody whose session time has ended.
        """
        cookie = self.rig.settings.cookie_name
        known = self.people.get(name)
        if known and await self.rig.service.identity.whoever(known[1]) is None:
            roles = roles or tuple(known[0].roles)
            del self.people[name]
        if name not in self.people:
            self.client.cookies.clear()
            staff = await sign_in(self.client, self.app, *(roles or ("editor",)), name=name)
            self.people[name] = (staff, self.client.cookies[cookie])
        staff, session = self.people[name]
        self.client.cookies.clear()
        self.client.cookies.set(cookie, session)
        self.who = name
        return staff

    async def post(self, path: str, **form: Any) -> httpx.Response:
        """Post a form as whoever is signed in."""
        staff, _ = self.people[self.who]
        if self.client.cookies:
            staff = await self.be(self.who)
        return await self.client.post(f"/console/entries/{path}", data={"csrf": staff.csrf} | form)

    async def get(self, path: str) -> httpx.Response:
        """Read a page as whoever is signed in, or as a stranger."""
        if self.client.cookies:
            await self.be(self.who)
        return await self.client.get(f"/console/entries{path}")

    async def hear(self, event: Any) -> None:
        await deliver(self.rig.service, event)

    async def draft(self, **changed: Any) -> str:
        """A new answer arrives; the id of the entry that is drafted from it."""
        answer = approved(**changed)
        await self.hear(answer)
        return await self.entry_of(answer.research_id)

    async def entry_of(self, research_id: str) -> str:
        question = await self.question(research_id)
        assert question is not None
        assert question.entry_id is not None
        return question.entry_id

    async def question(self, research_id: str) -> Question | None:
        async with self.rig.service.database.reading() as session:
            return await session.get(Question, research_id)

    async def entry(self, entry_id: str) -> Entry:
        async with self.rig.service.database.reading() as session:
            found = await session.get(Entry, entry_id)
        assert found is not None
        return found

    async def versions(self, entry_id: str) -> list[Version]:
        async with self.rig.service.database.reading() as session:
            rows = select(Version).where(Version.entry_id == entry_id).order_by(Version.number)
            return list((await session.execute(rows)).scalars())

    async def form(self, entry_id: str, path: str = "edit") -> dict[str, str]:
        """What the form of a page is filled in with."""
        page = await self.get(f"/{entry_id}/{path}")
        assert page.status_code == 200, page.status_code
        return filled_in(main_of(page.text))

    async def save(self, entry_id: str, **changed: Any) -> httpx.Response:
        """Save the editor's form with changes."""
        return await self.post(f"{entry_id}/edit", **(await self.form(entry_id) | changed))

    async def submit(self, entry_id: str, **form: Any) -> httpx.Response:
        version = (await self.versions(entry_id))[-1]
        return await self.post(f"{entry_id}/submit", edition=version.edition, **form)

    async def approve(self, entry_id: str) -> httpx.Response:
        """Stand for the text as it is now."""
        version = (await self.versions(entry_id))[-1]
        return await self.post(f"{entry_id}/approve", edition=version.edition)

    async def publish(self, entry_id: str, **changed: Any) -> None:
        """The whole way of a draft, by two people, without waiting."""
        await self.be("Leen D.")
        saved = await self.save(entry_id, **{"embargo_days": 0} | changed)
        assert saved.status_code == 303, saved.text
        marks = marked_public((await self.get(f"/{entry_id}")).text)
        sent = await self.submit(entry_id, reason="Nothing here tells who asked", **marks)
        assert sent.status_code == 303, sent.text
        await self.be("Karim B.")
        assert (await self.approve(entry_id)).status_code == 303

    async def published(self, **changed: Any) -> str:
        """A new entry that readers see."""
        entry_id = await self.draft(**changed)
        await self.publish(entry_id)
        return entry_id

    async def time(self) -> None:
        """Let everything happen that is due."""
        await self.rig.service.clockwork.do_duties(all_now=True)
        while await self.rig.service.clockwork.do_jobs():
            pass


@dataclass(frozen=True)
class Founded:
    """What every test starts from."""

    settings: Settings
    directory: Path
    people: dict[str, tuple[Staff, str]]


def main_of(page: str) -> str:
    """The part of a page that is about its matter."""
    return page[page.index('<main id="main"') : page.index("</main>")]


def filled_in(main: str) -> dict[str, str]:
    """The values of the fields in a part of a page, as a browser would send them."""
    values: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", main):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        ticked = ("checkbox" not in tag and "radio" not in tag) or " checked" in tag
        if name and ticked:
            values[name[1]] = html.unescape(value[1]) if value else ""
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', main, re.S):
        values[name] = html.unescape(text)
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', main, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        first = re.search(r'value="([^"]*)"', options)
        found = chosen or first
        values[name] = found[1] if found else ""
    return values


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Founded:
    """What every test starts from, made once."""
    return founded_under(tmp_path_factory.mktemp("founded"))


def founded_under(directory: Path) -> Founded:
    """A directory with keys, migrated databases and three editors, to be copied by each test."""
    settings = settings_for(Settings, directory)

    async def found() -> dict[str, tuple[Staff, str]]:
        with clock.frozen(TODAY):
            async with running(create_app(settings)) as client:
                app = client._transport.app  # type: ignore[attr-defined]
                started = Publishing(app, client, directory, RememberedIndex())
                for name in ("Sofie V.", "Karim B.", "Leen D."):
                    await started.be(name)
                return started.people

    return Founded(settings, directory, asyncio.run(found()))


@pytest.fixture
async def publishing(tmp_path: Path, founded: Founded) -> AsyncIterator[Publishing]:
    async with started(tmp_path, founded) as one:
        yield one


@pytest.fixture
async def on_each_database(
    tmp_path: Path, founded: Founded, database_url: str
) -> AsyncIterator[Publishing]:
    async with started(tmp_path, founded, **on_database(database_url)) as one:
        yield one


def on_database(url: str) -> dict[str, str]:
    """What `started` is told to use a database with its tables; SQLite it has as it was founded."""
    if url.startswith("sqlite"):
        return {}
    make_tables("cri_publishing", url)
    return {"database_url": url}


@asynccontextmanager
async def started(directory: Path, founded: Founded, **more: Any) -> AsyncIterator[Publishing]:
    """A publishing of its own at noon of a fixed day, with Leen at the console."""
    own = directory / "own"
    shutil.copytree(founded.directory, own)
    values = founded.settings.model_dump()
    for name, value in values.items():
        if isinstance(value, str | Path):
            moved = str(value).replace(str(founded.directory), str(own))
            values[name] = Path(moved) if isinstance(value, Path) else moved
    app = create_app(Settings(**(values | more)))
    index = RememberedIndex()
    if "index_url" not in more:
        app.state.rig.index = index
    with clock.frozen(TODAY):
        async with running(app) as client:
            one = Publishing(app, client, own, index, dict(founded.people))
            await one.be("Leen D.")
            yield one
