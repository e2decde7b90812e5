"""Answers on paper: nothing of the screen around them, and one sheet for each."""

import re
from collections.abc import Iterator

import httpx
import pytest
from cri_publishing.rules.checks import RECOMMENDED_ANSWER
from cri_shared.places import is_right_to_left
from playwright.sync_api import Browser, Page

from tests.browser.visiting import Live, open_page

pytestmark = pytest.mark.browser
SHEET = re.compile(rb"/Type\s*/Page\b")
PARAGRAPHS = 3
WORDS = {
    "en": "Adults registered with a polyclinic receive insulin without payment in the pharmacy. ",
    "ru": "Взрослые, которые записаны в поликлинике, получают инсулин в аптеке бесплатно. ",
    "ar": "يحصل البالغون المسجلون في العيادة على الأنسولين مجانًا في أقرب صيدلية من المنزل. ",
}
REWRITE = """([paragraphs, lang, dir]) => {
  const answer = document.querySelector('.answer');
  Object.assign(answer, {lang, dir});
  answer.replaceChildren(...paragraphs.map(text => {
    const paragraph = document.createElement('p');
    paragraph.textContent = text;
    return paragraph;
  }));
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


def sheets(page: Page) -> int:
    """The sheets of A4 that the page that is open takes."""
    return len(SHEET.findall(page.pdf(format="A4")))


@pytest.mark.parametrize("language", ["en", "ar"])
def test_an_answer_prints_on_paper_without_menus(page: Page, live: Live, language: str) -> None:
    open_page(page, live.public("entry", language))
    page.emulate_media(media="print")
    assert page.locator("header nav:visible, footer:visible, main form:visible").count() == 0
    assert page.locator("main time:visible").count() >= 2
    assert page.locator(".printonly:visible").count() >= 1
    assert page.evaluate("getComputedStyle(document.querySelector('.answer')).fontSize") == "16px"
    page.emulate_media(media="null")


def test_every_answer_of_the_demo_prints_on_one_sheet(page: Page, live: Live) -> None:
    api = live.url("search", "/api/v1")
    hits = httpx.get(f"{api}/search", params={"per_page": 50}).json()["hits"]
    assert len(hits) >= 10
    longer = []
    for hit in hits:
        entry = httpx.get(f"{api}/entries/{hit['entry_id']}").json()
        own = [version["url"] for version in entry["languages"]]
        for url in (*own, live.url("search", f"/ar/entries/{entry['slug']}")):
            open_page(page, url)
            if sheets(page) > 1:
                longer.append(url)
    assert longer == []


@pytest.mark.parametrize("language", WORDS)
def test_an_answer_as_long_as_editors_are_asked_for_prints_on_one_sheet(
    page: Page, live: Live, language: str
) -> None:
    """With three sources, a note of change and a note that it is due."""
    open_page(page, live.public("entry", language))
    whole = (WORDS[language] * 20)[:RECOMMENDED_ANSWER]
    each = RECOMMENDED_ANSWER // PARAGRAPHS
    paragraphs = [whole[each * at : each * (at + 1)] for at in range(PARAGRAPHS)]
    direction = "rtl" if is_right_to_left(language) else "ltr"
    page.evaluate(REWRITE, [paragraphs, language, direction])
    assert sheets(page) == 1
