"""Reports over all editions: people by period, work, edition and organisation, as may be told."""

import datetime as dt
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

from cri_shared import clock
from cri_shared.web.i18n import sort_key
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_training.models import (
    Attendance,
    Certificate,
    Edition,
    Organisation,
    SignUp,
    Tally,
)
from cri_training.queries.closings import closed
from cri_training.queries.hours import minutes_attended
from cri_training.rig import Rig
from cri_training.rules.attendance import CAME
from cri_training.rules.certificates import Standing
from cri_training.rules.disclosure import Shown, shown
from cri_training.rules.feedback import Counts, thought
from cri_training.rules.lots import Cut
from cri_training.rules.obstacles import quarter_of
from cri_training.rules.reports import ALL, MEASURES, Reached, cuts_of, how_far

ORDER = ("all", "year", "quarter", "role", "edition", "organisation")


@dataclass(frozen=True)
class Group:
    """People of an edition, a kind of work and an organisation who got equally far."""

    edition_id: str
    quarter: dt.date
    role: str
    reached: Reached
    number: int
    organisation: str = ""
    minutes: int = 0  # that they attended, together


@dataclass(frozen=True)
class Told:
    """What may be told of a cut: numbers of people by measure, and the minutes that they attended.

    None: too few. Minutes are told where the number of those who came is.
    """

    people: dict[str, int | None]
    minutes: int | None


@dataclass(frozen=True)
class Report:
    """By cut: what may be told of people, and what those who answered said, where it may be."""

    numbers: dict[Cut, Told]
    feedback: dict[Cut, Counts]
    names: dict[str, str]  # of editions and organisations

    def of(self, by: str) -> list[Cut]:
        """The cuts of a kind, in the order of time, or by name where they have one."""
        cuts = [cut for cut in self.numbers if cut[0] == by]
        return sorted(cuts, key=lambda cut: sort_key(self.names.get(cut[1], "")))


async def report(session: AsyncSession, rig: Rig) -> Report:
    """All numbers; editions that begin later, and forms that are open, are not in it."""
    editions = await _held(session)
    quarters = {edition_id: quarter for edition_id, (_, quarter) in editions.items()}
    known = select(Organisation.organisation_id, Organisation.name)
    names = {one: name for one, name in await session.execute(known)}
    return Report(
        _told([g async for g in _groups(session, quarters)]),
        thought([forms for _, forms in await closed(session, rig)]),
        names | {edition_id: title for edition_id, (title, _) in editions.items()},
    )


async def of_organisation(session: AsyncSession, organisation_id: str) -> Told | None:
    """What the report of everybody tells of one organisation's people; None: of nobody."""
    quarters = {edition_id: quarter for edition_id, (_, quarter) in (await _held(session)).items()}
    told = _told([g async for g in _groups(session, quarters)])
    return told.get(("organisation", organisation_id))


async def _held(session: AsyncSession) -> dict[str, tuple[str, dt.date]]:
    """The editions that are over, with title and quarter."""
    rows = select(Edition.edition_id, Edition.title, Edition.ends_at).where(
        Edition.published_at.is_not(None), Edition.ends_at <= clock.now()
    )
    return {
        edition_id: (title, quarter_of(clock.belgian(ends).date()))
        for edition_id, title, ends in await session.execute(rows)
    }


async def feedback_of(session: AsyncSession, rig: Rig, edition_id: str) -> Counts | None:
    """What those of an edition thought, where the report tells it beside everything else."""
    return (await report(session, rig)).feedback.get(("edition", edition_id))


async def _groups(session: AsyncSession, quarters: dict[str, dt.date]) -> AsyncIterator[Group]:
    """Those who are there, one by one, and those who are counted only."""
    came = exists().where(Attendance.sign_up_id == SignUp.sign_up_id, Attendance.presence.in_(CAME))
    valid = exists().where(
        Certificate.sign_up_id == SignUp.sign_up_id, Certificate.standing == Standing.VALID
    )
    minutes = await minutes_attended(session, quarters)
    columns = (SignUp.sign_up_id, SignUp.edition_id, SignUp.role, SignUp.organisation_id)
    rows = select(*columns, SignUp.status, came.label("came"), valid.label("certified"))
    for one in await session.execute(rows):
        far = how_far(one.status, came=bool(one.came), certified=bool(one.certified))
        if far is not None and one.edition_id in quarters:
            yield Group(
                one.edition_id,
                quarters[one.edition_id],
                one.role or "",
                far,
                1,
                one.organisation_id or "",
                minutes.get(one.sign_up_id, 0),
            )
    for tally in (await session.execute(select(Tally))).scalars():
        if tally.edition_id in quarters:
            yield Group(
                tally.edition_id,
                quarters[tally.edition_id],
                tally.role,
                Reached(tally.reached),
                tally.number,
                tally.organisation_id,
                tally.minutes,
            )


def _ordered(cuts: set[Cut]) -> list[Cut]:
    return sorted(cuts | {ALL}, key=lambda cut: (ORDER.index(cut[0]), cut[1]))


def parts_of(held: Sequence[tuple[str, dt.date]]) -> list[tuple[Cut, list[Cut]]]:
    """What everybody, each year and each quarter falls into, from (edition, quarter)."""
    within: dict[Cut, set[Cut]] = defaultdict(set)
    for edition_id, quarter in held:
        year, own = ("year", str(quarter.year)), ("quarter", quarter.isoformat())
        within[ALL].add(year)
        within[year].add(own)
        within[own].add(("edition", edition_id))
    wholes = sorted(within, key=lambda cut: (ORDER.index(cut[0]), cut[1]))
    return [(whole, sorted(within[whole])) for whole in wholes]


def _told(groups: Sequence[Group]) -> dict[Cut, Told]:
    numbers = _numbers(groups)
    minutes: dict[Cut, int] = defaultdict(int)
    for group in groups:
        for cut in _cuts_of_group(group):
            minutes[cut] += group.minutes if group.reached in MEASURES["came"] else 0
    return {
        cut: Told(
            {measure: numbers[cut, measure] for measure in MEASURES},
            None if numbers[cut, "came"] is None else minutes[cut],
        )
        for cut in _ordered({cut for cut, _ in numbers})
    }


def _cuts_of_group(group: Group) -> Iterator[Cut]:
    return cuts_of(group.edition_id, group.quarter, group.role, group.organisation)


def _numbers(groups: Sequence[Group]) -> Shown[tuple[Cut, str]]:
    members: dict[tuple[Cut, str], int] = defaultdict(int)
    for measure in MEASURES:
        members[ALL, measure] = 0
    at = 0
    for group in groups:
        mask = ((1 << group.number) - 1) << at
        at += group.number
        for cut in _cuts_of_group(group):
            for measure, counted in MEASURES.items():
                members[cut, measure] |= mask if group.reached in counted else 0
    wanted = {
        (cut, measure): members[cut, measure]
        for cut in _ordered({cut for cut, _ in members})
        for measure in MEASURES
    }
    return shown(
        wanted,
        [
            ((whole, measure), [(part, measure) for part in among])
            for whole, among in wholes_of(groups)
            for measure in MEASURES
        ],
    )


def wholes_of(groups: Sequence[Group]) -> list[tuple[Cut, list[Cut]]]:
    """The cuts that others are parts of, with these; not everybody falls into one of them."""
    cuts = _ordered({cut for group in groups for cut in _cuts_of_group(group)})
    across = [(ALL, [cut for cut in cuts if cut[0] == by]) for by in ("role", "organisation")]
    return [*parts_of([(group.edition_id, group.quarter) for group in groups]), *across]
