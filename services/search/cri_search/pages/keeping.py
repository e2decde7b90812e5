"""How long browsers and what stands between may keep the pages of search."""

from typing import Any

from cri_shared.web.caching import cacheable
from cri_shared.web.pages import render
from fastapi import Request
from fastapi.responses import Response

# Who cannot be told forgets by himself: an entry that is taken back is gone after this, unasked.
FRESH_SECONDS = 20
# A page this much older may be shown while a newer one is fetched: once, to who comes first.
STALE_SECONDS = 60
# While we are away, what was seen an hour ago is better than nothing.
AWAY_SECONDS = 3600

ALL = "cri"
LISTS = "cri-lists"


def of_country(code: str) -> str:
    """The tag of what tells of a country."""
    return f"cri-country-{code}"


def of_entry(entry_id: str) -> str:
    """The tag of what tells of an entry."""
    return f"cri-entry-{entry_id}"


def page(
    request: Request, template: str, *, lang: str, tag: str = LISTS, **context: Any
) -> Response:
    """A public page that may be kept, or 304 where the reader has it; `tag` as in `keep`."""
    return keep(request, render(request, template, lang=lang, **context), tag=tag)


def keep(
    request: Request, response: Response, *, tag: str = LISTS, content: bytes | None = None
) -> Response:
    """A response of which everybody gets the same, with its life; `content` as in `cacheable`.

    `tag` says what it tells of: an entry, a country, or several (`LISTS`).
    """
    return cacheable(
        request,
        response,
        seconds=FRESH_SECONDS,
        stale=STALE_SECONDS,
        away=AWAY_SECONDS,
        tags=(ALL, tag),
        content=content,
    )
