"""Training's public pages: the programme, signing up, one's own sign-up, feedback."""

from fastapi import APIRouter

from cri_training.pages import feedback, manage, programme, sign_up

router = APIRouter(include_in_schema=False)
for part in (programme, sign_up, manage, feedback):
    router.include_router(part.router)
