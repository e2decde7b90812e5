"""What goes wrong with backups, in words for operators; each kind has its exit status."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class BackupRefused(Exception):
    """It is not done, and nothing was touched: a setting, a file or a person must change first."""

    status = 2


class BackupFailed(Exception):
    """It was begun and could not be ended; what was there before is as it was."""

    status = 1


@contextmanager
def told(directory: Path) -> Iterator[None]:
    """Say what the file system refuses in words of ours; raises `BackupRefused`, `BackupFailed`."""
    try:
        yield
    except OSError as trouble:
        if trouble.errno in _FULL:
            raise BackupFailed(f"The disk of {directory} is full; nothing was changed.") from None
        why = trouble.strerror or type(trouble).__name__
        raise BackupRefused(f"{directory} cannot be used: {why}.") from None
