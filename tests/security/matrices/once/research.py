"""What research is sent twice: a new partner."""

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cri_research.app import create_app
from cri_research.settings import Settings
from cri_shared import clock
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running
from fastapi import FastAPI

from tests.research.conftest import PARTNER
from tests.security.matrices.once.cells import send
from tests.security.matrices.once.sendings import How, Operation, Sending
from tests.security.matrices.once.staff import Session, arrive, by_two, form_token
from tests.security.suites.roles import AT

OPERATIONS = (
    Operation(
        "POST /console/partners/new",
        "partner",
        cannot={How.LATE: "the session ends before the form does"},
    ),
)


@dataclass
class Researches:
    """Research as two processes serve it, with two coordinators."""

    apps: tuple[FastAPI, FastAPI]
    coordinators: list[Session]
    numbers: Iterator[int] = field(default_factory=itertools.count)

    async def later(self, kind: str) -> None:
        """Nothing that this form waits for."""

    async def sending(self, kind: str) -> Sending:
        """The form of a partner who is not known yet."""
        path = "/console/partners/new"
        key = await form_token(self.apps[0], path, self.coordinators[0].cookies)
        says = {**PARTNER, "email": f"desk{next(self.numbers)}@ararat.example"}
        return by_two(Sending(path, says, key, changed={"capacity": "4"}), self.coordinators)


@asynccontextmanager
async def workplace(directory: Path, **stores: str) -> AsyncIterator[Researches]:
    """Research in two processes' worth of apps."""
    settings = settings_for(Settings, directory, **stores)
    apps = create_app(settings), create_app(settings)
    with clock.frozen(AT):
        async with running(apps[0]), running(apps[1]):
            people = [await arrive(apps[0], "coordinator", name) for name in ("Ann", "Bob")]
            place = Researches(apps, people)
            first = await place.sending("partner")  # with whom the country gets its first
            await send(apps[0], OPERATIONS[0], first)
            yield place
