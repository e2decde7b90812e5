"""`cri-<service> retention` and `erasures`: what ends now, and what was erased for good."""

import asyncio
import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from typing import Annotated

import typer

from cri_shared.cli.running import close
from cri_shared.privacy.key_tables import Owner
from cri_shared.retention import Line
from cri_shared.retention.engine import told
from cri_shared.retention.holds import standing_holds
from cri_shared.service import Service

DryOption = Annotated[bool, typer.Option("--dry-run", help="only say what would end")]


FromOption = Annotated[
    typer.FileText | None, typer.Option("--from", help="a list that `erasures` printed")
]


def add_keeping_verbs(cli: typer.Typer, load: Callable[[], Service]) -> None:
    """Add the verbs to a service's command; `load` gives the service, not started."""

    @cli.command()
    def retention(dry_run: DryOption = False) -> None:
        """End what was kept long enough, and print how much that is; holds are listed too."""
        for line in asyncio.run(_retain(load(), dry=dry_run)):
            typer.echo(line)

    @cli.command()
    def erasures(source: FromOption = None) -> None:
        """List what was erased, to be kept apart; or take such a list in, before a restored
        service opens.

        Where only the database or only the key store is restored, the service does it by itself.
        """
        service = load()
        if source is None:
            for line in asyncio.run(listed(service)):
                typer.echo(line)
        else:
            count = asyncio.run(_take(service, erasures_in(source.readlines())))
            typer.echo(f"{count} erasures were taken in.")


async def listed(service: Service) -> list[str]:
    """A line for each owner of a key that was erased, its kind, its id and when; and an end."""
    try:
        known = await service.ledger.known() if service.has_ledger else {}
    finally:
        await close(service)
    lines = [f"{kind} {owner} {at.isoformat()}" for (kind, owner), at in known.items()]
    return [*lines, _end_of(lines)]


def _end_of(lines: list[str]) -> str:
    """The last line of a list, which shows whether all of it is there as it was."""
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return f"end {len(lines)} {digest}"


def erasures_in(told: list[str]) -> dict[Owner, dt.datetime]:
    """What such lines name; raises `typer.BadParameter` where they are something else, or fewer.

    Who was left out would come back with a backup.
    """
    owners = {}
    *lines, end = [line.strip() for line in told if line.strip()] or [""]
    if not end.startswith("end "):
        raise typer.BadParameter("this is no list that `erasures` printed, or its end is missing")
    if end != _end_of(lines):
        raise typer.BadParameter("this list of erasures was changed, or a part of it is missing")
    try:
        for line in lines:
            kind, owner, at = line.split()
            owners[kind, owner] = dt.datetime.fromisoformat(at)
    except ValueError:
        raise typer.BadParameter("this is no list that `erasures` printed") from None
    return owners


async def _take(service: Service, owners: Mapping[Owner, dt.datetime]) -> int:
    try:
        await service.ledger.keys.create_tables()
        return await service.ledger.take(owners)
    finally:
        await close(service)


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
    head = f"{'rule':{width}}  {'kept':>10}  {'rows':>6}  {verb:>6}  {'held':>6}"
    rows = [
        f"{line.name:{width}}  {_length(line):>10}  {_rows(line):>6}"
        f"  {told(line.due):>6}  {told(line.held):>6}"
        for line in lines
    ]
    return [head, *rows]


def _rows(line: Line) -> str:
    return "-" if line.rows is None else told(line.rows)


def _length(line: Line) -> str:
    days, minutes = line.length.days, line.length.seconds // 60
    return f"{days} days" if days else f"{minutes} min"
