"""The life of public entries: three editors with pages open since some time, answers, a clock."""

import atexit
import datetime as dt
import re
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import httpx
from cri_publishing.models import Version
from cri_shared import clock
from cri_shared.events.publishing import EntryPublished, EntryRevised, RefreshRequested
from cri_shared.identity.models import Session
from cri_shared.testing.events import emitted
from hypothesis.stateful import initialize, invariant, rule
from sqlalchemy import update

from tests.publishing.conftest import (
    TODAY,
    Founded,
    approved,
    filled_in,
    founded_under,
    main_of,
    marked_public,
    started,
)
from tests.security.lives.running import CHANCES, Life, fields_of, marks_in

PEOPLE = ("Leen D.", "Karim B.", "Sofie V.")
WRITERS = PEOPLE[:2]  # who writes may not approve, and somebody must
FRESH = 0.35  # of the pages
MONTH = dt.timedelta(days=31)
# How often each is tried, where the page that somebody has open offers it.
FORMS = {
    **{"submit": 6, "approve": 12, "return": 2, "take-back": 2, "lift": 4, "discard": 1},
    **{"revise": 6, "renew": 3, "use": 3, "refresh": 3, "archive": 1},
}
WRITING = ("write", "write", "write and wait", "translate")
ELSEWHERE = ("a partner answers", "time")
SELDOM = 0.08  # something happens elsewhere
OLD = 8  # times a page that was left open is tried, where there is one
TOLD = {"comment": "Say it shorter.", "reason": "Many wait for it."}
TEXT = "Both insulin types were in stock in two of three pharmacies in March 2026. They say {}."


@dataclass(frozen=True)
class Opened:
    """A page that somebody has before them, as it was when it was loaded."""

    text: str
    marks: frozenset[str]


@cache
def founded() -> Founded:
    """What every life begins with, made once."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    return founded_under(Path(folder.name))


class EntryLife(Life):
    """No text is public but what another editor than its writers read and approved."""

    @initialize(chance=CHANCES)
    def begin(self, chance: Random) -> None:
        self.chance = chance
        self.now = TODAY
        self.desk = self.enter(started(self.folder, founded()))
        self.browsers = {who: self.enter(self._browser(who)) for who in PEOPLE}
        self.writer: dict[str, str] = {}
        self.public: frozenset[str] = frozenset()
        self.left: set[tuple[str, int]] = set()
        self.run(self._draft())

    @asynccontextmanager
    async def _browser(self, who: str) -> AsyncIterator[httpx.AsyncClient]:
        """Somebody's own browser, signed in."""
        _, session = self.desk.people[who]
        transport = httpx.ASGITransport(app=self.desk.app, raise_app_exceptions=False)
        cookies = {self.desk.rig.settings.cookie_name: session}
        base = f"{self.desk.rig.settings.public_url}/console/entries"
        async with httpx.AsyncClient(
            transport=transport, base_url=base, cookies=cookies
        ) as browser:
            yield browser

    async def _get(self, who: str, path: str = "") -> httpx.Response:
        with clock.frozen(self.now):
            return await self.browsers[who].get(f"/{self.entry_id}{path}")

    async def _draft(self) -> None:
        """An answer comes, from which an entry is drafted; all pages are closed."""
        self.opened: dict[str, Opened] = {}
        self.kept: dict[str, Opened] = {}
        self.forms: dict[str, dict[str, str]] = {}
        self.vouched: tuple[str, frozenset[str]] | None = None
        day, text = clock.belgian(self.now).date(), TEXT.format(self.mark())
        with clock.frozen(self.now):
            self.entry_id = await self.desk.draft(text=text, information_date=day, approved_on=day)

    async def _version(self) -> Version | None:
        found = await self.desk.versions(self.entry_id)
        return found[-1] if found else None

    async def _post(self, who: str, path: str, **fields: Any) -> bool:
        """Send a form; whether it was taken, which its state tells and not its status."""
        before = await self._version()
        staff, _ = self.desk.people[who]
        with clock.frozen(self.now):
            form = {"csrf": staff.csrf} | fields
            await self.browsers[who].post(f"/{self.entry_id}/{path}", data=form)
        after = await self._version()
        taken = (before and (before.number, before.state, before.edition)) != (
            after and (after.number, after.state, after.edition)
        )
        if after is None or after.state in ("draft", "in_review"):
            self.vouched = None
        return taken

    async def _post_opened(self, who: str, path: str) -> bool:
        """Send a form of the page that somebody has open, however old it is."""
        opened = self.opened[who]
        marked = marked_public(opened.text) if path == "submit" else {}
        form = fields_of(opened.text, path) or {}
        if not await self._post(who, path, **(form | marked | TOLD)):
            del self.opened[who]  # whoever is refused loads the page again
            return False
        if path == "approve":
            self.vouched = (who, opened.marks)
            version = await self._version()
            text = await self._get(who, f"/versions/{version.number if version else 0}")
            assert marks_in(text.text) <= opened.marks, f"{who} approved what was not on the page"
        if path == "discard" and await self._version() is None:
            await self._draft()
        return True

    @rule()
    def something_happens(self) -> None:
        """Somebody sends a form, of a page that is fresh or was opened some time ago."""
        who, fresh = self.chance.choice(PEOPLE), self.chance.random() < FRESH
        if fresh or who not in self.opened:
            self.run(self._look(who))
        opened = self.opened[who]
        offered = [path for path in FORMS if fields_of(opened.text, path) is not None]
        weighted: Sequence[str] = [path for path in offered for _ in range(FORMS[path])]
        if "approve" in offered and who in self.kept:
            weighted = [*weighted, *["approve on an old page"] * OLD]
        if '/edit"' in opened.text and who in WRITERS:
            weighted = [*weighted, *WRITING]
        if self.chance.random() < SELDOM:
            weighted = ELSEWHERE
        match what := self.chance.choice(weighted):
            case "time":
                self.step(self._time_passes())
            case "a partner answers":
                self.step(self._hear())
            case "write" | "write and wait":
                self.step(self._write(who, 30 if "wait" in what else 0, fresh))
            case "translate":
                self.step(self._translate(who))
            case "approve on an old page":
                self.step(self._approve_late(who))
            case _:
                self.step(self._post_opened(who, what))

    async def _look(self, who: str) -> None:
        """Load the entry's page; who may approve the text reads the whole of it beside."""
        text = page = (await self._get(who)).text
        if whole := re.search(r'href="[^"]*(/versions/\d+)">Read the whole', page):
            text += (await self._get(who, whole[1])).text
        self.opened[who] = Opened(page, marks_in(text))
        if fields_of(page, "approve") is not None:
            self.kept.setdefault(who, self.opened[who])

    async def _approve_late(self, who: str) -> bool:
        """Somebody finds a page that they left open when the text was in review before."""
        self.opened[who] = self.kept.pop(who)
        return await self._post_opened(who, "approve")

    async def _write(self, who: str, wait: int, fresh: bool) -> bool:
        if fresh or who not in self.forms:
            page = await self._get(who, "/edit")
            if page.status_code != httpx.codes.OK:
                return False
            self.forms[who] = filled_in(main_of(page.text))
        word = self._word_of(who)
        changed = {
            "answer": TEXT.format(word),
            "embargo_days": wait,
            "change_note": "Prices are new.",
        }
        return await self._post(who, "edit", **(self.forms.pop(who) | changed))

    async def _translate(self, who: str) -> bool:
        version, word = await self._version(), self._word_of(who)
        fields = {
            "edition": version.edition if version else 1,
            "question": "Is er insuline in de regio Shirak, en wat kost het elke maand?",
            "answer": f"Beide soorten waren er in maart 2026. Ze zeggen {word}.",
            "do": "save",
        }
        return await self._post(who, "languages/nl", **fields)

    def _word_of(self, who: str) -> str:
        word = self.mark()
        self.writer[word] = who
        return word

    async def _hear(self) -> bool:
        """A partner answers what was asked again, if it was."""
        asked = await emitted(self.desk.rig.service, RefreshRequested)
        if not asked or asked[-1].entry_id != self.entry_id:
            return False
        day, text = clock.belgian(self.now).date(), TEXT.format(self.mark())
        dates = {"information_date": day, "approved_on": day}
        about = {"research_id": asked[-1].research_id, "entry_id": self.entry_id}
        with clock.frozen(self.now):
            await self.desk.hear(approved(text=text, **about, **dates))
        return True

    async def _time_passes(self) -> bool:
        self.now += MONTH
        identity = self.desk.rig.service.identity
        async with identity._writing() as session:  # all are signed in again, at no cost
            await session.execute(update(Session).values(seen_at=self.now, created_at=self.now))
        with clock.frozen(self.now):
            await self.desk.time()
        return True

    @invariant()
    def only_what_was_approved_is_public(self) -> None:
        if hasattr(self, "entry_id"):
            self.run(self._look_at_what_left())

    async def _look_at_what_left(self) -> None:
        service = self.desk.rig.service
        for event in (
            *await emitted(service, EntryPublished),
            *await emitted(service, EntryRevised),
        ):
            if (event.entry_id, event.entry.version) not in self.left:
                self.left.add((event.entry_id, event.entry.version))
                self._look_at(event)
        shown = {mark for one in self.desk.index.documents.values() for mark in marks_in(str(one))}
        assert shown <= self.public, "the index knows more"

    def _look_at(self, event: EntryPublished | EntryRevised) -> None:
        """Whoever stands for a new public text read all of it, and wrote nothing of it."""
        self.tally.left += 1
        told = marks_in(event.model_dump_json())
        new = told - self.public
        vouched = self.vouched
        assert vouched is not None, f"version {event.entry.version} is public without approval"
        who, read = vouched
        assert new <= read, f"{who} approved what was not on the page"
        assert who not in {self.writer.get(mark) for mark in new}, f"{who} approved their own text"
        self.public |= told
