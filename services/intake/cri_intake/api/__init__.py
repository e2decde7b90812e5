"""The API for partner organisations."""

from fastapi import APIRouter

from cri_intake.api import batch, places, questions

router = APIRouter(prefix="/api/v1")
for part in (batch, questions, places):
    router.include_router(part.router)
