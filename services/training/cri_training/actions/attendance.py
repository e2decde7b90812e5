"""Attendance: who came to which session, as a trainer ticks it; ticking again changes nothing."""

from collections.abc import Collection

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from sqlalchemy import select

from cri_training.actions import seats
from cri_training.models import Attendance, SignUp
from cri_training.rules.states import Status

Mark = tuple[int, str]  # session number, sign-up


async def record(
    work: Work, edition_id: str, shown: Collection[Mark], ticked: Collection[Mark], *, by: Staff
) -> int:
    """Keep the ticks of the boxes that were shown; gives how many changed.

    Boxes of sessions that have not begun, and of people without a seat, count for nothing.
    """
    edition = await seats.lock(work, edition_id)
    begun = {s.number: s.session_id for s in edition.sittings if s.has_begun}
    seated = select(SignUp).where(SignUp.edition_id == edition_id, SignUp.status == Status.SEATED)
    people = {s.sign_up_id: s for s in (await work.session.execute(seated)).scalars()}
    known = select(Attendance).where(Attendance.session_id.in_(begun.values()))
    rows = {(a.session_id, a.sign_up_id): a for a in (await work.session.execute(known)).scalars()}
    changed = 0
    for number, sign_up_id in set(shown):
        if number not in begun or sign_up_id not in people:
            continue
        row = rows.get((begun[number], sign_up_id))
        came = (number, sign_up_id) in ticked
        if came == (row is not None):
            continue
        changed += 1
        people[sign_up_id].mail_due_at = clock.now()
        if row is not None:
            await work.session.delete(row)
        else:
            work.session.add(
                Attendance(sign_up_id=sign_up_id, session_id=begun[number], recorded_at=clock.now())
            )
    if changed:
        await audit.note(work, "training.attendance.recorded", edition_id, by=by, changed=changed)
    return changed
