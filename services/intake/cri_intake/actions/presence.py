"""An officer opens a question: colleagues see it for some minutes."""

import datetime as dt

from cri_shared import clock
from cri_shared.db.inserting import insert_into
from cri_shared.identity.staff import Staff

from cri_intake.models import Viewing
from cri_intake.models.base import table_of
from cri_intake.queries.desk import case_of
from cri_intake.rig import Rig

_AGAIN = dt.timedelta(minutes=1)  # before which it is not written down once more


async def come_to(rig: Rig, question_id: str, staff: Staff) -> None:
    """Note that somebody has a question open; raises `NotFound`."""
    async with rig.service.database.reading() as session:
        await case_of(session, question_id)
        known = await session.get(Viewing, (question_id, staff.staff_id))
    now = clock.now()
    if known is not None and known.opened_at > now - _AGAIN:
        return
    async with rig.service.database.writing() as work:
        row = insert_into(work.session, table_of(Viewing)).values(
            question_id=question_id, staff_id=staff.staff_id, name=staff.name, opened_at=now
        )
        keys = ["question_id", "staff_id"]
        await work.session.execute(
            row.on_conflict_do_update(index_elements=keys, set_={"opened_at": now})
        )
