"""What happens by itself around due dates, once each, whichever process dies meanwhile."""

import datetime as dt

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.events.research import AssignmentOverdue
from cri_shared.identity import audit
from cri_shared.mail import Mail
from cri_shared.words import N_
from sqlalchemy import select

from cri_research.actions import links, questions
from cri_research.models import Assignment
from cri_research.rig import Rig
from cri_research.rules.deadlines import REMINDERS, Nudge

BATCH = 100
_SUBJECT = N_("An answer stays away")
_TEXT = N_("A partner has not answered in time. Look at the overdue questions:")


async def nudge(work: Work, rig: Rig) -> None:
    """Remind, tell and escalate wherever the day has come."""
    due = (
        select(Assignment.assignment_id)
        .where(Assignment.next_on <= clock.today())
        .order_by(Assignment.next_on)
        .limit(BATCH)
    )
    for assignment_id in (await work.session.execute(due)).scalars().all():
        await _nudge_one(work, rig, await questions.load_assignment(work, assignment_id))


async def _nudge_one(work: Work, rig: Rig, assignment: Assignment) -> None:
    nudges = assignment.nudges()
    if Nudge.OVERDUE in nudges:
        await _tell_overdue(work, assignment)
    if any(one in REMINDERS for one in nudges):
        await links.send(work, rig, assignment, _lead(assignment.due_on))
    if Nudge.ESCALATE in nudges:
        await _escalate(work, rig)
    assignment.nudged(nudges)
    for one in nudges:
        await audit.note(
            work,
            f"research.assignment.{_DONE[one]}",
            assignment.research_id,
            assignment_id=assignment.assignment_id,
            due_on=assignment.due_on.isoformat(),
        )


_DONE = {
    Nudge.BEFORE: "reminded",
    Nudge.DUE: "reminded_on_due",
    Nudge.OVERDUE: "overdue",
    Nudge.AFTER: "reminded_after",
    Nudge.ESCALATE: "escalated",
}


def _lead(due_on: dt.date) -> str:
    if due_on > clock.today():
        return links.REMINDED
    return links.DUE if due_on == clock.today() else links.LATE


async def _tell_overdue(work: Work, assignment: Assignment) -> None:
    event = AssignmentOverdue(
        research_id=assignment.research_id,
        assignment_id=assignment.assignment_id,
        due_on=assignment.due_on,
    )
    await questions.tell(work, assignment.question, event)


async def _escalate(work: Work, rig: Rig) -> None:
    """The board shows it in any case; whoever is named in the settings hears of it too."""
    if rig.settings.escalation_email is not None:
        words = rig.words["en"]
        board = f"{rig.settings.public_url}/console/questions?view=overdue"
        text = f"{words.gettext(_TEXT)}\n{board}\n"
        mail = Mail(rig.settings.escalation_email, words.gettext(_SUBJECT), text)
        await rig.service.post.post(work, mail)
