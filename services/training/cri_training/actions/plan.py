"""What a trainer does with an edition's mails: stop a sort, let it go again, send one now."""

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.errors import NotFound
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from sqlalchemy import func, select

from cri_training.actions import seats
from cri_training.models import Edition, Material, PlanChange
from cri_training.rules.kinds import Kind
from cri_training.rules.states import EditionStatus


async def stop(work: Work, edition_id: str, kind: Kind, *, by: Staff) -> bool:
    """This sort of mail does not go, whatever its date becomes; whether that is a change."""
    return await _decide(work, edition_id, kind, None, "training.letter.stopped", by)


async def hasten(work: Work, edition_id: str, kind: Kind, mark: str, *, by: Staff) -> bool:
    """One mail goes now instead of later; whether that is a change."""
    return await _decide(work, edition_id, kind, mark, "training.letter.hastened", by)


async def let_go(work: Work, edition_id: str, kind: Kind, *, by: Staff) -> bool:
    """What was stopped goes when it is due after all; whether that is a change."""
    edition = await seats.lock(work, edition_id)
    decided = await work.session.get(PlanChange, (edition_id, kind))
    if decided is None or decided.mark is not None:
        return False
    await work.session.delete(decided)
    await _noted(work, edition, "training.letter.let_go", kind, by)
    return True


async def _decide(
    work: Work, edition_id: str, kind: Kind, mark: str | None, action: str, by: Staff
) -> bool:
    edition = await seats.lock(work, edition_id)
    decided = await work.session.get(PlanChange, (edition_id, kind))
    if decided is not None and decided.mark == mark:
        return False
    fresh = PlanChange(edition_id=edition_id, kind=kind, mark=mark, decided_at=clock.now())
    await work.session.merge(fresh)
    await _noted(work, edition, action, kind, by)
    return True


async def _noted(work: Work, edition: Edition, action: str, kind: Kind, by: Staff) -> None:
    await audit.note(work, action, edition.edition_id, by=by, kind=kind.value)
    await seats.tell_everybody(work, edition)


async def add_material(work: Work, edition_id: str, title: str, url: str, *, by: Staff) -> bool:
    """A link for those who take part; whether it is new. Raises `EditionOver` if cancelled."""
    edition = await seats.lock(work, edition_id)
    if edition.status == EditionStatus.CANCELLED:
        edition.check_changeable()
    found = select(Material).where(Material.edition_id == edition_id, Material.url == url)
    if (await work.session.execute(found)).scalar_one_or_none() is not None:
        return False
    last = select(func.max(Material.number)).where(Material.edition_id == edition_id)
    number = ((await work.session.execute(last)).scalar() or 0) + 1
    work.session.add(Material(edition_id=edition_id, number=number, title=title, url=url))
    await audit.note(work, "training.material.added", edition_id, by=by)
    await seats.tell_everybody(work, edition)
    return True


async def remove_material(work: Work, edition_id: str, material_id: str, *, by: Staff) -> bool:
    """A link that is not for them after all; whether that is a change."""
    edition = await seats.lock(work, edition_id)
    material = await work.session.get(Material, material_id)
    if material is None:
        return False
    if material.edition_id != edition_id:
        raise NotFound
    await work.session.delete(material)
    await audit.note(work, "training.material.removed", edition_id, by=by)
    await seats.tell_everybody(work, edition)
    return True
