"""Links, codes and numbers in every way in which they can be wrong; and what is sent twice."""

import asyncio
from collections.abc import Callable, Collection
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.report import Row
from tests.security.matrices import found, links
from tests.security.matrices.once import cells as once
from tests.security.matrices.once import found as sent
from tests.security.matrices.once.sendings import How
from tests.security.platform import databases
from tests.security.report import none_of

Fresh = Callable[[], dict[str, str]]


async def tried(name: str, directory: Path, **stores: str) -> list[links.Cell]:
    """Every cell of one table of doors."""
    built = found.table_of(name)
    async with built.house(directory, **stores) as house:
        return [cell async for cell in links.cells(built, house)]


async def sent_twice(
    name: str, directory: Path, ways: Collection[How] = tuple(How), **stores: str
) -> list[once.Cell]:
    """Every cell of one table of what may be sent twice, or those of some ways."""
    written = sent.table_of(name)
    async with written.workplace(directory, **stores) as place:
        return [cell async for cell in once.cells(written, place, ways)]


def left_out() -> list[str]:
    """What opens something, or is known when it comes again, and has no line in a table."""
    with TemporaryDirectory() as directory:
        unsent = sent.found(Path(directory)) - sent.known()
    return [*sorted(found.found() - found.known(found.tables())), *sorted(unsent)]


def measure() -> list[Row]:
    """How many ways were tried on each database, and what was not as the tables say."""
    rows, wrong, doubled = [], [], []
    with databases() as kinds:
        for kind, fresh in kinds.items():
            opened, repeated = _links(fresh), _once(fresh)
            wrong += links.ways(opened)
            doubled += once.doubled(repeated)
            rows += [
                Row(f"{kind}: doors", len({cell.door for cell in opened}), ""),
                Row(f"{kind}: links and codes tried", len(opened), ""),
                Row(f"{kind}: routes", len({cell.route for cell in repeated}), ""),
                Row(f"{kind}: ways to send twice", len(repeated), ""),
            ]
    return [
        *rows,
        none_of("links and codes not answered as the table says", wrong),
        none_of("lost, doubled or not answered so", doubled),
        none_of("what opens something or comes twice, in no table", left_out()),
    ]


def _links(fresh: Fresh) -> list[links.Cell]:
    every: list[links.Cell] = []
    for name in found.BUILT:
        with TemporaryDirectory() as directory:
            every += asyncio.run(tried(name, Path(directory), **fresh()))
    return every


def _once(fresh: Fresh) -> list[once.Cell]:
    every: list[once.Cell] = []
    for name in sent.WRITTEN:
        with TemporaryDirectory() as directory:
            every += asyncio.run(sent_twice(name, Path(directory), **fresh()))
    return every


def missed() -> list[str]:
    """What was not as the tables say, on SQLite."""
    return [*left_out(), *links.ways(_links(dict)), *once.doubled(_once(dict))]
