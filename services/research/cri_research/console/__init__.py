"""The coordinators' console."""

from cri_research.console import (
    assignments,
    countries,
    gaps,
    partners,
    questions,
    reminders,
    review,
    statements,
)

_PARTS = (questions, review, assignments, reminders, partners, statements, countries, gaps)
routers = tuple(part.router for part in _PARTS)
