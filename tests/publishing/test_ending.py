"""Things taken out of sight: everywhere, at once, and for good."""

import datetime as dt

import pytest
from cri_publishing.models import EntryStatus, QuestionState
from cri_shared import clock
from cri_shared.events.intake import (
    AnswerDelivered,
    AnswerRated,
    QuestionErased,
    QuestionWithdrawn,
)
from cri_shared.events.publishing import EntryArchived, EntryPublished, EntryWithdrawn
from cri_shared.events.research import QuestionUnanswered
from cri_shared.events.upkeep import ERASURE_CONFIRMED
from cri_shared.privacy.vault import Erased
from cri_shared.testing.events import emitted

from tests.publishing.conftest import TODAY, Publishing, approved


class TestWithdrawing:
    async def test_it_disappears_from_the_index_and_everybody_is_told(
        self, on_each_database: Publishing
    ) -> None:
        desk = on_each_database
        entry_id = await desk.published()
        await desk.time()
        await desk.be("Leen D.")
        unsaid = await desk.post(f"{entry_id}/withdraw")
        assert unsaid.status_code == 422
        assert 'id="reason-err"' in unsaid.text
        await desk.post(f"{entry_id}/withdraw", reason="harm")
        await desk.time()
        assert desk.index.documents == {}
        (event,) = await emitted(desk.rig.service, EntryWithdrawn)
        assert (event.entry_id, event.version) == (entry_id, 1)
        page = (await desk.get(f"/{entry_id}")).text
        assert "It can harm somebody" in page
        assert entry_id in (await desk.get("?view=withdrawn")).text

    async def test_twice_is_once_and_there_is_no_way_back(self, publishing: Publishing) -> None:
        entry_id = await publishing.published()
        for _ in range(2):
            answer = await publishing.post(f"{entry_id}/withdraw", reason="wrong")
            assert answer.status_code == 303
        assert len(await emitted(publishing.rig.service, EntryWithdrawn)) == 1
        for step in ("revise", "archive", "refresh"):
            answer = await publishing.post(f"{entry_id}/{step}")
            assert answer.headers["location"].endswith(f"/entries/{entry_id}")
        assert len(await publishing.versions(entry_id)) == 1

    async def test_work_under_way_goes_with_it(self, publishing: Publishing) -> None:
        entry_id = await publishing.published()
        await publishing.be("Leen D.")
        await publishing.post(f"{entry_id}/revise")
        await publishing.post(f"{entry_id}/withdraw", reason="partner")
        assert [v.number for v in await publishing.versions(entry_id)] == [1]

    @pytest.mark.parametrize("role", ["officer", "coordinator", "operator"])
    async def test_whoever_hears_of_harm_may_do_it_and_nothing_else(
        self, publishing: Publishing, role: str
    ) -> None:
        entry_id = await publishing.published()
        await publishing.be("Wim V.", role)
        assert (await publishing.get(f"/{entry_id}")).status_code == 403
        assert (await publishing.get(f"/{entry_id}/withdraw")).status_code == 200
        gone = await publishing.post(f"{entry_id}/withdraw", reason="harm")
        page = await publishing.client.get(gone.headers["location"])
        assert "was withdrawn" in page.text

    async def test_a_draft_cannot_be_withdrawn_or_seen_that_way(
        self, publishing: Publishing
    ) -> None:
        entry_id = await publishing.draft()
        await publishing.be("Wim V.", "officer")
        page = await publishing.get(f"/{entry_id}/withdraw")
        assert page.status_code == 409
        assert "insulin" not in page.text


class TestArchiving:
    async def test_an_archived_entry_leaves_the_index_and_can_be_revised(
        self, publishing: Publishing
    ) -> None:
        entry_id = await publishing.published()
        await publishing.time()
        await publishing.post(f"{entry_id}/archive")
        await publishing.time()
        assert publishing.index.documents == {}
        assert len(await emitted(publishing.rig.service, EntryArchived)) == 1
        assert (await publishing.post(f"{entry_id}/revise")).status_code == 303


class TestNotPublishing:
    async def test_an_editor_may_decide_not_to_and_the_text_is_erased(
        self, publishing: Publishing
    ) -> None:
        answer = approved()
        await publishing.hear(answer)
        entry_id = await publishing.entry_of(answer.research_id)
        await publishing.post(f"{entry_id}/discard")
        await publishing.time()
        assert (
            "An editor decided not to publish it" in (await publishing.get("?view=withheld")).text
        )
        with pytest.raises(Erased):
            await publishing.rig.vault(answer.research_id)

    @pytest.mark.parametrize(
        ("changed", "reason"),
        [
            ({"publishable": False}, "The partner does not want it published"),
            ({"sensitivity": "red"}, "red is never published"),
        ],
    )
    async def test_a_withheld_answer_is_listed_without_its_text(
        self, publishing: Publishing, changed: dict[str, object], reason: str
    ) -> None:
        answer = approved(text="SECRETWORD in this answer, as said in March 2026.", **changed)
        await publishing.hear(answer)
        page = (await publishing.get("?view=withheld")).text
        assert reason in page
        question = await publishing.question(answer.research_id)
        assert question is not None
        assert (question.entry_id, question.answer_sealed) == (None, None)
        with pytest.raises(Erased):
            await publishing.rig.vault(answer.research_id)


class TestWithdrawnQuestions:
    async def test_a_draft_is_closed_and_erased(self, on_each_database: Publishing) -> None:
        desk = on_each_database
        answer = approved()
        await desk.hear(answer)
        entry_id = await desk.entry_of(answer.research_id)
        await desk.save(entry_id, embargo_days=30)
        await desk.submit(entry_id)
        await desk.be("Karim B.")
        await desk.approve(entry_id)
        await desk.hear(QuestionWithdrawn(research_id=answer.research_id))
        await desk.time()
        assert (await desk.entry(entry_id)).status == EntryStatus.CLOSED
        assert await desk.versions(entry_id) == []
        assert await emitted(desk.rig.service, EntryPublished) == []
        with pytest.raises(Erased):
            await desk.rig.vault(answer.research_id)
        assert (await desk.get(f"/{entry_id}")).status_code == 200

    async def test_before_its_answer_nothing_is_ever_drafted(self, publishing: Publishing) -> None:
        answer = approved()
        await publishing.hear(QuestionWithdrawn(research_id=answer.research_id))
        await publishing.hear(answer)
        question = await publishing.question(answer.research_id)
        assert question is not None
        assert (question.state, question.entry_id) == (QuestionState.WITHDRAWN, None)

    async def test_what_is_public_stays_public(self, publishing: Publishing) -> None:
        answer = approved()
        await publishing.hear(answer)
        entry_id = await publishing.entry_of(answer.research_id)
        await publishing.publish(entry_id)
        await publishing.hear(QuestionWithdrawn(research_id=answer.research_id))
        assert (await publishing.entry(entry_id)).status == EntryStatus.PUBLISHED
        assert await publishing.rig.vault(answer.research_id)


class TestErasedQuestions:
    async def test_a_draft_goes_with_its_key_and_that_is_confirmed(
        self, on_each_database: Publishing
    ) -> None:
        desk = on_each_database
        answer = approved()
        await desk.hear(answer)
        entry_id = await desk.entry_of(answer.research_id)
        for _ in range(2):
            await desk.hear(QuestionErased(research_id=answer.research_id))
        await desk.time()
        assert (await desk.entry(entry_id)).status == EntryStatus.CLOSED
        assert await desk.versions(entry_id) == []
        with pytest.raises(Erased):
            await desk.rig.vault(answer.research_id)
        (confirmed,) = await emitted(desk.rig.service, ERASURE_CONFIRMED["publishing"])
        assert confirmed.research_id == answer.research_id
        await desk.hear(answer)
        assert await desk.versions(entry_id) == []

    async def test_what_is_public_stays_and_the_answer_behind_it_goes(
        self, publishing: Publishing
    ) -> None:
        answer = approved()
        await publishing.hear(answer)
        entry_id = await publishing.entry_of(answer.research_id)
        await publishing.publish(entry_id)
        await publishing.hear(QuestionErased(research_id=answer.research_id))
        await publishing.time()
        assert (await publishing.entry(entry_id)).status == EntryStatus.PUBLISHED
        question = await publishing.question(answer.research_id)
        assert question is not None
        assert question.answer_sealed is None
        with pytest.raises(Erased):
            await publishing.rig.vault(answer.research_id)
        assert (await publishing.get(f"/{entry_id}")).status_code == 200
        assert (await publishing.post(f"{entry_id}/revise")).status_code == 303
        assert (await publishing.get(f"/{entry_id}/edit")).status_code == 200


async def test_keys_without_a_draft_are_swept_and_no_others(publishing: Publishing) -> None:
    answer = approved()
    await publishing.hear(answer)
    await publishing.rig.keys.create("draft", "left-behind-by-a-crash")
    with clock.frozen(TODAY + dt.timedelta(days=8)):
        await publishing.time()
    assert await publishing.rig.vault(answer.research_id)
    with pytest.raises(Erased):
        await publishing.rig.vault("left-behind-by-a-crash")


class TestHearing:
    async def test_ratings_are_counted_on_the_entry_whenever_they_come(
        self, publishing: Publishing
    ) -> None:
        answer = approved()
        rate = [AnswerRated(research_id=answer.research_id, useful=u) for u in ("yes", "yes", "no")]
        await publishing.hear(rate[0])
        await publishing.hear(answer)
        for one in rate[1:]:
            await publishing.hear(one)
        await publishing.hear(
            AnswerDelivered(research_id=answer.research_id, delivered_on="2026-11-20")
        )
        entry_id = await publishing.entry_of(answer.research_id)
        assert "yes 2, partly 0, no 1" in (await publishing.get(f"/{entry_id}")).text

    async def test_the_same_answer_twice_is_drafted_once(
        self, on_each_database: Publishing
    ) -> None:
        answer = approved()
        await on_each_database.hear(answer)
        first = await on_each_database.entry_of(answer.research_id)
        await on_each_database.hear(answer)
        assert await on_each_database.entry_of(answer.research_id) == first
        assert len(await on_each_database.versions(first)) == 1

    async def test_an_unanswered_question_is_a_gap_until_it_is_answered(
        self, publishing: Publishing
    ) -> None:
        answer = approved()
        await publishing.hear(QuestionUnanswered(research_id=answer.research_id, reason="expired"))
        question = await publishing.question(answer.research_id)
        assert question is not None
        assert (question.state, question.reason) == (QuestionState.UNANSWERED, "expired")
        await publishing.hear(answer)
        assert await publishing.entry_of(answer.research_id)

    async def test_an_answer_for_an_entry_that_is_gone_becomes_a_new_draft(
        self, publishing: Publishing
    ) -> None:
        gone = await publishing.published()
        await publishing.post(f"{gone}/withdraw", reason="wrong")
        assert await publishing.draft(entry_id=gone) != gone
        assert await publishing.draft(entry_id="unknown") not in (gone, "unknown")
