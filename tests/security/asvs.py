"""The answers to ASVS 5.0, levels 1 and 2, as `deploy/security/asvs.csv` holds them."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parents[2] / "deploy/security/asvs.csv"
ELSE = ("operator", "open", "does not apply")


@dataclass(frozen=True)
class Answer:
    """What CRI answers to one requirement."""

    item: str
    level: str
    in_short: str
    answer: str

    @property
    def kind(self) -> str:
        """`shown`, or one of `ELSE`."""
        kind = self.answer.partition(": ")[0]
        return kind if kind in ELSE else "shown"

    @property
    def shown(self) -> tuple[str, ...]:
        """The tests and pages that show it; none where it is answered otherwise."""
        return tuple(self.answer.split(" ; ")) if self.kind == "shown" else ()


@cache
def answers() -> tuple[Answer, ...]:
    """Every line of the table."""
    return tuple(_read())


def _read() -> Iterator[Answer]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Answer(**row)
