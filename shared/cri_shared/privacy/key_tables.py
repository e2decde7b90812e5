"""The tables of a key store: every owner's key as it is wrapped, and who was erased when."""

import sqlalchemy as sa

from cri_shared.db.columns import UtcDateTime
from cri_shared.db.tables.spans import LEDGER_DAYS
from cri_shared.privacy.classes import C1, K, KeyOf
from cri_shared.privacy.keeping import Ground, kept

REPLAY = "replay-erasures"  # what a service does before it opens
metadata = sa.MetaData()

wrapped_keys = sa.Table(
    "wrapped_keys",
    metadata,
    sa.Column("owner_kind", sa.String(32), primary_key=True, info=C1.info),
    sa.Column("owner_id", sa.String(64), primary_key=True, info=C1.info),
    sa.Column("wrapped", sa.LargeBinary, nullable=False, info=K.sealed(KeyOf.SERVICE)),
    sa.Column("created_at", UtcDateTime, nullable=False, info=C1.info),
    **kept(
        "opens what is sealed; without its key nothing does",
        Ground.INTEREST,
        until="what it seals is erased",
    ),
)

erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("owner_kind", sa.String(32), primary_key=True, info=C1.info),
    sa.Column("owner_id", sa.String(64), primary_key=True, info=C1.info),
    sa.Column("erased_at", UtcDateTime, nullable=False, info=C1.info),
    **kept(
        "a database that is restored must forget again what was erased since",
        Ground.INTEREST,
        until="after it was erased",
        span=LEDGER_DAYS,
        duty=REPLAY,
    ),
)

Owner = tuple[str, str]  # kind, id
