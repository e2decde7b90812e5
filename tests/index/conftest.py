"""The engines that every test of the index asks: cri-index, and Meilisearch where one runs."""

import os
import uuid
from collections.abc import AsyncIterator, Iterator

import pytest
from cri_shared.index.meilisearch import MeilisearchIndex
from cri_shared.index.provisioning import provision_keys
from cri_shared.testing.index import IndexServer

from tests.index.four import ENTRIES

CRI_INDEX, MEILISEARCH = "cri-index", "meilisearch"
ENGINES = [CRI_INDEX, *([MEILISEARCH] if "CRI_TEST_MEILI_URL" in os.environ else [])]


@pytest.fixture(scope="session")
def index_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IndexServer]:
    """One server for the whole run; every test takes an index of its own."""
    server = IndexServer(tmp_path_factory.mktemp("index") / "data")
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=ENGINES)
def address(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The address of an engine, and its master key."""
    if request.param == MEILISEARCH:
        return os.environ["CRI_TEST_MEILI_URL"], os.environ["CRI_TEST_MEILI_KEY"]
    server: IndexServer = request.getfixturevalue("index_server")
    return server.url, server.master_key


@pytest.fixture
def uid() -> str:
    return f"entries_{uuid.uuid4().hex[:10]}"


@pytest.fixture
async def empty(address: tuple[str, str], uid: str) -> AsyncIterator[MeilisearchIndex]:
    index = MeilisearchIndex(address[0], provision_keys(*address)[0], uid)
    index_to_search = MeilisearchIndex(address[0], address[1], uid)
    await index.ensure()
    # Tests write and search by one object: the master key of this one may do both.
    yield index_to_search
    await index.close()
    await index_to_search.close()


@pytest.fixture
async def index(empty: MeilisearchIndex) -> MeilisearchIndex:
    await empty.put(ENTRIES)
    return empty
