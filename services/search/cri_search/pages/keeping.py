"""How long browsers and what stands between may keep the pages of search."""

from typing import Any

from cri_shared.web.caching import cacheable
from cri_shared.web.pages import render
from fastapi import Request
from fastapi.responses import Response

# A withdrawn entry disappears everywhere at once: nothing is kept longer than this unasked.
FRESH_SECONDS = 20
# While the engine or we are away, what was seen an hour ago is better than nothing.
STALE_SECONDS = 3600


def page(request: Request, template: str, *, lang: str, **context: Any) -> Response:
    """A public page that may be kept, or 304 where the reader has it."""
    return keep(request, render(request, template, lang=lang, **context))


def keep(request: Request, response: Response, *, content: bytes | None = None) -> Response:
    """A response of which everybody gets the same, with its life; `content` as in `cacheable`."""
    return cacheable(request, response, seconds=FRESH_SECONDS, stale=STALE_SECONDS, content=content)
