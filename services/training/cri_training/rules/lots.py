"""Lots: what is told at once or not at all, so that two reports less each other tell of no few.

Whoever keeps an older report can take it from a newer one. So people enter totals in lots of nobody
or of five people and more. A lot never changes once it is there: every total is a sum of whole
lots, and so is every difference of two totals, of one day or of two.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from cri_training.rules.disclosure import tells_of_few, union

Cut: TypeAlias = tuple[str, str]  # (all, year, quarter, role, edition or organisation; which one)
EVERYBODY = -1  # the set that everybody is in
K = TypeVar("K")


@dataclass(frozen=True)
class Lot:
    """People who are told of together, and the totals that all of them enter, widest first."""

    cuts: tuple[Cut, ...]
    people: int  # as rules/disclosure has sets


def lots(arriving: Iterable[Lot], kinds: Sequence[int] = (EVERYBODY,)) -> list[Lot]:
    """What arrives, in its order: what is large enough by itself, and what was until now too small.

    It is large enough where the people of each kind in it are nobody or five. What is too small
    waits, and goes with what waits already, in the narrowest total where that makes it large
    enough; they then enter the totals that all of them belong to. What follows changes nothing of
    what is found: the lots of a beginning are the beginning of the lots.
    """
    found: list[Lot] = []
    waiting: list[Lot] = []
    for one in arriving:
        group = _large_enough(one, waiting, kinds)
        if group:
            found.append(_joined(group))
            waiting = [other for other in waiting if other not in group]
        else:
            waiting.append(one)
    return found


def _large_enough(one: Lot, waiting: list[Lot], kinds: Sequence[int]) -> list[Lot]:
    """The narrowest group that can be told of with this one in it; empty where there is none."""
    nearer = ([other for other in waiting if cut in other.cuts] for cut in reversed(one.cuts))
    for others in ([], *nearer):
        people = _joined([*others, one]).people
        if not any(tells_of_few((people & kind).bit_count()) for kind in kinds):
            return [*others, one]
    return []


def _joined(group: list[Lot]) -> Lot:
    shared = (cut for cut in group[0].cuts if all(cut in lot.cuts for lot in group))
    return Lot(tuple(shared), union(lot.people for lot in group))


def totals(found: Iterable[Lot]) -> dict[Cut, int]:
    """By total, the people of all lots in it."""
    people: dict[Cut, int] = defaultdict(int)
    for lot in found:
        for cut in lot.cuts:
            people[cut] |= lot.people
    return dict(people)


def across(
    found: Iterable[Lot], kinds: Mapping[K, int], classes: Sequence[int] = (EVERYBODY,)
) -> dict[K, int]:
    """Of kinds of people that run across the lots, disjoint, those who may be told of.

    A kind takes in a lot, alone or with those that it had to leave out before, where its own people
    in them, the others in them, and everybody of no kind that is told are nobody or five. A lot
    of its people alone is never left out, nor is one without any: so a total of whole lots and a
    kind, the one within the other, differ by nobody or by five too, and stay so. All that holds
    of each of the `classes` that the people of a lot fall into.
    """
    return {kind: sets[-1] for kind, sets in sets_across(found, kinds, classes).items()}


def sets_across(
    found: Iterable[Lot], kinds: Mapping[K, int], classes: Sequence[int] = (EVERYBODY,)
) -> dict[K, list[int]]:
    """The same, with whom was told of before: by kind the sets it had, nobody first."""
    told = {kind: [0] for kind in kinds}
    left_out: dict[K, list[int]] = {kind: [] for kind in kinds}
    rest = 0
    for lot in found:
        rest |= lot.people
        for kind, of_it in kinds.items():
            if not lot.people & of_it:
                continue
            for group in ([lot.people], [lot.people, *left_out[kind]]):
                own = union(group) & of_it
                parts = [*_parts(group, of_it, classes), *(rest & ~own & one for one in classes)]
                if not any(tells_of_few(part.bit_count()) for part in parts):
                    told[kind].append(told[kind][-1] | own)
                    rest &= ~own
                    left_out[kind] = [one for one in left_out[kind] if one not in group]
                    break
            else:
                left_out[kind].append(lot.people)
    return told


def _parts(group: Sequence[int], of_it: int, classes: Sequence[int]) -> Iterator[int]:
    """By class, those of a kind and the others, in the lots of a group that have both."""
    for one in classes:
        both = union(lot for lot in group if lot & one & of_it and lot & one & ~of_it) & one
        yield both & of_it
        yield both & ~of_it
