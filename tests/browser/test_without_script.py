"""An old phone without script: everything still works, and nothing that was typed is lost."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visiting import Live, open_page

pytestmark = pytest.mark.browser


@pytest.fixture
def old_phone(browser: Browser) -> Iterator[Page]:
    """A small screen and no JavaScript."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


def test_a_search_with_a_typo_finds_and_opens_an_answer(old_phone: Page, live: Live) -> None:
    open_page(old_phone, live.public("home", "en"))
    old_phone.fill("input[name=q]", "insuln")
    old_phone.locator("form[role=search] button, .searchbox button").first.click()
    expect(old_phone.locator("mark").first).to_contain_text("nsulin")
    old_phone.locator(".hit h3 a, h3 a").first.click()
    expect(old_phone.locator("h1")).to_contain_text("insulin")


def test_a_search_without_a_result_becomes_a_question(old_phone: Page, live: Live) -> None:
    open_page(old_phone, live.public("home", "en"))
    old_phone.fill("input[name=q]", "zeppelin moorings")
    old_phone.locator("form[role=search] button, .searchbox button").first.click()
    old_phone.locator("form[action*='/ask/start'] button").first.click()
    expect(old_phone.locator("textarea[name=question]")).to_have_value("zeppelin moorings")
    assert "zeppelin" not in old_phone.url


def test_a_form_with_a_mistake_comes_back_filled_in(old_phone: Page, live: Live) -> None:
    open_page(old_phone, live.public("ask", "fr"))
    old_phone.fill("textarea[name=question]", "Y a-t-il de l'insuline à Gyumri ?")
    old_phone.get_by_role("button", name="Envoyer").click()
    expect(old_phone.locator(".errors")).to_be_visible()
    expect(old_phone.locator("textarea[name=question]")).to_have_value(
        "Y a-t-il de l'insuline à Gyumri ?"
    )


def test_asking_gives_a_number_that_opens_the_question(old_phone: Page, live: Live) -> None:
    open_page(old_phone, live.public("ask", "nl"))
    old_phone.select_option("select[name=country]", "AM")
    old_phone.fill("textarea[name=question]", "Is er insuline in Gyumri te vinden?")
    old_phone.check("input[name=role][value=self]")
    old_phone.check("input[name=consent]")
    old_phone.get_by_role("button", name="Verstuur je vraag").click()
    expect(old_phone.locator("#existing")).to_contain_text("nsulin")  # it may be answered
    old_phone.get_by_role("button", name="Verstuur mijn vraag").click()
    number = old_phone.locator(".bigcode").inner_text()
    open_page(old_phone, live.public("follow", "nl"))
    old_phone.fill("input[name=receipt]", number)
    old_phone.locator("main form button").first.click()
    expect(old_phone.locator("main")).to_contain_text("Is er insuline in Gyumri te vinden?")
