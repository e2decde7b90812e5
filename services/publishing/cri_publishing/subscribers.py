"""What publishing hears from the other services."""

from cri_shared.db import Work
from cri_shared.events.intake import (
    AnswerDelivered,
    AnswerRated,
    QuestionErased,
    QuestionWithdrawn,
)
from cri_shared.events.research import AnswerApproved, QuestionUnanswered
from cri_shared.events.search import EntryRated, ListingReported, MistakeReported

from cri_publishing.actions import drafting, erasing, readers
from cri_publishing.desk import question_of
from cri_publishing.rig import Rig


def install(rig: Rig) -> None:
    """Hear these events; each may come twice, late, or before what it belongs to."""
    on = rig.service.consumer.on

    @on(AnswerApproved)
    async def on_answer_approved(event: AnswerApproved, work: Work) -> None:
        await drafting.take_answer(work, rig, event)

    @on(QuestionUnanswered)
    async def on_question_unanswered(event: QuestionUnanswered, work: Work) -> None:
        await drafting.question_unanswered(work, event.research_id, event.reason, event.entry_id)

    @on(QuestionWithdrawn)
    async def on_question_withdrawn(event: QuestionWithdrawn, work: Work) -> None:
        await drafting.question_withdrawn(work, rig, event.research_id)

    @on(QuestionErased)
    async def on_question_erased(event: QuestionErased, work: Work) -> None:
        await erasing.question_erased(work, rig, event.research_id)

    @on(AnswerDelivered)
    async def on_answer_delivered(event: AnswerDelivered, work: Work) -> None:
        question = await question_of(work, event.research_id)
        question.delivered_on = event.delivered_on

    @on(AnswerRated)
    async def on_answer_rated(event: AnswerRated, work: Work) -> None:
        (await question_of(work, event.research_id)).rate(event.useful)

    @on(EntryRated)
    async def on_entry_rated(event: EntryRated, work: Work) -> None:
        await readers.count_readers(work, event)

    @on(MistakeReported)
    async def on_mistake_reported(event: MistakeReported, work: Work) -> None:
        await readers.take_report(work, rig, event)

    @on(ListingReported)
    async def on_listing_reported(event: ListingReported, work: Work) -> None:
        await readers.take_report(work, rig, event)
