"""The editors' console: the list, an entry, its editor, its languages and its ends."""

from fastapi import APIRouter

from cri_publishing.console import editor, entry, languages, lists, steps

router = APIRouter(include_in_schema=False)
for room in (lists, editor, languages, steps, entry):
    router.include_router(room.router, prefix="/console/entries")
