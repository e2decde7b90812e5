"""The backlog of gaps: countries and topics that people ask about and find nothing good on."""

import datetime as dt
from collections import Counter

from cri_shared import clock
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_research.models import MissedSearch, PublicEntry, Question, RaisedObstacle
from cri_research.rules.gaps import Entry, Gap, by_subject, gap, is_wanting
from cri_research.rules.states import Status

LOOKED_BACK = dt.timedelta(days=84)
RAISED_BACK = dt.timedelta(days=270)  # a quarter is told of some weeks after it is over
MOST = 100


async def gaps(session: AsyncSession, country: str = "") -> list[Gap]:
    """The gaps (of a country), the widest first."""
    since = clock.today() - LOOKED_BACK
    searches, questions = await _missed(session, since), await _unanswered(session, since)
    people, entries = await _raised(session), await _entries(session, country)
    known = {(entry.country, topic) for entry in entries for topic in entry.topics}
    public = by_subject(entries)
    found = [
        gap(
            about,
            searches=searches[about],
            questions=questions[about],
            people=people[about],
            entries=public.get(about, ()),
            today=clock.today(),
        )
        for about in known | searches.keys() | questions.keys() | people.keys()
        if country in ("", about[0])
    ]
    wanting = [one for one in found if is_wanting(one)]
    return sorted(wanting, key=lambda one: (-one.weight, one.country, one.topic))[:MOST]


async def _missed(session: AsyncSession, since: dt.date) -> Counter[tuple[str, str]]:
    missed = select(
        MissedSearch.country, MissedSearch.topic, func.sum(MissedSearch.searches)
    ).where(MissedSearch.week >= since)
    grouped = missed.group_by(MissedSearch.country, MissedSearch.topic)
    rows = (await session.execute(grouped)).all()
    return Counter({(country, topic): int(count) for country, topic, count in rows})


async def _raised(session: AsyncSession) -> Counter[tuple[str, str]]:
    rows = select(RaisedObstacle.country, RaisedObstacle.topic, func.sum(RaisedObstacle.people))
    recent = rows.where(RaisedObstacle.quarter >= clock.today() - RAISED_BACK)
    grouped = recent.group_by(RaisedObstacle.country, RaisedObstacle.topic)
    found = (await session.execute(grouped)).all()
    return Counter({(country, topic): int(count) for country, topic, count in found})


async def _unanswered(session: AsyncSession, since: dt.date) -> Counter[tuple[str, str]]:
    rows = select(Question.country, Question.topics).where(
        Question.status == Status.UNANSWERED,
        Question.changed_at >= dt.datetime.combine(since, dt.time(), dt.UTC),
    )
    return Counter(
        (country, topic)
        for country, topics in (await session.execute(rows)).all()
        for topic in topics
    )


async def _entries(session: AsyncSession, country: str) -> list[Entry]:
    """The public answers (of a country)."""
    columns = (PublicEntry.information_date, PublicEntry.review_by, PublicEntry.archived)
    rows = select(PublicEntry.country, PublicEntry.topics, *columns)
    if country:
        rows = rows.where(PublicEntry.country == country)
    found = (await session.execute(rows)).all()
    return [Entry(r[0], tuple(r[1]), r[2], r[3], r[4]) for r in found]
