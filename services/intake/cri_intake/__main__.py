"""The command `cri-intake`."""

import asyncio
import os
from typing import Annotated

import typer
from cri_shared.cli import service_cli

from cri_intake.actions import organisations
from cri_intake.app import create_app
from cri_intake.models import Base
from cri_intake.settings import Settings

command = service_cli(
    "intake",
    package="cri_intake",
    create_app=create_app,
    settings=Settings,
    metadata=Base.metadata,
)


@command.command("add-organisation")
def add_organisation(name: Annotated[str, typer.Argument(help="as staff will read it")]) -> None:
    """Let a partner organisation post questions; prints its API key, this once."""
    typer.echo(asyncio.run(_add(Settings(), name)))


async def _add(settings: Settings, name: str) -> str:
    service = create_app(settings).state.service
    async with service.database.writing() as work:
        organisation = await organisations.add_organisation(work, name)
        key = await organisations.issue_key(
            work, organisation.organisation_id, environment=settings.key_environment
        )
    await service.stop()
    return key


def main() -> None:
    """Run the command line; files that it makes are nobody else's."""
    os.umask(0o077)
    command()


if __name__ == "__main__":
    main()
