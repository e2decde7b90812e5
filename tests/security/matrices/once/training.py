"""What training is sent twice: sign-ups, links, workshops, editions, and invitations of staff."""

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cri_shared import clock
from cri_shared.testing.identity import sign_in
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running
from cri_training.app import create_app
from cri_training.settings import Settings
from fastapi import FastAPI

from tests.security.matrices.doors import browser
from tests.security.matrices.once.sendings import How, Operation, Sending
from tests.security.matrices.once.staff import Session, arrive, by_two, form_token
from tests.training.conftest import EDITION, NOW, Training, link_in
from tests.training.test_desk import desk, organisation, person_at

SESSIONS_END = {How.LATE: "the session ends before the form does"}
EVERYBODYS = {How.ANOTHERS: "it is anybody's: the same words from another browser are the same"}
OPERATIONS = (
    Operation("POST /{lang}/sign-up/{edition_id}", "sign-up", cannot=EVERYBODYS),
    Operation(
        "POST /{lang}/sign-up/manage/{token}/hand-on",
        "handing on",
        cannot=EVERYBODYS,
    ),
    Operation(
        "POST /{lang}/organisation/{token}/{edition_id}",
        "colleagues",
        cannot=EVERYBODYS,
    ),
    Operation(
        "POST /{lang}/organisation/{token}/{edition_id}/{sign_up_id}/hand-on",
        "swapping",
        cannot=EVERYBODYS,
    ),
    Operation("POST /console/organisations/{organisation_id}/desk", "link", cannot=SESSIONS_END),
    Operation("POST /console/workshops/new", "workshop", cannot=SESSIONS_END),
    Operation("POST /console/editions/new", "edition", cannot=SESSIONS_END),
    Operation("POST /console/code-book/new", "code", cannot=SESSIONS_END),
    Operation(
        "POST /console/staff/invite",
        "invitation",
        cannot=SESSIONS_END,
        good=200,
        again=200,
    ),
)


@dataclass
class Trainings:
    """Training as two processes serve it, with two of each staff, and a workshop."""

    apps: tuple[FastAPI, FastAPI]
    training: Training
    trainers: list[Session]
    coders: list[Session]
    operators: list[Session]
    workshop_id: str = ""
    edition_id: str = ""
    desk: str = ""
    organisation_id: str = ""
    numbers: Iterator[int] = field(default_factory=itertools.count)

    async def later(self, kind: str) -> None:
        """Nothing that these forms wait for."""

    async def sending(self, kind: str) -> Sending:
        """A fresh form of a kind."""
        number = next(self.numbers)
        if kind == "sign-up":
            path = f"/en/sign-up/{self.edition_id}"
            says = {
                "name": "Noor Exempelaere",
                "organisation": "Voorbeeldhuis",
                "email": f"person{number}@exempel.example",
                "language": "en",
            }
            changed = {"email": f"somebody{number}@exempel.example"}
            token = await form_token(self.apps[0], path, {})
            return Sending(path, says, token, changed=changed)
        if kind == "handing on":
            own = await self.training.sign_up(self.edition_id, f"person{number}@exempel.example")
            page = f"/en/sign-up/manage/{own}"
            email = f"another{number}@exempel.example"
            says = {"name": "Bert Voorbeeld", "email": email, "language": "en"}
            token = await form_token(self.apps[0], page, {})
            return Sending(f"{page}/hand-on", says, token, changed={"name": "Cas"})
        if kind in ("colleagues", "swapping"):
            return await self._at_desk(kind, number)
        if kind == "link":
            self.organisation_id = await organisation(self.training, f"Huis {number}")
        path, who, page, says, changed = self._by_staff(kind, number)
        key = await form_token(self.apps[0], page, who[0].cookies)
        return by_two(Sending(path, says, key, changed=changed), who)

    async def _at_desk(self, kind: str, number: int) -> Sending:
        """A colleague is named, or named in the place of one who has a place."""
        page = f"{self.desk}/{self.edition_id}"
        email, other = f"ann{number}@huis.example", f"bert{number}@huis.example"
        says = {"people": f"Ann {number}; {email}", "language": "en"}
        token = await form_token(self.apps[0], page, {})
        if kind == "colleagues":
            changed = {"people": f"Bert; {other}"}
            return Sending(page, says, token, changed=changed)
        await self.training.public.post(page, data={**says, "form_token": token})
        await self.training.public.post(link_in(await self.training.mail_to(email)))
        person = await person_at(self.training, self.desk, self.edition_id, f"Ann {number}")
        says = {"name": "Bert Voorbeeld", "email": other, "language": "en"}
        key = await form_token(self.apps[0], person, {})
        return Sending(f"{person}/hand-on", says, key, changed={"name": "Cas"})

    def _by_staff(self, kind: str, number: int) -> tuple[str, Any, str, Any, Any]:
        """(path, who sends it, the page of the form, what it says, what another body says)."""
        match kind:
            case "link":
                page = f"/console/organisations/{self.organisation_id}"
                says = {"email": f"contact{number}@huis.example", "language": "en"}
                return f"{page}/desk", self.trainers, page, says, {"language": "fr"}
            case "workshop":
                path = "/console/workshops/new"
                says = {"title": f"Talking {number}", "summary": "Listen.", "language": "en"}
                return path, self.trainers, path, says, {"summary": "Listen and inform."}
            case "code":
                path = "/console/code-book/new"
                says = {"title": f"Fear {number}", "definition": "Somebody fears it."}
                return path, self.coders, path, says, {"definition": "People fear it."}
            case "edition":
                path = "/console/editions/new"
                says = EDITION | {"workshop": self.workshop_id}
                return path, self.trainers, path, says, {"town": "Brugge"}
        email = f"person{number}@staff.example"
        says = {"email": email, "name": "Somebody new", "roles": ["trainer"]}
        changed = {"email": f"other{number}@staff.example"}
        return "/console/staff/invite", self.operators, "/console/staff", says, changed


@asynccontextmanager
async def workplace(directory: Path, **stores: str) -> AsyncIterator[Trainings]:
    """Training in two processes' worth of apps."""
    settings = settings_for(Settings, directory, **stores)
    apps = create_app(settings), create_app(settings)
    with clock.frozen(NOW):
        async with running(apps[0]) as client, running(apps[1]), browser(apps[0], {}) as public:
            trainer = await sign_in(client, apps[0], "trainer")
            training = Training(apps[0], client, public, trainer, directory)
            place = Trainings(
                apps,
                training,
                [await arrive(apps[0], "trainer", name) for name in ("Ann", "Bob")],
                [await arrive(apps[0], "coder", name) for name in ("Eve", "Flo")],
                [await arrive(apps[0], "operator", name) for name in ("Cas", "Dan")],
            )
            place.workshop_id = await training.workshop()
            place.edition_id = await training.edition(capacity="100")
            place.desk = await desk(training)
            yield place
