"""The verbs about a service's events: relay, replay, erase-events, reconcile."""

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import Annotated

import typer

from cri_shared.cli import erasing, reconciling, running
from cri_shared.service import Service

SinceOption = Annotated[dt.datetime, typer.Option(formats=["%Y-%m-%d"], help="first day (UTC)")]
AboutArgument = Annotated[str, typer.Argument(help="an id, such as that of a research question")]
YesOption = Annotated[bool, typer.Option("--yes", help="do not ask whether it is meant")]
AskOption = Annotated[bool, typer.Option("--ask", help="ask at once for what is missing")]

NOTHING_THERE = 3  # exit status


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

    @cli.command("erase-events")
    def erase_events(about: AboutArgument, yes: YesOption = False) -> None:
        """Take back every event about one thing, here and in the stream; status 3 for none."""
        if not yes:
            typer.confirm(f"Erase every event about {about}? This cannot be undone.", abort=True)
        erased = asyncio.run(erasing.erase_events(load(), about))
        if erased.nothing:
            typer.echo(f"Nothing here is about {about}.", err=True)
            raise typer.Exit(NOTHING_THERE)
        typer.echo(erasing.told(erased))

    @cli.command()
    def reconcile(ask: AskOption = False) -> None:
        """Compare the events heard with what each producer sealed; status 1 where they differ."""
        lines, good = asyncio.run(reconciling.reconcile(load(), ask=ask))
        for line in lines:
            typer.echo(line)
        raise typer.Exit(0 if good else 1)
