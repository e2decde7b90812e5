"""A reader of Arabic finds, reads, does not find, asks and follows, with script and without."""

from contextlib import nullcontext

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.touring import without_script
from tests.browser.visiting import Live, open_page, overflows, violations

pytestmark = pytest.mark.browser
SOUGHT = "منطاد زبلن"
ASKED = "هل يوجد نادٍ لهواة المناطيد في غيومري؟"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_from_a_search_to_an_answer_and_from_nothing_to_a_question(
    browser: Browser, live: Live, script: bool
) -> None:
    phone = browser.new_page(viewport={"width": 390, "height": 844})
    with nullcontext() if script else without_script(phone):
        _find_and_read(phone, live)
        _find_nothing(phone, live)
        _ask_amiss(phone)
        assert violations(phone) == []
        number = _ask(phone)
        assert violations(phone) == []
        open_page(phone, live.public("follow", "ar"))
        phone.fill("input[name=receipt]", number)
        phone.locator("main form[action$='/follow'] button").click()
        expect(phone.locator("main")).to_contain_text(ASKED)
        _right(phone)
        assert violations(phone) == []
    phone.close()


def _find_and_read(phone: Page, live: Live) -> None:
    open_page(phone, live.public("home", "ar"))
    phone.fill("input[name=q]", "insuln")
    phone.locator(".searchbox button").click()
    phone.locator(".hit h3 a").first.click()
    expect(phone.locator("h1")).to_have_attribute("dir", "ltr")
    expect(phone.locator("h1")).to_contain_text("insulin")
    expect(phone.locator("main .note", has_text="الإنجليزية")).to_be_visible()
    _right(phone)


def _find_nothing(phone: Page, live: Live) -> None:
    open_page(phone, live.public("results", "ar"))
    phone.fill("input[name=q]", SOUGHT)
    phone.locator(".searchbox button").click()
    expect(phone.locator("#results h2").first).to_have_text("لم نجد أي جواب")
    expect(phone.locator("#results input[name=question]")).to_have_value(SOUGHT)
    phone.locator("form[action*='/ask/start'] button").click()
    expect(phone.locator("textarea[name=question]")).to_have_value(SOUGHT)
    assert "/ar/" in phone.url


def _ask_amiss(phone: Page) -> None:
    phone.fill("textarea[name=question]", ASKED)
    phone.locator("main form[action$='/ask'] > button").click()
    expect(phone.locator(".errors h2")).to_have_text("هناك مشكلة")
    expect(phone.locator("textarea[name=question]")).to_have_value(ASKED)
    _right(phone)


def _ask(phone: Page) -> str:
    phone.select_option("select[name=country]", "AM")
    phone.check("input[name=role][value=self]")
    phone.check("input[name=consent]")
    phone.locator("main form[action$='/ask'] > button").click()
    expect(phone.locator(".bigcode bdi")).to_have_attribute("dir", "ltr")
    _right(phone)
    return phone.locator(".bigcode").inner_text()


def _right(phone: Page) -> None:
    assert phone.locator("html").get_attribute("dir") == "rtl"
    assert not overflows(phone), phone.url
