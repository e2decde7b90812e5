"""A contact that comes back: found by the exact address or number; only a digest is kept."""

from collections.abc import Sequence

from cri_shared.privacy.blind_index import ContactNotIndexable, email_index, phone_index
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.models import Case
from cri_intake.rig import Rig
from cri_intake.submission import Contact

_SHOWN = 50


def contact_indexes(rig: Rig, contact: Contact | None) -> dict[str, bytes | None]:
    """What a case keeps of a contact so that it can be found; None for what is no contact."""
    return {
        "email_index": _index(rig, contact.email) if contact else None,
        "phone_index": _index(rig, contact.phone) if contact else None,
    }


def _index(rig: Rig, typed: str | None) -> bytes | None:
    try:
        return index_of(rig, typed) if typed else None
    except ContactNotIndexable:
        return None


def index_of(rig: Rig, typed: str) -> bytes:
    """The digest of an address or number; raises `ContactNotIndexable`."""
    of = email_index if "@" in typed else phone_index
    return of(rig.contact_secret, typed)


async def cases_with(session: AsyncSession, index: bytes) -> Sequence[Case]:
    """The cases whose asker left this address or number, newest first."""
    return await _found(session, Case.email_index == index, Case.phone_index == index)


async def others_of(session: AsyncSession, case: Case) -> Sequence[Case]:
    """Other cases whose asker left the same address or number, newest first."""
    same = []
    if case.email_index is not None:
        same.append(Case.email_index == case.email_index)
    if case.phone_index is not None:
        same.append(Case.phone_index == case.phone_index)
    found = await _found(session, *same) if same else []
    return [other for other in found if other.question_id != case.question_id]


async def _found(session: AsyncSession, *same: ColumnElement[bool]) -> Sequence[Case]:
    found: dict[str, Case] = {}
    for one in same:  # each by its own index, which has them in order
        newest = select(Case).where(one).order_by(Case.received_at.desc()).limit(_SHOWN)
        found |= {case.question_id: case for case in (await session.execute(newest)).scalars()}
    return sorted(found.values(), key=lambda case: case.received_at, reverse=True)[:_SHOWN]
