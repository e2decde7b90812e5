"""What a service counted at its doors, for tests."""

from cri_shared.service import Service


async def refused_at(service: Service) -> dict[tuple[str, str], int]:
    """How often, by kind and thing, what was refused and is not in the audit trail yet."""
    async with service.database.reading() as session:
        lately = await service.attempts.lately(session)
    found: dict[tuple[str, str], int] = {}
    for one in lately:
        key = (one.attempt.kind, one.attempt.about)
        found[key] = found.get(key, 0) + one.count
    return found
