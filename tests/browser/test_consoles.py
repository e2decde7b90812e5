"""Staff at work in a real browser, on pages that hold something to do."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visiting import CONSOLES, Live, open_page, violations
from tests.browser.working import fits, follow, press, right

pytestmark = pytest.mark.browser
COUNTRY = "GE"  # that nobody else asks about
ASKED = "Ik ben Nadia. Is er insuline in Tbilisi? Bel mij: 0470 12 34 56."


def test_an_officer_leads_a_question_over_the_desk(staff_page: Page, live: Live) -> None:
    page = staff_page
    _ask(page, live)
    open_page(page, live.url("intake", f"/console/questions?country={COUNTRY}"))
    right(page)
    _take_by_keys(page)
    right(page)
    assert "Nadia" not in page.locator("main").inner_text()
    page.select_option("select[name=topic]", "health.medication")
    press(page, "/triage")
    right(page)
    follow(page, page.locator("main button[form=to-desk]"))
    expect(page.locator(".typed").first).to_contain_text("Nadia")
    right(page)
    page.fill("textarea[name=text]", "Is er insuline? Vraag het aan Nadia, 0470 12 34 56.")
    press(page, "/desk/preview")
    expect(page.locator(".errors")).to_be_visible()
    expect(page.locator("textarea[name=text]")).to_contain_text("Vraag het aan Nadia")
    right(page)
    _answer_by_keys(page)
    page.fill("textarea[name=text]", "Is er insuline in Tbilisi, en wat kost ze?")
    for box in page.locator("input[name^=check_][value=no]").all():
        box.check()
    press(page, "/desk/preview")
    expect(page.locator("main")).to_contain_text("Is er insuline in Tbilisi, en wat kost ze?")
    right(page)
    press(page, "/desk/release")
    expect(page.locator("main")).to_contain_text("Is er insuline in Tbilisi, en wat kost ze?")
    right(page)


def _take_by_keys(page: Page) -> None:
    """Look at the sheet of keys, tick the first question, take it and open it."""
    page.keyboard.press("?")
    expect(page.locator("[data-sheet]")).to_contain_text("Enter a phone call")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("td a.q").first).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator("input[name=chosen]").first).to_be_checked()
    page.keyboard.press("a")
    expect(page.locator("select[name=to]")).to_be_focused()
    follow(page, page.locator("main form[action*='/assign'] button"))
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _answer_by_keys(page: Page) -> None:
    """Take over what the desk suggests for a name and a number, and look again."""
    suggested = page.locator("[data-suspect]")
    expect(suggested).to_have_count(2)
    suggested.first.locator("input[value=accept]").focus()
    page.keyboard.press("d")
    expect(suggested.first.locator("select")).to_be_focused()
    page.keyboard.press("Enter")  # no reason yet, so it stays open
    expect(suggested.nth(1).locator("input[value=accept]")).to_be_focused()
    page.keyboard.press("r")
    page.keyboard.type("het algemene nummer")
    page.keyboard.press("Enter")
    expect(suggested.first.locator("input[value=keep]")).to_be_focused()
    page.keyboard.press("a")
    expect(page.locator("[data-said]")).to_contain_text("2 of 2")
    expect(page.locator(".point input").first).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    text = page.locator("textarea[name=text]")
    expect(text).to_have_value("Is er insuline? Vraag het aan een persoon, het algemene nummer.")
    right(page)


def _ask(page: Page, live: Live) -> None:
    open_page(page, live.public("ask", "nl"))
    page.select_option("select[name=country]", COUNTRY)
    page.fill("textarea[name=question]", ASKED)
    page.check("input[name=role][value=self]")
    page.check("input[name=consent]")
    follow(page, page.get_by_role("button", name="Verstuur"))
    expect(page.locator(".bigcode")).to_be_visible()
    right(page)


def test_people_go_from_one_console_to_another(staff_page: Page, live: Live) -> None:
    known = staff_page.context.storage_state()
    page = staff_page.context.browser.new_context(storage_state=known).new_page()  # type: ignore[union-attr]
    open_page(page, live.url("intake", "/console/account"))
    follow(page, page.locator("button[name=target][value=research]"))
    assert page.url.startswith(live.url("research", "/console"))
    assert "/sign-in" not in page.url
    page.context.close()


PLACES: dict[str, Callable[[Live], str]] = {
    "a new edition": lambda live: live.url("training", "/console/editions/new"),
    "a new workshop": lambda live: live.url("training", "/console/workshops/new"),
    "a new partner": lambda live: live.url("research", "/console/partners/new"),
    "the countries' policies": lambda live: live.url("research", "/console/countries"),
    "an account": lambda live: live.url("training", "/console/account"),
    "the desk's figures": lambda live: live.url("intake", "/console/figures"),
    "statistics": lambda live: live.url("intake", "/console/statistics"),
    "who can help": lambda live: live.url("intake", "/console/referrals"),
    "a new one who can help": lambda live: live.url("intake", "/console/referrals/new"),
    "what is done": lambda live: live.url("intake", "/console/questions?view=done"),
    "editions held": lambda live: live.url("training", "/console/editions?view=held"),
}


@pytest.mark.parametrize("what", PLACES)
def test_forms_and_lists_are_right(staff_page: Page, live: Live, what: str) -> None:
    open_page(staff_page, PLACES[what](live))
    right(staff_page)


def test_a_coder_reads_texts_and_finds_them_counted(staff_page: Page, live: Live) -> None:
    with staff_page.context.browser.new_context() as context:  # type: ignore[union-attr]
        page = context.new_page()
        live.sign_in(page, "training", "mira@staff.example")
        for path in ("texts", "code-book", "texts/agreement", "obstacles"):
            open_page(page, live.url("training", f"/console/{path}"))
            right(page)
        expect(page.locator("table.bars")).to_contain_text("No prices known")
        for path in ("texts", "code-book"):
            open_page(page, live.url("training", f"/console/{path}"))
            follow(page, page.locator("main td a.q").first)
            right(page)


@pytest.mark.parametrize("service", CONSOLES)
def test_every_page_of_a_menu_has_room_for_longer_words(
    staff_page: Page, live: Live, service: str
) -> None:
    page = staff_page
    _speak(page, live, service, "nl")
    try:
        menu = page.eval_on_selector_all("nav .nav a", "all => all.map(a => a.href)")
        assert len(menu) > 2
        for url in dict.fromkeys(menu):
            open_page(page, url)
            fits(page)
    finally:
        _speak(page, live, service, "en")


def _speak(page: Page, live: Live, service: str, language: str) -> None:
    """Choose the language of a console."""
    open_page(page, live.url(service, "/console/account"))
    page.select_option("select[name=language]", language)
    press(page, "/account/language")


def test_a_trainer_reads_who_came_and_what_they_thought(staff_page: Page, live: Live) -> None:
    page = staff_page
    open_page(page, live.url("training", "/console/editions?view=held"))
    follow(page, page.locator("main td a").first)
    right(page)
    edition = page.url
    for part in ("participants", "participants/print", "feedback"):
        open_page(page, f"{edition}/{part}")
        right(page)
