"""Obstacles in numbers: how many people spoke of one, where neither they nor the others are few."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from cri_training.rules.disclosure import shown
from cri_training.rules.feedback import Closed, arriving, roles_of
from cri_training.rules.lots import Cut, Lot, across, lots, totals
from cri_training.rules.reports import ALL

KINDS = ("all", "quarter", "role", "edition")
EVERYBODY = ""  # in the place of a code: all who answered
Sets = dict[tuple[Cut, str], int]


@dataclass(frozen=True)
class Spoken:
    """By cut, and by code and cut, how many people; None: too few."""

    answers: dict[Cut, int | None]
    codes: dict[str, dict[Cut, int | None]]


def spoken(closed: Sequence[Closed], unsettled: int, spoke: Mapping[str, int]) -> Spoken:
    """What may be told of those who spoke of each code, over the lots until one is not settled."""
    sets, hidden = who_spoke(closed, unsettled, spoke)
    numbers = shown(sets, _parts(sets))
    cuts = [cut for cut, code in sets if code == EVERYBODY]

    def told(code: str) -> dict[Cut, int | None]:
        return {
            cut: None if {(ALL, code), (cut, code)} & hidden else numbers[cut, code] for cut in cuts
        }

    used = [code for cut, code in sets if cut == ALL and code != EVERYBODY]
    return Spoken(told(EVERYBODY), {code: told(code) for code in used})


def who_spoke(
    closed: Sequence[Closed], unsettled: int, spoke: Mapping[str, int]
) -> tuple[Sets, set[tuple[Cut, str]]]:
    """Whom the numbers may tell of, by cut and code, wholes first; and where that is too few."""
    ready = list(takewhile(lambda lot: not lot.people & unsettled, lots(arriving(closed))))
    there = totals(ready).get(ALL, 0)
    roles = roles_of([form for edition in closed for form in edition.forms])
    roles = {role: of for role, of in roles.items() if of & there}
    full = totals(ready) | {role: of & there for role, of in roles.items()}
    cuts = sorted((c for c in full if c[0] in KINDS), key=lambda c: (KINDS.index(c[0]), c[1]))
    everybody = totals(ready) | across(ready, roles)
    found = {EVERYBODY: everybody}
    for code, yes in spoke.items():
        if yes & there:
            own = [Lot(lot.cuts, lot.people & yes) for lot in lots(ready, (yes, ~yes))]
            told = totals(own) | across(own, roles)
            found[code] = {cut: who for cut, who in told.items() if not who & ~everybody[cut]}
    sets = {(cut, code): found[code].get(cut, 0) for cut in cuts for code in found}
    said = {EVERYBODY: there} | dict(spoke)
    hidden = {
        (cut, code) for (cut, code), who in sets.items() if not who and full[cut] & said[code]
    }
    return sets, hidden


def _parts(sets: Sets) -> list[tuple[tuple[Cut, str], list[tuple[Cut, str]]]]:
    """What everybody of a code falls into, and each quarter."""
    by = {kind: [key for key in sets if key[0][0] == kind] for kind in KINDS}
    return [
        (whole, [key for key in by[kind] if key[1] == whole[1] and sets[key] & sets[whole]])
        for wholes, kind in (("all", "quarter"), ("all", "role"), ("quarter", "edition"))
        for whole in by[wholes]
    ]
