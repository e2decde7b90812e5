"""What people and partner organisations make happen in intake; nothing here commits."""

import asyncio
import datetime as dt
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass

from cri_shared import clock
from cri_shared.db import Work, new_id
from cri_shared.identity.secrets import new_token, token_hash
from cri_shared.privacy.receipts import new_receipt, quick_verifier, slow_verifier
from cri_shared.privacy.vault import SealedText, seal
from sqlalchemy import delete, select

from cri_intake.models import ApiKey, AskerSession, Case, IdempotencyRecord, Message
from cri_intake.models import PartnerOrganisation as Organisation
from cri_intake.rig import Rig
from cri_intake.submission import Submission

KEY_LIFE_DAYS = 180


@dataclass(frozen=True)
class Recorded:
    """A question that is safe with us, and the asker's secret number for it."""

    case: Case
    receipt: str


async def record_question(
    work: Work,
    rig: Rig,
    submission: Submission,
    *,
    key: bytes,
    question_id: str,
    channel: str,
    organisation_id: str | None = None,
    form_id: str | None = None,
) -> Recorded:
    """Record a question under the key that was made for it before."""
    receipt = new_receipt()
    sealed = SealedText(key, f"case:{question_id}")
    contact = submission.contact.model_dump_json() if submission.contact else None
    case = Case(
        question_id=question_id,
        receipt_verifier=quick_verifier(rig.pepper, receipt),
        form_id=form_id,
        channel=channel,
        asker_role=submission.asker_role,
        organisation_id=organisation_id,
        reference_sealed=sealed.seal("reference", submission.reference)
        if submission.reference
        else None,
        country=submission.country,
        region=submission.region,
        topics=submission.topics,
        language=submission.language,
        spoken_languages=submission.spoken_languages,
        needed_by=submission.needed_by,
        original_sealed=sealed.seal("original", submission.text),
        contact_sealed=sealed.seal("contact", contact) if contact else None,
        consent_version=submission.consent.version,
        consent_at=submission.consent.given_at.astimezone(clock.UTC),
        received_at=clock.now(),
        changed_at=clock.now(),
    )
    work.session.add(case)
    await work.session.flush()
    return Recorded(case, receipt)


def body_mac(rig: Rig, body: bytes) -> bytes:
    """A fingerprint of a request's body that tells nothing about it."""
    return hmac.digest(rig.service.ring.secret("idempotency"), body, "sha256")


def canonical(body: object) -> bytes:
    """The same bytes for the same JSON value, however it was written."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


async def remember_response(
    work: Work, case: Case, *, key: bytes, idempotency_key: str, mac: bytes, response: str
) -> None:
    """Keep the answer to a request with the case, for those who repeat it."""
    assert case.organisation_id is not None
    work.session.add(
        IdempotencyRecord(
            organisation_id=case.organisation_id,
            key=idempotency_key,
            question_id=case.question_id,
            body_mac=mac,
            response_sealed=seal(key, response, f"case:{case.question_id}/response"),
            created_at=clock.now(),
        )
    )
    await work.session.flush()


async def add_message(work: Work, rig: Rig, case: Case, text: str, *, author: str) -> None:
    """Add a message to a case's thread; raises `QuestionIsClosed`."""
    case.accept_message()
    sealed = SealedText(await rig.keys.get("case", case.question_id), f"case:{case.question_id}")
    message_id = new_id()
    work.session.add(
        Message(
            message_id=message_id,
            question_id=case.question_id,
            author=author,
            text_sealed=sealed.seal(f"message:{message_id}", text),
            sent_at=clock.now(),
        )
    )


async def open_asker_session(work: Work, case: Case) -> str:
    """Half an hour behind the receipt; gives the session's token."""
    token = new_token()
    work.session.add(
        AskerSession(
            token_hash=token_hash(token), question_id=case.question_id, opened_at=clock.now()
        )
    )
    return token


async def close_asker_session(work: Work, token: str) -> None:
    """The asker closes the page: the session is gone."""
    mine = AskerSession.token_hash == token_hash(token)
    await work.session.execute(delete(AskerSession).where(mine))


async def add_organisation(work: Work, name: str) -> Organisation:
    """Let an organisation post questions; it still needs a key."""
    organisation = Organisation(organisation_id=new_id(), name=name, created_at=clock.now())
    work.session.add(organisation)
    await work.session.flush()
    return organisation


async def issue_key(work: Work, organisation_id: str, *, environment: str) -> str:
    """A new API key `cri_<environment>_<id>_<43 characters>`, shown this once."""
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    work.session.add(
        ApiKey(
            key_id=key_id,
            organisation_id=organisation_id,
            secret_hash=hashlib.sha256(secret.encode()).hexdigest(),
            created_at=clock.now(),
            expires_at=clock.now() + dt.timedelta(days=KEY_LIFE_DAYS),
        )
    )
    await work.session.flush()
    return f"cri_{environment}_{key_id}_{secret}"


async def harden_receipts(work: Work, rig: Rig) -> None:
    """Replace quick verifiers by Argon2id; recording stays cheap, a stolen table stays useless."""
    quick = select(Case).where(Case.receipt_is_slow.is_(False)).limit(20)
    for case in (await work.session.execute(quick)).scalars().all():
        case.receipt_verifier = await asyncio.to_thread(
            slow_verifier, case.receipt_verifier, rig.salt
        )
        case.receipt_is_slow = True
