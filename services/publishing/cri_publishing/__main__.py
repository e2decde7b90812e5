"""The command `cri-publishing`."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict
from typing import Annotated

import typer
from cri_shared.cli import service_cli
from cri_shared.db.patience import EXIT_STATUS
from cri_shared.index.comparison import Comparison
from cri_shared.index.port import IndexRefused, SearchUnavailable
from cri_shared.privacy.keys import KeysUnusable
from cri_shared.progress import Progress
from cri_shared.settings import unusable
from pydantic import ValidationError
from pydantic_settings import SettingsError

from cri_publishing import indexing
from cri_publishing.app import create_app
from cri_publishing.models import Base
from cri_publishing.rig import Rig
from cri_publishing.settings import Settings

Say = Callable[[str], None]
Json = Annotated[bool, typer.Option("--json", help="one object for programs, at the end")]
STEP = 2_000  # entries between two words about how far it is
# What to do where the index refuses, by its own word for the reason.
WAYS_OUT = {
    "invalid_api_key": "`cri provision` makes the key that publishing is told, with its rights.",
    "index_not_found": "`cri-publishing rebuild-index` makes it.",
    "not_found": "It is of an older release: upgrade it first.",
}

command = service_cli(
    "publishing",
    package="cri_publishing",
    create_app=create_app,
    settings=Settings,
    metadata=Base.metadata,
)


@command.command("rebuild-index")
def rebuild_index() -> None:
    """Index every public entry anew and swap; searches and publications go on meanwhile.

    How far it is stands on the error output, now and then.
    """
    with _in_one_line():
        documents = asyncio.run(_rebuild(Settings(), _mutter))
    typer.echo(f"{documents} documents")


@command.command("compare-index")
def compare_index(as_json: Json = False) -> None:
    """Compare the index with every public entry; exit status 1 where they differ, and by what.

    It changes nothing. How far it is stands on the error output, now and then.
    """
    with _in_one_line():
        told = asyncio.run(_compare(Settings(), _mutter))
    for line in told.lines():
        typer.echo(line, err=as_json)
    if as_json:
        typer.echo(json.dumps({"same": told.same, **asdict(told)}))
    raise typer.Exit(0 if told.same else 1)


async def _rebuild(settings: Settings, say: Say) -> int:
    end = "; the index swaps when it has taken them in"
    async with _rig(settings) as rig:
        return await indexing.rebuild(rig, _steps(say, end))


async def _compare(settings: Settings, say: Say) -> Comparison:
    async with _rig(settings) as rig:
        return await indexing.compare(rig, _steps(say))


@asynccontextmanager
async def _rig(settings: Settings) -> AsyncIterator[Rig]:
    """The parts of a service that does not serve."""
    rig: Rig = create_app(settings).state.rig
    try:
        yield rig
    finally:
        await rig.service.stop()
        await rig.keys.close()
        await rig.index.close()


def _steps(say: Say, at_the_end: str = "") -> indexing.Told:
    """Says how far it is, now and then."""
    steps = 0

    def told(how_far: Progress) -> None:
        nonlocal steps
        read = f"read {how_far.done} of {how_far.total} entries"
        if how_far.is_over:
            say(f"{read}{at_the_end}")
        elif how_far.done // STEP != steps:
            steps = how_far.done // STEP
            minutes = how_far.rest.total_seconds() / 60
            say(f"{read}, about {minutes:.0f} min to go")

    return told


def _mutter(line: str) -> None:
    typer.echo(line, err=True)


@contextmanager
def _in_one_line() -> Iterator[None]:
    """Ends the command with one line where settings or keys are none, or the index refuses."""
    try:
        yield
    except (ValidationError, SettingsError) as wrong:
        _mutter(f"Settings are not usable: {unusable(wrong)}")
        raise typer.Exit(2) from None
    except KeysUnusable as missing:
        _mutter(f"Keys are not usable: {missing}")
        raise typer.Exit(2) from None
    except SearchUnavailable:
        _mutter("The index does not answer; it may be tried again.")
        raise typer.Exit(EXIT_STATUS) from None
    except IndexRefused as refused:
        _mutter(f"The index refuses: {refused} {WAYS_OUT.get(refused.code, '')}".strip())
        raise typer.Exit(2) from None


def main() -> None:
    """Run the command line; files that it makes are nobody else's."""
    os.umask(0o077)
    command()


if __name__ == "__main__":
    main()
