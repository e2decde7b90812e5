"""Encryption to people who are not here: the format of age, in streams, by the library pyrage.

A machine holds recipients only, so whoever takes the machine cannot open its backups. age seals
every 64 KiB with its place and marks the last piece: a changed, moved or missing byte is noticed.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, TypeAlias

import pyrage

from cri_shared.backup.trouble import BackupRefused

DAMAGED = "it is damaged or cut off"
Recipient: TypeAlias = Any  # pyrage has no types
Key: TypeAlias = Any


class Unopened(Exception):
    """A file that cannot be opened, and why."""


def new_key() -> tuple[str, str]:
    """(private key, recipient): the first opens what was sealed for the second."""
    key = pyrage.x25519.Identity.generate()
    return str(key), str(key.to_public())


def recipients_of(given: str) -> list[Recipient]:
    """The recipients in a setting; raises `BackupRefused` for none, or one that is none."""
    words = [word.strip() for word in given.split(",") if word.strip()]
    if not words:
        raise BackupRefused(
            "No recipient is set, so nobody could open a backup: make a key with backup-key, "
            "and set CRI_BACKUP_RECIPIENTS."
        )
    try:
        return [pyrage.x25519.Recipient.from_str(word) for word in words]
    except pyrage.RecipientError:
        raise BackupRefused("CRI_BACKUP_RECIPIENTS must be recipients of age, age1...") from None


def keys_of(text: str) -> list[Key]:
    """The private keys in a key file, as age-keygen writes it; raises `BackupRefused`."""
    lines = [line.strip() for line in text.splitlines()]
    try:
        keys = [
            pyrage.x25519.Identity.from_str(line)
            for line in lines
            if line and not line.startswith("#")
        ]
    except pyrage.IdentityError:
        keys = []
    if not keys:
        raise BackupRefused("The key file holds no private key of age (AGE-SECRET-KEY-...).")
    return keys


def encrypt(pieces: Iterable[bytes], out: BinaryIO, recipients: list[Recipient]) -> None:
    """Seal the pieces, as they come, for each of the recipients; raises what either end raises."""
    reader, writer = _Reader(iter(pieces)), _Writer(out.write)
    try:
        pyrage.encrypt_io(reader, writer, recipients)
    except (pyrage.EncryptError, OSError):
        raise reader.trouble or writer.trouble or Unopened(DAMAGED) from None


def decrypt(file: BinaryIO, keys: list[Key], take: Callable[[bytes], object]) -> None:
    """Hand on what a file holds; `take` must not act on it before all of it came.

    Raises `Unopened`, or what `take` raises.
    """
    reader, writer = _Reader(iter(lambda: file.read(1 << 16), b"")), _Writer(take)
    try:
        pyrage.decrypt_io(reader, writer, keys)
    except (pyrage.DecryptError, OSError) as refusal:
        if (trouble := reader.trouble or writer.trouble) is not None:
            raise trouble from None
        if "No matching keys" in str(refusal):
            raise Unopened("it was not made for this key") from None
        raise Unopened(DAMAGED) from None


class _Reader:
    """What pyrage reads from; it hides what failed, so we keep it."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")
        self.trouble: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            while not self._rest:
                self._rest = memoryview(next(self._pieces))
        except StopIteration:
            return b""
        except BaseException as trouble:
            self.trouble = trouble
            raise OSError from None
        wanted = len(self._rest) if size < 0 else size
        piece, self._rest = bytes(self._rest[:wanted]), self._rest[wanted:]
        return piece


class _Writer:
    """What pyrage writes to; it hides what failed, so we keep it."""

    def __init__(self, take: Callable[[bytes], object]) -> None:
        self._take = take
        self.trouble: BaseException | None = None

    def write(self, data: bytes) -> int:
        try:
            self._take(data)
        except BaseException as trouble:
            self.trouble = self.trouble or trouble  # pyrage may come once more
            raise OSError from None
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""
