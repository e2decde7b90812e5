"""The verbs about a service's databases: migrate, check, connections."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import asdict

import typer
from sqlalchemy import MetaData

from cri_shared.db.patience import EXIT_STATUS, MigrationBlocked
from cri_shared.settings import ServiceSettings

IDENTITY = "cri_shared.identity"


def add_database_verbs(
    cli: typer.Typer,
    read: Callable[[], ServiceSettings],
    package: str,
    metadata: MetaData | None,
) -> None:
    """Add the verbs to a service's command; `read` gives its settings, `metadata` its tables."""

    @cli.command("migrate")
    def bring_up_to_date() -> None:
        """Bring this service's database and the identity store to the newest revision.

        What takes something away waits while a process of an older release is there. Exit status
        75: somebody held the tables all the time, or the database was not reached, and nothing
        was changed.
        """
        from cri_shared.db.migrate import migrate  # a server need not hold alembic

        chosen = read()
        try:
            left = [
                migrate(package, chosen.database_url, chosen.patience),
                migrate(IDENTITY, chosen.identity_database_url, chosen.patience),
            ]
        except MigrationBlocked as blocked:
            typer.echo(str(blocked), err=True)
            raise typer.Exit(EXIT_STATUS) from None
        for words in filter(None, (one.words for one in left)):
            typer.echo(words)
        typer.echo("The databases are up to date.")

    @cli.command()
    def check() -> None:
        """Try settings, keys, databases, migrations, NATS and the index; a line for each."""
        from cri_shared.cli.checks import check_all

        good = asyncio.run(check_all(read(), package, metadata, say=typer.echo))
        raise typer.Exit(0 if good else 1)

    @cli.command(hidden=True)
    def connections() -> None:
        """Print how many connections this service takes of each PostgreSQL server, as JSON."""
        from cri_shared.cli.connections import shares_of

        shares = asyncio.run(shares_of(read()))
        typer.echo(json.dumps([asdict(share) for share in shares]))
