"""An import says how far it is, while its request goes on."""

from contextlib import suppress

from cri_shared import clock
from cri_shared.db.inserting import insert_into
from cri_shared.errors import Unavailable

from cri_intake.models import Import
from cri_intake.models.base import table_of
from cri_intake.rig import Rig

EACH = 25  # rows between two words about it, which cost a transaction


class Course:
    """One import, from its beginning; the same request again begins it anew."""

    def __init__(self, rig: Rig, organisation_id: str, key: str, total: int) -> None:
        self._rig, self._total = rig, total
        self._named = {"organisation_id": organisation_id, "key": key}
        self._began = clock.now()
        self._done = self._refused = 0

    async def begin(self) -> None:
        """Say that it has begun."""
        await self._tell()

    async def row(self, *, recorded: bool) -> None:
        """One row more is done, whether it was recorded or refused."""
        self._done += 1
        self._refused += not recorded
        if self._done % EACH == 0 or self._done == self._total:
            await self._tell()

    async def _tell(self) -> None:
        """Where the database is busy, the import matters more than what is said of it."""
        how_far = {
            "total": self._total,
            "done": self._done,
            "refused": self._refused,
            "began_at": self._began,
            "changed_at": clock.now(),
        }
        with suppress(Unavailable):
            async with self._rig.service.database.writing() as work:
                insert = insert_into(work.session, table_of(Import)).values(
                    **self._named, **how_far
                )
                keys = list(self._named)
                await work.session.execute(
                    insert.on_conflict_do_update(index_elements=keys, set_=how_far)
                )
