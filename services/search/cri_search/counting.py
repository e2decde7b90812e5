"""What readers say and do not find, counted by week and told when the week is over."""

import asyncio
from collections import Counter
from typing import Any

from cri_shared import clock
from cri_shared.db import Work, new_id
from cri_shared.db.inserting import insert_into
from cri_shared.events.search import (
    FEWEST,
    EntryRated,
    ListingReported,
    MistakeReported,
    SearchMissed,
)
from cri_shared.retention import Rule
from cri_shared.words import N_
from sqlalchemy import Table, delete, select

from cri_search.models import Miss, Rating, SentForm
from cri_search.rig import Rig
from cri_search.rules.asked import Asked
from cri_search.rules.weeks import FORM_SPAN, week_of

FLUSH_SECONDS = 2.0


def rules() -> list[Rule]:
    """What search keeps no longer than it must."""
    label = N_("Forms of readers that came in, to know the same again")
    return [Rule("sent-forms", label, SentForm, SentForm.sent_at, FORM_SPAN)]


async def first_time(work: Work, form_id: str) -> bool:
    """Whether a form comes in for the first time; it is noted."""
    note = insert_into(work.session, _table(SentForm)).values(form_id=form_id, sent_at=clock.now())
    noted = await work.session.execute(note.on_conflict_do_nothing())
    return noted.rowcount == 1  # type: ignore[attr-defined, no-any-return]


async def rate(work: Work, entry_id: str, *, useful: bool) -> None:
    """Count one reader's word on an entry."""
    said = {"useful": int(useful), "not_useful": int(not useful)}
    await _add(work, Rating, {"entry_id": entry_id, "week": week_of(clock.today())}, said)


async def report(
    work: Work,
    event: type[MistakeReported | ListingReported],
    about: dict[str, str],
    said: dict[str, str | None],
) -> None:
    """Tell editors of a mistake; nothing of it is kept here.

    `about` is the id of what is wrong, `said` holds kind, text and language.
    """
    known = {"report_id": new_id(), "reported_on": clock.today()}
    await work.emit(event.model_validate({**about, **said, **known}))


def _table(model: Any) -> Table:
    table: Table = model.__table__
    return table


async def _add(work: Work, table: Any, key: dict[str, Any], counts: dict[str, int]) -> None:
    insert = insert_into(work.session, _table(table)).values(**key, **counts)
    more = {name: getattr(table, name) + count for name, count in counts.items()}
    await work.session.execute(insert.on_conflict_do_update(index_elements=list(key), set_=more))


async def tell_counts(work: Work) -> None:
    """Tell the counts of the weeks that are over, those of five or more, and forget them all."""
    this_week = week_of(clock.today())
    ratings = await work.session.execute(select(Rating).where(Rating.week < this_week))
    for rating in ratings.scalars():
        if rating.useful + rating.not_useful >= FEWEST:
            await work.emit(
                EntryRated(
                    entry_id=rating.entry_id,
                    week=rating.week,
                    useful=rating.useful,
                    not_useful=rating.not_useful,
                )
            )
    misses = await work.session.execute(select(Miss).where(Miss.week < this_week))
    for miss in misses.scalars():
        if miss.searches >= FEWEST:
            await work.emit(
                SearchMissed(
                    country=miss.country,
                    topic=miss.topic or None,
                    week=miss.week,
                    searches=miss.searches,
                )
            )
    for table in (Rating, Miss):
        await work.session.execute(delete(table).where(table.week < this_week))


class Misses:
    """Searches without a result, counted in memory and written together, so that none waits."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._counted: Counter[tuple[str, str]] = Counter()
        self._writing: asyncio.Task[None] | None = None

    def count(self, asked: Asked) -> None:
        """Count a search about one country that found nothing; others tell little."""
        if len(asked.country) != 1 or asked.page != 1:
            return
        topic = asked.topic[0] if len(asked.topic) == 1 else ""
        self._counted[asked.country[0], topic] += 1
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._write_later())

    async def close(self) -> None:
        """Stop counting; what was counted in the last seconds is lost."""
        if self._writing:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)

    async def _write_later(self) -> None:
        await asyncio.sleep(FLUSH_SECONDS)
        await self.write()

    async def write(self) -> None:
        """Write what was counted."""
        counted, self._counted = self._counted, Counter()
        if not counted:
            return
        async with self._rig.service.database.writing() as work:
            for (country, topic), searches in counted.items():
                key = {"country": country, "topic": topic, "week": week_of(clock.today())}
                await _add(work, Miss, key, {"searches": searches})
