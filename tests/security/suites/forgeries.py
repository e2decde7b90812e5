"""Forms that did not come from a page of their session, and links that are not good any more."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from cri_shared import clock
from cri_shared.events import SERVICES

from tests.bench.report import Row
from tests.security.forgeries import Try, honest, tries
from tests.security.platform import databases
from tests.security.report import none_of
from tests.security.suites.roles import AT, stage_of


@dataclass(frozen=True)
class Tried:
    """Every cell of one service, and every form as it should be sent."""

    cells: list[Try]
    honest: list[Try]

    @property
    def wrong(self) -> list[Try]:
        """Forgeries that were taken, and honest forms that were taken for forgeries."""
        taken = [cell for cell in self.cells if not cell.holds]
        return taken + [cell for cell in self.honest if cell.status in (401, 403)]


async def tried(service: str, directory: Path, **stores: str) -> Tried:
    """Try every form of one service."""
    with clock.frozen(AT):
        async with stage_of(service).stage(directory, **stores) as stage:
            cells = [cell async for cell in tries(stage)]
            return Tried(cells, [cell async for cell in honest(stage)])


async def _all(service: str, **stores: str) -> Tried:
    with TemporaryDirectory() as directory:
        return await tried(service, Path(directory), **stores)


def measure() -> list[Row]:
    """How many forgeries were tried on each database, and how many were taken."""
    rows, wrong = [], []
    with databases() as kinds:
        for kind, fresh in kinds.items():
            tables = {service: asyncio.run(_all(service, **fresh())) for service in SERVICES}
            wrong += [cell for table in tables.values() for cell in table.wrong]
            for service, table in tables.items():
                routes = len({cell.route for cell in table.cells})
                note = f"of {routes} routes"
                rows.append(Row(f"{kind}: {service}", len(table.cells), "", note=note))
            total = sum(len(table.cells) for table in tables.values())
            rows.append(Row(f"{kind}: forged forms", total, ""))
    return [*rows, none_of("forged forms that were taken, or changed something", wrong)]


def missed() -> list[str]:
    """The forgeries that were taken."""
    return [str(cell) for service in SERVICES for cell in asyncio.run(_all(service)).wrong]
