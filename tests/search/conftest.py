"""A started search with a library in its copy and in a real cri-index."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cri_search.app import create_app
from cri_search.rig import Rig
from cri_search.settings import Settings
from cri_shared import clock
from cri_shared.events import Event
from cri_shared.events.publishing import EntryFacts, EntryPublished, EntryRevised
from cri_shared.events.research import CountryChanged
from cri_shared.events.training import EditionPublished
from cri_shared.index.meilisearch import MeilisearchIndex
from cri_shared.testing.events import deliver
from cri_shared.testing.index import IndexServer
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running
from fastapi import FastAPI

from tests.search.library import NOW, documents, edition, library


@dataclass
class Search:
    """A started search."""

    app: FastAPI
    client: httpx.AsyncClient

    @property
    def rig(self) -> Rig:
        rig: Rig = self.app.state.rig
        return rig

    async def hear(self, *events: Event) -> None:
        """Let it hear events, in this order."""
        for event in events:
            await deliver(self.rig.service, event)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Fetch a page, as a reader without JavaScript."""
        return await self.client.get(path, headers=headers)


def published(entry: EntryFacts) -> EntryPublished:
    """The event of a new entry."""
    return EntryPublished(entry_id=entry.entry_id, entry=entry)


def revised(entry: EntryFacts) -> EntryRevised:
    """The event of a new version."""
    return EntryRevised(entry_id=entry.entry_id, entry=entry)


async def _fill(server: IndexServer) -> None:
    index = MeilisearchIndex(server.url, server.keys()[0])
    await index.ensure()
    await index.put([document for entry in library() for document in documents(entry)])
    await index.close()


@pytest.fixture(scope="session")
def index_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IndexServer]:
    """A real cri-index that holds the library; nobody changes it."""
    server = IndexServer(tmp_path_factory.mktemp("index") / "data")
    server.start()
    try:
        asyncio.run(_fill(server))
        yield server
    finally:
        server.stop()


@pytest.fixture(autouse=True)
def on_a_day_in_november() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory, index_server: IndexServer) -> Settings:
    """Settings of a search that has heard nothing yet; tests work on copies of it."""
    return settings_for(
        Settings,
        tmp_path_factory.mktemp("bare"),
        index_url=index_server.url,
        index_key=index_server.keys()[1],
    )


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory, bare: Settings) -> Settings:
    """The same, with the library heard."""
    settings = copied(bare, tmp_path_factory.mktemp("furnished") / "copy")
    with clock.frozen(NOW):
        asyncio.run(_furnish(settings))
    return settings


async def _furnish(settings: Settings) -> None:
    app = create_app(settings)
    async with running(app) as client:
        editions = (edition("ghent"), edition("online", town=None, places="free"))
        await Search(app, client).hear(
            *(published(entry) for entry in library()),
            CountryChanged(country="AM", partner_state="available"),
            CountryChanged(country="AF", partner_state="none"),
            *(EditionPublished(edition_id=each.edition_id, edition=each) for each in editions),
        )


def copied(settings: Settings, directory: Path) -> Settings:
    """The same settings over a copy of their databases and keys."""
    source = settings.key_dir.parent.parent
    shutil.copytree(source, directory)
    moved = {
        name: type(value)(str(value).replace(str(source), str(directory)))
        for name in ("database_url", "identity_database_url", "key_dir", "identity_key_dir")
        if (value := getattr(settings, name))
    }
    return settings.model_copy(update=moved)


@pytest.fixture
async def empty(bare: Settings, tmp_path: Path) -> AsyncIterator[Search]:
    """A search that has heard nothing yet, beside a full index."""
    app = create_app(copied(bare, tmp_path / "copy"))
    async with running(app) as client:
        yield Search(app, client)


@pytest.fixture
async def empty_on(
    database_url: str, index_server: IndexServer, tmp_path: Path
) -> AsyncIterator[Search]:
    """A search that has heard nothing yet, on each database."""
    address = {"index_url": index_server.url, "index_key": index_server.keys()[1]}
    settings = settings_for(Settings, tmp_path / "s", database_url=database_url, **address)
    async with running(app := create_app(settings)) as client:
        yield Search(app, client)


@pytest.fixture
async def search(furnished: Settings, tmp_path: Path) -> AsyncIterator[Search]:
    """A search that holds the library."""
    app = create_app(copied(furnished, tmp_path / "copy"))
    async with running(app) as client:
        yield Search(app, client)
