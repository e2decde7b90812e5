"""The partner's page from right to left, in Arabic and Dari, on a slow phone."""

import gzip
import re

import httpx
import pytest

from tests.research.conftest import TEXT, Research

MOST = 50_000  # bytes over the line, with everything that a first visit loads
ACCEPT = {"ar": "اقبل السؤال", "fa-AF": "سؤال را قبول کنید"}
SEND = {"ar": "أرسل الجواب", "fa-AF": "جواب را بفرستید"}
CHOOSE = {"ar": "اختر ما وجدته", "fa-AF": "انتخاب کنید که چه یافتید"}
SUSPECT = "Call Anahit Petrosyan, +374 10 000 000, who sells it in the pharmacy."


@pytest.mark.parametrize("lang", ["ar", "fa-AF"])
async def test_a_partner_reads_and_answers_from_right_to_left(
    research: Research, lang: str
) -> None:
    letter = await research.sent()
    async with research.phone(lang) as phone:
        door = await phone.page()
        assert f'<html lang="{lang}" dir="rtl">' in door
        assert not english(door)
        assert (await phone.open(letter)).status_code == 303
        page = await phone.page()
        assert ACCEPT[lang] in page
        assert f'lang="en" dir="ltr">{TEXT}' in page
        await phone.post("accept")
        page = await phone.page()
        assert SEND[lang] in page
        assert not english(page)
        assert await loaded(phone.client, page) < MOST
        wrong = await phone.post("answer", text=SUSPECT, do="send")
        assert wrong.status_code == 422
        assert CHOOSE[lang] in wrong.text
        assert not english(wrong.text)


def english(page: str) -> list[str]:
    """Words that the page says in English and does not mark as such, but for names."""
    main = page.split("<main", 1)[1].split("</main>", 1)[0]
    marked = re.compile(r'<(\w+)[^>]* lang="en"[^>]*>.*?</\1>|<textarea.*?</textarea>', re.DOTALL)
    ours = marked.sub("", main)
    texts = re.findall(r">([^<]+)<", ours)
    return [text for text in texts if re.search(r"[a-z]{3,} [a-z]{3,}", text)]


async def loaded(client: httpx.AsyncClient, page: str) -> int:
    """How many bytes a first visit of a page takes, as they are sent."""
    assets = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    files = [(await client.get(path)).content for path in assets]
    return sum(len(gzip.compress(one)) for one in (page.encode(), *files))
