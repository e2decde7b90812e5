"""What askers and readers see speaks more languages than the pages of staff."""

import datetime as dt
import importlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from cri_search.app import create_app
from cri_search.settings import Settings
from cri_shared.events import SERVICES
from cri_shared.places import COUNTRIES, GROUPS, INTERFACE_LANGUAGES, PUBLIC_LANGUAGES, TOPICS
from cri_shared.places.languages import language_name
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running
from cri_shared.web.i18n import Dictionary, Words, catalogue, sort_key


@pytest.fixture
async def search(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with running(create_app(settings_for(Settings, tmp_path))) as client:
        yield client


@pytest.mark.parametrize(
    ("wish", "lang"),
    [
        ("ar-MA,fr;q=0.8", "ar"),
        ("fr-BE,ar", "fr"),
        ("ja,nl;q=0.5", "nl"),
        ("ara", "en"),
        ("fa-IR,en;q=0.5", "fa-AF"),
        ("prs-AF", "fa-AF"),
        ("sq-XK", "sq"),
        ("ja", "en"),
        ("", "en"),
    ],
)
async def test_only_the_bare_address_looks_at_what_the_browser_wishes(
    search: httpx.AsyncClient, wish: str, lang: str
) -> None:
    home = await search.get("/", headers={"accept-language": wish})
    assert home.headers["location"] == f"/{lang}/"
    assert home.headers["vary"] == "Accept-Language"


async def test_pages_of_staff_and_developers_offer_no_language_that_they_lack(
    search: httpx.AsyncClient,
) -> None:
    for path in ("/console/sign-in", "/api/docs"):
        page = await search.get(path, headers={"accept-language": "ar,fr;q=0.5"})
        assert page.status_code == 200
        assert '<html lang="fr"' in page.text, path
        assert 'hreflang="ar"' not in page.text, path


async def test_a_page_that_fails_speaks_the_language_of_its_address(
    search: httpx.AsyncClient,
) -> None:
    page = await search.get("/ar/nothing")
    assert page.status_code == 404
    assert '<html lang="ar" dir="rtl">' in page.text


@pytest.mark.parametrize(
    ("written", "own"),
    [
        ("/fa-af/", "/fa-AF/"),
        ("/FR/search?q=%C3%A9cole&country=CD", "/fr/search?q=%C3%A9cole&country=CD"),
        ("/Fa-aF/entries/100%25-%D8%A7", "/fa-AF/entries/100%25-%D8%A7"),
        ("/prs/countries", "/fa-AF/countries"),
        ("/feeds/NL/all.atom", "/feeds/nl/all.atom"),
    ],
)
async def test_a_language_written_otherwise_leads_to_its_own_address_for_ever(
    search: httpx.AsyncClient, written: str, own: str
) -> None:
    moved = await search.get(written)
    assert moved.status_code == 301
    assert moved.headers["location"] == own


async def test_no_other_language_and_no_form_is_led_elsewhere(search: httpx.AsyncClient) -> None:
    for unknown in ("/xx/", "/fa/", "/FR-be/", "/f%72%00/"):
        page = await search.get(unknown)
        assert page.status_code == 404
        assert "<h1" in page.text
    sent = await search.post("/FR/entries/insulin/feedback", data={"useful": "yes"})
    assert sent.status_code == 404


async def test_a_link_to_pages_in_fewer_languages_says_so(search: httpx.AsyncClient) -> None:
    page = await search.get("/ar/about")
    assert "/en/workshops" in page.text
    assert "/ar/workshops" not in page.text


async def test_machines_find_every_language(search: httpx.AsyncClient) -> None:
    places = (await search.get("/sitemap/pages.xml")).text
    for lang in PUBLIC_LANGUAGES:
        assert f"/{lang}/about</loc>" in places
        assert (await search.get(f"/feeds/{lang}/all.atom")).status_code == 200
        described = await search.get(f"/{lang}/opensearch.xml")
        assert f"/{lang}/search?q=" in described.text


def test_languages_stand_in_the_order_of_their_own_names() -> None:
    names = list(PUBLIC_LANGUAGES.values())
    assert names == sorted(names, key=sort_key)
    assert PUBLIC_LANGUAGES.items() >= INTERFACE_LANGUAGES.items()


def test_every_country_and_topic_has_a_name_in_every_language() -> None:
    for named in (*COUNTRIES.values(), *TOPICS.values(), *GROUPS.values()):
        assert set(PUBLIC_LANGUAGES) <= set(named.names), named.code
        assert all(named.names.values())


def test_a_language_is_read_when_its_first_reader_comes() -> None:
    dictionary = Dictionary("cri_shared", str)
    assert dict(dictionary.words) == {}
    assert dictionary.words["ar"] is dictionary.words["ar"]
    assert list(dictionary.words) == ["ar"]


def test_languages_have_names_in_each_of_them() -> None:
    for reader in PUBLIC_LANGUAGES:
        for tag, own in PUBLIC_LANGUAGES.items():
            name = language_name(tag, in_language=reader)
            assert name != tag, (reader, tag)
            assert (name.casefold() == own.casefold()) == (tag == reader), (reader, tag)


def test_a_month_alone_stands_in_its_own_form() -> None:
    assert Words(("cri_shared",), "ru").month_year(dt.date(2026, 3, 12)) == "март 2026"


def test_numbers_are_written_as_the_language_does() -> None:
    french = Words(("cri_shared",), "fr")
    assert [french.decimal(4.0), french.decimal(4.25)] == ["4", "4,2"]
    assert [french.decimal(1, 2), french.decimal(0.456, 2)] == ["1,00", "0,46"]


def test_arabic_counts_with_six_forms() -> None:
    words = Words(("cri_search", "cri_shared"), "ar").translations
    said = [
        words.ngettext("%(count)s answer", "%(count)s answers", count) % {"count": count}
        for count in (1, 2, 3, 11, 99, 100)
    ]
    assert said == ["جواب واحد", "جوابان", "3 أجوبة", "11 جوابًا", "99 جوابًا", "100 جواب"]


def test_no_line_of_french_breaks_before_a_mark() -> None:
    words = catalogue(("cri_shared",), "fr")
    assert words.gettext("Do you need help?") == "Besoin d'aide\N{NO-BREAK SPACE}?"


def test_a_colon_after_a_word_is_written_as_the_language_does() -> None:
    dictionary = Dictionary("cri_shared", str)
    for language, written in (("fr", "Source\N{NO-BREAK SPACE}: radio"), ("nl", "Source: radio")):
        page = dictionary.template(language, "audit.html").environment
        assert page.from_string("Source{{ colon }} radio").render() == written


@pytest.mark.parametrize("package", [f"cri_{service}" for service in SERVICES] + ["cri_shared"])
def test_no_page_writes_one_by_itself(package: str) -> None:
    (folder,) = map(Path, importlib.import_module(package).__path__)
    pages = [*folder.rglob("*.html")]
    assert pages
    assert [page.name for page in pages if re.search(r"[}%]}:[ <]", page.read_text())] == []
