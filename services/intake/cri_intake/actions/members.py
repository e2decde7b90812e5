"""Who signs in for a partner organisation: let in and taken away by operators."""

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.errors import Invalid
from cri_shared.identity import audit
from cri_shared.identity.refusals import KnownAlready
from cri_shared.identity.staff import MEMBER, Staff
from cri_shared.identity.store import Identity
from cri_shared.words import N_

from cri_intake.actions.keys import hold
from cri_intake.models import Member


class MemberElsewhere(Invalid):
    """One person signs in for one organisation."""

    slug = "member-elsewhere"
    message = N_("This person signs in for another organisation.")


async def add_member(
    work: Work,
    identity: Identity,
    organisation_id: str,
    member: tuple[str, str],
    *,
    by: Staff,
    form_id: str,
) -> str | None:
    """Let somebody (e-mail address and name) sign in for an organisation.

    Gives the token of a one-time invitation, the same for the same form, or None for who signed in
    for an organisation before. Raises `MemberElsewhere`, or `KnownAlready` for staff.
    """
    email, name = member
    await hold(work, organisation_id)
    known = await work.session.get(Member, email)
    if known is not None and known.organisation_id != organisation_id:
        raise MemberElsewhere
    token = await _invited(identity, form_id, email, name)
    if known is None:
        work.session.add(
            Member(email=email, organisation_id=organisation_id, name=name, since=clock.now())
        )
        await audit.note(work, "member.invited", organisation_id, by=by)
    return token


async def _invited(identity: Identity, form_id: str, email: str, name: str) -> str | None:
    try:
        return await identity.invite_once(form_id, email, name, [MEMBER])
    except KnownAlready:
        everybody = await identity.everybody()
        if (MEMBER,) not in [roles for account, roles in everybody if account.email == email]:
            raise
        return None


async def end_member(work: Work, organisation_id: str, email: str, *, by: Staff) -> bool:
    """Somebody signs in for an organisation no more; False where they did not."""
    known = await work.session.get(Member, email)
    if known is None or known.organisation_id != organisation_id:
        return False
    await work.session.delete(known)
    await audit.note(work, "member.ended", organisation_id, by=by)
    return True
