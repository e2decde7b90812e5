"""How the verbs of `cri` speak, to people and to programs, and the options that many have.

A verb with `--json` prints one object at its end and nothing else on standard output; what it says
on the way goes to standard error. README.md describes the object.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from cri_stack.layout import Layout, LayoutUnusable

Var = Annotated[Path, typer.Option("--var", help="directory that holds everything")]
Json = Annotated[bool, typer.Option("--json", help="one object for programs, at the end")]
VAR = Path("var")


def say(line: str) -> None:
    """Say a line at once."""
    print(line, flush=True)


def mutter(line: str) -> None:
    """Say a line beside an answer for programs."""
    print(line, file=sys.stderr, flush=True)


class Beside:
    """Where the logs of a verb go, as `configure_logs` takes it: beside its answer."""

    def write(self, text: str) -> None:
        """To what standard error is at that moment."""
        sys.stderr.write(text)

    def flush(self) -> None:
        """At once."""
        sys.stderr.flush()


def stop(words: str, status: int = 2) -> typer.Exit:
    """What ends a verb with a status, after its reason."""
    mutter(words)
    return typer.Exit(status)


def told(trouble: OSError) -> str:
    """What the machine says of a file, as people read it."""
    words = trouble.strerror or type(trouble).__name__
    return f"{trouble.filename}: {words}" if trouble.filename else words


class Answer:
    """What a verb answers: lines as they come for people, or one object for programs."""

    def __init__(self, verb: str, *, as_json: bool) -> None:
        self._verb = verb
        self.as_json = as_json

    @property
    def say(self) -> Callable[[str], None]:
        """Says a line on the way: beside the answer where that is for programs."""
        return mutter if self.as_json else say

    def platform(self, var: Path) -> Layout:
        """The platform that stands in a directory; ends the verb where there is none."""
        try:
            return Layout.standing(var)
        except LayoutUnusable as unusable:
            raise self.stop(str(unusable)) from None

    def show(self, *lines: str) -> None:
        """Say what programs find in the answer."""
        if not self.as_json:
            for line in lines:
                say(line)

    def end(self, result: Any = None, status: int = 0, error: str | None = None) -> typer.Exit:
        """What ends the verb with a status, after its result where that is for programs.

        `error` is why not all was done, which was said already.
        """
        self._tell(status, result, error)
        return typer.Exit(status)

    def stop(self, words: str, status: int = 2, result: Any = None) -> typer.Exit:
        """What ends the verb with a status, after the reason why it could not do its work."""
        mutter(words)
        self._tell(status, result, words)
        return typer.Exit(status)

    def _tell(self, status: int, result: Any, error: str | None) -> None:
        if self.as_json:
            told = {"verb": self._verb, "status": status, "error": error, "result": result}
            say(json.dumps(told, indent=2, default=str))
