"""Other services' events: in any order, twice, about what we do not know."""

import datetime as dt

from cri_research.models import Assignment, Question
from cri_shared import clock
from cri_shared.events.intake import (
    AnswerDelivered,
    AnswerRated,
    ClarificationGiven,
    QuestionWithdrawn,
)
from cri_shared.events.publishing import QuestionCovered, RefreshRequested
from cri_shared.testing.disk import files_with
from cri_shared.testing.events import deliver
from sqlalchemy import func, select

from tests.research.conftest import TEXT, Research


async def count(research: Research, table: type) -> int:
    async with research.rig.service.database.reading() as session:
        return (await session.execute(select(func.count()).select_from(table))).scalar_one()


async def status(research: Research, research_id: str) -> str:
    async with research.rig.service.database.reading() as session:
        return (await session.get_one(Question, research_id)).status


async def test_a_question_that_comes_twice_is_one_question(research_on: Research) -> None:
    research = research_on
    await research.add_partner()
    research_id = await research.clear()
    await research.clear(research_id=research_id, text="Another text, by mistake")
    assert await count(research, Question) == 1
    assert await count(research, Assignment) == 1
    assert TEXT in await research.see(f"/console/questions/{research_id}")


async def test_a_withdrawal_closes_every_link(research_on: Research) -> None:
    research = research_on
    await research.add_partner()
    research_id = await research.clear()
    letter = await research.letter()
    for _ in range(2):
        await deliver(research.rig.service, QuestionWithdrawn(research_id=research_id))
    assert await status(research, research_id) == "withdrawn"
    async with research.phone() as phone:
        assert (await phone.open(letter)).status_code == 422
    with clock.frozen(clock.now() + dt.timedelta(days=60)):
        await research.duties()
    assert await research.letters() == []


async def test_a_withdrawal_that_overtakes_its_question_wins(research: Research) -> None:
    await research.add_partner()
    await deliver(research.rig.service, QuestionWithdrawn(research_id="r-1"))
    await research.clear(research_id="r-1")
    assert await count(research, Question) == 0
    assert await research.letters() == []


async def test_what_we_do_not_know_is_no_error(research: Research) -> None:
    service = research.rig.service
    await deliver(
        service, ClarificationGiven(research_id="x", clarification_id="c", text="The rapid one")
    )
    await deliver(service, AnswerDelivered(research_id="x", delivered_on=clock.today()))
    await deliver(service, AnswerRated(research_id="x", useful="yes"))
    covered = QuestionCovered(entry_id="e", research_ids=("x",), slug="s", version=1)
    await deliver(service, covered)
    assert await count(research, Question) == 0


async def test_a_clarification_without_a_question_reaches_the_partner(research: Research) -> None:
    await research.add_partner()
    research_id = await research.clear()
    await research.letter()
    given = ClarificationGiven(
        research_id=research_id, clarification_id="c-9", text="It is about children."
    )
    await deliver(research.rig.service, given)
    async with research.phone() as phone:
        await phone.open(await research.letter())
        assert "It is about children." in await phone.page()


async def test_how_an_answer_fared_stands_on_its_page(research: Research) -> None:
    research_id = await research.clear()
    service = research.rig.service
    await deliver(service, AnswerDelivered(research_id=research_id, delivered_on=clock.today()))
    for useful in ("yes", "yes", "no"):
        await deliver(service, AnswerRated(research_id=research_id, useful=useful))
    page = await research.see(f"/console/questions/{research_id}")
    assert "yes 2, partly 0, no 1" in page
    assert "Delivered" in page


async def test_a_refresh_is_a_question_like_any_other(research: Research) -> None:
    await research.add_partner()
    refresh = RefreshRequested(
        research_id="refresh-1",
        entry_id="e-1",
        question=TEXT,
        language="en",
        country="AM",
        topics=("health.medication",),
        sensitivity="green",
        wanted_by=clock.today() + dt.timedelta(days=40),
    )
    for _ in range(2):
        await deliver(research.rig.service, refresh)
    assert await count(research, Assignment) == 1
    assert "Renewal" in await research.see("/console/questions")


async def test_a_question_lies_sealed_in_every_file(research: Research) -> None:
    await research.add_partner()
    await research.clear()
    await research.letters()
    assert files_with(research.directory, "types of insulin") == []
