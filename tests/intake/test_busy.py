"""Too busy to take it: the page says so in the reader's language, and keeps what was typed."""

import asyncio
import contextlib
import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import asyncpg
import httpx
import pytest
from cri_intake.app import create_app
from cri_intake.settings import Settings
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running
from sqlalchemy import text

from tests.intake.conftest import Intake
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
        started = Intake(app, client, "", tmp_path)
        started.key = await started.another_key("Caritas")
        yield started


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
