"""Officers who meet at one question, what was asked before it, notes and clocks."""

import datetime as dt
import re

from cri_shared import clock
from cri_shared.events.research import QuestionDispatched

from tests.intake.conftest import Intake
from tests.intake.officers import Officer, approved, hear, posted, research_id_of
from tests.intake.test_delivery import open_page, web_question
from tests.intake.test_public import WANTED, published

NOTE = "Your clinic is the one in the north of the town."


async def _seen(officer: Officer, question_id: str) -> str:
    page = (await officer.get(f"/{question_id}")).text
    return re.search(r'name="seen" value="([^"]+)"', page)[1]  # type: ignore[index]


async def test_a_colleague_who_has_it_open_is_named_for_ten_minutes(intake: Intake) -> None:
    question_id = await posted(intake)
    officer, karim = [await Officer.arrive(intake, name) for name in ("Leen D.", "Karim B.")]
    assert "has this question open too" not in (await officer.get(f"/{question_id}")).text
    assert "Leen D. has this question open too" in (await karim.get(f"/{question_id}")).text
    await karim.get(f"/{question_id}/desk")
    with clock.frozen(clock.now() + dt.timedelta(minutes=11)):
        assert "open too" not in (await officer.get(f"/{question_id}")).text


async def test_what_a_colleague_did_meanwhile_is_read_before_a_form_counts(intake: Intake) -> None:
    question_id = await posted(intake)
    officer, karim = [await Officer.arrive(intake, name) for name in ("Leen D.", "Karim B.")]
    await officer.post(f"/{question_id}/take")
    token = await officer.form_token(f"/{question_id}")
    fields = {"seen": await _seen(officer, question_id), "message": "Hello.", "form_token": token}
    await karim.post(f"/{question_id}/take")
    await officer.post(f"/{question_id}/take")
    stopped = await officer.post(f"/{question_id}/message", **fields)
    assert stopped.status_code == 422
    assert "since you opened it" in stopped.text
    assert "Hello.</textarea>" in stopped.text
    fields["seen"] = re.search(r'name="seen" value="([^"]+)"', stopped.text)[1]  # type: ignore[index]
    for _click in range(2):  # what one did oneself stops nobody
        assert (await officer.post(f"/{question_id}/message", **fields)).status_code == 303
    nonsense = fields | {"seen": "yesterday"}
    assert (await officer.post(f"/{question_id}/message", **nonsense)).status_code == 303


async def test_answers_that_exist_are_shown_before_a_text_leaves_and_go_into_a_message(
    intake: Intake,
) -> None:
    await published(intake)
    question_id, other = [await posted(intake, n, text=WANTED["question"]) for n in range(2)]
    officer = await Officer.arrive(intake)
    await officer.triaged(question_id)
    assert "Answers that exist already" not in (await officer.get(f"/{question_id}")).text
    await officer.post(f"/{question_id}/reveal", why="triage")
    page = (await officer.get(f"/{question_id}")).text
    assert "Answers that exist already" in page
    begun = await officer.post(f"/{question_id}/message/begin", ready="e1")
    assert "/en/entries/" in begun.text.partition('<textarea id="message"')[2]
    leaving = (await officer.preview(question_id, WANTED["question"])).text
    assert "Was it asked before?" in leaving
    assert "/en/entries/" in leaving
    assert f"/console/questions/{other}" in leaving


async def test_one_of_those_who_share_an_answer_reads_a_note_of_their_own(intake: Intake) -> None:
    receipt, question_id = await web_question(intake)
    lead = await posted(intake, country="CD")
    officer = await Officer.arrive(intake)
    await officer.release(lead, country="CD")
    await officer.post(f"/{question_id}/take")
    await officer.post(f"/{question_id}/link", other=lead)
    assert NOTE not in (await officer.get(f"/{question_id}")).text
    await officer.post(f"/{question_id}/reveal", why="reply")
    for _click in range(2):
        kept = await officer.post_looked(f"/{question_id}/cover", cover=NOTE, cover_language="en")
        assert kept.status_code == 303, kept.text
    assert f"{NOTE}</textarea>" in (await officer.get(f"/{question_id}")).text
    await hear(intake, approved(await research_id_of(intake, lead), country="CD"))
    page = await open_page(intake, receipt)
    assert NOTE in page
    assert NOTE not in (await intake.get(f"/questions/{lead}")).text
    late = await officer.post(f"/{question_id}/cover", cover="More.", cover_language="en")
    assert late.status_code == 409


async def test_the_partners_days_count_in_the_partners_country(intake: Intake) -> None:
    question_id = await posted(intake, country="NP")
    officer = await Officer.arrive(intake)
    research_id = await officer.release(question_id, country="NP")
    monday = dt.date(2026, 11, 30)
    dispatched = QuestionDispatched(
        research_id=research_id, assignment_id="a1", due_on=dt.date(2026, 12, 7)
    )
    with clock.frozen(dt.datetime.combine(monday, dt.time(10), dt.UTC)):
        officer = await Officer.arrive(intake)
        await hear(intake, dispatched)
        page = (await officer.get(f"/{question_id}")).text
        assert "6 working days left in Nepal" in page  # offices are closed on Saturday alone
    with clock.frozen(dt.datetime(2026, 12, 8, 10, tzinfo=dt.UTC)):
        officer = await Officer.arrive(intake)
        assert "1 working day late in Nepal" in (await officer.get(f"/{question_id}")).text
