"""Approval: a trainer says yes before a place is given, where that is set or X was not attended."""

from cri_shared.db import Work
from cri_shared.errors import NotFound
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff

from cri_training.actions import handing_on, seats
from cri_training.actions.asking import sealed_for
from cri_training.models import Edition, SignUp, Workshop
from cri_training.queries.requirements import Before, before
from cri_training.rig import KEY_KIND, Rig
from cri_training.rules.states import Status


async def needs_yes(work: Work, edition: Edition, sign_up: SignUp) -> bool:
    """Whether a trainer must approve first.

    Who attended what the workshop asks for, as far as it is remembered, or has a place in it that
    comes before, needs no yes for that, and what they wrote about it is erased.
    """
    workshop = await work.session.get_one(Workshop, edition.workshop_id)
    asked = workshop.requires is not None
    if workshop.requires is not None:
        known = await before(work.session, edition, workshop.requires)
        asked = known.get(sign_up.email_index, Before.ABSENT) is Before.ABSENT
    if not asked:
        sign_up.claim = sign_up.claim_sealed = None
    return asked or edition.needs_approval


async def approve(work: Work, rig: Rig, edition_id: str, sign_up_id: str, *, by: Staff) -> bool:
    """Let somebody in who waits for it; whether that is a change."""
    edition, sign_up = await _lock(work, edition_id, sign_up_id)
    edition.check_changeable()
    if not sign_up.approve():
        return False
    await audit.note(work, "training.sign_up.approved", sign_up_id, by=by)
    await let_in(work, rig, edition, sign_up)
    return True


async def let_in(work: Work, rig: Rig, edition: Edition, sign_up: SignUp) -> None:
    """Give the place that somebody handed on, or else a free one, or the turn of their arrival."""
    if not await handing_on.take_over(work, edition, sign_up):
        await seats.put_right(work, rig, edition, "place_free", arriving={sign_up.sign_up_id})


async def refuse(
    work: Work, rig: Rig, edition_id: str, sign_up_id: str, reason: str, *, by: Staff
) -> bool:
    """Say no, with a reason that the person reads; whether that is a change."""
    _, sign_up = await _lock(work, edition_id, sign_up_id)
    if sign_up.status != Status.TO_APPROVE:
        return False
    key = await rig.keys.get(KEY_KIND, sign_up_id)
    sign_up.refuse(sealed_for(key, sign_up_id).seal("reason", reason))
    await audit.note(work, "training.sign_up.refused", sign_up_id, by=by)
    return True


async def _lock(work: Work, edition_id: str, sign_up_id: str) -> tuple[Edition, SignUp]:
    edition = await seats.lock(work, edition_id)
    sign_up = await work.session.get(SignUp, sign_up_id, populate_existing=True)
    if sign_up is None or sign_up.edition_id != edition_id:
        raise NotFound
    return edition, sign_up
