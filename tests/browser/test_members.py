"""Somebody of a partner organisation, in a browser: its questions, its keys, and nobody else's."""

import datetime as dt
import secrets
from collections.abc import Callable, Iterator

import httpx
import pytest
from cri_intake.queries.cursors import cursor_of
from cri_shared import clock
from playwright.sync_api import Browser, Page, expect

from tests.browser.visiting import Live, open_page
from tests.browser.working import fits, follow, press, right

pytestmark = pytest.mark.browser
MIA = "mia@voorbeeldgem.example"
OURS = "/console/ours"


@pytest.fixture(scope="module")
def mia(browser: Browser, live: Live) -> Iterator[Page]:
    """A page on which she is signed in."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    live.sign_in(page, "intake", MIA)
    yield page
    page.close()


def test_she_reads_what_became_of_her_organisations_questions_and_of_no_others(
    mia: Page, live: Live
) -> None:
    open_page(mia, live.url("intake", OURS))
    expect(mia.locator("main")).to_contain_text("CRI-DEMO-01")
    expect(mia.locator("main")).to_contain_text("CRI-DEMO-12")
    expect(mia.locator("main")).not_to_contain_text("CRI-DEMO-05")
    right(mia)
    mia.get_by_role("link", name="CRI-DEMO-01").click()
    expect(mia.locator("#answer")).to_contain_text("insulin")
    right(mia)
    answer = mia.goto(live.url("intake", "/console/questions"))
    assert answer is not None
    assert answer.status == 403


def test_older_questions_are_a_page_further(mia: Page, live: Live) -> None:
    open_page(mia, live.url("intake", OURS))
    newest = mia.locator("tbody tr").first
    when = newest.locator("time").first.get_attribute("datetime")
    link = newest.locator("a").get_attribute("href")
    assert when
    assert link
    after = cursor_of(dt.datetime.fromisoformat(when), link.rsplit("/", 1)[1])
    total = mia.locator("tbody tr").count()
    open_page(mia, live.url("intake", f"{OURS}?after={after}"))
    assert mia.locator("tbody tr").count() == total - 1
    right(mia)
    mia.get_by_role("link", name="Newest questions").click()
    assert mia.locator("tbody tr").count() == total


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_her_organisations_day_from_a_new_key_to_the_end_of_it(
    browser: Browser, mia: Page, live: Live, script: bool
) -> None:
    """Her program posts two questions with a new key; she reads, writes, tries the webhook out."""
    known = mia.context.storage_state()
    with browser.new_context(storage_state=known, java_script_enabled=script) as context:
        page, looks = context.new_page(), right if script else fits
        with _program(_new_key(page, live, looks), live) as program:
            first, webhook = _posts_and_registers(program)
            open_page(page, live.url("intake", OURS))
            expect(page.locator("tbody")).to_contain_text(first["reference"])
            follow(page, page.locator(f"a.q[href$='{first['question_id']}']"))
            page.fill("textarea[name=message]", "She can be called on Mondays.")
            press(page, "/message")
            expect(page.locator("main")).to_contain_text("She can be called on Mondays.")
            looks(page)
            open_page(page, live.url("intake", "/console/keys"))
            press(page, "/webhook/test")
            expect(page.locator("[aria-labelledby=webhook]")).to_contain_text("Test message")
            looks(page)
            program.delete(f"/webhooks/{webhook}").raise_for_status()
            _take_back(page, program)


def _new_key(page: Page, live: Live, looks: Callable[[Page], None]) -> str:
    open_page(page, live.url("intake", "/console/keys"))
    expect(page.locator("h1")).to_contain_text("Onthaal Voorbeeldgem")
    follow(page, page.get_by_role("button", name="Make the key"))
    looks(page)
    return page.locator("section.note .typed").inner_text().strip()


def _program(key: str, live: Live) -> httpx.Client:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.Client(base_url=live.url("intake", "/api/v1"), headers=headers, trust_env=False)


def _posts_and_registers(program: httpx.Client) -> tuple[dict[str, str], str]:
    """A batch of a good and a bad row, and a webhook; gives the question, and the webhook's id."""
    reference = f"DAY-{secrets.token_hex(3)}"
    consent = {"version": "2026-1", "given_at": clock.now().isoformat()}
    row = {"text": "Is there a school for the deaf?", "language": "en", "country": "MN"}
    good = {**row, "asker_role": "organisation", "reference": reference, "consent": consent}
    once = {"Idempotency-Key": secrets.token_urlsafe(24)}
    sent = program.post("/questions/batch", json={"questions": [good, row]}, headers=once)
    posted, refused = sent.raise_for_status().json()["results"]
    assert (posted["status"], refused["status"]) == (201, 422)
    hook = program.post("/webhooks", json={"url": "https://cases.voorbeeldgem.example/hook"})
    about = {"reference": reference, "question_id": posted["question"]["question_id"]}
    return about, hook.raise_for_status().json()["webhook_id"]


def _take_back(page: Page, program: httpx.Client) -> None:
    """The newest key stands first; it opens nothing any more."""
    page.locator("tbody summary").first.click()
    follow(page, page.locator("tbody form button").first)
    expect(page.locator("tbody tr").first).to_contain_text("taken back")
    assert program.get("/questions").status_code == httpx.codes.UNAUTHORIZED
