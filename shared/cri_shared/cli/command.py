"""Builds the command that every service has, `cri-<service>`, from its few own parts."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import typer
from fastapi import FastAPI
from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy import MetaData

from cri_shared.cli.auditing import audit_cli
from cri_shared.cli.backups import add_backup_verbs
from cri_shared.cli.databases import add_database_verbs
from cri_shared.cli.events import add_event_verbs
from cri_shared.cli.keeping import add_keeping_verbs
from cri_shared.cli.keys import keys_cli
from cri_shared.cli.letters import letters_cli
from cri_shared.observe import configure_logs
from cri_shared.privacy.keys import KeysUnusable
from cri_shared.service import Service
from cri_shared.settings import Role, ServiceSettings, unusable
from cri_shared.web import server

S = TypeVar("S", bound=ServiceSettings)
RoleOption = Annotated[
    Role | None, typer.Option(help="what this process does; the setting decides where not given")
]


@dataclass(frozen=True)
class Parts(Generic[S]):
    """What one service brings to its command.

    Settings are read when a verb runs. Wrong ones, and unusable keys, end the command with status 2
    and a line on standard error that never quotes them.
    """

    service: str
    create_app: Callable[[S], FastAPI]
    settings: type[S]

    def read(self, role: Role | None = None) -> S:
        """The settings of this process."""
        try:
            told: dict[str, Any] = {} if role is None else {"role": role}
            return self.settings(**told)
        except (ValidationError, SettingsError) as wrong:
            raise _stop(f"Settings are not usable: {unusable(wrong)}") from None

    def app(self, settings: S) -> FastAPI:
        """The service with its parts, not started."""
        configure_logs(self.service)
        try:
            return self.create_app(settings)
        except KeysUnusable as unusable:
            raise _stop(f"Keys are not usable: {unusable}") from None

    def load(self) -> Service:
        """The parts that every service has, not started."""
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
    """The command of one service; the settings are read when a verb runs."""
    cli = typer.Typer(name=f"cri-{service}", no_args_is_help=True, add_completion=False)
    parts = Parts(service, create_app, settings)

    @cli.callback()
    def begin() -> None:
        os.umask(0o077)  # the files that a verb makes are nobody else's

    @cli.command()
    def serve(role: RoleOption = None) -> None:
        """Answer people and programs, publish and hear events, do what is due."""
        _serve(parts, role)

    add_database_verbs(cli, parts.read, package, metadata)
    add_event_verbs(cli, parts.load)
    add_keeping_verbs(cli, parts.load)
    add_backup_verbs(cli, parts.read, parts.load, package)
    cli.add_typer(keys_cli(parts.read, parts.load), name="keys")
    cli.add_typer(letters_cli(parts.load), name="dead-letters")
    cli.add_typer(audit_cli(parts.load), name="audit")
    return cli


def _serve(parts: Parts[S], role: Role | None) -> None:
    settings = parts.read(role)
    server.serve(
        parts.app(settings),
        host=settings.host,
        port=settings.port,
        trusted_proxies=settings.trusted_proxies,
    )


def _stop(words: str) -> typer.Exit:
    typer.echo(words, err=True)
    return typer.Exit(2)
