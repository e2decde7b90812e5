"""The partner's pages: one question behind one link, on a slow phone, with or without script."""

from fastapi import APIRouter

from cri_research.pages import answering, door, steps

router = APIRouter(include_in_schema=False)
for part in (door, steps, answering):
    router.include_router(part.router)
