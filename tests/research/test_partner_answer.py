"""A partner answers on a slow phone, and nothing typed is ever lost."""

import datetime as dt
import re
from typing import ClassVar

from cri_research.models import SubmittedAnswer
from cri_shared import clock
from cri_shared.events.research import (
    QuestionDispatched,
)
from cri_shared.testing.disk import files_with
from cri_shared.testing.events import emitted
from sqlalchemy import func, select

from tests.research.conftest import Phone, Research, good_answer

NOTHING = "does not open anything"


async def answers(research: Research) -> int:
    async with research.rig.service.database.reading() as session:
        counted = select(func.count()).select_from(SubmittedAnswer)
        return (await session.execute(counted)).scalar_one()


class TestAnswering:
    async def accepted(self, research: Research, phone: Phone) -> None:
        await phone.open(await research.sent())
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

    async def test_what_is_typed_is_kept_meanwhile_until_it_is_sent(
        self, research: Research
    ) -> None:
        async with research.phone() as phone:
            await self.accepted(research, phone)
            half = good_answer(do="keep", text="Insulin was", outcome="", source_2_label="A nurse")
            assert (await phone.post("answer", **half)).status_code == 204
            page = await phone.page()
            assert "Insulin was</textarea>" in page
            assert [number for number in "123" if f"open><summary>Source {number}" in page] == [
                "1",
                "2",
            ]
            token = await phone.token()
            assert (await phone.post("answer", **good_answer())).status_code == 303
            assert (await phone.post("answer", page=token, **half)).status_code == 409
        assert await answers(research) == 1

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
        letter = await research.sent()
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
        letter = await research.sent()
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
        assert files_with(research.directory, "Half a thought") == []
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
