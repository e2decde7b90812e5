"""Operators keep the accounts of others: invitations, roles, shutting out, recovery by two."""

import csv
import io
import re
from typing import Any

import httpx
import pytest
from cri_shared import clock
from cri_shared.identity.staff import Staff
from cri_shared.testing.identity import PASSWORD, sign_in

from tests.shared.toy_console import Console, code_of

ROOM = "/console/staff"
LINK = re.compile(r"http://127\.0\.0\.1:8001(/console/invited/[\w-]+)")


class Operator:
    """An operator at the console, beside others who use the same browser."""

    def __init__(self, console: Console, staff: Staff) -> None:
        self.console, self.staff = console, staff

    async def post(self, path: str, **fields: Any) -> httpx.Response:
        self.console.client.cookies.clear()
        self.console.client.cookies.set("cri_intake", self.staff.token)
        data = {"csrf": self.staff.csrf, **fields}
        return await self.console.client.post(f"{ROOM}/{path}", data=data)

    async def page(self) -> str:
        self.console.client.cookies.clear()
        self.console.client.cookies.set("cri_intake", self.staff.token)
        return (await self.console.client.get(ROOM)).text


async def arrive(console: Console, name: str, role: str = "operator") -> Operator:
    return Operator(console, await sign_in(console.client, console.app, role, name=name))


async def roles_of(console: Console, staff: Staff) -> tuple[str, ...]:
    everybody = await console.app.state.service.identity.everybody()
    return next(roles for account, roles in everybody if account.staff_id == staff.staff_id)


def link_on(page: httpx.Response) -> str:
    found = LINK.search(page.text)
    assert found is not None, page.text
    return found[1]


@pytest.fixture
async def first(console: Console) -> Operator:
    return await arrive(console, "First")


@pytest.fixture
async def leen(console: Console, first: Operator) -> Operator:
    return await arrive(console, "Leen", "officer")


async def test_an_invitation_is_made_once_and_shown(console: Console, first: Operator) -> None:
    token = re.search(r'name="form_token" value="([^"]+)"', await first.page())
    assert token is not None
    form = {"email": "new@ngo.example", "name": "New", "roles": ["officer", "editor"]}
    shown = [await first.post("invite", form_token=token[1], **form) for _click in range(2)]
    assert link_on(shown[0]) == link_on(shown[1])
    page = await console.client.get(link_on(shown[0]))
    assert "new@ngo.example" in page.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"email": "nonsense"}, "Write an e-mail address"),
        ({"roles": []}, "Choose at least one role"),
        ({"roles": ["janitor"]}, "There is no role janitor."),
        ({"roles": ["officer", "coordinator"]}, "One person cannot be helpdesk officer and"),
        ({"email": "leen@staff.example"}, "There is an account with this address"),
    ],
)
async def test_what_is_wrong_with_an_invitation_is_said(
    first: Operator, leen: Operator, changed: dict[str, Any], said: str
) -> None:
    token = re.search(r'name="form_token" value="([^"]+)"', await first.page())
    assert token is not None
    form = {"email": "new@ngo.example", "name": "New", "roles": ["officer"]} | changed
    refused = await first.post("invite", form_token=token[1], **form)
    assert (refused.status_code, said in refused.text) == (422, True)
    assert 'value="New"' in refused.text


async def test_roles_change_at_once_and_never_ones_own(
    console: Console, first: Operator, leen: Operator
) -> None:
    person = leen.staff.staff_id
    await first.post("roles", staff_id=person, roles=["editor", "trainer"])
    assert await roles_of(console, leen.staff) == ("editor", "trainer")
    seen = await console.app.state.service.identity.whoever(leen.staff.token)
    assert seen.roles == {"editor", "trainer"}
    unknown = await first.post("roles", staff_id=person, roles=["janitor"])
    assert unknown.status_code == 422
    apart = await first.post("roles", staff_id=person, roles=["officer", "coordinator"])
    assert apart.status_code == 409
    own = await first.post("roles", staff_id=first.staff.staff_id, roles=["officer"])
    assert own.status_code == 403
    assert await roles_of(console, first.staff) == ("operator",)
    assert (await first.post("roles", staff_id="nobody", roles=[])).status_code == 404


async def test_who_is_shut_out_is_out_at_once(
    console: Console, first: Operator, leen: Operator
) -> None:
    for _click in range(2):
        done = await first.post("shut-out", staff_id=leen.staff.staff_id)
        assert done.status_code == 303
    assert await console.app.state.service.identity.whoever(leen.staff.token) is None
    assert "can no longer sign in" in await first.page()


async def test_it_takes_two_operators_to_let_somebody_in_again(
    console: Console, first: Operator, leen: Operator
) -> None:
    person = leen.staff.staff_id
    for _click in range(2):  # one operator twice is one operator
        asked = await first.post("recover", staff_id=person)
        assert asked.status_code == 303
    assert "recovery asked for by" in await first.page()
    second = await arrive(console, "Second")
    link = link_on(await second.post("recover", staff_id=person))
    console.client.cookies.clear()
    page = await console.client.get(link)
    secret = re.search(r"\b[A-Z2-7]{32}\b", page.text)
    assert secret is not None
    form = {"password": f"{PASSWORD} anew", "code": code_of(secret[0])}
    assert (await console.client.post(link, data=form)).status_code == 303
    assert await roles_of(console, leen.staff) == ("officer",)
    assert await console.app.state.service.identity.whoever(leen.staff.token) is None


@pytest.mark.parametrize("what", ["shut-out", "roles"])
async def test_what_is_decided_about_somebody_ends_the_link_they_were_given(
    console: Console, first: Operator, leen: Operator, what: str
) -> None:
    person = leen.staff.staff_id
    await first.post("recover", staff_id=person)
    link = link_on(await (await arrive(console, "Second")).post("recover", staff_id=person))
    await first.post(what, staff_id=person, roles=["editor"])
    console.client.cookies.clear()
    assert (await console.client.get(link)).status_code == 404


async def test_who_became_staff_cannot_do_so_again_by_an_older_link(console: Console) -> None:
    identity = console.app.state.service.identity
    older, newer = [await identity.invite("noor@staff.example", "Noor", ["officer"]) for _ in "12"]
    code = code_of((await identity.invitation(newer)).totp_secret)
    await identity.accept(newer, password=PASSWORD, code=code, language="en")
    assert (await console.client.get(f"/console/invited/{older}")).status_code == 404


async def test_nobody_lets_themselves_in_and_a_day_is_the_limit(
    console: Console, first: Operator, leen: Operator
) -> None:
    own = await first.post("recover", staff_id=first.staff.staff_id)
    assert own.status_code == 403
    identity = console.app.state.service.identity
    await first.post("recover", staff_id=leen.staff.staff_id)
    second = await arrive(console, "Second")
    async with identity._writing() as session:
        for waiting in (await identity.recoveries()).values():
            (await session.merge(waiting)).expires_at = clock.now()
    late = await second.post("recover", staff_id=leen.staff.staff_id)
    assert late.status_code == 303


async def test_the_list_is_taken_along_without_a_secret(
    console: Console, first: Operator, leen: Operator
) -> None:
    assert 'href="/console/staff.csv"' in await first.page()
    taken = (await console.client.get(f"{ROOM}.csv")).content.decode("utf-8-sig")
    lines = {line["name"]: line for line in csv.DictReader(io.StringIO(taken))}
    assert (lines["Leen"]["roles"], lines["Leen"]["disabled_at"]) == ("officer", "")
    assert not [name for name in lines["Leen"] if "password" in name or "totp" in name]


async def test_what_was_done_is_in_the_audit_trail(
    console: Console, first: Operator, leen: Operator
) -> None:
    from cri_shared.identity.audit import history

    for _click in range(2):  # what was so already is not done again
        await first.post("roles", staff_id=leen.staff.staff_id, roles=["editor"])
        await first.post("shut-out", staff_id=leen.staff.staff_id)
    service = console.app.state.service
    async with service.database.reading() as session:
        audit = service.database.outbox.tables.audit
        told = await history(session, audit, leen.staff.staff_id)
    assert [(one.actor, one.action) for one in told] == [
        ("First", "staff.roles_changed"),
        ("First", "staff.shut_out"),
    ]
