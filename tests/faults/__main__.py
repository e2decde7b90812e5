"""The long fault run: `python -m tests.faults [--questions 2000] [--database postgresql]`.

Real intake, research and nats-server are killed with SIGKILL at random while questions come in
through the API and officers release them at the console. Ends with status 1 where anything was
lost or happened twice.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

import typer
from cri_shared import clock
from cri_shared.testing.postgres import PostgresServer

from tests.faults.chaos import Chaos
from tests.faults.house import SERVICES, House
from tests.faults.play import Report, play

KEPT = Path("var/faults")


async def run(told: argparse.Namespace, directory: Path) -> Report:
    """Play one run in a directory."""
    databases, postgres = {}, None
    if told.database == "postgresql":
        postgres = PostgresServer(directory / "postgres", durable=True)
        postgres.start()
        databases = {name: postgres.create_database() for name in SERVICES}
    house = House(directory, databases=databases, replicas=told.replicas)
    try:
        await house.open()
        chaos = Chaos(house, told.seed)
        return await play(house, questions=told.questions, rate=told.rate, chaos=chaos)
    finally:
        house.close()
        if postgres is not None:
            postgres.stop()


def main() -> int:
    """Run from the command line; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--questions", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=8.0, help="questions a second")
    parser.add_argument("--replicas", type=int, default=1, help="processes of each service")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, default=2026)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cri-faults-") as directory:
        report = asyncio.run(run(told, Path(directory)))
    KEPT.mkdir(parents=True, exist_ok=True)
    found = {"at": clock.now().isoformat(timespec="seconds"), **vars(told), **report.as_json()}
    (KEPT / "latest.json").write_text(json.dumps(found, indent=1))
    typer.echo(
        f"{report.questions} questions, released at the desk and sent to partners, on "
        f"{told.database} with {told.replicas} process(es) of each service, in "
        f"{report.seconds:.0f} s.\nKilled with SIGKILL: {report.kills}. Tries in vain: "
        f"{report.tries_in_vain}; {report.replayed} questions had been recorded when asked again."
        f"\nLost {len(report.lost)}, twice {len(report.doubled)}; all there "
        f"{report.heal_seconds:.1f} s after the last restart began."
    )
    for line in (*report.lost[:10], *report.doubled[:10]):
        typer.echo(f"  {line}")
    return 0 if report.good else 1


if __name__ == "__main__":
    sys.exit(main())
