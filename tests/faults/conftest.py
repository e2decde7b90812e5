"""The houses that tests of faults share: one per database, opened once."""

import asyncio
from collections.abc import Iterator

import pytest
from cri_shared.testing.postgres import PostgresServer

from tests.faults.house import House
from tests.faults.neighbours import Neighbours


@pytest.fixture(scope="session")
def house_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One intake and one research, and a nats-server."""
    yield from _opened(House(tmp_path_factory.mktemp("house")))


@pytest.fixture(scope="session")
def replicated_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Two intakes and two researches on one PostgreSQL of their own."""
    server = PostgresServer(tmp_path_factory.mktemp("own-postgres"))
    server.start()
    try:
        yield from _opened(House(tmp_path_factory.mktemp("house"), postgres=server, replicas=2))
    finally:
        server.stop()


@pytest.fixture(scope="session")
def neighbours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neighbours]:
    """One publishing, one search and one training, and an index."""
    opened = Neighbours(tmp_path_factory.mktemp("neighbours"))
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
