"""The auditors' room: who did what, by day, person, action and thing, and never a word of it."""

import csv
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cri_shared import clock
from cri_shared.identity import audit
from cri_shared.trail.marks import CHECKED, Mark
from cri_shared.trail.reading import COLUMNS
from cri_shared.web.audit import PAGE, ROOM

from tests.shared.consoles import SECRET, Console, opened


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    async with opened("research", tmp_path) as console:
        await console.sign_in("auditor")
        yield console


async def noted(console: Console, *things: str, by: str = "Leen D.") -> None:
    async with console.service.database.writing() as work:
        for thing in things:
            await audit.note(work, "research.question.seen", thing, by=by, reason="triage")


async def seal(console: Console) -> None:
    async with console.service.database.writing() as work:
        await console.service.trail.seal(work)


def things_on(page: str) -> list[str]:
    return re.findall(r'data-label="Thing"><bdi dir="ltr" class="mono">([^<]*)<', page)


class TestReading:
    async def test_it_narrows_by_day_person_action_and_thing(self, console: Console) -> None:
        await noted(console, "one", "two")
        await noted(console, "three", by="Amina B.")
        assert things_on(await console.see(ROOM)) == ["three", "two", "one"]
        assert things_on(await console.see(f"{ROOM}?actor=Amina+B.")) == ["three"]
        assert things_on(await console.see(f"{ROOM}?about=two")) == ["two"]
        assert things_on(await console.see(f"{ROOM}?action=none")) == []
        assert things_on(await console.see(f"{ROOM}?until=2020-01-01")) == []
        assert len(things_on(await console.see(f"{ROOM}?since=2020-01-01"))) == 3

    async def test_a_day_that_is_none_is_explained_and_kept(self, console: Console) -> None:
        page = await console.see(f"{ROOM}?since=yesterday&about=two", 422)
        assert "Write a date such as" in page
        assert 'value="yesterday"' in page
        assert 'value="two"' in page

    async def test_pages_hold_every_entry_once(self, console: Console) -> None:
        await noted(console, *(f"thing-{n:03}" for n in range(PAGE + 5)))
        first = await console.see(ROOM)
        further = re.search(r'href="\?(before=\d+)"', first)
        assert further is not None
        found = things_on(first) + things_on(await console.see(f"{ROOM}?{further[1]}"))
        assert found == [f"thing-{n:03}" for n in reversed(range(PAGE + 5))]

    async def test_a_text_that_was_kept_sealed_stays_so(self, console: Console) -> None:
        reason = console.service.letters.seal_reason("e1", SECRET)
        async with console.service.database.writing() as work:
            await audit.note(work, "events.letter.dropped", "e1", by="Leen", reason=reason)
        page = await console.see(ROOM)
        assert reason not in page
        assert "(sealed)" in page

    @pytest.mark.parametrize("role", ["operator", "coordinator"])
    async def test_nobody_else_reads_it(self, tmp_path: Path, role: str) -> None:
        async with opened("research", tmp_path) as console:
            await console.sign_in(role)
            await console.see(ROOM, 403)
            assert (await console.post(f"{ROOM}/export")).status_code == 403


class TestExport:
    async def test_it_is_what_was_chosen_and_that_it_was_taken_is_noted(
        self, console: Console
    ) -> None:
        await noted(console, "one", "two")
        await noted(console, "one", by="=cmd|' /C calc'!A0")
        answer = await console.post(f"{ROOM}/export", about="one")
        assert answer.headers["content-type"].startswith("text/csv")
        assert "attachment" in answer.headers["content-disposition"]
        rows = list(csv.reader(io.StringIO(answer.text)))
        assert rows[0] == list(COLUMNS)
        assert [row[5] for row in rows[1:]] == ["one", "one"]
        assert rows[2][2] == "'=cmd|' /C calc'!A0"
        assert "audit.exported" in {action for action, *_ in await console.audited()}


class TestChecking:
    async def test_a_whole_trail_is_said_to_be_and_what_waits_is_shown(
        self, console: Console
    ) -> None:
        await noted(console, "one", "two")
        assert "2 entries are not sealed yet" in await console.see(ROOM)
        await seal(console)
        page = await console.post(f"{ROOM}/check")
        assert "The trail is whole" in page.text
        assert "2 entries were looked at" in page.text

    async def test_tampering_is_named(self, console: Console) -> None:
        await noted(console, "one", "two")
        await seal(console)
        async with console.service.database.engine.begin() as connection:
            await connection.exec_driver_sql("DROP TRIGGER audit_stays_as_it_is")
            await connection.exec_driver_sql("UPDATE audit SET about = 'x' WHERE about = 'two'")
        page = await console.post(f"{ROOM}/check")
        assert "The trail was tampered with" in page.text
        assert "altered 2" in page.text

    async def test_the_second_time_it_begins_where_the_first_ended(self, console: Console) -> None:
        await noted(console, "one", "two")
        await seal(console)
        assert "All of it was last" not in (await console.post(f"{ROOM}/check")).text
        await noted(console, "three")
        await seal(console)  # with the note of the first look
        page = (await console.post(f"{ROOM}/check")).text
        assert "The trail is whole" in page
        assert "2 entries were looked at" in page
        assert "All of it was last gone along on" in page
        assert "signature" not in page, "marks are for programs"
        await seal(console)
        everything = (await console.post(f"{ROOM}/check", all="yes")).text
        assert "5 entries were looked at" in everything
        assert "All of it was last" not in everything

    async def test_what_was_changed_before_the_last_look_shows_in_a_look_at_all_of_it_and_stays(
        self, console: Console
    ) -> None:
        await noted(console, "one", "two")
        await seal(console)
        await console.post(f"{ROOM}/check")
        await seal(console)
        async with console.service.database.engine.begin() as connection:
            await connection.exec_driver_sql("DROP TRIGGER audit_stays_as_it_is")
            await connection.exec_driver_sql("UPDATE audit SET about = 'x' WHERE about = 'two'")
        assert "The trail is whole" in (await console.post(f"{ROOM}/check")).text
        assert "altered 2" in (await console.post(f"{ROOM}/check", all="yes")).text
        await seal(console)
        assert "altered 2" in (await console.post(f"{ROOM}/check")).text, "it begins anew"

    async def test_a_mark_that_somebody_else_made_is_none(self, console: Console) -> None:
        await noted(console, "one", "two")
        await seal(console)
        forged = Mark(2, "0" * 64, clock.today()).signed(b"not the key")
        async with console.service.database.writing() as work:
            await audit.note(work, CHECKED, "audit", by="Leen", entries=2, whole=True, **forged)
        await seal(console)
        assert "3 entries were looked at" in (await console.post(f"{ROOM}/check")).text
