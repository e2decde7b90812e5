"""Work that is still to be done, and mails that wait to be sent."""

from sqlalchemy import JSON, Column, Index, Integer, LargeBinary, MetaData, String, Table

from cri_shared.db.columns import BigId, UtcDateTime
from cri_shared.db.tables.spans import DIGEST_DAYS, RETENTION, TELL_NEWS
from cri_shared.privacy.classes import C1, FieldClass, KeyOf
from cri_shared.privacy.keeping import Ground, Setting, kept
from cri_shared.privacy.stores import Store


def jobs(metadata: MetaData) -> Table:
    """Work for the clock or the worker: written in the transaction that wants it."""
    table = Table(
        "jobs",
        metadata,
        Column("id", BigId, primary_key=True, autoincrement=True, info=C1.info),
        Column("kind", String(60), nullable=False, info=C1.info),
        Column("key", String(100), nullable=False, info=C1.info),
        Column("due_at", UtcDateTime, nullable=False, info=C1.info),
        Column("tries", Integer, nullable=False, default=0, info=C1.info),
        Column("payload", JSON, nullable=False, info=C1.info),
        Column("failed", String(200), info=C1.info),
        **kept(
            "work that is still to be done",
            Ground.INTEREST,
            until="it is done",
            store=Store.EVENTS,
        ),
    )
    Index("uq_jobs_kind_key", table.c.kind, table.c.key, unique=True)
    Index("ix_jobs_due_at", table.c.due_at)
    return table


def mails(metadata: MetaData, mailed: FieldClass) -> Table:
    """Mail waiting to be sent: sealed, because an address is what must not leak."""
    return Table(
        "mails",
        metadata,
        Column("id", BigId, primary_key=True, autoincrement=True, info=C1.info),
        Column("mail_id", String(36), nullable=False, unique=True, info=C1.info),
        Column("sealed", LargeBinary, nullable=False, info=mailed.sealed(KeyOf.SERVICE)),
        Column("due_at", UtcDateTime, nullable=False, index=True, info=C1.info),
        Column("tries", Integer, nullable=False, default=0, info=C1.info),
        Column("refused", String(200), info=C1.info),
        **kept(
            "a letter that waits to be sent",
            Ground.REQUEST,
            until="after it was due, where it cannot be sent, or when it is sent",
            span=Setting("keep_mails_days"),
            duty=f"{RETENTION}.mails",
            store=Store.MAILS,
        ),
    )


def digests(metadata: MetaData) -> Table:
    """Until when a person was told of news."""
    return Table(
        "digests",
        metadata,
        Column("staff_id", String(32), primary_key=True, info=C1.info),
        Column("until", UtcDateTime, nullable=False, index=True, info=C1.info),
        **kept(
            "tells a member of staff of news once, and only what is new",
            Ground.INTEREST,
            until="after the last time, where there is none any more",
            span=DIGEST_DAYS,
            duty=TELL_NEWS,
            store=Store.MAILS,
        ),
    )
