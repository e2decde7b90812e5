"""Who opens what an asker wrote: only whose question it is, after a proof, and not in secret."""

import datetime as dt
from pathlib import Path

import pytest
from cri_intake.rules import REVEALS_A_DAY
from cri_shared import clock
from cri_shared.observe import metrics

from tests.intake.conftest import Intake
from tests.intake.desk import TEXT
from tests.intake.officers import Officer, draft_in, posted
from tests.intake.test_delivery import mails


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/service.db"


async def test_a_proof_that_is_too_old_is_asked_anew(intake: Intake) -> None:
    question_id = await posted(intake)
    officer = await Officer.arrive(intake)
    await officer.post(f"/{question_id}/take")
    with clock.frozen(clock.now() + dt.timedelta(minutes=11)):
        asked = await officer.post(f"/{question_id}/reveal", why="safety")
        assert asked.status_code == 403
        assert 'name="why" value="safety"' in asked.text
        assert "Examplyan" not in (await officer.get(f"/{question_id}")).text


async def test_words_are_covered_when_another_officer_takes_the_question(intake: Intake) -> None:
    question_id = await posted(intake)
    officer = await Officer.arrive(intake)
    await officer.post(f"/{question_id}/take")
    await officer.post(f"/{question_id}/reveal", why="triage")
    assert "Examplyan" in (await officer.get(f"/{question_id}")).text
    other = await Officer.arrive(intake, "Karim B.")
    await other.post(f"/{question_id}/take")
    assert "Examplyan" not in (await officer.get(f"/{question_id}")).text
    assert (await officer.get(f"/{question_id}/desk")).status_code == 404


async def test_what_the_leak_check_stops_leaves_only_after_a_proof(intake: Intake) -> None:
    question_id = await posted(intake)
    officer = await Officer.arrive(intake)
    await officer.triaged(question_id)
    draft = draft_in(await officer.preview(question_id, f"{TEXT} Karen Examplyan asks."))
    with clock.frozen(clock.now() + dt.timedelta(minutes=11)):
        path = f"/{question_id}/desk/release"
        asked = await officer.post(path, draft=draft, false_alarm="ordinary_word")
        assert asked.status_code == 403
        assert f'name="draft" value="{draft}"' in asked.text
        assert 'name="false_alarm" value="ordinary_word"' in asked.text


async def test_whoever_looks_very_often_is_told_of_once(intake: Intake) -> None:
    intake.rig.settings.lead_email = "lead@helpdesk.example"
    question_id = await posted(intake)
    officer = await Officer.arrive(intake)
    await officer.post(f"/{question_id}/take")
    before = metrics.reveal_alerts._value.get()
    for look in range(REVEALS_A_DAY + 2):
        why = ("triage", "desk")[look % 2]
        await officer.post(f"/{question_id}/reveal", why=why)
        await officer.post(f"/{question_id}/reveal", why=why)  # a second click is no second look
        if look == REVEALS_A_DAY - 2:
            assert await mails(intake) == []
    (mail,) = await mails(intake)
    assert mail["To"] == "lead@helpdesk.example"
    assert "50" in str(mail.get_payload())
    assert "Leen" not in str(mail)
    assert metrics.reveal_alerts._value.get() == before + 1
