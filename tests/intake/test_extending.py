"""An officer keeps an answered question for longer: once, for a reason, and the asker reads it."""

import datetime as dt
from collections.abc import Sequence

import pytest
from cri_intake.models import messaging
from cri_intake.settings import Settings
from cri_shared import clock
from cri_shared.settings import unusable
from pydantic import ValidationError
from sqlalchemy import select

from tests.intake.conftest import Intake
from tests.intake.officers import Officer, approved, hear
from tests.intake.test_delivery import open_page, web_question
from tests.intake.test_erasing import is_gone

DAY = dt.timedelta(days=1)
NOW = dt.datetime(2026, 11, 26, 9, tzinfo=dt.UTC)
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def answered(intake: Intake) -> tuple[str, str, Officer]:
    """The number and the id of an answered question, and an officer who did not work on it."""
    receipt, question_id = await web_question(intake, country="AM")
    await hear(intake, approved(await (await Officer.arrive(intake)).release(question_id)))
    return receipt, question_id, await Officer.arrive(intake, "Wim V.")


async def extensions(intake: Intake) -> Sequence[tuple[str, dict[str, str]]]:
    """Who extended what is noted, and why."""
    noted = select(messaging.audit).where(messaging.audit.c.action == "question.extended")
    async with intake.rig.service.database.reading() as session:
        return [(row.actor, row.facts) for row in (await session.execute(noted)).all()]


async def counted(intake: Intake) -> dict[str, tuple[int | None, int]]:
    """Rule of answered cases -> (all, due now), as the report counts them."""
    lines = await intake.rig.service.retention.report()
    return {
        line.name.removeprefix("cases."): (line.rows, line.due)
        for line in lines
        if line.name in ("cases.answered", "cases.extended", "cases.longer")
    }


async def test_it_is_kept_until_a_later_day_that_both_can_read(intake: Intake) -> None:
    with clock.frozen(NOW):
        receipt, question_id, officer = await answered(intake)
        assert "24 February 2027" in (await officer.get(f"/{question_id}")).text
        for _ in range(2):
            done = await officer.post(f"/{question_id}/extend", extension="checking")
            assert done.headers["location"] == f"/console/questions/{question_id}"
        page = (await officer.get(f"/{question_id}")).text
        assert "25 May 2027" in page
        assert "Keeps it for longer: The answer is being checked or corrected" in page
        assert "Keep it until" not in page
        followed = await open_page(intake, receipt)
        assert "25 May 2027" in followed
        assert "because we check or correct the answer" in followed
        assert await extensions(intake) == [("Wim V.", {"reason": "checking"})]
        assert await counted(intake) == {"answered": (0, 0), "extended": (1, 0), "longer": (0, 0)}
    with clock.frozen(NOW + 179 * DAY):
        assert not await is_gone(intake, question_id)
    with clock.frozen(NOW + 181 * DAY):
        assert (await counted(intake))["extended"] == (1, 1)
        assert await is_gone(intake, question_id)


async def test_a_second_time_is_refused(intake: Intake) -> None:
    receipt, question_id, officer = await answered(intake)
    await officer.post(f"/{question_id}/extend", extension="procedure")
    again = await officer.post(f"/{question_id}/extend", extension="asked")
    assert again.status_code == 409
    assert "That cannot be done a second time." in again.text
    assert await extensions(intake) == [("Wim V.", {"reason": "procedure"})]
    await open_page(intake, receipt)
    await intake.client.post("/en/follow/keep")
    assert (await counted(intake))["longer"] == (1, 0), "what the asker wants goes on"


@on_sqlite
async def test_what_the_asker_keeps_nobody_extends(intake: Intake) -> None:
    receipt, question_id, officer = await answered(intake)
    await open_page(intake, receipt)
    await intake.client.post("/en/follow/keep")
    assert "Keep it until" not in (await officer.get(f"/{question_id}")).text
    refused = await officer.post(f"/{question_id}/extend", extension="asked")
    assert refused.status_code == 409


@on_sqlite
@pytest.mark.parametrize("extension", ["", "whim"])
async def test_it_takes_a_reason_from_the_list(intake: Intake, extension: str) -> None:
    _, question_id, officer = await answered(intake)
    again = await officer.post(f"/{question_id}/extend", extension=extension)
    assert again.status_code == 422
    assert "Choose why it is kept for longer" in again.text
    assert await extensions(intake) == []


@on_sqlite
async def test_without_an_answer_there_is_nothing_to_extend(intake: Intake) -> None:
    _, question_id = await web_question(intake, country="AM")
    officer = await Officer.arrive(intake)
    assert 'id="keeping"' not in (await officer.get(f"/{question_id}")).text
    refused = await officer.post(f"/{question_id}/extend", extension="asked")
    assert refused.status_code == 409
    assert "There is no answer yet." in refused.text


def test_longer_cannot_be_shorter() -> None:
    with pytest.raises(ValidationError) as wrong:
        Settings(keep_answered_days=200)
    assert "keep_extended_days" in unusable(wrong.value)
