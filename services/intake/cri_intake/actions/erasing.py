"""Cases end: the key is destroyed, the rows go, and the others hear where nobody is left."""

from collections.abc import Mapping, Sequence

from cri_shared import clock
from cri_shared.bus.erasure import erase
from cri_shared.db import Work
from cri_shared.events.intake import QuestionErased
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from cri_shared.retention import holds
from cri_shared.retention.ledger import Again, Owners
from sqlalchemy import delete, select

from cri_intake.actions.delivery import hand_on_lead, leave
from cri_intake.actions.keys import API_KEY, revoke_again
from cri_intake.actions.tallies import count_last
from cri_intake.actions.webhooks import notice_erased
from cri_intake.models import (
    Assignment,
    Case,
    Clarification,
    ErasureRequest,
    IdempotencyRecord,
    NobodyAsks,
    Release,
    ResearchQuestion,
    ToldErasure,
    Wish,
)
from cri_intake.rig import Rig
from cri_intake.rules import Status

CASE, RESEARCH = "case", "research"  # whose keys are destroyed


async def erase_case(
    work: Work, rig: Rig, case: Case, *, wish: Wish, by: Staff | str | None = None
) -> None:
    """Erase a case at once, everywhere; the other services once its last asker is erased.

    Raises `Held` where a legal hold stands on it.
    """
    await holds.must_be_free(work, case.question_id)
    behind = await _research_ids(work, case)
    last = [one for one in behind if not await _has_others(work, one, case)]
    await end_case(work, rig, case)
    for research_id in last:
        await erase(work, research_id)
        await forget_research(work, rig, research_id)
        await work.session.merge(ToldErasure(research_id=research_id, told_at=clock.now()))
        await work.emit(QuestionErased(research_id=research_id))
    await audit.note(work, "question.erased", case.question_id, by=by, wish=wish)


async def ask(work: Work, case: Case, wish: Wish, *, by: Staff | None = None) -> ErasureRequest:
    """Let a case wait to be erased; what was asked for first stands."""
    request = await work.session.get(ErasureRequest, case.question_id)
    if request is None:
        request = ErasureRequest(
            question_id=case.question_id,
            wish=wish,
            asked_at=clock.now(),
            officer_id=by.staff_id if by else None,
            officer=by.name if by else None,
        )
        work.session.add(request)
        await audit.note(work, "question.erasure_asked", case.question_id, by=by or wish, wish=wish)
    return request


async def erase_for_asker(work: Work, rig: Rig, case: Case) -> bool:
    """The asker erases the question; False where a legal hold makes that wait for its last day."""
    if await holds.is_held(work.session, work.tables.holds, case.question_id):
        await ask(work, case, Wish.ASKER)
        return False
    await erase_case(work, rig, case, wish=Wish.ASKER, by="asker")
    return True


async def confirm(work: Work, rig: Rig, case: Case, *, by: Staff) -> bool:
    """An officer stands for the erasure that is asked for; the second one carries it out.

    Gives whether it was. Raises `Held`, or `NobodyAsks`.
    """
    request = await work.session.get(ErasureRequest, case.question_id, with_for_update=True)
    if request is None:
        raise NobodyAsks
    if not request.confirm(by):
        await audit.note(work, "question.erasure_confirmed", case.question_id, by=by)
        return False
    await erase_case(work, rig, case, wish=Wish(request.wish), by=by)
    return True


async def refuse(work: Work, case: Case, *, by: Staff) -> None:
    """The second officer does not agree: the case stays."""
    request = await work.session.get(ErasureRequest, case.question_id, with_for_update=True)
    if request is None:
        return
    request.must_be_anothers(by)
    await work.session.delete(request)
    await audit.note(work, "question.erasure_refused", case.question_id, by=by)


async def end_what_waited(work: Work, rig: Rig, question_ids: Sequence[str]) -> None:
    """Erase what askers wanted erased while it was held."""
    cases = select(Case).where(Case.question_id.in_(question_ids))
    for case in (await work.session.execute(cases)).scalars().all():
        await erase_case(work, rig, case, wish=Wish.ASKER)


async def confirmed(work: Work, research_id: str, service: str) -> None:
    """Another service says that nothing of it is left there."""
    told = await work.session.get(ToldErasure, research_id)
    if told is not None:
        told.confirmed(service)


async def _has_others(work: Work, research_id: str, case: Case) -> bool:
    """Whether another asker, who did not take the question back, stands behind it."""
    others = (
        select(Case.question_id)
        .join(Release, Release.question_id == Case.question_id)
        .where(
            Release.research_id == research_id,
            Case.question_id != case.question_id,
            Case.status != Status.WITHDRAWN,
        )
    )
    return (await work.session.execute(others.limit(1))).first() is not None


async def end_cases(work: Work, rig: Rig, question_ids: Sequence[str]) -> None:
    """End cases that were kept long enough; what research has of them follows its own rule."""
    cases = select(Case).where(Case.question_id.in_(question_ids))
    for case in (await work.session.execute(cases)).scalars().all():
        await end_case(work, rig, case)


async def end_case(work: Work, rig: Rig, case: Case) -> None:
    """Take a case out; research hears that nobody waits where it was open and the last."""
    if case.is_open:
        case.withdraw()
        await leave(work, case)
    else:
        await hand_on_lead(work, case)
    await work.session.flush()
    behind = await _research_ids(work, case)
    await notice_erased(work, case)
    await forget_case(work, case.question_id)
    await rig.ledger.erase(work, CASE, case.question_id)
    for research_id in behind:
        if not await _is_asked(work, research_id):
            await forget_research(work, rig, research_id)


async def forget_case(work: Work, question_id: str) -> None:
    """Delete the rows of a case; a second time does nothing."""
    await count_last(work, question_id)
    unlinked = select(Case).where(Case.linked_to == question_id)
    for follower in (await work.session.execute(unlinked)).scalars().all():
        follower.linked_to = None
    await work.session.flush()
    mine = IdempotencyRecord.question_id == question_id
    await work.session.execute(delete(IdempotencyRecord).where(mine))
    await work.session.execute(delete(Case).where(Case.question_id == question_id))


async def _research_ids(work: Work, case: Case) -> Sequence[str]:
    of = select(Release.research_id).where(Release.question_id == case.question_id)
    return (await work.session.execute(of)).scalars().all()


async def _is_asked(work: Work, research_id: str) -> bool:
    """Whether any case stands behind a research question, or once stood there."""
    rows = select(Release.question_id).where(Release.research_id == research_id).limit(1)
    return (await work.session.execute(rows)).first() is not None


async def forget_research(work: Work, rig: Rig, research_id: str) -> None:
    """Delete what intake knows of a research question, and its key."""
    await forget_research_rows(work, research_id)
    await rig.ledger.erase(work, RESEARCH, research_id)


async def forget_research_rows(work: Work, research_id: str) -> None:
    """Delete the rows about a research question; a second time does nothing."""
    for table in (Release, Clarification, Assignment, ResearchQuestion):
        await work.session.execute(delete(table).where(table.research_id == research_id))


def again() -> Mapping[str, Again]:
    """By kind of owner, what ends again what a backup brought back."""

    async def research(work: Work, research_id: str) -> None:
        await erase(work, research_id)
        await forget_research_rows(work, research_id)

    return {CASE: forget_case, RESEARCH: research, API_KEY: revoke_again}


def owners() -> Mapping[str, Owners]:
    """By kind of key, who has one."""
    return {CASE: select(Case.question_id), RESEARCH: select(ResearchQuestion.research_id)}
