"""A partner types on a phone whose connection comes and goes: the page says what is kept."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.hostile import Seen, seen
from tests.browser.visiting import overflows, violations
from tests.research.conftest import started

pytestmark = pytest.mark.browser
SITE = "http://partner.example"
HALF = "A day centre is open on weekdays"


async def _page(directory: Path) -> Seen:
    """The page of a question that a partner accepted, with its form for the answer."""
    async with started(directory) as research:
        letter = await research.sent()
        async with research.phone() as phone:
            await phone.open(letter)
            await phone.post("accept")
            return await seen("form", phone.client, await phone.client.get("/en/partner"))


class Server:
    """Gives the page and its files, and keeps what is sent to it unless the connection is gone."""

    def __init__(self, form: Seen) -> None:
        self.form = form
        self.connected = True
        self.kept: list[tuple[str, str]] = []  # what for, and the text

    def answer(self, route: Route) -> None:
        """Answer one request."""
        path = route.request.url.removeprefix(SITE)
        sent = parse_qs(route.request.post_data or "")
        if not self.connected:
            route.abort("internetdisconnected")
        elif sent:
            self.kept.append((sent["do"][0], sent["text"][0]))
            route.fulfill(status=204)
        else:
            found = self.form.assets.get(path, self.form.answer)
            wanted = ("content-type", "content-security-policy")
            headers = {name: found.headers[name] for name in wanted if name in found.headers}
            route.fulfill(status=200, headers=headers, body=found.content)


@pytest.fixture
def server(tmp_path: Path) -> Server:
    """What stands behind the phone."""
    with ThreadPoolExecutor(1) as apart:  # the browser has a loop of its own
        return Server(apart.submit(asyncio.run, _page(tmp_path)).result())


def test_what_is_typed_is_kept_and_a_lost_connection_is_told_and_loses_nothing(
    browser: Browser, server: Server
) -> None:
    phone = browser.new_page(viewport={"width": 390, "height": 844})
    phone.route("**/*", server.answer)
    phone.goto(f"{SITE}/en/partner")
    assert violations(phone) == []
    assert not overflows(phone)
    kept = phone.locator("#kept")
    phone.fill("#text", HALF)
    expect(kept).to_contain_text("Kept at")
    assert server.kept == [("keep", HALF)]
    server.connected = False
    phone.fill("#text", f"{HALF}, from nine.")
    phone.get_by_role("button", name="Send the answer").click()
    expect(kept).to_contain_text("No connection. What you typed is still on this page")
    expect(kept).to_be_focused()
    expect(phone.locator("#text")).to_have_value(f"{HALF}, from nine.")
    server.connected = True
    _come_back(phone)
    expect(kept).to_contain_text("Kept at")
    with phone.expect_request(lambda asked: "do=send" in (asked.post_data or "")):
        phone.get_by_role("button", name="Send the answer").click()
    expect(phone.locator("#text")).to_have_value(f"{HALF}, from nine.")
    assert {text for _, text in server.kept[1:]} == {f"{HALF}, from nine."}
    assert phone.evaluate("localStorage.length + sessionStorage.length") == 0
    phone.close()


def _come_back(phone: Page) -> None:
    """The phone hears that there is a connection again."""
    phone.evaluate("dispatchEvent(new Event('online'))")
