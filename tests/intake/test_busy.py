"""Too busy to take it: the page says so in the reader's language, and keeps what was typed."""

import asyncio
import contextlib
import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import asyncpg
import httpx
import pytest
from cri_intake.actions import recording
from cri_intake.app import create_app
from cri_intake.models import Case
from cri_intake.settings import Settings
from cri_shared.db.database import FOR_PEOPLE
from cri_shared.db.writers import Line
from cri_shared.testing.services import settings_for
from cri_shared.testing.waiting import eventually
from cri_shared.testing.web import running
from sqlalchemy import select, text

from tests.intake.conftest import Intake, started
from tests.intake.test_api import KEY
from tests.intake.test_pages import GOOD, ask, cases, receipt_on, token

LONG = (
    "Où trouver de l’insuline à Goma ?\r\n"
    "Ma mère a 70 ans, et <b>elle</b> ne peut pas voyager loin."
)
Holding = Callable[[Intake], AbstractAsyncContextManager[None]]


@pytest.fixture
def patience() -> float:
    """How many seconds a request waits for the connection."""
    return 0.3


@pytest.fixture
async def intake(database_url: str, tmp_path: Path, patience: float) -> AsyncIterator[Intake]:
    """An intake with one connection and little patience."""
    settings = settings_for(
        Settings,
        tmp_path,
        database_url=database_url,
        database_pool_size=1,
        database_pool_overflow=0,
        database_pool_seconds=patience,
        database_lock_seconds=0.3,
    )
    app = create_app(settings)
    async with running(app) as client:
        opened = Intake(app, client, "", tmp_path)
        opened.key = await opened.another_key("Caritas")
        yield opened


@asynccontextmanager
async def without_connections(intake: Intake) -> AsyncIterator[None]:
    """Somebody holds the one connection of the pool (and on SQLite the turn to write)."""
    async with intake.rig.service.database.writing() as work:
        await work.session.execute(text("SELECT 1"))
        yield


@asynccontextmanager
async def locked(intake: Intake) -> AsyncIterator[None]:
    """Another process holds the lock that a write needs."""
    url = intake.rig.settings.database_url
    if url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(url.partition("///")[2], timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
    else:
        other = await asyncpg.connect(url.replace("+asyncpg", ""))
        async with other.transaction():
            await other.execute("LOCK TABLE cases IN EXCLUSIVE MODE")
            yield
        await other.close()


BUSY = pytest.mark.parametrize("holding", [without_connections, locked])


def fields_of(page: str) -> list[tuple[str, str]]:
    """What a browser would send with the form of a page."""
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    areas = re.findall(r'<textarea name="([^"]*)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    return [(name, unescape(value)) for name, value in hidden + areas]


class TestPages:
    @BUSY
    async def test_a_question_that_found_no_place_is_kept_and_sent_again_with_one_press(
        self, intake: Intake, holding: Holding
    ) -> None:
        form = {**GOOD, "question": LONG, "form_token": await token(intake)}
        several = [*form.items(), ("spoken_languages", "ln"), ("spoken_languages", "sw")]
        async with holding(intake):
            page = await post(intake, "/fr/ask", several)
        assert page.status_code == 503
        assert page.headers["retry-after"] == "10"
        assert page.headers["cache-control"] == "no-store"
        assert "<h1>Il y a beaucoup de monde ici en ce moment." in page.text
        kept = fields_of(page.text)
        assert sorted(kept) == sorted(several)
        assert await cases(intake) == 0
        assert (await post(intake, "/fr/ask", kept)).status_code == 201
        assert await cases(intake) == 1

    async def test_a_page_that_cannot_be_read_offers_to_try_again(self, intake: Intake) -> None:
        async with without_connections(intake):
            page = await intake.client.get("/nl/ask")
        assert page.status_code == 503
        assert page.headers["retry-after"] == "10"
        assert '<a class="btn" href="">Opnieuw proberen</a>' in page.text

    async def test_a_password_is_never_on_a_page(
        self, intake: Intake, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def away(*_words: object, **_named: object) -> None:
            raise TimeoutError

        monkeypatch.setattr(intake.rig.service.identity, "sign_in", away)
        form = {"email": "leen@example.org", "password": "a long sentence", "code": "123456"}
        page = await intake.client.post("/console/sign-in", data=form)
        assert page.status_code == 503
        assert "This does not work right now." in page.text
        assert "go back to the page before" in page.text
        assert "a long sentence" not in page.text

    async def test_an_asker_opens_their_question_with_one_connection(self, intake: Intake) -> None:
        receipt = receipt_on(await ask(intake))
        opened = await intake.client.post(
            "/fr/follow", data={"receipt": receipt}, follow_redirects=True
        )
        assert opened.status_code == 200
        assert "dialyse" in opened.text


class TestApi:
    @BUSY
    async def test_a_problem_says_when_to_try_again_and_the_same_key_then_asks_once(
        self, intake: Intake, holding: Holding
    ) -> None:
        async with holding(intake):
            refused = await intake.post(KEY)
        assert refused.status_code == 503
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["retry-after"] == "10"
        assert refused.json()["type"] == "busy"
        assert "insulin" not in refused.text
        assert (await intake.post(KEY)).status_code == 201
        assert await cases(intake) == 1


class TestPrograms:
    """A flood of questions from programs stands in a line of its own: people do not wait for it."""

    @pytest.fixture
    async def intake(self, database_url: str, tmp_path: Path) -> AsyncIterator[Intake]:
        """An intake as it is run, with room for a flood from one key."""
        async with started(tmp_path, database_url=database_url, key_per_minute=1000) as intake:
            yield intake

    async def test_a_person_asks_while_many_questions_of_programs_wait(
        self, intake: Intake, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begun: list[str] = []
        go_on = asyncio.Event()
        cases_ahead = intake.rig.ahead["case"]
        take = cases_ahead.take

        async def held_up() -> tuple[str, bytes]:
            owner_id, key = await take()
            begun.append(owner_id)
            await go_on.wait()
            return owner_id, key

        monkeypatch.setattr(cases_ahead, "take", held_up)
        form = {**GOOD, "form_token": await token(intake)}
        flood = [asyncio.create_task(intake.post(f"flood-{n:012d}")) for n in range(30)]
        at_once = intake.rig.service.database.limits.most - FOR_PEOPLE
        await eventually(lambda: len(begun) >= at_once, what="questions that are recorded")
        person = asyncio.create_task(intake.client.post("/fr/ask", data=form))
        await eventually(lambda: len(begun) > at_once, what="the question of the person")
        assert len(begun) == at_once + 1
        go_on.set()
        assert (await person).status_code == 201
        assert {answer.status_code for answer in await asyncio.gather(*flood)} == {201}
        async with intake.rig.service.database.reading() as session:
            of_person = await session.scalar(select(Case.question_id).where(Case.channel == "web"))
        assert of_person == begun[at_once]

    async def test_questions_of_one_key_are_written_side_by_side(
        self, intake: Intake, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if intake.rig.service.database.is_sqlite:
            pytest.skip("SQLite has one writer")
        begun, go_on = asyncio.Event(), asyncio.Event()
        remember = recording.remember_response

        async def held_up(*given: Any, **told: Any) -> None:
            if not begun.is_set():
                begun.set()
                await go_on.wait()
            await remember(*given, **told)

        monkeypatch.setattr(recording, "remember_response", held_up)
        first = asyncio.create_task(intake.post("side-by-side-first"))
        await begun.wait()
        try:
            assert (await intake.post("side-by-side-second")).status_code == 201
        finally:
            go_on.set()
        assert (await first).status_code == 201

    async def test_beyond_the_line_a_program_is_told_at_once_to_come_back(
        self, intake: Intake, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        database = intake.rig.service.database
        at_once = database.limits.most - FOR_PEOPLE
        line = Line(at_once, database.limits.wait, most=2)
        monkeypatch.setattr(database, "_programs", line)
        async with contextlib.AsyncExitStack() as held:
            for _ in range(at_once):
                await held.enter_async_context(database.for_programs())
            flood = [asyncio.create_task(intake.post(f"flood-{n:012d}")) for n in range(5)]
            done, waiting = await asyncio.wait(flood, return_when=asyncio.FIRST_COMPLETED)
            while len(done) < 3:
                more, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                done |= more
        for told in done:
            assert told.result().status_code == 503
            assert told.result().headers["retry-after"] == "10"
            assert told.result().json()["type"] == "busy"
        assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {201}
        assert await reasons(intake) == (200, ["pool-exhausted"])
        assert await cases(intake) == 2


class TestReadiness:
    async def test_it_says_that_requests_found_no_connection(self, intake: Intake) -> None:
        assert await reasons(intake) == (200, [])
        async with without_connections(intake):
            await intake.post(KEY)
            assert await reasons(intake) == (200, ["pool-exhausted"])
            shown = (await intake.client.get("/metrics")).text
        assert re.search(r"^cri_pool_in_use 1\.0$", shown, re.MULTILINE)
        assert re.search(r"^cri_pool_refused_total [1-9]", shown, re.MULTILINE)

    @pytest.mark.parametrize("patience", [30.0])
    async def test_many_at_once_wait_for_each_other_and_all_are_served(
        self, intake: Intake
    ) -> None:
        answers = await asyncio.gather(*(intake.get("/questions") for _ in range(10)))
        assert {answer.status_code for answer in answers} == {200}
        assert await reasons(intake) == (200, [])


async def reasons(intake: Intake) -> tuple[int, list[str]]:
    answer = await intake.client.get("/health/ready")
    return answer.status_code, answer.json()["reasons"]


async def post(intake: Intake, path: str, fields: list[tuple[str, str]]) -> httpx.Response:
    """Post a form as a browser does, with fields that come several times."""
    kind = {"content-type": "application/x-www-form-urlencoded"}
    return await intake.client.post(path, content=urlencode(fields), headers=kind)
