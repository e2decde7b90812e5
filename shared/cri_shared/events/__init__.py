"""The contracts between services: every event, in the module of the service that publishes it."""

from cri_shared.events import intake, publishing, research, search, training
from cri_shared.events.base import (
    REGISTRY,
    SERVICES,
    Event,
    Part,
    producers_heard,
    subjects_heard,
)

from cri_shared.events import upkeep  # isort: skip  # its hearers follow from all the others

__all__ = [
    "REGISTRY",
    "SERVICES",
    "Event",
    "Part",
    "intake",
    "producers_heard",
    "publishing",
    "research",
    "search",
    "subjects_heard",
    "training",
    "upkeep",
]
