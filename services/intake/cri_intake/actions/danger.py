"""An officer raises an alarm about an asker, and says in the end what was done."""

from cri_shared import clock
from cri_shared.db import Work, new_id
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff

from cri_intake.actions import lead
from cri_intake.models import Alarm, Case, NoDanger
from cri_intake.queries.danger import alarms_of
from cri_intake.rig import Rig


async def raise_alarm(work: Work, rig: Rig, case: Case, danger: str, *, by: Staff) -> None:
    """Every officer sees the case under Danger from now on, and the lead of the helpdesk hears.

    The same danger, while its alarm is open, is one alarm. What it is stays under the case's key:
    the trail only says that there was one.
    """
    case.must_be_with(by)
    await work.session.refresh(case, with_for_update=True)  # two clicks at once, one by one
    known = await alarms_of(work.session, rig, case)
    if any(one.danger == danger and one.alarm.ended_at is None for one in known):
        return
    alarm_id, sealed = new_id(), await rig.sealed(case.owner)
    work.session.add(
        Alarm(
            alarm_id=alarm_id,
            question_id=case.question_id,
            danger_sealed=sealed.seal(f"danger:{alarm_id}", danger),
            raised_by=by.name,
            raised_at=clock.now(),
        )
    )
    case.hurry()
    await audit.note(work, "alarm.raised", case.question_id, by=by)
    await lead.tell_danger(work, rig)


async def end_alarm(
    work: Work, rig: Rig, case: Case, alarm_id: str, done: str, *, by: Staff
) -> None:
    """The danger was seen to; raises `NoDanger` for an alarm of another case."""
    case.must_be_with(by)
    alarm = await work.session.get(Alarm, alarm_id, with_for_update=True)
    if alarm is None or alarm.question_id != case.question_id:
        raise NoDanger
    if alarm.ended_at is not None:  # a first click, or a colleague
        return
    sealed = await rig.sealed(case.owner)
    alarm.done_sealed = sealed.seal(f"done:{alarm_id}", done)
    alarm.ended_by, alarm.ended_at = by.name, clock.now()
    await audit.note(work, "alarm.ended", case.question_id, by=by)
