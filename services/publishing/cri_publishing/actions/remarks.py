"""Reviewers and editors say to each other what a text needs, and that it is settled."""

from cri_shared import clock
from cri_shared.db import Work, new_id
from cri_shared.errors import NotFound
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff

from cri_publishing.desk import desk_of, entry_for_change
from cri_publishing.models import Part, Remark, Version
from cri_publishing.queries.remarks import place_of, remarks_of
from cri_publishing.rig import Rig


async def remark(
    work: Work, rig: Rig, entry_id: str, text: str, part: Part = Part.WHOLE, *, by: Staff
) -> None:
    """Say something of the version under way; raises `WrongStep` where there is none."""
    version = (await desk_of(work, entry_id)).version
    await _say(work, rig, version, text, part=part, answers=None, by=by)


async def answer_remark(
    work: Work, rig: Rig, entry_id: str, remark_id: str, text: str, *, by: Staff
) -> None:
    """Answer a remark, also when its version is public; raises `NotFound`."""
    said = await _remark_of(work, entry_id, remark_id)
    version = await work.session.get_one(Version, (entry_id, said.number))
    await _say(work, rig, version, text, part=Part(said.part), answers=remark_id, by=by)


async def settle_remark(work: Work, entry_id: str, remark_id: str, *, by: Staff) -> None:
    """Nothing more is to be done about a remark; raises `NotFound`."""
    said = await _remark_of(work, entry_id, remark_id)
    if said.settle(by=by):
        await audit.note(work, "publishing.remark.settled", entry_id, by=by, version=said.number)


async def _remark_of(work: Work, entry_id: str, remark_id: str) -> Remark:
    await entry_for_change(work, entry_id)
    said = await work.session.get(Remark, remark_id)
    if said is None or said.entry_id != entry_id or said.answers is not None:
        raise NotFound
    return said


async def _say(
    work: Work, rig: Rig, version: Version, text: str, *, part: Part, answers: str | None, by: Staff
) -> None:
    """Keep what somebody said; the same words again, of a second click, are kept once."""
    about = (version.number, part, answers, by.staff_id, text)
    every = await remarks_of(work.session, rig, version.entry_id)
    for one in [*every, *(answer for said in every for answer in said.answers)]:
        known = one.remark
        if about == (known.number, known.part, known.answers, known.by_id, one.text):
            return
    remark_id = new_id()
    work.session.add(
        Remark(
            remark_id=remark_id,
            entry_id=version.entry_id,
            number=version.number,
            part=part,
            answers=answers,
            text_sealed=(await rig.vault(version.key_id)).seal(place_of(remark_id), text),
            by_id=by.staff_id,
            by=by.name,
            said_at=clock.now(),
        )
    )
    action = "publishing.remark.answered" if answers else "publishing.remark.made"
    await audit.note(work, action, version.entry_id, by=by, version=version.number)
