"""Intake's public pages: ask a question, keep its number, follow it."""

from fastapi import APIRouter

from cri_intake.pages import ask, follow

router = APIRouter(include_in_schema=False)
router.include_router(ask.router)
router.include_router(follow.router)
