"""Feedback: the questions, and the counts that may be shown without showing a person."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cri_training.rules.disclosure import FEWEST, tells_of_few

SCALE = (1, 2, 3, 4, 5)
# How sure somebody was before is asked afterwards, in the same form: so each answer is a pair by
# itself, no name or code word joins two forms, and both marks mean the same to who gives them
# (G. S. Howard, Response-shift bias, Evaluation Review 4(1), 1980, pages 93-106).
BEFORE, NOW = "sure_before", "sure_now"
RATED = ("useful", "prepared", "pace", BEFORE, NOW)
WRITTEN = ("obstacles", "remark")


@dataclass(frozen=True)
class Answer:
    """One form: marks from 1 to 5, None where left open, and which texts were written."""

    marks: dict[str, int | None]
    wrote: dict[str, bool]


@dataclass(frozen=True)
class Scale:
    """How often each mark was given, lowest first."""

    marks: tuple[int, ...]

    @property
    def answers(self) -> int:
        """How many people gave one."""
        return sum(self.marks)

    @property
    def mean(self) -> float:
        """The mean mark; 0 where nobody gave one."""
        total = sum(mark * number for mark, number in zip(SCALE, self.marks, strict=True))
        return total / self.answers if self.answers else 0.0

    @property
    def bars(self) -> list[tuple[float, float]]:
        """(x, width) of each mark in a picture 100 wide, the middle mark around its middle."""
        shares = [50 * number / (self.answers or 1) for number in self.marks]
        x, found = 50 - sum(shares[:2]) - shares[2] / 2, []
        for share in shares:
            found.append((round(x, 2), round(share, 2)))
            x += share
        return found


@dataclass(frozen=True)
class Change:
    """How many of those who gave both marks are surer than before, as sure, and less sure."""

    surer: int
    same: int
    less: int


@dataclass(frozen=True)
class Counts:
    """What may be seen: numbers, of five answers and more; a question with fewer has None."""

    answers: int
    marks: dict[str, Scale | None]
    change: Change | None
    wrote: dict[str, int]


def counts(answers: Sequence[Answer]) -> Counts | None:
    """The counts of some answers, or None below five: not even how many there are."""
    if len(answers) < FEWEST:
        return None
    return Counts(
        len(answers),
        {question: _scale([one.marks.get(question) for one in answers]) for question in RATED},
        _change([(one.marks.get(BEFORE), one.marks.get(NOW)) for one in answers]),
        {name: sum(one.wrote.get(name, False) for one in answers) for name in WRITTEN},
    )


def _scale(given: Sequence[int | None]) -> Scale | None:
    seen = Counter(given)
    found = Scale(tuple(seen[mark] for mark in SCALE))
    return None if tells_of_few(found.answers) else found


def _change(pairs: Sequence[tuple[int | None, int | None]]) -> Change | None:
    """None where fewer than five people gave both marks."""
    steps = [now - before for before, now in pairs if before is not None and now is not None]
    if len(steps) < FEWEST:
        return None
    surer, less = sum(step > 0 for step in steps), sum(step < 0 for step in steps)
    return Change(surer, len(steps) - surer - less, less)
