"""Contacts and programmes on the page of a country and in its pack."""

import csv
import datetime as dt
import json
from typing import Any

import pytest
from cri_shared import clock
from cri_shared.events.publishing import ContactChanged, ProgrammeChanged

from tests.search.conftest import Search
from tests.search.test_packs import words_of

FACTS: dict[str, Any] = {
    "country": "AM",
    "region": "Shirak",
    "name": "Social Service Shirak",
    "topics": ["social.benefits"],
    "spoken": ["hy", "ru"],
    "texts": [
        {"language": "en", "text": "Registers families.", "ask_for": "The reception desk"},
        {"language": "ar", "text": "يسجل العائلات."},
    ],
    "address": "12 Abovyan Street",
    "phone": "+374 312 00 000",
    "email": "info@shirak.example",
    "url": "https://shirak.example/social",
    "checked_on": "2026-10-20",
    "checked_how": "phone",
    "check_by": "2027-04-18",
    "kind": "authority",
}


def contact(version: int = 1, contact_id: str = "c-1", **changes: Any) -> ContactChanged:
    """A contact in Armenia, with changes."""
    told = {"contact_id": contact_id, "version": version, "contact": FACTS | changes}
    return ContactChanged.model_validate(told)


def programme(version: int = 1, programme_id: str = "p-1", **changes: Any) -> ProgrammeChanged:
    """A programme in Armenia, with changes."""
    facts = FACTS | {
        "name": "Start Again",
        "kind": "business",
        "run_by": "Shirak Development Fund",
        "ends_on": "2026-12-31",
        "texts": [{"language": "fr", "text": "Aide à ouvrir un commerce.", "who_for": "Tous."}],
    }
    told = {"programme_id": programme_id, "version": version, "programme": facts | changes}
    return ProgrammeChanged.model_validate(told)


async def page(search: Search, path: str = "/en/countries/AM") -> str:
    return (await search.get(path)).text


class TestThePageOfACountry:
    async def test_everything_that_reaches_them_with_the_day_of_its_check(
        self, search: Search
    ) -> None:
        assert "Contacts" not in await page(search)
        await search.hear(contact(), programme())
        text = await page(search)
        for words in (
            *("Social Service Shirak", "Public office", "The reception desk", "Armenian"),
            *('href="tel:+37431200000"', "info@shirak.example", "12 Abovyan Street"),
            *("20 October 2026", "Phone call", "Start Again", "Shirak Development Fund"),
            *("31 December 2026", "Only in French", 'lang="fr"', 'href="#programmes"'),
        ):
            assert words in text, words
        assert "Call or write first" not in text
        assert 'lang="ar"' not in text.split("<main")[1].split("</main>")[0]
        arabic = await page(search, "/ar/countries/AM")
        assert "يسجل العائلات." in arabic
        assert "الأرمنية، الروسية" in arabic
        assert "Social Service Shirak" not in await page(search, "/en/countries/GE")

    async def test_what_is_late_says_so_and_a_programme_that_is_over_is_not_there(
        self, search: Search
    ) -> None:
        await search.hear(contact(), programme())
        with clock.frozen(dt.datetime(2027, 4, 19, 9, tzinfo=dt.UTC)):
            text = await page(search)
        assert "This was to be checked again before 18 April 2027." in text
        assert "Start Again" not in text

    async def test_the_newest_version_wins_in_any_order_and_what_is_retired_is_gone(
        self, search: Search
    ) -> None:
        await search.hear(contact(2, phone="+374 312 11 111"), contact(1))
        assert "+374 312 11 111" in await page(search)
        gone = ContactChanged(contact_id="c-1", version=3)
        await search.hear(gone, contact(2))
        assert "Social Service Shirak" not in await page(search)

    async def test_a_text_that_has_fallen_behind_says_so(self, search: Search) -> None:
        texts = [FACTS["texts"][0], FACTS["texts"][1] | {"stale": True}]
        await search.hear(contact(texts=texts))
        assert "another language" not in await page(search)
        assert "في لغة أخرى" in await page(search, "/ar/countries/AM")

    async def test_markup_in_it_is_text(self, search: Search) -> None:
        await search.hear(contact(name="<script>alert(1)</script>", address='"><b>x'))
        text = await page(search)
        assert "<script>alert" not in text
        assert '"><b>x' not in text


class TestSearchingThem:
    """They are found in the own copy, apart from answers, on the page and in the API."""

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ("/en/search?q=social+service+shirak", True),  # its name
            ("/nl/search?q=gezinnen+registreren+uitkeringen+Shirak", True),  # its topic, in Dutch
            ("/ar/search?q=العائلات", True),  # its text in another language, with an article
            ("/en/search?q=registering+families+Gyumri&part=results", True),  # two of three
            ("/en/search?q=families&country=GE", False),
            ("/en/search?q=families&topic=social.benefits", True),
            ("/en/search?q=families&topic=health", False),
            ("/en/search?q=families&outcome=found", False),
            ("/en/search?q=insulin+Armenia", False),  # only its country
            ("/en/search?q=the", False),
        ],
    )
    async def test_by_name_text_place_and_topic_within_the_filters(
        self, search: Search, asked: str, found: bool
    ) -> None:
        await search.hear(contact())
        text = await page(search, asked)
        assert ('href="#fitting"' in text or 'id="fitting"' in text) == found
        assert ("/countries/AM#contact-c-1" in text) == found

    async def test_best_first_and_gone_at_once(self, search: Search) -> None:
        others = [contact(1, f"c-{n}", name=f"Office {n}") for n in range(2, 7)]
        await search.hear(contact(), *others, programme())
        answer = await search.get("/api/v1/listings?q=social+service+families&country=AM")
        told = answer.json()
        assert (told["total"], told["listings"][0]["listing_id"]) == (6, "c-1")
        assert "And 3 more" in await page(search, "/en/search?q=social+service+families")
        assert "Start Again" in await page(search, "/fr/search?q=ouvrir+un+commerce")
        await search.hear(contact(2, name="Office 1"), ContactChanged(contact_id="c-2", version=2))
        left = (await search.get("/api/v1/listings?q=office&topic=social")).json()
        assert [one["name"] for one in left["listings"]] == [f"Office {n}" for n in (1, 3, 4, 5, 6)]
        with clock.frozen(dt.datetime(2027, 1, 1, 9, tzinfo=dt.UTC)):
            assert "Start Again" not in await page(search, "/fr/search?q=ouvrir+un+commerce")
        assert (await search.get("/api/v1/listings?q=")).status_code == 422

    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("cari", ["c-1"]),
            ("CARITAS gyu", ["c-1"]),
            ("where is Cári", ["c-1"]),
            ("shira", ["c-1", "p-1"]),
            ("commer", ["p-1"]),
            ("caritas shir", ["c-1"]),
            ("armenia", ["c-1", "p-1"]),
            ("arme", []),  # the beginning of a country tells of nobody
            ("ca", []),
            ("cari gyumri", []),  # not the last word
            ("caro", []),
        ],
    )
    async def test_a_name_that_is_half_typed(
        self, search: Search, words: str, found: list[str]
    ) -> None:
        await search.hear(contact(name="Caritas Gyumri"), programme(name="Start Again"))
        answer = await search.get(f"/api/v1/listings?q={words}")
        told = [one["listing_id"] for one in answer.json()["listings"]]
        assert sorted(told) == found
        text = await page(search, f"/en/search?q={words}&part=results")
        assert ('id="fitting"' in text) == bool(found)

    async def test_a_misspelt_name_is_mended(self, search: Search) -> None:
        await search.hear(contact(name="Zvartnoc Haven"))
        assert "Did you mean" in await page(search, "/en/search?q=zvartnok")
        await search.hear(ContactChanged(contact_id="c-1", version=2))
        assert "Did you mean" not in await page(search, "/en/search?q=zvartnok")

    @pytest.mark.parametrize(
        ("filters", "mended"),
        [
            ("country=AM", True),
            ("country=AM&topic=social.benefits", True),
            ("country=GE", False),
            ("topic=health", False),
            ("country=AM&outcome=found", False),
        ],
    )
    async def test_within_filters_only_where_one_is_left(
        self, search: Search, filters: str, mended: bool
    ) -> None:
        await search.hear(programme(run_by="Zvartnoc Haven"))
        text = await page(search, f"/en/search?q=zvartnok&{filters}")
        assert ("Did you mean" in text) == mended

    async def test_feeds_tell_what_is_new_changed_and_gone(self, search: Search) -> None:
        await search.hear(contact(), programme(country="GE", checked_on="2026-11-24"))
        for where, names in {
            "all": ("Social Service Shirak", "Start Again"),
            "AM": ("Social Service Shirak",),
            "social": ("Social Service Shirak", "Start Again"),
            "health": (),
        }.items():
            feed = await page(search, f"/feeds/en/{where}.atom")
            told = [n for n in ("Social Service Shirak", "Start Again") if f": {n}</title>" in feed]
            assert tuple(told) == names, where
        assert "<updated>2026-11-24T00:00:00Z</updated>" in await page(search, "/feeds/en/GE.atom")
        await search.hear(ContactChanged(contact_id="c-1", version=2))
        feed = await page(search, "/feeds/en/AM.atom")
        assert "Social Service Shirak" not in feed
        assert ":listing/c-1" in feed


@pytest.mark.parametrize(("kind", "lang"), [("zip", "en"), ("pdf", "en"), ("pdf", "ar")])
async def test_a_pack_takes_them_along(search: Search, kind: str, lang: str) -> None:
    address = f"/{lang}/countries/AM/pack.{kind}"
    before = (await search.get(address)).headers["etag"]
    await search.hear(contact(check_by="2026-11-01"), programme())
    assert (await search.get(address)).headers["etag"] != before
    text = await words_of(search, kind, f"{lang}/countries/AM")
    for words in ("Social Service Shirak", "12 Abovyan Street", "Shirak Development Fund"):
        assert words in text, words


class TestToTakeAlong:
    async def test_a_program_reads_what_the_page_of_a_country_says(self, search: Search) -> None:
        await search.hear(contact(), programme())
        answer = await search.get("/api/v1/countries/AM")
        told = answer.json()
        assert (told["country"], told["partner"], told["answers"]) == ("AM", "available", 7)
        [one], [other] = told["contacts"], told["programmes"]
        assert one["phone"] == "+374 312 00 000"
        assert one["website"] == "https://shirak.example/social"
        assert [text["language"] for text in one["texts"]] == ["en", "ar"]
        assert (other["run_by"], other["ends_on"]) == ("Shirak Development Fund", "2026-12-31")
        assert answer.headers["cache-tag"] == "cri,cri-country-AM"
        assert (await search.get("/api/v1/countries/XX")).status_code == 404

    async def test_everything_in_files_and_what_is_gone_is_named(self, search: Search) -> None:
        await search.hear(contact(name="=cmd()"), programme())
        lines = (await search.get("/export/listings.jsonl")).text.splitlines()
        assert [json.loads(line)["listing_id"] for line in lines] == ["c-1", "p-1"]
        table = (await search.get("/export/listings.csv")).text
        rows = list(csv.DictReader(table.removeprefix("\ufeff").splitlines(keepends=True)))
        assert [(row["listing_id"], row["language"]) for row in rows] == [
            *(("c-1", "en"), ("c-1", "ar"), ("p-1", "fr"))
        ]
        assert rows[0]["name"] == "'=cmd()"
        await search.hear(ContactChanged(contact_id="c-1", version=2))
        gone = (await search.get("/export/listings.tombstones.jsonl")).text
        assert json.loads(gone) == {
            "listing_id": "c-1",
            "what": "contact",
            "retired_on": "2026-11-25",
        }
        for name in ("listings.jsonl", "listings.csv"):
            assert "c-1" not in (await search.get(f"/export/{name}")).text
