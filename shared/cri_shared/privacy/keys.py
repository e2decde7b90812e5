"""The service's own keys, read from a directory of key files: they wrap data keys, nothing else."""

import base64
import binascii
import contextlib
import datetime as dt
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cri_shared import clock
from cri_shared.privacy.vault import KEY_BYTES, Unreadable, new_key, open_sealed, seal

ROOT = "root"
_SUFFIX = ".key"
_KEY_ID = re.compile(r"k(\d{8})-([0-9a-f]{4})")
_KEY_ID_BYTES = len("kyyyymmdd-ffff")
# The first key of a day starts low, so that later ones of that day can still sort behind it.
_FIRST_OF_DAY_BELOW = 0x1000
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class KeysUnusable(RuntimeError):
    """The key directory is missing, open to others, or damaged; the service must not start."""


class KeyRing:
    """The key-encryption keys of one service, the newest of which wraps new data keys.

    The directory holds `root.key`, from which lasting secrets are derived, and one file per
    key-encryption key, `k<yyyymmdd>-<4 hex>.key`, whose names sort by age. Each file is 32 random
    bytes in base64, readable by the service's user only. A ring follows its directory: a key that
    another process adds is the current one here too.
    """

    def __init__(self, directory: Path, root: bytes, keys: dict[str, bytes], seen: int = 0) -> None:
        self._directory = directory
        self._root = root
        self._keys = keys
        self._secrets: dict[str, bytes] = {}
        self._seen = seen

    @classmethod
    def create(cls, directory: Path) -> Self:
        """Make the directory with a root key and a first key; raises `KeysUnusable` if it has any.

        Missing parents are made too; the directory itself gets mode 0700.
        """
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(directory.glob(f"*{_SUFFIX}")):
            raise KeysUnusable(f"{directory} already holds keys; nothing was changed")
        _write(directory / f"{ROOT}{_SUFFIX}", new_key())
        _write(directory / f"{_next_id(None)}{_SUFFIX}", new_key())
        return cls.open(directory)

    @classmethod
    def open(cls, directory: Path) -> Self:
        """Read every key of the directory; raises `KeysUnusable` saying which file and why."""
        seen = _changed_at(directory)
        return cls._of(directory, {path.stem: _read(path) for path in _key_files(directory)}, seen)

    @classmethod
    def of_files(cls, files: Mapping[str, bytes]) -> Self:
        """The ring that the `files` of another make, which lies nowhere; raises `KeysUnusable`."""
        return cls._of(Path(), {Path(n).stem: _decoded(Path(n), c) for n, c in files.items()})

    @classmethod
    def _of(cls, directory: Path, found: dict[str, bytes], seen: int = 0) -> Self:
        root = found.pop(ROOT, None)
        if root is None:
            raise KeysUnusable(f"{directory} has no {ROOT}{_SUFFIX}")
        strangers = [name for name in found if not _KEY_ID.fullmatch(name)]
        if strangers:
            raise KeysUnusable(f"{directory} has a key with a strange name: {strangers[0]}")
        if not found:
            raise KeysUnusable(f"{directory} has no key named k<yyyymmdd>-<4 hex>{_SUFFIX}")
        return cls(directory, root, found, seen)

    def files(self) -> dict[str, bytes]:
        """Name and content of each key file."""
        return {f"{name}{_SUFFIX}": _encoded(key) for name, key in self._named().items()}

    def put_into(self, directory: Path) -> None:
        """Write the key files that a directory has not.

        Raises `KeysUnusable` where it has another root key.
        """
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        there = {path.stem: path for path in _key_files(directory)}
        if ROOT in there and _read(there[ROOT]) != self._root:
            raise KeysUnusable(f"{directory} has the keys of another installation")
        for name, key in self._named().items():
            if name not in there:
                _write(directory / f"{name}{_SUFFIX}", key)

    def _named(self) -> dict[str, bytes]:
        return {ROOT: self._root, **self._keys}

    @property
    def current(self) -> str:
        """The id of the newest key, which wraps new data keys."""
        self._follow()
        return max(self._keys)

    def age(self) -> dt.timedelta:
        """How long ago the current key was made."""
        made = (self._directory / f"{self.current}{_SUFFIX}").stat().st_mtime
        return clock.now() - dt.datetime.fromtimestamp(made, dt.UTC)

    def _follow(self) -> None:
        """Read the directory anew where it changed; a ring that is damaged now changes nothing."""
        if _changed_at(self._directory) != self._seen:
            self._read_anew()

    def _read_anew(self) -> None:
        with contextlib.suppress(KeysUnusable):
            now = type(self).open(self._directory)
            self._keys, self._seen = now._keys, now._seen

    @property
    def key_ids(self) -> list[str]:
        """The ids of all keys, oldest first."""
        return sorted(self._keys)

    def add(self) -> str:
        """Make a new key, which becomes the current one; returns its id. Starts a rotation."""
        key_id = _next_id(self.current)
        key = new_key()
        _write(self._directory / f"{key_id}{_SUFFIX}", key)
        self._keys[key_id] = key
        return key_id

    def retire(self, key_id: str) -> None:
        """Destroy an old key for good, with all it still wraps. Ends a rotation."""
        if key_id not in self._keys or key_id == self.current:
            raise KeysUnusable(f"{key_id} is not an older key of this ring")
        (self._directory / f"{key_id}{_SUFFIX}").unlink()
        del self._keys[key_id]

    def wrap(self, data_key: bytes, aad: bytes | str) -> bytes:
        """The data key sealed under the current key, with that key's id in front."""
        key_id = self.current
        return key_id.encode() + seal(self._keys[key_id], data_key, aad)

    def unwrap(self, wrapped: bytes, aad: bytes | str) -> bytes:
        """The data key; raises `Unreadable` if its wrapping key is gone or anything was altered."""
        key = self._keys.get(self.wrapped_by(wrapped))
        if key is None:
            self._read_anew()
            key = self._keys.get(self.wrapped_by(wrapped))
        if key is None:
            raise Unreadable("the key that wraps this data key is not in the key directory")
        return open_sealed(key, wrapped[_KEY_ID_BYTES:], aad)

    @staticmethod
    def wrapped_by(wrapped: bytes) -> str:
        """The id of the key a wrapped data key needs (an unknown text if it was damaged)."""
        return wrapped[:_KEY_ID_BYTES].decode("ascii", errors="replace")

    def secret(self, name: str) -> bytes:
        """A lasting secret of 32 bytes for one named use, such as "receipts" or "forms".

        Derived from the root key with HKDF-SHA256 (RFC 5869), so rotation does not change it.
        """
        if name not in self._secrets:
            derive = HKDF(
                algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"cri/" + name.encode()
            )
            self._secrets[name] = derive.derive(self._root)
        return self._secrets[name]

    def __repr__(self) -> str:
        return f"KeyRing(current={self.current!r}, keys={len(self._keys)})"


def _next_id(newest: str | None) -> str:
    """An id that sorts behind `newest`, even when the clock was set back or the day is the same."""
    day = clock.now().strftime("%Y%m%d")
    match = _KEY_ID.fullmatch(newest) if newest else None
    if match is None or match[1] < day:
        return f"k{day}-{secrets.randbelow(_FIRST_OF_DAY_BELOW):04x}"
    number = int(match[2], 16) + 1
    if number > 0xFFFF:
        raise KeysUnusable("too many keys were made today; try again tomorrow")
    return f"k{match[1]}-{number:04x}"


def _changed_at(directory: Path) -> int:
    """When a file was last made in or taken out of a directory; 0 where it is not there."""
    try:
        return directory.stat().st_mtime_ns
    except OSError:
        return 0


def _write(path: Path, key: bytes) -> None:
    """Write one key durably, so that nobody else can read it and it is whole once it is there."""
    handle, draft = tempfile.mkstemp(dir=path.parent)  # for its owner alone
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_encoded(key))
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        os.unlink(draft)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _key_files(directory: Path) -> list[Path]:
    try:
        names = sorted(os.listdir(directory))
    except (FileNotFoundError, NotADirectoryError):
        raise KeysUnusable(f"there is no key directory {directory}") from None
    except OSError as error:
        raise KeysUnusable(f"{directory} cannot be read: {error.strerror}") from None
    return [directory / name for name in names if name.endswith(_SUFFIX)]


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            _refuse_if_open_to_others(path, os.fstat(file.fileno()))
            return _decoded(path, file.read())
    except OSError as error:
        raise KeysUnusable(f"{path} cannot be read: {error.strerror}") from None


def _encoded(key: bytes) -> bytes:
    return base64.b64encode(key) + b"\n"


def _decoded(path: Path, content: bytes) -> bytes:
    try:
        key = base64.b64decode(content.strip(), validate=True)
    except binascii.Error:
        raise KeysUnusable(f"{path} is not base64") from None
    if len(key) != KEY_BYTES:
        raise KeysUnusable(f"{path} does not hold {KEY_BYTES} bytes")
    return key


def _refuse_if_open_to_others(path: Path, status: os.stat_result) -> None:
    if status.st_mode & _OTHERS:
        raise KeysUnusable(f"{path} is open to other users; run: chmod 600 {path}")
    # A key that another account placed here is a key that account knows.
    if status.st_uid not in {0, os.geteuid()}:
        raise KeysUnusable(f"{path} belongs to another user")
