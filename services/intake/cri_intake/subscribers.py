"""What intake hears: the course of research, what is published, where there are partners."""

from cri_shared.bus.consumer import Consumer
from cri_shared.db import Work
from cri_shared.events import publishing as p
from cri_shared.events import research as r
from cri_shared.events.upkeep import ERASURE_CONFIRMED, ErasureConfirmed

from cri_intake.actions import delivery, erasing, public, research
from cri_intake.rig import Rig


def subscribe(consumer: Consumer, rig: Rig) -> None:
    """Register a handler for every event that intake hears."""
    _hear_research(consumer, rig)
    _hear_publishing(consumer, rig)

    for confirmation in ERASURE_CONFIRMED.values():
        consumer.on(confirmation)(_on_erasure_confirmed)


async def _on_erasure_confirmed(event: ErasureConfirmed, work: Work) -> None:
    await erasing.confirmed(work, event.research_id, event.producer)


def _hear_research(consumer: Consumer, rig: Rig) -> None:
    @consumer.on(r.QuestionDispatched)
    async def on_question_dispatched(event: r.QuestionDispatched, work: Work) -> None:
        await research.question_dispatched(work, event)

    @consumer.on(r.AssignmentDeclined)
    async def on_assignment_declined(event: r.AssignmentDeclined, work: Work) -> None:
        await research.assignment_declined(work, event)

    @consumer.on(r.AssignmentOverdue)
    async def on_assignment_overdue(event: r.AssignmentOverdue, work: Work) -> None:
        await research.assignment_overdue(work, event)

    @consumer.on(r.QuestionReturned)
    async def on_question_returned(event: r.QuestionReturned, work: Work) -> None:
        await research.question_returned(work, rig, event)

    @consumer.on(r.ClarificationAsked)
    async def on_clarification_asked(event: r.ClarificationAsked, work: Work) -> None:
        await research.clarification_asked(work, rig, event)

    @consumer.on(r.AnswerApproved)
    async def on_answer_approved(event: r.AnswerApproved, work: Work) -> None:
        await delivery.take_answer(work, rig, event)

    @consumer.on(r.QuestionUnanswered)
    async def on_question_unanswered(event: r.QuestionUnanswered, work: Work) -> None:
        await research.question_unanswered(work, rig, event)

    @consumer.on(r.CountryChanged)
    async def on_country_changed(event: r.CountryChanged, work: Work) -> None:
        await public.country_changed(work, event)


def _hear_publishing(consumer: Consumer, rig: Rig) -> None:
    @consumer.on(p.EntryPublished)
    async def on_entry_published(event: p.EntryPublished, work: Work) -> None:
        await public.know_entry(work, event.entry)

    @consumer.on(p.EntryRevised)
    async def on_entry_revised(event: p.EntryRevised, work: Work) -> None:
        await public.know_entry(work, event.entry)

    @consumer.on(p.EntryArchived)
    async def on_entry_archived(event: p.EntryArchived, work: Work) -> None:
        await public.forget_entry(work, event.entry_id, event.version)

    @consumer.on(p.EntryWithdrawn)
    async def on_entry_withdrawn(event: p.EntryWithdrawn, work: Work) -> None:
        await public.forget_entry(work, event.entry_id, event.version)

    @consumer.on(p.QuestionCovered)
    async def on_question_covered(event: p.QuestionCovered, work: Work) -> None:
        await public.question_covered(work, rig, event)
