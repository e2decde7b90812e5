"""What intake's pages and API read: always one asker's or one organisation's own."""

import asyncio
import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass

from cri_shared import clock
from cri_shared.errors import Kind, NotFound, Unauthenticated
from cri_shared.identity.secrets import token_hash
from cri_shared.privacy.receipts import quick_verifier, slow_verifier
from cri_shared.privacy.vault import SealedText, open_sealed
from cri_shared.words import N_
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.models import ApiKey, AskerSession, Case, IdempotencyRecord, Message
from cri_intake.rig import Rig
from cri_intake.rules import REPLAY_DAYS

ASKER_SESSION = dt.timedelta(minutes=30)
PAGE = 50


class KeyUnknown(Unauthenticated):
    """The API key is missing, wrong, expired or revoked; all look the same."""

    kind = Kind.UNAUTHENTICATED
    slug = "api-key-unknown"
    message = N_("This needs a valid API key.")


async def organisation_of_key(session: AsyncSession, key: str) -> str:
    """The id of the organisation an API key belongs to; raises `KeyUnknown`."""
    parts = key.split("_", 3)
    if len(parts) != 4 or parts[0] != "cri":
        raise KeyUnknown
    found = await session.get(ApiKey, parts[2])
    given = hashlib.sha256(parts[3].encode()).hexdigest()
    usable = (
        found is not None
        and found.revoked_at is None
        and found.expires_at > clock.now()
        and hmac.compare_digest(found.secret_hash, given)
    )
    if found is None or not usable:
        raise KeyUnknown
    return found.organisation_id


async def remembered(
    session: AsyncSession, organisation_id: str, key: str
) -> IdempotencyRecord | None:
    """The answer to an earlier request with the same idempotency key, at most three days old."""
    record = await session.get(IdempotencyRecord, (organisation_id, key))
    oldest = clock.now() - dt.timedelta(days=REPLAY_DAYS)
    return record if record and record.created_at > oldest else None


async def response_of(rig: Rig, record: IdempotencyRecord) -> str:
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


async def case_of_receipt(session: AsyncSession, rig: Rig, receipt: str) -> Case | None:
    """The case behind a receipt, or None; both take the same time and the same work."""
    quick = quick_verifier(rig.pepper, receipt)
    slow = await asyncio.to_thread(slow_verifier, quick, rig.salt)
    behind = select(Case).where(Case.receipt_verifier.in_([quick, slow]))
    return (await session.execute(behind)).scalar_one_or_none()


async def case_of_form(session: AsyncSession, form_id: str) -> Case | None:
    """The case that a form was sent for already, or None."""
    sent = select(Case).where(Case.form_id == form_id)
    return (await session.execute(sent)).scalar_one_or_none()


async def case_of_session(session: AsyncSession, token: str) -> Case | None:
    """The case of an asker's session that is at most half an hour old, or None."""
    behind = (
        select(Case)
        .join(AskerSession, AskerSession.question_id == Case.question_id)
        .where(
            AskerSession.token_hash == token_hash(token),
            AskerSession.opened_at > clock.now() - ASKER_SESSION,
        )
    )
    return (await session.execute(behind)).scalar_one_or_none()


@dataclass(frozen=True)
class ThreadMessage:
    """One message as its reader sees it."""

    author: str
    text: str
    sent_at: dt.datetime


async def thread_of(session: AsyncSession, rig: Rig, case: Case) -> list[ThreadMessage]:
    """The messages of a case, oldest first."""
    rows = select(Message).where(Message.question_id == case.question_id)
    messages = (await session.execute(rows.order_by(Message.sent_at))).scalars().all()
    if not messages:
        return []
    sealed = SealedText(await rig.keys.get("case", case.question_id), f"case:{case.question_id}")
    return [
        ThreadMessage(m.author, sealed.open(f"message:{m.message_id}", m.text_sealed), m.sent_at)
        for m in messages
    ]


async def original_of(rig: Rig, case: Case) -> str:
    """What the asker wrote."""
    sealed = SealedText(await rig.keys.get("case", case.question_id), f"case:{case.question_id}")
    return sealed.open("original", case.original_sealed)
