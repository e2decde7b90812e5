"""`cri-<service> audit`: whether the trail is whole, and how far those of others were."""

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cri_shared.cli.running import close
from cri_shared.service import Service
from cri_shared.trail import Head, Report
from cri_shared.trail.heads import heads_of

HeadsOption = Annotated[
    list[Path] | None,
    typer.Option("--heads", help="what `audit heads` of other services printed; - for stdin"),
]


def audit_cli(load: Callable[[], Service]) -> typer.Typer:
    """The commands about the audit trail of the service that `load` gives."""
    cli = typer.Typer(no_args_is_help=True, help="The audit trail: append-only and chained.")

    @cli.command()
    def verify(heads: HeadsOption = None) -> None:
        """Go along the whole trail and say what was changed, taken out, moved or cut off.

        Only heads that other services kept show that its end is gone. Exit status 1: not whole.
        """
        try:
            told = [head for path in heads or () for head in _read(path)]
        except (OSError, ValueError, TypeError):
            typer.echo("This is not what `audit heads` prints.", err=True)
            raise typer.Exit(2) from None
        report = asyncio.run(_check(load(), told))
        for line in _lines(report):
            typer.echo(line)
        raise typer.Exit(0 if report.whole else 1)

    @cli.command()
    def heads() -> None:
        """Print how far the trails of other services were each day, as JSON lines."""
        for head in asyncio.run(_heads(load())):
            typer.echo(json.dumps(asdict(head)))

    return cli


def _read(path: Path) -> list[Head]:
    text = sys.stdin.read() if str(path) == "-" else path.read_text()
    return [Head(**json.loads(line)) for line in text.splitlines() if line.strip()]


async def _check(service: Service, heads: list[Head]) -> Report:
    try:
        async with service.database.reading() as session:
            return await service.trail.check(session, heads, tell=_tell)
    finally:
        await close(service)


def _tell(entries: int, last: int) -> None:
    typer.echo(f"{entries} entries so far; the last one has the number {last}.", err=True)


async def _heads(service: Service) -> list[Head]:
    own = service.settings.service
    try:
        async with service.database.reading() as session:
            kept = await heads_of(session, service.database.outbox.tables.audit_heads)
    finally:
        await close(service)
    return [
        Head(head.service, head.day, head.number, head.mac, kept_by=own)
        for head in kept
        if head.service != own
    ]


def _lines(report: Report) -> list[str]:
    found = [f"FOUND   {finding}" for finding in report.findings]
    verdict = "whole" if report.whole else "not whole"
    return [
        *found,
        f"{report.entries} entries up to number {report.last}, {report.unsealed} not sealed yet, "
        f"{report.compared} heads compared: the trail is {verdict}.",
    ]
