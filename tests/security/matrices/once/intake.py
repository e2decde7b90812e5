"""What intake is sent twice: questions of programs, forms of askers, officers and operators."""

import datetime as dt
import itertools
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cri_intake.app import create_app
from cri_intake.models import Member, PartnerOrganisation
from cri_intake.pages.follow import COOKIE
from cri_intake.rules import REPLAY_DAYS, Scope
from cri_intake.settings import Settings
from cri_shared import clock
from cri_shared.identity.staff import MEMBER
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running
from fastapi import FastAPI
from sqlalchemy import select

from tests.intake.conftest import QUESTION, Intake, receipt_on
from tests.intake.officers import Officer, posted
from tests.intake.test_pages import GOOD
from tests.intake.test_public import published
from tests.security.matrices.doors import browser
from tests.security.matrices.once.sendings import How, Operation, Sending, Told
from tests.security.matrices.once.staff import Session, arrive, by_two, form_token
from tests.security.suites.roles import AT

KEPT = dt.timedelta(days=REPLAY_DAYS, seconds=1)
SESSIONS_END = {How.LATE: "the session ends before the form does"}
EVERYBODYS = {How.ANOTHERS: "it is anybody's: the same words from another browser are the same"}
SAME_HOUSE = {How.ANOTHERS: "who may do it is of the same organisation, and knows the same"}
OPERATIONS = (
    Operation("POST /{lang}/ask", "ask", cannot=EVERYBODYS, good=201, again=200),
    Operation(
        "POST /{lang}/ask/saved",
        "saved",
        {
            **dict.fromkeys((How.WITHOUT, How.MALFORMED), Told((303,), times=0)),
            How.LATE: Told((303, 303)),
            How.ELSEWHERE: Told((303, 200)),  # it is the token of the question's own form
        },
        cannot=EVERYBODYS,
    ),
    Operation(
        "POST /{lang}/ask/answered",
        "answered",
        {
            **dict.fromkeys((How.WITHOUT, How.MALFORMED), Told((303,), times=0)),
            How.LATE: Told((303, 303)),
        },
        cannot=EVERYBODYS,
    ),
    Operation(
        "POST /{lang}/follow/helper",
        "helper",
        {How.ANOTHERS: Told((200, 200))},  # for their own question, where it ends the one before
        cannot=SESSIONS_END,
        good=200,
        again=200,
    ),
    Operation("POST /{lang}/follow/message", "message", cannot=SESSIONS_END),
    Operation(
        "POST /console/questions/{question_id}/message",
        "officer's message",
        {How.ANOTHERS: Told((303, 404)), How.ELSEWHERE: Told((303, 303))},
        cannot=SESSIONS_END,
    ),
    Operation("POST /console/questions/new", "phone", cannot=SESSIONS_END, good=201, again=200),
    Operation("POST /console/organisations", "organisation", cannot=SESSIONS_END),
    Operation("POST /console/referrals/new", "referral", cannot=SESSIONS_END),
    Operation(
        "POST /console/organisations/{organisation_id}/keys",
        "key",
        cannot=SESSIONS_END,
        good=201,
        again=201,
    ),
    Operation(
        "POST /console/organisations/{organisation_id}/people",
        "person",
        cannot=SESSIONS_END,
        good=200,
        again=200,
    ),
    Operation(
        "POST /console/ours/{question_id}/message",
        "member's message",
        cannot=SESSIONS_END | SAME_HOUSE,
    ),
    Operation(
        "POST /console/keys",
        "member's key",
        cannot=SESSIONS_END | SAME_HOUSE,
        good=201,
        again=201,
    ),
    Operation(
        "POST /api/v1/questions/{question_id}/messages",
        "program's message",
        {How.ANOTHERS: Told((201, 404))},
        cannot={How.LATE: "it is known for as long as the question"},
        by_header=True,
        good=201,
        again=201,
    ),
    # Last, for what ends when their answers are forgotten is more than that.
    Operation("POST /api/v1/questions", "question", by_header=True, good=201, again=201, life=KEPT),
    Operation(
        "POST /api/v1/questions/batch",
        "batch",
        {
            How.AGAIN: Told((200, 200)),
            How.CHANGED: Told((200, 200)),
            How.AT_ONCE: Told((200,) * 5),
        },
        by_header=True,
        good=200,
        again=200,
        life=KEPT,
    ),
)
PHONE = {**GOOD, "topic": "health.medication", "question": "Is there insulin in Goma?"}


@dataclass
class Intakes:
    """Intake as two processes serve it, with an officer, an operator and organisations."""

    apps: tuple[FastAPI, FastAPI]
    intake: Intake
    officers: list[Officer]
    operators: list[Session]
    stranger: Mapping[str, str] = field(default_factory=dict)  # who asked first
    read: bool = False  # whether an answer that exists was enough for somebody
    numbers: Iterator[int] = field(default_factory=itertools.count)

    async def later(self, kind: str) -> None:
        """Answers that were kept for repeats are forgotten."""
        if kind in ("question", "batch"):
            await self.intake.rig.service.clockwork.do_duties(all_now=True)

    async def sending(self, kind: str) -> Sending:
        """A fresh request of a kind."""
        match kind:
            case "question" | "batch":
                return await self._by_program(kind)
            case "program's message":
                return await self._about_one()
            case "answered":
                return await self._by_reader()
            case "ask" | "saved" | "helper" | "message":
                return await self._by_asker(kind)
            case "officer's message" | "phone" | "referral":
                return await self._by_officer(kind)
            case "member's message" | "member's key":
                return await self._by_member(kind)
        return await self._by_operator(kind)

    async def _about_one(self) -> Sending:
        """A message of an organisation about a question that it posted before."""
        own, foreign = await self._houses()
        once = own | {"Idempotency-Key": secrets.token_urlsafe(24)}
        async with browser(self.apps[0], {}) as client:
            posted = await client.post("/api/v1/questions", json=QUESTION, headers=once)
        path = f"/api/v1/questions/{posted.json()['question_id']}/messages"
        says, changed = {"text": "One more thing."}, {"text": "Two more things."}
        sent = Sending(path, says, secrets.token_urlsafe(24), headers=own, changed=changed)
        return replace(sent, other=replace(sent, headers=foreign))

    async def _houses(self) -> tuple[dict[str, str], dict[str, str]]:
        """Two organisations, by what their keys put in a header."""
        number = next(self.numbers)
        keys = [await self._used_key(f"House {number} {one}") for one in "ab"]
        own, foreign = ({"Authorization": f"Bearer {key}"} for key in keys)
        return own, foreign

    async def _by_program(self, kind: str) -> Sending:
        own, foreign = await self._houses()
        path = "/api/v1/questions" + ("/batch" if kind == "batch" else "")
        says, other = ({**QUESTION, "country": country} for country in ("AM", "NP"))
        bodies = ({"questions": [one]} if kind == "batch" else one for one in (says, other))
        body, changed = bodies
        sent = Sending(path, body, secrets.token_urlsafe(24), headers=own, changed=changed)
        return replace(sent, other=replace(sent, headers=foreign))

    async def _used_key(self, name: str) -> str:
        """A key that is not used for the first time today, which is noted."""
        key = await self.intake.another_key(name)
        await self.intake.get("/questions", key)
        return key

    async def _by_asker(self, kind: str) -> Sending:
        token = await form_token(self.apps[0], "/en/ask", {})
        if kind == "ask":
            return Sending("/en/ask", GOOD, token, changed={"country": "AM"})
        receipt = await self._asked(token)
        if kind == "saved":
            return Sending("/en/ask/saved", {}, token, changed={"more": "words"})
        mine = await self._opened(receipt)
        self.stranger = self.stranger or mine
        says, changed = {"message": "One more thing."}, {"message": "Two more things."}
        if kind == "helper":
            says, changed = {"may": "read"}, {"may": "write"}
        key = await form_token(self.apps[0], "/en/follow", mine)
        sent = Sending(f"/en/follow/{kind}", says, key, cookies=mine, changed=changed)
        return replace(sent, other=replace(sent, cookies=self.stranger))

    async def _by_reader(self) -> Sending:
        """Somebody found an answer, as others did before: a first one adds a row to the counts."""
        await published(self.intake, country="NP")
        token = await form_token(self.apps[0], "/en/ask", {})
        says, path = {"entry_id": "e1"}, "/en/ask/answered"
        if not self.read:
            self.read = True
            async with browser(self.apps[0], {}) as client:
                await client.post(path, data={**says, "form_token": token})
            return await self._by_reader()
        return Sending(path, says, token, changed={"entry_id": "another"})

    async def _asked(self, token: str) -> str:
        async with browser(self.apps[0], {}) as client:
            return receipt_on(
                (await client.post("/en/ask", data={**GOOD, "form_token": token})).text
            )

    async def _opened(self, receipt: str) -> dict[str, str]:
        async with browser(self.apps[0], {}) as client:
            await client.post("/en/follow", data={"receipt": receipt})
            return {COOKIE: client.cookies[COOKIE]}

    async def _by_officer(self, kind: str) -> Sending:
        who = [Session(dict(one.client.cookies), one.staff.csrf) for one in self.officers]
        key = await form_token(self.apps[0], "/console/questions/new", who[0].cookies)
        if kind == "phone":
            path, says, changed = "/console/questions/new", PHONE, {"country": "AM"}
        elif kind == "referral":
            path, says = "/console/referrals/new", {"helps_en": "A bed.", "phone": "09 000 00 00"}
            says, changed = says | {"name": "A shelter"}, {"name": "Another shelter"}
        else:
            officer = self.officers[0]
            self.intake.key = await self.intake.another_key(f"House {next(self.numbers)}")
            question_id = await posted(self.intake)
            await officer.post(f"/{question_id}/take")
            path = f"/console/questions/{question_id}/message"
            says, changed = {"message": "We look into it."}, {"message": "We have looked into it."}
        return by_two(Sending(path, says, key, changed=changed), who)

    async def _by_operator(self, kind: str) -> Sending:
        number = next(self.numbers)
        key = await form_token(self.apps[0], "/console/organisations", self.operators[0].cookies)
        if kind == "organisation":
            path, says = "/console/organisations", {"name": f"House {number}", "language": "nl"}
            changed: dict[str, Any] = {"name": f"Another house {number}"}
        elif kind == "person":
            await self.intake.another_key(f"House {number}")
            path = f"/console/organisations/{await self._organisation(f'House {number}')}/people"
            says = {"person": "Mia M.", "address": f"mia{number}@house.example"}
            changed = {"person": "Mia Meer"}
        else:
            await self.intake.another_key(f"House {number}")
            path = f"/console/organisations/{await self._organisation(f'House {number}')}/keys"
            says, changed = {"scopes": [Scope.WRITE.value]}, {"networks": "192.0.2.0/24"}
        return by_two(Sending(path, says, key, changed=changed), self.operators)

    async def _by_member(self, kind: str) -> Sending:
        house, name = f"House {next(self.numbers)}", f"Member {next(self.numbers)}"
        self.intake.key = await self.intake.another_key(house)
        path, says = "/console/keys", {"scopes": Scope.WRITE.value}
        changed = {"networks": "192.0.2.0/24"}
        if kind == "member's message":
            path = f"/console/ours/{await posted(self.intake)}/message"
            says, changed = {"message": "One more thing."}, {"message": "Two more things."}
        mine = await self._member(house, name)
        key = await form_token(self.apps[0], path.removesuffix("/message"), mine.cookies)
        told = {**says, "csrf": mine.csrf}
        return Sending(path, told, key, cookies=mine.cookies, changed=changed)

    async def _member(self, house: str, name: str) -> Session:
        """Somebody who signs in for an organisation."""
        email = f"{name.lower().replace(' ', '.')}@staff.example"
        organisation_id = await self._organisation(house)
        async with self.intake.rig.service.database.writing() as work:
            about = {"email": email, "name": name, "since": clock.now()}
            work.session.add(Member(organisation_id=organisation_id, **about))
        return await arrive(self.apps[0], MEMBER, name)

    async def _organisation(self, name: str) -> str:
        named = select(PartnerOrganisation.organisation_id).where(PartnerOrganisation.name == name)
        async with self.intake.rig.service.database.reading() as session:
            return (await session.execute(named)).scalar_one()


@asynccontextmanager
async def workplace(directory: Path, **stores: str) -> AsyncIterator[Intakes]:
    """Intake in two processes' worth of apps."""
    settings = settings_for(Settings, directory, **stores)
    apps = create_app(settings), create_app(settings)
    with clock.frozen(AT):
        async with running(apps[0]) as client, running(apps[1]):
            intake = Intake(apps[0], client, "", directory)
            officers = [await Officer.arrive(intake, name) for name in ("Ann", "Bob")]
            operators = [await arrive(apps[0], "operator", name) for name in ("Cas", "Dan")]
            yield Intakes(apps, intake, officers, operators)
