"""Four entries, in four languages and three scripts, and ways to ask for them."""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any

from cri_shared.index.documents import EntryDocument
from cri_shared.index.meilisearch import MeilisearchIndex
from cri_shared.index.port import Changes, Page, Query
from cri_shared.testing.entries import entry

KABUL_FR = entry(
    "kabul",
    "fr",
    question="Où trouver un médecin à Kaboul ?",
    answer="Les cliniques de Kaboul soignent gratuitement les personnes revenues.",
    keywords=["Afghanistan", "Santé"],
    year=2023,
    information_date=20230301,
)
KABUL_AR = entry(
    "kabul",
    "ar",
    question="المساعدة الطبية في كابول",
    answer="توجد مستشفيات في كابول للعائدين",
    keywords=["أفغانستان"],
    year=2023,
    information_date=20230302,
)
BAGHDAD = entry(
    "baghdad",
    question="Can a family rent a house in Baghdad?",
    answer="Rent in Baghdad is <b>expensive</b>; ask the clinic & the ministry first.",
    keywords=["Iraq", "Housing"],
    country="IQ",
    topics=["housing.rent", "health.care"],
    topic_groups=["housing", "health"],
    outcome="partly",
    labels=["single_source"],
    year=2025,
    information_date=20250601,
)
ALMATY = entry(
    "almaty",
    "ru",
    question="Сколько стоит жильё?",
    answer="В Алматы аренда стоит дорого.",
    keywords=["Казахстан"],
    country="KZ",
    topics=["housing.rent"],
    topic_groups=["housing"],
    year=2024,
    information_date=20240401,
)
ENTRIES = (KABUL_FR, KABUL_AR, BAGHDAD, ALMATY)


async def search(index: MeilisearchIndex, text: str = "", **options: Any) -> Page:
    return await index.search(Query(text, **options))


async def found(index: MeilisearchIndex, text: str = "", **options: Any) -> list[str]:
    return [hit.id for hit in (await search(index, text, **options)).hits]


async def stream(documents: Iterable[EntryDocument]) -> AsyncIterator[EntryDocument]:
    for document in documents:
        yield document


async def nothing_changed(_since: datetime) -> Changes:
    return Changes()
