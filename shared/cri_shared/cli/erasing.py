"""`cri-<service> erase-events`: what was said about one thing is taken back."""

from cri_shared.bus.erasure import Erased, erase
from cri_shared.cli.running import BY_COMMAND, close
from cri_shared.identity.audit import note
from cri_shared.service import Service


async def erase_events(service: Service, about: str) -> Erased:
    """Erase a service's events about one thing, and note it in the audit trail."""
    try:
        async with service.database.writing() as work:
            erased = await erase(work, about)
            if not erased.nothing:
                counts = {"events": erased.events, "letters": erased.letters}
                await note(work, "events.erased", about, by=BY_COMMAND, **counts)
    finally:
        await close(service)
    return erased


def told(erased: Erased) -> str:
    """One line for people."""
    return (
        f"{erased.events} events and {erased.letters} dead letters are erased; "
        f"the worker takes {erased.copies} copies out of the stream and tells those who heard."
    )
