"""Bringing a backup back: everything is verified before anything is touched."""

import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cri_shared.backup import age
from cri_shared.backup.archive import Manifest, Unpacking
from cri_shared.backup.making import DATABASE, FILES, Progress
from cri_shared.backup.owner import DATA, KEYS, SECRET, Owner
from cri_shared.backup.store import Loading, State
from cri_shared.backup.trouble import BackupRefused
from cri_shared.db.migrate import knows
from cri_shared.privacy.keys import KeyRing, KeysUnusable

Take = Callable[[str, bytes], None]
_KEY_FILE_BYTES = 1024  # at most


@dataclass(frozen=True)
class Verified:
    """A backup file that is whole, ours, and fits; `ring` are the key files in a part of keys."""

    path: Path
    owner: Owner
    manifest: Manifest
    secret: bytes
    ring: KeyRing | None

    @property
    def part(self) -> str:
        """Data or keys."""
        return self.manifest.part


def verify(
    paths: Collection[Path],
    owners: Mapping[str, Owner],
    keys: list[age.Key],
    progress: Progress = lambda _size: None,
) -> list[Verified]:
    """Read the files to their ends, and change nothing; raises `BackupRefused` with the reason."""
    verified: list[Verified] = []
    for path in sorted(paths, key=lambda path: (f"-{KEYS}." not in path.name, path.name)):
        rings = {one.owner.name: one.ring for one in verified if one.ring is not None}
        one = _Reading(path, owners, keys, progress).verify(rings)
        if any((one.owner, one.part) == (other.owner, other.part) for other in verified):
            raise BackupRefused(
                f"{path.name}: one file of {one.owner.name}'s {one.part} is enough."
            )
        verified.append(one)
    return verified


def refuse_to_overwrite(verified: Sequence[Verified], *, replace: bool) -> None:
    """Raise `BackupRefused` where somebody works with what would be replaced, or it holds rows."""
    for one in verified:
        store = one.owner.store(one.part)
        state = store.state() if store else State.EMPTY
        if state is State.LIVE:
            raise BackupRefused(f"{store} is in use: stop what works with it first.")
        if state is State.FILLED and not replace:
            raise BackupRefused(f"{store} holds rows: --replace gives them up.")
        if one.ring is not None:
            _refuse_other_keys(one.owner.key_dir, one.ring)


def load(one: Verified, keys: list[age.Key], progress: Progress = lambda _size: None) -> None:
    """Put the database of a verified backup in the place of what is there.

    Raises `BackupFailed` where it could not be; what was there is as it was.
    """
    with contextlib.ExitStack() as stack:
        store = one.owner.store(one.part)
        loading = stack.enter_context(store.loading(one.manifest.rows)) if store else None
        reading = _Reading(one.path, {one.owner.name: one.owner}, keys, progress)
        reading.read(lambda member, part: _load(loading, member, part))
        reading.end(one.secret)
        if loading is not None:
            loading.put()


def put_keys(verified: Sequence[Verified]) -> None:
    """Let key files come that are missing; whatever is there already is opened by them, too."""
    for one in verified:
        if one.ring is not None:
            one.ring.put_into(one.owner.key_dir)


def _load(loading: Loading | None, member: str, part: bytes) -> None:
    if loading is not None and member == DATABASE:
        loading.take(part)


def _refuse_other_keys(directory: Path, ring: KeyRing) -> None:
    with contextlib.suppress(KeysUnusable):
        if KeyRing.open(directory).secret(SECRET) != ring.secret(SECRET):
            raise BackupRefused(
                f"{directory} has the keys of another installation: move them away first."
            )


class _Reading:
    """One file, read once to its end."""

    def __init__(
        self,
        path: Path,
        owners: Mapping[str, Owner],
        keys: list[age.Key],
        progress: Progress,
    ) -> None:
        self._path, self._owners, self._keys = path, owners, keys
        self._progress = progress
        self._size = 0
        self._files: dict[str, bytes] = {}
        self._take: Take = lambda _member, _part: None
        self._unpacking = Unpacking(self._fits, self._part)

    def verify(self, rings: Mapping[str, KeyRing]) -> Verified:
        """Read it, and believe nothing of it before its end."""
        self.read(self._take)
        manifest = self._unpacking.manifest
        if manifest is None:
            raise self._refused(age.DAMAGED)
        owner = self._owners[manifest.owner]
        ring = self._ring() if manifest.part == KEYS else None
        secret = self._secret(owner, ring or rings.get(owner.name))
        return Verified(self._path, owner, self.end(secret), secret, ring)

    def read(self, take: Take) -> None:
        """Hand on each part of each member; raises `BackupRefused`."""
        self._take = take
        try:
            with self._path.open("rb") as file:
                age.decrypt(file, self._keys, self._write)
        except age.Unopened as why:
            raise self._refused(str(why)) from None
        except OSError as trouble:
            raise self._refused(trouble.strerror or "it cannot be read") from None

    def end(self, secret: bytes) -> Manifest:
        """What it was, once all of it came and is right."""
        try:
            return self._unpacking.end(secret)
        except age.Unopened as why:
            raise self._refused(str(why)) from None

    def _write(self, data: bytes) -> None:
        self._size += len(data)
        self._progress(self._size)
        self._unpacking.write(data)

    def _part(self, member: str, part: bytes) -> None:
        if member.startswith(f"{FILES}/"):
            if len(part) > _KEY_FILE_BYTES:
                raise age.Unopened(age.DAMAGED)
            self._files[member.removeprefix(f"{FILES}/")] = part
        self._take(member, part)

    def _fits(self, manifest: Manifest) -> None:
        owner = self._owners.get(manifest.owner)
        if owner is None:
            raise self._refused(f"it is {manifest.owner}'s, and this is {next(iter(self._owners))}")
        store = owner.store(manifest.part)
        if (store.kind if store else "") != manifest.database:
            raise self._refused(
                f"it holds a database of {manifest.database}, and yours is of "
                f"{store.kind if store else 'none'}"
            )
        if manifest.part == DATA and not (
            manifest.revision and knows(owner.package, manifest.revision)
        ):
            raise self._refused("a newer release of CRI made it: install that one first")

    def _ring(self) -> KeyRing:
        try:
            return KeyRing.of_files(self._files)
        except KeysUnusable:
            raise self._refused(age.DAMAGED) from None

    def _secret(self, owner: Owner, ring: KeyRing | None) -> bytes:
        try:
            return ring.secret(SECRET) if ring else owner.secret()
        except KeysUnusable as unusable:
            raise self._refused(
                f"{unusable}, and without the key files nothing shows that it is yours: give the "
                "backup of the keys too"
            ) from None

    def _refused(self, why: str) -> BackupRefused:
        return BackupRefused(f"{self._path.name}: {why}.")
