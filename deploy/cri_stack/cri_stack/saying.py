"""How the verbs of `cri` speak, and the options that many of them have."""

import sys
from pathlib import Path
from typing import Annotated

import typer

Var = Annotated[Path, typer.Option("--var", help="directory that holds everything")]
Json = Annotated[bool, typer.Option("--json", help="for programs")]
VAR = Path("var")


def say(line: str) -> None:
    """Say a line at once."""
    print(line, flush=True)


def mutter(line: str) -> None:
    """Say a line beside an answer for programs."""
    print(line, file=sys.stderr, flush=True)


def stop(words: str, status: int = 2) -> typer.Exit:
    """What ends a verb with a status, after its reason."""
    mutter(words)
    return typer.Exit(status)
