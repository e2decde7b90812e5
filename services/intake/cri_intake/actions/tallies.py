"""A case goes; that there was one stays, in numbers."""

from cri_shared.db import Work
from cri_shared.db.inserting import insert_into

from cri_intake.models import Tally
from cri_intake.models.base import table_of
from cri_intake.queries.statistics import counted


async def tally(work: Work, question_id: str) -> None:
    """Count a case that is deleted in the same transaction; nothing where it is gone already."""
    table = table_of(Tally)
    for month, measure, code in sorted(set(await counted(work.session, question_id))):
        row = insert_into(work.session, table).values(
            month=month, measure=measure, code=code, number=1
        )
        more = {"number": table.c.number + 1}
        keys = ["month", "measure", "code"]
        await work.session.execute(row.on_conflict_do_update(index_elements=keys, set_=more))
