"""What is held for legal reasons, and what was erased."""

from sqlalchemy import Column, Date, MetaData, String, Table

from cri_shared.db.columns import BigId, UtcDateTime
from cri_shared.db.tables.spans import HOLD_DAYS, LEDGER_DAYS, RETENTION
from cri_shared.privacy.classes import C1
from cri_shared.privacy.keeping import Ground, kept
from cri_shared.privacy.stores import Store


def holds(metadata: MetaData) -> Table:
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


def erasures(metadata: MetaData) -> Table:
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
