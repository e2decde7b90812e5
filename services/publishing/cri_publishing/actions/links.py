"""Which web addresses are looked at, and what editors say of those that no longer stand."""

import datetime as dt
from collections.abc import Iterable

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.errors import NotFound
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from sqlalchemy import delete, select

from cri_publishing.models import Link
from cri_publishing.models.views import moved
from cri_publishing.rules.draft import Draft

FIRST_LOOK = dt.timedelta(minutes=10)


def addresses(draft: Draft) -> list[str]:
    """The web addresses that a text cites."""
    urls = (source.url for source in draft.sources)
    return [*dict.fromkeys(url for url in urls if url.startswith(("https://", "http://")))]


async def follow(
    work: Work, urls: Iterable[str], *, entry_id: str | None = None, listing_id: str | None = None
) -> None:
    """Look from now on at what an entry or a listing names, and no more at what it named before."""
    named = list(urls)
    its = Link.entry_id == entry_id if entry_id else Link.listing_id == listing_id
    before = set((await work.session.execute(select(Link.url).where(its))).scalars())
    dropped = delete(Link).where(its, Link.url.not_in(named)).returning(Link.link_id)
    gone = (await work.session.execute(dropped)).scalars().all()
    moved(work.session.sync_session, gone)
    soon = clock.now() + FIRST_LOOK
    work.session.add_all(
        Link(entry_id=entry_id, listing_id=listing_id, url=url, next_at=soon)
        for url in named
        if url not in before
    )


async def _link(work: Work, link_id: str) -> Link:
    link = await work.session.get(Link, link_id, with_for_update=True)
    if link is None:
        raise NotFound
    return link


async def look_again(work: Work, link_id: str) -> None:
    """Let an address be looked at next."""
    (await _link(work, link_id)).next_at = clock.now()


async def leave_so(work: Work, link_id: str, by: Staff) -> None:
    """An editor has seen how it stands, and leaves it so."""
    link = await _link(work, link_id)
    link.leave_so()
    about = link.entry_id or link.listing_id or link_id
    await audit.note(work, "publishing.link.seen", about, by=by)
