"""Disclosure: which counts of people may be shown together, so that no two tell of a single one.

A set of people is a whole number with a bit for each of them. Of two sets that are shown, one
within the other, the difference is nobody or at least five people: a total less a part of it tells
of a rest just as a number of its own does.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TypeAlias, TypeVar

FEWEST = 5  # fewer people than this would show single ones
K = TypeVar("K")
Shown: TypeAlias = dict[K, int | None]


def people(members: Iterable[int]) -> int:
    """The set of these people, each known by a number of their own."""
    found = 0
    for one in members:
        found |= 1 << one
    return found


def union(sets: Iterable[int]) -> int:
    """Everybody who is in one of these sets."""
    found = 0
    for one in sets:
        found |= one
    return found


def numbers(members: int) -> Iterator[int]:
    """The numbers of the people in a set, lowest first."""
    while members:
        lowest = members & -members
        yield lowest.bit_length() - 1
        members ^= lowest


def tells_of_few(number: int) -> bool:
    """Whether so many people are some, and too few to be shown."""
    return 0 < number < FEWEST


def shown(wanted: Mapping[K, int], parts: Iterable[tuple[K, Collection[K]]] = ()) -> Shown[K]:
    """How many people each set holds, or None where that would tell of fewer than five.

    What comes first is shown first, so wholes belong before their parts. `parts` holds wholes with
    the parts that they fall into without overlap, the widest whole first: the hidden parts together
    are nobody or five people too, and a hidden whole has no part that is shown.
    """
    open_: dict[K, int] = {}
    for key, members in wanted.items():
        if not tells_of_few(members.bit_count()) and not _isolates(members, open_.values()):
            open_[key] = members
    for whole, among in parts:
        _hide_the_rest(open_, whole, among)
    return {key: open_[key].bit_count() if key in open_ else None for key in wanted}


def _isolates(members: int, known: Iterable[int]) -> bool:
    """Whether a set and one that is shown, the one within the other, differ by too few."""
    return any(
        tells_of_few((members ^ other).bit_count())
        for other in known
        if members & other in (members, other)
    )


def _hide_the_rest(open_: dict[K, int], whole: K, among: Collection[K]) -> None:
    """Hide the smallest parts until what is hidden of a shown whole is nobody or five people."""
    if whole not in open_:
        for key in among:
            open_.pop(key, None)
    while whole in open_:
        seen = {key: open_[key] for key in among if key in open_}
        hidden = open_[whole]
        for members in seen.values():
            hidden &= ~members
        if not tells_of_few(hidden.bit_count()):
            return
        some = [key for key, members in seen.items() if members]
        del open_[min(some, key=lambda key: seen[key].bit_count())]
