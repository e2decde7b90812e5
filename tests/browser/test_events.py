"""The operators' room in a real browser, on a service with dead letters."""

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from cri_shared.bus.dead_letters import Letter
from cri_shared.testing.commands import ServiceProcess
from cri_shared.testing.nats import NatsServer, fresh_streams
from playwright.sync_api import Browser, Page, expect

from tests.browser.visiting import open_page, overflows, violations
from tests.shared.consoles import LETTERS, ROOM, SECRET, cleared, opened

pytestmark = [pytest.mark.browser, pytest.mark.nats]
T = TypeVar("T")


@dataclass
class Prepared:
    """Dead letters of each kind, by event id, and an operator's cookie."""

    cookie: tuple[str, str]
    whole: str
    broken: str
    unknown: str


async def _prepare(directory: Path) -> Prepared:
    async with opened("research", directory) as console:
        await console.sign_in("operator")
        letters = [await console.bury(cleared(f"r{n}"), number=n) for n in range(1, 23)]
        broken = await console.bury(cleared("r23"), b"{}", number=23)
        subject, headers = "cri.intake.later.said.v9", {"ce-id": "INTAKE-24"}
        await console.keep(Letter("INTAKE-24", subject, headers, b"{}"), 24)
        await console.post(f"{ROOM}/retry/{broken}")
        await console.post(f"{ROOM}/drop/{letters[0]}", reason="A test of ours.\nIt came twice.")
        name = console.service.settings.cookie_name
        return Prepared((name, console.client.cookies[name]), letters[-1], broken, "INTAKE-24")


def _apart(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run in a thread: the browser has the loop of this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


@pytest.fixture
def prepared(tmp_path: Path) -> Prepared:
    return _apart(_prepare(tmp_path))


@pytest.fixture
def research(
    tmp_path: Path, prepared: Prepared, nats_server: NatsServer
) -> Iterator[ServiceProcess]:
    """Research in a process of its own, as it is deployed."""
    _apart(fresh_streams(nats_server.url))
    process = ServiceProcess("research", tmp_path, nats_url=nats_server.url).start()
    yield process
    process.stop()


@pytest.fixture
def page(browser: Browser, research: ServiceProcess, prepared: Prepared) -> Iterator[Page]:
    """A page of the signed-in operator."""
    context = browser.new_context()
    name, value = prepared.cookie
    context.add_cookies([{"name": name, "value": value, "url": research.url}])
    yield context.new_page()
    context.close()


def right(page: Page) -> None:
    """Nobody is shut out, and no word of a question is seen."""
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert not overflows(page), (page.url, width)
    assert violations(page) == [], page.url
    assert SECRET not in page.content()


def test_an_operator_looks_at_letters_tries_them_again_and_gives_one_up(
    page: Page, research: ServiceProcess, prepared: Prepared
) -> None:
    open_page(page, research.url + ROOM)
    expect(page.locator("#letters")).to_be_visible()
    right(page)
    for letter in (prepared.broken, prepared.unknown):
        open_page(page, f"{research.url}{LETTERS}/{letter}")
        right(page)
    open_page(page, f"{research.url}{LETTERS}/{prepared.whole}")
    page.get_by_role("button", name="Give up").click()
    expect(page.locator(".errors")).to_be_visible()
    right(page)
    page.fill("textarea[name=reason]", "It came twice.")
    page.get_by_role("button", name="Give up").click()
    expect(page.locator("main")).to_contain_text("The letter was given up.")
    expect(page.locator("main")).to_contain_text("It came twice.")
    page.get_by_role("button", name="Try all again").click()
    expect(page.locator("main")).to_contain_text("21 letters were handled.")
    expect(page.locator("main")).to_contain_text("1 failed again.")
    right(page)
