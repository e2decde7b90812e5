"""Certificates: of an edition for trainers, of a person for themselves, and by code for anybody."""

from collections.abc import Sequence
from dataclasses import dataclass

from cri_shared.errors import NotFound
from cri_shared.identity.secrets import token_hash
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_training.actions.certificates import sealed_in
from cri_training.models import Certificate, Edition
from cri_training.queries.editions import edition as edition_of
from cri_training.rig import CERTIFICATE_KIND, Rig
from cri_training.rules.certificates import Standing, plain_code


@dataclass(frozen=True)
class Issued:
    """A certificate with what it says; without a name it was withdrawn."""

    certificate: Certificate
    name: str | None
    code: str | None
    reason: str = ""


async def of_edition(session: AsyncSession, rig: Rig, edition_id: str) -> list[Issued]:
    """Every certificate of an edition, by name and then the newest first."""
    found = select(Certificate).where(Certificate.edition_id == edition_id)
    rows = (await session.execute(found.order_by(Certificate.issued_at.desc()))).scalars().all()
    return sorted(await _opened(rig, rows), key=lambda one: (one.name or "").casefold())


async def of_sign_up(session: AsyncSession, rig: Rig, sign_up_id: str) -> Issued | None:
    """The valid certificate of somebody, or None."""
    found = select(Certificate).where(
        Certificate.sign_up_id == sign_up_id, Certificate.standing == Standing.VALID
    )
    rows = (await session.execute(found)).scalars().all()
    return next(iter(await _opened(rig, rows)), None)


async def ready(session: AsyncSession, sign_up_ids: Sequence[str]) -> dict[str, str]:
    """The id of the valid certificate by sign-up: who is told that one is ready, and of which.

    A reissued one has another id, so that a letter marked with it goes out once more.
    """
    found = select(Certificate.sign_up_id, Certificate.certificate_id).where(
        Certificate.sign_up_id.in_(sign_up_ids), Certificate.standing == Standing.VALID
    )
    return {sign_up_id: mark for sign_up_id, mark in (await session.execute(found)).all()}


async def by_id(session: AsyncSession, rig: Rig, edition_id: str, certificate_id: str) -> Issued:
    """One certificate of an edition; raises `NotFound`."""
    row = await session.get(Certificate, certificate_id)
    if row is None or row.edition_id != edition_id:
        raise NotFound
    return (await _opened(rig, [row]))[0]


async def by_code(session: AsyncSession, rig: Rig, typed: str) -> tuple[Edition, Issued]:
    """What a code stands for; raises `NotFound`."""
    found = select(Certificate).where(Certificate.code_hash == token_hash(plain_code(typed)))
    row = (await session.execute(found)).scalar_one_or_none()
    if row is None:
        raise NotFound
    return await edition_of(session, row.edition_id), (await _opened(rig, [row]))[0]


async def _opened(rig: Rig, rows: Sequence[Certificate]) -> list[Issued]:
    keys = await rig.keys.get_many(CERTIFICATE_KIND, [row.certificate_id for row in rows])
    return [_told(row, keys.get(row.certificate_id)) for row in rows]


def _told(row: Certificate, key: bytes | None) -> Issued:
    if key is None or row.name_sealed is None or row.code_sealed is None:
        return Issued(row, None, None)
    sealed = sealed_in(key, row.certificate_id)
    reason = sealed.open("reason", row.reason_sealed) if row.reason_sealed else ""
    return Issued(
        row, sealed.open("name", row.name_sealed), sealed.open("code", row.code_sealed), reason
    )
