"""The board where much is open: its order, its desks, and how far it counts."""

import datetime as dt
import re

import pytest
from cri_research.models import Question
from cri_research.models.questions import NO_DAY
from cri_research.queries import views
from cri_research.rules.states import Status
from cri_shared import clock
from sqlalchemy import select, update

from tests.research.conftest import Research, good_answer
from tests.research.test_nudges import on_day, sent


async def shown(research: Research, query: str = "") -> list[str]:
    """The questions of a view, as they stand on the page."""
    page = await research.see(f"/console/questions?{query}")
    return re.findall(r'class="q" href="/console/questions/([^"]+)"', page)


async def row_of(research: Research, research_id: str) -> Question:
    """A question as it is stored."""
    async with research.rig.service.database.reading() as session:
        return await session.get_one(Question, research_id)


async def opened(research: Research, country: str, days: list[int | None]) -> list[str]:
    """Questions that are needed in so many days, or by no day; the last one came in last."""
    ids = []
    for day in days:
        needed = clock.today() + dt.timedelta(days=day) if day is not None else None
        ids.append(await research.clear(country=country, needed_by=needed, sensitivity="red"))
    return ids


class TestTheOrder:
    """First due first, the newest of a day before the others; without a day last."""

    async def test_first_due_comes_first_and_of_a_day_the_newest(
        self, research_on: Research
    ) -> None:
        never, older, newer, first, late = await opened(research_on, "AM", [None, 9, 9, 4, None])
        assert await shown(research_on) == [first, newer, older, late, never]
        assert await shown(research_on, "country=AM&view=new") == [first, newer, older, late, never]

    async def test_what_came_without_a_day_gets_that_of_its_partner(
        self, research: Research
    ) -> None:
        _, event = await sent(research)
        row = await row_of(research, event.research_id)
        assert (row.next_due, row.owed_by) == (event.due_on, event.due_on)
        (other,) = await opened(research, "AM", [None])
        row = await row_of(research, other)
        assert (row.next_due, row.due_on, row.owed_by) == (NO_DAY, None, None)
        assert await shown(research) == [event.research_id, other]

    async def test_another_due_date_moves_it(self, research: Research) -> None:
        _, event = await sent(research)
        (other,) = await opened(research, "AM", [(event.due_on - clock.today()).days + 7])
        assert await shown(research) == [event.research_id, other]
        later = event.due_on + dt.timedelta(days=14)
        url = f"/console/assignments/{event.assignment_id}/time"
        await research.post(url, decision="give", new_due_on=later.isoformat())
        assert await shown(research) == [other, event.research_id]
        row = await row_of(research, event.research_id)
        assert (row.next_due, row.owed_by) == (later, later)

    async def test_a_partner_who_waits_for_the_desk_is_not_late(self, research: Research) -> None:
        letter, event = await sent(research)
        async with research.phone() as phone:
            await phone.open(letter)
            assert (await phone.post("ask", ask_text="Which clinic?")).status_code == 303
        row = await row_of(research, event.research_id)
        assert (row.next_due, row.owed_by) == (event.due_on, None)
        async with on_day(event.due_on + dt.timedelta(days=3)):
            await research.sign_in("Later")
            assert await shown(research, "view=overdue") == []
            assert await shown(research, "view=asked_back") == [event.research_id]

    async def test_an_answer_takes_it_from_what_is_late(self, research: Research) -> None:
        letter, event = await sent(research)
        async with on_day(event.due_on + dt.timedelta(days=1)):
            await research.sign_in("Later")
            assert await shown(research, "view=overdue") == [event.research_id]
            async with research.phone() as phone:
                await phone.open(letter)
                page = await phone.token()
                await phone.post("answer", page=page, **good_answer())
            assert await shown(research, "view=overdue") == []
        assert (await row_of(research, event.research_id)).owed_by is None


class TestMuch:
    """More than is counted: the board says so, and is in its order all the same."""

    @pytest.fixture(autouse=True)
    def _counts_to_three(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(views, "MOST", 3)

    async def test_a_view_is_counted_as_far_as_people_count(self, research_on: Research) -> None:
        await opened(research_on, "AM", [5, 6, 7])
        page = await research_on.see("/console/questions")
        assert 'All open <span class="num">3</span>' in page
        await opened(research_on, "AM", [8, 9])
        page = await research_on.see("/console/questions")
        assert 'All open <span class="num">3+</span>' in page
        assert 'To send <span class="num">3+</span>' in page
        assert 'Overdue <span class="num">0</span>' in page
        assert "5 questions" in page, "the page is not shorter"

    async def test_a_desk_is_in_order_whether_it_has_much_or_little(
        self, research_on: Research
    ) -> None:
        research = research_on
        assert research.staff is not None
        for country in ("AM", "GE"):
            form = {"automatic": "default", "desk": research.staff.staff_id}
            await research.post(f"/console/countries/{country}", **form)
        last, first = await opened(research, "AM", [9, 3])
        (between,) = await opened(research, "GE", [6])
        others = await opened(research, "CD", [1, 8]) + await opened(research, "NP", [2, 7, None])
        in_order = [others[0], others[2], others[3], others[1], others[4]]
        assert await shown(research, "desk=mine") == [first, between, last], "little"
        assert await shown(research, "desk=nobody") == in_order, "much"
        assert await shown(research, "desk=nobody&view=new") == in_order
        assert await shown(research, "desk=mine&country=GE") == [between]
        assert await shown(research, "desk=mine&country=CD") == []
        assert await shown(research, "desk=nobody&kind=asked") == in_order
        assert await shown(research, "desk=nobody&kind=renewal") == []

    async def test_what_was_closed_is_newest_first(self, research_on: Research) -> None:
        research = research_on
        ids = await opened(research, "AM", [1, 2, 3]) + await opened(research, "GE", [4, 5])
        for research_id in ids:
            url = f"/console/questions/{research_id}/give-up"
            assert (await research.post(url, why="no_partner")).status_code == 303
        for query in ("view=closed", "view=closed&desk=nobody"):
            assert await shown(research, query) == ids[::-1]
        assert await shown(research, "view=closed&country=AM") == ids[2::-1]


async def test_what_was_given_up_and_is_looked_for_after_all_is_due_again(
    research: Research,
) -> None:
    """Whatever its row said meanwhile."""
    (one,) = await opened(research, "AM", [5])
    await research.post(f"/console/questions/{one}/give-up", why="no_partner")
    async with research.rig.service.database.writing() as work:
        await work.session.execute(update(Question).values(next_due=NO_DAY))
    assert (await research.post(f"/console/questions/{one}/reopen")).status_code == 303
    async with research.rig.service.database.reading() as session:
        row = (await session.execute(select(Question))).scalar_one()
    assert (row.status, row.next_due) == (Status.NEW, clock.today() + dt.timedelta(days=5))
