"""How far a database is, what is still to come, and who works with it meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass

from alembic.migration import MigrationContext
from sqlalchemy import Connection

from cri_shared.db.phases import Revision, beyond, history
from cri_shared.db.presence import Process, present


@dataclass(frozen=True)
class Standing:
    """How far a database is, and what is still to come.

    `revision` is None where it has no tables yet; `is_newer` where this code does not know it.
    `older` are processes that work with the database and do not know the first revision among
    `pending` that takes something away.
    """

    revision: str | None
    is_newer: bool = False
    pending: tuple[Revision, ...] = ()
    present: tuple[Process, ...] = ()
    older: tuple[Process, ...] = ()

    @property
    def possible(self) -> tuple[Revision, ...]:
        """What may be done now: nothing is taken away from those who may still need it."""
        if self.revision is None or not self.older:
            return self.pending
        phases = [one.phase for one in self.pending]
        return self.pending[: phases.index("contract")]

    @property
    def waiting(self) -> tuple[Revision, ...]:
        """What must wait for the end of the older processes."""
        return self.pending[len(self.possible) :]

    @property
    def words(self) -> str:
        """What there is to say of a database that was left as it is, for people; mostly nothing."""
        if self.is_newer:
            return f"A newer release made revision {self.revision}: the database stays as it is."
        if not self.waiting:
            return ""
        named = ", ".join(one.id for one in self.waiting)
        there = ", ".join(map(str, self.older))
        return f"Waits, and takes something away: {named}; still there: {there}."


def standing_on(connection: Connection, package: str, version_table: str) -> Standing:
    """How far the database of a connection is with the revisions of a package."""
    context = MigrationContext.configure(connection, opts={"version_table": version_table})
    revision = context.get_current_revision()
    line = history(package)
    ids = [one.id for one in line]
    there = tuple(present(connection))
    if revision is not None and revision not in ids:
        return Standing(revision, is_newer=True, present=there)
    pending = tuple(beyond(line, revision))
    taking = next((one.id for one in pending if one.phase == "contract"), None)
    older = [one for one in there if taking and not _knows(ids, one.revision, taking)]
    return Standing(revision, pending=pending, present=there, older=tuple(older))


def _knows(ids: Sequence[str], newest: str, revision: str) -> bool:
    """Whether code whose newest revision this is knows another one; a stranger's may be older."""
    return newest in ids and ids.index(newest) >= ids.index(revision)
