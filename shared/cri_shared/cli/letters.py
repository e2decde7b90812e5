"""Dead letters from the command line: list, show, retry, drop."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated, TypeVar

import typer

from cri_shared.bus.dead_letters import Letter
from cri_shared.bus.inspection import inspect
from cri_shared.bus.repairs import NoSuchLetter
from cri_shared.cli.running import BY_COMMAND, close
from cri_shared.service import Service

T = TypeVar("T")
EventId = Annotated[str, typer.Argument(help="the event's id, as `list` shows it")]
OneOrAll = Annotated[str | None, typer.Argument(help="all of them where not given")]


class Reason(StrEnum):
    """Why a letter is dropped; the audit trail keeps it."""

    OUTDATED = "outdated"
    DUPLICATE = "duplicate"
    MISTAKEN = "mistaken"
    ERASED = "erased"


def letters_cli(load: Callable[[], Service]) -> typer.Typer:
    """The commands about the dead letters of the service that `load` gives."""
    cli = typer.Typer(no_args_is_help=True, help="Messages that could not be handled.")

    def run(do: Callable[[Service], Awaitable[T]]) -> T:
        try:
            return asyncio.run(_with(load(), do))
        except NoSuchLetter:
            typer.echo("There is no such dead letter.", err=True)
            raise typer.Exit(1) from None

    @cli.command("list")
    def list_letters() -> None:
        """Every dead letter, oldest first, without what is in it."""
        for line in run(_listed):
            typer.echo(line)

    @cli.command()
    def show(event_id: EventId) -> None:
        """Headers of a letter and those of its fields that are not sensitive."""
        for line in _shown(run(lambda service: service.repairs.open(event_id))):
            typer.echo(line)

    @cli.command()
    def retry(event_id: OneOrAll = None) -> None:
        """Handle letters again; those that succeed are gone from the list."""
        failed = run(lambda service: _retry(service, event_id))
        for line in failed:
            typer.echo(line, err=True)
        raise typer.Exit(1 if failed else 0)

    @cli.command()
    def drop(
        event_id: EventId,
        reason: Annotated[Reason, typer.Option(help="why it is given up")],
    ) -> None:
        """Give up a letter: what it said never takes effect here."""
        run(lambda service: service.repairs.drop(event_id, reason, by=BY_COMMAND))

    return cli


async def _with(service: Service, do: Callable[[Service], Awaitable[T]]) -> T:
    try:
        return await do(service)
    finally:
        await close(service)


async def _listed(service: Service) -> list[str]:
    async with service.database.reading() as session:
        rows = await service.letters.listed(session)
    return [
        f"{row.event_id}  {row.died_at:%Y-%m-%d %H:%M}  {row.subject}  "
        f"{row.tries} tries  {row.reason}"
        for row in rows
    ]


def _shown(letter: Letter) -> list[str]:
    seen = inspect(letter)
    lines = [f"{name}: {value}" for name, value in seen.headers.items()]
    if not seen.is_known:
        lines.append("This release does not know the event.")
    if seen.fault is not None:
        lines.append(f"The body breaks the contract: {seen.fault}")
    return lines + [f"{name} = {value}" for name, value in seen.fields.items()]


async def _retry(service: Service, event_id: str | None) -> list[str]:
    """Try letters again; gives a line for each that failed."""
    if event_id is not None:
        tried = {event_id: await service.repairs.retry(event_id, by=BY_COMMAND)}
    else:
        tried = {one: failure async for one, failure in service.repairs.retry_all(by=BY_COMMAND)}
    return [f"{one}: {failure}" for one, failure in tried.items() if failure is not None]
