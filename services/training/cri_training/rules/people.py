"""People in numbers: how far they got, told in lots, by time, edition, work and organisation.

A lot is one edition or some of which nobody or five people and more got a certificate, came and got
none, had a place and stayed away, waited, and went. So it is of every number, of what is left
beside it, and of what two reports differ by.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cri_training.rules.disclosure import shown, union
from cri_training.rules.lots import Cut, Lot, across, lots, totals
from cri_training.rules.reports import MEASURES, Reached


@dataclass(frozen=True)
class Group:
    """People of an edition, a kind of work and an organisation who got equally far."""

    role: str
    organisation: str
    reached: Reached
    number: int
    minutes: int = 0  # that they attended, together


@dataclass(frozen=True)
class Settled:
    """The people of an edition as they were counted, and the totals that all of them belong to."""

    cuts: tuple[Cut, ...]
    groups: Sequence[Group]


@dataclass(frozen=True)
class Told:
    """What may be told of a cut: numbers of people by measure, and the minutes that they attended.

    None: too few. Minutes are told where the number of those who came is. `editions` is of how many
    editions the numbers tell and how many are settled, where whole editions are in the cut.
    """

    people: dict[str, int | None]
    minutes: int | None = None
    editions: tuple[int, int] = (0, 0)


def told(settled: Sequence[Settled]) -> dict[Cut, Told]:
    """By cut, what may be told; work and organisations of which nothing may are not there."""
    sets = who(settled)
    side = {(cut, m): sets[cut, m] for cut, m in sets if cut[0] in ("role", "organisation")}
    hidden = {key for key, number in shown(side).items() if number is None}
    minutes: dict[Cut, int] = defaultdict(int)
    editions: dict[Cut, tuple[int, int]] = {}
    for edition, lot in zip(settled, _arriving(settled), strict=True):
        for cut in edition.cuts:
            counted, over = editions.get(cut, (0, 0))
            is_in = lot.people & sets.get((cut, "asked"), 0) == lot.people
            editions[cut] = counted + is_in, over + 1
    for cuts, group, people in _numbered(settled):
        for cut in cuts:
            minutes[cut] += group.minutes if people & sets.get((cut, "came"), 0) else 0
    found: dict[Cut, Told] = {}
    for cut in editions | dict.fromkeys(cut for cut, _ in sets):
        may = {m: sets.get((cut, m)) for m in MEASURES if (cut, m) not in hidden}
        numbers = dict.fromkeys(MEASURES) | {m: _size(people) for m, people in may.items()}
        hours = None if numbers["came"] is None else minutes[cut]
        found[cut] = Told(numbers, hours, editions.get(cut, (0, 0)))
    return found


def _size(people: int | None) -> int | None:
    return None if people is None else people.bit_count()


def who(settled: Sequence[Settled]) -> dict[tuple[Cut, str], int]:
    """By cut and measure whom a report tells of, each person by a number of their own."""
    groups = [(group, people) for _, group, people in _numbered(settled)]
    classes = [union(people for g, people in groups if g.reached is far) for far in Reached]
    found = lots(_arriving(settled), classes)
    sets = totals(found)
    for by in ("role", "organisation"):
        named = sorted({getattr(g, by) for g, _ in groups} - {""})
        kinds = {(by, n): union(p for g, p in groups if getattr(g, by) == n) for n in named}
        sets |= {kind: people for kind, people in across(found, kinds, classes).items() if people}
    measured = {
        measure: union(people for g, people in groups if g.reached in counted)
        for measure, counted in MEASURES.items()
    }
    return {
        (cut, measure): people & those
        for cut, people in sets.items()
        for measure, those in measured.items()
    }


def _numbered(settled: Sequence[Settled]) -> Iterator[tuple[list[Cut], Group, int]]:
    """Each group with the cuts that it belongs to, and its people."""
    at = 0
    for edition in settled:
        for group in edition.groups:
            side = [("role", group.role), ("organisation", group.organisation)]
            people = ((1 << group.number) - 1) << at
            yield [*edition.cuts, *(cut for cut in side if cut[1])], group, people
            at += group.number


def _arriving(settled: Sequence[Settled]) -> Iterator[Lot]:
    at = 0
    for edition in settled:
        number = sum(group.number for group in edition.groups)
        yield Lot(edition.cuts, ((1 << number) - 1) << at)
        at += number
