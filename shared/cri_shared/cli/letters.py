"""Dead letters from the command line: list, show, retry, drop."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated, TypeVar

import typer
from pydantic import ValidationError

from cri_shared.bus.consumer import describe
from cri_shared.bus.dead_letters import Letter
from cri_shared.cli.running import close
from cri_shared.events import REGISTRY
from cri_shared.observe import log
from cri_shared.privacy.classes import C0, C1
from cri_shared.service import Service

T = TypeVar("T")
EventId = Annotated[str, typer.Argument(help="the event's id, as `list` shows it")]


class Reason(StrEnum):
    """Why a letter is dropped; the log keeps it."""

    OUTDATED = "outdated"
    DUPLICATE = "duplicate"
    MISTAKEN = "mistaken"
    ERASED = "erased"


class NoSuchLetter(LookupError):
    """No dead letter has this event id."""


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
        for line in _shown(run(lambda service: _letter(service, event_id))):
            typer.echo(line)

    @cli.command()
    def retry(
        event_id: Annotated[str | None, typer.Argument(help="all of them where not given")] = None,
    ) -> None:
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
        run(lambda service: _drop(service, event_id, reason))

    return cli


async def _with(service: Service, do: Callable[[Service], Awaitable[T]]) -> T:
    try:
        return await do(service)
    finally:
        await close(service)


async def _letter(service: Service, event_id: str) -> Letter:
    async with service.database.reading() as session:
        letter = await service.letters.open(session, event_id)
    if letter is None:
        raise NoSuchLetter
    return letter


async def _listed(service: Service) -> list[str]:
    async with service.database.reading() as session:
        rows = await service.letters.listed(session)
    return [
        f"{row.event_id}  {row.died_at:%Y-%m-%d %H:%M}  {row.subject}  "
        f"{row.tries} tries  {row.reason}"
        for row in rows
    ]


def _shown(letter: Letter) -> list[str]:
    headers = [f"{name}: {value}" for name, value in sorted(letter.headers.items())]
    event = REGISTRY.get(letter.headers.get("ce-type", letter.subject))
    if event is None:
        return [*headers, "This release does not know the event."]
    try:
        body = event.model_validate_json(letter.body)
    except ValidationError as wrong:
        return [*headers, f"The body breaks the contract: {describe(wrong)}"]
    return [
        *headers,
        *(
            f"{name} = {getattr(body, name)}"
            for name, field in event.model_fields.items()
            if C0 in field.metadata or C1 in field.metadata
        ),
    ]


async def _retry(service: Service, event_id: str | None) -> list[str]:
    """Try letters again; gives a line for each that failed."""
    if event_id is not None:
        await _letter(service, event_id)
        chosen = [event_id]
    else:
        async with service.database.reading() as session:
            chosen = [row.event_id for row in await service.letters.listed(session)]
    failed = []
    for one in chosen:
        letter = await _letter(service, one)
        try:
            await service.consumer.retry(letter)
        except Exception as trouble:  # the edge of the command: the letter stays
            failed.append(f"{one}: {describe(trouble)}")
        else:
            await _forget(service, one)
    return failed


async def _drop(service: Service, event_id: str, reason: Reason) -> None:
    letter = await _letter(service, event_id)
    async with service.database.writing() as work:
        await service.letters.give_up(work.session, letter)
    log.warning(
        "bus.letter.dropped", event_id=event_id, subject=letter.subject, reason=reason.value
    )


async def _forget(service: Service, event_id: str) -> None:
    async with service.database.writing() as work:
        await service.letters.drop(work.session, event_id)
