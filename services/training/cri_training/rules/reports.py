"""Reports: how far people who asked for a place got, and which of it is told of whom."""

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum

from cri_shared.words import N_

from cri_training.rules.lots import Cut
from cri_training.rules.states import Status

ALL: Cut = ("all", "")
LAST = 50  # editions of which a page tells one by one; a table tells of all
PERIODS = ("all", "year", "quarter")  # what whole workshops fall into


class Reached(StrEnum):
    """How far somebody got who had proved an address."""

    CERTIFIED = "certified"  # came, and has a certificate that is valid
    CAME = "came"
    SEATED = "seated"  # had a place and did not come, or has not come yet
    WAITING = "waiting"  # on the waiting list, or in vain
    GONE = "gone"  # did not want to come any more


# What a report tells: everybody who reached one of these.
MEASURES: dict[str, frozenset[Reached]] = {
    "asked": frozenset(Reached),
    "confirmed": frozenset({Reached.CERTIFIED, Reached.CAME, Reached.SEATED}),
    "waiting": frozenset({Reached.WAITING}),
    "came": frozenset({Reached.CERTIFIED, Reached.CAME}),
    "certified": frozenset({Reached.CERTIFIED}),
}
HEAD = {
    "asked": N_("Asked for a place"),
    "confirmed": N_("Had a place"),
    "waiting": N_("Waited"),
    "came": N_("Came"),
    "certified": N_("Got a certificate"),
}
_WAITED = frozenset({Status.WAITING, Status.OFFERED, Status.MISSED})
NOBODY = frozenset({Status.REQUESTED, Status.MERGED})  # not proved, or counted as another


def how_far(status: str, *, came: bool, certified: bool) -> Reached | None:
    """How far a sign-up got; None where it is nobody's, or somebody else's."""
    if status in NOBODY:
        return None
    if came:
        return Reached.CERTIFIED if certified else Reached.CAME
    if status == Status.SEATED:
        return Reached.SEATED
    return Reached.WAITING if status in _WAITED else Reached.GONE


def cuts_of(edition_id: str, quarter: dt.date) -> tuple[Cut, ...]:
    """The totals that all people of an edition belong to, the widest first."""
    return (
        ALL,
        ("year", str(quarter.year)),
        ("quarter", quarter.isoformat()),
        ("edition", edition_id),
    )


def of_a_page(cuts: Iterable[Cut], chosen: Cut = ALL) -> list[Cut]:
    """Of totals in their order those that a page shows: the last editions, and the chosen one."""
    every = list(cuts)
    editions = [cut for cut in every if cut[0] == "edition"]
    last = editions[-LAST:]
    if chosen in editions and chosen not in last:
        last = [chosen, *last]
    return [*(cut for cut in every if cut[0] != "edition"), *last]
