"""The coordinator decides: what is checked, what may leave, and who is named."""

import datetime as dt
import re
from typing import Any

import pytest
from cri_shared import clock
from cri_shared.events.publishing import QuestionCovered, RefreshRequested
from cri_shared.events.research import AnswerApproved, QuestionDispatched
from cri_shared.privacy.gate import Suspect
from cri_shared.testing.events import deliver, emitted

from tests.research.conftest import PARTNER, Letter, Research, good_answer

TEXT = good_answer()["text"]


async def answered(research: Research, letter: Letter, **changed: Any) -> str:
    """Let the partner of a mail answer; gives the assignment of the newest dispatch."""
    async with research.phone() as phone:
        await phone.open(letter)
        sent = await phone.answer(**changed)
        assert sent.status_code == 303, sent.text
    return (await emitted(research.rig.service, QuestionDispatched))[-1].assignment_id


async def one_answer(research: Research, **changed: Any) -> tuple[str, str]:
    """(research id, assignment id) of a question that was answered."""
    await research.add_partner()
    research_id = await research.clear()
    return research_id, await answered(research, await research.letter(), **changed)


async def approve(research: Research, research_id: str, *answers: str, **changed: Any) -> Any:
    """Send the approval form as it stands on the page, with changes."""
    form = {
        "answers": await research.answers_read(research_id, *answers) or ["none"],
        "outcome": "found",
        "text": TEXT,
        "language": "en",
        "information_date": clock.today().isoformat(),
        "seen": "yes",
        **changed,
    }
    return await research.post(f"/console/questions/{research_id}/approve", **form)


async def approvals(research: Research) -> list[AnswerApproved]:
    return await emitted(research.rig.service, AnswerApproved)


class TestApproving:
    async def test_only_what_the_public_may_see_of_a_source_leaves(
        self, research: Research
    ) -> None:
        research_id, answer = await one_answer(research, source_2_url="https://secret.example/x")
        assert (await approve(research, research_id, answer)).status_code == 303
        (event,) = await approvals(research)
        body = event.model_dump_json()
        for hidden in ("Nurse Anahit", "Polyclinic Twelve", "secret.example"):
            assert hidden not in body
        assert "Health worker at a public clinic" in body
        assert event.publishable
        assert event.approved_on == clock.today()

    @pytest.mark.parametrize(
        ("visibility", "show_name", "named"),
        [("name", "yes", True), ("name", "", False), ("local", "yes", False), ("none", "", False)],
    )
    async def test_a_partner_is_named_only_where_it_said_so_twice(
        self, research: Research, visibility: str, show_name: str, named: bool
    ) -> None:
        await research.add_partner(visibility=visibility)
        research_id = await research.clear()
        given = {"show_name": show_name, "source_1_publisher": "Ararat Return Desk"}
        answer = await answered(research, await research.letter(), **given)
        await approve(research, research_id, answer)
        (event,) = await approvals(research)
        assert event.answered_by == ("Ararat Return Desk" if named else None)
        assert ("Ararat" in event.model_dump_json()) is named

    async def test_words_that_name_a_hidden_partner_stop_the_approval(
        self, research: Research
    ) -> None:
        text = "We at Ararat Return Desk saw both types in stock."
        research_id, answer = await one_answer(research)
        refused = await approve(research, research_id, answer, text=text, note="Who was it?")
        assert refused.status_code == 422
        assert "must not be named" in refused.text
        assert await approvals(research) == []

    async def test_an_answer_that_was_replaced_since_it_was_read_does_not_leave(
        self, research: Research
    ) -> None:
        research_id, assignment = await one_answer(research)
        read = await research.answers_read(research_id)
        due = (clock.today() + dt.timedelta(days=9)).isoformat()
        path = f"/console/assignments/{assignment}/return"
        await research.post(path, return_note="Say which pharmacies.", return_due_on=due)
        label = "Visit to other pharmacies"
        await answered(research, await research.letter(), source_1_label=label)
        late = await approve(research, research_id, assignment, answers=read)
        assert late.status_code == 303
        assert await approvals(research) == []
        assert (await approve(research, research_id, assignment)).status_code == 303
        (event,) = await approvals(research)
        assert event.sources[0].label == label

    async def test_points_of_the_check_must_be_confirmed_as_read(self, research: Research) -> None:
        text = "One month costs 21,000 dram and it is currently in stock. Ask desk@clinic.example."
        email = Suspect("email", "desk@clinic.example", 0, 0).mark
        kept = {"keep_email": "public_body", "marks_email": email}
        research_id, answer = await one_answer(research, text=text, **kept)
        board = await research.see(f"/console/questions/{research_id}")
        assert "Check personal data" in board
        page = await research.see(f"/console/questions/{research_id}/review")
        for words in (
            "A price without a month",
            "“currently” says nothing",
            "It stays: It belongs",
        ):
            assert words in page
        refused = await approve(research, research_id, answer, text=text, seen="")
        assert refused.status_code == 422
        assert "Confirm that you have read" in refused.text
        assert text in refused.text
        assert (await approve(research, research_id, answer, text=text)).status_code == 303

    async def test_what_the_coordinator_adds_goes_through_the_same_gate(
        self, research: Research
    ) -> None:
        research_id, answer = await one_answer(research)
        text = "Both types were in stock. Call +374 10 123456 first."
        changed = {"text": text, "note": "The clinic wants calls"}
        refused = await approve(research, research_id, answer, **changed)
        assert refused.status_code == 422
        assert "Phone number: “+374 10 123456”. Take it out" in refused.text
        marks = re.search(r'name="marks_phone" value="([^"]+)"', refused.text)
        assert marks is not None
        assert await approvals(research) == []
        kept = {"keep_phone": "public_body", "marks_phone": marks[1]}
        assert (await approve(research, research_id, answer, **changed, **kept)).status_code == 303
        assert [event.text for event in await approvals(research)] == [text]

    async def test_changed_words_need_a_note(self, research: Research) -> None:
        research_id, answer = await one_answer(research)
        text = "Both types of insulin were in stock in two of three pharmacies."
        refused = await approve(research, research_id, answer, text=text)
        assert refused.status_code == 422
        assert "Write why you changed the words" in refused.text
        await approve(research, research_id, answer, text=text, note="Plainer words")
        (event,) = await approvals(research)
        assert event.text == text
        assert "Plainer words" in await research.see(f"/console/questions/{research_id}")

    async def test_line_ends_of_the_browser_are_no_edit(self, research: Research) -> None:
        text = "Both types were in stock.\nOne pharmacy had none."
        research_id, answer = await one_answer(research, text=text)
        sent = await approve(research, research_id, answer, text=text.replace("\n", "\r\n"))
        assert sent.status_code == 303

    async def test_an_empty_form_comes_back_filled_in(self, research: Research) -> None:
        research_id, answer = await one_answer(research)
        refused = await approve(research, research_id, answer, outcome="", note="My note")
        assert refused.status_code == 422
        assert "Choose the outcome" in refused.text
        assert "My note" in refused.text

    async def test_approving_twice_approves_once(self, research: Research) -> None:
        research_id, answer = await one_answer(research)
        for _ in range(2):
            assert (await approve(research, research_id, answer)).status_code == 303
        assert len(await approvals(research)) == 1
        assert "approved and on its way" in await research.see(f"/console/questions/{research_id}")

    async def test_an_answer_of_another_question_cannot_be_approved_here(
        self, research: Research
    ) -> None:
        _, answer = await one_answer(research)
        other = await research.clear(sensitivity="red")
        await approve(research, other, answer)
        assert await approvals(research) == []

    async def test_there_is_nothing_to_approve_before_an_answer(self, research: Research) -> None:
        await research.add_partner()
        research_id = await research.clear()
        (event,) = await emitted(research.rig.service, QuestionDispatched)
        await approve(research, research_id, event.assignment_id)
        assert await approvals(research) == []
        away = await research.client.get(f"/console/questions/{research_id}/review")
        assert away.status_code == 303


class TestWithholding:
    async def test_a_partners_wish_cannot_be_overruled(self, research: Research) -> None:
        research_id, answer = await one_answer(research, do_not_publish="yes")
        await approve(research, research_id, answer, withhold="")
        assert not (await approvals(research))[0].publishable

    async def test_a_coordinator_can_withhold_too(self, research: Research) -> None:
        research_id, answer = await one_answer(research)
        await approve(research, research_id, answer, withhold="yes")
        assert not (await approvals(research))[0].publishable


class TestSeveralAnswers:
    async def two(self, research: Research) -> tuple[str, list[str]]:
        await research.add_partner()
        second = await research.add_partner(
            name="Second", email="second@x.example", mail_language="fr", visibility="none"
        )
        research_id = await research.clear()
        answers = [await answered(research, await research.letter())]
        await research.post(
            f"/console/questions/{research_id}/dispatch", partner=second, reason="To compare"
        )
        text = "По словам врача, инсулина нет."
        letter = await research.letter()
        answers.append(await answered(research, letter, text=text, language="ru"))
        return research_id, answers

    async def test_two_that_contradict_each_other_go_out_as_two_accounts(
        self, research: Research
    ) -> None:
        research_id, answers = await self.two(research)
        page = await research.see(f"/console/questions/{research_id}/review")
        assert "инсулина нет" in page
        assert TEXT in page
        together = {"outcome": "found", "agreement": ""}
        refused = await approve(research, research_id, *answers, **together)
        assert "Say how the answers stand to each other" in refused.text
        together["agreement"] = "contradict"
        refused = await approve(research, research_id, *answers, **together)
        assert "The outcome must say the same" in refused.text
        together["outcome"] = "conflicting"
        await approve(research, research_id, *answers, **together)
        page = await research.see(f"/console/questions/{research_id}")
        assert "They contradict each other" in page
        (event,) = await approvals(research)
        assert event.outcome == "conflicting"
        assert [a.language for a in event.accounts] == ["en", "ru"]
        assert len(event.sources) == 4

    async def test_one_can_be_approved_and_the_other_link_ends(self, research: Research) -> None:
        research_id, answers = await self.two(research)
        await approve(research, research_id, answers[0])
        (event,) = await approvals(research)
        assert event.accounts == ()
        page = await research.see(f"/console/questions/{research_id}")
        assert "another answer was approved" in page

    async def test_an_account_that_names_its_hidden_partner_stops_both(
        self, research: Research
    ) -> None:
        await research.add_partner()
        hidden = {"email": "2@x.example", "visibility": "none", "mail_language": "fr"}
        second = await research.add_partner(name="Another Name", **hidden)
        research_id = await research.clear()
        answers = [await answered(research, await research.letter())]
        await research.post(
            f"/console/questions/{research_id}/dispatch", partner=second, reason="To compare"
        )
        text = "The hidden helper team saw none."
        answers.append(await answered(research, await research.letter(), text=text))
        renamed = {**PARTNER, **hidden, "name": "Hidden Helper"}
        done = await research.post(f"/console/partners/{second}/edit", **renamed)
        assert done.status_code == 303, done.text
        together = {"outcome": "conflicting", "agreement": "contradict"}
        refused = await approve(research, research_id, *answers, **together)
        assert refused.status_code == 422
        assert await approvals(research) == []


class TestReturning:
    async def test_the_partner_gets_the_note_the_answer_and_a_new_link(
        self, research: Research
    ) -> None:
        research_id, answer = await one_answer(research)
        url = f"/console/assignments/{answer}/return"
        due = (clock.today() + dt.timedelta(days=7)).isoformat()
        assert (await research.post(url, return_due_on=due)).status_code == 422
        past = await research.post(url, return_note="Which month?", return_due_on="2020-01-01")
        assert past.status_code == 422
        assert "Which month?" in past.text
        for _ in range(2):  # a double click returns once
            sent = await research.post(url, return_note="Which month?", return_due_on=due)
            assert sent.status_code == 303
        letter = await research.letter()
        async with research.phone() as phone:
            await phone.open(letter)
            page = await phone.page()
            assert "Which month?" in page
            assert TEXT in page
            better = await phone.post("answer", **good_answer(text="In stock in March 2026."))
            assert better.status_code == 303
        assert "In stock in March 2026." in await research.see(f"/console/questions/{research_id}")


class TestAfterwards:
    async def test_a_refresh_keeps_the_entry_it_is_for(self, research: Research) -> None:
        await research.add_partner()
        event = RefreshRequested(
            research_id="refresh-1",
            entry_id="e-1",
            question="Is insulin available in Shirak?",
            language="en",
            country="AM",
            topics=("health.medication",),
            sensitivity="green",
            wanted_by=clock.today() + dt.timedelta(days=40),
        )
        await deliver(research.rig.service, event)
        answer = await answered(research, await research.letter())
        await approve(research, "refresh-1", answer)
        (approved,) = await approvals(research)
        assert approved.entry_id == "e-1"
        assert approved.question == event.question

    async def test_the_page_shows_where_the_answer_is_published(self, research: Research) -> None:
        research_id, answer = await one_answer(research)
        await approve(research, research_id, answer)
        covered = QuestionCovered(
            entry_id="e-1", research_ids=(research_id, "unknown"), slug="am-insulin", version=1
        )
        await deliver(research.rig.service, covered)
        page = await research.see(f"/console/questions/{research_id}")
        assert "/en/entries/am-insulin" in page
