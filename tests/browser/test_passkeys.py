"""A passkey of a real browser: added on the account page, then enough to sign in and to prove."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pyotp
import pytest
import uvicorn
from cri_shared import clock
from cri_shared.identity.store import Identity
from cri_shared.testing.identity import PASSWORD
from cri_shared.testing.processes import answers, free_port
from cri_shared.testing.waiting import until
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect

from tests.browser.visiting import overflows, violations
from tests.shared.toy_console import build

pytestmark = pytest.mark.browser
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class Office:
    """A console that runs in a thread, and the invitation of an officer."""

    url: str
    app: FastAPI
    server: uvicorn.Server
    token: str = ""
    secret: str = ""

    def run(self) -> None:
        asyncio.run(self._run())

    async def _run(self) -> None:
        identity: Identity = self.app.state.service.identity
        self.token = await identity.invite("leen@ngo.example", "Leen D.", ["officer"])
        self.secret = (await identity.invitation(self.token)).totp_secret
        await self.server.serve()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A running console that has a name."""
    port = free_port()
    url = f"http://localhost:{port}"
    app = build("intake", tmp_path, public_url=url)
    made = Office(url, app, uvicorn.Server(uvicorn.Config(app, port=port, log_config=None)))
    running = Thread(target=made.run)
    running.start()
    until(lambda: answers(port), timeout=20, what="the console")
    yield made
    made.server.should_exit = True
    running.join(20)


def _whole(page: Page) -> None:
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert not overflows(page), (page.url, width)
    assert violations(page) == [], page.url


def test_a_passkey_opens_the_console(browser: Browser, office: Office) -> None:
    url = office.url
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    page.goto(f"{url}/console/invited/{office.token}")
    page.fill("input[name=password]", PASSWORD)
    page.fill("input[name=code]", pyotp.TOTP(office.secret).at(clock.now()))
    page.click("main form button")
    page.goto(f"{url}/console/account")
    page.fill("input[name=name]", "This computer")
    _whole(page)
    page.click("text=Add a passkey")
    expect(page.locator("[role=status]")).to_have_text("You can sign in with this passkey now.")
    page.click("text=Change your password")
    page.fill("#old_password", PASSWORD)
    page.fill("#password", "short")
    page.fill("#again", "short")
    page.click("text=Change the password")
    expect(page.locator("#password-err")).to_contain_text("at least 15 characters")
    assert page.input_value("#old_password") == ""
    _whole(page)
    page.click("text=Sign out")
    _whole(page)
    page.click("text=Sign in with a passkey")
    page.wait_for_url(f"{url}/console/work")
    page.goto(f"{url}/console/account")
    expect(page.locator("main")).to_contain_text("This computer")
    page.click("text=Take away")
    page.click("text=Sign out")
    page.click("text=Sign in with a passkey")
    expect(page.locator(".errors, [data-passkey] [role=alert]").first).to_be_visible()
    page.close()
