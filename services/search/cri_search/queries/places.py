"""What there is to read: per country, per topic, and what is new."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from cri_shared import clock
from cri_shared.places import GROUPS, TOPICS
from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_search.models import CountryState, Edition, Entry, EntryTopic
from cri_search.queries.entries import Card, cards, excerpts
from cri_search.rules.standing import State

LATEST = 6
LATEST_CHANGES = 5
WORKSHOPS = 4
OTHERS = 3
PER_TOPIC = 5
PER_TOPIC_PAGE = 20

_PUBLISHED = (Entry.state == State.PUBLISHED, Entry.version > 0)
_NEWEST = Entry.information_date.desc()


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


async def counts_by_group(session: AsyncSession, country: str | None = None) -> dict[str, int]:
    """Group of topics -> number of published entries; groups without any count 0."""
    counted = await _counted(session, EntryTopic.topic_group, country)
    return {code: counted.get(code, 0) for code in GROUPS}


async def counts_by_topic(session: AsyncSession, country: str | None = None) -> dict[str, int]:
    """Topic -> number of published entries; topics without any count 0."""
    counted = await _counted(session, EntryTopic.topic, country)
    return {code: counted.get(code, 0) for code in TOPICS}


async def _counted(session: AsyncSession, column: Any, country: str | None) -> dict[str, int]:
    rows: Select[Any] = (
        select(column, func.count(Entry.entry_id.distinct()))
        .join(Entry, Entry.entry_id == EntryTopic.entry_id)
        .where(*_PUBLISHED)
        .group_by(column)
    )
    if country:
        rows = rows.where(Entry.country == country)
    return {code: count for code, count in (await session.execute(rows)).all()}


async def counts_by_country(
    session: AsyncSession, *conditions: ColumnElement[bool]
) -> dict[str, int]:
    """Country -> number of published entries; countries without any are left out."""
    rows = select(Entry.country, func.count()).where(*_PUBLISHED, *conditions)
    found = await session.execute(rows.group_by(Entry.country))
    return {country: count for country, count in found.all() if country}


async def latest(session: AsyncSession, reader: str) -> list[Card]:
    """The entries that are new or changed most recently, with the beginning of the answer."""
    newest = await cards(session, reader, order=[Entry.changed_on.desc()], limit=LATEST)
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
    rows = select(func.count(), func.max(Entry.information_date)).where(
        *_PUBLISHED, Entry.country == country
    )
    answers, latest_check = (await session.execute(rows)).one()
    late = select(func.count()).where(
        *_PUBLISHED, Entry.country == country, Entry.review_by < clock.today()
    )
    return Standing(answers, (await session.execute(late)).scalar_one(), latest_check)


async def shelves(session: AsyncSession, reader: str, country: str) -> list[Shelf]:
    """The answers about a country by group of topics; groups without any are there too."""
    groups = await counts_by_group(session, country)
    topics = await counts_by_topic(session, country)
    found = {
        group: await _on(session, reader, country, group) if count else []
        for group, count in groups.items()
    }
    return [
        Shelf(
            code=group,
            count=count,
            cards=[card for card in found[group] if _first_group(card) == group],
            also=[card for card in found[group] if _first_group(card) != group],
            topics={code: topics[code] for code, topic in TOPICS.items() if topic.parent == group},
        )
        for group, count in groups.items()
    ]


def _first_group(card: Card) -> str:
    return card.topics[0].split(".")[0]


async def _on(session: AsyncSession, reader: str, country: str, group: str) -> list[Card]:
    return await cards(
        session, reader, Entry.country == country, on_topic(group), order=[_NEWEST], limit=PER_TOPIC
    )


async def latest_changes(session: AsyncSession, reader: str, country: str) -> list[dict[str, Any]]:
    """What was published or revised last about a country: day, note or None, and the entry."""
    changed = await cards(
        session,
        reader,
        Entry.country == country,
        order=[Entry.changed_on.desc()],
        limit=LATEST_CHANGES,
    )
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


def on_topic(code: str) -> ColumnElement[bool]:
    """The condition of entries on a topic, or on any of a group of topics."""
    column = EntryTopic.topic_group if code in GROUPS else EntryTopic.topic
    return Entry.entry_id.in_(select(EntryTopic.entry_id).where(column == code).scalar_subquery())


async def about_topic(session: AsyncSession, reader: str, code: str) -> tuple[int, list[Card]]:
    """(number of published entries, the most recently checked) on a topic or group of topics."""
    about = on_topic(code)
    count = select(func.count()).select_from(Entry).where(*_PUBLISHED, about)
    found = await cards(session, reader, about, order=[_NEWEST], limit=PER_TOPIC_PAGE)
    return (await session.execute(count)).scalar_one(), found


async def others(session: AsyncSession, reader: str, entry: Entry) -> list[Card]:
    """A few other answers on the same topics, those about the same country first."""
    groups = {code.split(".")[0] for code in entry.topics}
    near = Entry.entry_id.in_(
        select(EntryTopic.entry_id).where(EntryTopic.topic_group.in_(groups)).scalar_subquery()
    )
    elsewhere = case((Entry.country == entry.country, 0), else_=1)
    other = Entry.entry_id != entry.entry_id
    return await cards(session, reader, other, near, order=[elsewhere.asc(), _NEWEST], limit=OTHERS)


async def countries_about(session: AsyncSession, code: str) -> Counter[str]:
    """Country -> number of published entries on a topic or group of topics."""
    return Counter(await counts_by_country(session, on_topic(code)))
