"""Files that nobody else may read, whole once they are there, and there once that was said."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cri_shared.backup.trouble import BackupRefused


@contextmanager
def draft(path: Path) -> Iterator[BinaryIO]:
    """A file beside `path` to write to, gone when the block ends unless it was put in place."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w+b") as file:
            yield file
    finally:
        path.unlink(missing_ok=True)


def put(file: BinaryIO, aside: Path, path: Path) -> None:
    """Let a file that was written aside take its place, durably."""
    file.flush()
    os.fsync(file.fileno())
    os.replace(aside, path)
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def alone(lock: Path, what: str) -> Iterator[None]:
    """Hold a lock file; raises `BackupRefused` where another process does."""
    lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(lock, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupRefused(f"Another process makes {what}.") from None
        yield
    finally:
        os.close(handle)


def is_locked(lock: Path) -> bool:
    """Whether a process holds a lock file."""
    with contextlib.suppress(FileNotFoundError), lock.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
