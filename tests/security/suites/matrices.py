"""Links, codes and numbers in every way in which they can be wrong; and what is sent twice."""

import asyncio
from collections.abc import Collection
from pathlib import Path
from tempfile import TemporaryDirectory

from cri_shared.testing.postgres import PostgresServer

from tests.bench.report import Row
from tests.security.matrices import found, links
from tests.security.matrices.once import cells as once
from tests.security.matrices.once import found as sent
from tests.security.matrices.once.sendings import How


async def tried(name: str, directory: Path, database_url: str | None = None) -> list[links.Cell]:
    """Every cell of one table of doors."""
    built = found.table_of(name)
    async with built.house(directory, database_url) as house:
        return [cell async for cell in links.cells(built, house)]


async def sent_twice(
    name: str,
    directory: Path,
    database_url: str | None = None,
    ways: Collection[How] = tuple(How),
) -> list[once.Cell]:
    """Every cell of one table of what may be sent twice, or those of some ways."""
    written = sent.table_of(name)
    async with written.workplace(directory, database_url) as place:
        return [cell async for cell in once.cells(written, place, ways)]


def left_out() -> list[str]:
    """What opens something, or is known when it comes again, and has no line in a table."""
    with TemporaryDirectory() as directory:
        unsent = sent.found(Path(directory)) - sent.known()
    return [*sorted(found.found() - found.known(found.tables())), *sorted(unsent)]


def measure() -> list[Row]:
    """How many ways were tried on each database, and what was not as the tables say."""
    with TemporaryDirectory() as directory:
        server = PostgresServer(Path(directory) / "server")
        server.start()
        try:
            rows = [*_measured("SQLite", None), *_measured("PostgreSQL", server)]
        finally:
            server.stop()
    rows.append(Row("what opens something or comes twice, in no table", len(left_out()), "", 0))
    return rows


def _measured(database: str, server: PostgresServer | None) -> list[Row]:
    opened, repeated = _links(server), _once(server)
    wrong, doubled = list(links.ways(opened)), list(once.doubled(repeated))
    doors, routes = len({cell.door for cell in opened}), len({cell.route for cell in repeated})
    first = "; ".join([*wrong, *doubled][:2])
    return [
        Row(f"{database}: links and codes tried", len(opened), "", note=f"at {doors} doors"),
        Row(f"{database}: not answered as the table says", len(wrong), "", 0, note=first),
        Row(f"{database}: ways to send twice", len(repeated), "", note=f"at {routes} routes"),
        Row(f"{database}: lost, doubled or not answered so", len(doubled), "", 0, note=first),
    ]


def _links(server: PostgresServer | None) -> list[links.Cell]:
    every: list[links.Cell] = []
    for name in found.BUILT:
        with TemporaryDirectory() as directory:
            url = server.create_database() if server else None
            every += asyncio.run(tried(name, Path(directory), url))
    return every


def _once(server: PostgresServer | None) -> list[once.Cell]:
    every: list[once.Cell] = []
    for name in sent.WRITTEN:
        with TemporaryDirectory() as directory:
            url = server.create_database() if server else None
            every += asyncio.run(sent_twice(name, Path(directory), url))
    return every


def missed() -> list[str]:
    """What was not as the tables say, on SQLite."""
    return [*left_out(), *links.ways(_links(None)), *once.doubled(_once(None))]
