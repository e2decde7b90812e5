"""The command `cri-publishing`."""

import asyncio
import os
from collections.abc import Callable

import typer
from cri_shared.cli import service_cli
from cri_shared.progress import Progress

from cri_publishing import indexing
from cri_publishing.app import create_app
from cri_publishing.models import Base
from cri_publishing.settings import Settings

STEP = 2_000  # entries between two words about how far it is

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
    documents = asyncio.run(_rebuild(Settings(), lambda line: typer.echo(line, err=True)))
    typer.echo(f"{documents} documents")


async def _rebuild(settings: Settings, say: Callable[[str], None]) -> int:
    rig, steps = create_app(settings).state.rig, [0]

    def told(how_far: Progress) -> None:
        read = f"read {how_far.done} of {how_far.total} entries"
        if how_far.is_over:
            say(f"{read}; the index swaps when it has taken them in")
        elif how_far.done // STEP != steps[0]:
            steps[0] = how_far.done // STEP
            minutes = how_far.rest.total_seconds() / 60
            say(f"{read}, about {minutes:.0f} min to go")

    try:
        return await indexing.rebuild(rig, told)
    finally:
        await rig.service.stop()
        await rig.keys.close()
        await rig.index.close()


def main() -> None:
    """Run the command line; files that it makes are nobody else's."""
    os.umask(0o077)
    command()


if __name__ == "__main__":
    main()
