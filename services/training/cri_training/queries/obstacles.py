"""How many people spoke of an obstacle: by quarter, by what they do, and by edition."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cri_shared import clock
from sqlalchemy import Select, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_training.models import Code, Edition, FeedbackAnswer, PassageMark, Reading
from cri_training.queries.coding import WROTE, feedback_over
from cri_training.rig import Rig
from cri_training.rules.disclosure import Shown, people, shown
from cri_training.rules.obstacles import SETTLED, quarter_of
from cri_training.rules.states import EditionStatus

Key = tuple[str, str]  # (what the cut is by: all, quarter, role, edition; which one)
ALL: Key = ("all", "")


@dataclass(frozen=True)
class Answered:
    """A form that came back, with the codes of what was written in it."""

    edition_id: str
    quarter: dt.date
    role: str | None
    codes: frozenset[str]

    def cuts(self) -> list[Key]:
        """Where it counts."""
        by = [ALL, ("quarter", self.quarter.isoformat()), ("edition", self.edition_id)]
        return [*by, ("role", self.role)] if self.role else by


@dataclass(frozen=True)
class Counted:
    """Numbers of people by cut: all who answered, and those who spoke of each code; None: few."""

    answers: dict[Key, int | None]
    codes: list[tuple[Code, dict[Key, int | None]]]
    titles: dict[str, str]  # of editions

    def of(self, by: str) -> list[Key]:
        """The cuts of a kind, in their order."""
        return [key for key in self.answers if key[0] == by]


async def counted(session: AsyncSession, rig: Rig) -> Counted:
    """The counts over the editions whose forms are closed and whose texts are settled."""
    answers = await answered(session, rig)
    rows = (await session.execute(select(Code).order_by(Code.title, Code.code))).scalars().all()
    cuts = _cuts(answers)
    spoke = {
        code.code: people(n for n, one in enumerate(answers) if code.code in one.codes)
        for code in rows
    }
    used = [code for code in rows if spoke[code.code]]
    found = _shown(cuts, _parts(answers, cuts), {c.code: spoke[c.code] for c in used})
    numbers = {
        one: {key: found[key, one] for key in cuts} for one in ("", *spoke) if (ALL, one) in found
    }
    editions = select(Edition.edition_id, Edition.title)
    titles = {i: title for i, title in (await session.execute(editions)).all()}
    return Counted(numbers[""], [(code, numbers[code.code]) for code in used], titles)


def _shown(
    cuts: dict[Key, int], parts: list[tuple[Key, list[Key]]], spoke: dict[str, int]
) -> Shown[tuple[Key, str]]:
    """By cut and code (none: all who answered) how many; those who did not speak are not few."""
    spoke = {"": -1} | spoke
    wanted = {(cut, code): cuts[cut] & who for cut in cuts for code, who in spoke.items()}
    return shown(
        wanted,
        [
            ((whole, code), [(part, code) for part in among])
            for whole, among in parts
            for code in spoke
        ],
    )


def _cuts(answers: Sequence[Answered]) -> dict[Key, int]:
    members: dict[Key, list[int]] = defaultdict(list)
    members[ALL] = []
    for number, one in enumerate(answers):
        for key in one.cuts():
            members[key].append(number)
    order = {"all": 0, "quarter": 1, "role": 2, "edition": 3}
    ordered = sorted(members, key=lambda key: (order[key[0]], key[1]))
    return {key: people(members[key]) for key in ordered}


def _parts(answers: Sequence[Answered], cuts: Iterable[Key]) -> list[tuple[Key, list[Key]]]:
    """What everybody falls into, and each quarter."""
    held: dict[Key, set[Key]] = defaultdict(set)
    for one in answers:
        held["quarter", one.quarter.isoformat()].add(("edition", one.edition_id))
    roles = [key for key in cuts if key[0] == "role"]
    return [(ALL, list(held)), (ALL, roles), *((whole, sorted(held[whole])) for whole in held)]


async def answered(session: AsyncSession, rig: Rig) -> list[Answered]:
    """Every form of the editions with nothing left to settle, with what it speaks of."""
    codes: dict[str, set[str]] = defaultdict(set)
    settled = select(PassageMark.answer_id, PassageMark.code).where(PassageMark.turn == SETTLED)
    for answer_id, code in (await session.execute(settled)).all():
        codes[answer_id].add(code)
    rows = (
        select(FeedbackAnswer.answer_id, FeedbackAnswer.role, Edition.edition_id, Edition.ends_at)
        .join(Edition)
        .where(feedback_over(rig), Edition.edition_id.not_in(_unsettled()))
        .order_by(Edition.ends_at, FeedbackAnswer.answer_id)
    )
    return [
        Answered(
            edition_id,
            quarter_of(clock.belgian(ends_at).date()),
            role,
            frozenset(codes.get(answer_id, ())),
        )
        for answer_id, role, edition_id, ends_at in (await session.execute(rows)).all()
    ]


def _unsettled() -> Select[str]:
    """The editions of which a text is not settled."""
    is_settled = exists().where(
        Reading.answer_id == FeedbackAnswer.answer_id, Reading.turn == SETTLED
    )
    return select(FeedbackAnswer.edition_id).where(WROTE, ~is_settled)


async def unfinished_quarters(session: AsyncSession, rig: Rig) -> set[dt.date]:
    """The quarters of which a form is open still, or a text not settled."""
    waiting = or_(~feedback_over(rig), Edition.edition_id.in_(_unsettled()))
    rows = select(Edition.ends_at).where(Edition.published_at.is_not(None), waiting)
    ends = (await session.execute(rows.where(Edition.status != EditionStatus.CANCELLED))).scalars()
    return {quarter_of(clock.belgian(one).date()) for one in ends}
