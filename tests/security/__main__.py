"""The figures of security: `python -m tests.security [--only detectors,leaks] [--missed]`.

Every suite measures on its own data and gives rows: a figure, what was measured, its floor. Ends
with status 1 where one is below, and where a suite could not be measured to its end; the others
are, all the same. Another suite is a module of tests/security/suites with a function `measure()`
that gives rows, its name in `SUITES`, and its lines in tests/security/quoted.py.
"""

import argparse
import importlib
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import typer

from tests.bench.report import Row, keep, noise
from tests.security.quoted import quoted
from tests.security.report import table

SUITES = (
    *("detectors", "leaks", "growth", "trail", "asvs"),
    *("roles", "forgeries", "matrices", "canaries", "fuzz"),
)
LONGER = ("lives",)  # most of an hour: only where it is asked for
TIME = "seconds that it took"


def run(chosen: Sequence[str]) -> dict[str, list[Row]]:
    """Measure the chosen suites, one after another, whatever becomes of each."""
    return {name: _measured(name) for name in chosen}


def _measured(name: str) -> list[Row]:
    typer.echo(f"{name} ...", err=True)
    begun = time.monotonic()
    try:
        rows: list[Row] = _suite(name).measure()
    except Exception as why:
        traceback.print_exc()
        rows = [Row(f"{name} died", 1, "", 0, note=f"{type(why).__name__}: {why}"[:200])]
    return [*rows, Row(TIME, round(time.monotonic() - begun), "s")]


def _suite(name: str) -> ModuleType:
    return importlib.import_module(f"tests.security.suites.{name}")


def main() -> int:
    """Run from the command line; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.security", description=__doc__)
    parser.add_argument("--only", default=",".join(SUITES), help=f"of {', '.join(SUITES + LONGER)}")
    parser.add_argument(
        "--missed", action="store_true", help="list what is missed, of what is not held back"
    )
    told = parser.parse_args()
    chosen = told.only.split(",")
    if unknown := set(chosen) - set(SUITES + LONGER):
        parser.error(f"no such suite: {', '.join(sorted(unknown))}")
    if told.missed:
        for name in chosen:
            typer.echo("\n".join(_suite(name).missed()))
    before, groups = noise(), run(chosen)
    typer.echo(table(groups))
    typer.echo("\n".join(["", *quoted(groups), ""]))
    typer.echo(keep(Path("var/security"), groups, {"before": before, "after": noise()}))
    below = [row.what for rows in groups.values() for row in rows if row.over]
    typer.echo(f"Below the floor: {'; '.join(below) or 'nothing'}")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
