"""Officers keep the directory of those who can help where we cannot."""

from typing import Any

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.db.inserting import insert_into
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from cri_shared.privacy.receipts import form_fingerprint

from cri_intake.models import Referral
from cri_intake.models.base import table_of


async def add_referral(work: Work, form_id: str, about: dict[str, Any], *, by: Staff) -> str:
    """Add somebody; gives the id. The same form again adds nobody."""
    referral_id = form_fingerprint(form_id)
    row = insert_into(work.session, table_of(Referral)).values(
        referral_id=referral_id, checked_on=clock.today(), checked_by=by.name, **about
    )
    added = await work.session.execute(
        row.on_conflict_do_nothing().returning(table_of(Referral).c.referral_id)
    )
    if added.first() is not None:
        await audit.note(work, "referral.added", referral_id, by=by)
    return referral_id


async def edit_referral(work: Work, one: Referral, about: dict[str, Any], *, by: Staff) -> None:
    """Change what is known of somebody; who does that has looked whether it is right."""
    for name, value in about.items():
        setattr(one, name, value)
    await confirm_referral(work, one, by=by)


async def confirm_referral(work: Work, one: Referral, *, by: Staff) -> None:
    """It is still right, today."""
    one.checked_on, one.checked_by = clock.today(), by.name
    await audit.note(work, "referral.checked", one.referral_id, by=by)


async def leave_or_return(work: Work, one: Referral, *, left: bool, by: Staff) -> None:
    """Take somebody out of the directory, or put them back."""
    if (one.left_at is not None) is left:
        return
    one.left_at = clock.now() if left else None
    action = "referral.left" if left else "referral.returned"
    await audit.note(work, action, one.referral_id, by=by)
