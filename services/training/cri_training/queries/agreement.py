"""How far the two readers of each text agree, by code and by edition."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_training.models import Code, Edition, FeedbackAnswer, PassageMark, Reading
from cri_training.rules.agreement import Agreement, agreement
from cri_training.rules.disclosure import FEWEST
from cri_training.rules.obstacles import TURNS

NONE = Agreement(0, 0, 0, 0)


@dataclass(frozen=True)
class Group:
    """The texts that were compared: of an edition, or (None) of all of them."""

    edition: Edition | None
    texts: int
    codes: list[tuple[Code, Agreement]]

    @property
    def overall(self) -> Agreement:
        """All decisions, of every code on every passage, taken together."""
        return sum((one for _, one in self.codes), NONE)


async def agreements(session: AsyncSession) -> list[Group]:
    """All texts that two people have read, then each edition with five such texts or more."""
    read = await _read_twice(session)
    marks: dict[tuple[str, int, str], set[int]] = defaultdict(set)
    for m in (
        await session.execute(select(PassageMark).where(PassageMark.turn.in_(TURNS)))
    ).scalars():
        marks[m.answer_id, m.turn, m.code].add(m.passage)
    codes = (await session.execute(select(Code).order_by(Code.title, Code.code))).scalars().all()
    by_edition: dict[str, dict[str, int]] = defaultdict(dict)
    for answer_id, (edition_id, passages) in read.items():
        by_edition[edition_id][answer_id] = passages
    found = select(Edition).where(Edition.edition_id.in_(by_edition)).order_by(Edition.ends_at)
    editions = (await session.execute(found)).scalars().all()
    groups: list[tuple[Edition | None, dict[str, int]]] = [
        (None, {a: p for a, (_, p) in read.items()})
    ]
    groups += [(one, by_edition[one.edition_id]) for one in editions]
    return [
        Group(edition, len(texts), _compared(texts, codes, marks))
        for edition, texts in groups
        if edition is None or len(texts) >= FEWEST
    ]


async def _read_twice(session: AsyncSession) -> dict[str, tuple[str, int]]:
    """Text -> (edition, passages) of every text with which both readers have finished."""
    finished = (
        select(Reading.answer_id, FeedbackAnswer.edition_id, Reading.passages)
        .join(FeedbackAnswer, FeedbackAnswer.answer_id == Reading.answer_id)
        .where(Reading.turn.in_(TURNS), Reading.finished_on.is_not(None))
    )
    rows = (await session.execute(finished)).all()
    times = Counter(row.answer_id for row in rows)
    return {r.answer_id: (r.edition_id, r.passages) for r in rows if times[r.answer_id] == 2}


def _compared(
    texts: dict[str, int], codes: Sequence[Code], marks: dict[tuple[str, int, str], set[int]]
) -> list[tuple[Code, Agreement]]:
    """Each code that one of the readers used in these texts."""
    found = []
    for code in codes:
        pairs = [
            (marks.get((text, 1, code.code), set()), marks.get((text, 2, code.code), set()), n)
            for text, n in texts.items()
        ]
        if any(first or second for first, second, _ in pairs):
            found.append((code, sum((agreement(*pair) for pair in pairs), NONE)))
    return found
