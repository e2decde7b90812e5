"""Feedback: the questions, and the counts that may be shown without showing a person."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cri_training.rules.disclosure import FEWEST

SCALE = (1, 2, 3, 4, 5)
RATED = ("useful", "prepared", "pace")
WRITTEN = ("obstacles", "remark")


@dataclass(frozen=True)
class Answer:
    """One form: three marks from 1 to 5, None where left open, and which texts were written."""

    marks: dict[str, int | None]
    wrote: dict[str, bool]


@dataclass(frozen=True)
class Counts:
    """What a trainer may see: numbers, and only from five answers on."""

    answers: int
    marks: dict[str, list[tuple[int, int]]]
    wrote: dict[str, int]


def counts(answers: Sequence[Answer]) -> Counts | None:
    """The counts of an edition's answers, or None below five: not even how many there are."""
    if len(answers) < FEWEST:
        return None
    marks = {}
    for question in RATED:
        seen = Counter(answer.marks.get(question) for answer in answers)
        marks[question] = [(mark, seen[mark]) for mark in SCALE]
    wrote = {name: sum(answer.wrote.get(name, False) for answer in answers) for name in WRITTEN}
    return Counts(len(answers), marks, wrote)
