"""How many people spoke of an obstacle: by quarter, by what they do, and by edition."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, replace

from cri_shared import clock
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_training.models import Code, CodeChange, Edition, FeedbackAnswer, PassageMark, Reading
from cri_training.queries.closings import closed, closings
from cri_training.queries.coding import feedback_coming
from cri_training.queries.editions import names_and_days
from cri_training.rig import Rig
from cri_training.rules.disclosure import people
from cri_training.rules.lots import Cut
from cri_training.rules.obstacles import SETTLED, next_quarter, quarter_of
from cri_training.rules.reports import of_a_page
from cri_training.rules.spoken import Spoken, spoken
from cri_training.rules.states import EditionStatus


@dataclass(frozen=True)
class Counted:
    """Numbers of people by cut: all who answered, and those who spoke of each code; None: few."""

    answers: dict[Cut, int | None]
    codes: list[tuple[Code, dict[Cut, int | None]]]
    editions: dict[str, tuple[str, dt.date]]  # their titles, and the days on which they began
    is_whole: bool = True  # or some editions are left out

    def of(self, by: str) -> list[Cut]:
        """The cuts of a kind, in their order."""
        return [key for key in self.answers if key[0] == by]


async def counted(session: AsyncSession, rig: Rig, *, every: bool = True) -> Counted:
    """The counts over the editions whose forms are closed and whose texts are settled.

    Without `every` of the last of them, as many as a page has room for.
    """
    found = await _spoken(session, rig)
    shown = list(found.answers) if every else of_a_page(found.answers)
    theirs = None if every else [which for by, which in shown if by == "edition"]
    rows = (await session.execute(select(Code).order_by(Code.title, Code.code))).scalars().all()
    used = [(code, found.codes[code.code]) for code in rows if code.code in found.codes]
    names = await names_and_days(session, theirs)
    answers = {cut: found.answers[cut] for cut in shown}
    return Counted(answers, used, names, is_whole=len(shown) == len(found.answers))


async def _spoken(session: AsyncSession, rig: Rig) -> Spoken:
    """What may be told, worked out once for each form more that closed and text that is settled."""
    settled = select(func.count()).select_from(Reading).where(Reading.turn == SETTLED)
    changes = select(func.count()).select_from(CodeChange)
    now = (
        await closings(session, rig),
        (await session.execute(settled)).scalar_one(),
        (await session.execute(changes)).scalar_one(),
    )
    if now not in rig.spoken:
        rig.spoken = {now: await _work_out(session, rig)}
    return rig.spoken[now]


async def _work_out(session: AsyncSession, rig: Rig) -> Spoken:
    editions = await closed(session, rig)
    forms = [form for _, one in editions for form in one.forms]
    unsettled = set((await session.execute(_unsettled())).scalars())
    waits = people(
        n
        for n, edition_id in enumerate(i for i, one in editions for _ in one.forms)
        if edition_id in unsettled
    )
    said = await _said(session)
    spoke = {
        code: people(n for n, form in enumerate(forms) if form.answer_id in ids)
        for code, ids in said.items()
    }
    found = spoken([one for _, one in editions], waits, spoke)
    closing = {("edition", edition_id): n for n, (edition_id, _) in enumerate(editions)}
    in_order = sorted(found.answers.items(), key=lambda one: closing.get(one[0], 0))
    return replace(found, answers=dict(in_order))


async def _said(session: AsyncSession) -> dict[str, set[str]]:
    """By code, the answers that speak of it in the end."""
    found: dict[str, set[str]] = defaultdict(set)
    settled = select(PassageMark.code, PassageMark.answer_id).where(PassageMark.turn == SETTLED)
    for code, answer_id in (await session.execute(settled)).all():
        found[code].add(answer_id)
    return found


def _unsettled() -> Select[str]:
    """The editions of which a text is not settled."""
    return select(FeedbackAnswer.edition_id).where(FeedbackAnswer.waits)


async def unfinished_quarters(session: AsyncSession, rig: Rig) -> set[dt.date]:
    """The quarters until today of which a form is open still, or a text not settled."""
    held = (Edition.published_at.is_not(None), Edition.status != EditionStatus.CANCELLED)
    rows = select(Edition.ends_at).where(*held)
    unsettled = await session.execute(rows.where(Edition.edition_id.in_(_unsettled())))
    found = {quarter_of(clock.belgian(one).date()) for one in unsettled.scalars()}
    quarter = quarter_of(clock.belgian(clock.now() - rig.policy.feedback).date())
    while quarter <= clock.today():
        begins, ends = (clock.start_of_day(day) for day in (quarter, next_quarter(quarter)))
        within = (Edition.ends_at >= begins, Edition.ends_at < ends)
        open_ = rows.where(feedback_coming(rig), *within).limit(1)
        if (await session.execute(open_)).first() is not None:
            found.add(quarter)
        quarter = next_quarter(quarter)
    return found
