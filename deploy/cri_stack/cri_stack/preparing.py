"""Making what a platform needs before anything of it starts: directories, keys, databases."""

import os

from cri_shared.privacy.keys import KeyRing

from cri_stack.layout import SERVICES, Layout
from cri_stack.migrating import Migrated, migrate_all


def prepare(layout: Layout) -> list[Migrated]:
    """Make keys and databases, or bring them up to date; safe to repeat. Gives how each was left.

    Raises `MigrationBlocked`, and `ValueError` where a setting of migrations is none.
    """
    os.umask(0o077)
    for directory in (layout.var, layout.logs, layout.mails, layout.var / "db"):
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    for ring in ("identity", *SERVICES):
        if not layout.keys(ring).exists():
            KeyRing.create(layout.keys(ring))
    return migrate_all(layout, lambda _line: None)
