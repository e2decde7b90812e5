"""What readers do not find, heard from search."""

from cri_shared.db import Work
from cri_shared.events.search import SearchMissed

from cri_research.models import MissedSearch


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
