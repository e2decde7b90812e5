"""A partner with a slow phone: one link, one question, and nothing typed is ever lost."""

import datetime as dt
import re
from collections import Counter
from typing import ClassVar

import pytest
from cri_research.actions.links import ALPHABET
from cri_research.models import SecretLink, SubmittedAnswer
from cri_shared import clock
from cri_shared.events.intake import ClarificationGiven
from cri_shared.events.research import (
    AssignmentDeclined,
    AssignmentOverdue,
    ClarificationAsked,
    QuestionDispatched,
    QuestionReturned,
)
from cri_shared.testing.attempts import refused_at
from cri_shared.testing.events import deliver, emitted
from cri_shared.web.lanes import Lanes, Turns
from sqlalchemy import func, select

from tests.research.conftest import TEXT, Letter, Phone, Research, good_answer

NOTHING = "does not open anything"


async def sent(research: Research, **partner: str) -> Letter:
    """A question with a partner; gives the mail."""
    await research.add_partner(**partner)
    await research.clear()
    return await research.letter()


async def answers(research: Research) -> int:
    async with research.rig.service.database.reading() as session:
        counted = select(func.count()).select_from(SubmittedAnswer)
        return (await session.execute(counted)).scalar_one()


class TestTheMail:
    async def test_it_is_neutral_and_speaks_the_partners_language(self, research: Research) -> None:
        letter = await sent(research, languages="fr, en")
        assert letter.to == "desk@ararat.example"
        assert letter.subject == "Un message pour vous"
        for secret in (TEXT, "insulin", "Armenia", "Arménie", "Ararat", "CRI"):
            assert secret not in letter.text + letter.subject
        assert "/fr/partner#" in letter.text

    async def test_the_token_never_stands_where_a_server_would_see_it(
        self, research: Research
    ) -> None:
        letter = await sent(research)
        assert re.search(r"/partner#[\w-]{43}\s", letter.text)
        async with research.phone() as phone:
            assert "by-link" in await phone.page()
            opened = await phone.client.post("/en/partner/open", data={"token": letter.token})
            assert opened.status_code == 303
            assert letter.token not in opened.headers["location"]
            assert TEXT in await phone.page()


class TestTheDoor:
    @pytest.mark.parametrize("typed", ["{0}", "{0} ", " {0}"])
    async def test_a_code_opens_as_people_type_it(self, research: Research, typed: str) -> None:
        letter = await sent(research)
        async with research.phone() as phone:
            code = typed.format(letter.code.lower().replace("-", " "))
            opened = await phone.client.post("/en/partner/open", data={"code": code})
            assert opened.status_code == 303
            cookie = opened.headers["set-cookie"].lower()
            assert "httponly" in cookie
            assert "samesite=strict" in cookie

    @pytest.mark.parametrize(
        "given", [{}, {"code": "AAAAA-AAAAA"}, {"token": "x" * 43}, {"code": "x" * 500}]
    )
    async def test_what_opens_nothing_gets_the_same_words(
        self, research: Research, given: dict[str, str]
    ) -> None:
        await sent(research)
        async with research.phone() as phone:
            answer = await phone.client.post("/en/partner/open", data=given)
            assert answer.status_code == 422
            assert NOTHING in answer.text
            assert TEXT not in answer.text

    async def test_guessing_codes_has_a_pace_and_a_right_one_does_not_count(
        self, research: Research
    ) -> None:
        letter = await sent(research)
        waits: list[float] = []

        async def sleep(seconds: float) -> None:
            waits.append(seconds)

        research.app.state.lanes = Lanes(1, Turns(lambda: 1000.0), sleep)
        async with research.phone() as phone:
            assert (await phone.open(letter)).status_code == 303
            codes = [{"code": f"AAAAA-AAAA{last}"} for last in ALPHABET] * 2
            answers = [await phone.client.post("/en/partner/open", data=one) for one in codes]
        found = Counter(answer.status_code for answer in answers)
        assert found == {422: 40, 503: len(codes) - 40}  # 30 at once, 10 more in 20 seconds
        assert len(waits) == 10

    async def test_a_link_opens_five_times(self, research: Research) -> None:
        letter = await sent(research)
        async with research.phone() as phone:
            for _ in range(5):
                assert (await phone.open(letter)).status_code == 303
            worn_out = await phone.open(letter)
            assert worn_out.status_code == 422
            assert NOTHING in worn_out.text
            await phone.client.post("/en/partner/open", data={"code": "AAAAA-AAAAA"})
            await phone.client.post("/en/partner/open", data={})
            counted = await refused_at(research.app.state.service)
            (assignment_id,) = {about for kind, about in counted if kind == "partner_link.spent"}
            assert counted == {
                ("partner_link.spent", assignment_id): 1,
                ("partner_link.unknown", "unknown"): 1,
            }
            assert TEXT in await phone.page()  # the page that is open stays open

    async def test_looking_at_the_page_spends_nothing(self, research: Research) -> None:
        letter = await sent(research)
        async with research.phone() as phone:
            for _ in range(10):
                await phone.page()
            await phone.open(letter)
        async with research.rig.service.database.reading() as session:
            (link,) = (await session.execute(select(SecretLink))).scalars().all()
        assert link.exchanges == 1

    async def test_a_session_lasts_eight_hours(self, research: Research) -> None:
        letter = await sent(research)
        async with research.phone() as phone:
            await phone.open(letter)
            with clock.frozen(clock.now() + dt.timedelta(hours=7, minutes=59)):
                assert TEXT in await phone.page()
            with clock.frozen(clock.now() + dt.timedelta(hours=8, minutes=1)):
                assert TEXT not in await phone.page()

    async def test_a_link_lives_until_thirty_days_after_the_due_date(
        self, research: Research
    ) -> None:
        letter = await sent(research)
        (event,) = await emitted(research.rig.service, QuestionDispatched)
        due = dt.datetime.combine(event.due_on, dt.time(12), clock.UTC)
        async with research.phone() as phone:
            with clock.frozen(due + dt.timedelta(days=31)):
                assert NOTHING in (await phone.open(letter)).text
            with clock.frozen(due + dt.timedelta(days=30)):
                assert (await phone.open(letter)).status_code == 303

    async def test_a_new_link_ends_the_one_before_and_its_page(self, research: Research) -> None:
        letter = await sent(research)
        (event,) = await emitted(research.rig.service, QuestionDispatched)
        async with research.phone() as phone:
            await phone.open(letter)
            await research.post(f"/console/assignments/{event.assignment_id}/remind")
            newer = await research.letter()
            assert TEXT not in await phone.page()
            assert (await phone.open(letter)).status_code == 422
            assert (await phone.open(newer)).status_code == 303

    async def test_one_session_shows_one_question(self, research: Research) -> None:
        first = await sent(research)
        await research.clear(text="What does a flat in Yerevan cost?", topics=("housing.rent",))
        second = await research.letter()
        async with research.phone() as phone:
            await phone.open(first)
            page = await phone.token()
            await phone.open(second)
            assert "flat in Yerevan" in await phone.page()
            assert TEXT not in await phone.page()
            # a form of the first question does nothing to the second
            crossed = await phone.post("decline", page=page, decline_reason="unsafe")
            assert crossed.status_code == 409
            assert await emitted(research.rig.service, AssignmentDeclined) == []

    async def test_the_page_can_be_closed(self, research: Research) -> None:
        letter = await sent(research)
        async with research.phone() as phone:
            await phone.open(letter)
            kept = dict(phone.client.cookies)
            await phone.client.post("/en/partner/close")
            phone.client.cookies.update(kept)
            assert TEXT not in await phone.page()

    @pytest.mark.parametrize("lang", ["nl", "fr", "en"])
    async def test_every_language_has_the_page_and_it_is_small(
        self, research: Research, lang: str
    ) -> None:
        letter = await sent(research)
        async with research.phone(lang) as phone:
            await phone.open(letter)
            await phone.post("accept")
            page = await phone.client.get(f"/{lang}/partner")
            assert f'<html lang="{lang}"' in page.text
            assert 'lang="en" dir="ltr"' in page.text
            style = re.search(r'href="(/static/[^"]+cri\.css)"', page.text)
            assert style is not None
            css = await phone.client.get(style[1])
            assert len(page.content) + int(css.num_bytes_downloaded) < 50_000
            assert page.headers["cache-control"] == "no-store"

    async def test_a_question_in_arabic_script_runs_from_right_to_left(
        self, research: Research
    ) -> None:
        await research.add_partner(countries="AF", languages="en, prs")
        await research.clear(country="AF", language="fa-AF", text="تذکره برقی در هرات؟ چند روز؟")
        letter = await research.letter()
        async with research.phone() as phone:
            await phone.open(letter)
            assert 'lang="fa-AF" dir="rtl"' in await phone.page()


class TestThePin:
    async def at_risk(self, research: Research) -> tuple[Letter, str]:
        partner_id = await research.add_partner(risk="high")
        made = await research.post(f"/console/partners/{partner_id}/pin")
        pin = re.search(r'class="bigcode"><bdi dir="ltr">(\d{6})<', made.text)
        assert pin is not None
        await research.clear()
        return await research.letter(), pin[1]

    async def test_nothing_shows_before_the_pin(self, research: Research) -> None:
        letter, pin = await self.at_risk(research)
        assert pin not in letter.text
        async with research.phone() as phone:
            await phone.open(letter)
            assert TEXT not in await phone.page()
            forged = await phone.post("accept", page="x")
            assert forged.status_code == 409
            assert (await phone.client.post("/en/partner/pin", data={})).status_code == 422
            right = await phone.client.post(
                "/en/partner/pin", data={"pin": f" {pin[:3]} {pin[3:]}"}
            )
            assert right.status_code == 303
            assert TEXT in await phone.page()

    async def test_five_wrong_pins_end_the_link(self, research: Research) -> None:
        letter, pin = await self.at_risk(research)
        wrong = f"{(int(pin) + 1) % 1_000_000:06}"
        async with research.phone() as phone:
            await phone.open(letter)
            for tried in range(5):
                answer = await phone.client.post("/en/partner/pin", data={"pin": wrong})
                assert answer.status_code == 422
                assert (NOTHING in answer.text) is (tried == 4)
            counted = await refused_at(research.app.state.service)
            assert [(k, n) for (k, _), n in counted.items()] == [("partner_pin.wrong", 5)]
            late = await phone.client.post("/en/partner/pin", data={"pin": pin})
            assert NOTHING in late.text
            assert (await phone.open(letter)).status_code == 422

    async def test_a_second_session_does_not_bring_new_tries(self, research: Research) -> None:
        letter, pin = await self.at_risk(research)
        wrong = f"{(int(pin) + 1) % 1_000_000:06}"
        async with research.phone() as phone:
            for _ in range(5):
                await phone.open(letter)
                await phone.client.post("/en/partner/pin", data={"pin": wrong})
            assert NOTHING in (await phone.open(letter)).text


class TestSteps:
    async def test_accepting_twice_is_accepting_once(self, research: Research) -> None:
        letter = await sent(research)
        async with research.phone() as phone:
            await phone.open(letter)
            page = await phone.token()
            for _ in range(2):
                assert (await phone.post("accept", page=page)).status_code == 303
            assert "Send the answer" in await phone.page()

    async def test_declining_needs_a_reason_and_ends_the_link(self, research: Research) -> None:
        letter = await sent(research)
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
        letter = await sent(research)
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
        letter = await sent(research)
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
        letter = await sent(research)
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
        letter = await sent(research)
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
        letter = await sent(research)
        (event,) = await emitted(research.rig.service, QuestionDispatched)
        async with research.phone() as phone:
            await phone.open(letter)
            later = event.due_on + dt.timedelta(days=7)
            await phone.post("time", until=later.isoformat())
        for _ in range(2):
            url = f"/console/assignments/{event.assignment_id}/time"
            await research.post(url, decision="refuse")
        assert len(await research.letters()) == 1


class TestAnswering:
    async def accepted(self, research: Research, phone: Phone) -> None:
        await phone.open(await sent(research))
        await phone.post("accept")

    WRONG: ClassVar[list[tuple[dict[str, str], str, str]]] = [
        ({"outcome": ""}, "outcome", "Choose what you found"),
        ({"text": ""}, "text", "Write your answer"),
        ({"language": "??"}, "language", "Choose the language"),
        ({"information_date": ""}, "information_date", "last checked this"),
        ({"information_date": "2090-01-01"}, "information_date", "has not come yet"),
        ({"information_date": "2001-01-01"}, "information_date", "more than two years ago"),
        ({"information_date": "13/03"}, "information_date", "Write a date such as"),
        ({"outcome": "not_found"}, "tried", "Write what you tried"),
        ({"outcome": "partly"}, "tried", "Write what you tried"),
        ({"period_from": "2026-03-02", "period_to": "2026-03-01"}, "period_to", "before it"),
        ({"source_1_kind": ""}, "source_1_kind", "Choose what kind"),
        ({"source_1_kind": "dream"}, "source_1_kind", "Choose what kind"),
        ({"source_1_label": ""}, "source_1_label", "Say what this source is"),
        ({"source_1_consulted_on": ""}, "source_1_consulted_on", "used this source"),
        ({"source_1_consulted_on": "2090-01-01"}, "source_1_consulted_on", "not come yet"),
        ({"source_1_published_on": "2090-01-01"}, "source_1_published_on", "after you used"),
        ({"source_1_url": "javascript:alert(1)"}, "source_1_url", "begins with https"),
        ({"source_1_quotes": "1"}, "source_1_quotes", "another source"),
        ({"source_1_quotes": "9"}, "source_1_quotes", "another source"),
        ({"source_2_public_label": ""}, "source_2_public_label", "how readers may know"),
    ]

    async def test_what_is_wrong_stands_beside_its_field_and_all_is_kept(
        self, research: Research
    ) -> None:
        async with research.phone() as phone:
            await self.accepted(research, phone)
            for changed, field, words in self.WRONG:
                answer = await phone.post("answer", **good_answer(**changed))
                assert answer.status_code == 422, changed
                beside = re.search(rf'id="{field}-err">.*?</p>', answer.text)
                assert beside is not None, changed
                assert words in beside[0], changed
                assert "Nurse Anahit at the polyclinic" in answer.text
                # even where the phone dies now
                assert "Nurse Anahit at the polyclinic" in await phone.page()
        assert await answers(research) == 0

    async def test_who_sends_it_again_from_a_page_that_a_reminder_closed_reads_that_we_have_it(
        self, research: Research
    ) -> None:
        async with research.phone() as phone, research.phone() as other:
            await self.accepted(research, phone)
            token = await phone.token()
            (event,) = await emitted(research.rig.service, QuestionDispatched)
            await research.post(f"/console/assignments/{event.assignment_id}/remind")
            await other.open(await research.letter())
            assert (await other.answer()).status_code == 303
            again = await phone.post("answer", page=token, **good_answer())
            assert again.status_code == 303
            assert "We have your answer." in await phone.page()
        assert await answers(research) == 1

    async def test_an_answer_without_sources_is_asked_for_one(self, research: Research) -> None:
        bare = {k: v for k, v in good_answer().items() if not k.startswith("source_")}
        async with research.phone() as phone:
            await self.accepted(research, phone)
            answer = await phone.post("answer", **bare)
            assert "Name at least one source" in answer.text
            nothing = {**bare, "outcome": "not_found", "text": "", "tried": "Calls to four clinics"}
            assert (await phone.post("answer", **nothing)).status_code == 303
        assert await answers(research) == 1

    async def test_who_does_not_want_to_publish_needs_no_label_for_readers(
        self, research: Research
    ) -> None:
        async with research.phone() as phone:
            await self.accepted(research, phone)
            form = good_answer(source_2_public_label="", do_not_publish="yes")
            assert (await phone.post("answer", **form)).status_code == 303

    async def test_what_may_be_a_persons_is_taken_out_or_explained(
        self, research: Research
    ) -> None:
        letter = await sent(research)
        async with research.phone() as phone:
            await phone.open(letter)
            await self.accepted(research, phone)
            text = "Ask Doctor Fictivian, or call the clinic on +374 10 123456."
            refused = await phone.post("answer", **good_answer(text=text))
            assert refused.status_code == 422
            assert "may belong to a private person: “" in refused.text
            assert "“+374 10 123456”. Take it out" in refused.text
            assert text in refused.text
            marks = re.search(r'name="marks_phone" value="([^"]+)"', refused.text)
            assert marks is not None
            kept = {"keep_phone": "public_body", "marks_phone": marks[1]}
            half = await phone.post("answer", **good_answer(text=text, **kept))
            assert half.status_code == 422
            assert "private person: “" in half.text
            assert '<option value="public_body" selected>' in half.text
            mended = text.replace("Ask Doctor Fictivian, or call", "Call")
            done = await phone.post("answer", **good_answer(text=mended, **kept))
            assert done.status_code == 303
        assert await answers(research) == 1

    async def test_who_must_stay_hidden_cannot_name_themselves(self, research: Research) -> None:
        letter = await sent(research)
        async with research.phone() as phone:
            await phone.open(letter)
            await self.accepted(research, phone)
            text = "We of the ARARAT return desk saw both."
            refused = await phone.post("answer", **good_answer(text=text))
            assert refused.status_code == 422
            assert "This tells who you are" in refused.text
            shown = await phone.post("answer", **good_answer(text=text, show_name="yes"))
            assert shown.status_code == 303

    async def test_an_answer_sent_twice_comes_in_once(self, research: Research) -> None:
        async with research.phone() as phone:
            await self.accepted(research, phone)
            page = await phone.token()
            for _ in range(2):
                sent_again = await phone.post("answer", page=page, **good_answer())
                assert sent_again.status_code == 303
            assert "We have your answer" in await phone.page()
        assert await answers(research) == 1

    async def test_a_draft_lies_sealed_on_the_server(self, research: Research) -> None:
        async with research.phone() as phone:
            await self.accepted(research, phone)
            await phone.post("answer", **good_answer(do="draft", text="Half a thought"))
            assert "Half a thought" in await phone.page()
        files = [f for f in research.directory.rglob("*") if f.is_file()]
        assert not [f.name for f in files if b"Half a thought" in f.read_bytes()]
        assert await answers(research) == 0

    async def test_more_rows_come_by_button_and_what_was_typed_stays(
        self, research: Research
    ) -> None:
        async with research.phone() as phone:
            await self.accepted(research, phone)
            assert 'name="source_4_label"' not in await phone.page()
            more = await phone.post("answer", **good_answer(do="more", outcome=""))
            assert more.status_code == 200
            assert 'name="source_5_label"' in more.text
            assert "Nurse Anahit" in more.text

    async def test_what_was_typed_is_kept_when_the_session_ended_meanwhile(
        self, research: Research
    ) -> None:
        async with research.phone() as phone:
            await self.accepted(research, phone)
            page = await phone.token()
            with clock.frozen(clock.now() + dt.timedelta(hours=9)):
                late = await phone.post("answer", page=page, **good_answer(text="Typed all night"))
                assert late.status_code == 409
                assert "we kept what you typed" in late.text
                assert "Typed all night" not in late.text
            (event,) = await emitted(research.rig.service, QuestionDispatched)
            await research.post(f"/console/assignments/{event.assignment_id}/remind")
            await phone.open(await research.letter())
            assert "Typed all night" in await phone.page()
        assert await answers(research) == 0

    async def test_a_forged_page_keeps_nothing(self, research: Research) -> None:
        async with research.phone() as phone:
            await self.accepted(research, phone)
            for forged in ("", "x", "x.y.z"):
                answer = await phone.post("answer", page=forged, **good_answer())
                assert answer.status_code == 409
            assert "Nurse Anahit" not in await phone.page()
        assert await answers(research) == 0
