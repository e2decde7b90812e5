"""Figures of the desk: shares that say something, and none that could point at one question."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

FEWEST = 5  # a smaller number could be one person's question
SEEN, MISSED = "seen", "missed"  # in what askers wrote
ACCEPTED, REPLACED, KEPT = "accepted", "replaced", "kept"  # suggestions in new texts
VERDICTS = (SEEN, MISSED, ACCEPTED, REPLACED, KEPT)


@dataclass
class Line:
    """The numbers of one kind in one language, by verdict."""

    kind: str
    language: str
    numbers: Mapping[str, int] = field(default_factory=dict)

    def shown(self, verdict: str) -> int | None:
        """A number that may be shown; 0 for none, None where there are fewer than five."""
        number = self.numbers.get(verdict, 0)
        return number if number == 0 or number >= FEWEST else None

    @property
    def recall(self) -> int | None:
        """Percent of what tells who asks that the detectors saw, as far as officers noticed."""
        return _percent(self.numbers, [SEEN], [SEEN, MISSED])

    @property
    def false_alarms(self) -> int | None:
        """Percent of the suggestions in new texts that officers left as they were."""
        return _percent(self.numbers, [KEPT], [ACCEPTED, REPLACED, KEPT])


@dataclass(frozen=True)
class Month:
    """The lines of a month such as 2026-11, and all of them together."""

    month: str
    lines: tuple[Line, ...]

    @property
    def total(self) -> Line:
        """All kinds and languages."""
        sums = {v: sum(line.numbers.get(v, 0) for line in self.lines) for v in VERDICTS}
        return Line("", "", sums)

    @property
    def language(self) -> str:
        """The language of its first line: that of all, in a month of one language."""
        return self.lines[0].language

    @property
    def languages(self) -> list["Month"]:
        """The same month, language by language."""
        of = dict.fromkeys(line.language for line in self.lines)
        return [Month(self.month, tuple(x for x in self.lines if x.language == one)) for one in of]


def months(rows: Iterable[tuple[str, str, str, str, int]]) -> list[Month]:
    """Months, newest first, from (month, kind, language, verdict, number)."""
    found: dict[str, dict[tuple[str, str], dict[str, int]]] = {}
    for month, kind, language, verdict, number in rows:
        found.setdefault(month, {}).setdefault((kind, language), {})[verdict] = number
    return [
        Month(month, tuple(Line(*key, numbers) for key, numbers in sorted(lines.items())))
        for month, lines in sorted(found.items(), reverse=True)
    ]


def _percent(numbers: Mapping[str, int], part: list[str], whole: list[str]) -> int | None:
    """None where the whole or what is left of it is too small to be told."""
    some = sum(numbers.get(verdict, 0) for verdict in part)
    total = sum(numbers.get(verdict, 0) for verdict in whole)
    if total < FEWEST or 0 < some < FEWEST or 0 < total - some < FEWEST:
        return None
    return round(100 * some / total)
