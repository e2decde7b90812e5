"""Which class of data may lie where, and where it must be sealed: the matrix as code."""

from collections.abc import Mapping
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from cri_shared.privacy.classes import C0, C1, C2, C3, C4, CLASSES, FieldClass, K


class Store(StrEnum):
    """A place where data may lie; a service's own database has its name."""

    INTAKE = "intake"
    RESEARCH = "research"
    PUBLISHING = "publishing"
    SEARCH = "search"
    TRAINING = "training"
    STAFF = "staff"
    KEYS = "keys"
    EVENTS = "events"
    INDEX = "index"  # its documents
    INDEX_SERVER = "index server"  # what it knows of itself
    AUDIT = "audit"
    MAILS = "mails that wait"
    LOGS = "logs"
    COUNTS = "weekly counts of readers"


class Form(Enum):
    """In which form a class may lie in a store."""

    OPEN = "yes"
    SEALED = "sealed"


_OPEN, _SEALED = Form.OPEN, Form.SEALED
_RULES: dict[Store, dict[FieldClass, Form]] = {
    Store.INTAKE: {C0: _OPEN, C1: _OPEN, C2: _SEALED, C3: _SEALED, K: _SEALED},
    Store.RESEARCH: {C0: _OPEN, C1: _OPEN, C2: _SEALED, C4: _SEALED, K: _SEALED},
    Store.PUBLISHING: {C0: _OPEN, C1: _OPEN, C2: _SEALED},
    Store.SEARCH: {C0: _OPEN},
    # What feedback says in numbers is C2 in the open: no row leads to a person.
    Store.TRAINING: {C0: _OPEN, C1: _OPEN, C2: _OPEN, C3: _SEALED, K: _SEALED},
    Store.STAFF: {C1: _OPEN, K: _SEALED},
    Store.KEYS: {C1: _OPEN, K: _SEALED},
    Store.EVENTS: {C0: _OPEN, C1: _OPEN, C2: _SEALED},
    Store.INDEX: {C0: _OPEN},
    Store.INDEX_SERVER: {C0: _OPEN, C1: _OPEN},
    Store.AUDIT: {C1: _OPEN},
    Store.MAILS: {C1: _OPEN, C2: _SEALED, C3: _SEALED, C4: _SEALED},
    Store.LOGS: {C0: _OPEN, C1: _OPEN},
    Store.COUNTS: {C1: _OPEN},
}
MAY_HOLD: Mapping[Store, Mapping[FieldClass, Form]] = MappingProxyType(_RULES)


def misplaced(database: Store, metadata: sa.MetaData) -> list[str]:
    """What lies where or as it must not, in words.

    A table may name another store in its `info`, but what is restricted to askers or partners
    must be allowed in the database too. A class that must be sealed needs a column that says
    under which key, or as which digest.
    """
    return [
        wrong
        for table in metadata.sorted_tables
        for column in table.columns
        if (wrong := _wrong(database, column))
    ]


def _wrong(database: Store, column: sa.Column[Any]) -> str | None:
    held = CLASSES.get(column.info.get("class", ""))
    if held is None:
        return f"{column} has no class"
    own = column.table.info.get("store", database)
    for store in {own, database} if held in (C3, C4) else {own}:
        form = MAY_HOLD[store].get(held)
        if form is None:
            return f"{column} is {held.name}, which may not lie in {store}"
        if form is Form.SEALED and "guard" not in column.info:
            return f"{column} is {held.name}, which must be sealed in {store}"
    return None
