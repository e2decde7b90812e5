"""Sign-in by the organisation's own provider, against a real one on this machine."""

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from cri_shared import clock
from cri_shared.identity.provider import BACK
from cri_shared.testing.identity import sign_in
from cri_shared.testing.processes import free_port
from cri_shared.testing.waiting import eventually
from fastapi import FastAPI

from tests.shared.provider import (
    LEFT_OUT,
    RealProvider,
    installed,
    pass_through,
    required,
    sign_out,
)
from tests.shared.toy_console import build

PEOPLE: dict[str, dict[str, Any]] = {
    "leen": {"email": "leen@ngo.example", "name": "Leen D.", "groups": ["helpdesk", "chess"]},
    "karim": {"email": "karim@ngo.example", "name": "Karim B.", "groups": ["helpdesk"]},
    "tom": {"email": "tom@ngo.example", "name": "Tom", "groups": ["chess"]},
}
ROLES = {"helpdesk": ["officer"]}


@dataclass
class Place:
    """A console that really listens, the provider that vouches for its staff, two browsers."""

    app: FastAPI
    url: str
    provider: RealProvider
    browser: httpx.AsyncClient

    async def enter(self, who: str, door: str = "/console/sign-in/provider") -> httpx.Response:
        """Go to the provider, sign in there, and come back."""
        left = await self.browser.get(self.url + door)
        assert left.status_code == 303, left.text
        back = await pass_through(self.browser, left.headers["location"], who, BACK)
        return await self.browser.get(back)

    async def see(self, path: str) -> httpx.Response:
        return await self.browser.get(self.url + path)


@pytest.fixture(scope="module")
def place_of_provider() -> Path:
    found = installed()
    if found is None:
        assert not required(), LEFT_OUT
        pytest.skip(LEFT_OUT)
    return found


@pytest.fixture
def provider(place_of_provider: Path, tmp_path: Path) -> Iterator[RealProvider]:
    made = RealProvider(place_of_provider, tmp_path / "provider.log", BACK, PEOPLE)
    yield made
    made.stop()


@pytest.fixture
async def place(provider: RealProvider, tmp_path: Path) -> AsyncIterator[Place]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    provider.start(url)
    app = build(
        "intake",
        tmp_path,
        public_url=url,
        oidc_issuer=provider.issuer,
        oidc_client_id=provider.client_id,
        oidc_client_secret=provider.client_secret,
        oidc_roles=ROLES,
    )
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None))
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: server.started, what="the console")
    async with httpx.AsyncClient(timeout=60) as browser:
        yield Place(app, url, provider, browser)
    server.should_exit = True
    await serving


async def test_the_provider_lets_in_and_gives_the_roles_of_its_groups(place: Place) -> None:
    assert "Sign in with your organisation" in (await place.see("/console/sign-in")).text
    assert (await place.enter("leen")).headers["location"] == "/console"
    account = (await place.see("/console/account")).text
    assert "leen@ngo.example" in account
    assert re.search(r"Roles</dt><dd>Helpdesk officer<", account)
    assert (await place.see("/console/work")).status_code == 200
    ((known, roles),) = await place.app.state.service.identity.everybody()
    assert (known.issuer, known.subject, roles) == (place.provider.issuer, "leen", ("officer",))
    typed = {"email": "leen@ngo.example", "password": "", "code": "000000"}
    by_password = await place.browser.post(f"{place.url}/console/sign-in", data=typed)
    assert by_password.status_code == 422


async def test_who_has_no_group_of_ours_stays_outside(place: Place) -> None:
    refused = await place.enter("tom")
    assert (refused.status_code, "did not let you in" in refused.text) == (422, True)
    assert await place.app.state.service.identity.everybody() == []


async def test_nobody_becomes_another_by_an_address(place: Place) -> None:
    async with httpx.AsyncClient(base_url=place.url) as local:
        await sign_in(local, place.app, "operator", name="Leen")
    identity = place.app.state.service.identity
    async with identity._writing() as session:
        ((account, _),) = await identity.everybody()
        account = await session.merge(account)
        account.email = "leen@ngo.example"
    refused = await place.enter("leen")
    assert (refused.status_code, "another account" in refused.text) == (409, True)


async def test_a_way_back_is_good_once_and_for_the_browser_that_left(place: Place) -> None:
    left = await place.see("/console/sign-in/provider")
    back = await pass_through(place.browser, left.headers["location"], "leen", BACK)
    async with httpx.AsyncClient() as thief:
        assert (await thief.get(back)).status_code == 422
    other_state = back.copy_set_param("state", "of another trip")
    assert (await place.browser.get(other_state)).status_code == 422
    assert (await place.browser.get(back)).status_code == 303
    assert (await place.browser.get(back)).status_code == 422


async def test_what_is_grave_is_proved_there_and_by_the_same_person(place: Place) -> None:
    await place.enter("leen")
    identity = place.app.state.service.identity
    staff = await identity.whoever(place.browser.cookies["cri_intake"])
    async with identity._writing() as session:
        row = (await identity.sessions_of(staff.staff_id))[0]
        (await session.merge(row)).proved_at = clock.now() - dt.timedelta(minutes=11)
    form = {"csrf": staff.csrf, "word": "a"}
    asked = await place.browser.post(f"{place.url}/console/grave", data=form)
    assert asked.status_code == 403
    assert "/console/prove/provider" in asked.text
    assert "proof_code" not in asked.text
    left = await place.see("/console/prove/provider")
    async with httpx.AsyncClient(timeout=60) as anothers:
        back = await pass_through(anothers, left.headers["location"], "karim", BACK)
    assert (await place.browser.get(back)).status_code == 422
    proved = await place.enter("leen", "/console/prove/provider")
    assert "You showed that it is you" in proved.text
    done = await place.browser.post(f"{place.url}/console/grave", data=form)
    assert done.text == "a"


async def test_who_signs_out_there_is_out_here(place: Place) -> None:
    await place.enter("leen")
    assert (await place.see("/console/work")).status_code == 200
    await sign_out(place.browser, place.provider.issuer)

    async def is_out() -> bool:
        return (await place.see("/console/work")).status_code == 303

    await eventually(is_out, what="the end of the session")


@pytest.mark.parametrize("token", ["", "nonsense", "e30.e30.e30"])
async def test_a_logout_that_is_not_signed_ends_nothing(place: Place, token: str) -> None:
    await place.enter("leen")
    refused = await place.browser.post(
        f"{place.url}/console/sign-out/provider", data={"logout_token": token}
    )
    assert refused.status_code == 400
    assert (await place.see("/console/work")).status_code == 200


async def test_a_provider_that_is_away_says_so(place: Place) -> None:
    place.provider.stop()
    away = await place.see("/console/sign-in/provider")
    assert (away.status_code, "does not answer" in away.text) == (503, True)
