"""The trainers' console: workshops, editions, participants, feedback."""

from fastapi import APIRouter

from cri_training.console import acting, editions, participants, workshops

router = APIRouter(prefix="/console", include_in_schema=False)
for part in (workshops, editions, acting, participants):
    router.include_router(part.router)
