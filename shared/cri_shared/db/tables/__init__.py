"""The tables that every service's database holds beside its own: outbox, inbox, dead letters,
jobs, mails, digests and the audit trail."""

from sqlalchemy import MetaData

from cri_shared.db.tables import events, keeping, trail, work
from cri_shared.privacy.classes import C2, FieldClass

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
        self.outbox = events.outbox(metadata)
        self.counters = events.counters(metadata)
        self.inbox = events.inbox(metadata)
        self.hearings = events.hearings(metadata)
        self.gaps = events.gaps(metadata)
        self.seals = events.seals(metadata)
        self.dead_letters = events.dead_letters(metadata)
        self.jobs = work.jobs(metadata)
        self.mails = work.mails(metadata, mailed)
        self.digests = work.digests(metadata)
        self.audit = trail.audit(metadata)
        self.attempts = trail.attempts(metadata)
        self.audit_chain = trail.audit_chain(metadata)
        self.audit_segments = trail.audit_segments(metadata)
        self.audit_heads = trail.audit_heads(metadata)
        self.holds = keeping.holds(metadata)
        self.erasures = keeping.erasures(metadata)
