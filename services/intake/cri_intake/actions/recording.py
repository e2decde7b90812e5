"""A question comes in, by API, form or telephone, and is safe before we say so."""

import datetime as dt
import hmac
import json
from dataclasses import dataclass

from cri_shared import clock
from cri_shared.db import Put, Work
from cri_shared.places import add_working_days
from cri_shared.privacy.receipts import (
    form_fingerprint,
    new_receipt,
    quick_verifier,
    receipt_of_form,
)
from cri_shared.privacy.vault import SealedText, seal
from sqlalchemy import insert

from cri_intake.models import Case, IdempotencyRecord
from cri_intake.models.base import table_of
from cri_intake.queries.contacts import contact_indexes
from cri_intake.rig import Rig
from cri_intake.rules import READ_WITHIN_DAYS, SHOWN_AGAIN_MINUTES, urgency_of
from cri_intake.submission import Submission

# Nobody goes on with these rows in the same transaction: the session need not know them.
_INTO_CASES = Put(insert(table_of(Case)))
_INTO_RESPONSES = Put(insert(table_of(IdempotencyRecord)))


@dataclass(frozen=True)
class Recorded:
    """A question that is safe with us, and the asker's secret number for it."""

    question_id: str
    receipt: str
    received_at: dt.datetime
    again: bool = False


def recorded_before(rig: Rig, case: Case, form_id: str) -> Recorded | None:
    """What a form recorded when it was sent the first time, as a second click finds it.

    None where the number is shown no more: it was kept, or the page was open for a while.
    """
    shown_until = case.received_at + dt.timedelta(minutes=SHOWN_AGAIN_MINUTES)
    if case.saved_at is not None or clock.now() > shown_until:
        return None
    receipt = receipt_of_form(rig.pepper, form_id)
    return Recorded(case.question_id, receipt, case.received_at, again=True)


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
    held: bool = False,
) -> Recorded:
    """Record a question under the key that was made for it before."""
    receipt = receipt_of_form(rig.pepper, form_id) if form_id else new_receipt()
    now, today = clock.now(), clock.today()
    row = dict(
        question_id=question_id,
        receipt_verifier=quick_verifier(rig.pepper, receipt),
        form_id=form_fingerprint(form_id) if form_id else None,
        channel=channel,
        asker_role=submission.asker_role,
        organisation_id=organisation_id,
        country=submission.country,
        topics=submission.topics,
        language=submission.language,
        spoken_languages=submission.spoken_languages,
        needed_by=submission.needed_by,
        **_sealed(submission, SealedText(key, f"case:{question_id}")),
        **contact_indexes(rig, submission.contact),
        consent_version=submission.consent.version,
        consent_at=submission.consent.given_at.astimezone(clock.UTC),
        received_at=now,
        changed_at=now,
        held=held,
        read_by=add_working_days(today, READ_WITHIN_DAYS),
        urgency=urgency_of(submission.needed_by, today),
    )
    await work.put(_INTO_CASES, row)
    return Recorded(question_id, receipt, now)


def _sealed(submission: Submission, sealed: SealedText) -> dict[str, bytes | None]:
    """The columns of what the person wrote."""
    texts = {
        "original": submission.text,
        "contact": submission.contact.model_dump_json() if submission.contact else None,
        "region": submission.region,
        "reference": submission.reference,
    }
    return {
        f"{name}_sealed": sealed.seal(name, text) if text else None for name, text in texts.items()
    }


def body_mac(rig: Rig, body: bytes) -> bytes:
    """A fingerprint of a request's body that tells nothing about it."""
    return hmac.digest(rig.service.ring.secret("idempotency"), body, "sha256")


def canonical(body: object) -> bytes:
    """The same bytes for the same JSON value, however it was written."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


async def remember_response(
    work: Work,
    organisation_id: str,
    question_id: str,
    *,
    key: bytes,
    idempotency_key: str,
    mac: bytes,
    response: str,
) -> None:
    """Keep the answer to a request with the case, for those who repeat it."""
    row = {
        "organisation_id": organisation_id,
        "key": idempotency_key,
        "question_id": question_id,
        "body_mac": mac,
        "response_sealed": seal(key, response, f"case:{question_id}/response"),
        "created_at": clock.now(),
    }
    await work.put(_INTO_RESPONSES, row)
