"""The coordinators' console."""

from cri_research.console import assignments, countries, gaps, partners, questions, review

_PARTS = (questions, review, assignments, partners, countries, gaps)
routers = tuple(part.router for part in _PARTS)
