"""Filters, counts of facets, orders and pages."""

from typing import Any

import pytest
from cri_shared.index.asking import filter_expressions
from cri_shared.index.documents import FACETS, readers_of
from cri_shared.index.meilisearch import MeilisearchIndex
from cri_shared.index.port import IndexRefused
from cri_shared.testing.entries import entry

from tests.index.four import found, search


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({"country": ["AF"]}, ["kabul_ar", "kabul_fr"]),
        ({"country": ["AF", "IQ"], "topics": ["housing.rent"]}, ["baghdad_en"]),
        ({"country": []}, ["almaty_ru", "baghdad_en", "kabul_ar", "kabul_fr"]),
        ({"year": {"gte": 2024}}, ["almaty_ru", "baghdad_en"]),
        ({"year": {"gte": 2024, "lte": 2024}}, ["almaty_ru"]),
        ({"information_date": {"gte": 20230302, "lte": 20240401}}, ["almaty_ru", "kabul_ar"]),
        ({"year": [2025]}, ["baghdad_en"]),
        ({"labels": ["single_source"]}, ["baghdad_en"]),
        ({"language": ["ar", "ru"]}, ["almaty_ru", "kabul_ar"]),
        ({"outcome": ["partly"]}, ["baghdad_en"]),
        (
            {"language": ["ar", "ru", *(f"x{number}" for number in range(100))]},
            ["almaty_ru", "kabul_ar"],
        ),
    ],
)
async def test_filters(index: MeilisearchIndex, filters: dict[str, Any], ids: list[str]) -> None:
    page = await search(index, filters=filters)
    assert sorted(hit.id for hit in page.hits) == ids
    assert page.total == len(ids)


@pytest.mark.parametrize(
    "value",
    [
        'A" OR country = "IQ',
        'A"] OR country IN ["IQ',
        "A' OR country = 'IQ",
        'A\\" OR country = \\"IQ',
        "\\",
        '"',
        "] OR year > 0",
    ],
)
async def test_no_value_becomes_filter_language(index: MeilisearchIndex, value: str) -> None:
    assert await found(index, filters={"country": [value]}) == []


async def test_a_name_that_is_no_field_is_refused() -> None:
    with pytest.raises(ValueError, match="field"):
        filter_expressions({"country = 'IQ' OR year": [1]})


async def test_an_unknown_field_is_refused(index: MeilisearchIndex) -> None:
    with pytest.raises(IndexRefused, match="invalid_search_filter"):
        await search(index, filters={"colour": ["red"]})


async def test_facets_count_what_is_found(index: MeilisearchIndex) -> None:
    page = await search(index, facets=FACETS)
    assert page.facets["country"] == {"AF": 2, "IQ": 1, "KZ": 1}
    assert page.facets["topics"] == {"health.care": 3, "housing.rent": 2}
    assert page.facets["year"] == {"2023": 2, "2024": 1, "2025": 1}
    assert page.facets["labels"] == {"single_source": 1}
    assert list(page.facets) == list(FACETS)


async def test_a_chosen_facet_keeps_the_counts_of_its_other_values(index: MeilisearchIndex) -> None:
    page = await search(
        index,
        facets=("country", "topics", "language"),
        filters={"country": ["IQ"], "language": ["en"]},
    )
    assert [hit.id for hit in page.hits] == ["baghdad_en"]
    assert page.facets["country"] == {"IQ": 1}
    assert page.facets["language"] == {"en": 1}
    assert page.facets["topics"] == {"health.care": 1, "housing.rent": 1}
    page = await search(index, facets=("country", "topics"), filters={"country": ["IQ"]})
    assert page.facets["country"] == {"AF": 2, "IQ": 1, "KZ": 1}
    assert page.total == 1


async def test_a_topic_does_not_narrow_the_counts_of_groups_of_topics(
    index: MeilisearchIndex,
) -> None:
    page = await search(
        index, facets=("topic_groups", "topics"), filters={"topics": ["housing.rent"]}
    )
    assert page.facets["topic_groups"] == {"health": 3, "housing": 2}
    assert page.facets["topics"] == {"health.care": 3, "housing.rent": 2}


async def test_each_reader_finds_an_entry_once_in_the_best_version(empty: MeilisearchIndex) -> None:
    shown = readers_of(["ar", "fr"])
    await empty.put([entry("kabul", tag, readers=shown[tag]) for tag in shown])
    assert await found(empty, filters={"readers": ["nl"]}) == ["kabul_fr"]
    page = await search(empty, facets=["language", "country"], filters={"readers": ["ar"]})
    assert [hit.id for hit in page.hits] == ["kabul_ar"]
    assert page.facets == {"language": {"ar": 1, "fr": 1}, "country": {"AF": 1}}


async def test_dates_are_sorted_both_ways(index: MeilisearchIndex) -> None:
    newest = ["baghdad_en", "almaty_ru", "kabul_ar", "kabul_fr"]
    assert await found(index, sort="information_date:desc") == newest
    assert await found(index, sort="information_date:asc") == newest[::-1]


async def test_a_sort_by_date_goes_before_relevance(empty: MeilisearchIndex) -> None:
    await empty.put(
        [
            entry("old", question="Doctor, doctor, doctor?", information_date=20200101),
            entry("new", answer="A doctor comes.", question="?", information_date=20250101),
        ]
    )
    assert await found(empty, "doctor", sort="information_date:desc") == ["new_en", "old_en"]


async def test_an_unknown_sort_is_refused(index: MeilisearchIndex) -> None:
    with pytest.raises(IndexRefused, match="invalid_search_sort"):
        await search(index, sort="question:asc")


async def test_pages_follow_each_other_without_gap(empty: MeilisearchIndex) -> None:
    await empty.put([entry(f"e{day:02}", information_date=day) for day in range(1, 24)])
    pages = [
        await search(empty, "doctor", sort="information_date:asc", page=number, per_page=10)
        for number in (1, 2, 3, 4)
    ]
    assert [page.total for page in pages] == [23] * 4
    days = [hit.entry_id for page in pages for hit in page.hits]
    assert days == [f"e{day:02}" for day in range(1, 24)]


async def test_relevance_is_paged_without_repeats(empty: MeilisearchIndex) -> None:
    await empty.put([entry(f"e{number}") for number in range(25)])
    ids = [
        each for page in (1, 2, 3) for each in await found(empty, "doctor", page=page, per_page=10)
    ]
    assert len(ids) == len(set(ids)) == 25
