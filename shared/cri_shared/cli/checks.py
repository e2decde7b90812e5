"""The checks of `cri-<service> check`: each tries one thing that the service stands on."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from nats.errors import Error as NatsError
from sqlalchemy import Connection, MetaData, inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from cri_shared import clock
from cri_shared.backup.owner import DATA, KEYS
from cri_shared.backup.shelf import LATE, moments
from cri_shared.bus.connection import CannotConnect, connect_once
from cri_shared.bus.topology import stream_of
from cri_shared.cli.connections import REMEDY, shares_of
from cri_shared.db.engine import make_engine
from cri_shared.db.migrate import MigrationsDiffer
from cri_shared.db.migrate import check as migrations_match
from cri_shared.events import producers_heard
from cri_shared.privacy.keys import KeyRing, KeysUnusable
from cri_shared.settings import ServiceSettings


class CheckFailed(Exception):
    """A check did not pass; says why in words that hold no value of a setting."""


Check = Callable[[], Awaitable[str | None]]  # what there is to say beside that it passed


async def check_all(
    settings: ServiceSettings, package: str, metadata: MetaData | None, say: Callable[[str], None]
) -> bool:
    """Run every check, say a line for each, and give whether all passed."""
    checks: dict[str, Check] = {
        "keys": lambda: _keys(settings),
        "database": lambda: _database(settings.database_url, metadata),
        "migrations": lambda: _migrations(package, settings.database_url),
        "identity": lambda: _migrations("cri_shared.identity", settings.identity_database_url),
        "connections": lambda: _connections(settings),
        "nats": lambda: _nats(settings),
        "proxies": lambda: _proxies(settings),
        "backups": lambda: _backups(settings),
    }
    index_url = getattr(settings, "index_url", None)
    if index_url:
        checks["index"] = lambda: _index(str(index_url))
    say("ok      settings")
    passed = [await _passes(name, check, say) for name, check in checks.items()]
    return all(passed)


async def _passes(name: str, check: Check, say: Callable[[str], None]) -> bool:
    try:
        told = await check()
    except CheckFailed as failed:
        say(f"FAILED  {name}: {failed}")
        return False
    say(f"ok      {name}: {told}" if told else f"ok      {name}")
    return True


async def _keys(settings: ServiceSettings) -> None:
    try:
        KeyRing.open(settings.key_dir)
        KeyRing.open(settings.identity_key_dir)
    except KeysUnusable as unusable:
        raise CheckFailed(str(unusable)) from None


async def _database(url: str, metadata: MetaData | None) -> None:
    async with _connected(url) as connection:
        present = await connection.run_sync(_tables)
    missing = sorted(set(metadata.tables if metadata else ()) - present)
    if missing:
        raise CheckFailed(f"tables are missing ({', '.join(missing)}): run migrate")


def _tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


async def _migrations(package: str, url: str) -> str | None:
    async with _connected(url):
        pass
    try:
        return await asyncio.to_thread(migrations_match, package, url) or None
    except MigrationsDiffer as differs:
        raise CheckFailed(f"{differs}: run migrate") from None


async def _connections(settings: ServiceSettings) -> str | None:
    """Whether a full pool of every process finds its places on the server."""
    try:
        shares = await shares_of(settings)
    except (SQLAlchemyError, OSError) as trouble:
        raise CheckFailed(f"does not answer ({type(trouble).__name__})") from None
    told = "; ".join(str(share) for share in shares)
    if not all(share.fits for share in shares):
        raise CheckFailed(f"{told}: {REMEDY}")
    return told


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[AsyncConnection]:
    engine = make_engine(url)
    try:
        async with engine.connect() as connection:
            yield connection
    except (SQLAlchemyError, OSError) as trouble:
        raise CheckFailed(f"does not answer ({type(trouble).__name__})") from None
    finally:
        await engine.dispose()


async def _nats(settings: ServiceSettings) -> None:
    try:
        client = await connect_once(settings.service, settings)
    except CannotConnect as refused:
        raise CheckFailed(str(refused)) from None
    try:
        js = client.jetstream()
        for producer in producers_heard(settings.service):
            await js.consumer_info(stream_of(producer), settings.service)
    except (NatsError, TimeoutError):
        raise CheckFailed("streams or durables are missing: provision them") from None
    finally:
        await client.close()


async def _proxies(settings: ServiceSettings) -> str | None:
    """Somebody must speak https in front of us: who it is decides whose addresses we see."""
    if settings.trusted_proxies:
        return f"believed are {settings.trusted_proxies}"
    if settings.secure_cookies:
        return "none is named (CRI_TRUSTED_PROXIES): all people seem to come from yours"
    return None


async def _backups(settings: ServiceSettings) -> str:
    """Whether the newest backup of each part is of yesterday or today."""
    if not settings.backup_recipients:
        return "none are made: CRI_BACKUP_RECIPIENTS is empty"
    ages = []
    for part, directory in ((DATA, settings.backup_dir), (KEYS, settings.backup_keys_dir)):
        made = moments(directory, settings.service, part)
        if not made:
            raise CheckFailed(f"there is none of {part} in {directory}")
        ages.append(clock.now() - max(made))
        if ages[-1] > LATE:
            raise CheckFailed(f"the newest of {part} is {ages[-1].days} days old")
    return f"the newest are {max(ages) // dt.timedelta(hours=1)} hours old"


async def _index(url: str) -> None:
    import httpx  # for this command alone: no idle process holds it

    try:
        async with httpx.AsyncClient(timeout=5) as client:
            answer = await client.get(f"{url.rstrip('/')}/health")
    except httpx.HTTPError as trouble:
        raise CheckFailed(f"does not answer ({type(trouble).__name__})") from None
    if answer.status_code != httpx.codes.OK:
        raise CheckFailed(f"answers {answer.status_code}")
