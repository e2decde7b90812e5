"""The statement of work: whose answers were decided in which month, for whoever pays them."""

import csv
import datetime as dt
import io

import pytest
from cri_research.models import messaging
from cri_shared import clock
from cri_shared.events.intake import AnswerRated
from cri_shared.events.publishing import QuestionCovered
from cri_shared.identity import audit
from cri_shared.testing.events import deliver

from tests.research.conftest import Research
from tests.research.test_review import answered, approve


async def rows(research: Research, month: dt.date) -> list[dict[str, str]]:
    sent = await research.post("/console/statements/export", month=f"{month:%Y-%m}")
    assert sent.headers["content-disposition"].endswith(f'"statement-{month:%Y-%m}.csv"')
    return list(csv.DictReader(io.StringIO(sent.text.removeprefix("\ufeff"))))


async def approved(research: Research, **partner: str) -> str:
    """The id of a question that a partner answered well."""
    await research.add_partner(**partner)
    research_id = await research.clear()
    answer = await answered(research, await research.letter())
    assert (await approve(research, research_id, answer)).status_code == 303
    return research_id


async def test_an_answer_stands_in_the_month_of_its_decision_and_in_no_other(
    research: Research,
) -> None:
    await approved(research, name="=Ararat")
    today = clock.today()
    (row,) = await rows(research, today)
    assert row["partner"] == "'=Ararat"
    assert row["country"] == "Armenia"
    assert (row["approved"], row["in_time"], row["decided_on"]) == ("yes", "yes", str(today))
    assert await rows(research, today.replace(day=1) - dt.timedelta(days=1)) == []
    page = await research.see(f"/console/statements?month={today:%Y-%m}")
    assert "1 of 1 answers were approved" in page
    async with research.rig.service.database.reading() as session:
        taken = await audit.history(session, messaging.audit, "statement")
    assert [one.facts["rows"] for one in taken] == [1, 0]


@pytest.mark.parametrize("month", ["", "2026-13", "soon"])
async def test_without_a_month_it_is_the_last_whole_one(research: Research, month: str) -> None:
    with clock.frozen(dt.datetime(2026, 3, 31, 22, 30, tzinfo=clock.UTC)):  # April in Belgium
        page = await research.see(f"/console/statements?month={month}")
    assert "Statement of work: March 2026" in page
    assert "No answer was decided in this month." in page


async def test_a_partner_s_page_tells_what_became_of_its_answers(research_on: Research) -> None:
    research, service = research_on, research_on.rig.service
    research_id = await approved(research)
    covered = {"entry_id": "e1", "research_ids": [research_id], "slug": "am-x", "version": 1}
    await deliver(service, QuestionCovered.model_validate(covered))
    rated = {"research_id": research_id, "useful": "yes"}
    await deliver(service, AnswerRated.model_validate(rated))
    directory = await research.see("/console/partners")
    assert "1 in a public entry" in directory
    (row,) = await rows(research, clock.today())
    partner_id = row["partner_id"].removeprefix("'")  # an id may begin as a formula does
    page = await research.see(f"/console/partners/{partner_id}")
    assert "Used in a public entry</dt><dd>1<" in page
    assert "yes 1, partly 0, no 0" in page
