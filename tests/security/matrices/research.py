"""The doors of research: a partner's link, code and PIN, and the page that they open."""

import datetime as dt
import itertools
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cri_research.actions.links import ALPHABET
from cri_research.models import Assignment
from cri_research.pages.task import CLOSED, CLOSED_KEPT, COOKIE, NOTHING_OPENS, PAGE_LIFE_SECONDS
from cri_research.rules.deadlines import LINK_DAYS, MAX_EXCHANGES, SESSION
from cri_shared import clock
from cri_shared.identity.secrets import new_token
from fastapi import FastAPI
from sqlalchemy import select

from tests.research.conftest import TEXT, Letter, Phone, Research, good_answer, started
from tests.security.matrices.doors import Door, Key, Says, Way, Where, browser
from tests.security.suites.roles import AT

NORMAL, QUIET = ("AM", "CD", "MA", "AL", "GN", "CM", "TG", "MN"), ("GE", "UA")
NOTHING = Says(422, NOTHING_OPENS)
OPEN = Says(303, to="/en/partner")
THE_DOOR = Says(200, "Open your page")
WRONG_PIN = Says(422, "This is not the PIN.")
STEPS: dict[str, dict[str, Any]] = {
    "accept": {},
    "decline": {"decline_reason": "no_capacity"},
    "problem": {"problem": "unclear"},
    "ask": {"ask_text": "Is it about a child?"},
    "time": {"until": "2027-01-15"},
    "answer": {},
}


def _code() -> str:
    return (ALPHABET * 2)[7:17]


DOORS = (
    *(
        Door(
            "POST /{lang}/partner/open",
            kind,
            Where.FIELD,
            kind,
            opens=OPEN,
            refuses=NOTHING,
            again=frozenset({Way.REPLAYED, Way.ANOTHERS}),
            alike=frozenset({f"older {kind}", f"worn-out {kind}"}),
            unknown=unknown,
        )
        for kind, unknown in (("token", new_token), ("code", _code))
    ),
    Door(
        "POST /{lang}/partner/pin",
        "pin",
        Where.FIELD,
        "pin",
        opens=OPEN,
        refuses=WRONG_PIN,
        otherwise={
            Way.EXPIRED: NOTHING,
            Way.EMPTY: Says(422, "Type the PIN that we gave you"),
            Way.LONG: Says(422, "Type the PIN that we gave you"),
        },
        again=frozenset({Way.REPLAYED}),
        counts=frozenset({"links.pin_tries"}),
        fresh=True,
        longest=20,
        unknown=lambda: "000000",
    ),
    Door(
        "GET /{lang}/partner",
        "session",
        Where.COOKIE,
        COOKIE,
        opens=Says(200, TEXT),
        refuses=THE_DOOR,
        again=frozenset({Way.REPLAYED, Way.ANOTHERS}),
    ),
    Door(
        "POST /{lang}/partner/close",
        "session",
        Where.COOKIE,
        COOKIE,
        opens=OPEN,
        refuses=OPEN,
        again=frozenset({Way.EXPIRED, Way.REVOKED, Way.ANOTHERS}),
    ),
    *(
        Door(
            f"POST /{{lang}}/partner/{step}",
            f"session to {step}",
            Where.COOKIE,
            COOKIE,
            opens=OPEN,
            refuses=Says(409, CLOSED_KEPT),
            otherwise={Way.REPLAYED: OPEN, Way.REVOKED: Says(409, CLOSED)},
            counts=frozenset({"drafts"}),  # what was typed is not lost
        )
        for step in STEPS
    ),
    Door(
        "POST /{lang}/partner/accept",
        "page",
        Where.FIELD,
        "page",
        opens=OPEN,
        refuses=Says(409, CLOSED),
        otherwise={Way.REPLAYED: OPEN, Way.ANOTHERS: Says(409, CLOSED_KEPT)},
        counts=frozenset({"drafts"}),
        cannot={Way.REVOKED: "it proves no more than that a form was on a page"},
    ),
)
KEEPS = {
    "token": frozenset({"links.token_hash", "cri_research.pages.door.OpenForm.token"}),
    "older token": frozenset({"links.token_hash"}),
    "worn-out token": frozenset({"links.token_hash"}),
    "code": frozenset({"links.code_hash", "cri_research.pages.door.OpenForm.code"}),
    "older code": frozenset({"links.code_hash"}),
    "worn-out code": frozenset({"links.code_hash"}),
    "pin": frozenset({"partners.pin_hash", "cri_research.pages.door.PinForm.pin"}),
    "session": frozenset({"partner_sessions.token_hash"}),
    **{f"session to {step}": frozenset({"partner_sessions.token_hash"}) for step in STEPS},
    "page": frozenset({"cri_research.pages.task"}),
}
LIFE = {
    **dict.fromkeys(("token", "code"), dt.timedelta(days=90 + LINK_DAYS)),
    **dict.fromkeys(("pin", "session"), SESSION),
    **{f"session to {step}": SESSION for step in STEPS},
    "page": dt.timedelta(seconds=PAGE_LIFE_SECONDS + 1),
}


@dataclass
class Researches:
    """Research, whose coordinator knows a partner in each of some countries."""

    research: Research
    countries: Iterator[str] = field(default_factory=lambda: itertools.cycle(NORMAL))
    quiet: Iterator[str] = field(default_factory=lambda: itertools.cycle(QUIET))
    pins: dict[str, str] = field(default_factory=dict)  # by country

    @property
    def app(self) -> FastAPI:
        """The service."""
        return self.research.app

    async def make(self, kind: str) -> Key:
        """A fresh secret of a kind, for a question that was just sent."""
        what, _, step = kind.partition(" to ")
        letter, assignment = await self._sent("high" if what == "pin" else "normal")
        if what.startswith("older"):
            await self._handled(assignment, "remind")
            await self.research.letters()
        if what.endswith(("token", "code")):
            if what.startswith("worn-out"):
                for _ in range(MAX_EXCHANGES):
                    await self._opened(letter)
            secret = letter.token if what.endswith("token") else letter.code
            return Key(secret, about=assignment.assignment_id)
        session = await self._opened(letter)
        if what == "pin":
            return Key(
                self.pins[assignment.calendar],
                cookies={COOKIE: session},
                about=assignment.assignment_id,
            )
        page = await self._page(session)
        fields = good_answer() if step == "answer" else STEPS.get(step, {})
        if what == "page":
            return Key(page, cookies={COOKIE: session}, about=assignment.assignment_id)
        return Key(
            session, fields={**fields, "page": page}, thing=TEXT, about=assignment.assignment_id
        )

    async def revoke(self, kind: str, key: Key) -> None:
        """The coordinator takes the question back, or makes another PIN."""
        async with self.research.rig.service.database.reading() as session:
            assignment = await session.get_one(Assignment, key.about)
        if kind == "pin":
            self.pins[assignment.calendar] = await self._pin(assignment.partner_id)
        else:
            await self._handled(assignment, "cancel")

    async def later(self, kind: str) -> None:
        """Nothing that these doors wait for."""

    async def _sent(self, risk: str) -> tuple[Letter, Assignment]:
        """The mail of a question to a partner; those in danger take turns."""
        country = next(self.quiet if risk == "high" else self.countries)
        if country not in self.pins:
            about = {"countries": country, "email": f"{country}@partner.example"}
            partner_id = await self.research.add_partner(risk=risk, capacity="50", **about)
            self.pins[country] = await self._pin(partner_id) if risk == "high" else ""
        research_id = await self.research.clear(country=country)
        await self.research.duties()
        letter = await self.research.letter()
        found = select(Assignment).where(Assignment.research_id == research_id)
        async with self.research.rig.service.database.reading() as session:
            return letter, (await session.execute(found)).scalar_one()

    async def _handled(self, assignment: Assignment, what: str) -> None:
        await self.research.post(f"/console/assignments/{assignment.assignment_id}/{what}")

    async def _pin(self, partner_id: str) -> str:
        made = await self.research.post(f"/console/partners/{partner_id}/pin")
        pin = re.search(r'class="bigcode"><bdi dir="ltr">(\d{6})<', made.text)
        assert pin is not None
        return pin[1]

    async def _opened(self, letter: Letter) -> str:
        async with browser(self.app, {}) as client:
            await Phone(client).open(letter)
            return client.cookies[self.research.rig.settings.host_cookie(COOKIE)]

    async def _page(self, session: str) -> str:
        async with browser(self.app, {COOKIE: session}) as client:
            return await Phone(client).token()


@asynccontextmanager
async def house(directory: Path, **stores: str) -> AsyncIterator[Researches]:
    """Research with its coordinator."""
    with clock.frozen(AT):
        async with started(directory, **stores) as research:
            yield Researches(research)
