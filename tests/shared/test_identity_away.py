"""A service whose identity store is away works for everybody but staff, and says so to them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from cri_shared.db.migrate import migrate
from cri_shared.testing.identity import sign_in
from cri_shared.testing.postgres import PostgresServer
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running
from cri_training.app import create_app
from cri_training.settings import Settings
from fastapi import FastAPI

pytestmark = pytest.mark.postgres
TYPED = {"email": "a@b.example", "password": "p", "code": "123456"}
AWAY = "Nobody can sign in right now. Try again in a few minutes."


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A PostgreSQL of this test's own, running."""
    server = PostgresServer(tmp_path_factory.mktemp("identity-postgres"))
    server.start()
    yield server
    server.stop()


@asynccontextmanager
async def training(directory: Path, url: str) -> AsyncIterator[tuple[FastAPI, httpx.AsyncClient]]:
    """A training service with its identity store at `url`."""
    settings = settings_for(Settings, directory).model_copy(update={"identity_database_url": url})
    app = create_app(settings)
    async with running(app) as client:
        yield app, client


async def told(client: httpx.AsyncClient) -> tuple[int, str, list[str]]:
    answer = await client.get("/health/ready")
    return answer.status_code, answer.json()["status"], answer.json()["reasons"]


async def test_it_starts_without_the_store_and_takes_it_up_when_it_is_there(
    tmp_path: Path, store: PostgresServer
) -> None:
    url = store.create_database()
    await asyncio.to_thread(migrate, "cri_shared.identity", url)
    await asyncio.to_thread(store.stop)
    async with training(tmp_path, url) as (app, client):
        assert await told(client) == (200, "degraded", ["identity-away"])
        assert (await client.get("/en/workshops")).status_code == 200
        client.cookies.set("cri_training", "some-session")
        for refused in (
            await client.get("/console/sign-in"),
            await client.post("/console/sign-in", data=TYPED),
            await client.get("/console"),
        ):
            assert refused.status_code == 503
            assert AWAY in refused.text
            assert "Check the address" not in refused.text
        await asyncio.to_thread(store.restart)
        assert await told(client) == (200, "ready", [])
        await sign_in(client, app, "trainer")
        assert (await client.get("/console/editions")).status_code == 200


async def test_a_store_that_stops_meanwhile_is_taken_up_again(
    tmp_path: Path, store: PostgresServer
) -> None:
    url = store.create_database()
    await asyncio.to_thread(migrate, "cri_shared.identity", url)
    async with training(tmp_path, url) as (app, client):
        await sign_in(client, app, "trainer")
        await asyncio.to_thread(store.stop)
        refused = await client.get("/console/editions")
        assert (refused.status_code, AWAY in refused.text) == (503, True)
        assert await told(client) == (200, "degraded", ["identity-away"])
        await asyncio.to_thread(store.restart)
        assert await told(client) == (200, "ready", [])
        assert (await client.get("/console/editions")).status_code == 200


async def test_a_store_without_tables_is_away_too(tmp_path: Path, store: PostgresServer) -> None:
    async with training(tmp_path, store.create_database()) as (_, client):
        assert await told(client) == (200, "degraded", ["identity-away"])
        assert (await client.get("/console/sign-in")).status_code == 503
