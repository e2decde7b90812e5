"""The backlog of gaps: what people look for, by country and topic, the widest first."""

import csv
import datetime as dt
import io
import re
from typing import Any

from cri_shared import clock
from cri_shared.events.publishing import (
    EntryArchived,
    EntryFacts,
    EntryPublished,
    EntryRevised,
    EntryWithdrawn,
)
from cri_shared.events.search import SearchMissed
from cri_shared.events.training import ObstacleCounted
from cri_shared.spreadsheet import BYTE_ORDER_MARK
from cri_shared.testing.events import deliver

from tests.research.conftest import Research


def missed(country: str, topic: str | None, searches: int, weeks_ago: int = 1) -> SearchMissed:
    week = clock.today() - dt.timedelta(weeks=weeks_ago)
    return SearchMissed.model_validate(
        {"country": country, "topic": topic, "week": week, "searches": searches}
    )


async def test_searches_and_unanswered_questions_make_one_list(research: Research) -> None:
    service = research.rig.service
    for event in (
        missed("GE", "health", 9),
        missed("GE", "health", 9),  # twice, as happens
        missed("GE", "health", 6, 2),
        missed("AF", None, 7),
        missed("IQ", "health", 50, 40),
    ):
        await deliver(service, event)
    research_id = await research.clear(country="AM", topics=["health.medication"])
    await research.post(f"/console/questions/{research_id}/give-up", why="no_partner")
    page = await research.see("/console/gaps")
    assert rows(page) == [
        ("Georgia", "15", "0", "0", "69"),
        ("Afghanistan", "7", "0", "0", "45"),
        ("Armenia", "0", "1", "0", "39"),
    ]
    assert "All topics" in page
    narrowed = await research.see("/console/gaps?country=AF")
    assert rows(narrowed) == [("Afghanistan", "7", "0", "0", "45")]
    assert 'href="/console/gaps.csv?country=AF"' in narrowed
    taken = await research.see("/console/gaps.csv?country=AF")
    (line,) = csv.DictReader(io.StringIO(taken.removeprefix(BYTE_ORDER_MARK)))
    told = [line[name] for name in ("country", "topic", "cover", "points")]
    assert told == ["AF", "", "none", "45"]


async def test_what_is_public_and_how_old_it_is_weighs(research_on: Research) -> None:
    research, service = research_on, research_on.rig.service
    entry = the_entry(country="GE", topics=("health.medication",))
    await deliver(service, missed("GE", "health", 10))
    await deliver(service, EntryPublished(entry_id="e1", entry=entry))
    page = await research.see("/console/gaps")
    assert rows(page) == [("Georgia", "10", "0", "0", "10")]
    assert "1 answer" in page
    old = entry.model_copy(update={"review_by": clock.today() - dt.timedelta(days=1), "version": 2})
    await deliver(service, EntryRevised(entry_id="e1", entry=old))
    page = await research.see("/console/gaps")
    assert rows(page) == [("Georgia", "10", "0", "0", "20"), ("Georgia", "0", "0", "0", "0")]
    assert "Past its date" in page
    await deliver(service, EntryArchived(entry_id="e1", version=2))
    assert len(rows(await research.see("/console/gaps"))) == 2
    await deliver(service, EntryWithdrawn(entry_id="e1", version=2))
    assert rows(await research.see("/console/gaps")) == [("Georgia", "10", "0", "0", "54")]


async def test_what_people_of_workshops_find_hard_counts_too(research: Research) -> None:
    for country, code, count, replaces in (
        ("GE", "no-prices", 5, ()),
        ("GE", "no-prices", 12, ()),  # told again, as it changed
        ("GE", "medicines", 6, ()),
        ("GE", "prices", 9, ("medicines",)),  # the code was merged into this one
        (None, "fear-of-pressure", 20, ()),
    ):
        counted = {"code": code, "country": country, "topic": "health.medication", "count": count}
        told = counted | {"period": "2026-07-01", "replaces": replaces}
        await deliver(research.rig.service, ObstacleCounted.model_validate(told))
    page = await research.see("/console/gaps")
    assert rows(page) == [("Georgia", "0", "0", "21", "87")]


def rows(page: str) -> list[tuple[str, ...]]:
    """(country, searches, questions, people of workshops, points) of each gap on the page."""
    cells = [
        (re.findall(r'class="q"[^>]*>([^<]+)<', row), re.findall(r'class="num"[^>]*>(\d+)<', row))
        for row in page.split('<tr role="row">')[2:]
    ]
    return [(country[0], *numbers) for country, numbers in cells]


def the_entry(**about: Any) -> EntryFacts:
    version = {"language": "en", "question": "Is insulin there?", "answer": "Yes."}
    return EntryFacts.model_validate(
        {
            "entry_id": "e1",
            "version": 1,
            "slug": "ge-insulin",
            "outcome": "found",
            "information_date": clock.today(),
            "review_by": clock.today() + dt.timedelta(days=90),
            "published_on": clock.today().replace(day=1),
            "languages": [version],
            **about,
        }
    )
