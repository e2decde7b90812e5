"""What is sent twice happens once, whoever sends it, and whatever fails in between."""

from pathlib import Path

import pytest
from cri_shared.testing.postgres import PostgresServer

from tests.security.matrices.once.cells import doubled
from tests.security.matrices.once.found import WRITTEN, found, known
from tests.security.matrices.once.sendings import How
from tests.security.suites import matrices


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.timeout(180)
async def test_whatever_comes_twice_happens_as_often_as_the_table_says(
    name: str, tmp_path: Path
) -> None:
    tried = await matrices.sent_twice(name, tmp_path)
    assert list(doubled(tried)) == []
    assert {cell.how for cell in tried} >= {How.AGAIN, How.CHANGED, How.AT_ONCE, How.BROKEN}


@pytest.mark.postgres
@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", WRITTEN)
async def test_clicks_at_one_moment_happen_once_where_they_run_side_by_side(
    name: str, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    stores = ("database_url", "identity_database_url")
    urls = {store: postgres_server.create_database() for store in stores}
    tried = await matrices.sent_twice(name, tmp_path, [How.AT_ONCE], **urls)
    assert list(doubled(tried)) == []


def test_every_route_that_knows_a_request_again_has_its_lines_in_a_table(tmp_path: Path) -> None:
    assert found(tmp_path) == known()
    assert len(known()) > 12
