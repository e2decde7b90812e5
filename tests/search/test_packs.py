"""Country packs: what they say, that nothing in them is code, and that they are never old."""

import asyncio
import datetime as dt
import io
import re
import zipfile
from pathlib import Path

import pytest
from cri_search.packs.fonts import Fonts
from cri_search.packs.kept import MOST_WAITING, Packs, Which
from cri_search.packs.printed import printed
from cri_shared.errors import Busy
from cri_shared.events.publishing import EntryArchived, EntryWithdrawn
from cri_shared.events.research import CountryChanged
from cri_shared.testing.waiting import eventually
from cri_shared.web.markdown import Block, Run, to_blocks
from pypdf import PdfReader

from tests.search.conftest import Search, published, revised
from tests.search.library import facts

HOSTILE = (
    '#panic("no") $x^2$ *not bold* _no_ `raw` \\ <label> @ref #let y = 1 // #include "/etc/passwd"'
)


def pdf_text(content: bytes) -> str:
    pages = (page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    return " ".join(" ".join(pages).split())


def fonts_of(content: bytes) -> str:
    names = re.findall(rb"/BaseFont */([^ /\r\n]+)", content)
    for page in PdfReader(io.BytesIO(content)).pages:
        names += [str(font.get_object()["/BaseFont"]).encode() for font in _page_fonts(page)]
    return b" ".join(names).decode()


def _page_fonts(page: object) -> list[object]:
    resources = page["/Resources"].get_object()  # type: ignore[index]
    return list(resources["/Font"].get_object().values())


def pages_of(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name.split("/")[1]: archive.read(name).decode() for name in archive.namelist()}


async def taken(search: Search, kind: str, where: str = "en/countries/AM") -> bytes:
    answer = await search.get(f"/{where}/pack.{kind}")
    assert answer.status_code == 200
    return answer.content


async def words_of(search: Search, kind: str, where: str = "en/countries/AM") -> str:
    content = await taken(search, kind, where)
    return pdf_text(content) if kind == "pdf" else " ".join(pages_of(content).values())


class TestWhatAPackSays:
    @pytest.mark.parametrize("kind", ["pdf", "zip"])
    async def test_everything_that_the_page_of_an_answer_says(
        self, search: Search, kind: str
    ) -> None:
        text = await words_of(search, kind)
        for said in (
            *("Armenia", "Is insulin free in Gyumri?", "20 October 2026", "(1 month ago)"),
            *("Price check in three pharmacies", "Visit", "Ararat Return Desk", "First published."),
            *("You decide what you do with it", "Made on 25 November 2026.", "takes questions"),
            *("/en/countries/AM", "A local organisation", "Shirak"),
        ):
            assert said in text
        assert "**" not in text

    @pytest.mark.parametrize("kind", ["pdf", "zip"])
    async def test_what_is_due_conflicting_or_not_found_is_marked(
        self, search: Search, kind: str
    ) -> None:
        goma = await words_of(search, kind, "nl/countries/CD")
        assert "dialyse" in goma
        assert "moet opnieuw nagekeken worden" in goma
        kabul = await words_of(search, kind, "en/countries/AF")
        for said in ("The sources disagree.", "Buses run daily.", "We phoned four offices."):
            assert said in kabul

    @pytest.mark.parametrize("kind", ["pdf", "zip"])
    async def test_what_is_archived_or_taken_back_is_not_there(
        self, search: Search, kind: str
    ) -> None:
        assert "insulin" in await words_of(search, kind)
        await search.hear(
            EntryWithdrawn(entry_id="insulin", version=2),
            EntryArchived(entry_id="school0", version=1),
        )
        text = await words_of(search, kind)
        assert "nsulin" not in text
        assert "school 0?" not in text
        assert "school 5?" in text

    async def test_a_text_from_right_to_left_says_so_on_its_page(self, search: Search) -> None:
        page = pages_of(await taken(search, "zip", "en/countries/IQ"))["1.html"]
        assert '<html lang="en" dir="ltr">' in page
        assert '<h1 lang="ar" dir="rtl">' in page
        assert '<bdi dir="ltr">+964 1 000 0000</bdi>' in page

    async def test_arabic_is_set_in_an_arabic_font(self, search: Search) -> None:
        assert "NotoSansArabic" in fonts_of(await taken(search, "pdf", "en/countries/IQ"))


class TestTexts:
    @pytest.mark.parametrize("kind", ["pdf", "zip"])
    async def test_no_text_becomes_code(self, search: Search, kind: str) -> None:
        hostile = facts("hostile", {"en": (HOSTILE, HOSTILE)}, slug="hostile", country="GH")
        await search.hear(published(hostile))
        content = await taken(search, kind, "en/countries/GH")
        if kind == "pdf":
            told = pdf_text(content).replace(" ", "")
            for said in ('#panic("no")$x^2$', "#lety=1", '#include"/etc/passwd"', "@ref"):
                assert told.count(said) == 2
            return
        page = next(page for page in pages_of(content).values() if "#panic" in page)
        assert "<label>" not in page

    async def test_letters_without_a_font_are_told_and_not_drawn_as_boxes(
        self, search: Search, tmp_path: Path
    ) -> None:
        fonts = Fonts(tmp_path)
        assert fonts.missing == ["ETHIOPIC"]
        assert not fonts.show("ሰላም")
        for word in ("Hé", "мир", "سلام", "ښځه", "नमस्ते", "Հայաստան", "საქართველო", "№ 1ª"):
            assert fonts.show(word)

    def test_a_directory_adds_the_fonts_that_it_holds(self, tmp_path: Path) -> None:
        (tmp_path / "NotoSansEthiopic-Regular.ttf").touch()
        fonts = Fonts(tmp_path)
        assert not fonts.missing
        assert fonts.show("ሰላም")
        assert "Noto Sans Ethiopic" in fonts.families

    async def test_the_pack_says_that_it_lacks_letters(
        self, search: Search, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Fonts, "show", lambda _fonts, text: "insulin" not in text)
        text = await words_of(search, "pdf")
        assert "letters that this file cannot show" in text
        assert "[…]" in text

    def test_blocks_hold_lists_links_and_looks(self) -> None:
        told = to_blocks(
            "# A\n\nb **c**\n\n3. d\n4. e\n   - f\n\n> g [h](https://i.example) [j](k)"
        )
        assert [(b.kind, b.depth, b.number) for b in told] == [
            *(("h", 0, None), ("p", 0, None), ("li", 1, 3), ("li", 1, 4), ("li", 2, None)),
            ("quote", 0, None),
        ]
        assert told[1] == Block("p", (Run("b "), Run("c", strong=True)))
        assert [run.url for run in told[-1].runs] == [None, "https://i.example", None, None]


class TestZip:
    async def test_links_stay_in_the_pack(self, search: Search) -> None:
        pages = pages_of(await taken(search, "zip"))
        for name, page in pages.items():
            if not name.endswith(".html"):
                continue
            for target in re.findall(r'(?:href|src)="([^"]+)"', page):
                outside = target.startswith(("http://", "https://", "tel:"))
                assert outside or target in pages
            assert "<script>" not in page
            assert "style=" not in page

    async def test_it_is_the_same_file_on_the_same_day(self, search: Search) -> None:
        first = await taken(search, "zip")
        search.app.state.packs.forget()
        assert await taken(search, "zip") == first

    async def test_it_is_small(self, search: Search) -> None:
        assert len(await taken(search, "zip")) < 20_000


class TestAddresses:
    @pytest.mark.parametrize("kind", ["pdf", "zip"])
    async def test_who_has_the_same_gets_nothing_again(self, search: Search, kind: str) -> None:
        first = await search.get(f"/fr/countries/AM/pack.{kind}")
        assert first.headers["content-disposition"] == f'attachment; filename="cri-AM-fr.{kind}"'
        assert first.headers["cache-control"].startswith("public, max-age=")
        tag = {"if-none-match": first.headers["etag"]}
        again = await search.get(f"/fr/countries/AM/pack.{kind}", **tag)
        assert (again.status_code, again.content) == (304, b"")
        await search.hear(CountryChanged(country="AM", partner_state="none"))
        assert (await search.get(f"/fr/countries/AM/pack.{kind}", **tag)).status_code == 200

    async def test_what_is_not_ours_is_not_found(self, search: Search) -> None:
        for path in (
            "en/countries/XX/pack.pdf",
            "en/countries/AM/pack.doc",
            "xx/countries/AM/pack.zip",
        ):
            assert (await search.get(f"/{path}")).status_code == 404
        moved = await search.get("/en/countries/am/pack.zip")
        assert moved.headers["location"] == "/en/countries/AM/pack.zip"

    async def test_the_page_of_a_country_tells_how_large_its_packs_are(
        self, search: Search
    ) -> None:
        size = -(-len(await taken(search, "zip")) // 1000)
        page = (await search.get("/en/countries/AM")).text
        assert '<a href="/en/countries/AM/pack.zip">' in page
        assert f'<bdi dir="ltr">{size}&nbsp;KB</bdi>' in page
        assert "pack.zip" not in (await search.get("/en/countries/SV")).text

    async def test_a_new_version_is_in_the_pack_at_once(self, search: Search) -> None:
        assert "Is insulin free" in await words_of(search, "zip")
        texts = {"en": ("Is insulin cheap in Gyumri?", "No.")}
        await search.hear(revised(facts("insulin", texts, version=2)))
        assert "Is insulin cheap" in await words_of(search, "zip")


class Maker:
    """Makes packs of what is told, when it is let."""

    def __init__(self) -> None:
        self.told = b"one"
        self.made = 0
        self.go = asyncio.Event()

    async def fingerprint(self, country: str) -> bytes:
        return self.told

    async def make(self, which: Which) -> bytes:
        told = self.told
        self.made += 1
        await self.go.wait()
        return told


PACK = Which("AM", "en", "pdf")


class TestKeeping:
    async def test_many_who_want_the_same_get_what_is_made_once(self) -> None:
        maker = Maker()
        packs = Packs(maker.fingerprint, maker.make)
        maker.go.set()
        assert set(await asyncio.gather(*(packs.get(PACK) for _ in range(5)))) == {b"one"}
        assert await packs.get(PACK) == b"one"
        assert maker.made == 1
        packs.forget()
        await packs.get(PACK)
        assert maker.made == 2

    async def test_what_is_taken_back_while_a_pack_is_made_is_not_given(self) -> None:
        maker = Maker()
        packs = Packs(maker.fingerprint, maker.make)
        wanted = asyncio.ensure_future(packs.get(PACK))
        await eventually(lambda: maker.made)
        maker.told = b"two"
        maker.go.set()
        assert await wanted == b"two"

    async def test_too_many_at_once_are_told_to_come_back(self) -> None:
        maker = Maker()
        packs = Packs(maker.fingerprint, maker.make)
        waiting = [
            asyncio.ensure_future(packs.get(Which(f"A{number}", "en", "pdf")))
            for number in range(MOST_WAITING)
        ]
        await eventually(lambda: len(packs._making) == MOST_WAITING)
        with pytest.raises(Busy):
            await packs.get(PACK)
        assert await packs.kilobytes(PACK, within=1) is None
        assert await packs.kilobytes(Which("A1", "en", "pdf"), within=0.01) is None
        maker.go.set()
        assert await asyncio.gather(*waiting) == [b"one"] * MOST_WAITING
        await packs.close()

    async def test_a_press_that_takes_too_long_is_stopped(self, tmp_path: Path) -> None:
        with pytest.raises(Busy):
            await printed({}, Fonts(tmp_path), made_on=dt.date(2026, 11, 25), seconds=0.001)
