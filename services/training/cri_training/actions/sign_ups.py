"""Signing up: an e-mail address is proved first, and only then is there a seat or a turn."""

import hmac
from dataclasses import dataclass, replace
from enum import StrEnum

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.errors import NotFound
from cri_shared.identity import audit
from cri_shared.identity.secrets import token_hash
from cri_shared.identity.staff import Staff
from sqlalchemy import delete, select

from cri_training.actions import approving, handing_on, seats
from cri_training.actions.asking import code_mac, details_in, seal_claim, seal_details, sealed_for
from cri_training.actions.own import PARTICIPANT, lock_own, manage_token, open_page
from cri_training.models import Attendance, Edition, SignUp
from cri_training.models.sign_ups import MAX_TRIES
from cri_training.rig import KEY_KIND, Rig
from cri_training.rules.attendance import CAME
from cri_training.rules.states import LIVE, EditionStatus, Status, same_code


class Proof(StrEnum):
    """What came of a try to prove an address."""

    DONE = "done"
    BEFORE = "before"  # this sign-up was proved before
    SAME_PERSON = "same_person"  # another sign-up of the same address was there first
    WRONG = "wrong"
    TOO_MANY = "too_many"
    EXPIRED = "expired"
    CLOSED = "closed"
    GONE = "gone"  # the place that was to be handed on is not theirs any more


@dataclass(frozen=True)
class Said:
    """What somebody who was named by a colleague says of herself as she proves the address."""

    name: str | None = None
    role: str | None = None
    needs: str | None = None
    claim: str | None = None
    equivalent: str | None = None


@dataclass(frozen=True)
class Proved:
    """The outcome, and the token of the page where the person sees their sign-up."""

    proof: Proof
    token: str = ""


async def prove_by_link(work: Work, rig: Rig, token: str, said: Said) -> Proved:
    """The person pressed the button on the page behind the link; raises `NotFound`."""
    found = select(SignUp).where(SignUp.link_hash == token_hash(token))
    sign_up = (await work.session.execute(found)).scalar_one_or_none()
    if sign_up is None:
        raise NotFound
    return await _prove(work, rig, sign_up, said)


async def _correct(rig: Rig, sign_up: SignUp, said: Said) -> None:
    key = await rig.keys.get(KEY_KIND, sign_up.sign_up_id)
    sealed = sealed_for(key, sign_up.sign_up_id)
    details = details_in(sealed, sign_up)
    seal_details(sealed, sign_up, replace(details, name=said.name or details.name), said.needs)
    seal_claim(sealed, sign_up, said.claim, said.equivalent)
    sign_up.role = said.role


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
    right = hmac.compare_digest(sign_up.code_mac, code_mac(rig, sign_up_id, same_code(typed)))
    if not right:
        sign_up.tries += 1
        return Proved(Proof.TOO_MANY if sign_up.tries >= MAX_TRIES else Proof.WRONG)
    return await _prove(work, rig, sign_up)


async def _prove(work: Work, rig: Rig, sign_up: SignUp, said: Said = Said()) -> Proved:
    edition = await seats.lock(work, sign_up.edition_id)
    await work.session.refresh(sign_up)
    if sign_up.link_is_over:
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
    if sign_up.was_named:
        await _correct(rig, sign_up, said)
    if sign_up.takes_over is not None and await handing_on.place_for(work, sign_up) is None:
        return Proved(Proof.GONE)
    await _take_turn(work, rig, edition, sign_up)
    await audit.note(work, "training.sign_up.proved", sign_up.sign_up_id, by=PARTICIPANT)
    return Proved(Proof.DONE, open_page(await rig.keys.get(KEY_KIND, sign_up.sign_up_id), sign_up))


async def _take_turn(work: Work, rig: Rig, edition: Edition, sign_up: SignUp) -> None:
    edition.last_queue_no += 1
    first_time = not await _came_before(work, sign_up.email_index)
    sign_up.arrive(edition.last_queue_no, edition.schedule, first_time=first_time)
    if await approving.needs_yes(work, edition, sign_up):
        sign_up.await_yes()
    else:
        await approving.let_in(work, rig, edition, sign_up)


async def _came_before(work: Work, index: bytes) -> bool:
    """Whether the person of an address came to a workshop that is still remembered."""
    came = select(Attendance.sign_up_id).join(SignUp).where(SignUp.email_index == index)
    came = came.where(Attendance.presence.in_(CAME)).limit(1)
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


async def cancel(work: Work, rig: Rig, token: str) -> bool:
    """The person will not come; whether that is a change. Raises `WorkshopHasBegun`."""
    edition, sign_up = await lock_own(work, token)
    return await cancel_sign_up(work, rig, edition, sign_up, by=PARTICIPANT)


async def cancel_for(work: Work, rig: Rig, edition_id: str, sign_up_id: str, *, by: Staff) -> bool:
    """A trainer cancels for somebody who called; whether that is a change."""
    edition = await seats.lock(work, edition_id)
    sign_up = await work.session.get(SignUp, sign_up_id, populate_existing=True)
    if sign_up is None or sign_up.edition_id != edition_id:
        raise NotFound
    return await cancel_sign_up(work, rig, edition, sign_up, by=by)


async def cancel_sign_up(
    work: Work, rig: Rig, edition: Edition, sign_up: SignUp, *, by: Staff | str
) -> bool:
    """Cancel a sign-up of a locked edition; whether that is a change."""
    if edition.status == EditionStatus.CANCELLED or not sign_up.cancel(edition.starts_at):
        return False
    await audit.note(work, "training.sign_up.cancelled", sign_up.sign_up_id, by=by)
    await seats.put_right(work, rig, edition, "cancelled")
    return True


async def accept_offer(work: Work, rig: Rig, token: str) -> bool:
    """Take the place that was offered; whether that is a change. Raises `OfferOver`, `NoOffer`."""
    edition, sign_up = await lock_own(work, token)
    await seats.put_right(work, rig, edition, "offer_expired")
    if not sign_up.accept():
        return False
    await audit.note(work, "training.offer.accepted", sign_up.sign_up_id, by=PARTICIPANT)
    return True


async def decline_offer(work: Work, rig: Rig, token: str) -> bool:
    """Leave the place to the next; whether that is a change. Raises `OfferOver`, `NoOffer`."""
    edition, sign_up = await lock_own(work, token)
    await seats.put_right(work, rig, edition, "offer_expired")
    if not sign_up.decline():
        return False
    await audit.note(work, "training.offer.declined", sign_up.sign_up_id, by=PARTICIPANT)
    await seats.put_right(work, rig, edition, "declined")
    return True


async def forget_unproved(work: Work, rig: Rig) -> None:
    """What was never proved, or was a repeat, is erased with its key once its time is over."""
    unproved = (Status.REQUESTED, Status.WITHDRAWN, Status.MERGED)
    over = select(SignUp.sign_up_id, SignUp.edition_id, SignUp.keep_together).where(
        SignUp.status.in_(unproved), SignUp.proof_until <= clock.now()
    )
    rows = (await work.session.execute(over.limit(100))).all()
    ids = [row.sign_up_id for row in rows]
    for sign_up_id in ids:
        await rig.keys.destroy(KEY_KIND, sign_up_id)
    if ids:
        await work.session.execute(delete(SignUp).where(SignUp.sign_up_id.in_(ids)))
    for edition_id in sorted({row.edition_id for row in rows if row.keep_together}):
        edition = await seats.lock(work, edition_id)  # their groups wait for them no longer
        await seats.put_right(work, rig, edition, "group_complete")
