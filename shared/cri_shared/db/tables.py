"""The tables that every service's database holds beside its own: outbox, inbox, dead letters,
jobs, mails and the audit trail."""

import datetime as dt

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
from cri_shared.privacy.classes import C1, C2, FieldClass, KeyOf
from cri_shared.privacy.keeping import Ground, Setting, kept
from cri_shared.privacy.stores import Store

OUTBOX_DAYS = 30  # after publishing; so long a lost stream can be rebuilt
INBOX_DAYS = 45  # longer than any stream keeps a message that could come again
GAP_DAYS = 31  # nobody has its content any more: outboxes keep what they published for a month
PURGE = "events.purge"  # the duty that forgets what nobody can need any more
AUDIT_DAYS = 730
DROP_AUDIT = "audit.drop"  # the duty that drops the oldest entries of the audit trail
NOTE_ATTEMPTS = "attempts.note"  # the duty that brings counts of refusals to the audit trail
COUNT = "events.count"  # the duty that looks for gaps
LEDGER_DAYS = 400  # of erasures; no backup is kept as long
HOLD_DAYS = 730  # as long as the audit trail that tells of it
RETENTION = "retention"  # the duties that end what was kept long enough begin with it

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Messaging:
    """Adds the messaging tables to a service's metadata and holds them.

    `mailed` is the class of whom the service writes to.
    """

    def __init__(self, metadata: MetaData, *, mailed: FieldClass = C2) -> None:
        self.outbox = _outbox(metadata)
        self.counters = _counters(metadata)
        self.inbox = _inbox(metadata)
        self.hearings = _hearings(metadata)
        self.gaps = _gaps(metadata)
        self.seals = _seals(metadata)
        self.dead_letters = _dead_letters(metadata)
        self.jobs = _jobs(metadata)
        self.mails = _mails(metadata, mailed)
        self.audit = _audit(metadata)
        self.attempts = _attempts(metadata)
        self.audit_chain = _audit_chain(metadata)
        self.audit_segments = _audit_segments(metadata)
        self.audit_heads = _audit_heads(metadata)
        self.holds = _holds(metadata)
        self.erasures = _erasures(metadata)


def _outbox(metadata: MetaData) -> Table:
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
    return table


def _counters(metadata: MetaData) -> Table:
    return Table(
        "outbox_counters",
        metadata,
        Column("subject", String(100), primary_key=True, info=C1.info),
        Column("last_number", BigInteger, nullable=False, info=C1.info),
        **kept("numbers events, so that a lost one is noticed", Ground.NOBODY, store=Store.EVENTS),
    )


def _inbox(metadata: MetaData) -> Table:
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


def _hearings(metadata: MetaData) -> Table:
    """How far a service heard each subject without a gap: every number up to the floor."""
    return Table(
        "hearings",
        metadata,
        Column("subject", String(100), primary_key=True, info=C1.info),
        Column("first", BigInteger, nullable=False, info=C1.info),  # where it began to hear
        Column("floor", BigInteger, nullable=False, info=C1.info),
        **kept("how far all was heard", Ground.NOBODY, store=Store.EVENTS),
    )


def _gaps(metadata: MetaData) -> Table:
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


def _seals(metadata: MetaData) -> Table:
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


def _dead_letters(metadata: MetaData) -> Table:
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


def _jobs(metadata: MetaData) -> Table:
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


def _mails(metadata: MetaData, mailed: FieldClass) -> Table:
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


def _audit(metadata: MetaData) -> Table:
    """What was done, by whom, to what: ids and codes, never what anybody wrote."""
    return Table(
        "audit",
        metadata,
        Column("id", BigId, primary_key=True, autoincrement=True, info=C1.info),
        Column("at", UtcDateTime, nullable=False, index=True, info=C1.info),
        Column("actor_id", String(32), info=C1.info),
        Column("actor", String(100), nullable=False, info=C1.info),
        Column("action", String(80), nullable=False, info=C1.info),
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


def _attempts(metadata: MetaData) -> Table:
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


def _audit_chain(metadata: MetaData) -> Table:
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


def _audit_segments(metadata: MetaData) -> Table:
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


def _audit_heads(metadata: MetaData) -> Table:
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


def _erasures(metadata: MetaData) -> Table:
    """The ledger of what was erased; the key store has another copy."""
    return Table(
        "erasures",
        metadata,
        Column("owner_kind", String(32), primary_key=True, info=C1.info),
        Column("owner_id", String(64), primary_key=True, info=C1.info),
        Column("erased_at", UtcDateTime, nullable=False, index=True, info=C1.info),
        **kept(
            "a key store that is restored must forget again what was erased since",
            Ground.INTEREST,
            until="after it was erased",
            span=LEDGER_DAYS,
            duty=f"{RETENTION}.erasures",
            store=Store.AUDIT,
        ),
    )


def _holds(metadata: MetaData) -> Table:
    """What a person keeps for legal reasons, whatever the rules on keeping say."""
    return Table(
        "holds",
        metadata,
        Column("id", BigId, primary_key=True, autoincrement=True, info=C1.info),
        Column("hold_id", String(32), nullable=False, unique=True, info=C1.info),
        Column("about", String(64), nullable=False, index=True, info=C1.info),
        Column("reason", String(24), nullable=False, info=C1.info),  # a code
        Column("until", Date, nullable=False, info=C1.info),  # with that day
        Column("placed_by", String(100), nullable=False, info=C1.info),
        Column("placed_at", UtcDateTime, nullable=False, info=C1.info),
        Column("lifted_by", String(100), info=C1.info),
        Column("lifted_at", UtcDateTime, info=C1.info),
        **kept(
            "keeps what a court or an authority asks for, and says who wanted it",
            Ground.INTEREST,
            until="after its last day",
            span=HOLD_DAYS,
            duty=f"{RETENTION}.holds",
            store=Store.AUDIT,
        ),
    )
