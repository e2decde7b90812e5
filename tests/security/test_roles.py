"""The role tables are complete, and every cell of them is as they say."""

from pathlib import Path

import pytest
from cri_shared.events import SERVICES
from cri_shared.identity.policy import Policy, may

from tests.security.suites import roles


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.timeout(300)
async def test_every_cell_is_as_the_table_says(service: str, tmp_path: Path) -> None:
    table = await roles.played(service, tmp_path)
    assert table.differs == []
    assert table.wrong == []
    assert table.planted == []
    assert {"let in", "refused", "door", "not found"} <= {cell.got for cell in table.cells}


async def test_what_differs_is_told(tmp_path: Path) -> None:
    async with roles.stage_of("search").stage(tmp_path) as stage:
        actions = dict(stage.app.state.policy.actions)
        actions["holdings.see"] = may("editor", at=["GET /console/treasure"])
        actions["account.keep"] = may("anybody", at=actions["account.keep"].at)
        stage.app.state.policy = Policy(actions)
        told = roles.differences(stage.app)
    assert told[:2] == [
        "GET /console/holdings is not in the table",
        "GET /console/treasure is no route",
    ]
    assert "GET /console/account asks somebody else than the table says" in told


def test_a_table_names_known_roles_and_each_route_once() -> None:
    with pytest.raises(ValueError, match="unknown roles: janitor"):
        may("janitor", at=["GET /"])
    door = may("officer", at=["GET /door"])
    with pytest.raises(ValueError, match="has two actions"):
        Policy({"one": door, "two": door})
    with pytest.raises(ValueError, match="twice: one"):
        Policy({"one": door}) | Policy({"one": door})
