"""The editors' console: the list, an entry, its editor, its languages and its ends."""

from fastapi import APIRouter

from cri_publishing.console import (
    editor,
    ending,
    entry,
    languages,
    lists,
    readers,
    renewing,
    review,
)

router = APIRouter(include_in_schema=False)
for room in (lists, editor, languages, review, renewing, ending, entry):
    router.include_router(room.router, prefix="/console/entries")
router.include_router(readers.router)
