"""A partner asks back: the desk replies by the same gate, or the asker is asked."""

import datetime as dt
from pathlib import Path

import pytest
from cri_shared import clock
from cri_shared.events import research as r
from cri_shared.events.intake import ClarificationGiven
from cri_shared.testing.events import emitted

from tests.intake.conftest import Intake
from tests.intake.desk import explained
from tests.intake.officers import (
    CHECKED,
    Officer,
    draft_in,
    hear,
    posted,
)
from tests.intake.test_delivery import dispatched, open_page, status, web_question
from tests.intake.test_pages import token


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/service.db"


class TestClarification:
    async def asked(self, intake: Intake) -> tuple[Officer, str, str]:
        question_id = await posted(intake)
        officer = await Officer.arrive(intake)
        research_id = await officer.release(question_id)
        await hear(intake, dispatched(research_id))
        await hear(
            intake,
            r.ClarificationAsked(
                research_id=research_id, clarification_id="c1", text="Which dose?"
            ),
        )
        return officer, question_id, research_id

    async def test_the_partners_question_is_shown_and_the_clock_stands_still(
        self, intake: Intake
    ) -> None:
        officer, question_id, _ = await self.asked(intake)
        assert await status(intake, question_id) == "clarification_needed"
        page = (await officer.get(f"/{question_id}")).text
        assert "Which dose?" in page
        assert "a partner asked something" in page
        assert question_id in (await officer.get("?view=clarification")).text
        with clock.frozen(clock.now() + dt.timedelta(days=20)):
            officer = await Officer.arrive(intake, "Sofie V.")
            later = (await officer.get(f"/{question_id}")).text
        assert "<dd>0 (" in later

    async def test_a_released_reply_goes_to_the_partner(self, intake: Intake) -> None:
        officer, question_id, research_id = await self.asked(intake)
        path = f"/{question_id}/clarifications/c1"
        assert "Which dose?" in (await officer.get(path)).text
        fields = {"text": "Twenty units each day.", "language": "en"} | CHECKED
        shown = await officer.post(f"{path}/preview", **fields)
        assert shown.status_code == 200, shown.text
        done = await officer.post(f"{path}/release", draft=draft_in(shown))
        assert done.status_code == 303
        (given,) = await emitted(intake.rig.service, ClarificationGiven)
        assert (given.research_id, given.clarification_id) == (research_id, "c1")
        assert given.text == "Twenty units each day."
        assert await status(intake, question_id) == "with_partner"
        again = await officer.post(f"{path}/release", draft=draft_in(shown))
        assert again.status_code == 303
        assert len(await emitted(intake.rig.service, ClarificationGiven)) == 1

    async def test_a_reply_that_tells_who_asks_is_stopped(self, intake: Intake) -> None:
        officer, question_id, _ = await self.asked(intake)
        path = f"/{question_id}/clarifications/c1"
        fields = {"text": "Mr Examplyan takes twenty units.", "language": "en"} | CHECKED
        shown = await officer.post(f"{path}/preview", **fields)
        assert shown.status_code == 422
        shown = await officer.post(f"{path}/preview", **(fields | explained(shown.text)))
        forced = await officer.post(f"{path}/release", draft=draft_in(shown))
        assert forced.status_code == 422
        assert await emitted(intake.rig.service, ClarificationGiven) == []

    async def test_another_cases_clarification_does_not_exist(self, intake: Intake) -> None:
        officer, _, _ = await self.asked(intake)
        other = await posted(intake, 7)
        assert (await officer.get(f"/{other}/clarifications/c1")).status_code == 404

    async def test_the_asker_can_be_asked_and_the_clock_waits_for_them(
        self, intake: Intake
    ) -> None:
        receipt, question_id = await web_question(intake, country="AM")
        officer = await Officer.arrive(intake)
        await officer.triaged(question_id)
        words = {"message": "Which dose?", "wait": "yes"}
        sent = await officer.post(
            f"/{question_id}/message",
            **words,
            form_token=await officer.form_token(f"/{question_id}"),
        )
        assert sent.status_code == 303
        assert "we wait for the asker" in (await officer.get(f"/{question_id}")).text
        assert "Which dose?" in await open_page(intake, receipt)
        reply = {"message": "Twenty.", "form_token": await token(intake)}
        await intake.client.post("/en/follow/message", data=reply)
        assert "we wait for the asker" not in (await officer.get(f"/{question_id}")).text
