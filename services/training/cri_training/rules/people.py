"""People in numbers: how far they got, told in lots, by time, edition, work and organisation.

A lot is one edition or some of which nobody or five people and more got a certificate, came and got
none, had a place and stayed away, waited, and went. So it is of every number, of what is left
beside it, and of what two reports differ by.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cri_training.rules.disclosure import FEWEST, union
from cri_training.rules.lots import Cut, Lot, lots, sets_across, totals
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
    numbers: dict[Cut, dict[str, int | None]] = {}
    for cut in editions | dict.fromkeys(cut for cut, _ in sets):
        numbers[cut] = dict.fromkeys(MEASURES)
    for (cut, measure), people in sets.items():
        numbers[cut][measure] = people.bit_count()
    return {
        cut: Told(of, None if of["came"] is None else minutes[cut], editions.get(cut, (0, 0)))
        for cut, of in numbers.items()
    }


def who(settled: Sequence[Settled]) -> dict[tuple[Cut, str], int]:
    """By cut and measure whom a report tells of, each person by a number of their own."""
    groups = [(group, people) for _, group, people in _numbered(settled)]
    classes = [union(people for g, people in groups if g.reached is far) for far in Reached]
    measured = {
        measure: union(people for g, people in groups if g.reached in counted)
        for measure, counted in MEASURES.items()
    }
    found = lots(_arriving(settled), classes)
    sides = []
    for by in ("role", "organisation"):
        named = sorted({getattr(g, by) for g, _ in groups} - {""})
        kinds = {(by, n): union(p for g, p in groups if getattr(g, by) == n) for n in named}
        sides.append(sets_across(found, kinds, classes))
    sets = {
        (cut, measure): people & those
        for cut, people in totals(found).items()
        for measure, those in measured.items()
    }
    for side, other in (sides, reversed(sides)):
        sets |= _told_beside(side, other, measured)
    return sets


def _told_beside(
    side: Mapping[Cut, list[int]], other: Mapping[Cut, list[int]], measured: Mapping[str, int]
) -> dict[tuple[Cut, str], int]:
    """Of work what may be told beside all that is or was told of organisations, or the reverse."""
    known: dict[int, set[int]] = defaultdict(set)
    for people in (
        one & those for sets in other.values() for one in sets for those in measured.values()
    ):
        known[people.bit_count()].add(people)

    def isolates(people: int) -> bool:
        size = people.bit_count()
        near = (
            one for by in range(1, FEWEST) for at in (size - by, size + by) for one in known[at]
        )
        return any(people & one in (people, one) for one in near)

    wanted = {
        (cut, measure): sets[-1] & those
        for cut, sets in side.items()
        if sets[-1]
        for measure, those in measured.items()
    }
    return {key: people for key, people in wanted.items() if not isolates(people)}


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
