"""The country desks: which coordinator looks after which countries."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_research.models import CountryState
from cri_research.rig import Rig


@dataclass(frozen=True)
class Coordinator:
    """Somebody who may look after a country."""

    staff_id: str
    name: str


async def coordinators(rig: Rig) -> list[Coordinator]:
    """Everybody who is a coordinator at present, by name."""
    everybody = await rig.service.identity.everybody()
    found = [
        Coordinator(account.staff_id, account.name)
        for account, roles in everybody
        if "coordinator" in roles and account.disabled_at is None
    ]
    return sorted(found, key=lambda one: (one.name.casefold(), one.staff_id))


async def desks(session: AsyncSession) -> dict[str, str]:
    """The staff id of each country's desk, by country; without those that nobody has."""
    rows = (await session.execute(select(CountryState.country, CountryState.desk_id))).all()
    return {country: desk_id for country, desk_id in rows if desk_id is not None}
