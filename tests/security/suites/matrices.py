"""Links, codes and numbers in every way in which they can be wrong."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.report import Row
from tests.security.matrices.found import BUILT, found, known, table_of, tables
from tests.security.matrices.links import Cell, cells, ways


async def tried(name: str, directory: Path, database_url: str | None = None) -> list[Cell]:
    """Every cell of one table of doors."""
    built = table_of(name)
    async with built.house(directory, database_url) as house:
        return [cell async for cell in cells(built, house)]


async def _all(name: str) -> list[Cell]:
    with TemporaryDirectory() as directory:
        return await tried(name, Path(directory))


def left_out() -> list[str]:
    """What opens something and has no line in a table of doors."""
    return sorted(found() - known(tables()))


def measure() -> list[Row]:
    """How many ways were tried at how many doors, and what was not as the tables say."""
    every = {name: asyncio.run(_all(name)) for name in BUILT}
    rows = [
        Row(f"{name}: links and codes tried", len(tried), "", note=_doors(tried))
        for name, tried in every.items()
    ]
    wrong = [way for tried in every.values() for way in ways(tried)]
    rows.append(Row("all: links and codes tried", sum(map(len, every.values())), ""))
    rows.append(Row("links and codes that were not answered as the table says", len(wrong), "", 0))
    rows.append(Row("what opens something and is in no table", len(left_out()), "", 0))
    return rows


def _doors(tried: list[Cell]) -> str:
    return f"at {len({cell.door for cell in tried})} doors"


def missed() -> list[str]:
    """What was not as the tables say."""
    return [*left_out(), *(way for name in BUILT for way in ways(asyncio.run(_all(name))))]
