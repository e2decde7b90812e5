"""Texts that people wrote after a workshop, as coders read them: one by one, without any name."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from cri_shared import clock
from cri_shared.errors import NotFound
from cri_shared.privacy.vault import open_sealed
from cri_shared.web.gating import pointing_at_people
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_training.models import Edition, FeedbackAnswer, PassageMark, Reading
from cri_training.rig import Rig
from cri_training.rules.feedback import WRITTEN
from cri_training.rules.obstacles import SETTLED, TURNS, quarter_of
from cri_training.rules.passages import Passage, passages

WROTE = or_(FeedbackAnswer.obstacles_sealed.is_not(None), FeedbackAnswer.remark_sealed.is_not(None))


def feedback_over(rig: Rig) -> ColumnElement[bool]:
    """Whether the form of an edition is closed, by itself or by a trainer."""
    return or_(
        Edition.ends_at <= clock.now() - rig.policy.feedback,
        Edition.feedback_closed_at.is_not(None),
    )


@dataclass(frozen=True)
class Listed:
    """A text in a coder's list: the quarter of its workshop, and how far its two readers are."""

    answer_id: str
    quarter: dt.date
    readings: tuple[Reading, ...]

    def mine(self, coder_id: str) -> Reading | None:
        """A person's own reading."""
        return next((r for r in self.turns if r.coder_id == coder_id), None)

    @property
    def turns(self) -> list[Reading]:
        """The readings of the two coders."""
        return [r for r in self.readings if r.turn in TURNS]

    @property
    def is_settled(self) -> bool:
        """Whether it is clear what it speaks of."""
        return any(r.turn == SETTLED for r in self.readings)

    @property
    def is_read_twice(self) -> bool:
        """Whether both readers have finished."""
        return sum(r.finished_on is not None for r in self.turns) == len(TURNS)

    def wants(self, coder_id: str) -> str:
        """What a person can do with it: read, settle, or nothing ("waiting", "settled")."""
        mine = self.mine(coder_id)
        if self.is_settled:
            return "settled"
        if self.is_read_twice:
            return "settle"
        if (mine is None and len(self.turns) < len(TURNS)) or (mine and mine.finished_on is None):
            return "read"
        return "waiting"


async def texts(session: AsyncSession, rig: Rig) -> list[Listed]:
    """The texts of all closed forms, in an order that says nothing."""
    found = select(FeedbackAnswer.answer_id, Edition.ends_at).join(Edition)
    rows = (await session.execute(found.where(WROTE, feedback_over(rig)))).all()
    readings: dict[str, list[Reading]] = {}
    for one in (await session.execute(select(Reading))).scalars():
        readings.setdefault(one.answer_id, []).append(one)
    return sorted(
        (Listed(i, _quarter(ends), tuple(readings.get(i, ()))) for i, ends in rows),
        key=lambda text: text.answer_id,
    )


def _quarter(ends_at: dt.datetime) -> dt.date:
    return quarter_of(clock.belgian(ends_at).date())


async def text(session: AsyncSession, rig: Rig, answer_id: str) -> FeedbackAnswer:
    """The answer behind a text of a closed form; raises `NotFound` for any other."""
    found = select(FeedbackAnswer).join(Edition)
    found = found.where(FeedbackAnswer.answer_id == answer_id, WROTE, feedback_over(rig))
    one = (await session.execute(found)).scalar_one_or_none()
    if one is None:
        raise NotFound
    return one


async def passages_of(rig: Rig, answer: FeedbackAnswer) -> list[Passage]:
    """What somebody wrote, sentence by sentence, with what points to a person taken out."""
    found: list[Passage] = []
    for name in WRITTEN:
        sealed = getattr(answer, f"{name}_sealed")
        if sealed is not None:
            place = f"feedback:{answer.answer_id}/{name}"
            words = open_sealed(rig.feedback_key, sealed, place).decode()
            found += passages(words, await pointing_at_people(words))
    return found


async def readings_of(session: AsyncSession, answer_id: str) -> Sequence[Reading]:
    """Who reads a text, by turn."""
    rows = select(Reading).where(Reading.answer_id == answer_id).order_by(Reading.turn)
    return (await session.execute(rows)).scalars().all()


async def marks_of(session: AsyncSession, answer_id: str) -> Sequence[PassageMark]:
    """Everything that was marked in a text."""
    rows = select(PassageMark).where(PassageMark.answer_id == answer_id)
    ordered = rows.order_by(PassageMark.turn, PassageMark.passage, PassageMark.code)
    return (await session.execute(ordered)).scalars().all()
