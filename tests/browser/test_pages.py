"""Every page, as it comes out of the demo: reachable by all, right on a phone, light, and quiet."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from cri_shared.places import PUBLIC_LANGUAGES
from playwright.sync_api import Browser, Page

from tests.browser.touring import LOOKED_AT, TOURED, Seen, look_without_script, speaks, tour
from tests.browser.visiting import CONSOLES, PUBLIC, Live, open_page, overflows, violations

pytestmark = pytest.mark.browser
FIRST_VISIT = 30 * 1024  # bytes over the wire, with all that the page loads
LOADED = re.compile(r'<(?:link rel="(?:stylesheet|icon)" href|script src|img src)="([^"]+)"')


@pytest.fixture(scope="module")
def seen(browser: Browser, live: Live) -> Iterator[Seen]:
    """What a tour of all public pages found wrong."""
    page = browser.new_page()
    yield tour(page, live)
    page.close()


class TestPublicPages:
    def test_all_were_seen(self, seen: Seen) -> None:
        assert seen.pages == sum(speaks(name, tag) for name in PUBLIC for tag in TOURED)

    def test_nobody_is_shut_out(self, seen: Seen) -> None:
        assert seen.shut_out == []

    def test_nobody_without_script_is_shut_out_either(self, seen: Seen) -> None:
        assert [wrong for wrong in seen.shut_out if "without script" in wrong] == []
        scripted = ("results", "no results", "ask", "partner")
        assert seen.without_script == [
            f"{name} {tag}" for tag in LOOKED_AT for name in scripted if speaks(name, tag)
        ]
        assert seen.unlike_without_script == []

    def test_none_scrolls_sideways(self, seen: Seen) -> None:
        assert seen.too_wide == []

    def test_none_loses_anything_when_a_reader_spreads_the_letters(self, seen: Seen) -> None:
        assert seen.clipped_when_spaced == []

    def test_none_scrolls_sideways_when_letters_are_twice_as_large(self, seen: Seen) -> None:
        assert seen.too_wide_when_doubled == []

    def test_everything_on_a_phone_is_large_enough_to_touch(self, seen: Seen) -> None:
        assert seen.too_small == []

    def test_each_says_what_it_is_in_which_language_and_direction(self, seen: Seen) -> None:
        assert seen.misnamed == []


MENDED = """<!doctype html><html lang="en"><title>Mended</title><main><h1>Mended</h1>
<img src="data:,"></main><script src="/mend.js"></script>"""


def test_what_a_script_alone_mends_is_seen(browser: Browser) -> None:
    page = browser.new_page()
    page.route("**/page", lambda route: route.fulfill(body=MENDED, content_type="text/html"))
    page.route("**/mend.js", lambda route: route.fulfill(body="document.images[0].alt = 'Mended'"))
    open_page(page, "http://127.0.0.1/page")
    assert violations(page) == []
    look_without_script(page, seen := Seen(), "page", page.url)
    assert {wrong.split(":")[1].strip() for wrong in seen.shut_out} == {"image-alt"}
    page.close()


@pytest.mark.parametrize("name", sorted(CONSOLES))
def test_nobody_is_shut_out_of_a_console(staff_page: Page, live: Live, name: str) -> None:
    for url in live.console(staff_page, name):
        open_page(staff_page, url)
        assert violations(staff_page) == [], url


@pytest.mark.parametrize("width", [390, 1280])
def test_no_console_scrolls_sideways(staff_page: Page, live: Live, width: int) -> None:
    staff_page.set_viewport_size({"width": width, "height": 844})
    urls = [url for name in CONSOLES for url in live.console(staff_page, name)]
    assert [url for url in urls if _opened_too_wide(staff_page, url)] == []


def _opened_too_wide(page: Page, url: str) -> bool:
    open_page(page, url)
    return overflows(page)


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


@pytest.mark.parametrize("language", PUBLIC_LANGUAGES)
def test_a_first_visit_costs_at_most_thirty_kilobytes(live: Live, language: str) -> None:
    costs = {
        name: _first_visit(live.public(name, language)) for name in PUBLIC if speaks(name, language)
    }
    assert {name: cost for name, cost in costs.items() if cost > FIRST_VISIT} == {}


def _first_visit(url: str) -> int:
    """Bytes over the wire, headers included, of a page and what it loads."""
    with httpx.Client(headers={"accept-encoding": "gzip"}) as client:
        page = client.get(url)
        loads = [urljoin(url, found) for found in LOADED.findall(page.text)]
        answers = [page, *(client.get(one) for one in loads if not one.startswith("data:"))]
    assert len(answers) > 1
    return sum(
        answer.num_bytes_downloaded + sum(len(k) + len(v) + 4 for k, v in answer.headers.raw)
        for answer in answers
    )


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_keyboard_goes_through_a_page_as_it_is_read(
    browser: Browser, live: Live, language: str
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    for name in ("home", "results", "ask"):
        open_page(page, live.public(name, language))
        stops = []
        for _ in range(60):
            page.keyboard.press("Tab")
            stops.append(page.evaluate(STOP))
        order = stops[: stops.index(None) if None in stops else None]
        assert order[0]["skip"], name
        places = [stop["at"] for stop in order]
        assert places == sorted(places), name
        assert all(stop["seen"] for stop in order), name
    page.close()


STOP = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const all = [...document.querySelectorAll('*')], ring = getComputedStyle(e);
  return {at: all.indexOf(e), skip: e.matches('.skip'), seen: ring.outlineStyle !== 'none'};
}"""
