"""The officers' console: the queue, a case's page, the desk, and questions by telephone."""

from fastapi import APIRouter

from cri_intake.console import desk, phone, question, queue

router = APIRouter(include_in_schema=False)
for part in (queue, phone, question, desk):
    router.include_router(part.router)
