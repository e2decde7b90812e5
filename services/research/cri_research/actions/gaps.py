"""What is wanting, heard from search and training, and what is public, heard from publishing."""

from cri_shared.db import Work
from cri_shared.events.publishing import EntryFacts
from cri_shared.events.search import SearchMissed
from cri_shared.events.training import ObstacleCounted
from sqlalchemy import delete

from cri_research.models import MissedSearch, PublicEntry, RaisedObstacle


async def count_misses(work: Work, event: SearchMissed) -> None:
    """Keep how many searches of a week found nothing."""
    await work.session.merge(
        MissedSearch(
            country=event.country,
            topic=event.topic or "",
            week=event.week,
            searches=event.searches,
        )
    )


async def count_obstacle(work: Work, event: ObstacleCounted) -> None:
    """Keep how many people found it hard to talk about a country; others are no gap of ours."""
    codes = (event.code, *event.replaces)
    of_quarter = delete(RaisedObstacle).where(RaisedObstacle.quarter == event.period)
    await work.session.execute(of_quarter.where(RaisedObstacle.code.in_(codes)))
    if event.country is not None:
        work.session.add(
            RaisedObstacle(
                code=event.code,
                quarter=event.period,
                country=event.country,
                topic=event.topic or "",
                people=event.count,
            )
        )


async def keep_entry(work: Work, entry: EntryFacts) -> None:
    """Keep what a public entry is about, and how old it is."""
    await work.session.merge(
        PublicEntry(
            entry_id=entry.entry_id,
            country=entry.country,
            topics=list(entry.topics),
            information_date=entry.information_date,
            review_by=entry.review_by,
            archived=False,
        )
    )


async def archive_entry(work: Work, entry_id: str) -> None:
    """It is too old to count as an answer."""
    entry = await work.session.get(PublicEntry, entry_id)
    if entry is not None:
        entry.archived = True


async def forget_entry(work: Work, entry_id: str) -> None:
    """It was withdrawn."""
    entry = await work.session.get(PublicEntry, entry_id)
    if entry is not None:
        await work.session.delete(entry)
