"""Asking with script on: answers that exist come while somebody types; the number is one page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visiting import Live, open_page, overflows, violations

pytestmark = pytest.mark.browser
QUESTION = "What does insulin cost in Gyumri?"
PAGES_OF_PDF = b"/Type /Page\n"


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A small screen with script on."""
    page = browser.new_page(viewport={"width": 390, "height": 844})
    yield page
    page.close()


def test_answers_that_exist_come_while_somebody_types(phone: Page, live: Live) -> None:
    open_page(phone, live.public("ask", "en"))
    phone.select_option("select[name=country]", "AM")
    phone.locator("textarea[name=question]").press_sequentially(QUESTION)
    expect(phone.locator("#existing-said")).to_contain_text("already")
    phone.locator("#existing summary").first.click()
    assert violations(phone) == []
    assert not overflows(phone)
    expect(phone.locator("textarea[name=question]")).to_have_value(QUESTION)
    assert "insulin" not in phone.url
    phone.get_by_role("button", name="This answers my question").first.click()
    expect(phone.locator("h1")).to_have_text("Good that there was an answer")


def test_words_that_fit_no_more_take_the_answers_away(phone: Page, live: Live) -> None:
    open_page(phone, live.public("ask", "en"))
    phone.select_option("select[name=country]", "AM")
    phone.locator("textarea[name=question]").press_sequentially(QUESTION)
    expect(phone.locator("#existing details").first).to_be_visible()
    phone.fill("textarea[name=question]", "Zeppelin moorings of all kinds")
    expect(phone.locator("#existing details")).to_have_count(0)


def test_the_number_is_printed_on_one_page(phone: Page, live: Live) -> None:
    open_page(phone, live.public("ask", "fr"))
    phone.select_option("select[name=country]", "NP")
    phone.fill("textarea[name=question]", "Un vol vers Pokhara en hiver, est-ce possible ?")
    phone.check("input[name=role][value=self]")
    phone.check("input[name=consent]")
    phone.get_by_role("button", name="Envoyer votre question").click()
    expect(phone.locator(".bigcode")).to_be_visible()
    expect(phone.locator("[data-print]")).to_be_visible()
    assert phone.pdf(format="A4").count(PAGES_OF_PDF) == 1
