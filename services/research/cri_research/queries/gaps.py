"""The backlog of gaps: countries and topics that people ask about and find nothing on."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from cri_shared import clock
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_research.models import MissedSearch, Question
from cri_research.rules.states import Status

LOOKED_BACK = dt.timedelta(days=84)
MOST = 100
QUESTION_WEIGHT = 5  # a question that nobody could answer tells as much as five searches


@dataclass(frozen=True)
class Gap:
    """A country and a topic (or a group of them; empty: all), and who was left without an answer.

    `searches` and `questions` count twelve weeks.
    """

    country: str
    topic: str
    searches: int
    questions: int

    @property
    def weight(self) -> int:
        """What gaps are sorted by."""
        return self.searches + QUESTION_WEIGHT * self.questions


async def gaps(session: AsyncSession) -> list[Gap]:
    """The gaps, the widest first."""
    since = clock.today() - LOOKED_BACK
    missed = select(
        MissedSearch.country, MissedSearch.topic, func.sum(MissedSearch.searches)
    ).where(MissedSearch.week >= since)
    grouped = missed.group_by(MissedSearch.country, MissedSearch.topic)
    searches = {
        (country, topic): count for country, topic, count in (await session.execute(grouped)).all()
    }
    questions = await _unanswered(session, since)
    found = [
        Gap(country, topic, searches.get((country, topic), 0), questions[country, topic])
        for country, topic in searches.keys() | questions.keys()
    ]
    return sorted(found, key=lambda gap: (-gap.weight, gap.country, gap.topic))[:MOST]


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
