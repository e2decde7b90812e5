"""What is grave asks again who it is; sessions are seen and ended."""

import datetime as dt
import html
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cri_shared import clock
from cri_shared.identity.models import Account
from cri_shared.testing.identity import PASSWORD, sign_in
from cri_shared.testing.web import running
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select

from tests.shared.toy_console import Console, build, code_of, invited


class TestProof:
    """What is grave takes a proof of who it is that is not older than ten minutes."""

    @pytest.fixture
    async def secret(self, console: Console) -> AsyncIterator[str]:
        """The secret of an officer who signed in eleven minutes ago."""
        path, secret = await invited(console, "officer")
        await console.client.post(path, data={"password": PASSWORD, "code": code_of(secret)})
        with clock.frozen(clock.now() + dt.timedelta(minutes=11)):
            yield secret

    async def post(self, console: Console, **fields: Any) -> httpx.Response:
        page = (await console.client.get("/console/account")).text
        csrf = re.search(r'name="csrf" value="([^"]+)"', page)
        assert csrf is not None
        return await console.client.post("/console/grave", data={"csrf": csrf[1], **fields})

    async def test_whoever_just_signed_in_is_not_asked(self, console: Console) -> None:
        await sign_in(console.client, console.app, "officer")
        assert (await self.post(console, word="a")).text == "a"

    async def test_a_form_comes_back_whole_with_a_field_for_a_code(
        self, console: Console, secret: str
    ) -> None:
        words = ["two words", "line one\nline two", '<b>"quoted"</b>']
        asked = await self.post(console, word=words)
        assert asked.status_code == 403
        hidden = re.findall(r'name="word" value="([^"]*)"', asked.text)
        assert [html.unescape(value) for value in hidden] == words
        assert 'action="/console/grave"' in asked.text
        wrong = await self.post(console, word=words, proof_code="000000")
        assert wrong.status_code == 422
        assert "This code is not right" in wrong.text
        assert re.findall(r'name="word" value="([^"]*)"', wrong.text) == hidden

    async def test_a_code_goes_with_the_form_and_gives_a_new_token(
        self, console: Console, secret: str
    ) -> None:
        before = console.client.cookies["cri_intake"]
        with clock.frozen(clock.now() + dt.timedelta(seconds=2)):
            done = await self.post(console, word="a", proof_code=code_of(secret))
        assert done.text == "a"
        assert console.client.cookies["cri_intake"] != before
        assert (await self.post(console, word="b")).text == "b"

    async def test_a_second_click_with_the_old_token_gets_the_same_new_one(
        self, console: Console, secret: str
    ) -> None:
        before = console.client.cookies["cri_intake"]
        proof = {"word": "a", "proof_code": code_of(secret)}
        await self.post(console, **proof)
        after = console.client.cookies["cri_intake"]
        console.client.cookies.set("cri_intake", before, domain="127.0.0.1", path="/")
        assert (await self.post(console, **proof)).text == "a"
        assert console.client.cookies["cri_intake"] == after
        console.client.cookies.clear()
        console.client.cookies.set("cri_intake", before)
        with clock.frozen(clock.now() + dt.timedelta(minutes=2)):
            assert (await console.client.get("/console/account")).status_code == 303

    async def test_wrong_codes_slow_down(self, console: Console, secret: str) -> None:
        await self.post(console, proof_code="000000")
        waiting = await self.post(console, proof_code=code_of(secret))
        assert "Too many tries" in waiting.text

    async def test_a_page_is_opened_after_the_proof(self, console: Console, secret: str) -> None:
        asked = await console.client.get("/console/grave")
        assert asked.status_code == 403
        assert 'name="then" value="/console/grave"' in asked.text
        csrf = re.search(r'name="csrf" value="([^"]+)"', asked.text)
        assert csrf is not None
        form = {"csrf": csrf[1], "then": "/console/grave", "proof_code": code_of(secret)}
        done = await console.client.post("/console/prove", data=form)
        assert done.headers["location"] == "/console/grave"
        assert (await console.client.get("/console/grave")).text == "grave"
        form["then"] = "https://elsewhere.example/"
        elsewhere = await console.client.post("/console/prove", data=form)
        assert elsewhere.headers["location"] == "/console"

    async def test_going_to_another_console_proves_nothing(
        self, console: Console, secret: str, tmp_path: Path
    ) -> None:
        identity = console.app.state.service.identity
        staff = await identity.whoever(console.client.cookies["cri_intake"])
        code = await identity.hand_over(staff, "research")
        async with running(build("research", tmp_path)) as client:
            await client.get(f"/console/arrive?code={code}")
            assert (await client.get("/console/grave")).status_code == 403


class TestSessions:
    async def test_one_sees_and_ends_ones_sessions_everywhere(
        self, console: Console, tmp_path: Path
    ) -> None:
        staff = await sign_in(console.client, console.app, "officer")
        code = await console.app.state.service.identity.hand_over(staff, "research")
        async with running(build("research", tmp_path)) as client:
            await client.get(f"/console/arrive?code={code}")
            page = (await console.client.get("/console/account")).text
            assert page.count("Last used") == 2
            done = await console.client.post(
                "/console/account/sessions/end-others", data={"csrf": staff.csrf}
            )
            assert done.status_code == 303
            assert (await client.get("/console/work")).status_code == 303
        assert (await console.client.get("/console/work")).status_code == 200
        assert (await console.client.get("/console/account")).text.count("Last used") == 1

    async def test_anothers_session_is_not_ended(self, console: Console) -> None:
        other = await sign_in(console.client, console.app, "officer", name="Another")
        token = console.client.cookies["cri_intake"]
        staff = await sign_in(console.client, console.app, "officer")
        form = {"csrf": staff.csrf, "session_id": other.session_id}
        await console.client.post("/console/account/sessions/end", data=form)
        assert await console.app.state.service.identity.whoever(token) is not None

    async def test_an_old_hash_of_a_password_is_renewed_when_it_is_right(
        self, console: Console
    ) -> None:
        path, secret = await invited(console, "officer")
        await console.client.post(path, data={"password": PASSWORD, "code": code_of(secret)})
        identity = console.app.state.service.identity
        weak = PasswordHash((Argon2Hasher(memory_cost=8192, time_cost=1, parallelism=1),))
        async with identity._writing() as session:
            account = (await session.execute(select(Account))).scalar_one()
            account.password_hash = weak.hash(PASSWORD)
        form = {"email": "leen@ngo.example", "password": PASSWORD}
        await console.client.post(
            "/console/sign-in", data=form | {"code": code_of(secret, later=30)}
        )
        async with identity._reading() as session:
            renewed = (await session.execute(select(Account.password_hash))).scalar_one()
        assert "m=19456,t=2,p=1" in renewed


async def test_the_account_page_says_roles_in_the_persons_language(console: Console) -> None:
    staff = await sign_in(console.client, console.app, "officer", "editor", "auditor")
    for language, roles in (
        ("en", "Auditor, Editor, Helpdesk officer"),
        ("nl", "Auditor, Redacteur, Helpdeskmedewerker"),
        ("fr", "Auditeur, Rédacteur, Agent de permanence"),
    ):
        form = {"csrf": staff.csrf, "language": language}
        await console.client.post("/console/account/language", data=form)
        assert f"<dd>{roles}</dd>" in (await console.client.get("/console/account")).text
