"""An answer goes to those who asked: at once where they read it, else with an officer's help."""

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.errors import Refusal
from cri_shared.events.intake import AnswerDelivered, QuestionWithdrawn
from cri_shared.events.research import AnswerApproved
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from cri_shared.words import N_
from sqlalchemy import select

from cri_intake.actions.news import tell
from cri_intake.models import (
    Case,
    DeliveryNote,
    QuestionIsClosed,
    ResearchQuestion,
    ResearchState,
)
from cri_intake.queries import research
from cri_intake.queries.research import note_to
from cri_intake.rig import Rig
from cri_intake.rules import reads


class NothingToDeliver(Refusal):
    """There is no answer that waits for an officer."""

    slug = "nothing-to-deliver"
    message = N_("No answer waits to be delivered here. Perhaps somebody was faster.")


async def take_answer(work: Work, rig: Rig, event: AnswerApproved) -> None:
    """Keep a sealed copy of an approved answer and give it to every asker who reads it."""
    found = await work.session.get(ResearchQuestion, event.research_id)
    if found is None or found.state != ResearchState.OPEN:
        return
    sealed = await rig.sealed(found.owner)
    found.answer_sealed = sealed.seal("answer", event.model_dump_json())
    found.answer_language, found.state = event.language, ResearchState.ANSWERED
    for case in await research.cases_behind(work.session, event.research_id):
        if case.is_open:
            await _give(work, rig, case, event.language)
    await settle(work, found)


async def give_answer(work: Work, rig: Rig, case: Case, research_id: str) -> None:
    """Give an answer that is there already to an asker who joined late."""
    found = await work.session.get(ResearchQuestion, research_id)
    if found is not None and found.answer_language is not None:
        await _give(work, rig, case, found.answer_language)


async def _give(work: Work, rig: Rig, case: Case, language: str) -> None:
    if reads(case.language, case.spoken_languages, language):
        await _deliver(work, rig, case)
    else:
        case.let_answer_wait()
        await audit.note(work, "answer.waits", case.question_id, language=language)


async def _deliver(work: Work, rig: Rig, case: Case, by: Staff | None = None) -> None:
    case.deliver()
    await audit.note(work, "answer.delivered", case.question_id, by=by)
    await tell(work, rig, case)


async def deliver_with_note(
    work: Work, rig: Rig, case: Case, *, kind: str, language: str, text: str, by: Staff
) -> int:
    """Deliver an answer with a translation or a cover note; gives how many askers got it.

    A translation also goes to every linked asker who waits for that language.
    """
    if not case.answer_waits or not case.is_open:
        raise NothingToDeliver
    found = await research.research_question_of(work.session, case)
    if found is None:
        raise NothingToDeliver
    waiting = [case]
    if kind == "translation":
        behind = await research.cases_behind(work.session, found.research_id)
        waiting += [
            other
            for other in behind
            if other.question_id != case.question_id
            and other.answer_waits
            and reads(other.language, other.spoken_languages, language)
        ]
    for asker in waiting:
        await _keep_note(work, rig, asker, kind=kind, language=language, text=text)
        await _deliver(work, rig, asker, by)
    await settle(work, found)
    return len(waiting)


async def _keep_note(
    work: Work, rig: Rig, case: Case, *, kind: str, language: str, text: str
) -> None:
    sealed = await rig.sealed(case.owner)
    note = DeliveryNote(
        question_id=case.question_id,
        kind=kind,
        language=language,
        text_sealed=sealed.seal("note", text),
    )
    await work.session.merge(note)


async def prepare_note(
    work: Work, rig: Rig, case: Case, *, language: str, text: str | None, by: Staff
) -> None:
    """Keep what one asker reads beside the answer when it comes; without a text it goes.

    Raises `QuestionIsClosed` where the answer is there, or will never be.
    """
    case.must_be_with(by)
    if not case.is_open:
        raise QuestionIsClosed
    if text is None:
        known = await work.session.get(DeliveryNote, case.question_id)
        if known is not None:
            await work.session.delete(known)
        return
    before = await note_to(work.session, rig, case)
    if before is not None and (before.language, before.text) == (language, text):
        return  # a second click
    await _keep_note(work, rig, case, kind="cover", language=language, text=text)
    await audit.note(work, "cover.kept", case.question_id, by=by)


async def settle(work: Work, found: ResearchQuestion) -> None:
    """Say once that an answer was delivered: when no asker of the research question waits."""
    await work.session.flush()
    if found.delivered_on is not None or found.state != ResearchState.ANSWERED:
        return
    cases = await research.cases_behind(work.session, found.research_id)
    if any(case.is_open for case in cases) or not any(case.answered_at for case in cases):
        return
    found.delivered_on = clock.today()
    await work.emit(AnswerDelivered(research_id=found.research_id, delivered_on=found.delivered_on))


async def leave(work: Work, case: Case) -> None:
    """An asker no longer waits: those linked go on, research hears when nobody is left."""
    await hand_on_lead(work, case)
    release = await research.release_of(work.session, case)
    if release is None:
        return
    release.ended_at = clock.now()
    await work.session.flush()
    found = await work.session.get(ResearchQuestion, release.research_id)
    assert found is not None  # a foreign key says so
    if await research.cases_behind(work.session, release.research_id):
        await settle(work, found)
    else:
        found.state = ResearchState.WITHDRAWN
        await work.emit(QuestionWithdrawn(research_id=release.research_id))


async def hand_on_lead(work: Work, case: Case) -> None:
    """Let the first of those linked to a case lead the others from now on."""
    followers = select(Case).where(Case.linked_to == case.question_id)
    waiting = (await work.session.execute(followers.order_by(Case.received_at))).scalars().all()
    if not waiting:
        return
    lead, *others = waiting
    lead.linked_to = None
    for other in others:
        other.linked_to = lead.question_id
    if lead.officer_id is None:
        lead.officer_id, lead.officer = case.officer_id, case.officer
