"""What several forms ask for: a country and topics of our lists."""

from typing import Annotated

from cri_shared.places import COUNTRIES, TOPICS
from cri_shared.words import N_
from pydantic import AfterValidator, Field


def _known_country(country: str) -> str:
    if country not in COUNTRIES:
        raise ValueError("unknown country")
    return country


def _known_topic(topic: str) -> str:
    if topic not in TOPICS:
        raise ValueError(N_("Choose one of the options"))
    return topic


Country = Annotated[str, Field(max_length=2), AfterValidator(_known_country)]
Topic = Annotated[str, Field(max_length=60), AfterValidator(_known_topic)]
