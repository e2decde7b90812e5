"""What search is sent twice: a reader's word on an answer, or on a contact."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cri_search.app import create_app
from cri_search.settings import Settings
from cri_shared import clock
from cri_shared.testing.processes import free_port
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running
from fastapi import FastAPI

from tests.search.conftest import Search, published
from tests.search.library import NOW, library
from tests.search.test_listings import contact
from tests.security.matrices.once.cells import send
from tests.security.matrices.once.sendings import How, Operation, Sending, Told
from tests.security.matrices.once.staff import form_token

ANYBODYS = {How.ANOTHERS: "it is anybody's: the same words from elsewhere are the same"}
OPERATIONS = (
    Operation(
        "POST /{lang}/entries/{slug}/feedback",
        "word",
        {How.ELSEWHERE: Told((200, 200))},  # a form is taken once, wherever its token is sent
        cannot=ANYBODYS,
        good=200,
        again=200,
    ),
    Operation(
        "POST /{lang}/listings/{listing_id}/mistake",
        "mistake",
        {How.ELSEWHERE: Told((200, 200))},  # a form is taken once, wherever its token is sent
        cannot=ANYBODYS,
        good=200,
        again=200,
    ),
)


@dataclass
class Searches:
    """Search as two processes serve it, with one entry and one contact."""

    apps: tuple[FastAPI, FastAPI]
    slug: str

    async def later(self, kind: str) -> None:
        """Nothing that this form waits for."""

    async def sending(self, kind: str) -> Sending:
        """The form of a reader who has just come."""
        if kind == "mistake":
            path = "/en/listings/c-1/mistake"
            key = await form_token(self.apps[0], path, {})
            return Sending(path, {"kind": "wrong"}, key, changed={"kind": "harm"})
        path = f"/en/entries/{self.slug}/feedback"
        key = await form_token(self.apps[0], path, {})
        return Sending(path, {"useful": "yes", "kind": "wrong"}, key, changed={"useful": "no"})


@asynccontextmanager
async def workplace(directory: Path, **stores: str) -> AsyncIterator[Searches]:
    """Search in two processes' worth of apps; its index is away, which these forms do not need."""
    away: dict[str, Any] = {
        "index_url": f"http://127.0.0.1:{free_port()}",
        "index_key": "none",
        "index_seconds": 0.1,
    }
    settings = settings_for(Settings, directory, **stores, **away)
    apps = create_app(settings), create_app(settings)
    with clock.frozen(NOW):
        async with running(apps[0]) as client, running(apps[1]):
            entry = next(iter(library()))
            await Search(apps[0], client).hear(published(entry), contact())
            place = Searches(apps, entry.slug)
            await send(apps[0], OPERATIONS[0], await place.sending("word"))  # counts begin
            yield place
