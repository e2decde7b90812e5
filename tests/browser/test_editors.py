"""The day of an editor and of who approves: from the first number to what readers see."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_consoles import follow, press, right
from tests.browser.visiting import Live, open_page

pytestmark = pytest.mark.browser
SECOND = "chantal@staff.example"


@pytest.fixture(params=["script", "no script"])
def editor(request: pytest.FixtureRequest, staff_page: Page) -> Iterator[Page]:
    """Who writes, with and without script."""
    if request.param == "script":
        yield staff_page
        return
    browser = staff_page.context.browser
    assert browser is not None
    known = staff_page.context.storage_state()
    context = browser.new_context(storage_state=known, java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def approver(browser: Browser, live: Live) -> Iterator[Page]:
    """Another editor, on a phone without script."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    live.sign_in(page, "publishing", SECOND)
    yield page
    context.close()


def test_a_text_goes_from_its_editor_over_another_to_its_readers(
    editor: Page, approver: Page, live: Live, staff_page: Page
) -> None:
    scripted = editor is staff_page
    _look_round(editor, live, everywhere=scripted)
    press(editor, "/revise")
    _write(editor, scripted=scripted)
    entry = editor.url
    _hand_in(editor)
    open_page(approver, entry)
    follow(approver, approver.locator("main a[href*='/versions/']").first)
    expect(approver.locator("main ol li").first).to_be_visible()
    approver.go_back()
    approver.fill("textarea[name=comment]", "Say where it was seen.")
    press(approver, "/return")
    open_page(editor, entry)
    expect(editor.locator(".note.warn").first).to_contain_text("Say where it was seen.")
    _hand_in(editor)
    open_page(approver, entry)
    press(approver, "/approve")
    open_page(editor, entry)
    expect(editor.locator("form[action$='/revise']")).to_be_visible()
    follow(editor, editor.locator("main a[href*='/compare?']").first)
    expect(editor.locator("ins").nth(1)).to_contain_text("2026")
    if scripted:
        right(editor)


def _look_round(page: Page, live: Live, *, everywhere: bool) -> None:
    """The morning: what is covered, what changed, what is gone; then the first public entry."""
    for room in ("changes/new", "links", "coverage"):
        open_page(page, live.url("publishing", f"/console/{room}"))
        if everywhere:
            right(page)
    follow(page, page.locator(".matrix td a[href*='view=published']").first)
    follow(page, page.locator("td a.q").first)
    assert re.search(r"/console/entries/[\w-]{16,40}$", page.url), page.url


def _write(page: Page, *, scripted: bool) -> None:
    """The rules answer what is typed; then it is mended and saved."""
    answer = page.locator("textarea[name=answer]")
    before = answer.input_value()
    answer.fill(f"{before} It costs 400 euro.")
    if not scripted:
        follow(page, page.locator("main form button[value=check]"))
    expect(page.locator("[data-problems]")).to_contain_text("400 euro")
    expect(answer).to_have_value(f"{before} It costs 400 euro.")
    if scripted:
        right(page)
    answer.fill(f"{before} (2026)")
    page.fill("textarea[name=change_note]", "Seen again in 2026.")
    follow(page, page.locator("main form button[value=save]"))


def _hand_in(page: Page) -> None:
    """Send the text to review, with a reason where the page asks for one."""
    form = page.locator("form[action$='/submit']")
    for choice in form.locator("select").all():
        choice.select_option(index=1)
    for reason in form.locator("textarea[name=reason]").all():
        reason.fill("Nothing here tells who asked.")
    press(page, "/submit")
    expect(page.locator("form[action$='/take-back']")).to_be_visible()
