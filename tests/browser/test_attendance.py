"""A trainer notes who came on a phone, where the connection comes and goes, and without script."""

import asyncio
import datetime as dt
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from cri_shared import clock
from playwright.sync_api import Browser, Page, expect

from tests.browser.visiting import open_page
from tests.browser.working import fits, right
from tests.training.conftest import NOW, Training, start

pytestmark = pytest.mark.browser
DURING = dt.datetime(2026, 12, 15, 14, 0, tzinfo=dt.UTC)
PEOPLE = (
    "Ann Exempel",
    "Bob Voorbeeld",
    "Cas Exempel",
    "Dan Exempel",
    "Eve Exempel",
    "Fay Exempel",
)


@dataclass
class Held:
    """An edition that is held at this moment: its list, and the cookie of its trainer."""

    url: str
    cookie: dict[str, str]


async def _hold(training: Training) -> str:
    edition_id = await training.edition()
    await training.go_to(DURING)
    path = f"/console/editions/{edition_id}/attendance/1"
    for number, name in enumerate(PEOPLE):
        who = {"nonce": f"{number:032}", "name": name, "organisation": "Voorbeeldhuis"}
        assert (await training.post(f"{path}/walk-in", **who)).status_code == 303
    return path


async def _serve(
    directory: Path, url: str, held: list[Held], ready: threading.Event, over: threading.Event
) -> None:
    with clock.frozen(NOW):
        async for training in start(directory, public_url=url):
            path = await _hold(training)
            name = training.rig.settings.cookie_name
            held.append(Held(url + path, {"name": name, "value": training.client.cookies[name]}))
            port = int(url.rpartition(":")[2])
            config = uvicorn.Config(training.app, port=port, lifespan="off", log_level="error")
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve())
            while not server.started:  # noqa: ASYNC110 - uvicorn tells it in no other way
                await asyncio.sleep(0.01)
            ready.set()
            await asyncio.to_thread(over.wait)
            server.should_exit = True
            await serving


@contextmanager
def _held(directory: Path) -> Iterator[Held]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    held: list[Held] = []
    ready, over = threading.Event(), threading.Event()
    serving = threading.Thread(
        target=lambda: asyncio.run(_serve(directory, url, held, ready, over)), daemon=True
    )
    serving.start()
    assert ready.wait(60)
    try:
        yield held[0]
    finally:
        over.set()
        serving.join()


def _phone(browser: Browser, held: Held, *, script: bool = True) -> Page:
    context = browser.new_context(
        java_script_enabled=script, viewport={"width": 390, "height": 844}
    )
    context.add_cookies([{**held.cookie, "url": held.url}])  # type: ignore[list-item]
    return context.new_page()


def test_marks_wait_on_the_phone_until_there_is_a_connection(
    browser: Browser, tmp_path: Path
) -> None:
    with _held(tmp_path) as held:
        page = _phone(browser, held)
        open_page(page, held.url)
        right(page)
        page.set_viewport_size({"width": 390, "height": 844})
        page.fill("#find", "bob")
        expect(page.locator("li.person:visible")).to_have_count(1)
        page.context.set_offline(True)
        bob = page.locator("li.person:visible")
        bob.get_by_role("button", name="Absent").click()
        expect(bob.locator("[data-state]")).to_contain_text("not sent yet")
        expect(page.locator("#kept")).to_contain_text("Not sent yet: 1")
        kept = page.evaluate("JSON.stringify(localStorage)")
        assert "Bob" not in kept
        assert re.search(r"absent", kept)
        page.context.set_offline(False)
        expect(page.locator("#kept")).to_contain_text("Everything is sent")
        assert page.evaluate("localStorage.length") == 0
        page.reload()
        expect(page.locator("li.person", has_text="Bob").locator("[data-state]")).to_have_text(
            "Absent"
        )
        page.context.close()

        old = _phone(browser, held, script=False)
        open_page(old, held.url)
        ann = old.locator("li.person", has_text="Ann")
        ann.get_by_role("button", name="Absent").click()
        expect(old.locator("main")).to_contain_text("Saved.")
        expect(ann.locator("[data-state]")).to_have_text("Absent")
        fits(old)
        old.context.close()
