"""Tallies: people are counted once, when attendance is settled, or when they are forgotten before.

What is corrected after that changes certificates and no report: the numbers of an edition never
change, so two reports of different days differ by whole editions alone.
"""

from collections.abc import Mapping

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from sqlalchemy import ColumnElement, select, text

from cri_training.actions import seats
from cri_training.models import Certificate, Edition, SignUp, Tally
from cri_training.models.editions import COMPLETE, UNCOUNTED
from cri_training.queries.editions import last_counted
from cri_training.queries.hours import minutes_attended, minutes_of
from cri_training.rig import Rig
from cri_training.rules.certificates import Standing
from cri_training.rules.reports import how_far
from cri_training.rules.states import EditionStatus

AT_ONCE = 500  # editions in one turn


async def say_complete(work: Work, edition_id: str, *, by: Staff) -> bool:
    """A trainer says that everybody who came is noted; whether that is a change.

    Raises `NotHeldYet` before the last session is over.
    """
    edition = await seats.lock(work, edition_id)
    if not edition.say_complete():
        return False
    await audit.note(work, "training.attendance.complete", edition_id, by=by)
    return True


async def settle(rig: Rig) -> None:
    """Count the people of editions whose attendance is settled, by when these ended.

    One process does it, so that each has a place behind all that were counted before. Each is a
    transaction of its own: on SQLite nobody else can write meanwhile. What is more than one turn
    takes goes on in the next.
    """
    for _ in range(AT_ONCE):
        async with rig.service.database.writing() as work:
            if not await settle_next(work, rig):
                break


async def settle_next(work: Work, rig: Rig) -> bool:
    """Count the people of the edition that ended first among those; whether there was one."""
    due = await _first_due(work, rig)
    if due is None:
        return False
    last = await last_counted(work.session)
    edition = await seats.lock(work, due)
    if edition.counted_no is not None:  # by a process that led until now
        return True
    attended = await minutes_attended(work.session, [due])
    await _count(work, due, SignUp.edition_id == due, attended, Certificate.edition_id == due)
    edition.counted_no = last + 1
    return True


async def _first_due(work: Work, rig: Rig) -> str | None:
    """Of those that a trainer said are complete, and those whose forms are closed."""
    ends = (Edition.ends_at, Edition.edition_id)
    first = select(*ends).order_by(*ends).limit(1)
    over = Edition.ends_at <= clock.now() - rig.policy.feedback
    goes_ahead = Edition.status != EditionStatus.CANCELLED
    due = [
        (ends_at, edition_id)
        for which in ((text(COMPLETE), goes_ahead), (text(UNCOUNTED), over))
        for ends_at, edition_id in (await work.session.execute(first.where(*which))).all()
    ]
    return min(due)[1] if due else None


async def count_forgotten(work: Work, sign_up: SignUp) -> None:
    """What remains of who is forgotten, unless it was counted with everybody of the edition.

    What was called off was never held, and is in no report.
    """
    edition = await seats.lock(work, sign_up.edition_id)
    if edition.counted_no is None and edition.status != EditionStatus.CANCELLED:
        one = sign_up.sign_up_id
        attended = await minutes_of(work.session, one)
        this = SignUp.sign_up_id == one
        await _count(work, edition.edition_id, this, attended, Certificate.sign_up_id == one)
        await work.session.flush()


async def _count(
    work: Work,
    edition_id: str,
    who: ColumnElement[bool],
    attended: Mapping[str, int],
    theirs: ColumnElement[bool],
) -> None:
    """That there was somebody with this work, sent by whom, who got so far.

    `attended` has the minutes of those who came, `theirs` finds their certificates.
    """
    valid = select(Certificate.sign_up_id).where(theirs, Certificate.standing == Standing.VALID)
    certified = set((await work.session.execute(valid)).scalars())
    known = select(Tally).where(Tally.edition_id == edition_id)
    tallies = {
        (one.role, one.organisation_id, one.reached): one
        for one in (await work.session.execute(known)).scalars()
    }
    found = select(SignUp.sign_up_id, SignUp.status, SignUp.role, SignUp.organisation_id)
    for one, status, role, house in (await work.session.execute(found.where(who))).all():
        far = how_far(status, came=one in attended, certified=one in certified)
        if far is None:
            continue
        group = (role or "", house or "", far.value)
        if group not in tallies:
            tallies[group] = Tally(edition_id=edition_id, number=0, minutes=0, **_named(group))
            work.session.add(tallies[group])
        tallies[group].number += 1
        tallies[group].minutes += attended.get(one, 0)


def _named(group: tuple[str, str, str]) -> dict[str, str]:
    return dict(zip(("role", "organisation_id", "reached"), group, strict=True))
