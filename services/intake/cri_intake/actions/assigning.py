"""Several questions at once get an officer, or none."""

from collections.abc import Iterable

from cri_shared.db import Work
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from sqlalchemy import select

from cri_intake.actions.officers import take_question
from cri_intake.models import Case
from cri_intake.queries.officers import Colleague


async def assign_questions(
    work: Work, question_ids: Iterable[str], to: Colleague | None, *, by: Staff
) -> None:
    """Give questions to an officer, or (None) back to whoever takes them; closed ones stay.

    Who chooses themselves takes them. To anybody else they are new until they open them.
    """
    wanted = select(Case).where(Case.question_id.in_(list(question_ids)))
    for case in (await work.session.execute(wanted.order_by(Case.question_id))).scalars():
        if not case.is_open:
            continue
        if to is not None and to.staff_id == by.staff_id:
            await take_question(work, case, by)
        elif case.give(*((to.staff_id, to.name) if to else (None, None))):
            facts = {"to": to.staff_id} if to else {}
            await audit.note(work, "question.assigned", case.question_id, by=by, **facts)
