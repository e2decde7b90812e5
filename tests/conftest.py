"""Real servers for every test that asks for them: started once, wiped between tests."""

import gc
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from cri_shared.testing.nats import NatsServer, fresh_streams
from cri_shared.testing.postgres import PostgresServer
from xdist.remote import Producer

from tests.browser import chromium
from tests.playing import PlayedDemo
from tests.shared import provider
from tests.sharing_out import SharedHouses


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """A real nats-server for the whole run."""
    with NatsServer(tmp_path_factory.mktemp("nats")) as server:
        yield server


@pytest.fixture
async def nats_url(nats_server: NatsServer) -> str:
    """A running nats-server with our streams, empty."""
    await fresh_streams(nats_server.url)
    return nats_server.url


@pytest.fixture
async def own_nats(tmp_path: Path) -> AsyncIterator[NatsServer]:
    """A running nats-server of the test's own with our streams, to be killed and frozen."""
    with NatsServer(tmp_path / "own-nats") as server:
        await fresh_streams(server.url)
        yield server


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A real PostgreSQL for the whole run."""
    server = PostgresServer(tmp_path_factory.mktemp("postgres"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)],
)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database of each kind: the same test runs on both."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/service.db"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.create_database()


@pytest.fixture
def hearer_url(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A second database of the same kind, for the service that hears."""
    if database_url.startswith("sqlite"):
        return f"sqlite+aiosqlite:///{tmp_path}/hearer.db"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.create_database()


@pytest.fixture(scope="session")
def played_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlayedDemo]:
    """The platform on which the demo was played, still up."""
    demo = PlayedDemo(tmp_path_factory.mktemp("played"))
    try:
        demo.wait()
        yield demo
    finally:
        demo.stop()


def pytest_collection_finish() -> None:
    """What was imported stays: a fifth of the run's time went into looking through it for waste."""
    gc.collect()
    gc.freeze()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SharedHouses:
    """How `--numprocesses` shares the suites out."""
    return SharedHouses(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it loudly where a suite could not run."""
    skipped = terminalreporter.stats.get("skipped", [])
    for left_out in (chromium.LEFT_OUT, provider.LEFT_OUT):
        if any(left_out in str(report.longrepr) for report in skipped):
            terminalreporter.write_line(left_out, red=True, bold=True)
