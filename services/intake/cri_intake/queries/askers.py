"""What an asker may read, and what intake knows of one: always a single case's own."""

import datetime as dt
import json
from dataclasses import dataclass

from cri_shared import clock
from cri_shared.identity.secrets import token_hash
from cri_shared.privacy.argon2id import in_turn
from cri_shared.privacy.receipts import form_fingerprint, quick_verifier, slow_verifier
from cri_shared.privacy.vault import Erased
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.models import AskerSession, Case, Message
from cri_intake.rig import Rig
from cri_intake.rules import ASKER_SESSION


async def case_of_receipt(session: AsyncSession, rig: Rig, receipt: str) -> Case | None:
    """The case behind a receipt, or None; both take the same time and the same work."""
    quick = quick_verifier(rig.pepper, receipt)
    slow = await in_turn(slow_verifier, quick, rig.salt)
    behind = select(Case).where(Case.receipt_verifier.in_([quick, slow]))
    return (await session.execute(behind)).scalar_one_or_none()


async def case_of_form(session: AsyncSession, form_id: str) -> Case | None:
    """The case that a form was sent for already, or None."""
    sent = select(Case).where(Case.form_id == form_fingerprint(form_id))
    return (await session.execute(sent)).scalar_one_or_none()


async def case_of_session(session: AsyncSession, token: str, *, hold: bool = False) -> Case | None:
    """The case of an asker's session that is at most half an hour old, or None.

    With `hold` two clicks at once come one after the other.
    """
    behind = (
        select(Case)
        .join(AskerSession, AskerSession.question_id == Case.question_id)
        .where(
            AskerSession.token_hash == token_hash(token),
            AskerSession.opened_at > clock.now() - ASKER_SESSION,
        )
    )
    held = behind.with_for_update(of=Case) if hold else behind
    return (await session.execute(held)).scalar_one_or_none()


async def asked_lately(session: AsyncSession) -> int:
    """How many questions came in by the form in the last minute."""
    since = clock.now() - dt.timedelta(minutes=1)
    lately = select(func.count()).where(Case.received_at > since, Case.channel == "web")
    return int((await session.execute(lately)).scalar_one())


def lateness(case: Case) -> str | None:
    """Which promise to an asker is not kept: unread, declined or late; None where all are."""
    today = clock.today()
    if not case.is_open or case.answer_waits:
        return None
    if case.read_at is None and case.read_by < today:
        return "unread"
    passed = case.due_on is not None and case.due_on < today
    return case.delay or ("late" if passed else None)


@dataclass(frozen=True)
class ThreadMessage:
    """One message as its reader sees it."""

    author: str
    officer: str | None
    text: str
    sent_at: dt.datetime


async def thread_of(session: AsyncSession, rig: Rig, case: Case) -> list[ThreadMessage]:
    """The messages of a case, oldest first."""
    rows = select(Message).where(Message.question_id == case.question_id)
    ordered = rows.order_by(Message.sent_at, Message.message_id)
    messages = (await session.execute(ordered)).scalars().all()
    if not messages:
        return []
    sealed = await rig.sealed(case.owner)
    return [
        ThreadMessage(
            m.author, m.officer, sealed.open(f"message:{m.message_id}", m.text_sealed), m.sent_at
        )
        for m in messages
    ]


async def text_of_form(session: AsyncSession, rig: Rig, case: Case, form_id: str) -> str:
    """What a message said that came by a form, or by a request with a key of its own."""
    message = (
        await session.execute(select(Message).where(Message.form_id == form_id))
    ).scalar_one()
    sealed = await rig.sealed(case.owner)
    return sealed.open(f"message:{message.message_id}", message.text_sealed)


@dataclass(frozen=True)
class Words:
    """What an asker wrote and how they can be reached. C3: shown for a reason, never stored."""

    original: str
    region: str
    place: str
    email: str
    phone: str
    safe_to_write: bool
    safe_to_call: bool
    reference: str


async def words_of(rig: Rig, case: Case) -> Words:
    """Everything of a case that lies under its own key, but for the thread; raises `Erased`."""
    sealed = await rig.sealed(case.owner)

    def opened(name: str, blob: bytes | None) -> str:
        return sealed.open(name, blob) if blob else ""

    contact = json.loads(opened("contact", case.contact_sealed) or "{}")
    return Words(
        original=sealed.open("original", case.original_sealed),
        region=opened("region", case.region_sealed),
        place=opened("place", case.place_sealed),
        email=contact.get("email") or "",
        phone=contact.get("phone") or "",
        safe_to_write=bool(contact.get("safe_to_write")),
        safe_to_call=bool(contact.get("safe_to_call")),
        reference=opened("reference", case.reference_sealed),
    )


async def address_of(rig: Rig, case: Case) -> str | None:
    """The e-mail address to which it is safe to write, or None."""
    if case.contact_sealed is None:
        return None
    try:
        words = await words_of(rig, case)
    except Erased:
        return None
    return words.email if words.email and words.safe_to_write else None
