"""Who may approve a text."""

from cri_publishing.models import Version
from cri_publishing.rig import Rig


async def approvers(rig: Rig, version: Version) -> list[tuple[str, str]]:
    """(id, name) of every editor who did not work on a version, by name."""
    return [
        (account.staff_id, account.name)
        for account, roles in await rig.service.identity.everybody()
        if "editor" in roles
        and account.disabled_at is None
        and account.staff_id not in version.authors
    ]
