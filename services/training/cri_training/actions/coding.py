"""Coding: two people mark the passages of a text, each alone, and settle where they differ."""

from collections.abc import Collection
from typing import TypeAlias

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from sqlalchemy import delete, update

from cri_training.models import FeedbackAnswer, PassageMark, Reading
from cri_training.models.obstacles import CodeRetired, NotYetRead, TextTaken
from cri_training.queries.code_book import usable
from cri_training.queries.coding import marks_of, readings_of
from cri_training.rules.obstacles import SETTLED, TURNS

Given: TypeAlias = set[tuple[int, str]]  # (number of a passage, code)


async def mark(
    work: Work, answer_id: str, passages: int, numbers: Collection[int], code: str, *, by: Staff
) -> bool:
    """Give a code to passages of a text; whether that is a change.

    Raises `TextTaken`, `TextFinished`, `CodeRetired`.
    """
    reading = await _mine(work, answer_id, passages, by)
    if code not in {one.code for one in await usable(work.session)}:
        raise CodeRetired
    marked = await _marked(work, answer_id, reading.turn)
    new = {(n, code) for n in numbers if 0 <= n < reading.passages} - marked
    _add(work, answer_id, reading.turn, new)
    return bool(new)


async def unmark(
    work: Work, answer_id: str, passages: int, number: int, code: str, *, by: Staff
) -> bool:
    """Take a code away again; whether that is a change. Raises `TextTaken`, `TextFinished`."""
    reading = await _mine(work, answer_id, passages, by)
    gone = delete(PassageMark).where(
        PassageMark.answer_id == answer_id,
        PassageMark.turn == reading.turn,
        PassageMark.passage == number,
        PassageMark.code == code,
    )
    return bool((await work.session.execute(gone)).rowcount)  # type: ignore[attr-defined]


async def finish(work: Work, answer_id: str, passages: int, *, by: Staff) -> bool:
    """One reader is done; where both marked the same, that holds. Whether that is a change."""
    before = [r for r in await readings_of(work.session, answer_id) if r.coder_id == by.staff_id]
    if any(r.finished_on for r in before):
        return False
    reading = await _mine(work, answer_id, passages, by)
    given = await _marked(work, answer_id, reading.turn)
    if not await _all_used(work, given):
        raise CodeRetired
    reading.finish()
    await audit.note(work, "training.text.read", answer_id, by=by)
    await work.session.flush()
    readings = await readings_of(work.session, answer_id)
    if sum(r.finished_on is not None for r in readings if r.turn in TURNS) == len(TURNS):
        other = await _marked(work, answer_id, TURNS[0] + TURNS[1] - reading.turn)
        if other == given:
            await _settle(work, answer_id, reading.passages, given, None)
    return True


async def settle(work: Work, answer_id: str, given: Given, *, by: Staff) -> bool:
    """What the text speaks of in the end; whether that is a change.

    Raises `NotYetRead`, and `CodeRetired` where a code was split meanwhile.
    """
    readings = await readings_of(work.session, answer_id)
    if any(r.turn == SETTLED for r in readings):
        return False
    if sum(r.finished_on is not None for r in readings) < len(TURNS):
        raise NotYetRead
    if not await _all_used(work, given):
        raise CodeRetired
    passages = readings[0].passages
    await _settle(work, answer_id, passages, {g for g in given if 0 <= g[0] < passages}, by)
    return True


async def _mine(work: Work, answer_id: str, passages: int, by: Staff) -> Reading:
    """A person's own turn, still open; the first two who come have one."""
    readings = await readings_of(work.session, answer_id)
    for reading in readings:
        if reading.coder_id == by.staff_id and reading.turn in TURNS:
            reading.check_open()
            return reading
    free = [turn for turn in TURNS if turn not in {r.turn for r in readings}]
    if not free:
        raise TextTaken
    mine = Reading(answer_id=answer_id, turn=free[0], coder_id=by.staff_id, passages=passages)
    work.session.add(mine)
    await work.session.flush()
    return mine


async def _settle(
    work: Work, answer_id: str, passages: int, given: Given, by: Staff | None
) -> None:
    work.session.add(
        Reading(
            answer_id=answer_id,
            turn=SETTLED,
            coder_id=None,
            passages=passages,
            finished_on=clock.today(),
        )
    )
    _add(work, answer_id, SETTLED, given)
    await let_wait(work, [answer_id], waits=False)
    await audit.note(work, "training.text.settled", answer_id, by=by)


async def let_wait(work: Work, answer_ids: Collection[str], *, waits: bool) -> None:
    """Whether it is still to be settled what these texts speak of."""
    theirs = update(FeedbackAnswer).where(FeedbackAnswer.answer_id.in_(answer_ids))
    await work.session.execute(theirs.values(waits=waits))


async def _marked(work: Work, answer_id: str, turn: int) -> Given:
    marks = await marks_of(work.session, answer_id)
    return {(m.passage, m.code) for m in marks if m.turn == turn}


async def _all_used(work: Work, given: Given) -> bool:
    return {code for _, code in given} <= {one.code for one in await usable(work.session)}


def _add(work: Work, answer_id: str, turn: int, given: Given) -> None:
    work.session.add_all(
        PassageMark(answer_id=answer_id, turn=turn, passage=number, code=code)
        for number, code in given
    )
