"""A warning before staff's words to an asker leave: what in them may belong to somebody else."""

from typing import Any

from cri_shared.privacy.gate import told
from cri_shared.web.forms import N_, Submitted

from cri_intake.queries import desk
from cri_intake.rig import Rig

MAY_BE_ANOTHERS = N_(
    "This may belong to a private person: %(words)s. Take it out, or tick that it may be sent."
)


async def is_warned(rig: Rig, question_id: str, form: Submitted[Any], name: str) -> bool:
    """Whether a form comes back, once, for a person to look at its text again.

    It goes on where `looked` is ticked, and comes back for words that came in after that.
    """
    async with rig.service.database.reading() as session:
        case = await desk.case_of(session, question_id)
        them = await desk.askers_of(session, rig, case)
    found = await desk.anothers_in(them, case, str(form.values.get(name) or ""))
    marks = " ".join(suspect.mark for suspect in found)
    if not found or (form.values.get("looked") and form.values.get("looked_at") == marks):
        return False
    form.refuse(name, MAY_BE_ANOTHERS, words=told(found))
    form.values |= {"warned": name, "looked_at": marks, "looked": ""}
    return True
