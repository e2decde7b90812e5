"""What a trainer does with the desk of an organisation: send its link, send a new one, end it."""

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.identity import audit
from cri_shared.identity.secrets import new_token, token_hash
from cri_shared.identity.staff import Staff

from cri_training.letters import desk_mail
from cri_training.models import Desk, Organisation
from cri_training.models.desks import LINK_LIFE
from cri_training.rig import Rig


async def send_link(
    work: Work,
    rig: Rig,
    organisation: Organisation,
    *,
    email: str,
    language: str,
    form_id: str,
    by: Staff,
) -> None:
    """Mail a link to the contact of an organisation; the link before it ends.

    The same form sends one. Whom it was sent to is not kept.
    """
    # A first desk has no row to lock yet: two clicks at once wait for each other here.
    await work.session.refresh(organisation, with_for_update={"key_share": True})
    desk = await work.session.get(Desk, organisation.organisation_id, populate_existing=True)
    if desk is not None and desk.form_id == form_id:
        return
    if desk is None:
        desk = Desk(organisation_id=organisation.organisation_id)
        work.session.add(desk)
    token = new_token()
    desk.form_id, desk.token_hash = form_id, token_hash(token)
    desk.sent_at, desk.until = clock.now(), clock.now() + LINK_LIFE
    await work.session.flush()
    link = f"{rig.settings.public_url}/{language}/organisation/{token}"
    await rig.service.post.post(work, desk_mail(rig.words[language], organisation, email, link))
    await audit.note(work, "training.desk.opened", organisation.organisation_id, by=by)


async def withdraw_link(work: Work, organisation_id: str, *, by: Staff) -> bool:
    """The link opens nothing any more; whether that is a change."""
    desk = await work.session.get(Desk, organisation_id, with_for_update=True)
    if desk is None or desk.token_hash is None:
        return False
    desk.token_hash = None
    await audit.note(work, "training.desk.closed", organisation_id, by=by)
    return True
