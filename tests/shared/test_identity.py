"""Becoming staff, signing in, and what keeps strangers and forged forms out of a console."""

import datetime as dt
from pathlib import Path

import httpx
import pytest
from cri_shared import clock
from cri_shared.testing.identity import PASSWORD, sign_in
from cri_shared.testing.web import running

from tests.shared.toy_console import Console, build, code_of, invited


class TestInvitation:
    async def test_an_invited_person_starts_working(self, console: Console) -> None:
        path, secret = await invited(console, "officer")
        page = await console.client.get(path)
        assert page.status_code == 200
        assert secret in page.text
        done = await console.client.post(path, data={"password": PASSWORD, "code": code_of(secret)})
        assert done.status_code == 303
        assert (await console.client.get("/console/work")).status_code == 200

    async def test_an_invitation_works_once(self, console: Console) -> None:
        path, secret = await invited(console, "officer")
        answer = {"password": PASSWORD, "code": code_of(secret)}
        await console.client.post(path, data=answer)
        clicked_twice = await console.client.post(path, data=answer)
        assert clicked_twice.headers["location"] == "/console"
        console.client.cookies.clear()
        again = await console.client.post(path, data=answer)
        assert again.status_code == 404
        assert "used or is too old" in again.text

    async def test_an_invitation_ends_after_a_day(self, console: Console) -> None:
        path, _ = await invited(console, "officer")
        with clock.frozen(clock.now() + dt.timedelta(hours=25)):
            assert (await console.client.get(path)).status_code == 404

    @pytest.mark.parametrize("password", ["short", "", "password1234567"[:14]])
    async def test_a_weak_password_is_refused_with_the_reason(
        self, console: Console, password: str
    ) -> None:
        path, secret = await invited(console, "officer")
        answer = {"password": password, "code": code_of(secret)}
        refused = await console.client.post(path, data=answer)
        assert refused.status_code == 422
        assert "at least 15 characters" in refused.text

    async def test_a_wrong_code_spends_nothing(self, console: Console) -> None:
        path, secret = await invited(console, "officer")
        wrong = await console.client.post(path, data={"password": PASSWORD, "code": "000000"})
        assert wrong.status_code == 422
        right = {"password": PASSWORD, "code": code_of(secret)}
        assert (await console.client.post(path, data=right)).status_code == 303


class TestSignIn:
    async def enrolled(self, console: Console) -> str:
        path, secret = await invited(console, "officer")
        await console.client.post(path, data={"password": PASSWORD, "code": code_of(secret)})
        console.client.cookies.clear()
        return secret

    async def attempt(self, console: Console, **changed: str) -> httpx.Response:
        form = {"email": "leen@ngo.example", "password": PASSWORD, "code": ""} | changed
        return await console.client.post("/console/sign-in", data=form)

    async def test_password_and_code_open_the_console(self, console: Console) -> None:
        secret = await self.enrolled(console)
        done = await self.attempt(console, code=code_of(secret, later=30))
        assert done.status_code == 303
        cookie = done.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie

    async def test_a_code_is_good_for_one_sign_in(self, console: Console) -> None:
        secret = await self.enrolled(console)
        used = code_of(secret)
        assert (await self.attempt(console, code=used)).status_code == 422

    async def test_a_second_click_goes_where_the_first_one_went(self, console: Console) -> None:
        code = code_of(await self.enrolled(console), later=30)
        await self.attempt(console, code=code)
        again = await self.attempt(console, code=code)
        assert again.headers["location"] == "/console"
        other = await self.attempt(console, code=code, email="someone@ngo.example")
        assert other.status_code == 422

    async def test_every_failure_looks_the_same_and_keeps_the_address(
        self, console: Console
    ) -> None:
        secret = await self.enrolled(console)
        wrong_password = await self.attempt(
            console, password="another long sentence", code=code_of(secret, later=30)
        )
        stranger = await self.attempt(console, email="nobody@ngo.example", code="123456")
        for refused in (wrong_password, stranger):
            assert refused.status_code == 422
            assert "is not right" in refused.text
        assert "leen@ngo.example" in wrong_password.text
        assert PASSWORD not in wrong_password.text

    async def test_failures_slow_an_account_down_but_never_lock_it(self, console: Console) -> None:
        secret = await self.enrolled(console)
        for _ in range(3):
            await self.attempt(console, code="000000")
        waiting = await self.attempt(console, code=code_of(secret, later=30))
        assert "Too many tries" in waiting.text
        with clock.frozen(clock.now() + dt.timedelta(seconds=61)):
            opened = await self.attempt(console, code=code_of(secret))
            assert opened.status_code == 303

    async def test_a_disabled_person_is_out_at_once(self, console: Console) -> None:
        await sign_in(console.client, console.app, "officer", name="Karim")
        assert (await console.client.get("/console/work")).status_code == 200
        await console.app.state.service.identity.disable("karim@staff.example")
        assert (await console.client.get("/console/work")).status_code == 303

    async def test_a_session_ends_after_half_an_hour_without_use(self, console: Console) -> None:
        await sign_in(console.client, console.app, "officer")
        with clock.frozen(clock.now() + dt.timedelta(minutes=31)):
            assert (await console.client.get("/console/work")).status_code == 303


class TestGuard:
    async def test_strangers_are_sent_to_the_sign_in_page(self, console: Console) -> None:
        answer = await console.client.get("/console/work")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/console/sign-in"

    async def test_another_role_is_refused(self, console: Console) -> None:
        await sign_in(console.client, console.app, "trainer")
        assert (await console.client.get("/console/work")).status_code == 403

    async def test_a_form_needs_the_token_of_the_session(self, console: Console) -> None:
        staff = await sign_in(console.client, console.app, "officer")
        post = console.client.post
        assert (await post("/console/work")).status_code == 403
        assert (await post("/console/work", data={"csrf": "x" * 64})).status_code == 403
        assert (await post("/console/work", data={"csrf": staff.csrf})).status_code == 303

    @pytest.mark.parametrize(
        ("name", "value"),
        [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example"), ("Origin", "null")],
    )
    async def test_a_form_from_elsewhere_is_refused(
        self, console: Console, name: str, value: str
    ) -> None:
        staff = await sign_in(console.client, console.app, "officer")
        answer = await console.client.post(
            "/console/work", data={"csrf": staff.csrf}, headers={name: value}
        )
        assert answer.status_code == 403

    async def test_a_browser_that_tells_no_origin_and_says_that_it_is_ours_is_believed(
        self, console: Console
    ) -> None:
        staff = await sign_in(console.client, console.app, "officer")
        told = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
        for csrf, status in ((staff.csrf, 303), ("x" * 64, 403)):
            answer = await console.client.post("/console/work", data={"csrf": csrf}, headers=told)
            assert answer.status_code == status


class TestHandover:
    async def test_a_person_arrives_at_another_console_without_signing_in_again(
        self, console: Console, tmp_path: Path
    ) -> None:
        staff = await sign_in(console.client, console.app, "officer")
        form = {"csrf": staff.csrf, "target": "research"}
        left = await console.client.post("/console/go", data=form)
        arrival = httpx.URL(left.headers["location"])
        other = build("research", tmp_path)
        async with running(other) as client:
            welcome = await client.get(arrival.raw_path.decode())
            assert welcome.headers["location"] == "/console"
            assert (await client.get("/console/work")).status_code == 200
            client.cookies.clear()
            replayed = await client.get(arrival.raw_path.decode())
            assert replayed.headers["location"] == "/console/sign-in"

    async def test_a_code_for_one_console_opens_no_other(
        self, console: Console, tmp_path: Path
    ) -> None:
        staff = await sign_in(console.client, console.app, "officer")
        code = await console.app.state.service.identity.hand_over(staff, "training")
        answer = await console.client.get(f"/console/arrive?code={code}")
        assert answer.headers["location"] == "/console/sign-in"
