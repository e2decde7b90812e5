"""What happens by itself around due dates: once, at its time, whatever the clock does."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from cri_research.actions import nudges
from cri_research.app import create_app
from cri_research.models import PartnerSession
from cri_shared import clock
from cri_shared.events.research import AssignmentOverdue, QuestionDispatched
from cri_shared.testing.events import emitted
from cri_shared.testing.web import running
from sqlalchemy import select

from tests.research.conftest import TEXT, Letter, Research


async def sent(research: Research) -> tuple[Letter, QuestionDispatched]:
    await research.add_partner()
    await research.clear()
    (event,) = await emitted(research.rig.service, QuestionDispatched)
    return await research.letter(), event


@asynccontextmanager
async def on_day(day: dt.date) -> AsyncIterator[None]:
    with clock.frozen(dt.datetime.combine(day, dt.time(10), clock.UTC)):
        yield


async def mails_on(research: Research, day: dt.date) -> list[Letter]:
    """The mails of a day on which the duties ran three times."""
    async with on_day(day):
        for _ in range(3):
            await research.duties()
        return await research.letters()


async def overdue(research: Research) -> int:
    return len(await emitted(research.rig.service, AssignmentOverdue))


class TestReminders:
    async def test_one_before_one_on_the_day_and_none_after(self, research: Research) -> None:
        _, event = await sent(research)
        counts = []
        for days in range(-6, 12):
            day = event.due_on + dt.timedelta(days=days)
            counts.append(len(await mails_on(research, day)))
        assert sum(counts) == 2
        assert counts[6] == 1  # the day itself
        assert sum(counts[:6]) == 1
        assert await overdue(research) == 1

    async def test_a_reminder_brings_a_new_link_and_says_nothing_else(
        self, research: Research
    ) -> None:
        first, event = await sent(research)
        (letter,) = await mails_on(research, event.due_on)
        assert letter.subject == first.subject
        assert TEXT not in letter.text
        assert "today" in letter.text
        async with on_day(event.due_on), research.phone() as phone:
            assert (await phone.open(first)).status_code == 422
            assert (await phone.open(letter)).status_code == 303
            assert "That is today" in await phone.page()

    async def test_who_writes_meanwhile_goes_on_writing(self, research: Research) -> None:
        first, event = await sent(research)
        async with on_day(event.due_on), research.phone() as phone:
            await phone.open(first)
            await research.duties()
            assert "That is today" in await phone.page()

    async def test_a_clock_that_jumps_by_weeks_forgets_nothing_and_repeats_nothing(
        self, research: Research
    ) -> None:
        _, event = await sent(research)
        far = event.due_on + dt.timedelta(days=25)
        (letter,) = await mails_on(research, far)
        assert "The day has passed" in letter.text
        assert await overdue(research) == 1
        assert await mails_on(research, far + dt.timedelta(days=20)) == []
        assert await overdue(research) == 1

    async def test_a_restart_in_between_forgets_nothing_and_repeats_nothing(
        self, research: Research
    ) -> None:
        _, event = await sent(research)
        assert len(await mails_on(research, event.due_on)) == 1
        again = create_app(research.rig.settings)
        async with running(again) as client:
            other = Research(again, client, research.directory, research.staff, research.read)
            assert await mails_on(other, event.due_on) == []
            await mails_on(other, event.due_on + dt.timedelta(days=1))
            assert await overdue(other) == 1

    async def test_a_duty_that_fails_halfway_sends_nothing_and_tries_again(
        self, research: Research, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _, event = await sent(research)

        async def broken(*_: object, **__: object) -> None:
            raise RuntimeError

        with monkeypatch.context() as patch:
            patch.setattr(nudges.audit, "note", broken)
            assert await mails_on(research, event.due_on) == []
        assert len(await mails_on(research, event.due_on)) == 1

    async def test_who_answered_is_not_reminded(self, research: Research) -> None:
        letter, event = await sent(research)
        async with research.phone() as phone:
            await phone.open(letter)
            await phone.answer()
        assert await mails_on(research, event.due_on + dt.timedelta(days=9)) == []
        assert await overdue(research) == 0

    async def test_a_new_due_date_is_reminded_of_anew_but_overdue_is_told_once(
        self, research: Research
    ) -> None:
        _, event = await sent(research)
        await mails_on(research, event.due_on + dt.timedelta(days=1))
        later = event.due_on + dt.timedelta(days=14)
        url = f"/console/assignments/{event.assignment_id}/time"
        await research.sign_in("Later")
        await research.post(url, decision="give", new_due_on=later.isoformat())
        await research.letters()
        assert len(await mails_on(research, later)) == 1
        await mails_on(research, later + dt.timedelta(days=1))
        assert await overdue(research) == 1


class TestOverdue:
    async def test_the_board_and_the_page_show_it(self, research: Research) -> None:
        letter, event = await sent(research)
        async with on_day(event.due_on + dt.timedelta(days=10)):
            await research.duties()
            (late,) = await research.letters()
            await research.sign_in("Later")
            board = await research.see("/console/questions?view=overdue")
            assert event.research_id in board
            assert "Long overdue" in board
            history = await research.see(f"/console/questions/{event.research_id}")
            assert "Reminded on the day" in history
            async with research.phone() as phone:
                assert (await phone.open(letter)).status_code == 422
                await phone.open(late)
                assert "You can still answer" in await phone.page()
                assert (await phone.answer()).status_code == 303
            assert event.research_id not in await research.see("/console/questions?view=overdue")

    async def test_the_coordinators_hear_of_it_where_they_want_to(self, research: Research) -> None:
        research.rig.settings.escalation_email = "desk@cri.example"
        _, event = await sent(research)
        mails = await mails_on(research, event.due_on + dt.timedelta(days=10))
        (told,) = [m for m in mails if m.to == "desk@cri.example"]
        assert "view=overdue" in told.text
        assert "Ararat" not in told.text + told.subject


async def test_sessions_that_ended_leave_nothing(research: Research) -> None:
    letter, _ = await sent(research)
    async with research.phone() as phone:
        await phone.open(letter)
    with clock.frozen(clock.now() + dt.timedelta(hours=9)):
        await research.duties()
    async with research.rig.service.database.reading() as session:
        assert (await session.execute(select(PartnerSession))).all() == []
