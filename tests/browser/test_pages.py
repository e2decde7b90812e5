"""Every page, as it comes out of the demo: reachable by all, right on a phone, light, and quiet."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.visiting import CONSOLES, PUBLIC, Live, open_page, overflows, violations

pytestmark = pytest.mark.browser
LANGUAGES = ("en", "fr", "nl")
# Links within a sentence, and boxes whose whole label can be touched, may be smaller (WCAG 2.5.8).
SMALL = """() => [...document.querySelectorAll('a,button,input,select,summary,textarea')]
.filter(e => {
  const box = e.getBoundingClientRect();
  if (!box.width || !box.height || e.closest('.vh,.trap,.skip')) return false;
  const inline = getComputedStyle(e).display.startsWith('inline') && e.tagName === 'A'
    && e.closest('p,h2,h3,dd,td,th,li,cite,span');
  return !inline && !e.closest('label.tick') && (box.width < 24 || box.height < 24);
}).map(e => e.outerHTML.slice(0, 100))"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_nobody_is_shut_out_of_a_public_page(
    axe_page: Page, live: Live, name: str, scheme: str
) -> None:
    axe_page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    open_page(axe_page, live.public(name, "en"))
    assert violations(axe_page) == []


@pytest.mark.parametrize("name", sorted(CONSOLES))
def test_nobody_is_shut_out_of_a_console(staff_page: Page, live: Live, name: str) -> None:
    for url in live.console(staff_page, name):
        open_page(staff_page, url)
        assert violations(staff_page) == [], url


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_public_page_scrolls_sideways(browser: Browser, live: Live, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844})
    wide = [
        f"{name} {language}"
        for name in PUBLIC
        for language in LANGUAGES
        if _opened_too_wide(page, live.public(name, language))
    ]
    page.close()
    assert wide == []


@pytest.mark.parametrize("width", [390, 1280])
def test_no_console_scrolls_sideways(staff_page: Page, live: Live, width: int) -> None:
    staff_page.set_viewport_size({"width": width, "height": 844})
    urls = [url for name in CONSOLES for url in live.console(staff_page, name)]
    assert [url for url in urls if _opened_too_wide(staff_page, url)] == []


def _opened_too_wide(page: Page, url: str) -> bool:
    open_page(page, url)
    return overflows(page)


def test_everything_on_a_phone_is_large_enough_to_touch(browser: Browser, live: Live) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    for name in PUBLIC:
        open_page(page, live.public(name, "en"))
        assert page.evaluate(SMALL) == [], name
    page.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_page_says_what_it_is_and_in_which_language(
    browser: Browser, live: Live, language: str
) -> None:
    page = browser.new_page()
    for name in PUBLIC:
        open_page(page, live.public(name, language))
        heading = page.locator("h1").inner_text().strip()
        assert page.locator("h1").count() == 1, name
        assert heading[:60] in page.title(), (name, page.title(), heading)
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("html").get_attribute("dir") == "ltr"
    page.close()


def test_a_visitor_is_not_followed(browser: Browser, live: Live) -> None:
    """No cookie, no request to anybody else, nothing on the console, on any public page."""
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    trouble: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: trouble.append(said.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    for name in PUBLIC:
        open_page(page, live.public(name, "en"))
    hosts = {urlsplit(url).hostname for url in asked if not url.startswith("data:")}
    assert hosts == {"127.0.0.1"}
    assert trouble == []
    assert context.cookies() == []
    context.close()


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_first_visit_costs_at_most_thirty_kilobytes(
    browser: Browser, live: Live, name: str
) -> None:
    context = browser.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    received: list[float] = []
    session.on("Network.loadingFinished", lambda done: received.append(done["encodedDataLength"]))
    page.goto(live.public(name, "en"), wait_until="networkidle")
    context.close()
    assert 0 < sum(received) <= 30 * 1024
