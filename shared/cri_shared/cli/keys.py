"""`cri-<service> keys`: make key files, change the key that wraps all others, destroy old ones."""

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import Annotated

import typer

from cri_shared.cli.running import BY_COMMAND, close
from cri_shared.identity.audit import note
from cri_shared.privacy.keys import KeyRing
from cri_shared.service import Service
from cri_shared.settings import ServiceSettings

BACKUP_DAYS = 7  # so long a backup of the key store may still need an older key
SETTLED = dt.timedelta(minutes=1)  # after which no process still wraps under an older key

AtOnceOption = Annotated[
    bool,
    typer.Option("--at-once", help="a key leaked: older backups of the key store may be lost"),
]


def keys_cli(read: Callable[[], ServiceSettings], load: Callable[[], Service]) -> typer.Typer:
    """The commands about a service's key files."""
    cli = typer.Typer(help="The key files of this service; alone it makes them where none are.")

    @cli.callback(invoke_without_command=True)
    def make(context: typer.Context) -> None:
        if context.invoked_subcommand is not None:
            return
        chosen = read()
        for directory in (chosen.key_dir, chosen.identity_key_dir):
            if directory.exists():
                typer.echo(f"{directory}: kept as it is")
            else:
                KeyRing.create(directory)
                typer.echo(f"{directory}: made; back it up, apart from the databases")

    @cli.command()
    def rotate() -> None:
        """Make a new service key, and wrap every other key under it; services go on meanwhile.

        Interrupted, it is run again, and goes on. Older keys open nothing new, and stay for
        backups until `retire`.
        """
        for line in asyncio.run(_rotate(load())):
            typer.echo(line)

    @cli.command()
    def retire(at_once: AtOnceOption = False) -> None:
        """Destroy the older service keys, once no backup of the key store needs them any more."""
        lines, done = asyncio.run(_retire(load(), at_once=at_once))
        for line in lines:
            typer.echo(line)
        raise typer.Exit(0 if done else 1)

    return cli


async def _rotate(service: Service) -> list[str]:
    ring = service.ring
    try:
        if not service.has_ledger:
            return ["This service wraps no keys."]
        under_way = len(ring.key_ids) > 1
        key_id = ring.current if under_way else ring.add()
        wrapped = await service.ledger.keys.rewrap()
        async with service.database.writing() as work:
            await note(work, "keys.rotated", key_id, by=BY_COMMAND, wrapped=wrapped)
    finally:
        await close(service)
    begun = "goes on" if under_way else "is made"
    return [
        f"{key_id} {begun}; {wrapped} keys are wrapped under it now.",
        f"Back up the key files. In {BACKUP_DAYS} days: keys retire.",
    ]


async def _retire(service: Service, *, at_once: bool) -> tuple[list[str], bool]:
    ring = service.ring
    try:
        old = ring.key_ids[:-1]
        if not old or not service.has_ledger:
            return ["There is no older key."], True
        wait = SETTLED if at_once else dt.timedelta(days=BACKUP_DAYS)
        if ring.age() < wait:
            return [f"{ring.current} is not {_amount(wait)} old: nothing changed."], False
        while await service.ledger.keys.rewrap():
            pass
        for key_id in old:
            ring.retire(key_id)
            async with service.database.writing() as work:
                await note(work, "keys.retired", key_id, by=BY_COMMAND)
    finally:
        await close(service)
    return [f"{key_id} is destroyed." for key_id in old], True


def _amount(wait: dt.timedelta) -> str:
    return f"{wait.days} days" if wait.days else f"{wait.seconds // 60} minute"
