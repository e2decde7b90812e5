"""The benchmarks: `python -m tests.bench [--only record,bus] [--quick]`.

Every row of the budget is measured on real parts and printed beside its limit; ends with status 1
where one is over or could not be measured.
"""

import argparse
import asyncio
import importlib
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from tests.bench.report import Row, keep, noise, table
from tests.bench.stage import Stage

ROWS = (
    *("record", "bus", "leadership", "search", "relevance", "publish", "rebuild", "weight"),
    *("sign_ups", "idle", "install", "growth"),
)
ASKED_FOR = ("life", "scale")  # which take many minutes
DATABASES = ("sqlite", "postgresql")
FOOT = "Budgets of DESIGN.md section 6. Medians of the repeats."


async def run(chosen: Sequence[str], **told: Any) -> dict[str, list[Row]]:
    """Measure the chosen groups one after another; one that fails is a row that says so."""
    groups: dict[str, list[Row]] = {}
    async with Stage(**told) as stage:
        for name in chosen:
            began = time.monotonic()
            typer.echo(f"{name} ... ", nl=False, err=True)
            groups[name] = await _measured(name, stage)
            typer.echo(f"{time.monotonic() - began:.0f} s", err=True)
    return groups


async def _measured(name: str, stage: Stage) -> list[Row]:
    measure = importlib.import_module(f"tests.bench.rows.{name}").measure
    try:
        return await measure(stage)
    except Exception as trouble:  # the edge of the benchmarks: the other groups are measured
        traceback.print_exc()
        return [Row(f"{name} could not be measured", None, "", note=f"{trouble!r:.200}")]


def main() -> int:
    """Run from the command line; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    alone = f"; only where they are asked for: {', '.join(ASKED_FOR)}"
    parser.add_argument("--only", default=",".join(ROWS), help=f"of {', '.join(ROWS)}{alone}")
    parser.add_argument("--quick", action="store_true", help="one short repeat of each")
    parser.add_argument("--minutes", type=float, default=10.0, help="of life; 10 if not told")
    parser.add_argument(
        "--database", choices=DATABASES, default=DATABASES[0], help="of life, scale"
    )
    parser.add_argument("--questions", type=int, default=100_000, help="of scale, at most")
    parser.add_argument("--open", action="store_true", help="of scale: no copy is done with")
    parser.add_argument("--services", default="", help="of scale; all if not told")
    told = parser.parse_args()
    chosen = told.only.split(",")
    if unknown := set(chosen) - {*ROWS, *ASKED_FOR}:
        parser.error(f"no such rows: {', '.join(sorted(unknown))}")
    wanted = {"quick": told.quick, "minutes": told.minutes, "database": told.database}
    services = [name for name in told.services.split(",") if name]
    wanted |= {"questions": told.questions, "services": services, "left_open": told.open}
    circumstances = {**noise(), **wanted}
    groups = asyncio.run(run(chosen, **wanted))
    after = {f"{name}_after": now for name, now in noise().items() if circumstances[name] != now}
    circumstances |= after
    path = keep(Path("var/bench"), groups, circumstances)
    typer.echo(table(groups))
    typer.echo(f"\n{FOOT}\n{circumstances}\n{path}")
    over = [row.what for group in groups.values() for row in group if row.over]
    missing = [row.what for group in groups.values() for row in group if row.measured is None]
    typer.echo(f"Over budget: {'; '.join([*over, *missing]) or 'nothing'}")
    return 1 if over or missing else 0


if __name__ == "__main__":
    sys.exit(main())
