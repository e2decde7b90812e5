"""A real browser on the platform that the demo leaves behind."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import chromium
from tests.browser.visiting import CONSOLES, Live
from tests.playing import PlayedDemo


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium without a window; ends before another suite starts a loop of its own."""
    path = chromium.find_or_install()
    if path is None:
        assert not chromium.required(), chromium.LEFT_OUT
        pytest.skip(chromium.LEFT_OUT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def live(played_demo: PlayedDemo) -> Live:
    """The platform after the demo."""
    return Live(played_demo.var)


@pytest.fixture(scope="package")
def axe_page(browser: Browser) -> Iterator[Page]:
    """One page for all accessibility runs: a new context for each takes three times as long."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    yield page
    page.close()


@pytest.fixture(scope="package")
def staff_page(browser: Browser, live: Live) -> Iterator[Page]:
    """A page that is signed in at every console, each as whoever works there."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    for service in CONSOLES:
        live.sign_in(page, service)
    yield page
    page.close()
