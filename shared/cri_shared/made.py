"""Files that are made from the code: written anew, or compared with what the code says now."""

import sys
from collections.abc import Iterable
from pathlib import Path


def settle(made: Iterable[tuple[Path, str]], arguments: list[str], remedy: str) -> int:
    """Write each file, or with `--check` among the arguments change nothing and name what is stale.

    Gives the exit status: 1 where `--check` found a file out of date. `remedy` is the command that
    makes them, for whoever reads it.
    """
    if "--check" not in arguments:
        for file, text in made:
            file.write_text(text)
        return 0
    stale = [file for file, text in made if not file.exists() or file.read_text() != text]
    for file in stale:
        sys.stdout.write(f"{file} is out of date: {remedy}\n")
    return 1 if stale else 0
