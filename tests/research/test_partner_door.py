"""What a partner gets by mail, what it opens, and what it does not."""

import datetime as dt
import re
from collections import Counter

import pytest
from cri_research.actions.links import ALPHABET
from cri_research.models import SecretLink
from cri_shared import clock
from cri_shared.events.research import (
    AssignmentDeclined,
    QuestionDispatched,
)
from cri_shared.testing.attempts import refused_at
from cri_shared.testing.events import emitted
from cri_shared.web.lanes import Lanes, Turns
from sqlalchemy import select

from tests.research.conftest import TEXT, Letter, Research

NOTHING = "does not open anything"


class TestTheMail:
    async def test_it_is_neutral_and_speaks_the_partners_language(self, research: Research) -> None:
        letter = await research.sent(mail_language="fr", languages="en")
        assert letter.to == "desk@ararat.example"
        assert letter.subject == "Un message pour vous"
        for secret in (TEXT, "insulin", "Armenia", "Arménie", "Ararat", "CRI"):
            assert secret not in letter.text + letter.subject
        assert "/fr/partner#" in letter.text

    async def test_the_token_never_stands_where_a_server_would_see_it(
        self, research: Research
    ) -> None:
        letter = await research.sent()
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
        letter = await research.sent()
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
        await research.sent()
        async with research.phone() as phone:
            answer = await phone.client.post("/en/partner/open", data=given)
            assert answer.status_code == 422
            assert NOTHING in answer.text
            assert TEXT not in answer.text

    async def test_guessing_codes_has_a_pace_and_a_right_one_does_not_count(
        self, research: Research
    ) -> None:
        letter = await research.sent()
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
        letter = await research.sent()
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
        letter = await research.sent()
        async with research.phone() as phone:
            for _ in range(10):
                await phone.page()
            await phone.open(letter)
        async with research.rig.service.database.reading() as session:
            (link,) = (await session.execute(select(SecretLink))).scalars().all()
        assert link.exchanges == 1

    async def test_a_session_lasts_eight_hours(self, research: Research) -> None:
        letter = await research.sent()
        async with research.phone() as phone:
            await phone.open(letter)
            with clock.frozen(clock.now() + dt.timedelta(hours=7, minutes=59)):
                assert TEXT in await phone.page()
            with clock.frozen(clock.now() + dt.timedelta(hours=8, minutes=1)):
                assert TEXT not in await phone.page()

    async def test_a_link_lives_until_thirty_days_after_the_due_date(
        self, research: Research
    ) -> None:
        letter = await research.sent()
        (event,) = await emitted(research.rig.service, QuestionDispatched)
        due = dt.datetime.combine(event.due_on, dt.time(12), clock.UTC)
        async with research.phone() as phone:
            with clock.frozen(due + dt.timedelta(days=31)):
                assert NOTHING in (await phone.open(letter)).text
            with clock.frozen(due + dt.timedelta(days=30)):
                assert (await phone.open(letter)).status_code == 303

    async def test_a_new_link_ends_the_one_before_and_its_page(self, research: Research) -> None:
        letter = await research.sent()
        (event,) = await emitted(research.rig.service, QuestionDispatched)
        async with research.phone() as phone:
            await phone.open(letter)
            await research.post(f"/console/assignments/{event.assignment_id}/remind")
            newer = await research.letter()
            assert TEXT not in await phone.page()
            assert (await phone.open(letter)).status_code == 422
            assert (await phone.open(newer)).status_code == 303

    async def test_one_session_shows_one_question(self, research: Research) -> None:
        first = await research.sent()
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
        letter = await research.sent()
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
        letter = await research.sent()
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
        await research.add_partner(countries="AF", languages="prs")
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
