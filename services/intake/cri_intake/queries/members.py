"""Whose organisation a member is of, and what its questions are called there."""

from contextlib import suppress
from dataclasses import dataclass

from cri_shared.errors import NotFound
from cri_shared.identity.staff import Staff
from cri_shared.privacy.vault import Erased
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.models import Case, Member, PartnerOrganisation
from cri_intake.queries.organisations import cases_of_organisation
from cri_intake.rig import Rig


async def organisation_of(session: AsyncSession, staff: Staff) -> PartnerOrganisation:
    """The organisation that a member is of; raises `NotFound` for who is of none.

    Whoever another sign-in vouches for is a member of none: that one would choose the address.
    """
    member = None if staff.vouched_for else await session.get(Member, staff.email)
    if member is None:
        raise NotFound
    return await session.get_one(PartnerOrganisation, member.organisation_id)


async def members_of(session: AsyncSession, organisation_id: str) -> list[Member]:
    """Who signs in for an organisation, by name."""
    own = select(Member).where(Member.organisation_id == organisation_id)
    return list((await session.execute(own.order_by(Member.name))).scalars())


@dataclass(frozen=True)
class Line:
    """A question in an organisation's list; `reference` is its own name for it."""

    case: Case
    reference: str
    handed_over: bool


async def lines(
    session: AsyncSession, rig: Rig, organisation_id: str, after: str | None
) -> tuple[list[Line], str | None]:
    """A page of an organisation's questions, newest first, and the cursor of the next, or None.

    The page begins after a cursor; raises `CursorUnknown`.
    """
    cases, following = await cases_of_organisation(session, organisation_id, after)
    found = [
        Line(
            case, await reference_of(rig, case, organisation_id), _is_handed(case, organisation_id)
        )
        for case in cases
    ]
    return found, following


async def reference_of(rig: Rig, case: Case, organisation_id: str) -> str:
    """What the organisation calls a question that it posted; empty for one that it was handed.

    So it is where the question's key is gone: the others of a list are shown all the same.
    """
    if case.reference_sealed is None or _is_handed(case, organisation_id):
        return ""
    with suppress(Erased):
        return (await rig.sealed(case.owner)).open("reference", case.reference_sealed)
    return ""


def _is_handed(case: Case, organisation_id: str) -> bool:
    return case.organisation_id != organisation_id
