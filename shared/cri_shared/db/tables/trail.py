"""The audit trail: what was done and what refused, its chain, and how far others' chains were."""

import datetime as dt

from sqlalchemy import JSON, BigInteger, Column, Date, Integer, MetaData, String, Table

from cri_shared.db.columns import BigId, UtcDateTime
from cri_shared.db.tables.spans import AUDIT_DAYS, DROP_AUDIT, NOTE_ATTEMPTS, PURGE
from cri_shared.privacy.classes import C1
from cri_shared.privacy.keeping import Ground, kept
from cri_shared.privacy.stores import Store


def audit(metadata: MetaData) -> Table:
    """What was done, by whom, to what: ids and codes, never what anybody wrote."""
    return Table(
        "audit",
        metadata,
        Column("id", BigId, primary_key=True, autoincrement=True, info=C1.info),
        Column("at", UtcDateTime, nullable=False, index=True, info=C1.info),
        Column("actor_id", String(32), info=C1.info),
        Column("actor", String(100), nullable=False, index=True, info=C1.info),
        Column("action", String(80), nullable=False, index=True, info=C1.info),
        Column("about", String(64), nullable=False, index=True, info=C1.info),
        Column("facts", JSON, nullable=False, info=C1.info),
        **kept(
            "who did what, so that misuse can be shown",
            Ground.INTEREST,
            until="after it happened",
            span=AUDIT_DAYS,
            duty=DROP_AUDIT,
            store=Store.AUDIT,
        ),
    )


def attempts(metadata: MetaData) -> Table:
    """What was refused at the doors, a count for each hour, kind and known thing or person."""
    return Table(
        "attempts",
        metadata,
        Column("hour", UtcDateTime, primary_key=True, info=C1.info),
        Column("kind", String(80), primary_key=True, info=C1.info),
        Column("about", String(64), primary_key=True, info=C1.info),
        Column("actor_id", String(32), primary_key=True, info=C1.info),  # empty for strangers
        Column("actor", String(100), nullable=False, info=C1.info),
        Column("tries", Integer, nullable=False, info=C1.info),
        **kept(
            "how often doors were tried in vain, until the audit trail has it",
            Ground.INTEREST,
            until="after the hour began",
            span=dt.timedelta(hours=1),
            duty=NOTE_ATTEMPTS,
            store=Store.AUDIT,
        ),
    )


def audit_chain(metadata: MetaData) -> Table:
    """One link for each entry of the trail: its place, and a mac over it and the link before."""
    return Table(
        "audit_chain",
        metadata,
        Column("number", BigInteger, primary_key=True, autoincrement=False, info=C1.info),
        Column("audit_id", BigInteger, nullable=False, unique=True, info=C1.info),
        Column("mac", String(64), nullable=False, info=C1.info),
        **kept(
            "shows that nobody changed, took out or moved an entry of the audit trail",
            Ground.NOBODY,
            until="after its entry happened",
            span=AUDIT_DAYS,
            duty=DROP_AUDIT,
            store=Store.AUDIT,
        ),
    )


def audit_segments(metadata: MetaData) -> Table:
    """Where the chain begins since entries were dropped for their age: signed, and kept."""
    return Table(
        "audit_segments",
        metadata,
        Column("last_number", BigInteger, primary_key=True, autoincrement=False, info=C1.info),
        Column("mac", String(64), nullable=False, info=C1.info),
        Column("before", UtcDateTime, nullable=False, info=C1.info),  # all of them are older
        Column("dropped_at", UtcDateTime, nullable=False, info=C1.info),
        Column("signature", String(64), nullable=False, info=C1.info),
        **kept("tells dropped entries from removed ones", Ground.NOBODY, store=Store.AUDIT),
    )


def audit_heads(metadata: MetaData) -> Table:
    """How far each service's chain was at the end of a day, as that service told."""
    return Table(
        "audit_heads",
        metadata,
        Column("service", String(20), primary_key=True, info=C1.info),
        Column("day", Date, primary_key=True, info=C1.info),
        Column("number", BigInteger, nullable=False, info=C1.info),
        Column("mac", String(64), nullable=False, info=C1.info),
        **kept(
            "shows that nobody cut off the end of another service's audit trail",
            Ground.NOBODY,
            until="after that day",
            span=AUDIT_DAYS,
            duty=PURGE,
            store=Store.AUDIT,
        ),
    )
