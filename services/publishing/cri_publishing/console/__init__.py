"""The editors' console: entries from draft to end, contacts and programmes, what readers say."""

from cri_publishing.console import (
    changes,
    coverage,
    editor,
    ending,
    entry,
    languages,
    links,
    listing_editor,
    listings,
    lists,
    readers,
    remarks,
    renewing,
    review,
)

_ROOMS = (
    *(lists, editor, languages, review, remarks, renewing, ending, entry, readers, coverage),
    *(changes, listings, listing_editor, links),
)
routers = tuple(room.router for room in _ROOMS)
