"""Gaps: how much a country and a topic want an answer, by demand, coverage and age."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

QUESTION_WEIGHT = 5  # a question that nobody could answer tells as much as five searches
OLDEST_MONTHS = 24  # what is older counts as much as what was never known
_DAYS_OF_MONTH = 30


class Cover(StrEnum):
    """What the public database holds of a country and a topic."""

    NONE = "none"
    OLD = "old"  # every answer is past its date, or archived
    GOOD = "good"


# Demand weighs three times where nothing is public, and once where people do not find what is.
COVER_WEIGHT = {Cover.NONE: 3, Cover.OLD: 2, Cover.GOOD: 1}


@dataclass(frozen=True)
class Entry:
    """A public answer: what it is about, when it was true, and until when it is good."""

    country: str
    topics: tuple[str, ...]
    information_date: dt.date
    review_by: dt.date
    archived: bool = False

    def about(self) -> set[tuple[str, str]]:
        """(country, topic) of all that it is about: each topic, its group, and all (empty)."""
        groups = {topic.partition(".")[0] for topic in self.topics}
        return {(self.country, topic) for topic in (*self.topics, *groups, "")}

    def is_good(self, today: dt.date) -> bool:
        """Whether readers get it without a warning."""
        return not self.archived and self.review_by >= today


def by_subject(entries: Iterable[Entry]) -> dict[tuple[str, str], list[Entry]]:
    """The entries of each (country, topic)."""
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        for about in entry.about():
            found.setdefault(about, []).append(entry)
    return found


@dataclass(frozen=True)
class Gap:
    """A country and a topic (or a group of them; empty: all) that wants an answer.

    `searches` and `questions` count twelve weeks, `people` those of workshops to whom it is hard to
    talk about, in the quarters told of last. `newest` is the information date of the newest public
    answer, None where there is none; `answers` counts the good ones.
    """

    country: str
    topic: str
    searches: int
    questions: int
    people: int
    cover: Cover
    answers: int
    newest: dt.date | None
    months: int

    @property
    def weight(self) -> int:
        """What gaps are sorted by: demand by coverage, and the months of age (24 at most)."""
        demand = self.searches + self.people + QUESTION_WEIGHT * self.questions
        return demand * COVER_WEIGHT[self.cover] + self.months


def gap(
    about: tuple[str, str],
    *,
    searches: int,
    questions: int,
    people: int,
    entries: Sequence[Entry],
    today: dt.date,
) -> Gap:
    """One gap, from who asks for it and from the public answers about it."""
    good = sum(entry.is_good(today) for entry in entries)
    newest = max((entry.information_date for entry in entries), default=None)
    age = (today - newest).days // _DAYS_OF_MONTH if newest else OLDEST_MONTHS
    return Gap(
        *about,
        searches=searches,
        questions=questions,
        people=people,
        cover=Cover.GOOD if good else Cover.OLD if entries else Cover.NONE,
        answers=good,
        newest=newest,
        months=min(max(age, 0), OLDEST_MONTHS),
    )


def is_wanting(one: Gap) -> bool:
    """Whether it belongs in the backlog: somebody asks for it, or what was public has aged."""
    return bool(one.searches or one.questions or one.people) or one.cover is Cover.OLD
