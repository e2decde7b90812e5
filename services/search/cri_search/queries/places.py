"""What there is to read: per country, per topic, and what is new."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from cri_shared import clock
from cri_shared.places import ALL_TOPICS, TOPICS
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_search.models import CountryState, Edition, Entry, OnShelf, ShelfCount
from cri_search.queries import shelves
from cri_search.queries.entries import Card, excerpts
from cri_search.rules.standing import State

LATEST = 6
LATEST_CHANGES = 5
WORKSHOPS = 4
PER_TOPIC = 5
PER_TOPIC_PAGE = 20


@dataclass(frozen=True)
class Shelf:
    """A group of topics: how many answers it holds, and the most recently checked of them.

    `cards` have it as their first group; `also` stand as a card in another, so that nobody takes
    one answer for two.
    """

    code: str
    count: int
    cards: list[Card]
    also: list[Card]
    topics: dict[str, int]


@dataclass(frozen=True)
class Standing:
    """How well a country (or everything) is covered."""

    answers: int
    due: int
    latest_check: dt.date | None


async def latest(session: AsyncSession, reader: str) -> list[Card]:
    """The entries that are new or changed most recently, with the beginning of the answer."""
    newest = await shelves.changed_last(session, reader, limit=LATEST)
    texts = await excerpts(session, {card.entry_id: card.language for card in newest})
    return [replace(card, excerpt_html=texts[card.entry_id][1]) for card in newest]


async def workshops(session: AsyncSession) -> list[Edition]:
    """The next workshops that have not begun."""
    rows = (
        select(Edition)
        .where(Edition.cancelled.is_(False), Edition.starts_at > clock.now())
        .order_by(Edition.starts_at, Edition.edition_id)
        .limit(WORKSHOPS)
    )
    return list((await session.execute(rows)).scalars())


async def partner_state(session: AsyncSession, country: str) -> str | None:
    """Whether a country has a partner: available, none, or None where nobody has said."""
    known = await session.get(CountryState, country)
    return known.partner_state if known else None


async def partner_states(session: AsyncSession) -> dict[str, str]:
    """Country -> available or none, for the countries of which it is known."""
    rows = await session.execute(select(CountryState.country, CountryState.partner_state))
    return {country: state for country, state in rows.all()}


async def standing(session: AsyncSession, country: str) -> Standing:
    """How well a country is covered."""
    there = await session.get(ShelfCount, (ALL_TOPICS, country))
    latest_check = select(func.max(OnShelf.information_date)).where(
        OnShelf.code == ALL_TOPICS, OnShelf.country == country
    )
    late = select(func.count()).where(
        Entry.state == State.PUBLISHED, Entry.country == country, Entry.review_by < clock.today()
    )
    return Standing(
        answers=there.entries if there else 0,
        due=(await session.execute(late)).scalar_one(),
        latest_check=(await session.execute(latest_check)).scalar_one(),
    )


async def shelves_of(session: AsyncSession, reader: str, country: str) -> list[Shelf]:
    """The answers about a country by group of topics; groups without any are there too."""
    groups = await shelves.counts_by_group(session, country)
    topics = await shelves.counts_by_topic(session, country)
    found = {
        group: await shelves.checked_last(session, reader, group, country, limit=PER_TOPIC)
        for group, count in groups.items()
        if count
    }
    return [
        Shelf(
            code=group,
            count=count,
            cards=[card for card in found.get(group, ()) if _first_group(card) == group],
            also=[card for card in found.get(group, ()) if _first_group(card) != group],
            topics={code: topics[code] for code, topic in TOPICS.items() if topic.parent == group},
        )
        for group, count in groups.items()
    ]


def _first_group(card: Card) -> str:
    return card.topics[0].split(".")[0]


async def latest_changes(session: AsyncSession, reader: str, country: str) -> list[dict[str, Any]]:
    """What was published or revised last about a country: day, note or None, and the entry."""
    changed = await shelves.changed_last(session, reader, ALL_TOPICS, country, limit=LATEST_CHANGES)
    rows = select(Entry.entry_id, Entry.changes).where(
        Entry.entry_id.in_([card.entry_id for card in changed])
    )
    notes: dict[str, list[dict[str, Any]]] = {
        entry_id: changes for entry_id, changes in (await session.execute(rows)).all()
    }
    return [
        {
            "on": card.changed_on,
            "card": card,
            "change": max(notes[card.entry_id], key=lambda c: c["version"], default=None),
        }
        for card in changed
    ]


async def countries_about(session: AsyncSession, code: str) -> Counter[str]:
    """Country -> number of published entries on a topic or group of topics."""
    return Counter(await shelves.counts_by_country(session, code))
