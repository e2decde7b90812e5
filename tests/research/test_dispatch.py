"""Sending questions out: by policy where that is harmless, else by a person with a reason."""

import datetime as dt
import re

import pytest
from bs4 import BeautifulSoup
from cri_research.models import Assignment, Question
from cri_shared import clock
from cri_shared.events.publishing import RefreshRequested
from cri_shared.events.research import (
    QuestionDispatched,
    QuestionReturned,
    QuestionUnanswered,
)
from cri_shared.testing.events import deliver, emitted
from sqlalchemy import select

from tests.research.conftest import TEXT, Research


async def assignments(research: Research, research_id: str) -> list[Assignment]:
    async with research.rig.service.database.reading() as session:
        wanted = select(Assignment).where(Assignment.research_id == research_id)
        rows = await session.execute(wanted.order_by(Assignment.sent_at))
        return list(rows.scalars().all())


async def question(research: Research, research_id: str) -> Question:
    async with research.rig.service.database.reading() as session:
        return await session.get_one(Question, research_id)


async def send(research: Research, research_id: str, partner: str, **more: str) -> str:
    """Send it by the console; gives what the console says then."""
    url = f"/console/questions/{research_id}"
    sent = await research.post(f"{url}/dispatch", partner=partner, **more)
    return sent.text if sent.status_code == 422 else await research.see(url)


class TestThePolicy:
    async def test_the_best_partner_gets_the_question_at_once(self, research: Research) -> None:
        await research.add_partner(mail_language="fr", name="Second", email="second@x.example")
        best = await research.add_partner()
        research_id = await research.clear()
        (sent,) = await assignments(research, research_id)
        assert sent.partner_id == best
        assert sent.chosen_by == "policy"
        (event,) = await emitted(research.rig.service, QuestionDispatched)
        assert event.due_on == sent.due_on > clock.today()

    @pytest.mark.parametrize("changed", [{"sensitivity": "red"}, {"country": "GE"}])
    async def test_what_is_red_or_has_nobody_waits_for_a_person(
        self, research: Research, changed: dict[str, str]
    ) -> None:
        await research.add_partner()
        research_id = await research.clear(**changed)
        await research.duties()
        assert await assignments(research, research_id) == []
        assert research_id in await research.see("/console/questions?view=new")

    async def test_a_country_that_is_switched_off_waits_until_it_is_on(
        self, research: Research
    ) -> None:
        await research.add_partner()
        await research.post("/console/countries/AM", automatic="no")
        research_id = await research.clear()
        await research.duties()
        assert await assignments(research, research_id) == []
        await research.post("/console/countries/AM", automatic="yes")
        await research.duties()
        assert len(await assignments(research, research_id)) == 1

    async def test_a_question_without_a_partner_goes_to_the_first_that_comes(
        self, research: Research
    ) -> None:
        research_id = await research.clear()
        await research.duties()
        await research.add_partner()
        await research.duties()
        assert len(await assignments(research, research_id)) == 1

    async def test_nobody_gets_more_than_it_can_take_until_there_is_room(
        self, research: Research
    ) -> None:
        await research.add_partner(capacity="1")
        await research.clear()
        letter = await research.letter()
        waiting = await research.clear()
        await research.duties()
        assert await assignments(research, waiting) == []
        async with research.phone() as phone:
            await phone.open(letter)
            await phone.answer()
        await research.duties()
        assert len(await assignments(research, waiting)) == 1

    async def test_after_a_decline_the_next_best_gets_it_and_the_first_never_again(
        self, research: Research
    ) -> None:
        first = await research.add_partner()
        second = await research.add_partner(mail_language="fr", name="Second", email="2@x.example")
        research_id = await research.clear()
        for partner in (first, second):
            letter = await research.letter()
            assert (await assignments(research, research_id))[-1].partner_id == partner
            async with research.phone() as phone:
                await phone.open(letter)
                await phone.post("decline", decline_reason="not_our_field")
            await research.duties()
        assert await research.letters() == []
        page = await research.see(f"/console/questions/{research_id}")
        assert page.count("Declined this question") == 2
        assert "This partner cannot" in await send(research, research_id, first) or (
            "declined this question" in await send(research, research_id, first)
        )
        assert len(await assignments(research, research_id)) == 2


class TestByHand:
    async def test_the_reasons_stand_beside_each_suggestion(self, research: Research) -> None:
        await research.add_partner(regions="Shirak")
        research_id = await research.clear(region="Shirak (Gyumri)", sensitivity="red")
        page = await research.see(f"/console/questions/{research_id}")
        for reason in ("Works in this country", "Covers this region", "Has room for 3 of 3"):
            assert reason in page

    async def test_another_than_the_best_needs_a_reason(self, research: Research) -> None:
        await research.add_partner()
        other = await research.add_partner(name="Second", mail_language="fr")
        research_id = await research.clear(sensitivity="red")
        assert "Write why you choose this partner" in await send(research, research_id, other)
        assert await assignments(research, research_id) == []
        page = await send(research, research_id, other, reason="They know this clinic")
        assert "They know this clinic" in page
        (sent,) = await assignments(research, research_id)
        assert (sent.partner_id, sent.chosen_by) == (other, "person")

    async def test_several_partners_work_on_one_question(self, research: Research) -> None:
        first = await research.add_partner()
        second = await research.add_partner(name="Second", mail_language="fr")
        research_id = await research.clear(sensitivity="red")
        day = (clock.today() + dt.timedelta(days=30)).isoformat()
        await send(research, research_id, first, due_on=day)
        await send(research, research_id, second)
        held = await assignments(research, research_id)
        assert {a.partner_id for a in held} == {first, second}
        assert held[0].due_on.isoformat() == day
        page = await send(research, research_id, first)
        assert "has the question already" in page
        assert len(await assignments(research, research_id)) == 2

    async def test_of_several_partners_the_one_with_the_mistake_hears_of_it(
        self, research: Research
    ) -> None:
        partners = [await research.add_partner(), await research.add_partner(name="Second")]
        research_id = await research.clear(sensitivity="red")
        for partner_id in partners:
            await send(research, research_id, partner_id, reason="Both are near")
        first, _second = await assignments(research, research_id)
        url = f"/console/assignments/{first.assignment_id}/time"
        refused = await research.post(url, new_due_on="2020-01-01")
        assert refused.status_code == 422
        page = BeautifulSoup(refused.text, "html.parser")
        ids = [one["id"] for one in page.select("[id]")]
        assert len(ids) == len(set(ids))
        (link,) = page.select(".errors a")
        (field,) = page.select(str(link["href"]))
        assert field["value"] == "2020-01-01"
        panel = field.find_parent(id=f"assignment-{first.assignment_id}")
        assert panel is not None
        assert len(page.select("p.err")) == len(panel.select("p.err")) == 1

    async def test_one_partner_takes_over_from_another(self, research: Research) -> None:
        await research.add_partner()
        second = await research.add_partner(name="Second", mail_language="fr")
        research_id = await research.clear()
        letter = await research.letter()
        (held,) = await assignments(research, research_id)
        await send(research, research_id, second, replaces=held.assignment_id)
        assert [a.status for a in await assignments(research, research_id)] == ["cancelled", "sent"]
        async with research.phone() as phone:
            assert (await phone.open(letter)).status_code == 422

    async def test_what_was_taken_from_a_partner_waits_for_a_person(
        self, research: Research
    ) -> None:
        await research.add_partner()
        research_id = await research.clear()
        (held,) = await assignments(research, research_id)
        page = await research.see(f"/console/questions/{research_id}")
        final = BeautifulSoup(page, "html.parser").select_one("form[action$='/cancel']")
        assert final is not None
        folded = final.find_parent("details")
        assert folded is not None
        assert not folded.has_attr("open")
        assert "nobody reads what it has typed" in final.get_text()
        await research.post(f"/console/assignments/{held.assignment_id}/cancel")
        await research.duties()
        await research.add_partner(name="Other", countries="GE")
        await research.duties()
        assert len(await assignments(research, research_id)) == 1
        assert (await question(research, research_id)).status == "new"

    @pytest.mark.parametrize(
        ("form", "words"),
        [
            ({}, "Choose a partner"),
            ({"partner": "x", "due_on": "2020-01-01"}, "still to come"),
            ({"partner": "x", "due_on": "soon"}, "Write a date such as"),
        ],
    )
    async def test_bad_input_is_explained(
        self, research: Research, form: dict[str, str], words: str
    ) -> None:
        await research.add_partner()
        research_id = await research.clear(sensitivity="red")
        answer = await research.post(f"/console/questions/{research_id}/dispatch", **form)
        assert answer.status_code == 422
        assert words in answer.text

    async def test_foreign_ids_are_not_found(self, research: Research) -> None:
        research_id = await research.clear()
        unknown = await research.post(f"/console/questions/{research_id}/dispatch", partner="x")
        assert unknown.status_code == 404
        for path in ("dispatch", "give-up", "return-to-desk", "reopen", "approve"):
            form = {
                "partner": "x",
                "reason": "expired",
                "problem": "unclear",
                "answers": "x",
                "outcome": "found",
                "text": "x",
                "language": "en",
                "information_date": "2026-01-01",
            }
            answer = await research.post(f"/console/questions/x/{path}", **form)
            assert answer.status_code == 404, path
        for path in ("return", "time", "remind", "cancel"):
            form = {"return_note": "enough", "return_due_on": "2027-01-01", "decision": "refuse"}
            assert (
                await research.post(f"/console/assignments/x/{path}", **form)
            ).status_code == 404
        for path in ("x", "x/review"):
            assert (await research.client.get(f"/console/questions/{path}")).status_code == 404


class TestEnding:
    async def test_giving_up_says_why_and_can_be_taken_back(self, research: Research) -> None:
        await research.add_partner()
        research_id = await research.clear()
        letter = await research.letter()
        url = f"/console/questions/{research_id}"
        refused = await research.post(f"{url}/give-up", give_up_note="No word since May")
        assert refused.status_code == 422
        beside = refused.text.partition("<legend>Why?</legend>")[2].partition("</fieldset>")[0]
        assert "Choose why there is no answer" in beside
        assert refused.text.count('id="reason-err"') == 0, "it is not why a partner was chosen"
        assert "No word since May" in refused.text
        await research.post(f"{url}/give-up", why="expired", give_up_note="No word since May")
        again = await research.post(f"{url}/give-up", why="expired")
        assert again.status_code == 303
        assert "This question is closed" in await research.see(url)
        (event,) = await emitted(research.rig.service, QuestionUnanswered)
        assert (event.research_id, event.reason) == (research_id, "expired")
        async with research.phone() as phone:
            assert (await phone.open(letter)).status_code == 422
        await research.post(f"{url}/reopen")
        assert (await question(research, research_id)).status == "new"
        await research.post(f"{url}/reopen")
        assert "This question is closed" in await research.see(url)

    async def test_the_desk_gets_a_question_back_and_clears_it_again(
        self, research: Research
    ) -> None:
        await research.add_partner()
        research_id = await research.clear()
        letter = await research.letter()
        url = f"/console/questions/{research_id}"
        assert (await research.post(f"{url}/return-to-desk")).status_code == 422
        await research.post(f"{url}/return-to-desk", problem="unclear", problem_note="Which one?")
        (event,) = await emitted(research.rig.service, QuestionReturned)
        assert event.reason == "unclear"
        async with research.phone() as phone:
            assert (await phone.open(letter)).status_code == 422
        await research.clear(research_id=research_id, text="Is rapid insulin sold in Gyumri?")
        page = await research.see(url)
        assert "Is rapid insulin sold in Gyumri?" in page
        assert TEXT not in page
        assert len(await research.letters()) == 1


class TestTheBoard:
    """Questions by state, by country, by desk and by kind; the counts follow."""

    async def test_a_desk_sees_its_countries_and_renewals_stand_apart(
        self, research_on: Research
    ) -> None:
        research = research_on
        asked = await research.clear(country="AM", topics=["health.medication"])
        other = await research.clear(country="GE", text="How long does a passport take in Tbilisi?")
        renewal = RefreshRequested(
            research_id="r1",
            entry_id="e1",
            question=TEXT,
            language="en",
            country="AM",
            topics=("health.medication",),
            sensitivity="green",
            wanted_by=clock.today() + dt.timedelta(days=40),
        )
        await deliver(research.rig.service, renewal)
        assert research.staff is not None
        whose = {"automatic": "default", "desk": research.staff.staff_id}
        for _click in range(2):
            await research.post("/console/countries/AM", **whose)
        assert research.staff.name in await research.see("/console/countries")

        async def shown(query: str) -> set[str]:
            page = await research.see(f"/console/questions?{query}")
            found = set(re.findall(r'class="q" href="/console/questions/([^"]+)"', page))
            assert f'All open <span class="num">{len(found)}</span>' in page
            return found

        assert await shown("") == {asked, other, "r1"}
        assert await shown("desk=mine") == await shown("country=AM") == {asked, "r1"}
        assert await shown("desk=nobody") == {other}
        assert await shown("desk=mine&kind=renewal") == {"r1"}
        assert await shown("kind=asked&country=AM") == {asked}
        stranger = await research.post("/console/countries/AM", automatic="no", desk="x" * 32)
        assert stranger.status_code == 422
        assert "Choose somebody who is a coordinator" in stranger.text
