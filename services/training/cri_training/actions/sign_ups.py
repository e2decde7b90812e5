"""Signing up: an e-mail address is proved first, and only then is there a seat or a turn."""

import datetime as dt
import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from enum import StrEnum

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.errors import NotFound
from cri_shared.identity import audit
from cri_shared.identity.secrets import new_token, token_hash
from cri_shared.identity.staff import Staff
from cri_shared.privacy.blind_index import email_index
from cri_shared.privacy.vault import SealedText
from sqlalchemy import delete, func, select

from cri_training.actions import seats
from cri_training.actions.organisations import name_index
from cri_training.letters import proof_mail
from cri_training.models import Attendance, Edition, SignUp
from cri_training.models.sign_ups import MAX_TRIES
from cri_training.rig import KEY_KIND, Rig
from cri_training.rules.states import LIVE, EditionStatus, Status, same_code

MAILS_PER_HOUR = 3
PARTICIPANT = "participant"


@dataclass(frozen=True)
class Details:
    """Who somebody is, as they wrote it; sealed under their own key wherever it rests."""

    name: str
    organisation: str
    email: str
    needs: str = ""


class Proof(StrEnum):
    """What came of a try to prove an address."""

    DONE = "done"
    BEFORE = "before"  # this sign-up was proved before
    SAME_PERSON = "same_person"  # another sign-up of the same address was there first
    WRONG = "wrong"
    TOO_MANY = "too_many"
    EXPIRED = "expired"
    CLOSED = "closed"


@dataclass(frozen=True)
class Proved:
    """The outcome, and the token of the page where the person sees their sign-up."""

    proof: Proof
    token: str = ""


def sealed_for(key: bytes, sign_up_id: str) -> SealedText:
    """Seals and opens what belongs to one sign-up."""
    return SealedText(key, f"{KEY_KIND}:{sign_up_id}")


def details_in(sealed: SealedText, sign_up: SignUp) -> Details:
    """Who it is."""
    assert sign_up.details_sealed is not None
    return Details(**json.loads(sealed.open("details", sign_up.details_sealed)))


async def may_mail(work: Work, rig: Rig, edition_id: str, email: str) -> bool:
    """Whether an address may get another mail: nobody floods a stranger through our form."""
    since = clock.now() - dt.timedelta(hours=1)
    recent = select(func.count()).where(
        SignUp.edition_id == edition_id,
        SignUp.email_index == email_index(rig.email_secret, email),
        SignUp.requested_at > since,
    )
    return (await work.session.execute(recent)).scalar_one() < MAILS_PER_HOUR


async def ask_for_proof(
    work: Work,
    rig: Rig,
    edition: Edition,
    details: Details,
    *,
    sign_up_id: str,
    key: bytes,
    form_id: str,
    language: str,
    organisation_id: str | None = None,
    group_id: str | None = None,
    keep_together: bool = False,
) -> None:
    """Keep what somebody filled in, sealed, and mail a link and a code to the address.

    With an `organisation_id` they may take places that are reserved for it; the members of a
    group that should `keep_together` get places all at once or wait.
    """
    token, code = new_token(), f"{secrets.randbelow(10**6):06d}"
    sealed = sealed_for(key, sign_up_id)
    work.session.add(
        SignUp(
            sign_up_id=sign_up_id,
            edition_id=edition.edition_id,
            form_id=form_id,
            email_index=email_index(rig.email_secret, details.email),
            details_sealed=sealed.seal("details", json.dumps(asdict(details))),
            language=language,
            organisation_id=organisation_id,
            organisation_index=name_index(rig, details.organisation),
            group_id=group_id,
            keep_together=keep_together,
            link_hash=token_hash(token),
            code_mac=_code_mac(rig, sign_up_id, code),
            requested_at=clock.now(),
            proof_until=clock.now() + rig.policy.proof,
        )
    )
    await work.session.flush()
    link = f"{rig.settings.public_url}/{language}/sign-up/confirm/{token}"
    mail = proof_mail(rig.words[language], edition, details.email, link, code)
    await rig.service.post.post(work, mail)


def _code_mac(rig: Rig, sign_up_id: str, code: str) -> bytes:
    return hmac.digest(rig.code_secret, f"{sign_up_id}:{code}".encode(), "sha256")


async def prove_by_link(work: Work, rig: Rig, token: str) -> Proved:
    """The person pressed the button on the page behind the link; raises `NotFound`."""
    found = select(SignUp).where(SignUp.link_hash == token_hash(token))
    sign_up = (await work.session.execute(found)).scalar_one_or_none()
    if sign_up is None:
        raise NotFound
    return await _prove(work, rig, sign_up)


async def prove_by_code(
    work: Work, rig: Rig, edition_id: str, sign_up_id: str, typed: str
) -> Proved:
    """The person typed the code; five tries. Someone else's id looks like a wrong code."""
    await seats.lock(work, edition_id)
    sign_up = await work.session.get(SignUp, sign_up_id)
    if sign_up is None or sign_up.edition_id != edition_id:
        return Proved(Proof.WRONG)
    if sign_up.tries >= MAX_TRIES:
        return Proved(Proof.TOO_MANY)
    right = hmac.compare_digest(sign_up.code_mac, _code_mac(rig, sign_up_id, same_code(typed)))
    if not right:
        sign_up.tries += 1
        return Proved(Proof.TOO_MANY if sign_up.tries >= MAX_TRIES else Proof.WRONG)
    return await _prove(work, rig, sign_up)


async def _prove(work: Work, rig: Rig, sign_up: SignUp) -> Proved:
    edition = await seats.lock(work, sign_up.edition_id)
    await work.session.refresh(sign_up)
    if sign_up.proof_until <= clock.now():
        return Proved(Proof.EXPIRED)
    if sign_up.status == Status.MERGED:
        assert sign_up.same_as is not None
        return Proved(Proof.SAME_PERSON, await _token_of(work, rig, sign_up.same_as))
    if sign_up.status != Status.REQUESTED:
        return Proved(Proof.BEFORE, await _token_of(work, rig, sign_up.sign_up_id))
    if not edition.goes_ahead or edition.starts_at <= clock.now():
        return Proved(Proof.CLOSED)
    first = await _live_of(work, edition, sign_up.email_index)
    if first is not None:
        sign_up.merge_into(first)
        return Proved(Proof.SAME_PERSON, await _token_of(work, rig, first))
    return Proved(Proof.DONE, await _take_turn(work, rig, edition, sign_up))


async def _take_turn(work: Work, rig: Rig, edition: Edition, sign_up: SignUp) -> str:
    key = await rig.keys.get(KEY_KIND, sign_up.sign_up_id)
    token = new_token()
    sign_up.manage_hash = token_hash(token)
    sign_up.manage_sealed = sealed_for(key, sign_up.sign_up_id).seal("manage", token)
    edition.last_queue_no += 1
    first_time = not await _came_before(work, sign_up.email_index)
    sign_up.arrive(edition.last_queue_no, edition.schedule, first_time=first_time)
    await seats.put_right(work, rig, edition, "place_free", arriving={sign_up.sign_up_id})
    await audit.note(work, "training.sign_up.proved", sign_up.sign_up_id, by=PARTICIPANT)
    return token


async def _came_before(work: Work, index: bytes) -> bool:
    """Whether the person of an address came to a workshop that is still remembered."""
    came = select(Attendance.sign_up_id).join(SignUp).where(SignUp.email_index == index).limit(1)
    return (await work.session.execute(came)).first() is not None


async def _live_of(work: Work, edition: Edition, index: bytes) -> str | None:
    same = select(SignUp.sign_up_id).where(
        SignUp.edition_id == edition.edition_id,
        SignUp.email_index == index,
        SignUp.status.in_(LIVE),
    )
    return (await work.session.execute(same)).scalar_one_or_none()


async def _token_of(work: Work, rig: Rig, sign_up_id: str) -> str:
    sign_up = await work.session.get_one(SignUp, sign_up_id)
    return manage_token(await rig.keys.get(KEY_KIND, sign_up_id), sign_up)


def manage_token(key: bytes, sign_up: SignUp) -> str:
    """The secret of the page where somebody sees and changes their sign-up."""
    assert sign_up.manage_sealed is not None
    return sealed_for(key, sign_up.sign_up_id).open("manage", sign_up.manage_sealed)


async def _lock_own(work: Work, token: str) -> tuple[Edition, SignUp]:
    found = select(SignUp).where(SignUp.manage_hash == token_hash(token))
    sign_up = (await work.session.execute(found)).scalar_one_or_none()
    if sign_up is None:
        raise NotFound
    edition = await seats.lock(work, sign_up.edition_id)
    await work.session.refresh(sign_up)
    return edition, sign_up


async def cancel(work: Work, rig: Rig, token: str) -> bool:
    """The person will not come; whether that is a change. Raises `WorkshopHasBegun`."""
    edition, sign_up = await _lock_own(work, token)
    return await _cancel(work, rig, edition, sign_up, by=PARTICIPANT)


async def cancel_for(work: Work, rig: Rig, edition_id: str, sign_up_id: str, *, by: Staff) -> bool:
    """A trainer cancels for somebody who called; whether that is a change."""
    edition = await seats.lock(work, edition_id)
    sign_up = await work.session.get(SignUp, sign_up_id, populate_existing=True)
    if sign_up is None or sign_up.edition_id != edition_id:
        raise NotFound
    return await _cancel(work, rig, edition, sign_up, by=by)


async def _cancel(
    work: Work, rig: Rig, edition: Edition, sign_up: SignUp, *, by: Staff | str
) -> bool:
    if edition.status == EditionStatus.CANCELLED or not sign_up.cancel(edition.starts_at):
        return False
    await audit.note(work, "training.sign_up.cancelled", sign_up.sign_up_id, by=by)
    await seats.put_right(work, rig, edition, "cancelled")
    return True


async def accept_offer(work: Work, rig: Rig, token: str) -> bool:
    """Take the place that was offered; whether that is a change. Raises `OfferOver`, `NoOffer`."""
    edition, sign_up = await _lock_own(work, token)
    await seats.put_right(work, rig, edition, "offer_expired")
    if not sign_up.accept():
        return False
    await audit.note(work, "training.offer.accepted", sign_up.sign_up_id, by=PARTICIPANT)
    return True


async def decline_offer(work: Work, rig: Rig, token: str) -> bool:
    """Leave the place to the next; whether that is a change. Raises `OfferOver`, `NoOffer`."""
    edition, sign_up = await _lock_own(work, token)
    await seats.put_right(work, rig, edition, "offer_expired")
    if not sign_up.decline():
        return False
    await audit.note(work, "training.offer.declined", sign_up.sign_up_id, by=PARTICIPANT)
    await seats.put_right(work, rig, edition, "declined")
    return True


async def forget_unproved(work: Work, rig: Rig) -> None:
    """What was never proved, or was a repeat, is erased with its key once its time is over."""
    over = select(SignUp.sign_up_id).where(
        SignUp.status.in_((Status.REQUESTED, Status.MERGED)), SignUp.proof_until <= clock.now()
    )
    ids = (await work.session.execute(over.limit(100))).scalars().all()
    for sign_up_id in ids:
        await rig.keys.destroy(KEY_KIND, sign_up_id)
    if ids:
        await work.session.execute(delete(SignUp).where(SignUp.sign_up_id.in_(ids)))
