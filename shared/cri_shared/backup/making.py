"""Making a backup: one file for each part, there only once it is whole, and then old ones go."""

import contextlib
import datetime as dt
import importlib.metadata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cri_shared import clock
from cri_shared.backup import age
from cri_shared.backup.archive import Manifest, Member, pack
from cri_shared.backup.files import alone, draft, put
from cri_shared.backup.owner import KEYS, Owner
from cri_shared.backup.shelf import Shelf
from cri_shared.backup.store import Snapshot
from cri_shared.backup.trouble import told
from cri_shared.privacy.keys import KeyRing

DATABASE = "database"
FILES = "files"
Progress = Callable[[int], None]  # bytes written so far


@dataclass(frozen=True)
class Made:
    """A backup that was made: its file, its size in bytes, rows in it, and which old ones went."""

    owner: str
    part: str
    file: str
    made_at: str
    size: int
    rows: int
    removed: list[str]


def make(owner: Owner, part: str, progress: Progress = lambda _size: None) -> Made:
    """Back up one part of an owner's; raises `BackupRefused`, `BackupFailed`, `KeysUnusable`.

    Memory stays bounded, whatever the size. Those who work with the database go on.
    """
    shelf = Shelf.of(owner.settings, part)
    recipients = age.recipients_of(shelf.recipients)
    secret = owner.secret()
    with told(shelf.directory), alone(shelf.directory / f"{owner.name}.lock", "this backup"):
        at = clock.now()
        with contextlib.ExitStack() as stack:
            store = owner.store(part)
            snapshot = stack.enter_context(store.snapshot()) if store else None
            manifest = _manifest(owner, part, at, snapshot, store.kind if store else "")
            path = shelf.place(owner.name, at)
            pieces = pack(manifest, _members(owner, part, snapshot), secret)
            size = _write(path, _counted(pieces, progress), recipients)
        return Made(
            owner.name,
            part,
            str(path),
            manifest.made_at,
            size,
            sum(manifest.rows.values()),
            shelf.remove_old(owner.name, at),
        )


def _write(path: Path, pieces: Iterator[bytes], recipients: list[age.Recipient]) -> int:
    aside = path.with_name(f".{path.name}.new")
    with told(path.parent), draft(aside) as file:
        age.encrypt(pieces, file, recipients)
        put(file, aside, path)
    return path.stat().st_size


def _counted(pieces: Iterator[bytes], progress: Progress) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        progress(size)
        yield piece


def _manifest(
    owner: Owner, part: str, at: dt.datetime, snapshot: Snapshot | None, kind: str
) -> Manifest:
    return Manifest(
        owner=owner.name,
        part=part,
        made_at=at.isoformat(timespec="seconds"),
        software=importlib.metadata.version("cri-shared"),
        database=kind,
        server=snapshot.server if snapshot else "",
        revision=snapshot.revision if snapshot else None,
        rows=snapshot.rows if snapshot else {},
    )


def _members(owner: Owner, part: str, snapshot: Snapshot | None) -> Iterator[Member]:
    if snapshot is not None:
        yield Member(DATABASE, snapshot.pieces)
    if part == KEYS:
        for name, content in KeyRing.open(owner.key_dir).files().items():
            yield Member(f"{FILES}/{name}", [content])
