"""Passkeys: added on the account page, good for signing in and as a proof, each answer once."""

import datetime as dt
import html
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from cri_shared import clock
from cri_shared.identity.staff import Staff
from cri_shared.testing.attempts import refused_at
from cri_shared.testing.identity import sign_in
from cri_shared.testing.web import running

from tests.shared.authenticator import PRESENT, Authenticator
from tests.shared.toy_console import Console, build

ORIGIN = "http://localhost:8001"
WRONG = "This passkey did not work"


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    """A started console that has a name: an address cannot have passkeys."""
    app = build("intake", tmp_path, public_url=ORIGIN)
    with clock.frozen(clock.now()):
        async with running(app) as client:
            yield Console(app, client)


def options_on(page: httpx.Response) -> str:
    found = re.search(r'data-options="([^"]+)"', page.text)
    assert found is not None, page.text
    return html.unescape(found[1])


async def add(console: Console, staff: Staff, device: Authenticator) -> httpx.Response:
    made = device.make(options_on(await console.client.get("/console/account")))
    form = {"csrf": staff.csrf, "name": "My phone", "credential": made}
    return await console.client.post("/console/account/passkeys", data=form)


async def sign(console: Console, device: Authenticator) -> httpx.Response:
    """Sign in with a passkey, as somebody whose cookies are gone."""
    console.client.cookies.clear()
    said = device.sign(options_on(await console.client.get("/console/sign-in")))
    return await console.client.post("/console/sign-in/passkey", data={"credential": said})


async def test_a_passkey_is_added_once_and_signs_in(console: Console) -> None:
    staff = await sign_in(console.client, console.app, "officer")
    device = Authenticator(ORIGIN)
    made = device.make(options_on(await console.client.get("/console/account")))
    form = {"csrf": staff.csrf, "name": "My phone", "credential": made}
    for _click in range(2):
        added = await console.client.post("/console/account/passkeys", data=form)
        assert added.status_code == 303
    assert (await console.client.get("/console/account")).text.count("<bdi>My phone<") == 1
    assert (await sign(console, device)).headers["location"] == "/console"
    assert (await console.client.get("/console/work")).status_code == 200


async def test_a_changed_factor_ends_the_other_sessions_where_the_box_is_ticked(
    console: Console,
) -> None:
    staff = await sign_in(console.client, console.app, "officer")
    identity = console.app.state.service.identity
    page = await console.client.get("/console/account")
    assert re.search(r'name="end_others" value="yes" checked', page.text)

    async def elsewhere() -> str:
        return str(await identity.arrive(await identity.hand_over(staff, "intake")))

    async def survives(token: str) -> bool:
        return await identity.whoever(token) is not None

    made = Authenticator(ORIGIN).make(options_on(page))
    form = {"csrf": staff.csrf, "name": "My phone", "credential": made}
    first = await elsewhere()
    await console.client.post("/console/account/passkeys", data=form)
    assert await survives(first)
    page = await console.client.get("/console/account")
    second = Authenticator(ORIGIN, b"another passkey").make(options_on(page))
    form |= {"credential": second, "end_others": "yes"}
    await console.client.post("/console/account/passkeys", data=form)
    assert not await survives(first)
    for key, ticked in zip(await identity.passkeys_of(staff.staff_id), ("", "yes"), strict=True):
        other = await elsewhere()
        form = {"csrf": staff.csrf, "passkey_id": key.passkey_id, "end_others": ticked}
        await console.client.post("/console/account/passkeys/remove", data=form)
        assert await survives(other) is not bool(ticked)
    assert await identity.passkeys_of(staff.staff_id) == []
    assert (await console.client.get("/console/account")).status_code == 200


async def test_a_name_is_asked_for(console: Console) -> None:
    staff = await sign_in(console.client, console.app, "officer")
    form = {"csrf": staff.csrf, "name": " ", "credential": "{}"}
    asked = await console.client.post("/console/account/passkeys", data=form)
    assert asked.status_code == 422
    assert "Write a name" in asked.text


async def test_an_answer_is_good_once(console: Console) -> None:
    staff = await sign_in(console.client, console.app, "officer")
    device = Authenticator(ORIGIN)
    await add(console, staff, device)
    console.client.cookies.clear()
    said = device.sign(options_on(await console.client.get("/console/sign-in")))
    form = {"credential": said}
    assert (await console.client.post("/console/sign-in/passkey", data=form)).status_code == 303
    twice = await console.client.post("/console/sign-in/passkey", data=form)
    assert twice.headers["location"] == "/console"  # the first click signed in
    console.client.cookies.clear()
    stolen = await console.client.post("/console/sign-in/passkey", data=form)
    assert (stolen.status_code, WRONG in stolen.text) == (422, True)
    assert await refused_at(console.app.state.service) == {("sign_in.failed", "unknown"): 1}


@pytest.mark.parametrize(
    "what", ["unknown", "old", "elsewhere", "unverified", "cloned", "another key", "nonsense"]
)
async def test_what_is_not_right_opens_nothing(console: Console, what: str) -> None:
    staff = await sign_in(console.client, console.app, "officer")
    device = Authenticator(ORIGIN, count=5)
    await add(console, staff, device)
    console.client.cookies.clear()
    options = options_on(await console.client.get("/console/sign-in"))
    if what == "unknown":
        device.credential_id = b"of nobody"
    elif what == "elsewhere":
        device.origin = "https://evil.example"
    elif what == "unverified":
        device.flags = PRESENT
    elif what == "cloned":
        device.count = 2
    elif what == "another key":
        device.key = Authenticator(ORIGIN).key
    said = "{}" if what == "nonsense" else device.sign(options)
    later = dt.timedelta(minutes=11 if what == "old" else 0)
    with clock.frozen(clock.now() + later):
        refused = await console.client.post("/console/sign-in/passkey", data={"credential": said})
    assert (refused.status_code, WRONG in refused.text) == (422, True)


async def test_a_disabled_persons_passkey_opens_nothing(console: Console) -> None:
    staff = await sign_in(console.client, console.app, "officer")
    device = Authenticator(ORIGIN)
    await add(console, staff, device)
    await console.app.state.service.identity.disable(staff.email)
    assert (await sign(console, device)).status_code == 422


async def test_a_passkey_is_a_proof_and_only_ones_own(console: Console) -> None:
    other = await sign_in(console.client, console.app, "officer", name="Another")
    theirs = Authenticator(ORIGIN, credential_id=b"of another")
    await add(console, other, theirs)
    staff = await sign_in(console.client, console.app, "officer")
    device = Authenticator(ORIGIN)
    await add(console, staff, device)
    with clock.frozen(clock.now() + dt.timedelta(minutes=11)):
        form = {"csrf": staff.csrf, "word": "a"}
        asked = await console.client.post("/console/grave", data=form)
        assert asked.status_code == 403
        stolen = form | {"proof_passkey": theirs.sign(options_on(asked))}
        refused = await console.client.post("/console/grave", data=stolen)
        assert (refused.status_code, WRONG in refused.text) == (422, True)
        proof = form | {"proof_passkey": device.sign(options_on(refused))}
        assert (await console.client.post("/console/grave", data=proof)).text == "a"


async def test_a_passkey_is_taken_away_by_its_owner_alone(console: Console) -> None:
    staff = await sign_in(console.client, console.app, "officer")
    device = Authenticator(ORIGIN)
    await add(console, staff, device)
    (key,) = await console.app.state.service.identity.passkeys_of(staff.staff_id)
    mine = console.client.cookies["cri_intake"]
    other = await sign_in(console.client, console.app, "officer", name="Another")
    path, form = "/console/account/passkeys/remove", {"passkey_id": key.passkey_id}
    await console.client.post(path, data=form | {"csrf": other.csrf})
    assert len(await console.app.state.service.identity.passkeys_of(staff.staff_id)) == 1
    console.client.cookies.clear()
    console.client.cookies.set("cri_intake", mine)
    for _click in range(2):
        gone = await console.client.post(path, data=form | {"csrf": staff.csrf})
        assert gone.status_code == 303
    assert (await sign(console, device)).status_code == 422


async def test_an_address_has_no_passkeys(tmp_path: Path) -> None:
    async with running(build("intake", tmp_path)) as client:
        assert "data-passkey" not in (await client.get("/console/sign-in")).text
        form = {"credential": "{}"}
        assert (await client.post("/console/sign-in/passkey", data=form)).status_code == 422
