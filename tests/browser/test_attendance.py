"""A trainer notes who came on a phone, where the connection comes and goes, and without script."""

import datetime as dt
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visiting import open_page
from tests.browser.working import fits, right
from tests.browser.workshops import served
from tests.training.conftest import Training

pytestmark = pytest.mark.browser
DURING = dt.datetime(2026, 12, 15, 14, 0, tzinfo=dt.UTC)
PEOPLE = (
    "Ann Exempel",
    "Bob Voorbeeld",
    "Cas Exempel",
    "Dan Exempel",
    "Eve Exempel",
    "Fay Exempel",
)


async def _hold(training: Training) -> str:
    """An edition that is held at this moment; gives the path of its list."""
    edition_id = await training.edition()
    await training.go_to(DURING)
    path = f"/console/editions/{edition_id}/attendance/1"
    for number, name in enumerate(PEOPLE):
        who = {"nonce": f"{number:032}", "name": name, "organisation": "Voorbeeldhuis"}
        assert (await training.post(f"{path}/walk-in", **who)).status_code == 303
    return path


def test_marks_wait_on_the_phone_until_there_is_a_connection(
    browser: Browser, tmp_path: Path
) -> None:
    with served(tmp_path) as here:
        url = here.url + here.do(_hold(here.training))
        page = here.phone(browser, script=True, trainer=True)
        open_page(page, url)
        right(page)
        page.set_viewport_size({"width": 390, "height": 844})
        page.fill("#find", "bob")
        expect(page.locator("li.person:visible")).to_have_count(1)
        page.context.set_offline(True)
        bob = page.locator("li.person:visible")
        bob.get_by_role("button", name="Absent").click()
        expect(bob.locator("[data-state]")).to_contain_text("not sent yet")
        expect(page.locator("#kept")).to_contain_text("Not sent yet: 1")
        kept = page.evaluate("JSON.stringify(localStorage)")
        assert "Bob" not in kept
        assert re.search(r"absent", kept)
        page.context.set_offline(False)
        expect(page.locator("#kept")).to_contain_text("Everything is sent")
        assert page.evaluate("localStorage.length") == 0
        page.reload()
        expect(page.locator("li.person", has_text="Bob").locator("[data-state]")).to_have_text(
            "Absent"
        )
        page.context.close()

        old = here.phone(browser, script=False, trainer=True)
        open_page(old, url)
        ann = old.locator("li.person", has_text="Ann")
        ann.get_by_role("button", name="Absent").click()
        expect(old.locator("main")).to_contain_text("Saved.")
        expect(ann.locator("[data-state]")).to_have_text("Absent")
        fits(old)
        old.context.close()
