"""The houses that tests of faults share: one per database, opened once."""

import asyncio
from collections.abc import Iterator

import pytest
from cri_shared.testing.postgres import PostgresServer

from tests.faults.house import House
from tests.faults.neighbours import Neighbours
from tests.forking import Forge


@pytest.fixture(scope="session")
def forge() -> Iterator[Forge]:
    """What starts each process of these houses; the long run starts them by their commands."""
    started = Forge()
    yield started
    started.close()


@pytest.fixture(scope="session")
def house_on_sqlite(tmp_path_factory: pytest.TempPathFactory, forge: Forge) -> Iterator[House]:
    """One intake and one research, and a nats-server."""
    yield from _opened(House(tmp_path_factory.mktemp("house"), forge=forge))


@pytest.fixture(scope="session")
def replicated_house(tmp_path_factory: pytest.TempPathFactory, forge: Forge) -> Iterator[House]:
    """Two intakes and two researches on one PostgreSQL of their own."""
    server = PostgresServer(tmp_path_factory.mktemp("own-postgres"))
    server.start()
    try:
        place = tmp_path_factory.mktemp("house")
        yield from _opened(House(place, postgres=server, replicas=2, forge=forge))
    finally:
        server.stop()


@pytest.fixture(scope="session")
def neighbours(tmp_path_factory: pytest.TempPathFactory, forge: Forge) -> Iterator[Neighbours]:
    """One publishing, one search and one training, and an index."""
    opened = Neighbours(tmp_path_factory.mktemp("neighbours"), forge)
    try:
        asyncio.run(opened.open())
        yield opened
    finally:
        opened.close()


def _opened(house: House) -> Iterator[House]:
    try:
        asyncio.run(house.open())
        yield house
    finally:
        house.close()
