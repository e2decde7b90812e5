"""A running cri-index for the tests of this room."""

from collections.abc import Iterator

import pytest
from cri_shared.testing.index import IndexServer


@pytest.fixture(scope="session")
def index_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IndexServer]:
    """One server for the whole run; every test takes an index of its own."""
    server = IndexServer(tmp_path_factory.mktemp("index") / "data")
    server.start()
    yield server
    server.stop()
