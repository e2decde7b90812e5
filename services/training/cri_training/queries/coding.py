"""Texts that people wrote after a workshop, as coders read them: one by one, without any name."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from cri_shared import clock
from cri_shared.errors import NotFound
from cri_shared.privacy.vault import open_sealed
from cri_shared.web.gating import pointing_at_people
from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_training.models import Edition, FeedbackAnswer, PassageMark, Reading
from cri_training.rig import Rig
from cri_training.rules.feedback import WRITTEN
from cri_training.rules.obstacles import SETTLED, TURNS, quarter_of
from cri_training.rules.passages import Passage, passages

SETTLED_SHOWN = 50
_TEXTS = select(FeedbackAnswer.answer_id, Edition.ends_at).join(Edition)
WROTE = or_(FeedbackAnswer.obstacles_sealed.is_not(None), FeedbackAnswer.remark_sealed.is_not(None))


def feedback_over(rig: Rig) -> ColumnElement[bool]:
    """Whether the form of an edition is closed, by itself or by a trainer."""
    return or_(
        Edition.ends_at <= clock.now() - rig.policy.feedback,
        Edition.feedback_closed_at.is_not(None),
    )


def feedback_coming(rig: Rig) -> ColumnElement[bool]:
    """Whether it is not closed yet."""
    return and_(
        Edition.ends_at > clock.now() - rig.policy.feedback,
        Edition.feedback_closed_at.is_(None),
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


@dataclass(frozen=True)
class Texts:
    """The texts of closed forms, in an order that says nothing: all that wait, and the last others.

    `is_whole`: none of those that are settled is left out.
    """

    listed: list[Listed]
    is_whole: bool


async def texts(session: AsyncSession, rig: Rig) -> Texts:
    """What coders still have to do, and what was settled of the last workshops."""
    settled = await _last_settled(session, rig)
    waits = select(FeedbackAnswer.answer_id).where(FeedbackAnswer.waits)
    wanted = _TEXTS.where(WROTE, FeedbackAnswer.waits, feedback_over(rig))
    rows = [*(await session.execute(wanted)).all(), *settled[:SETTLED_SHOWN]]
    readings: dict[str, list[Reading]] = {}
    for shown in (waits, [answer_id for answer_id, _ in settled]):
        theirs = select(Reading).where(Reading.answer_id.in_(shown))
        for one in (await session.execute(theirs)).scalars():
            readings.setdefault(one.answer_id, []).append(one)
    listed = [Listed(i, _quarter(ends), tuple(readings.get(i, ()))) for i, ends in rows]
    listed.sort(key=lambda text: text.answer_id)
    return Texts(listed, is_whole=len(settled) <= SETTLED_SHOWN)


async def _last_settled(session: AsyncSession, rig: Rig) -> list[tuple[str, dt.datetime]]:
    """The settled texts of the last workshops, the newest first, and one more than are shown."""
    those = (WROTE, ~FeedbackAnswer.waits)
    has_some = exists().where(FeedbackAnswer.edition_id == Edition.edition_id, *those)
    last = select(Edition.edition_id).where(feedback_over(rig), has_some)
    newest = last.order_by(Edition.ends_at.desc()).limit(SETTLED_SHOWN + 1)
    ids = (await session.execute(newest)).scalars().all()
    found = await session.execute(_TEXTS.where(*those, Edition.edition_id.in_(ids)))
    rows = [(answer_id, ends_at) for answer_id, ends_at in found.all()]
    return sorted(rows, key=lambda row: row[1], reverse=True)[: SETTLED_SHOWN + 1]


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
