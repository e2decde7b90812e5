"""The sentences of tests/shared/data/gold: what each one marks, and whether it is held back."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DIRECTORY = Path(__file__).parents[1] / "shared/data/gold"
KINDS = (
    *("name", "place", "phone", "email", "iban", "handle"),
    *("register", "file", "address", "date", "age", "rare"),
)
_MARK = re.compile(r"\[\[([a-z]+):(.*?)\]\]")
_PARTS = 3


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters `start` to `end` of a sentence tell who somebody is."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One line of a file; `held` sentences are not looked at while detectors are improved."""

    text: str
    language: str
    marks: tuple[Mark, ...]

    @property
    def held(self) -> bool:
        """One sentence of three, by its words alone: new lines move no other line."""
        return hashlib.sha256(self.text.encode()).digest()[0] % _PARTS == 0

    def words(self, mark: Mark) -> str:
        """What a mark of this sentence says."""
        return self.text[mark.start : mark.end]

    def without(self, general: str) -> str:
        """The sentence with a general word in the place of every mark."""
        pieces, at = [], 0
        for mark in self.marks:
            pieces += [self.text[at : mark.start], general]
            at = mark.end
        return "".join([*pieces, self.text[at:]])


def parse(line: str, language: str) -> Sentence:
    """A sentence from its marked-up line; raises `ValueError` for an unknown kind."""
    text, marks, at = "", [], 0
    for found in _MARK.finditer(line):
        kind, words = found.groups()
        if kind not in KINDS:
            raise ValueError(f"{kind} is none of {', '.join(KINDS)}: {line}")
        text += line[at : found.start()]
        marks.append(Mark(len(text), len(text) + len(words), kind))
        text += words
        at = found.end()
    return Sentence(text + line[at:], language, tuple(marks))


@cache
def gold() -> tuple[Sentence, ...]:
    """Every sentence of every language."""
    return tuple(_read())


def parts() -> dict[str, tuple[Sentence, ...]]:
    """The sentences that detectors were improved with, and those that were held back."""
    return {
        "seen": tuple(sentence for sentence in gold() if not sentence.held),
        "held back": tuple(sentence for sentence in gold() if sentence.held),
    }


def _read() -> Iterator[Sentence]:
    for file in sorted(DIRECTORY.glob("*.txt")):
        for line in file.read_text("utf-8").splitlines():
            if line and not line.startswith("#"):
                yield parse(line, file.stem)
