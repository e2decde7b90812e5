"""Builds the command that every service has, `cri-<service>`, from its few own parts."""

import asyncio
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Generic, TypeVar

import typer
from fastapi import FastAPI
from pydantic import ValidationError
from sqlalchemy import MetaData

from cri_shared.cli.auditing import audit_cli
from cri_shared.cli.backups import add_backup_verbs
from cri_shared.cli.events import add_event_verbs
from cri_shared.cli.keeping import add_keeping_verbs
from cri_shared.cli.keys import keys_cli
from cri_shared.cli.letters import letters_cli
from cri_shared.db.patience import EXIT_STATUS, MigrationBlocked
from cri_shared.observe import configure_logs
from cri_shared.privacy.keys import KeysUnusable
from cri_shared.service import Service
from cri_shared.settings import Role, ServiceSettings, unusable
from cri_shared.web import server

S = TypeVar("S", bound=ServiceSettings)
IDENTITY = "cri_shared.identity"
RoleOption = Annotated[
    Role | None, typer.Option(help="what this process does; the setting decides where not given")
]


@dataclass(frozen=True)
class _Parts(Generic[S]):
    """What one service brings; wrong settings and unusable keys end the command with status 2."""

    service: str
    create_app: Callable[[S], FastAPI]
    settings: type[S]

    def read(self, role: Role | None = None) -> S:
        try:
            told: dict[str, Any] = {} if role is None else {"role": role}
            return self.settings(**told)
        except ValidationError as wrong:
            raise _stop(f"Settings are not usable: {unusable(wrong)}") from None

    def app(self, settings: S) -> FastAPI:
        configure_logs(self.service)
        try:
            return self.create_app(settings)
        except KeysUnusable as unusable:
            raise _stop(f"Keys are not usable: {unusable}") from None

    def load(self) -> Service:
        loaded: Service = self.app(self.read()).state.service
        return loaded


def service_cli(
    service: str,
    *,
    package: str,
    create_app: Callable[[S], FastAPI],
    settings: type[S],
    metadata: MetaData | None = None,
) -> typer.Typer:
    """The command of one service.

    Settings are read when a verb runs; wrong ones are named on standard error, never quoted.
    """
    cli = typer.Typer(name=f"cri-{service}", no_args_is_help=True, add_completion=False)
    parts = _Parts(service, create_app, settings)

    @cli.callback()
    def begin() -> None:
        os.umask(0o077)  # the files that a verb makes are nobody else's

    @cli.command()
    def serve(role: RoleOption = None) -> None:
        """Answer people and programs, publish and hear events, do what is due."""
        _serve(parts, role)

    @cli.command("migrate")
    def bring_up_to_date() -> None:
        """Bring this service's database and the identity store to the newest revision.

        Exit status 75: somebody held the tables all the time, and nothing was changed.
        """
        from cri_shared.db.migrate import migrate  # a server need not hold alembic

        chosen = parts.read()
        try:
            migrate(package, chosen.database_url, chosen.patience)
            migrate(IDENTITY, chosen.identity_database_url, chosen.patience)
        except MigrationBlocked as blocked:
            raise _stop(str(blocked), EXIT_STATUS) from None
        typer.echo("The databases are up to date.")

    @cli.command()
    def check() -> None:
        """Try settings, keys, databases, migrations, NATS and the index; a line for each."""
        from cri_shared.cli.checks import check_all

        good = asyncio.run(check_all(parts.read(), package, metadata, say=typer.echo))
        raise typer.Exit(0 if good else 1)

    @cli.command(hidden=True)
    def connections() -> None:
        """Print how many connections this service takes of each PostgreSQL server, as JSON."""
        from cri_shared.cli.connections import shares_of

        shares = asyncio.run(shares_of(parts.read()))
        typer.echo(json.dumps([asdict(share) for share in shares]))

    add_event_verbs(cli, parts.load)
    add_keeping_verbs(cli, parts.load)
    add_backup_verbs(cli, parts.read, parts.load, package)
    cli.add_typer(keys_cli(parts.read, parts.load), name="keys")
    cli.add_typer(letters_cli(parts.load), name="dead-letters")
    cli.add_typer(audit_cli(parts.load), name="audit")
    return cli


def _serve(parts: _Parts[S], role: Role | None) -> None:
    settings = parts.read(role)
    server.serve(
        parts.app(settings),
        host=settings.host,
        port=settings.port,
        trusted_proxies=settings.trusted_proxies,
    )


def _stop(words: str, status: int = 2) -> typer.Exit:
    typer.echo(words, err=True)
    return typer.Exit(status)
