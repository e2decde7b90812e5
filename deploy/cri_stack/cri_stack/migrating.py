"""`cri upgrade migrate`: every database of one machine, as far as its processes allow."""

from collections.abc import Callable
from dataclasses import dataclass

from cri_shared.db.migrate import migrate
from cri_shared.db.patience import Patience

from cri_stack.layout import Layout
from cri_stack.planning import stores


@dataclass(frozen=True)
class Migrated:
    """How a database was left: its revision, what waits, and the older processes it waits for."""

    store: str
    revision: str | None
    waiting: tuple[str, ...]
    waits_for: tuple[str, ...]
    words: str


def migrate_all(layout: Layout, say: Callable[[str], None]) -> list[Migrated]:
    """Migrate one after another, and say how each was left.

    Raises `MigrationBlocked`, `ValueError` where a setting is none, and what a database raises.
    """
    patience = Patience.told(layout.environment())
    done = []
    for store, package, url in stores(layout):
        left = migrate(package, url, patience)
        waiting = tuple(one.id for one in left.waiting)
        one = Migrated(store, left.revision, waiting, tuple(map(str, left.older)), left.words)
        say(f"{store:<11} {one.words or f'up to date ({one.revision})'}")
        done.append(one)
    return done
