"""Somebody may be in danger: who hears of it, who reads what it is, and how it ends."""

from cri_intake.models import Alarm
from cri_intake.rig import Rig
from cri_intake.rules.danger import LINES
from sqlalchemy import select

from tests.intake.conftest import Intake
from tests.intake.officers import Officer, case_of, posted
from tests.intake.test_delivery import mails

DONE = "Called her with Karim; she is with her sister now."


async def _alarm(rig: Rig) -> Alarm:
    async with rig.service.database.reading() as session:
        return (await session.execute(select(Alarm))).scalar_one()


async def test_an_alarm_is_seen_by_all_and_what_it_is_by_whoever_works_on_it(
    intake: Intake,
) -> None:
    intake.rig.settings.lead_email = "lead@helpdesk.example"
    question_id = await posted(intake)
    officer, karim = [await Officer.arrive(intake, name) for name in ("Leen D.", "Karim B.")]
    assert "view=danger" not in (await officer.get("")).text
    await officer.post(f"/{question_id}/take")
    assert (await officer.post(f"/{question_id}/danger")).status_code == 422
    for _click in range(2):
        assert (await officer.post(f"/{question_id}/danger", danger="suicide")).status_code == 303
    page = (await officer.get(f"/{question_id}")).text
    assert page.count("Somebody thinks of ending their life") == 2  # the note, and the form
    assert "1813" in page
    theirs = (await karim.get(f"/{question_id}")).text
    assert "Somebody may be in danger" in theirs
    assert "ending their life" not in theirs
    assert question_id in (await karim.get("?view=danger")).text
    assert (await case_of(intake, question_id)).urgency == "urgent"
    [mail] = await mails(intake)
    assert mail["To"] == "lead@helpdesk.example"
    assert question_id not in mail.as_string()
    alarm = await _alarm(intake.rig)
    assert b"suicide" not in alarm.danger_sealed


async def test_it_ends_when_somebody_says_what_was_done_even_after_the_question_did(
    intake: Intake,
) -> None:
    question_id = await posted(intake)
    officer = await Officer.arrive(intake)
    await officer.post(f"/{question_id}/take")
    await officer.post(f"/{question_id}/danger", danger="violence")
    await officer.post(f"/{question_id}/refuse", reason="other_help", words="We cannot.")
    queue = (await officer.get("?view=danger")).text
    assert question_id in queue
    assert 'Danger <span class="num">1</span>' in queue
    alarm = (await _alarm(intake.rig)).alarm_id
    assert (await officer.post(f"/{question_id}/danger/done", alarm=alarm)).status_code == 422
    for _click in range(2):
        done = await officer.post(f"/{question_id}/danger/done", alarm=alarm, done=DONE)
        assert done.status_code == 303
    assert DONE not in (await officer.get(f"/{question_id}")).text  # before the words are shown
    await officer.post(f"/{question_id}/reveal", why="safety")
    page = (await officer.get(f"/{question_id}")).text
    assert DONE in page
    assert page.count("Wrote what was done about the danger") == 1
    assert "view=danger" not in (await officer.get("")).text


async def test_an_alarm_of_another_question_is_not_ended(intake: Intake) -> None:
    first, second = [await posted(intake, n) for n in range(2)]
    officer = await Officer.arrive(intake)
    for question_id in (first, second):
        await officer.post(f"/{question_id}/take")
    await officer.post(f"/{first}/danger", danger="child")
    alarm = (await _alarm(intake.rig)).alarm_id
    answer = await officer.post(f"/{second}/danger/done", alarm=alarm, done="Nothing.")
    assert answer.status_code == 409


def test_every_danger_has_numbers_and_the_first_is_the_emergency() -> None:
    assert all(lines[0].number == "112" and len(lines) > 1 for lines in LINES.values())
