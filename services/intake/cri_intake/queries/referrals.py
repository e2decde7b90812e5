"""The directory of those who can help where we cannot, as officers look through it."""

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.models import Referral, ReferralUnknown


async def referral_of(session: AsyncSession, referral_id: str) -> Referral:
    """One of the directory; raises `ReferralUnknown`."""
    found = await session.get(Referral, referral_id)
    if found is None:
        raise ReferralUnknown
    return found


async def referrals(session: AsyncSession, *, left: bool = False) -> list[Referral]:
    """Everybody in the directory, by name; with `left`, those who were taken out too."""
    rows = select(Referral)
    if not left:
        rows = rows.where(Referral.left_at.is_(None))
    found = (await session.execute(rows)).scalars()
    return sorted(found, key=lambda one: (one.left_at is not None, one.name.casefold()))


def rows() -> Select[Referral]:
    """Everybody who is or was in the directory, by name."""
    return select(Referral).order_by(Referral.name, Referral.referral_id)


def told(one: Referral, language: str) -> str:
    """Who helps, with what, and how to reach them, in words for an asker; a line for each."""
    about = one.helps.get(language) or one.helps.get("en") or next(iter(one.helps.values()))
    name = f"{one.name} ({one.place})" if one.place else one.name
    return "\n".join(part for part in (name, about, one.phone, one.email, one.website) if part)
