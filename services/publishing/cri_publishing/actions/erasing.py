"""What askers erase goes from drafts and sealed answers; what is public stays."""

from collections.abc import Mapping

from cri_shared.bus.erasure import erase
from cri_shared.db import Work
from cri_shared.events.upkeep import ERASURE_CONFIRMED
from cri_shared.retention.ledger import Again, Owners
from sqlalchemy import select, update

from cri_publishing.actions.drafting import question_withdrawn
from cri_publishing.desk import entry_for_change, forget, forget_remarks, question_of
from cri_publishing.models import Question, Version
from cri_publishing.models.version import UNDER_WAY
from cri_publishing.rig import KEY_KIND, Rig


async def question_erased(work: Work, rig: Rig, research_id: str) -> None:
    """The last asker erased it: the draft, the sealed answer and what staff wrote beside it go."""
    await question_withdrawn(work, rig, research_id)
    (await question_of(work, research_id)).answer_sealed = None
    await forget(work, rig, research_id)
    await erase(work, research_id)
    await work.emit(ERASURE_CONFIRMED["publishing"](research_id=research_id))


async def forget_draft(work: Work, key_id: str) -> None:
    """Delete what a key that was destroyed sealed; a second time does nothing."""
    answered = update(Question).where(Question.research_id == key_id)
    await work.session.execute(answered.values(answer_sealed=None))
    await forget_remarks(work, key_id)
    drafts = select(Version).where(Version.key_id == key_id, Version.state.in_(UNDER_WAY))
    for version in (await work.session.execute(drafts)).scalars().all():
        entry = await entry_for_change(work, version.entry_id)
        await work.session.delete(version)
        if entry.version == 0:
            entry.close()


def again() -> Mapping[str, Again]:
    """By kind of key, what deletes the rows of an owner that a backup brought back."""
    return {KEY_KIND: forget_draft}


def owners() -> Mapping[str, Owners]:
    """By kind of key, who has one."""
    answered = select(Question.research_id).where(Question.answer_sealed.is_not(None))
    return {KEY_KIND: answered.union(select(Version.key_id))}
