"""The verbs about a service's events: relay, replay, reconcile."""

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import Annotated

import typer

from cri_shared.cli import reconciling, running
from cri_shared.service import Service

SinceOption = Annotated[dt.datetime, typer.Option(formats=["%Y-%m-%d"], help="first day (UTC)")]
AskOption = Annotated[bool, typer.Option("--ask", help="ask at once for what is missing")]


def add_event_verbs(cli: typer.Typer, load: Callable[[], Service]) -> None:
    """Add the verbs to a service's command; `load` gives the service, not started."""

    @cli.command()
    def relay() -> None:
        """Publish the outbox and do nothing else, until stopped."""
        asyncio.run(running.relay_only(load()))

    @cli.command()
    def replay(since: SinceOption) -> None:
        """Publish again what was appended since a day: it rebuilds a stream that was lost.

        Hearers pass over what they had before.
        """
        count = asyncio.run(running.replay(load(), since.replace(tzinfo=dt.UTC)))
        typer.echo(f"{count} events wait to be published again.")

    @cli.command()
    def reconcile(ask: AskOption = False) -> None:
        """Compare the events heard with what each producer sealed; status 1 where they differ."""
        lines, good = asyncio.run(reconciling.reconcile(load(), ask=ask))
        for line in lines:
            typer.echo(line)
        raise typer.Exit(0 if good else 1)
