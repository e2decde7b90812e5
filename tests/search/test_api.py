"""The public API: strict about what it is asked, exact about what it answers."""

import html
import re
from typing import Any

import pytest
from cri_shared.events.publishing import EntryArchived, EntryWithdrawn
from cri_shared.events.research import CountryChanged

from tests.search.conftest import Search


async def api(search: Search, path: str) -> dict[str, Any]:
    response = await search.get(f"/api/v1{path}")
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def text_of(page: str) -> str:
    """What a page says, without its marks."""
    return html.unescape(" ".join(re.sub(r"<[^>]+>", "", page).split()))


class TestSearch:
    async def test_a_hit_has_everything_that_was_promised(self, search: Search) -> None:
        body = await api(search, "/search?q=dialyse&country=CD")
        assert set(body) == {
            *("query", "total", "page", "per_page", "hits", "facets", "did_you_mean"),
            "processing_ms",
        }
        [hit] = body["hits"]
        assert hit == {
            "entry_id": "dialysis",
            "url": "http://127.0.0.1:8000/fr/entries/dialysis-slug",
            "language": "fr",
            "question": "Combien coûte la dialyse à Goma ?",
            "excerpt": "Une séance de dialyse à Goma coûte 150 dollars. "
            "La liste d'attente est de trois mois.",
            "highlights": {
                "question": "Combien coûte la <mark>dialyse</mark> à Goma ?",
                "excerpt": "Une séance de <mark>dialyse</mark> à Goma coûte 150 dollars. "
                "La liste d&#x27;attente est de trois mois.",
            },
            "country": "CD",
            "region": None,
            "topics": ["health.access"],
            "information_date": "2025-01-15",
            "review_by": "2025-07-15",
            "outcome": "found",
            "labels": ["due"],
            "said": {
                "age": "il y a 2 ans",
                "answered_by": "Une organisation locale",
                "checked_by": "Une coordinatrice et deux rédacteurs, avant sa publication",
            },
        }
        assert (await search.get(hit["url"].split("8000")[1])).status_code == 200

    async def test_facets_count_both_levels_of_topics(self, search: Search) -> None:
        facets = (await api(search, "/search?topic=health&country=AM"))["facets"]
        assert set(facets) == {"country", "topic", "language", "year", "outcome"}
        assert facets["topic"]["health"] == 1
        assert facets["topic"]["education.school"] == 6
        assert facets["topic"]["housing"] == 0
        assert facets["country"] == {"AM": 1, "IQ": 1, "CD": 1}
        assert facets["language"]["nl"] == 1
        assert facets["year"] == {"2026": 1}

    async def test_parameters_may_be_repeated(self, search: Search) -> None:
        body = await api(search, "/search?country=AM&country=IQ&topic=health&per_page=1&page=2")
        assert body["total"] == 2
        assert body["page"] == 2
        assert len(body["hits"]) == 1
        assert body["query"]["country"] == ["AM", "IQ"]

    async def test_the_order_can_be_chosen(self, search: Search) -> None:
        body = await api(search, "/search?q=school&sort=checked&per_page=30")
        days = [hit["information_date"] for hit in body["hits"]]
        assert days == sorted(days, reverse=True)

    async def test_highlights_are_safe(self, search: Search) -> None:
        [hit] = (await api(search, "/search?q=apricot+form"))["hits"]
        assert "<script>" not in hit["highlights"]["excerpt"]
        assert "<script>alert('apricot')</script>" in hit["excerpt"]
        assert hit["labels"] == ["partly"]

    async def test_a_withdrawn_entry_is_dropped(self, search: Search) -> None:
        await search.hear(EntryWithdrawn(entry_id="insulin", version=2))
        body = await api(search, "/search?q=insulin&country=AM&topic=health")
        assert body["hits"] == []
        assert body["total"] == 0

    @pytest.mark.parametrize(
        ("query", "pointer"),
        [
            ("colour=red", "/colour"),
            ("country=XX", "/country/0"),
            ("topic=none.such", "/topic/0"),
            ("outcome=maybe", "/outcome/0"),
            ("language=Dutch", "/language/0"),
            ("sort=random", "/sort"),
            ("page=0", "/page"),
            ("page=one", "/page"),
            ("page=1&page=one", "/page"),
            ("colour=red&colour=blue", "/colour"),
            ("per_page=51", "/per_page"),
            ("checked_since=yesterday", "/checked_since"),
            ("q=" + "secretword" * 30, "/q"),
        ],
    )
    async def test_what_is_not_understood_is_refused(
        self, search: Search, query: str, pointer: str
    ) -> None:
        response = await search.get(f"/api/v1/search?{query}")
        assert response.status_code == 422
        assert response.headers["content-type"] == "application/problem+json"
        problem = response.json()
        assert problem["type"] == "invalid"
        assert [error["pointer"] for error in problem["errors"]] == [pointer]
        assert "secretword" not in response.text


class TestEntry:
    async def test_an_entry_is_told_whole(self, search: Search) -> None:
        body = await api(search, "/entries/insulin")
        assert body["state"] == "published"
        assert [text["language"] for text in body["languages"]] == ["en", "nl", "fr"]
        assert body["languages"][1]["translated_from"] == "en"
        assert "**polyclinic**" in body["languages"][0]["answer"]
        assert body["sources"][1]["url"] == "https://health.example/list"
        assert body["changes"][0]["note"] == "First published."
        assert body["review_by"] == "2027-04-20"

    async def test_an_entry_tells_how_it_stands_today(self, search: Search) -> None:
        body = await api(search, "/entries/insulin")
        assert body["standing"] == {
            "on": "2026-11-25",
            "age_days": 36,
            "due": False,
            "partner": "available",
        }
        said = {each["language"]: each for each in body["said"]}
        assert list(said) == ["en", "nl", "fr"]
        assert said["en"]["age"] == "1 month ago"
        assert said["fr"]["age"] == "il y a 1 mois"
        assert said["en"]["partner"] == "A partner takes questions"
        assert said["nl"]["disclaimer"].startswith("Wij geven informatie en geen advies.")
        page = (await search.get("/nl/entries/insulin-slug")).text
        for sentence in (said["nl"]["age"], said["nl"]["partner"], said["nl"]["disclaimer"]):
            assert sentence in page

    async def test_a_country_without_a_partner_is_told_honestly(self, search: Search) -> None:
        await search.hear(CountryChanged(country="AM", partner_state="none"))
        body = await api(search, "/entries/insulin")
        assert body["standing"]["partner"] == "none"
        assert body["said"][0]["partner"].startswith("Nobody in this country can look")

    async def test_labels_are_explained_in_the_language_of_the_answer(self, search: Search) -> None:
        body = await api(search, "/entries/dialysis")
        assert body["labels"] == ["due"]
        assert body["standing"]["due"]
        [said] = body["said"]
        [note] = said["notes"]
        assert note in text_of((await search.get("/fr/entries/dialysis-slug")).text)

    async def test_an_archived_entry_is_labelled(self, search: Search) -> None:
        await search.hear(EntryArchived(entry_id="insulin", version=1))
        body = await api(search, "/entries/insulin")
        assert body["state"] == "archived"
        assert body["labels"] == ["archived"]
        assert body["said"][0]["notes"][0].startswith("This answer is archived. It was last")

    async def test_a_withdrawn_entry_is_gone(self, search: Search) -> None:
        await search.hear(EntryWithdrawn(entry_id="insulin", version=2))
        response = await search.get("/api/v1/entries/insulin")
        assert response.status_code == 410
        assert response.json()["type"] == "entry-withdrawn"

    async def test_an_unknown_entry_is_not_found(self, search: Search) -> None:
        response = await search.get("/api/v1/entries/nothing")
        assert response.status_code == 404
        assert response.json()["type"] == "not-found"


async def test_the_api_describes_itself(search: Search) -> None:
    described = (await search.get("/api/openapi.json")).json()
    parameters = described["paths"]["/api/v1/search"]["get"]["parameters"]
    assert {"q", "country", "topic", "language", "outcome", "checked_since", "sort"} <= {
        parameter["name"] for parameter in parameters
    }
    schemas = described["components"]["schemas"]
    assert "HitOut" in schemas
    for shape in ("StandingOut", "SaidOut"):
        told = schemas[shape]["properties"]
        assert all(each.get("description") for name, each in told.items() if name != "language")
    assert "Show them" in schemas["EntryNow"]["properties"]["labels"]["description"]
    assert not [path for path in described["paths"] if "console" in path]
