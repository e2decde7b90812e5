"""What search holds, for its console: the copy beside the index, and what was heard when."""

import datetime as dt
from dataclasses import dataclass

from cri_shared.index.port import IndexRefused, Query, SearchUnavailable
from sqlalchemy import func, select

from cri_search.models import Entry, EntryText, messaging
from cri_search.queries.places import partner_states
from cri_search.queries.shelves import counts_by_country
from cri_search.rig import Rig
from cri_search.rules.standing import State


@dataclass(frozen=True)
class Holdings:
    """Numbers of the copy and of the index; `in_index` is None where it does not answer."""

    by_state: dict[str, int]
    by_country: dict[str, int]
    partners: dict[str, str]
    in_copy: dict[str, int]
    in_index: dict[str, int] | None
    heard: list[tuple[str, int, dt.datetime]]

    @property
    def differs(self) -> bool:
        """Whether the index holds other numbers of language versions than the copy."""
        return self.in_index is not None and self.in_index != self.in_copy

    @property
    def languages(self) -> list[str]:
        """The languages of either, those with most answers first."""
        either = {**(self.in_index or {}), **self.in_copy}
        return sorted(either, key=lambda tag: (-either[tag], tag))


async def holdings(rig: Rig) -> Holdings:
    """Count everything once."""
    inbox = messaging.inbox
    states = select(Entry.state, func.count()).where(
        (Entry.version > 0) | (Entry.state == State.WITHDRAWN)
    )
    versions = (
        select(EntryText.language, func.count())
        .join(Entry, Entry.entry_id == EntryText.entry_id)
        .where(Entry.state == State.PUBLISHED)
        .group_by(EntryText.language)
    )
    heard = select(inbox.c.subject, func.count(), func.max(inbox.c.processed_at)).group_by(
        inbox.c.subject
    )
    async with rig.service.database.reading() as session:
        return Holdings(
            by_state={
                str(state): count
                for state, count in await session.execute(states.group_by(Entry.state))
            },
            by_country=await counts_by_country(session),
            partners=await partner_states(session),
            in_copy={tag: count for tag, count in await session.execute(versions)},
            in_index=await _in_index(rig),
            heard=[
                (subject, count, last)
                for subject, count, last in await session.execute(heard.order_by(inbox.c.subject))
            ],
        )


async def _in_index(rig: Rig) -> dict[str, int] | None:
    """Language -> number of documents; facets count beyond the limit that totals have."""
    try:
        page = await rig.index.search(Query(facets=("language",), per_page=1))
    except (SearchUnavailable, IndexRefused):
        return None
    return page.facets["language"]
