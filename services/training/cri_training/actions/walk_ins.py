"""Walk-ins: who comes without a sign-up gets one on the spot, and is noted as present."""

from cri_shared import clock
from cri_shared.db import Work, new_id
from cri_shared.errors import NotFound
from cri_shared.identity import audit
from cri_shared.identity.secrets import new_token, token_hash
from cri_shared.identity.staff import Staff
from cri_shared.places.languages import INTERFACE_LANGUAGES
from cri_shared.privacy.blind_index import email_index
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from cri_training.actions import attendance, seats
from cri_training.actions.asking import Details, seal_details, sealed_for
from cri_training.actions.attendance import Said
from cri_training.actions.organisations import name_index
from cri_training.actions.own import open_page
from cri_training.models import Edition, SignUp
from cri_training.rig import KEY_KIND, Rig
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
    sign_up_id = new_id()
    key = await rig.keys.create(KEY_KIND, sign_up_id)
    try:
        async with rig.service.database.writing() as work:
            before = await _made_before(work, edition_id, form_id)
            if before is None:
                edition = await seats.lock(work, edition_id)
                if not edition.sitting(number).is_open:
                    raise NotOpenYet
                work.session.add(_sign_up(rig, edition, sign_up_id, key, details, form_id))
                await audit.note(work, "training.walk_in.added", edition_id, by=by)
                said = Said(form_id, Presence.PRESENT, 0)
                await attendance.mark(work, rig, edition_id, number, sign_up_id, said, by=by)
                return sign_up_id
    except IntegrityError:  # the same form came twice at once: the first one counts
        async with rig.service.database.writing() as work:
            before = await _made_before(work, edition_id, form_id)
        if before is None:
            raise
    except BaseException:
        await rig.keys.destroy(KEY_KIND, sign_up_id)
        raise
    await rig.keys.destroy(KEY_KIND, sign_up_id)
    return before


async def _made_before(work: Work, edition_id: str, form_id: str) -> str | None:
    found = select(SignUp).where(SignUp.form_id == form_id)
    sign_up = (await work.session.execute(found)).scalar_one_or_none()
    if sign_up is not None and sign_up.edition_id != edition_id:
        raise NotFound
    return sign_up.sign_up_id if sign_up else None


def _sign_up(
    rig: Rig, edition: Edition, sign_up_id: str, key: bytes, details: Details, form_id: str
) -> SignUp:
    now = clock.now()
    address = details.email or f"{sign_up_id}@{NOBODYS}"
    sign_up = SignUp(
        sign_up_id=sign_up_id,
        edition_id=edition.edition_id,
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
