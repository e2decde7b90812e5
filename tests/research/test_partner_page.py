"""A partner with a slow phone: one link, one question, and what can be done with it."""

import datetime as dt

from cri_shared import clock
from cri_shared.events.intake import ClarificationGiven
from cri_shared.events.research import (
    AssignmentDeclined,
    AssignmentOverdue,
    ClarificationAsked,
    QuestionDispatched,
    QuestionReturned,
)
from cri_shared.testing.events import deliver, emitted

from tests.research.conftest import Research

NOTHING = "does not open anything"


class TestSteps:
    async def test_accepting_twice_is_accepting_once(self, research: Research) -> None:
        letter = await research.sent()
        async with research.phone() as phone:
            await phone.open(letter)
            page = await phone.token()
            for _ in range(2):
                assert (await phone.post("accept", page=page)).status_code == 303
            assert "Send the answer" in await phone.page()

    async def test_declining_needs_a_reason_and_ends_the_link(self, research: Research) -> None:
        letter = await research.sent()
        async with research.phone() as phone:
            await phone.open(letter)
            empty = await phone.post("decline", decline_words="I am on leave until June")
            assert empty.status_code == 422
            assert "Choose why you cannot take this question" in empty.text
            assert "I am on leave until June" in empty.text
            page = await phone.token()
            declined = await phone.post(
                "decline", decline_reason="no_capacity", decline_words="On leave"
            )
            assert declined.status_code == 303
            assert "We ask somebody else" in await phone.page()
            assert (await phone.open(letter)).status_code == 422
            again = await phone.post("decline", page=page, decline_reason="no_capacity")
            assert again.status_code == 303
            assert "You told us that you cannot take this question." in await phone.page()
        (event,) = await emitted(research.rig.service, AssignmentDeclined)
        assert event.reason == "no_capacity"

    async def test_an_unsafe_question_goes_back_to_the_desk_at_once(
        self, research: Research
    ) -> None:
        letter = await research.sent()
        async with research.phone() as phone:
            await phone.open(letter)
            assert (await phone.post("problem")).status_code == 422
            page = await phone.token()
            await phone.post("problem", problem="unsafe_text", problem_words="It names the town")
            assert (await phone.open(letter)).status_code == 422
            again = await phone.post("problem", page=page, problem="unsafe_text")
            assert again.status_code == 303
            assert "We write this question anew." in await phone.page()
        (event,) = await emitted(research.rig.service, QuestionReturned)
        assert event.reason == "unsafe_text"
        page = await research.see(f"/console/questions/{event.research_id}")
        assert "It names the town" in page
        assert event.research_id in await research.see("/console/questions?view=returned")

    async def test_asking_back_asks_once_and_the_due_date_waits_for_the_reply(
        self, research: Research
    ) -> None:
        letter = await research.sent()
        (before,) = await emitted(research.rig.service, QuestionDispatched)
        async with research.phone() as phone:
            await phone.open(letter)
            assert (await phone.post("ask", ask_text="?")).status_code == 422
            for _ in range(2):  # a double click asks once
                await phone.post("ask", ask_text="Which of the two types?")
            await phone.page()
            assert "Your time stands still" in await phone.page()
        (asked,) = await emitted(research.rig.service, ClarificationAsked)
        assert asked.text == "Which of the two types?"
        with clock.frozen(clock.now() + dt.timedelta(days=60)):
            await research.duties()
            assert await research.letters() == []
            assert await emitted(research.rig.service, AssignmentOverdue) == []
            given = ClarificationGiven(
                research_id=asked.research_id,
                clarification_id=asked.clarification_id,
                text="The rapid one.",
            )
            await deliver(research.rig.service, given)
            after = (await emitted(research.rig.service, QuestionDispatched))[-1]
            assert after.assignment_id == before.assignment_id
            assert after.due_on > clock.today()

    async def test_the_reply_is_on_the_page_and_a_new_link_in_the_mail(
        self, research: Research
    ) -> None:
        letter = await research.sent()
        async with research.phone() as phone:
            await phone.open(letter)
            await phone.post("ask", ask_text="Which of the two types?")
            (asked,) = await emitted(research.rig.service, ClarificationAsked)
            board = await research.see("/console/questions?view=asked_back")
            assert asked.research_id in board
            given = ClarificationGiven(
                research_id=asked.research_id,
                clarification_id=asked.clarification_id,
                text="The rapid one.",
            )
            await deliver(research.rig.service, given)
            await deliver(research.rig.service, given)  # as a new event: still one mail
            newer = await research.letter()
            await phone.page()
            await phone.open(newer)
            page = await phone.page()
            assert "Which of the two types?" in page
            assert "The rapid one." in page
            assert "stands still" not in page

    async def test_more_time_is_asked_and_given(self, research: Research) -> None:
        letter = await research.sent()
        (event,) = await emitted(research.rig.service, QuestionDispatched)
        later = event.due_on + dt.timedelta(days=7)
        url = f"/console/assignments/{event.assignment_id}/time"
        async with research.phone() as phone:
            await phone.open(letter)
            for bad in (
                {},
                {"until": "2020-01-01"},
                {"until": "2090-01-01"},
                {"until": event.due_on.isoformat()},
                {"until": "soon"},
            ):
                answer = await phone.post("time", time_words="The clinic is closed", **bad)
                assert answer.status_code == 422
                assert "The clinic is closed" in answer.text
            await phone.post("time", until=later.isoformat(), time_words="The clinic is closed")
            assert "We have not decided yet" in await phone.page()
        assert "Wants time" in await research.see("/console/questions?view=with_partner")
        assert (await research.post(url, new_due_on="2020-01-01")).status_code == 422
        assert (await research.post(url)).status_code == 422
        await research.post(url, decision="give", new_due_on=later.isoformat())
        assert (await research.letter()).text.count(later.strftime("%Y")) == 1
        assert (await emitted(research.rig.service, QuestionDispatched))[-1].due_on == later

    async def test_more_time_can_be_refused_once(self, research: Research) -> None:
        letter = await research.sent()
        (event,) = await emitted(research.rig.service, QuestionDispatched)
        async with research.phone() as phone:
            await phone.open(letter)
            later = event.due_on + dt.timedelta(days=7)
            await phone.post("time", until=later.isoformat())
        for _ in range(2):
            url = f"/console/assignments/{event.assignment_id}/time"
            await research.post(url, decision="refuse")
        assert len(await research.letters()) == 1
