"""A coordinator's day and a partner's, about a question of their own: with script, and without."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from cri_shared.testing.waiting import until
from cri_stack.demo.people.mailbox import Mailbox
from playwright.sync_api import Browser, CDPSession, Locator, Page, expect

from tests.browser.desks import ADDRESS, COUNTRY, PARTNER, found_desk, released
from tests.browser.visiting import Live, open_page, overflows, violations
from tests.browser.working import follow, press, right
from tests.research.conftest import good_answer

pytestmark = pytest.mark.browser
Look = Callable[[Page], None]
HALF = "A centre in the public hospital is open on weekdays"
ANSWER = f"{HALF}, from eight in the morning."
LINK, CODE = r"http\S+/partner#\S+", r"\b[A-Z2-9]{5}-[A-Z2-9]{5}\b"


@pytest.fixture(scope="module")
def mailbox(staff_page: Page, live: Live) -> Mailbox:
    """The mails of the partner whom the desk will choose."""
    found_desk(staff_page, live)
    return Mailbox(live.layout.mails, ADDRESS)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_coordinator_and_a_partner_find_an_answer(
    browser: Browser, staff_page: Page, live: Live, mailbox: Mailbox, script: bool
) -> None:
    text = released(staff_page, live, "un centre de dialyse" if script else "un kinésithérapeute")
    known = staff_page.context.storage_state()
    desk = browser.new_context(
        java_script_enabled=script,
        storage_state=known,
        viewport={"width": 1280, "height": 900},
    )
    phone = browser.new_context(
        java_script_enabled=script, viewport={"width": 390, "height": 844}, has_touch=True
    )

    def meanwhile() -> None:
        partners_day(phone.new_page(), mailbox.new(service="research"), text, script=script)

    with desk, phone:
        look: Look = right if script else lambda _page: None
        coordinators_day(desk.new_page(), live, text, meanwhile, look)


def coordinators_day(
    page: Page, live: Live, text: str, meanwhile: Callable[[], None], look: Look
) -> None:
    """From the board of a desk to the list of what is done; in between, a partner answers."""
    board = live.url("research", "/console/questions")
    asked = page.locator("td a.q", has_text=text)
    open_page(page, board)
    page.select_option("select[name=desk]", "mine")
    follow(page, page.locator("main form.sift button"))
    _come(page, asked)
    follow(page, asked)
    research_id = page.url.rsplit("/", 1)[1]
    _send(page, look)
    open_page(page, live.url("research", "/console/reminders"))
    planned = page.locator(f"tr:has(a[href*='{research_id}'])").first
    expect(planned).to_contain_text("Reminder to the partner")
    expect(planned).to_contain_text(PARTNER)
    meanwhile()
    open_page(page, f"{board}?view=to_review&country={COUNTRY}")
    _come(page, asked)
    follow(page, asked)
    _approve(page, look)
    open_page(page, f"{board}?view=approved&country={COUNTRY}")
    expect(asked).to_be_visible()
    assert f"{research_id},approved,{COUNTRY}" in _taken_along(page)
    open_page(page, live.url("research", "/console/gaps"))
    expect(page.locator("tbody tr").first).to_be_visible()
    look(page)


def _send(page: Page, look: Look) -> None:
    """Choose a partner who is not the first of the list: the page wants to know why."""
    chosen = page.locator("form[action$='/dispatch'] label", has_text=PARTNER).locator("input")
    chosen.check()
    press(page, "/dispatch")
    expect(page.locator(".errors")).to_contain_text("Write why you choose this partner")
    expect(chosen).to_be_checked()
    page.fill("form[action$='/dispatch'] [name=reason]", "They work in this hospital.")
    press(page, "/dispatch")
    expect(page.get_by_role("status").first).to_have_text("The question is with the partner.")
    look(page)


def _approve(page: Page, look: Look) -> None:
    """Read what came in, and let it go."""
    follow(page, page.get_by_role("link", name="Review this answer"))
    expect(page.locator("textarea[name=text]")).to_have_value(ANSWER)
    look(page)
    points = page.locator("input[name=seen]")
    if points.count():
        points.check()
    press(page, "/approve")
    expect(page.get_by_role("status").first).to_have_text("The answer is approved and on its way.")


def _come(page: Page, awaited: Locator) -> None:
    """Look again until it is on the page: events bring it."""

    def is_there() -> bool:
        if not awaited.count():
            page.reload()
        return awaited.count() > 0

    until(is_there, what=f"{awaited} on {page.url}")


def _taken_along(page: Page) -> str:
    """The list that is shown, as the file that somebody takes along."""
    with page.expect_download() as taken:
        page.get_by_role("link", name="Take this list along (CSV)").click()
    return taken.value.path().read_text("utf-8-sig")


def partners_day(phone: Page, letter: str, text: str, *, script: bool) -> None:
    """From the mail to “We have your answer”, on a phone with a slow line."""
    line = Line(phone.context.new_cdp_session(phone))
    line.becomes(offline=False)
    _open_link(phone, letter, script=script)
    expect(phone.locator(".typed").first).to_have_text(text)
    assert not overflows(phone)
    follow(phone, phone.get_by_role("button", name="Accept the question"))
    phone.fill("#text", HALF)
    follow(phone, phone.get_by_role("button", name="Keep it for later"))
    expect(phone.get_by_text("We kept what you typed.")).to_be_visible()
    expect(phone.locator("#text")).to_have_value(HALF)
    _read_from_right_to_left(phone, script=script)
    if script:
        _lose_the_line(phone, line)
    phone.locator("details:has([name=source_2_kind]) > summary").first.click()
    found = good_answer(text=ANSWER)
    del found["do"]  # a button
    _fill(phone, found)
    assert not overflows(phone)
    follow(phone, phone.get_by_role("button", name="Send the answer"))
    received = phone.get_by_role("status").filter(has_text="We have your answer. Thank you.")
    expect(received).to_be_visible()
    assert not overflows(phone)
    follow(phone, phone.get_by_role("button", name="Close this page"))
    expect(phone.locator("#by-code")).to_be_visible()


def _read_from_right_to_left(phone: Page, *, script: bool) -> None:
    """The page in Arabic and in Dari: nothing of the draft is lost, and nothing sticks out."""
    for lang in ("ar", "fa-AF", "en"):
        follow(phone, phone.locator(f".langs a[hreflang={lang}]"))
        expect(phone.locator("html")).to_have_attribute("dir", "ltr" if lang == "en" else "rtl")
        expect(phone.locator("#text")).to_have_value(HALF)
        assert not overflows(phone)
        assert not script or violations(phone) == []


def _open_link(phone: Page, letter: str, *, script: bool) -> None:
    """Press the button behind the link; who has no script types the code."""
    link, code = re.search(LINK, letter), re.search(CODE, letter)
    assert link, letter
    assert code, letter
    open_page(phone, link[0])
    if not script:
        phone.fill("#code", code[0])
    follow(phone, phone.locator("#by-link button" if script else "#by-code button"))


def _fill(phone: Page, fields: dict[str, str]) -> None:
    """Fill in the answer, as far as the form is unfolded."""
    for name, value in fields.items():
        field = phone.locator(f"#answer-form [name={name}]")
        kind = field.first.get_attribute("type")
        if kind in ("radio", "checkbox"):
            phone.check(f"#answer-form [name={name}][value={value}]")
        elif field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        elif field.is_visible():
            field.fill(value)


def _lose_the_line(phone: Page, line: "Line") -> None:
    """What is typed is kept while one types; without a line the page holds it and says so."""
    kept, answer = phone.locator("#kept"), phone.locator("#text")
    answer.fill(f"{HALF}, from eight")
    expect(kept).to_contain_text("Kept at", timeout=15_000)
    assert violations(phone) == []
    line.becomes(offline=True)
    answer.fill(ANSWER)
    phone.get_by_role("button", name="Send the answer").click()
    expect(kept).to_contain_text("No connection. What you typed is still on this page")
    expect(kept).to_be_focused()
    expect(answer).to_have_value(ANSWER)
    line.becomes(offline=False)
    expect(kept).to_contain_text("Kept at")
    assert phone.evaluate("localStorage.length + sessionStorage.length") == 0
    phone.reload()
    expect(answer).to_have_value(ANSWER)


@dataclass
class Line:
    """The line of one page: slow, or gone."""

    session: CDPSession

    def becomes(self, *, offline: bool) -> None:
        """Let it be gone, or there again, with 50 ms of delay and 256 kB in a second."""
        rate = 256 * 1024
        how = {"offline": offline, "latency": 50, "downloadThroughput": rate}
        self.session.send("Network.enable")
        self.session.send("Network.emulateNetworkConditions", {**how, "uploadThroughput": rate})
