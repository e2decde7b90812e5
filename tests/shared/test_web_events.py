"""The operators' room of every console: how events are, and what is done with dead letters."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cri_shared.bus.dead_letters import Letter
from cri_shared.events import SERVICES, producers_heard
from cri_shared.events.intake import ClarificationGiven, QuestionCleared
from cri_shared.events.research import AnswerApproved, QuestionDispatched
from cri_shared.identity.staff import MEMBER, ROLES
from sqlalchemy import insert, select

from tests.shared.consoles import LETTERS, ROOM, SECRET, Console, cleared, opened, sealed


@pytest.fixture
async def research(database_url: str, tmp_path: Path) -> AsyncIterator[Console]:
    async with opened("research", tmp_path, database_url=database_url) as console:
        await console.sign_in("operator")
        yield console


@pytest.fixture
async def intake(database_url: str, tmp_path: Path) -> AsyncIterator[Console]:
    async with opened("intake", tmp_path, database_url=database_url) as console:
        await console.sign_in("operator")
        yield console


@pytest.mark.parametrize("service", SERVICES)
class TestEveryService:
    async def test_operators_find_it_in_the_menu_and_nobody_else_does(
        self, service: str, tmp_path: Path
    ) -> None:
        async with opened(service, tmp_path) as console:
            assert (await console.client.get(ROOM)).headers["location"] == "/console/sign-in"
            others = ROLES.keys() - {
                "operator",
                "coordinator",
                MEMBER,
            }  # which nobody is beside those
            await console.sign_in(*others)
            assert "You do not have access to this." in await console.see(ROOM, 403)
            assert f'href="{ROOM}"' not in await console.see("/console/account")
            for path in (f"{ROOM}/retry", f"{ROOM}/retry/e1", f"{ROOM}/drop/e1"):
                assert (await console.post(path, reason="x")).status_code == 403
            await console.sign_in("operator")
            assert f'href="{ROOM}" aria-current="page"' in await console.see()

    async def test_a_letter_is_seen_tried_again_and_gone(
        self, service: str, tmp_path: Path
    ) -> None:
        async with opened(service, tmp_path) as console:
            await console.sign_in("operator")
            event = sealed(producers_heard(service)[0])
            letter = await console.bury(event)
            assert letter in await console.see()
            assert event.subject in await console.see(f"{LETTERS}/{letter}")
            assert "The letter was handled." in await console.acted(f"{ROOM}/retry/{letter}")
            assert letter not in await console.see()


class TestRoom:
    async def test_it_says_how_events_are(self, research: Console) -> None:
        outbox = research.service.database.outbox.tables.outbox
        await research.bury(cleared("r1"))
        async with research.service.database.writing() as work:
            await work.emit(sealed("research"))
            assert (await work.session.execute(select(outbox))).all()
        page = await research.see()
        assert "dead-letters" in page
        assert re.search(r"Events that wait to leave</dt><dd[^>]*>1<", page)
        assert re.search(r"This process publishes</dt><dd>No<", page)
        assert "This process only answers people." in page
        assert SECRET not in page

    async def test_letters_are_paged_newest_first_and_narrowed_to_one_event(
        self, research: Console
    ) -> None:
        asked = ClarificationGiven(research_id="r0", clarification_id="c", text=SECRET)
        other = await research.bury(asked)
        letters = [await research.bury(cleared(f"r{n}"), number=n) for n in range(1, 24)]
        first = await research.see(f"{ROOM}?subject={QuestionCleared.subject}")
        shown = re.findall(rf'href="{LETTERS}/([^"]+)"', first)
        assert shown == letters[:2:-1]
        following = re.search(r'href="(\?[^"]*before=\d+)"', first)
        assert following is not None
        second = await research.see(ROOM + following[1].replace("&amp;", "&"))
        assert re.findall(rf'href="{LETTERS}/([^"]+)"', second) == letters[2::-1]
        assert other not in first + second
        narrowed = await research.see(f"{ROOM}?subject={ClarificationGiven.subject}")
        assert re.findall(rf'href="{LETTERS}/([^"]+)"', narrowed) == [other]

    @pytest.mark.parametrize(
        "query", ["subject=%00", "subject=nobody", "before=0", f"before={2**63 - 1}"]
    )
    async def test_a_query_that_means_nothing_narrows_nothing(
        self, research: Console, query: str
    ) -> None:
        letter = await research.bury(cleared("r1"))
        page = await research.see(f"{ROOM}?{query}")
        assert (letter in page) is (query != "before=0")

    @pytest.mark.parametrize("path", ["e1", "x" * 65, "%00", "a/b", ""])
    async def test_a_letter_that_is_not_there_is_not_found(
        self, research: Console, path: str
    ) -> None:
        await research.see(f"{LETTERS}/{path}", 404)


class TestLetter:
    async def test_it_shows_what_is_not_sensitive_and_no_word_of_a_text(
        self, research: Console
    ) -> None:
        page = await research.see(f"{LETTERS}/{await research.bury(cleared('r1'))}")
        assert all(
            told in page
            for told in ("AM", "education.school", "traceparent", "cri-seq", "RuntimeError")
        )
        assert SECRET not in page

    async def test_of_a_body_that_breaks_the_contract_it_shows_where(self, intake: Console) -> None:
        approved = AnswerApproved.model_construct(research_id="r9", text=SECRET)
        page = await intake.see(f"{LETTERS}/{await intake.bury(approved)}")
        assert "The body breaks the contract:" in page
        assert "outcome: missing" in page
        assert SECRET not in page

    async def test_it_shows_no_header_and_no_event_that_no_contract_knows(
        self, research: Console
    ) -> None:
        headers = {"ce-subject": "r1", "x-note": SECRET}
        await research.keep(Letter("odd/id?#%", "cri.intake.later.said.v9", headers, b"{}"))
        assert f"{LETTERS}/odd/id%3F%23%25" in await research.see()
        page = await research.see(f"{LETTERS}/odd/id%3F%23%25")
        assert "This release does not know the event." in page
        assert "r1" in page
        assert SECRET not in page
        await research.acted(f"{ROOM}/drop/odd/id%3F%23%25", reason="Nobody knows it")
        assert await research.rows(research.service.database.outbox.tables.dead_letters) == []


class TestRetry:
    async def test_one_that_fails_again_stays_and_says_why(self, research: Console) -> None:
        letter = await research.bury(cleared("r1"), b'{"text": "' + SECRET.encode() + b'"}')
        page = await research.acted(f"{ROOM}/retry/{letter}")
        assert "It failed again." in page
        assert "research_id: missing" in page
        assert SECRET not in page
        (row,) = await research.rows(research.service.database.outbox.tables.dead_letters)
        assert (row.tries, row.reason.startswith("research_id: missing")) == (7, True)
        ((action, actor, outcome),) = await research.audited()
        assert (action, actor, outcome) == ("events.letter.retried", "Op 1", row.reason)

    async def test_sending_it_twice_has_one_effect(self, research: Console) -> None:
        letter = await research.bury(cleared("r1"))
        both = await asyncio.gather(*(research.post(f"{ROOM}/retry/{letter}") for _ in range(2)))
        assert [one.status_code for one in both] == [303, 303]
        assert "This letter is no longer here." in await research.acted(f"{ROOM}/retry/{letter}")
        tables = research.service.database.outbox.tables
        assert await research.rows(tables.dead_letters) == []
        assert [row.number for row in await research.rows(tables.inbox)] == [1]

    async def test_all_are_tried_and_counted_or_those_of_one_event(self, intake: Console) -> None:
        dispatched = QuestionDispatched(research_id="r1", assignment_id="a", due_on="2026-04-01")
        for number in (1, 2):
            await intake.bury(dispatched, number=number)
        await intake.bury(AnswerApproved.model_construct(research_id="r9", text=SECRET))
        page = await intake.acted(f"{ROOM}/retry", subject=QuestionDispatched.subject)
        assert "2 letters were handled." in page
        page = await intake.acted(f"{ROOM}/retry")
        assert "0 letters were handled." in page
        assert "1 failed again." in page
        assert len(await intake.audited()) == 3
        (row,) = await intake.rows(intake.service.database.outbox.tables.dead_letters)
        assert row.subject == AnswerApproved.subject


class TestDrop:
    @pytest.mark.parametrize(
        ("typed", "wrong"),
        [
            ("  ", "Write why you give it up"),
            ("too long " * 40, "Write 300 characters at most"),
        ],
    )
    async def test_the_form_comes_back_with_what_was_typed(
        self, research: Console, typed: str, wrong: str
    ) -> None:
        letter = await research.bury(cleared("r1"))
        answer = await research.post(f"{ROOM}/drop/{letter}", reason=typed)
        assert answer.status_code == 422
        assert wrong in answer.text
        assert typed.strip() in answer.text
        assert letter in await research.see()
        assert await research.audited() == []

    async def test_it_is_gone_counts_as_heard_and_the_reason_is_kept_sealed(
        self, research: Console
    ) -> None:
        letter = await research.bury(cleared("r1"))
        page = await research.acted(f"{ROOM}/drop/{letter}", reason="A test of <b>ours</b>")
        assert "The letter was given up." in page
        assert "A test of &lt;b&gt;ours&lt;/b&gt;" in page
        tables = research.service.database.outbox.tables
        assert await research.rows(tables.dead_letters) == []
        assert [row.number for row in await research.rows(tables.inbox)] == [1]
        (noted,) = await research.rows(tables.audit)
        assert (noted.action, noted.facts["subject"]) == (
            "events.letter.dropped",
            QuestionCleared.subject,
        )
        assert "ours" not in str(noted.facts)
        assert "no longer here" in await research.acted(f"{ROOM}/drop/{letter}", reason="Again")
        assert len(await research.audited()) == 1

    async def test_a_reason_that_another_key_ring_sealed_is_left_out(
        self, research: Console
    ) -> None:
        letter = await research.bury(cleared("r1"))
        await research.acted(f"{ROOM}/drop/{letter}", reason="Mine")
        audit = research.service.database.outbox.tables.audit
        (row,) = await research.rows(audit)
        async with research.service.database.writing() as work:
            other = {**row._mapping, "id": row.id + 1, "about": "another-event"}
            await work.session.execute(insert(audit).values(other))
        assert "another-event" in await research.see()


@pytest.mark.parametrize("path", ["retry", "retry/{}", "drop/{}"])
async def test_a_form_that_is_not_of_this_session_does_nothing(
    research: Console, path: str
) -> None:
    letter = await research.bury(cleared("r1"))
    form = {"reason": "x"}
    assert (
        await research.client.post(f"{ROOM}/{path.format(letter)}", data=form)
    ).status_code == 403
    assert letter in await research.see()
