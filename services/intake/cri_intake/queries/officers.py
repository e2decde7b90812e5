"""The officers of the helpdesk."""

from dataclasses import dataclass

from cri_intake.rig import Rig


@dataclass(frozen=True)
class Colleague:
    """Somebody who may be given a question."""

    staff_id: str
    name: str


async def officers(rig: Rig) -> list[Colleague]:
    """Everybody who is an officer at present, by name."""
    everybody = await rig.service.identity.everybody()
    found = [
        Colleague(account.staff_id, account.name)
        for account, roles in everybody
        if "officer" in roles and account.disabled_at is None
    ]
    return sorted(found, key=lambda one: (one.name.casefold(), one.staff_id))
