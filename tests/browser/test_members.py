"""Somebody of a partner organisation, in a browser: its questions, its keys, and nobody else's."""

import datetime as dt
from collections.abc import Iterator

import pytest
from cri_intake.queries.cursors import cursor_of
from playwright.sync_api import Browser, Page, expect

from tests.browser.visiting import Live, open_page, overflows, violations

pytestmark = pytest.mark.browser
MIA = "mia@voorbeeldgem.example"
OURS = "/console/ours"
WIDTHS = (390, 1280)


@pytest.fixture(scope="module")
def mia(browser: Browser, live: Live) -> Iterator[Page]:
    """A page on which she is signed in."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    live.sign_in(page, "intake", MIA)
    yield page
    page.close()


def look(page: Page) -> list[str]:
    """What is wrong with the page that is open."""
    wrong = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        wrong += [f"{page.url} {width}: {one}" for one in violations(page)]
        wrong += [f"{page.url} {width} scrolls sideways"] if overflows(page) else []
    return wrong


def test_she_reads_what_became_of_her_organisations_questions_and_of_no_others(
    mia: Page, live: Live
) -> None:
    open_page(mia, live.url("intake", OURS))
    expect(mia.locator("main")).to_contain_text("CRI-DEMO-01")
    expect(mia.locator("main")).to_contain_text("CRI-DEMO-12")
    expect(mia.locator("main")).not_to_contain_text("CRI-DEMO-05")
    assert look(mia) == []
    mia.get_by_role("link", name="CRI-DEMO-01").click()
    expect(mia.locator("#answer")).to_contain_text("insulin")
    assert look(mia) == []
    answer = mia.goto(live.url("intake", "/console/questions"))
    assert answer is not None
    assert answer.status == 403


def test_older_questions_are_a_page_further(mia: Page, live: Live) -> None:
    open_page(mia, live.url("intake", OURS))
    newest = mia.locator("tbody tr").first
    when = newest.locator("time").first.get_attribute("datetime")
    link = newest.locator("a").get_attribute("href")
    assert when
    assert link
    after = cursor_of(dt.datetime.fromisoformat(when), link.rsplit("/", 1)[1])
    total = mia.locator("tbody tr").count()
    open_page(mia, live.url("intake", f"{OURS}?after={after}"))
    assert mia.locator("tbody tr").count() == total - 1
    assert look(mia) == []
    mia.get_by_role("link", name="Newest questions").click()
    assert mia.locator("tbody tr").count() == total


def test_her_keys_are_hers_to_change(mia: Page, live: Live) -> None:
    open_page(mia, live.url("intake", "/console/keys"))
    expect(mia.locator("h1")).to_contain_text("Onthaal Voorbeeldgem")
    assert look(mia) == []
