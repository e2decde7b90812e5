"""Reports over all editions: people by period, work, edition and organisation, as may be told."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from cri_shared.web.i18n import sort_key
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_training.models import Edition, Organisation, Tally
from cri_training.queries.closings import closed, closings, cuts_of_edition
from cri_training.queries.editions import last_counted, names_and_days
from cri_training.rig import Rig
from cri_training.rules.feedback import Counts, thought
from cri_training.rules.lots import Cut
from cri_training.rules.people import Group, Settled, Told, told
from cri_training.rules.reports import ALL, MEASURES, Reached, of_a_page

ORDER = ("all", "year", "quarter", "role", "edition", "organisation")
NOTHING = Told(dict.fromkeys(MEASURES))


@dataclass(frozen=True)
class Report:
    """By cut: what may be told of people, and what those who answered said, where it may be."""

    numbers: dict[Cut, Told]
    feedback: dict[Cut, Counts]
    names: dict[str, str]  # of editions and organisations
    days: dict[str, dt.date]  # on which editions began
    is_whole: bool = True  # or some editions are left out

    def of(self, by: str) -> list[Cut]:
        """The cuts of a kind, in the order of time, or by name where they have one."""
        cuts = [cut for cut in self.numbers if cut[0] == by]
        return sorted(cuts, key=self._place)

    def _place(self, cut: Cut) -> tuple[str, dt.date]:
        return sort_key(self.names.get(cut[1], "")), self.days.get(cut[1], dt.date.min)


async def report(session: AsyncSession, rig: Rig, chosen: Cut | None = None) -> Report:
    """All numbers; editions whose attendance is not settled, and open forms, are not in it.

    Where one cut is chosen the others are those that a page has room for.
    """
    people = await _people(session, rig)
    feedback = await _thought(session, rig)
    known = select(Organisation.organisation_id, Organisation.name)
    houses = {one: name for one, name in await session.execute(known)}
    every = dict.fromkeys((ALL, *people, *feedback))  # editions as they were counted
    shown = every if chosen is None else of_a_page(every, chosen)
    theirs = None if chosen is None else [which for by, which in shown if by == "edition"]
    held = await names_and_days(session, theirs)
    return Report(
        {cut: people.get(cut, NOTHING) for cut in _ordered(shown)},
        feedback,
        houses | {one: title for one, (title, _) in held.items()},
        {one: day for one, (_, day) in held.items()},
        is_whole=len(shown) == len(every),
    )


async def of_organisation(session: AsyncSession, rig: Rig, organisation_id: str) -> Told:
    """What the report of everybody tells of one organisation's people."""
    return (await _people(session, rig)).get(("organisation", organisation_id), NOTHING)


async def feedback_of(session: AsyncSession, rig: Rig, edition_id: str) -> Counts | None:
    """What those of an edition thought, where the report tells it beside everything else."""
    return (await _thought(session, rig)).get(("edition", edition_id))


async def _thought(session: AsyncSession, rig: Rig) -> dict[Cut, Counts]:
    """What may be told of what people thought, worked out once for each form more that closed."""
    now = await closings(session, rig)
    if now not in rig.thought:
        rig.thought = {now: thought([forms for _, forms in await closed(session, rig)])}
    return rig.thought[now]


async def _people(session: AsyncSession, rig: Rig) -> dict[Cut, Told]:
    """What may be told of people, worked out once for each edition more that is counted."""
    last = await last_counted(session)
    if last not in rig.people:
        rig.people = {last: told(await _settled(session))}
    return rig.people[last]


async def _settled(session: AsyncSession) -> list[Settled]:
    """The editions whose people are counted, in the order in which they were."""
    groups: dict[str, list[Group]] = defaultdict(list)
    for one in (await session.execute(select(Tally))).scalars():
        groups[one.edition_id].append(
            Group(one.role, one.organisation_id, Reached(one.reached), one.number, one.minutes)
        )
    counted = select(Edition).where(Edition.counted_no.is_not(None)).order_by(Edition.counted_no)
    editions = (await session.execute(counted)).scalars()
    return [Settled(cuts_of_edition(one), groups[one.edition_id]) for one in editions]


def _ordered(cuts: Iterable[Cut]) -> list[Cut]:
    return sorted(cuts, key=lambda cut: (ORDER.index(cut[0]), cut[1]))
