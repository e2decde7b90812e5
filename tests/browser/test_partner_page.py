"""A partner who reads Arabic mistypes, and forgets something: each page says so to everybody."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.serving import PHONE, serving
from tests.browser.visiting import open_page
from tests.browser.working import follow, right
from tests.research.conftest import started

pytestmark = pytest.mark.browser
HALF = "The pharmacy on the square had both types in stock."
WRONG = "AAAAA-AAAAA"


def test_a_wrong_code_and_half_an_answer_shut_nobody_out(browser: Browser, tmp_path: Path) -> None:
    with serving(lambda url: started(tmp_path, public_url=url)) as here:
        letter = here.do(here.started.sent())
        phone = browser.new_page(viewport=PHONE)
        open_page(phone, f"{here.url}/ar/partner")
        phone.fill("#code", WRONG)
        follow(phone, phone.locator("#by-code button"))
        says_what_is_wrong(phone)
        phone.fill("#code", letter.code)
        follow(phone, phone.locator("#by-code button"))
        follow(phone, phone.locator("form[action$='/partner/accept'] button"))
        phone.fill("#text", HALF)
        follow(phone, phone.locator("#answer-form button[value=send]"))
        says_what_is_wrong(phone)
        expect(phone.locator("#text")).to_have_value(HALF)
        phone.close()


def says_what_is_wrong(phone: Page) -> None:
    """From right to left, where everybody finds it, on a phone and on a desk."""
    expect(phone.locator(".errors")).to_be_visible()
    expect(phone.locator("html")).to_have_attribute("dir", "rtl")
    right(phone)
    phone.set_viewport_size(PHONE)
