"""Statistics of the helpdesk: what is counted of a case, and which numbers may be shown."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cri_intake.rules.figures import FEWEST

MEASURES = ("came", "country", "topic", "channel", "language", "became", "days", "useful")
# Working days, without those on which our clock stood still, from the question to its answer.
DAYS = ((5, "to5"), (10, "to10"), (20, "to20"))
LONGER = "longer"
Key = tuple[str, str, str]  # month, measure, code


@dataclass(frozen=True)
class Counted:
    """What is counted of one case; `days` are working days to its answer."""

    received_on: dt.date
    country: str
    topics: Sequence[str]
    channel: str
    language: str
    became: str
    days: int | None = None
    useful: str | None = None


def keys_of(case: Counted) -> Iterator[Key]:
    """Where one case adds one; everything counts in the month in which it came."""
    month = case.received_on.strftime("%Y-%m")
    yield month, "came", "all"
    yield month, "country", case.country
    yield from ((month, "topic", topic) for topic in case.topics)
    yield month, "channel", case.channel
    yield month, "language", case.language
    yield month, "became", case.became
    if case.days is not None:
        yield month, "days", next((code for most, code in DAYS if case.days <= most), LONGER)
    if case.useful is not None:
        yield month, "useful", case.useful


def shown(numbers: Mapping[str, int]) -> dict[str, int | None]:
    """The numbers of one measure that may be shown, most first; None for too few.

    A number below five could be one person's. Where only one is hidden, the next smallest is too:
    otherwise it would follow from the sum.
    """
    known = {code: number for code, number in numbers.items() if number > 0}
    hidden = {code for code, number in known.items() if number < FEWEST}
    rest = sorted((number, code) for code, number in known.items() if code not in hidden)
    if len(hidden) == 1 and rest:
        hidden.add(rest[0][1])
    ordered = sorted(known, key=lambda code: (code in hidden, -known[code], code))
    return {code: None if code in hidden else known[code] for code in ordered}


def months_until(today: dt.date, count: int) -> list[str]:
    """The last months, oldest first, such as 2026-11; this one is the last."""
    index = today.year * 12 + today.month - 1
    return [f"{n // 12}-{n % 12 + 1:02}" for n in range(index - count + 1, index + 1)]


def summed(counts: Mapping[Key, int], months: Sequence[str]) -> dict[str, Counter[str]]:
    """The numbers of each measure over some months; `came` by month."""
    sums: dict[str, Counter[str]] = {measure: Counter() for measure in MEASURES}
    for (month, measure, code), number in counts.items():
        if month in months:
            sums[measure][month if measure == "came" else code] += number
    return sums
