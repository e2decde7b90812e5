"""What `cri-<service> restore` does: verify, load, erase again, ask for what came since."""

import asyncio
import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from cri_shared.backup import age
from cri_shared.backup.making import Progress
from cri_shared.backup.owner import DATA, IDENTITY, KEYS, PARTS, Owner, owners_of
from cri_shared.backup.restoring import Verified, load, put_keys, refuse_to_overwrite, verify
from cri_shared.backup.store import State
from cri_shared.backup.trouble import BackupRefused
from cri_shared.cli.backing_up import list_of
from cri_shared.cli.reconciling import reconcile
from cri_shared.cli.running import BY_COMMAND, close
from cri_shared.db.migrate import migrate
from cri_shared.identity.audit import note
from cri_shared.privacy.key_tables import Owner as Erased
from cri_shared.service import Service
from cri_shared.settings import ServiceSettings

Say = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    """What an operator asks for; `erased` is the list that was kept apart, None without one."""

    files: list[Path]
    key: str = field(repr=False)
    erased: Mapping[Erased, dt.datetime] | None = None
    without_list: bool = False
    replace: bool = False
    dry_run: bool = False


class Came(NamedTuple):
    """What came back: whose, which part, and as of when where that is known."""

    owner: str
    part: str
    made_at: str = ""


def restore(
    settings: ServiceSettings,
    package: str,
    build: Callable[[], Service],
    wanted: Wanted,
    say: Say,
    progress: Progress,
) -> list[Verified]:
    """Do it, and tell each step; a dry run ends before anything is touched.

    Raises `BackupRefused`, `BackupFailed`, `KeysUnusable`, `MigrationBlocked`.
    """
    owners, keys = owners_of(settings, package), age.keys_of(wanted.key)
    verified = verify(wanted.files, owners, keys, progress)
    for one in verified:
        say(f"{one.path.name}: whole, made {one.manifest.made_at}, {_amount(one)}")
    refuse_to_overwrite(verified, replace=wanted.replace)
    _refuse_to_forget(verified, owners[settings.service], wanted)
    if wanted.dry_run:
        return verified
    put_keys(verified)
    erased = dict(wanted.erased or {}) | _remembered(owners[settings.service], build, say)
    for one in sorted(verified, key=lambda one: one.part == DATA):  # keys first
        if one.part == DATA and one.owner.name == settings.service and erased:
            asyncio.run(_destroy_keys(build(), erased))
        load(one, keys, progress)
        say(f"{one.owner.name}: {one.part} loaded")
    for owner in owners.values():
        migrate(owner.package, owner.database_url, settings.patience)
    came = [Came(one.owner.name, one.part, one.manifest.made_at) for one in verified]
    for line in asyncio.run(open_again(build(), came, erased)):
        say(line)
    return verified


def _remembered(owner: Owner, build: Callable[[], Service], say: Say) -> dict[Erased, dt.datetime]:
    """Who was erased, as far as what is given up now still tells: a list may be older than that."""
    known: dict[Erased, dt.datetime] = {}
    for part in PARTS:
        store = owner.store(part)
        if store is None or store.state() is not State.FILLED:
            continue
        try:
            known |= asyncio.run(_told_by(build(), part))
        except SQLAlchemyError:
            say(f"{store} cannot be read any more: what it knew to be erased is not known from it")
    return known


async def _told_by(service: Service, part: str) -> dict[Erased, dt.datetime]:
    try:
        if not service.has_ledger:
            return {}
        ledger = service.ledger
        return await (ledger.known() if part == DATA else ledger.remembered())
    finally:
        await close(service)


def _amount(one: Verified) -> str:
    rows = sum(one.manifest.rows.values())
    return f"{rows} rows" if one.ring is None else f"{rows} keys and {len(one.ring.files())} files"


def _refuse_to_forget(verified: list[Verified], owner: Owner, wanted: Wanted) -> None:
    """Where data and key store both come from backups, nobody here knows what was erased since."""
    parts = {one.part for one in verified if one.owner == owner}
    store = owner.store(KEYS)
    if DATA not in parts or store is None or wanted.without_list or wanted.erased is not None:
        return
    if KEYS in parts or store.state() is State.EMPTY:
        raise BackupRefused(
            f"Data and keys both come from backups, so what was erased since would come back: give "
            f"the newest list with --erasures (such as {list_of(owner.settings).name}), or say "
            "--without-list."
        )


async def _destroy_keys(service: Service, erased: Mapping[Erased, dt.datetime]) -> None:
    """Let the key store know what was erased before the data is there: a crash forgets nothing."""
    try:
        if service.has_ledger:
            await service.ledger.keys.create_tables()
            await service.ledger.keys.erase(erased)
    finally:
        await close(service)


async def open_again(
    service: Service, came: Iterable[Came], erased: Mapping[Erased, dt.datetime]
) -> list[str]:
    """What a service whose database came back needs before it opens; lines for people.

    It erases again what was erased since, ends sessions, notes it, and asks for what came since.
    """
    lines = []
    if service.has_ledger:
        await service.ledger.keys.create_tables()
        before = await service.ledger.known()
        await service.ledger.replay()
        await service.ledger.take(erased)
        after = await service.ledger.known()
        lines.append(f"{len(after) - len(before)} erasures repeated, {len(after)} known")
    came = list(came)
    if any(one.owner == IDENTITY for one in came):
        await service.identity.end_all_sessions()
        lines.append("every session of staff has ended; who was disabled since may sign in again")
    async with service.database.writing() as work:
        for one in came:
            facts = {"part": one.part, "made_at": one.made_at}
            await note(work, "backup.restored", one.owner, by=BY_COMMAND, **facts)
        if any(one.part == DATA for one in came):
            await service.upkeep.gaps.ask_beyond(work)
            lines.append("what was said since is asked for once it is started")
    told, _ = await reconcile(service, ask=True)
    return [*lines, *told]
