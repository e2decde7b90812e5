"""The editors' console: the list, an entry, its editor, its languages and its ends."""

from cri_publishing.console import (
    changes,
    coverage,
    editor,
    ending,
    entry,
    languages,
    lists,
    readers,
    renewing,
    review,
)

_ROOMS = (lists, editor, languages, review, renewing, ending, entry, readers, coverage, changes)
routers = tuple(room.router for room in _ROOMS)
