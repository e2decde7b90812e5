"""What is forgotten when something public changes: in this process, and in a cache before it."""

import asyncio
from collections.abc import Callable

from cri_shared.events import Event
from cri_shared.events.publishing import (
    ContactChanged,
    EntryArchived,
    EntryPublished,
    EntryRevised,
    EntryWithdrawn,
    ProgrammeChanged,
)
from cri_shared.events.research import CountryChanged
from cri_shared.observe import log

from cri_search.packs.kept import Packs
from cri_search.pages.keeping import ALL, LISTS, of_country, of_entry
from cri_search.repeats import Kept
from cri_search.rules.spelling import Shelves

SECONDS = 5.0  # that a cache may take to answer
PAUSES = (1.0, 5.0, 15.0)  # after which it is asked again; then pages have aged by themselves


def tags_of(event: Event) -> set[str]:
    """The tags of all that is older than an event; what ends an entry may stand on any page."""
    match event:
        case EntryPublished() | EntryRevised():
            return {LISTS, of_country(event.entry.country), of_entry(event.entry_id)}
        case EntryArchived() | EntryWithdrawn():
            return {ALL}
        case ContactChanged(contact=facts) | ProgrammeChanged(programme=facts):
            return {ALL} if facts is None else {LISTS, of_country(facts.country)}
        case CountryChanged():
            return {ALL}
        case _:
            return {LISTS}


def _is_retired(event: Event) -> bool:
    """Whether readers must not see a contact or programme any more."""
    return (isinstance(event, ContactChanged) and event.contact is None) or (
        isinstance(event, ProgrammeChanged) and event.programme is None
    )


class Front:
    """The shared cache before search, which forgets by tag: `POST {"tags": [...]}` to a URL."""

    def __init__(self, url: str, token: str, pauses: tuple[float, ...] = PAUSES) -> None:
        self._url, self._token, self._pauses = url, token, pauses
        self._tags: set[str] = set()
        self._telling: asyncio.Task[None] | None = None

    def forget(self, tags: set[str]) -> None:
        """Have tags forgotten; what comes while it is being told goes along with the next."""
        if not self._url:
            return
        self._tags |= tags
        if self._telling is None or self._telling.done():
            self._telling = asyncio.get_running_loop().create_task(self._tell())

    async def close(self) -> None:
        """Stop telling."""
        if self._telling:
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)

    async def _tell(self) -> None:
        import httpx  # at the first use: no idle process holds it

        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        async with httpx.AsyncClient(timeout=SECONDS, headers=headers) as client:
            while self._tags:
                tags, self._tags = sorted(self._tags), set()
                for pause in (*self._pauses, None):
                    try:
                        (await client.post(self._url, json={"tags": tags})).raise_for_status()
                        break
                    except httpx.HTTPError as trouble:
                        if pause is None:
                            log.error("search.front.not_told", error=type(trouble).__name__)
                        else:
                            await asyncio.sleep(pause)


def forgetting(
    kept: Kept, spellings: Shelves, packs: Packs, front: Front
) -> Callable[[Event], None]:
    """What to do after an event."""

    def changed(event: Event) -> None:
        kept.forget()
        spellings.forget()
        if isinstance(event, EntryWithdrawn) or _is_retired(event):
            packs.forget()
        front.forget(tags_of(event))

    return changed
