"""What `cri-<service> backup` does: a file for each part, and the list of erasures beside them."""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from cri_shared.backup import age
from cri_shared.backup.files import draft, put
from cri_shared.backup.making import Made, Progress, make
from cri_shared.backup.owner import IDENTITY, PARTS, owners_of
from cri_shared.backup.trouble import told
from cri_shared.cli.keeping import listed
from cri_shared.cli.running import close
from cri_shared.service import Service
from cri_shared.settings import ServiceSettings


def back_up(
    settings: ServiceSettings,
    package: str,
    load: Callable[[], Service],
    progress: Progress,
    *,
    identity: bool,
) -> Iterator[Made]:
    """Back up every part, data first, so that no row is backed up without its key.

    Raises `BackupRefused`, `BackupFailed`, `KeysUnusable`.
    """
    asyncio.run(_make_key_store(load()))
    for name, owner in owners_of(settings, package).items():
        if name != IDENTITY or identity:
            for part in PARTS:
                yield make(owner, part, progress)
    _keep_list(settings, asyncio.run(listed(load())))


async def _make_key_store(service: Service) -> None:
    try:
        if service.has_ledger:  # makes it when it first opens
            await service.ledger.keys.create_tables()
    finally:
        await close(service)


def list_of(settings: ServiceSettings) -> Path:
    """Where the newest list of erasures lies, beside the backups of data."""
    return settings.backup_dir / f"{settings.service}-erasures.txt"


def _keep_list(settings: ServiceSettings, lines: list[str]) -> None:
    path = list_of(settings)
    aside = path.with_name(f".{path.name}.new")
    with told(path.parent), draft(aside) as file:
        file.writelines(f"{line}\n".encode() for line in lines)
        put(file, aside, path)


def make_key(path: Path) -> str:
    """Write a private key to a new file, for its owner alone; gives the recipient."""
    private, recipient = age.new_key()
    with told(path.parent):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(f"# recipient: {recipient}\n{private}\n")
    return recipient
