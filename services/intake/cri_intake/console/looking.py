"""A form of a case comes back, once, where its officer must look at something before it counts."""

import datetime as dt
from typing import Any

from cri_shared.identity.staff import Staff
from cri_shared.web.forms import N_, Submitted

from cri_intake.console.warning import is_warned
from cri_intake.queries.presence import has_changed
from cri_intake.rig import Rig

CHANGED = N_(
    "Somebody did something with this question since you opened it. Read what happened, below, and"
    " send this again."
)


async def must_look(
    rig: Rig, staff: Staff, question_id: str, form: Submitted[Any], words: str | None = None
) -> bool:
    """Whether others changed the case meanwhile, or the field `words` may tell of a person."""
    if await _is_behind(rig, staff, question_id, form):
        return True
    return words is not None and await is_warned(rig, question_id, form, words)


async def _is_behind(rig: Rig, staff: Staff, question_id: str, form: Submitted[Any]) -> bool:
    try:
        since = dt.datetime.fromisoformat(str(form.values.get("seen")))
    except ValueError:
        return False
    if since.tzinfo is None:
        return False
    async with rig.service.database.reading() as session:
        changed = await has_changed(session, question_id, staff, since)
    if changed:
        form.refuse("changed", CHANGED)
    return changed
