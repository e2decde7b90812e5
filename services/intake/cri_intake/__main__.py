"""The command `cri-intake`."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from cri_shared.cli import Parts, service_cli
from cri_shared.cli.running import BY_COMMAND
from cri_shared.errors import Refusal

from cri_intake.actions import keys, organisations
from cri_intake.actions.organisations import About
from cri_intake.app import create_app
from cri_intake.models import ApiKey, Base
from cri_intake.queries import organisations as found
from cri_intake.rig import Rig
from cri_intake.rules import Scope, networks_of
from cri_intake.settings import Settings

T = TypeVar("T")
Scopes = Annotated[
    list[Scope] | None, typer.Option("--scope", help="what the key may do; all, if none")
]
Networks = Annotated[str, typer.Option(help="addresses or networks that it must come from")]

command = service_cli(
    "intake",
    package="cri_intake",
    create_app=create_app,
    settings=Settings,
    metadata=Base.metadata,
)


@command.command("add-organisation")
def add_organisation(
    name: Annotated[str, typer.Argument(help="as staff will read it")],
    email: Annotated[str | None, typer.Option(help="where it is told that a key ends")] = None,
    language: Annotated[str, typer.Option(help="of these mails: nl, fr or en")] = "en",
    scope: Scopes = None,
    networks: Networks = "",
) -> None:
    """Let a partner organisation post questions; prints its API key, this once."""
    given = _given(scope, networks)

    async def add(rig: Rig) -> str:
        async with rig.service.database.writing() as work:
            about = About(name, email, language)
            organisation = await organisations.add_organisation(work, about, by=BY_COMMAND)
            return await keys.issue_key(work, rig, organisation.organisation_id, given)

    typer.echo(_do(add))


@command.command("issue-key")
def issue_key(
    organisation: Annotated[str, typer.Argument(help="its id or name")],
    scope: Scopes = None,
    networks: Networks = "",
) -> None:
    """Give an organisation its next API key, printed this once; two of them work at a time."""
    given = _given(scope, networks)

    async def issue(rig: Rig) -> str:
        async with rig.service.database.writing() as work:
            for known in await found.every_organisation(work.session):
                if organisation in (known.organisation.name, known.organisation.organisation_id):
                    organisation_id = known.organisation.organisation_id
                    return await keys.issue_key(work, rig, organisation_id, given)
        raise typer.BadParameter("there is no such organisation")

    typer.echo(_do(issue))


@command.command("revoke-key")
def revoke_key(key_id: Annotated[str, typer.Argument(help="the third part of the key")]) -> None:
    """Take an API key back: it opens nothing any more, at once."""

    async def revoke(rig: Rig) -> str:
        async with rig.service.database.writing() as work:
            key = await work.session.get(ApiKey, key_id)
            if key is None:
                raise typer.BadParameter("there is no such key")
            await keys.revoke_key(work, rig, key, by=BY_COMMAND)
        return f"{key_id} opens nothing any more."

    typer.echo(_do(revoke))


@command.command("organisations")
def list_organisations() -> None:
    """Every partner organisation and the keys of it that work, one line each."""

    async def told(rig: Rig) -> str:
        async with rig.service.database.reading() as session:
            every = await found.every_organisation(session)
        lines = []
        for known in every:
            lines.append(f"{known.organisation.organisation_id} {known.organisation.name}")
            lines += [f"  {_told(key)}" for key in known.live]
        return "\n".join(lines) or "There is none."

    typer.echo(_do(told))


def _told(key: ApiKey) -> str:
    used = f"last used {key.last_used_on}" if key.last_used_on else "never used"
    places = f" from {' '.join(key.networks)}" if key.networks else ""
    return f"{key.key_id} until {key.expires_at:%Y-%m-%d}, {used}, {' '.join(key.scopes)}{places}"


def _given(scopes: list[Scope] | None, networks: str) -> keys.Given:
    try:
        return keys.Given(scopes or tuple(Scope), networks_of(networks), by=BY_COMMAND)
    except ValueError:
        raise typer.BadParameter("networks must be such as 192.0.2.0/24") from None


def _do(work: Callable[[Rig], Awaitable[T]]) -> T:
    """Do one thing with intake's parts; a refusal ends the command with its words, status 2."""
    parts = Parts("intake", create_app, Settings)
    rig: Rig = parts.app(parts.read()).state.rig

    async def done() -> T:
        try:
            return await work(rig)
        finally:
            await rig.service.stop()
            await rig.close()

    try:
        return asyncio.run(done())
    except Refusal as refusal:
        typer.echo(refusal.message, err=True)
        raise typer.Exit(2) from None


def main() -> None:
    """Run the command line; files that it makes are nobody else's."""
    os.umask(0o077)
    command()


if __name__ == "__main__":
    main()
