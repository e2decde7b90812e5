"""What research does when other services tell it something."""

from cri_shared.db import Work
from cri_shared.events.intake import (
    AnswerDelivered,
    AnswerRated,
    ClarificationGiven,
    QuestionCleared,
    QuestionErased,
    QuestionWithdrawn,
)
from cri_shared.events.publishing import (
    EntryArchived,
    EntryPublished,
    EntryRevised,
    EntryWithdrawn,
    QuestionCovered,
    RefreshRequested,
)
from cri_shared.events.search import SearchMissed
from cri_shared.events.training import ObstacleCounted

from cri_research.actions import dispatch, erasing, gaps, questions
from cri_research.rig import Rig


class Subscribers:
    """One handler per event that research hears."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        on = rig.service.consumer.on
        on(QuestionCleared)(self.on_question_cleared)
        on(QuestionWithdrawn)(self.on_question_withdrawn)
        on(QuestionErased)(self.on_question_erased)
        on(ClarificationGiven)(self.on_clarification_given)
        on(AnswerDelivered)(self.on_answer_delivered)
        on(AnswerRated)(self.on_answer_rated)
        on(RefreshRequested)(self.on_refresh_requested)
        on(QuestionCovered)(self.on_question_covered)
        on(SearchMissed)(self.on_search_missed)
        on(ObstacleCounted)(self.on_obstacle_counted)
        on(EntryPublished)(self.on_entry_published)
        on(EntryRevised)(self.on_entry_revised)
        on(EntryArchived)(self.on_entry_archived)
        on(EntryWithdrawn)(self.on_entry_withdrawn)

    async def on_question_cleared(self, event: QuestionCleared, work: Work) -> None:
        await self._receive(event, work)

    async def on_refresh_requested(self, event: RefreshRequested, work: Work) -> None:
        await self._receive(event, work)

    async def _receive(self, event: QuestionCleared | RefreshRequested, work: Work) -> None:
        question = await questions.receive_question(work, self._rig, event)
        if question is not None:
            await dispatch.consider(work, self._rig, question)

    async def on_question_withdrawn(self, event: QuestionWithdrawn, work: Work) -> None:
        await questions.withdraw_question(work, event.research_id)

    async def on_question_erased(self, event: QuestionErased, work: Work) -> None:
        await erasing.question_erased(work, self._rig, event.research_id)

    async def on_clarification_given(self, event: ClarificationGiven, work: Work) -> None:
        await questions.hear_clarification(work, self._rig, event)

    async def on_answer_delivered(self, event: AnswerDelivered, work: Work) -> None:
        question = await questions.find_question(work, event.research_id)
        if question is not None:
            question.delivered_on = event.delivered_on

    async def on_answer_rated(self, event: AnswerRated, work: Work) -> None:
        question = await questions.find_question(work, event.research_id)
        if question is not None:
            name = f"rated_{event.useful}"
            setattr(question, name, getattr(question, name) + 1)

    async def on_question_covered(self, event: QuestionCovered, work: Work) -> None:
        for research_id in event.research_ids:
            question = await questions.find_question(work, research_id)
            if question is not None:
                question.covered_by = event.slug

    async def on_search_missed(self, event: SearchMissed, work: Work) -> None:
        await gaps.count_misses(work, event)

    async def on_obstacle_counted(self, event: ObstacleCounted, work: Work) -> None:
        await gaps.count_obstacle(work, event)

    async def on_entry_published(self, event: EntryPublished, work: Work) -> None:
        await gaps.keep_entry(work, event.entry)

    async def on_entry_revised(self, event: EntryRevised, work: Work) -> None:
        await gaps.keep_entry(work, event.entry)

    async def on_entry_archived(self, event: EntryArchived, work: Work) -> None:
        await gaps.archive_entry(work, event.entry_id)

    async def on_entry_withdrawn(self, event: EntryWithdrawn, work: Work) -> None:
        await gaps.forget_entry(work, event.entry_id)
