"""What a trainer decides about places: whom they are kept for, who goes first, and whose one is."""

import datetime as dt

from cri_shared.db import Work
from cri_shared.errors import NotFound
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff

from cri_training.actions import seats
from cri_training.actions.organisations import named
from cri_training.models import Organisation, SignUp
from cri_training.rig import Rig
from cri_training.rules.queue import Priority


async def set_order(
    work: Work, rig: Rig, edition_id: str, priority: Priority, overbooked: int, *, by: Staff
) -> bool:
    """Whom the queue lets go first, and how many more than the room holds; whether it changed.

    Raises `CapacityTooLow`, `EditionOver` or `NotFound`.
    """
    edition = await seats.lock(work, edition_id)
    if not edition.set_order(priority, overbooked):
        return False
    await audit.note(work, "training.order.changed", edition_id, by=by, overbooked=overbooked)
    await seats.put_right(work, rig, edition, "capacity_raised")
    return True


async def reserve(
    work: Work, rig: Rig, edition_id: str, name: str, places: int, until: dt.datetime, *, by: Staff
) -> bool:
    """Keep places for an organisation until an instant; whether that is a change.

    Nobody who has a place loses it: what is taken is kept as it comes free. Raises
    `TooManyReserved`, `EditionOver` or `NotFound`.
    """
    edition = await seats.lock(work, edition_id)
    organisation = await named(work, name)
    if not edition.reserve(organisation, places, until):
        return False
    await work.session.flush()
    await audit.note(work, "training.places.reserved", edition_id, by=by, places=places)
    await seats.put_right(work, rig, edition, "reservation_over")
    return True


async def give_back(
    work: Work, rig: Rig, edition_id: str, organisation_id: str, *, by: Staff
) -> bool:
    """What is left of the reserved places is everybody's from now on; whether that is a change."""
    edition = await seats.lock(work, edition_id)
    if not edition.end_reservation(organisation_id):
        return False
    await audit.note(work, "training.places.given_back", edition_id, by=by)
    await seats.put_right(work, rig, edition, "reservation_over")
    return True


async def place_under(
    work: Work, rig: Rig, edition_id: str, sign_up_id: str, organisation_id: str, *, by: Staff
) -> bool:
    """Say which organisation somebody comes for, or none; whether that is a change.

    Raises `NotFound` for who is not in the edition, and for an organisation that is not known.
    """
    edition = await seats.lock(work, edition_id)
    sign_up = await _of_edition(work, edition_id, sign_up_id)
    if organisation_id and await work.session.get(Organisation, organisation_id) is None:
        raise NotFound
    if (sign_up.organisation_id or "") == organisation_id:
        return False
    sign_up.organisation_id = organisation_id or None
    await audit.note(work, "training.sign_up.placed", sign_up_id, by=by)
    await seats.put_right(work, rig, edition, "reserved_place")
    return True


async def let_split(work: Work, rig: Rig, edition_id: str, sign_up_id: str, *, by: Staff) -> bool:
    """The group of somebody may come one by one from now on; whether that is a change.

    Raises `NotFound` for who is in no group of the edition.
    """
    edition = await seats.lock(work, edition_id)
    group = (await _of_edition(work, edition_id, sign_up_id)).group_id
    if group is None:
        raise NotFound
    in_ledger = await seats.in_ledger(work.session, edition_id)
    together = [s for s in in_ledger if s.group_id == group and s.keep_together]
    for member in together:
        member.keep_together = False
    if not together:
        return False
    await audit.note(work, "training.group.split", sign_up_id, by=by)
    await seats.put_right(work, rig, edition, "group_split")
    return True


async def _of_edition(work: Work, edition_id: str, sign_up_id: str) -> SignUp:
    sign_up = await work.session.get(SignUp, sign_up_id, populate_existing=True)
    if sign_up is None or sign_up.edition_id != edition_id:
        raise NotFound
    return sign_up
