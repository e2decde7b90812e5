"""What happens by itself around due dates: once, at its time, whatever the clock does."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
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

PLANNED = (
    "Reminder to the partner, before the day",
    "Reminder to the partner, on the day",
    "The helpdesk and who asked are told that it is late",
    "Reminder to the partner, after the day",
    "Coordinators are told that it is long overdue",
)


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
    async def test_one_before_one_on_the_day_and_one_after(self, research: Research) -> None:
        _, event = await sent(research)
        letters = []
        for days in range(-6, 12):
            day = event.due_on + dt.timedelta(days=days)
            letters.append(await mails_on(research, day))
        counts = [len(some) for some in letters]
        assert sum(counts[:6]) == counts[6] == sum(counts[7:]) == 1  # counts[6]: the day itself
        (late,) = (one for some in letters[7:] for one in some)
        assert "The day has passed" in late.text
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
            assert "Reminded after the day" in history
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


class TestBeforeTheyLeave:
    """A coordinator sees what leaves by itself, and moves or holds it."""

    async def plan(
        self,
        research: Research,
        event: QuestionDispatched,
        nudge: str,
        decision: str,
        day: str = "",
    ) -> httpx.Response:
        field = f"day_{event.assignment_id}_{nudge}"
        url = f"/console/assignments/{event.assignment_id}/plan"
        return await research.post(url, nudge=nudge, decision=decision, back="list", **{field: day})

    async def test_all_are_listed_in_the_order_of_their_days(self, research_on: Research) -> None:
        research = research_on
        _, event = await sent(research)
        for path in ("/console/reminders", f"/console/questions/{event.research_id}"):
            page = await research.see(path)
            places = [page.index(words) for words in PLANNED]
            assert places == sorted(places)
        assert "Ararat Return Desk" in await research.see("/console/reminders")
        await research.duties()
        assert await research.letters() == []

    async def test_what_is_held_stays_away_and_what_is_moved_comes_on_its_day(
        self, research: Research
    ) -> None:
        _, event = await sent(research)
        later = event.due_on + dt.timedelta(days=2)
        for _click in range(2):
            held = await self.plan(research, event, "before", "hold")
            assert held.headers["location"] == "/console/reminders"
        await self.plan(research, event, "due", "move", later.isoformat())
        page = await research.see("/console/reminders")
        assert "Held back" in page
        assert "Moved" in page
        days = [event.due_on + dt.timedelta(days=n) for n in range(-6, 3)]
        mails = {day: await mails_on(research, day) for day in days}
        assert [day for day, letters in mails.items() if letters] == [later]
        assert "The day has passed" in mails[later][0].text
        assert await overdue(research) == 1

    async def test_a_changed_message_can_leave_as_usual_after_all(self, research: Research) -> None:
        _, event = await sent(research)
        await self.plan(research, event, "due", "hold")
        await self.plan(research, event, "due", "usual")
        assert len(await mails_on(research, event.due_on)) == 1

    async def test_a_new_due_date_plans_them_anew(self, research: Research) -> None:
        _, event = await sent(research)
        await self.plan(research, event, "due", "hold")
        new = event.due_on + dt.timedelta(days=30)
        await research.post(
            f"/console/assignments/{event.assignment_id}/time", new_due_on=new.isoformat()
        )
        await research.letters()
        assert len(await mails_on(research, new)) == 1

    @pytest.mark.parametrize(
        ("nudge", "days", "words"),
        [
            ("due", None, "Write a date such as"),
            ("due", -100, "still to come"),
            ("before", 1, "too late for this message"),
            ("escalate", 31, "too late for this message"),
        ],
    )
    async def test_a_day_on_which_it_cannot_leave_is_explained(
        self, research: Research, nudge: str, days: int | None, words: str
    ) -> None:
        _, event = await sent(research)
        day = "" if days is None else (event.due_on + dt.timedelta(days=days)).isoformat()
        answer = await self.plan(research, event, nudge, "move", day)
        assert answer.status_code == 422
        assert words in answer.text
        assert f'value="{day}"' in answer.text

    async def test_that_it_is_overdue_cannot_be_hidden(self, research: Research) -> None:
        _, event = await sent(research)
        assert (await self.plan(research, event, "overdue", "hold")).status_code == 422
        await mails_on(research, event.due_on)
        await research.sign_in("Amina")  # weeks later the session before has ended
        gone = await self.plan(research, event, "due", "hold")
        assert "has left already" in await research.see(gone.headers["location"])

    async def test_a_note_with_a_new_link_stands_on_the_page_and_not_in_the_mail(
        self, research: Research
    ) -> None:
        _, event = await sent(research)
        note = "The school year begins on Monday."
        await research.post(f"/console/assignments/{event.assignment_id}/remind", link_note=note)
        letter = await research.letter()
        assert note not in letter.text
        async with research.phone() as phone:
            await phone.open(letter)
            assert note in await phone.page()
