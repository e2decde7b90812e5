"""What is said and heard: outbox, inbox, how far, what is missing, and dead letters."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    text,
)

from cri_shared.db.columns import BigId, UtcDateTime
from cri_shared.db.tables.spans import COUNT, GAP_DAYS, INBOX_DAYS, OUTBOX_DAYS, PURGE, RETENTION
from cri_shared.privacy.classes import C1, C2, KeyOf
from cri_shared.privacy.keeping import Ground, Setting, kept
from cri_shared.privacy.stores import Store


def outbox(metadata: MetaData) -> Table:
    table = Table(
        "outbox",
        metadata,
        Column("id", BigId, primary_key=True, autoincrement=True, info=C1.info),
        Column("event_id", String(36), nullable=False, unique=True, info=C1.info),
        Column("subject", String(100), nullable=False, info=C1.info),
        Column("about", String(64), nullable=False, info=C1.info),
        Column("headers", JSON, nullable=False, info=C1.info),
        Column("body", LargeBinary, nullable=False, info=C2.sealed(KeyOf.SERVICE)),
        Column("created_at", UtcDateTime, nullable=False, info=C1.info),
        Column("number", BigInteger, info=C1.info),  # gapless per subject, given by the relay
        Column("published_at", UtcDateTime, info=C1.info),
        Column("stream_sequence", BigInteger, info=C1.info),
        Column("refused", String(200), info=C1.info),  # NATS will never take it: needs a person
        Column("copies", Integer, nullable=False, server_default="0", info=C1.info),  # sent again
        Column("erased_at", UtcDateTime, info=C1.info),  # a tombstone: id and number, no content
        Column("again_at", UtcDateTime, info=C1.info),  # since when it waits to leave once more
        Index("ix_outbox_subject_number", "subject", "number", unique=True),
        Index("ix_outbox_about", "about"),
        Index("ix_outbox_created_at", "created_at"),
        **kept(
            "what this service says happened, until all have heard it",
            Ground.CONSENT,
            until="after it was published",
            span=OUTBOX_DAYS,
            duty=PURGE,
            store=Store.EVENTS,
        ),
    )
    pending = text("published_at IS NULL AND refused IS NULL")
    Index("ix_outbox_pending", table.c.id, postgresql_where=pending, sqlite_where=pending)
    refused = text("refused IS NOT NULL")
    Index("ix_outbox_refused", table.c.id, postgresql_where=refused, sqlite_where=refused)
    return table


def counters(metadata: MetaData) -> Table:
    return Table(
        "outbox_counters",
        metadata,
        Column("subject", String(100), primary_key=True, info=C1.info),
        Column("last_number", BigInteger, nullable=False, info=C1.info),
        **kept("numbers events, so that a lost one is noticed", Ground.NOBODY, store=Store.EVENTS),
    )


def inbox(metadata: MetaData) -> Table:
    return Table(
        "inbox",
        metadata,
        Column("event_id", String(64), primary_key=True, info=C1.info),
        Column("subject", String(100), nullable=False, info=C1.info),
        Column("number", BigInteger, info=C1.info),
        Column("processed_at", UtcDateTime, nullable=False, index=True, info=C1.info),
        Index("ix_inbox_subject_number", "subject", "number"),
        **kept(
            "no event takes effect twice",
            Ground.NOBODY,
            until="after it was handled",
            span=INBOX_DAYS,
            duty=PURGE,
            store=Store.EVENTS,
        ),
    )


def hearings(metadata: MetaData) -> Table:
    """How far a service heard each subject without a gap: every number up to the floor."""
    return Table(
        "hearings",
        metadata,
        Column("subject", String(100), primary_key=True, info=C1.info),
        Column("first", BigInteger, nullable=False, info=C1.info),  # where it began to hear
        Column("floor", BigInteger, nullable=False, info=C1.info),
        **kept("how far all was heard", Ground.NOBODY, store=Store.EVENTS),
    )


def gaps(metadata: MetaData) -> Table:
    """Numbers that a producer gave and that never arrived here."""
    return Table(
        "gaps",
        metadata,
        Column("subject", String(100), primary_key=True, info=C1.info),
        Column("number", BigInteger, primary_key=True, autoincrement=False, info=C1.info),
        Column("noticed_at", UtcDateTime, nullable=False, info=C1.info),
        Column("asked_at", UtcDateTime, info=C1.info),  # of the producer: send it again
        **kept(
            "which events are missing",
            Ground.NOBODY,
            until="after it was noticed, or when the event comes",
            span=GAP_DAYS,
            duty=COUNT,
            store=Store.EVENTS,
        ),
    )


def seals(metadata: MetaData) -> Table:
    """What each producer says it gave out on a day; its own are kept as the others'."""
    return Table(
        "seals",
        metadata,
        Column("subject", String(100), primary_key=True, info=C1.info),
        Column("day", Date, primary_key=True, info=C1.info),
        Column("first", BigInteger, nullable=False, info=C1.info),
        Column("last", BigInteger, nullable=False, info=C1.info),
        Column("digest", String(64), nullable=False, info=C1.info),  # SHA-256 over ids in order
        Column("verdict", String(10), info=C1.info),  # of the hearer: equal, missing or other
        Column("compared_at", UtcDateTime, info=C1.info),
        **kept(
            "shows that the events of a day arrived as they were said",
            Ground.NOBODY,
            until="after that day",
            span=INBOX_DAYS,
            duty=PURGE,
            store=Store.EVENTS,
        ),
    )


def dead_letters(metadata: MetaData) -> Table:
    return Table(
        "dead_letters",
        metadata,
        Column("id", BigId, primary_key=True, autoincrement=True, info=C1.info),
        Column("event_id", String(64), nullable=False, unique=True, info=C1.info),
        Column("subject", String(100), nullable=False, info=C1.info),
        Column("number", BigInteger, info=C1.info),
        Column("about", String(64), nullable=False, index=True, info=C1.info),
        Column("stream_sequence", BigInteger, nullable=False, info=C1.info),
        Column("tries", Integer, nullable=False, info=C1.info),
        Column("reason", String(300), nullable=False, info=C1.info),
        # headers and body
        Column("letter", LargeBinary, nullable=False, info=C2.sealed(KeyOf.SERVICE)),
        Column("died_at", UtcDateTime, nullable=False, info=C1.info),
        **kept(
            "an event that could not be handled is not lost",
            Ground.CONSENT,
            until="after it was put aside, or when an operator tries it again or gives it up, or "
            "what it is about is erased",
            span=Setting("keep_dead_letters_days"),
            duty=f"{RETENTION}.dead-letters",
            store=Store.EVENTS,
        ),
    )
