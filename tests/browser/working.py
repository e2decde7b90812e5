"""What staff do on every page: follow a link, send a form, and find nobody shut out."""

from playwright.sync_api import Locator, Page

from tests.browser.touring import SMALL
from tests.browser.visiting import overflows, violations

WIDTHS = (390, 1280)


def follow(page: Page, where: Locator) -> None:
    """Click on what leads to another page, and wait until that is there."""
    with page.expect_navigation():
        where.click()


def press(page: Page, action: str) -> None:
    """Send the form with this action."""
    follow(page, page.locator(f"main form[action$='{action}'] button").first)


def fits(page: Page, *, by_axe: bool = False) -> None:
    """This page has room on a desk and on a phone, and a finger finds everything."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert not overflows(page), (page.url, width)
        assert width > 390 or page.evaluate(SMALL) == [], page.url
        found = violations(page) if by_axe else []
        assert found == [], (page.url, width, found)


def right(page: Page) -> None:
    """Nobody is shut out of this page, on a desk or on a phone; needs script."""
    fits(page, by_axe=True)
