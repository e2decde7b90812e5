"""The coordinators' console."""

from fastapi import APIRouter

from cri_research.console import assignments, countries, gaps, partners, questions, review

router = APIRouter(prefix="/console", include_in_schema=False)
for part in (questions, review, assignments, partners, countries, gaps):
    router.include_router(part.router)
