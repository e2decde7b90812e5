"""A service whose stores are away at the start waits for them, says so, and opens by itself."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from cri_shared.testing.postgres import PostgresServer
from cri_shared.testing.services import settings_for
from cri_shared.testing.waiting import eventually
from cri_shared.testing.web import running
from cri_shared.web import opening
from cri_shared.web.opening import Hook, Opening
from cri_training.app import create_app
from cri_training.settings import Settings


@pytest.fixture(autouse=True)
def _no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(opening, "LONGEST_PAUSE", 0.2)


class Played:
    """Two steps of an opening and its start, as they were done; the second step fails as told."""

    def __init__(self, *failures: Exception) -> None:
        self.done: list[str] = []
        self._failures = list(failures)
        self.opening = Opening([self._step("first"), self._step("second")], self._start)

    def _step(self, name: str) -> Hook:
        async def step() -> None:
            if name == "second" and self._failures:
                raise self._failures.pop(0)
            self.done.append(name)

        return step

    def _start(self) -> None:
        self.done.append("start")


class TestOpening:
    async def test_what_comes_first_is_done_and_then_it_starts(self) -> None:
        played = Played()
        await played.opening.begin()
        assert played.opening.is_done
        assert played.done == ["first", "second", "start"]
        await played.opening.close()

    async def test_it_waits_for_what_is_away_and_begins_again(self) -> None:
        played = Played(ConnectionRefusedError(), TimeoutError(), ValueError("half there"))
        await played.opening.begin()
        assert not played.opening.is_done
        await eventually(lambda: played.opening.is_done, what="it opens")
        assert played.done == [*["first"] * 4, "second", "start"]
        await played.opening.close()

    async def test_what_no_waiting_mends_ends_it(self) -> None:
        played = Played(ValueError("a mistake"))
        with pytest.raises(ValueError, match="a mistake"):
            await played.opening.begin()
        assert "start" not in played.done

    async def test_it_can_be_stopped_while_it_waits(self) -> None:
        played = Played(*[ConnectionRefusedError()] * 1000)
        await played.opening.begin()
        await played.opening.close()
        assert "start" not in played.done


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A PostgreSQL of this test's own, running."""
    server = PostgresServer(tmp_path_factory.mktemp("keys-postgres"))
    server.start()
    yield server
    server.stop()


@asynccontextmanager
async def training(directory: Path, keys: str) -> AsyncIterator[httpx.AsyncClient]:
    """A training service with its key store at `keys`."""
    app = create_app(settings_for(Settings, directory, keystore_url=keys))
    async with running(app) as client:
        yield client


@pytest.mark.postgres
async def test_without_its_key_store_a_service_answers_for_its_health_alone_and_then_opens(
    tmp_path: Path, store: PostgresServer
) -> None:
    url = store.create_database()
    await asyncio.to_thread(store.stop)
    async with training(tmp_path, url) as client:
        health = await client.get("/health/ready")
        assert health.status_code == 503
        assert health.json()["reasons"] == ["keys-away", "opening-waits"]
        assert (await client.get("/health/live")).status_code == 200
        page = await client.get("/en/workshops")
        assert (page.status_code, page.headers["retry-after"]) == (503, "10")
        assert "This part is only starting." in page.text
        assert "content-security-policy" in page.headers
        typed = await client.post("/nl/workshops/x/sign-up", data={"name": "Nele"})
        assert typed.status_code == 503
        assert "Nele" in typed.text, "what was typed is not lost"
        api = await client.get("/api/openapi.json")
        assert (api.status_code, api.json()["type"]) == (503, "not-open-yet")
        await asyncio.to_thread(store.restart)
        await eventually(_is_ready(client), timeout=30, what="it opens by itself")
        assert (await client.get("/en/workshops")).status_code == 200


def _is_ready(client: httpx.AsyncClient) -> Callable[[], object]:
    async def ready() -> bool:
        answer = await client.get("/health/ready")
        return answer.status_code == 200 and "opening-waits" not in answer.json()["reasons"]

    return ready
