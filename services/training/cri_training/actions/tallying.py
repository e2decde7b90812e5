"""Tallies: people are counted once, when attendance is settled, or when they are forgotten before.

What is corrected after that changes certificates and no report: the numbers of an edition never
change, so two reports of different days differ by whole editions alone.
"""

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from sqlalchemy import func, or_, select

from cri_training.actions import seats
from cri_training.models import Attendance, Certificate, Edition, SignUp, Tally
from cri_training.queries.hours import minutes_of
from cri_training.rig import Rig
from cri_training.rules.attendance import CAME
from cri_training.rules.certificates import Standing
from cri_training.rules.reports import how_far
from cri_training.rules.states import EditionStatus


async def say_complete(work: Work, edition_id: str, *, by: Staff) -> bool:
    """A trainer says that everybody who came is noted; whether that is a change.

    Raises `NotHeldYet` before the last session is over.
    """
    edition = await seats.lock(work, edition_id)
    if not edition.say_complete():
        return False
    await audit.note(work, "training.attendance.complete", edition_id, by=by)
    return True


async def settle(work: Work, rig: Rig) -> None:
    """Count the people of editions whose attendance is settled, by when these ended.

    One process does it, so that each has a place behind all that were counted before.
    """
    last = (await work.session.execute(select(func.max(Edition.counted_no)))).scalar_one()
    due = select(Edition.edition_id).where(
        Edition.counted_no.is_(None),
        Edition.published_at.is_not(None),
        Edition.status != EditionStatus.CANCELLED,
        or_(Edition.complete_at.is_not(None), Edition.ends_at <= clock.now() - rig.policy.feedback),
    )
    ids = sorted((await work.session.execute(due)).scalars())
    editions = [await seats.lock(work, edition_id) for edition_id in ids]
    editions.sort(key=lambda one: (one.ends_at, one.edition_id))
    for number, edition in enumerate(editions, (last or 0) + 1):
        theirs = select(SignUp).where(SignUp.edition_id == edition.edition_id)
        for sign_up in (await work.session.execute(theirs)).scalars().all():
            await _count(work, sign_up)
        edition.counted_no = number


async def count_forgotten(work: Work, sign_up: SignUp) -> None:
    """What remains of who is forgotten, unless it was counted with everybody of the edition.

    What was called off was never held, and is in no report.
    """
    edition = await seats.lock(work, sign_up.edition_id)
    if edition.counted_no is None and edition.status != EditionStatus.CANCELLED:
        await _count(work, sign_up)
        await work.session.flush()


async def _count(work: Work, sign_up: SignUp) -> None:
    """That there was somebody with this work, sent by whom, who got so far."""
    came = select(Attendance.sign_up_id).where(
        Attendance.sign_up_id == sign_up.sign_up_id, Attendance.presence.in_(CAME)
    )
    there = (await work.session.execute(came.limit(1))).first() is not None
    valid = select(Certificate.certificate_id).where(
        Certificate.sign_up_id == sign_up.sign_up_id, Certificate.standing == Standing.VALID
    )
    has_one = (await work.session.execute(valid)).first() is not None
    far = how_far(sign_up.status, came=there, certified=has_one)
    if far is None:
        return
    place = {
        "edition_id": sign_up.edition_id,
        "role": sign_up.role or "",
        "organisation_id": sign_up.organisation_id or "",
        "reached": far.value,
    }
    tally = await work.session.get(Tally, tuple(place.values()))
    if tally is None:
        tally = Tally(**place, number=0, minutes=0)
        work.session.add(tally)
    tally.number += 1
    tally.minutes += await minutes_of(work.session, sign_up.sign_up_id)
