"""An editor's morning: from what is covered to a text that is checked while it is written."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_consoles import follow, press, right
from tests.browser.visiting import Live, open_page

pytestmark = pytest.mark.browser


def test_an_editor_looks_round_and_the_rules_answer_what_is_typed(
    staff_page: Page, live: Live
) -> None:
    page = staff_page
    for room in ("changes/new", "links", "coverage"):
        open_page(page, live.url("publishing", f"/console/{room}"))
        right(page)
    follow(page, page.locator(".matrix td a[href*='view=published']").first)
    expect(page.locator("td a.q").first).to_be_visible()
    open_page(page, live.url("publishing", "/console/entries?view=published"))
    follow(page, page.locator("td a.q").first)
    assert re.search(r"/console/entries/[\w-]{16,40}$", page.url), page.url
    press(page, "/revise")
    answer = page.locator("textarea[name=answer]")
    before = answer.input_value()
    answer.fill(f"{before}\n\nIt costs 400 euro.")
    expect(page.locator("[data-problems]")).to_contain_text("400 euro")
    expect(answer).to_have_value(f"{before}\n\nIt costs 400 euro.")
    right(page)
