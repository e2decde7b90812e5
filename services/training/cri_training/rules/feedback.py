"""Feedback: the questions, and the counts that may be shown without showing a person."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cri_training.rules.disclosure import numbers, people
from cri_training.rules.lots import Cut, Lot, across, lots, totals

SCALE = (1, 2, 3, 4, 5)
# How sure somebody was before is asked afterwards, in the same form: so each answer is a pair by
# itself, no name or code word joins two forms, and both marks mean the same to who gives them
# (G. S. Howard, Response-shift bias, Evaluation Review 4(1), 1980, pages 93-106).
BEFORE, NOW = "sure_before", "sure_now"
RATED = ("useful", "prepared", "pace", BEFORE, NOW)
WRITTEN = ("obstacles", "remark")
ANSWERED, CHANGED = "answered", "changed"  # what else is told of people
PAIRED = {ANSWERED: (), CHANGED: (BEFORE, NOW)}  # the marks that somebody gave of whom it is told


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


@dataclass(frozen=True)
class Form:
    """A form that was filled in: what its person does, as far as told, and the answers."""

    answer_id: str
    role: str | None
    answer: Answer


@dataclass(frozen=True)
class Closed:
    """The forms of an edition, and the totals that they belong to, the widest first."""

    cuts: tuple[Cut, ...]
    forms: Sequence[Form]


@dataclass(frozen=True)
class Closings:
    """How many forms are closed, and of which of them somebody may be answering still.

    What may be told of them hangs on nothing else: forms close one after the other and stay
    closed, and nothing that came back is changed or taken away.
    """

    number: int
    answering: frozenset[str]


def told(closed: Sequence[Closed]) -> dict[str, dict[Cut, int]]:
    """By what is told (answers, marks of a question, changes) and cut: of whom, by form number.

    Editions come in the order in which their forms closed, and forms are numbered through.
    """
    forms = [form for edition in closed for form in edition.forms]
    roles = roles_of(forms)
    found = {ANSWERED: lots(arriving(closed))}
    for name in (*RATED, CHANGED):
        gave = people(n for n, form in enumerate(forms) if _gave(form.answer, name))
        found[name] = lots(Lot(lot.cuts, lot.people & gave) for lot in found[ANSWERED])
    return {name: totals(of) | across(of, roles) for name, of in found.items()}


def roles_of(forms: Sequence[Form]) -> dict[Cut, int]:
    """By what people do, the forms of those who told it."""
    return {
        ("role", role): people(n for n, form in enumerate(forms) if form.role == role)
        for role in sorted({form.role for form in forms if form.role})
    }


def arriving(closed: Sequence[Closed]) -> Iterator[Lot]:
    """What each edition brings, its forms by their numbers."""
    first = 0
    for edition in closed:
        yield Lot(edition.cuts, people(range(first, first + len(edition.forms))))
        first += len(edition.forms)


def _gave(answer: Answer, name: str) -> bool:
    return all(answer.marks.get(one) is not None for one in PAIRED.get(name, (name,)))


def thought(closed: Sequence[Closed]) -> dict[Cut, Counts]:
    """By cut, what may be told of what people thought; cuts of which nothing may are not there."""
    answers = [form.answer for edition in closed for form in edition.forms]
    of = told(closed)
    return {
        cut: _counts(answers, {name: by.get(cut, 0) for name, by in of.items()})
        for cut, whose in of[ANSWERED].items()
        if whose
    }


def _counts(answers: Sequence[Answer], of: Mapping[str, int]) -> Counts:
    def those(name: str) -> list[Answer] | None:
        """Those who are told of; None where some gave it, and nobody of them may be."""
        whose = of[name] if of[name] & of[ANSWERED] == of[name] else 0
        some = any(_gave(answer, name) for answer in picked(of[ANSWERED]))
        return None if some and not whose else picked(whose)

    def picked(whose: int) -> list[Answer]:
        return [answers[n] for n in numbers(whose)]

    all_ = picked(of[ANSWERED])
    return Counts(
        len(all_),
        {name: _scale(name, those(name)) for name in RATED},
        _change(those(CHANGED)),
        {name: sum(one.wrote.get(name, False) for one in all_) for name in WRITTEN},
    )


def _scale(name: str, answers: Sequence[Answer] | None) -> Scale | None:
    if answers is None:
        return None
    seen = Counter(one.marks.get(name) for one in answers)
    return Scale(tuple(seen[mark] for mark in SCALE))


def _change(answers: Sequence[Answer] | None) -> Change | None:
    """None where nobody is told of who gave both marks."""
    marks = [(one.marks[BEFORE] or 0, one.marks[NOW] or 0) for one in answers or ()]
    surer, less = sum(now > before for before, now in marks), sum(b > now for b, now in marks)
    return Change(surer, len(marks) - surer - less, less) if marks else None
