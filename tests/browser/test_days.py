"""Whole days of staff, from the first list to the last one, with script and without it."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.browser.visiting import Live, open_page
from tests.browser.working import fits, follow, press, right

pytestmark = pytest.mark.browser
ASKED_ABOUT = "MD"  # nobody else asks about it
SHELTER = "A shelter for the night"
WRITTEN_ABOUT = "BR"  # nobody else changes its entry
APPROVER = "Chantal Dubois"
UNDATED = "The schools that we called enrol a child without papers. A translation costs 400 euro."
DATED = "The schools that we called enrol a child without papers. In March 2026 that was free."


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def script(request: pytest.FixtureRequest) -> bool:
    """Whether the browser runs our script."""
    return bool(request.param)


@pytest.fixture
def look(script: bool) -> Callable[[Page], None]:
    """Finds what is wrong with the page that is open; axe itself is script."""
    return right if script else fits


@pytest.fixture
def page(browser: Browser, staff_page: Page, script: bool) -> Iterator[Page]:
    """A page that is signed in at every console, each as whoever works there."""
    yield from _page(browser, staff_page.context.storage_state(), script)


@pytest.fixture(scope="module")
def approver(browser: Browser, live: Live) -> StorageState:
    """What a browser knows in which the second editor has signed in: a code is good once."""
    page = browser.new_page()
    live.sign_in(page, "publishing", "chantal@staff.example")
    known = page.context.storage_state()
    page.close()
    return known


@pytest.fixture
def colleague(browser: Browser, approver: StorageState, script: bool) -> Iterator[Page]:
    """The page of the second editor."""
    yield from _page(browser, approver, script)


def _page(browser: Browser, known: StorageState, script: bool) -> Iterator[Page]:
    context = browser.new_context(storage_state=known, java_script_enabled=script)
    yield context.new_page()
    context.close()


def test_an_officers_day_ends_in_the_done_list(
    page: Page, live: Live, look: Callable[[Page], None]
) -> None:
    """One call goes out as a research question; in another somebody is in danger."""
    _add_who_can_help(page, live)
    open_page(page, live.url("intake", "/console/questions"))
    _take_call(page, "My name is Nadia. Where do I find insulin?")
    _lead_over_the_desk(page)
    follow(page, page.locator("main .kicker a"))
    question = _take_call(page, "Somebody threatens me. Where can I stay tonight?", look)
    _see_to_danger(page, look)
    _refer(page, look)
    follow(page, page.locator("main .kicker a"))
    follow(page, page.locator(".tabs a", has_text="Done"))
    page.select_option("#country", ASKED_ABOUT)
    follow(page, page.get_by_role("button", name="Show", exact=True))
    expect(page.locator(f"td a.q[href='/console/questions/{question}']")).to_be_visible()
    _save_view(page, look)


def _save_view(page: Page, look: Callable[[Page], None]) -> None:
    """Give the filters a name, come back by it, and take it away."""
    page.locator("summary", has_text="Save these filters").click()
    page.fill("input[name=name]", "Moldova, done")
    follow(page, page.locator("main form[action*='/views?'] button"))
    mine = page.locator(".tabs a", has_text="Moldova, done")
    expect(mine).to_have_attribute("aria-current", "page")
    page.locator("summary", has_text="Rename or remove").click()
    look(page)
    follow(page, page.get_by_role("button", name="Remove this view"))
    expect(mine).to_have_count(0)


def _add_who_can_help(page: Page, live: Live) -> None:
    open_page(page, live.url("intake", "/console/referrals"))
    follow(page, page.get_by_role("link", name="Add who can help"))
    for name, text in {"name": SHELTER, "place": "Ghent", "helps_en": "A bed."}.items():
        page.fill(f"[name={name}]", text)
    page.fill("input[name=phone]", "1712")
    press(page, "/referrals/new")
    expect(page.locator("main table")).to_contain_text(SHELTER)


def _take_call(page: Page, words: str, look: Callable[[Page], None] = fits) -> str:
    """Enter a call from the list and take the question; gives its number."""
    follow(page, page.get_by_role("link", name="Enter a phone call"))
    page.select_option("select[name=country]", ASKED_ABOUT)
    page.fill("textarea[name=question]", words)
    page.select_option("select[name=topic]", "health.medication")
    page.check("input[name=role][value=self]")
    page.check("input[name=consent]")
    follow(page, page.get_by_role("button", name="Record the question"))
    expect(page.locator(".bigcode")).to_be_visible()
    look(page)
    follow(page, page.get_by_role("link", name="Go to the question"))
    question = page.url.rsplit("/", 1)[1]
    press(page, "/take")
    return question


def _lead_over_the_desk(page: Page) -> None:
    """Say what it is about, write the research question, and let that leave."""
    press(page, "/triage")
    follow(page, page.locator("main button[form=to-desk]"))
    expect(page.locator(".typed").first).to_contain_text("Nadia")
    page.fill("textarea[name=text]", "Is insulin for sale in pharmacies, and at what price?")
    for box in page.locator("input[name^=check_][value=no]").all():
        box.check()
    press(page, "/desk/preview")
    press(page, "/desk/release")
    expect(page.locator("section.next")).to_contain_text("Research works on it.")


def _see_to_danger(page: Page, look: Callable[[Page], None]) -> None:
    page.locator("summary", has_text="Somebody may be in danger").click()
    page.check("input[name=danger][value=violence]")
    press(page, "/danger")
    expect(page.locator("main a[href='tel:112']")).to_be_visible()
    look(page)
    page.fill("textarea[name=done]", "A colleague stays with the caller on the line.")
    press(page, "/danger/done")
    expect(page.locator("main a[href='tel:112']")).to_have_count(0)


def _refer(page: Page, look: Callable[[Page], None]) -> None:
    page.locator("summary", has_text="Refer to somebody else").click()
    page.select_option("select[name=helper]", label=f"{SHELTER} (Ghent)")
    follow(page, page.locator("button[formaction$='/refer/begin']"))
    told = page.locator("textarea[name=referral]")
    expect(told).to_have_value(f"{SHELTER} (Ghent)\nA bed.\n1712")
    look(page)
    follow(page, page.get_by_role("button", name="Refer and close"))
    expect(page.locator("section.next")).not_to_contain_text("Take this question")


def test_an_editors_day_ends_in_the_published_list(
    page: Page, colleague: Page, live: Live, look: Callable[[Page], None], script: bool
) -> None:
    """From what is covered to a text that the rules let through, and that another approves."""
    for room in ("changes/new", "links", "coverage"):
        open_page(page, live.url("publishing", f"/console/{room}"))
        look(page)
    covered = f".matrix td a[href*='view=published'][href*='country={WRITTEN_ABOUT}']"
    follow(page, page.locator(covered).first)
    follow(page, page.locator("td a.q").first)
    entry = page.url.rsplit("/", 1)[1]
    press(page, "/revise")
    _write(page, look, by_themselves=script)
    version = _hand_in(page, look)
    _approve(colleague, live, look, entry)
    follow(page, page.get_by_role("link", name="All entries"))
    follow(page, page.locator(".tabs a", has_text="Published"))
    row = page.locator("main tr", has=page.locator(f"a[href='/console/entries/{entry}']"))
    expect(row).to_contain_text(version)


def _write(page: Page, look: Callable[[Page], None], *, by_themselves: bool) -> None:
    """Write what the rules warn of, and mend it; they answer by themselves, or when asked."""
    answer, rules = page.locator("textarea[name=answer]"), page.locator("[data-problems]")
    answer.fill(UNDATED)
    if not by_themselves:
        follow(page, page.get_by_role("button", name="Check this text"))
    expect(rules).to_contain_text("400 euro")
    expect(answer).to_have_value(UNDATED)
    look(page)
    answer.fill(DATED)
    if not by_themselves:
        follow(page, page.get_by_role("button", name="Check this text"))
    expect(rules).not_to_contain_text("400 euro")
    page.fill("textarea[name=change_note]", "What a school asks for.")
    follow(page, page.locator("main .row button[value=save]"))


def _hand_in(page: Page, look: Callable[[Page], None]) -> str:
    """Send the text to review, with a reason for what a translation says; gives its version."""
    look(page)
    page.select_option("select[name=approver]", label=APPROVER)
    page.fill("textarea[name=reason]", "The amount in the translation is that of the answer.")
    press(page, "/submit")
    work = page.locator("section[aria-labelledby=work]")
    expect(work).to_contain_text("Another editor must approve it.")
    expect(page.locator("main form[action$='/approve']")).to_have_count(0)
    return page.locator("#work").inner_text().split(":")[0]


def _approve(page: Page, live: Live, look: Callable[[Page], None], entry: str) -> None:
    """Find what waits, read all of it, and stand for it."""
    waiting = f"/console/entries?view=review&country={WRITTEN_ABOUT}"
    open_page(page, live.url("publishing", waiting))
    follow(page, page.locator(f"td a.q[href$='{entry}']"))
    look(page)
    follow(page, page.get_by_role("link", name="Read the whole text"))
    expect(page.locator("main")).to_contain_text(DATED)
    look(page)
    follow(page, page.get_by_role("link", name="Back to this entry"))
    press(page, "/approve")
    expect(page.locator("section[aria-labelledby=public]")).to_contain_text(DATED)
    look(page)
