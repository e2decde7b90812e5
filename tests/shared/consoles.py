"""The consoles of real services, with an operator's browser and dead letters."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
from cri_shared.bus.dead_letters import Letter
from cri_shared.bus.envelope import headers_for
from cri_shared.events import Event
from cri_shared.events.headers import NUMBER
from cri_shared.events.intake import QuestionCleared
from cri_shared.events.upkeep import DAY_SEALED, Range
from cri_shared.service import Service
from cri_shared.testing.identity import sign_in
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running
from fastapi import FastAPI
from sqlalchemy import Table, select

ROOM = "/console/events"
LETTERS = f"{ROOM}/letters"
SECRET = "UNMISTAKABLE words of a question"


class Console:
    """A service that runs, an operator's browser, and dead letters."""

    def __init__(self, app: FastAPI, client: httpx.AsyncClient) -> None:
        self.app, self.client = app, client
        self.csrf = ""

    @property
    def service(self) -> Service:
        service: Service = self.app.state.service
        return service

    async def sign_in(self, *roles: str) -> None:
        staff = await sign_in(self.client, self.app, *roles, name=f"Op {len(roles)}")
        self.csrf = staff.csrf

    async def bury(self, event: Event, body: bytes | None = None, number: int = 1) -> str:
        """Leave a dead letter of an event; gives the event's id."""
        headers = headers_for(event, version=None) | {NUMBER: str(number)}
        content = event.model_dump_json().encode() if body is None else body
        letter = Letter(headers["ce-id"], event.subject, headers, content)
        await self.keep(letter, number)
        return letter.event_id

    async def keep(self, letter: Letter, number: int = 1) -> None:
        async with self.service.database.writing() as work:
            await self.service.letters.keep(
                work.session, letter, sequence=number, tries=6, reason="RuntimeError"
            )

    async def see(self, path: str = ROOM, status: int = 200) -> str:
        page = await self.client.get(path)
        assert page.status_code == status, path
        return page.text

    async def post(self, path: str, **fields: str) -> httpx.Response:
        return await self.client.post(path, data={"csrf": self.csrf, **fields})

    async def acted(self, path: str, **fields: str) -> str:
        """What the page says to which an action leads."""
        answer = await self.post(path, **fields)
        assert answer.status_code == 303, path
        return await self.see(answer.headers["location"])

    async def rows(self, table: Table) -> list[Any]:
        async with self.service.database.reading() as session:
            return list((await session.execute(select(table))).all())

    async def audited(self) -> list[tuple[str, str, str | None]]:
        """Action, actor and outcome of what was done with letters."""
        rows = await self.rows(self.service.database.outbox.tables.audit)
        return [(row.action, row.actor, row.facts.get("outcome")) for row in rows]


@asynccontextmanager
async def opened(service: str, directory: Path, **settings: Any) -> AsyncIterator[Console]:
    kind = import_module(f"cri_{service}.settings").Settings
    app = import_module(f"cri_{service}.app").create_app(settings_for(kind, directory, **settings))
    async with running(app) as client:
        yield Console(app, client)


def cleared(research_id: str) -> QuestionCleared:
    return QuestionCleared(
        research_id=research_id,
        text=SECRET,
        language="en",
        country="AM",
        topics=("education.school",),
    )


def sealed(producer: str) -> Event:
    """An event that somebody always hears."""
    one = Range(subject=f"cri.{producer}.day.sealed.v1", first=1, last=1, digest="0" * 64)
    return DAY_SEALED[producer].model_validate({"day": "2026-03-11", "ranges": (one,)})
