"""The API references, in a real browser: for everybody, on every screen, without anybody else."""

from urllib.parse import urlsplit

import pytest
from cri_shared.events import SERVICES
from playwright.sync_api import Browser, Page, expect

from tests.browser.touring import SMALL
from tests.browser.visiting import Live, open_page, overflows, violations

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("scheme", "language"), [("light", "nl"), ("dark", "fr")])
@pytest.mark.parametrize("service", SERVICES)
def test_nobody_is_shut_out(
    axe_page: Page, live: Live, service: str, scheme: str, language: str
) -> None:
    axe_page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    open_page(axe_page, live.url(service, f"/api/docs?lang={language}"))
    assert violations(axe_page) == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_none_scrolls_sideways(browser: Browser, live: Live, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844})
    for service in SERVICES:
        open_page(page, live.url(service, "/api/docs"))
        assert not overflows(page), service
        assert page.evaluate(SMALL) == [], service
    page.close()


def test_it_is_read_without_script_and_asks_nobody_else(browser: Browser, live: Live) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    asked: list[str] = []
    trouble: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: trouble.append(said.text))
    open_page(page, live.url("intake", "/api/docs?lang=en"))
    page.locator("nav.contents a", has_text="POST /api/v1/questions/batch").click()
    expect(page.locator("#post_batch h2")).to_be_in_viewport()
    page.locator("#post_batch summary").click()
    expect(page.locator("#post_batch details pre")).to_be_visible()
    page.get_by_role("link", name="Nederlands").click()
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    assert {urlsplit(url).hostname for url in asked} == {"127.0.0.1"}
    assert trouble == []
    assert context.cookies() == []
    context.close()
