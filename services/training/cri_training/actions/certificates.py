"""Certificates: issued for all who were there long enough, revoked, reissued, withdrawn."""

from collections.abc import Sequence

from cri_shared import clock
from cri_shared.db import Work, new_id
from cri_shared.errors import NotFound
from cri_shared.identity import audit
from cri_shared.identity.secrets import token_hash
from cri_shared.identity.staff import Staff
from cri_shared.privacy.vault import SealedText
from sqlalchemy import select

from cri_training.actions import seats
from cri_training.actions.asking import details_in, sealed_for
from cri_training.models import Certificate, Edition, SignUp, Workshop
from cri_training.queries.hours import minutes_attended
from cri_training.rig import CERTIFICATE_KIND, KEY_KIND, Rig
from cri_training.rules.certificates import NotOverYet, Standing, earned, new_code
from cri_training.rules.states import ATTENDING


def sealed_in(key: bytes, certificate_id: str) -> SealedText:
    """Seals and opens what belongs to one certificate."""
    return SealedText(key, f"{CERTIFICATE_KIND}:{certificate_id}")


async def issue(work: Work, rig: Rig, edition_id: str, *, by: Staff) -> int:
    """A certificate for everybody who earned one and never had one; gives how many these are.

    Raises `NotOverYet` before the end of the last session.
    """
    edition = await seats.lock(work, edition_id)
    if edition.cancel_reason is not None or edition.ends_at > clock.now():
        raise NotOverYet
    earners = await _who_earned(work, edition)
    keys = await rig.keys.get_many(KEY_KIND, [s.sign_up_id for s, _ in earners])
    for sign_up, minutes in earners:
        if key := keys.get(sign_up.sign_up_id):
            name = details_in(sealed_for(key, sign_up.sign_up_id), sign_up).name
            await add(work, rig, edition_id, sign_up.sign_up_id, name, minutes)
            sign_up.mail_due_at = clock.now()
    if earners:
        await audit.note(
            work, "training.certificates.issued", edition_id, by=by, count=len(earners)
        )
    return len(earners)


async def _who_earned(work: Work, edition: Edition) -> Sequence[tuple[SignUp, int]]:
    workshop = await work.session.get_one(Workshop, edition.workshop_id)
    whole = sum(sitting.minutes for sitting in edition.sittings)
    minutes = await minutes_attended(work.session, [edition.edition_id])
    had = select(Certificate.sign_up_id).where(Certificate.edition_id == edition.edition_id)
    found = select(SignUp).where(
        SignUp.edition_id == edition.edition_id,
        SignUp.status.in_(ATTENDING),
        SignUp.sign_up_id.not_in(had),
    )
    people = (await work.session.execute(found)).scalars()
    attended = [(one, minutes.get(one.sign_up_id, 0)) for one in people]
    return [one for one in attended if earned(one[1], whole, workshop.certificate_percent)]


async def add(
    work: Work, rig: Rig, edition_id: str, sign_up_id: str, name: str, minutes: int
) -> None:
    """A valid one for somebody who has none."""
    certificate_id, code = new_id(), new_code()
    sealed = sealed_in(await rig.keys.create(CERTIFICATE_KIND, certificate_id), certificate_id)
    work.session.add(
        Certificate(
            certificate_id=certificate_id,
            edition_id=edition_id,
            sign_up_id=sign_up_id,
            minutes=minutes,
            issued_at=clock.now(),
            code_hash=token_hash(code),
            code_sealed=sealed.seal("code", code),
            name_sealed=sealed.seal("name", name),
        )
    )


async def revoke(
    work: Work, rig: Rig, edition_id: str, certificate_id: str, reason: str, *, by: Staff
) -> bool:
    """It is not valid any more; whether that is a change. Raises `CertificateEnded`."""
    certificate = await _locked(work, edition_id, certificate_id)
    key = await rig.keys.get(CERTIFICATE_KIND, certificate_id)
    if not certificate.end(Standing.REVOKED, sealed_in(key, certificate_id).seal("reason", reason)):
        return False
    await audit.note(
        work, "training.certificate.revoked", edition_id, by=by, certificate=certificate_id
    )
    return True


async def reissue(
    work: Work, rig: Rig, edition_id: str, certificate_id: str, name: str, *, by: Staff
) -> bool:
    """A new one with the right name; the old code says that it was replaced.

    Gives whether that is a change. Raises `CertificateEnded`.
    """
    old = await _locked(work, edition_id, certificate_id)
    if not old.end(Standing.REPLACED):
        return False
    await work.session.flush()
    await add(work, rig, edition_id, old.sign_up_id, name, old.minutes)
    sign_up = await work.session.get(SignUp, old.sign_up_id)
    if sign_up is not None:
        sign_up.mail_due_at = clock.now()
    await audit.note(
        work, "training.certificate.reissued", edition_id, by=by, certificate=certificate_id
    )
    return True


async def erase(work: Work, rig: Rig, edition_id: str, certificate_id: str, *, by: Staff) -> bool:
    """The person asks for it: the key goes, the code says "withdrawn"; whether it is a change."""
    certificate = await _locked(work, edition_id, certificate_id)
    if certificate.standing == Standing.WITHDRAWN:
        return False
    certificate.withdraw()
    await rig.service.ledger.erase(work, CERTIFICATE_KIND, certificate_id)
    await audit.note(
        work, "training.certificate.withdrawn", edition_id, by=by, certificate=certificate_id
    )
    return True


async def _locked(work: Work, edition_id: str, certificate_id: str) -> Certificate:
    await seats.lock(work, edition_id)
    certificate = await work.session.get(Certificate, certificate_id, populate_existing=True)
    if certificate is None or certificate.edition_id != edition_id:
        raise NotFound
    return certificate
