"""What opens by a link, a code or a number opens for it alone, and says the same to all others."""

from pathlib import Path

import pytest

from tests.security.matrices.doors import Way
from tests.security.matrices.found import BUILT, NO_DOOR, ROOT, found, known, table_of, tables
from tests.security.matrices.links import ways
from tests.security.suites import matrices


@pytest.mark.parametrize("name", BUILT)
@pytest.mark.timeout(180)
async def test_every_door_answers_every_way_as_the_table_says(name: str, tmp_path: Path) -> None:
    tried = await matrices.tried(name, tmp_path)
    assert list(ways(tried)) == []
    doors = table_of(name).DOORS
    wanted = sum(door.has(way) for door in doors for way in Way)
    assert len(tried) >= wanted
    assert wanted >= 8 * len(doors)


def test_whatever_opens_something_has_its_lines_in_a_table() -> None:
    assert found() - known(tables()) == set()
    assert len(found()) > 70


def test_what_is_said_to_be_no_door_is_shown_elsewhere() -> None:
    assert [why for why in NO_DOOR.values() if not (ROOT / why).is_file()] == []
