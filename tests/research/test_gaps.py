"""The backlog of gaps: what people look for, by country and topic, the widest first."""

import datetime as dt
import re

from cri_shared import clock
from cri_shared.events.search import SearchMissed
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
    await research.post(f"/console/questions/{research_id}/give-up", reason="no_partner")
    page = await research.see("/console/gaps")
    rows = re.findall(r'class="q"[^>]*>([^<]+)</a>.*?class="num"[^>]*>(\d+)<.*?>(\d+)<', page, re.S)
    assert rows == [("Georgia", "15", "0"), ("Afghanistan", "7", "0"), ("Armenia", "0", "1")]
    assert "All topics" in page
