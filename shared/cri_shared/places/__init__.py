"""The world as CRI sees it: countries, topics, languages and working days, as data."""

from cri_shared.places.calendars import add_working_days, is_working_day
from cri_shared.places.countries import COUNTRIES, ELSEWHERE, LANGUAGES, Country, country
from cri_shared.places.languages import (
    INTERFACE_LANGUAGES,
    PUBLIC_LANGUAGES,
    canonical_language,
    is_right_to_left,
)
from cri_shared.places.topics import (
    ALL_TOPICS,
    GROUPS,
    TOPICS,
    Topic,
    codes_over,
    review_days,
    topic,
)

__all__ = [
    "ALL_TOPICS",
    "COUNTRIES",
    "ELSEWHERE",
    "GROUPS",
    "INTERFACE_LANGUAGES",
    "LANGUAGES",
    "PUBLIC_LANGUAGES",
    "TOPICS",
    "Country",
    "Topic",
    "add_working_days",
    "canonical_language",
    "codes_over",
    "country",
    "is_right_to_left",
    "is_working_day",
    "review_days",
    "topic",
]
