"""The long fault run: `python -m tests.faults [--questions 2000] [--database sqlite]`.

Questions come in through the API and officers release them at the console, on real intake,
research, nats-server and database, while every kind of fault happens to them at moments of chance.
On both databases, one after the other. Ends with status 1 where anything was lost, happened twice
or did not heal.
"""

import argparse
import asyncio
import json
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import typer
from cri_shared import clock
from cri_shared.testing.postgres import PostgresServer

from tests.faults.house import House
from tests.faults.kinds.every import every
from tests.faults.play import Report, play
from tests.faults.report import table

KEPT = Path("var/faults")
DATABASES = ("sqlite", "postgresql")


async def run(told: argparse.Namespace, database: str, directory: Path) -> Report:
    """Play one run in a directory."""
    postgres = PostgresServer(directory / "postgres", durable=True)
    if database == "postgresql":
        postgres.start()
    try:
        house = House(
            directory / "house",
            postgres=postgres if database == "postgresql" else None,
            replicas=told.replicas,
        )
        try:
            await house.open()
            return await play(
                house,
                questions=told.questions,
                rate=told.rate,
                faults=every(house),
                seed=told.seed,
            )
        finally:
            house.close()
    finally:
        if database == "postgresql":
            postgres.stop()


def main() -> int:
    """Run from the command line; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--questions", type=int, default=2000, help="on each database")
    parser.add_argument("--rate", type=float, default=4.0, help="questions a second")
    parser.add_argument("--replicas", type=int, default=1, help="processes of each service")
    parser.add_argument("--database", choices=DATABASES, help="only this one")
    parser.add_argument("--seed", type=int, default=2026)
    told = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was mounted and started, ends
    KEPT.mkdir(parents=True, exist_ok=True)
    runs: list[Report] = []
    for database in [told.database] if told.database else DATABASES:
        with tempfile.TemporaryDirectory(prefix="cri-faults-") as directory:
            runs.append(asyncio.run(run(told, database, Path(directory))))
        typer.echo(table(runs[-1]))
        _keep(told, runs)
    return 0 if all(report.good for report in runs) else 1


def _keep(told: argparse.Namespace, runs: list[Report]) -> None:
    found: dict[str, Any] = {
        "at": clock.now().isoformat(timespec="seconds"),
        "rate": told.rate,
        "seed": told.seed,
        "runs": [report.as_json() for report in runs],
    }
    (KEPT / "latest.json").write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    sys.exit(main())
