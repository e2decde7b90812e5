"""`cri-<service> retention`: what ends now, rule by rule, and what a legal hold keeps."""

import asyncio
from collections.abc import Callable
from typing import Annotated

import typer

from cri_shared.cli.running import close
from cri_shared.retention import Line
from cri_shared.retention.holds import standing_holds
from cri_shared.service import Service

DryOption = Annotated[bool, typer.Option("--dry-run", help="only say what would end")]


def add_keeping_verbs(cli: typer.Typer, load: Callable[[], Service]) -> None:
    """Add the verb to a service's command; `load` gives the service, not started."""

    @cli.command()
    def retention(dry_run: DryOption = False) -> None:
        """End what was kept long enough, and print how much that is; holds are listed too."""
        for line in asyncio.run(_retain(load(), dry=dry_run)):
            typer.echo(line)


async def _retain(service: Service, *, dry: bool) -> list[str]:
    """Report what is due and, unless it is a dry run, end it; lines for people, without content."""
    try:
        lines = await service.retention.report()
        async with service.database.reading() as session:
            holds = await standing_holds(session, service.database.outbox.tables.holds)
        if not dry:
            await service.retention.run()
    finally:
        await close(service)
    held = [
        f"held: {hold.about} until {hold.until} ({hold.reason}), by {hold.placed_by}"
        for hold in holds
    ]
    return [*_table(lines, "due" if dry else "ended"), *held]


def _table(lines: list[Line], verb: str) -> list[str]:
    width = max(len(line.name) for line in lines)
    head = f"{'rule':{width}}  {'kept':>10}  {verb:>6}  {'held':>6}"
    rows = [
        f"{line.name:{width}}  {_length(line):>10}  {line.due:>6}  {line.held:>6}" for line in lines
    ]
    return [head, *rows]


def _length(line: Line) -> str:
    days, minutes = line.length.days, line.length.seconds // 60
    return f"{days} days" if days else f"{minutes} min"
