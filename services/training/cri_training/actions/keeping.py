"""What training keeps no longer than it must: who came to a workshop, and all about them."""

from collections.abc import Mapping, Sequence

from cri_shared.db import Work
from cri_shared.privacy.keeping import Setting
from cri_shared.retention import Rule
from cri_shared.retention.ledger import Again, Owners
from cri_shared.words import N_
from sqlalchemy import delete, select

from cri_training.actions.tallying import count_forgotten
from cri_training.models import (
    Attendance,
    Certificate,
    Mark,
    PostedLetter,
    SeatMove,
    SignUp,
)
from cri_training.rig import CERTIFICATE_KIND, KEY_KIND, Rig
from cri_training.rules.certificates import Standing


def rules(rig: Rig) -> list[Rule]:
    """Training's rules, beside those of every service."""

    async def ending(work: Work, sign_up_ids: Sequence[str]) -> None:
        for sign_up_id in sign_up_ids:
            await forget_sign_up(work, sign_up_id)
            await rig.service.ledger.erase(work, KEY_KIND, sign_up_id)

    async def withdrawing(work: Work, certificate_ids: Sequence[str]) -> None:
        for certificate_id in certificate_ids:
            await withdraw_certificate(work, certificate_id)
            await rig.service.ledger.erase(work, CERTIFICATE_KIND, certificate_id)

    return [
        Rule(
            "participants",
            N_("Participants of workshops that are over"),
            SignUp,
            SignUp.edition_ends_at,
            Setting("keep_participants_days"),
            about=SignUp.sign_up_id,
            key=SignUp.sign_up_id,
            ending=ending,
        ),
        Rule(
            "certificates",
            N_("Certificates that can be checked no longer"),
            Certificate,
            Certificate.issued_at,
            Setting("keep_certificates_days"),
            where=Certificate.standing != Standing.WITHDRAWN,
            about=Certificate.certificate_id,
            key=Certificate.certificate_id,
            ending=withdrawing,
        ),
    ]


async def forget_sign_up(work: Work, sign_up_id: str) -> None:
    """Delete the rows of a sign-up, and count it where it was somebody's; twice does nothing."""
    sign_up = await work.session.get(SignUp, sign_up_id)
    if sign_up is not None:
        await count_forgotten(work, sign_up)
    for table in (Attendance, Mark, PostedLetter, SeatMove, SignUp):
        await work.session.execute(delete(table).where(table.sign_up_id == sign_up_id))


async def withdraw_certificate(work: Work, certificate_id: str) -> None:
    """Keep nothing of a certificate but that there was one; a second time does nothing."""
    certificate = await work.session.get(Certificate, certificate_id)
    if certificate is not None:
        certificate.withdraw()


def again() -> Mapping[str, Again]:
    """By kind of key, what deletes the rows of an owner that a backup brought back."""
    return {KEY_KIND: forget_sign_up, CERTIFICATE_KIND: withdraw_certificate}


def owners() -> Mapping[str, Owners]:
    """By kind of key, who has one."""
    return {
        KEY_KIND: select(SignUp.sign_up_id),
        CERTIFICATE_KIND: select(Certificate.certificate_id),
    }
