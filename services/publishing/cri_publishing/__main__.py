"""The command `cri-publishing`."""

import asyncio
import os

import typer
from cri_shared.cli import service_cli

from cri_publishing import indexing
from cri_publishing.app import create_app
from cri_publishing.models import Base
from cri_publishing.settings import Settings

command = service_cli(
    "publishing",
    package="cri_publishing",
    create_app=create_app,
    settings=Settings,
    metadata=Base.metadata,
)


@command.command("rebuild-index")
def rebuild_index() -> None:
    """Index every public entry anew and swap; searches and publications go on meanwhile."""
    typer.echo(f"{asyncio.run(_rebuild(Settings()))} documents")


async def _rebuild(settings: Settings) -> int:
    rig = create_app(settings).state.rig
    try:
        return await indexing.rebuild(rig)
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
