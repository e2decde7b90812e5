"""An officer saves an address of the queue under a name of their own, and lets it go again."""

import datetime as dt

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.db.inserting import insert_into
from cri_shared.identity.staff import Staff
from sqlalchemy import delete

from cri_intake.models import SavedView, TooManyViews, ViewNameTaken
from cri_intake.models.base import table_of
from cri_intake.queries.views import views_of
from cri_intake.rig import Rig
from cri_intake.rules import MOST_VIEWS

_AGAIN = dt.timedelta(days=7)  # before which it is not written down once more that it was opened


async def save_view(work: Work, address: str, name: str, *, by: Staff) -> None:
    """Call an address so, or so from now on; raises `ViewNameTaken` and `TooManyViews`."""
    others = [one for one in await views_of(work.session, by) if one.address != address]
    if any(one.name == name for one in others):
        raise ViewNameTaken
    if len(others) >= MOST_VIEWS:
        raise TooManyViews
    row = insert_into(work.session, table_of(SavedView)).values(
        staff_id=by.staff_id, address=address, name=name, used_at=clock.now()
    )
    keys = ["staff_id", "address"]
    await work.session.execute(row.on_conflict_do_update(index_elements=keys, set_={"name": name}))


async def remove_view(work: Work, address: str, *, by: Staff) -> None:
    """Save it no longer."""
    await work.session.execute(
        delete(SavedView).where(SavedView.staff_id == by.staff_id, SavedView.address == address)
    )


async def come_to_view(rig: Rig, view: SavedView) -> None:
    """Note that its officer opened it, so that it is kept."""
    if view.used_at > clock.now() - _AGAIN:
        return
    async with rig.service.database.writing() as work:
        known = await work.session.get(SavedView, (view.staff_id, view.address))
        if known is not None:
            known.used_at = clock.now()
