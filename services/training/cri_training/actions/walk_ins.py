"""Walk-ins: who comes without a sign-up gets one on the spot, and is noted as present."""

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.identity import audit
from cri_shared.identity.secrets import new_token, token_hash
from cri_shared.identity.staff import Staff
from cri_shared.places.languages import INTERFACE_LANGUAGES
from cri_shared.privacy.blind_index import email_index

from cri_training.actions import attendance, seats
from cri_training.actions.asking import Details, ask_once, seal_details, sealed_for, within
from cri_training.actions.attendance import Said
from cri_training.actions.organisations import name_index
from cri_training.actions.own import open_page
from cri_training.models import Edition, SignUp
from cri_training.rig import Rig
from cri_training.rules.attendance import NotOpenYet, Presence
from cri_training.rules.states import Status

NOBODYS = "walk-in.invalid"  # the domain of who gave no address


async def walk_in(
    rig: Rig, edition_id: str, number: int, details: Details, form_id: str, *, by: Staff
) -> str:
    """A sign-up for somebody who is there; the same form again gives the one it made before.

    Their address, if they gave one, is not proved: it gets what follows the workshop, no more.
    Raises `NotOpenYet`.
    """

    async def ask(work: Work, sign_up_id: str, key: bytes) -> bool:
        edition = await seats.lock(work, edition_id)
        if not edition.sitting(number).is_open:
            raise NotOpenYet
        work.session.add(_sign_up(rig, edition, sign_up_id, key, details, wish_id))
        await audit.note(work, "training.walk_in.added", edition_id, by=by)
        said = Said(form_id, Presence.PRESENT, 0)
        await attendance.mark(work, rig, edition_id, number, sign_up_id, said, by=by)
        return True

    wish_id = within(form_id, f"walk in {edition_id}")
    return await ask_once(rig, wish_id, ask)


def _sign_up(
    rig: Rig, edition: Edition, sign_up_id: str, key: bytes, details: Details, form_id: str
) -> SignUp:
    now = clock.now()
    address = details.email or f"{sign_up_id}@{NOBODYS}"
    sign_up = SignUp(
        sign_up_id=sign_up_id,
        edition_id=edition.edition_id,
        edition_ends_at=edition.ends_at,
        form_id=form_id,
        status=Status.WALKED_IN,
        email_index=email_index(rig.email_secret, address),
        organisation_index=name_index(rig, details.organisation),
        language=edition.language if edition.language in INTERFACE_LANGUAGES else "en",
        link_hash=token_hash(new_token()),
        code_mac=b"",
        requested_at=now,
        proof_until=now,
        seated_at=now,
        schedule_known=edition.schedule,
    )
    seal_details(sealed_for(key, sign_up_id), sign_up, details, None)
    open_page(key, sign_up)
    return sign_up
