"""Changing one's own password, and ending the other sessions with it."""

import datetime as dt
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from cri_shared import clock
from cri_shared.identity.audit import history
from cri_shared.identity.staff import Staff
from cri_shared.testing.attempts import refused_at
from cri_shared.testing.identity import PASSWORD, sign_in
from cri_shared.testing.web import running

from tests.shared.toy_console import Console, build, code_of, invited

PAGE = "/console/account/password"
NEW = "another long sentence to keep"


class Leen:
    """An officer who is signed in here, and whose authenticator we hold."""

    def __init__(self, console: Console, secret: str, staff: Staff) -> None:
        self.console, self.secret, self.staff = console, secret, staff

    async def change(self, **changed: str) -> httpx.Response:
        form = {"old_password": PASSWORD, "password": NEW, "again": NEW, "end_others": "yes"}
        data = {"csrf": self.staff.csrf, **form, **changed}
        return await self.console.client.post(PAGE, data=data)

    async def sign_in(self, password: str, later: int) -> httpx.Response:
        form = {"email": "leen@ngo.example", "password": password}
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self.console.app), base_url="http://127.0.0.1:8001"
        ) as client:
            form["code"] = code_of(self.secret, later=later)
            return await client.post("/console/sign-in", data=form)

    async def elsewhere(self) -> str:
        """The token of another session of hers, in another browser."""
        identity = self.console.app.state.service.identity
        token = await identity.arrive(await identity.hand_over(self.staff, "intake"))
        assert token is not None
        return str(token)

    async def is_open(self, token: str) -> bool:
        return await self.console.app.state.service.identity.whoever(token) is not None


@pytest.fixture
async def leen(console: Console) -> Leen:
    path, secret = await invited(console, "officer")
    await console.client.post(path, data={"password": PASSWORD, "code": code_of(secret)})
    token = console.client.cookies["cri_intake"]
    return Leen(console, secret, await console.app.state.service.identity.whoever(token))


async def test_the_new_password_opens_and_the_old_one_does_not(leen: Leen) -> None:
    account = (await leen.console.client.get("/console/account")).text
    assert f'href="{PAGE}"' in account
    assert "checked" in (await leen.console.client.get(PAGE)).text
    for _click in range(2):
        assert (await leen.change()).headers["location"] == "/console/account"
    said = (await leen.console.client.get("/console/account")).text
    assert "Your password was changed, and your other sessions were ended." in said
    assert (await leen.sign_in(NEW, 30)).status_code == 303
    with clock.frozen(clock.now() + dt.timedelta(minutes=2)):
        assert (await leen.sign_in(PASSWORD, 30)).status_code == 422


async def test_what_is_wrong_is_said_and_no_password_comes_back(leen: Leen) -> None:
    for changed, said in (
        ({"old_password": ""}, "Write the password that you have"),
        ({"again": "something else again"}, "not the same both times"),
        ({"password": "short", "again": "short"}, "at least 15 characters"),
        ({"password": "Leen has a purple door", "again": "Leen has a purple door"}, "Leave out"),
        ({"password": PASSWORD, "again": PASSWORD}, "This is the password that you have"),
    ):
        refused = await leen.change(**changed)
        assert (refused.status_code, said in refused.text) == (422, True), said
        assert PASSWORD not in refused.text
        assert NEW not in refused.text
    unticked = await leen.change(old_password="", end_others="")
    assert not re.search(r'name="end_others"[^>]* checked', unticked.text)
    assert (await leen.sign_in(PASSWORD, 30)).status_code == 303


async def test_a_wrong_old_password_slows_down_like_a_sign_in(leen: Leen) -> None:
    wrong = await leen.change(old_password="not the one I have")
    assert (wrong.status_code, "not the password that you have" in wrong.text) == (422, True)
    waiting = await leen.change()
    assert "Too many tries" in waiting.text
    assert (await leen.sign_in(PASSWORD, 30)).status_code == 422  # the same count
    counted = await refused_at(leen.console.app.state.service)
    assert counted[("password.wrong", leen.staff.staff_id)] == 2
    with clock.frozen(clock.now() + dt.timedelta(seconds=61)):
        assert (await leen.change()).status_code == 303


async def test_other_sessions_end_where_the_box_is_ticked(leen: Leen) -> None:
    first = await leen.elsewhere()
    kept = await leen.change(end_others="")
    assert kept.status_code == 303
    assert await leen.is_open(first)
    ended = await leen.change(old_password=NEW, password=f"{NEW} 2", again=f"{NEW} 2")
    assert ended.status_code == 303
    assert not await leen.is_open(first)
    assert (await leen.console.client.get("/console/account")).status_code == 200


async def test_a_code_on_its_way_to_another_console_opens_nothing_afterwards(leen: Leen) -> None:
    identity = leen.console.app.state.service.identity
    code = await identity.hand_over(leen.staff, "intake")
    await leen.change()
    assert await identity.arrive(code) is None


async def test_who_one_is_is_shown_first_and_no_password_waits_on_a_page(leen: Leen) -> None:
    with clock.frozen(clock.now() + dt.timedelta(minutes=11)):
        asked = await leen.console.client.get(PAGE)
        assert (asked.status_code, f'name="then" value="{PAGE}"' in asked.text) == (403, True)
        late = await leen.change()
        assert late.status_code == 403
        assert f'name="then" value="{PAGE}"' in late.text
        assert PASSWORD not in late.text
        assert NEW not in late.text
        assert "type them again" in late.text
        proof = {"csrf": leen.staff.csrf, "then": PAGE, "proof_code": code_of(leen.secret)}
        done = await leen.console.client.post("/console/prove", data=proof)
        assert done.headers["location"] == PAGE
        assert (await leen.change()).status_code == 303


async def test_it_is_in_the_audit_trail_once(leen: Leen) -> None:
    for _click in range(2):
        await leen.change()
    service = leen.console.app.state.service
    async with service.database.reading() as session:
        audit = service.database.outbox.tables.audit
        noted = await history(session, audit, leen.staff.staff_id)
    changes = [one for one in noted if one.action == "account.password_changed"]
    assert [(one.actor, one.facts) for one in changes] == [("Leen D.", {"way": "others_ended"})]


class TestThroughTheOrganisation:
    """Who signs in there has no password here."""

    @pytest.fixture
    async def console(self, tmp_path: Path) -> AsyncIterator[Console]:
        app = build("intake", tmp_path)
        async with running(app) as client:
            yield Console(app, client)

    async def test_it_is_changed_there(self, console: Console) -> None:
        staff = await sign_in(console.client, console.app, "officer")
        identity = console.app.state.service.identity
        async with identity._writing() as session:
            ((account, _),) = await identity.everybody()
            account = await session.merge(account)
            account.password_hash, account.issuer, account.subject = "", "https://op", "leen"
        assert PAGE not in (await console.client.get("/console/account")).text
        form = {"old_password": "x", "password": NEW, "again": NEW, "csrf": staff.csrf}
        refused = await console.client.post(PAGE, data=form)
        assert (refused.status_code, "through your organisation" in refused.text) == (409, True)
