"""What a partner organisation may read: its own cases, and the answers to its own requests."""

import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass
from typing import NamedTuple

from cri_shared import clock
from cri_shared.errors import Kind, NotFound, Unauthenticated
from cri_shared.privacy.vault import open_sealed
from cri_shared.words import N_
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.models import ApiKey, Case, IdempotencyRecord
from cri_intake.rig import Rig
from cri_intake.rules import REPLAY_DAYS

PAGE = 50


class KeyUnknown(Unauthenticated):
    """The API key is missing, wrong, expired or revoked; all look the same."""

    kind = Kind.UNAUTHENTICATED
    slug = "api-key-unknown"
    message = N_("This needs a valid API key.")


@dataclass(frozen=True)
class KeyHolder:
    """Who sent a request: an organisation, by one of its keys."""

    organisation_id: str
    key_id: str


async def holder_of_key(session: AsyncSession, key: str) -> KeyHolder:
    """The organisation an API key belongs to; raises `KeyUnknown`."""
    parts = key.split("_", 3)
    if len(parts) != 4 or parts[0] != "cri":
        raise KeyUnknown
    columns = (ApiKey.key_id, ApiKey.organisation_id, ApiKey.secret_hash)
    wanted = select(*columns, ApiKey.revoked_at, ApiKey.expires_at).where(ApiKey.key_id == parts[2])
    found = (await session.execute(wanted)).one_or_none()
    given = hashlib.sha256(parts[3].encode()).hexdigest()
    usable = (
        found is not None
        and found.revoked_at is None
        and found.expires_at > clock.now()
        and hmac.compare_digest(found.secret_hash, given)
    )
    if found is None or not usable:
        raise KeyUnknown
    return KeyHolder(found.organisation_id, found.key_id)


class Remembered(NamedTuple):
    """An earlier request: which question it recorded, its fingerprint, and its sealed answer."""

    question_id: str
    body_mac: bytes
    response_sealed: bytes


async def remembered(session: AsyncSession, organisation_id: str, key: str) -> Remembered | None:
    """An earlier request with the same idempotency key, at most three days old."""
    found = IdempotencyRecord
    earlier = select(found.question_id, found.body_mac, found.response_sealed).where(
        found.organisation_id == organisation_id,
        found.key == key,
        found.created_at > clock.now() - dt.timedelta(days=REPLAY_DAYS),
    )
    row = (await session.execute(earlier)).one_or_none()
    return Remembered(*row) if row else None


async def response_of(rig: Rig, record: Remembered) -> str:
    """The stored answer of a request."""
    key = await rig.keys.get("case", record.question_id)
    place = f"case:{record.question_id}/response"
    return open_sealed(key, record.response_sealed, place).decode()


async def case_of_organisation(
    session: AsyncSession, organisation_id: str, question_id: str
) -> Case:
    """One of an organisation's own cases; raises `NotFound` for another's as for none."""
    case = await session.get(Case, question_id)
    if case is None or case.organisation_id != organisation_id:
        raise NotFound
    return case


async def cases_of_organisation(
    session: AsyncSession, organisation_id: str, cursor: tuple[dt.datetime, str] | None
) -> list[Case]:
    """A page of an organisation's cases, newest first, after a cursor."""
    own = select(Case).where(Case.organisation_id == organisation_id)
    if cursor is not None:
        at, question_id = cursor
        own = own.where(
            or_(
                Case.received_at < at,
                (Case.received_at == at) & (Case.question_id > question_id),
            )
        )
    ordered = own.order_by(Case.received_at.desc(), Case.question_id).limit(PAGE + 1)
    return list((await session.execute(ordered)).scalars())
