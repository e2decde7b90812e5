"""Closings: what came back in the forms that are closed, in the order in which they closed."""

from collections import defaultdict
from itertools import takewhile

from cri_shared import clock
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_training.models import Ballot, Edition, FeedbackAnswer
from cri_training.queries.coding import feedback_over
from cri_training.queries.feedback import answer_of
from cri_training.rig import Rig
from cri_training.rules.feedback import Closed, Closings, Form
from cri_training.rules.obstacles import quarter_of
from cri_training.rules.reports import cuts_of


async def closings(session: AsyncSession, rig: Rig) -> Closings:
    """How far forms are closed now; plans that nobody saw count too, once their days are over.

    Those that closed by time are as many as an index has, and those before their time are few.
    """
    by_time = Edition.ends_at <= clock.now() - rig.policy.feedback
    before = and_(~by_time, Edition.feedback_closed_at.is_not(None))
    numbers = [select(func.count()).select_from(Edition).where(one) for one in (by_time, before)]
    waiting = select(Ballot.edition_id).join(Edition).where(_over(rig)).distinct()
    return Closings(
        sum([(await session.execute(number)).scalar_one() for number in numbers]),
        frozenset((await session.execute(waiting)).scalars()),
    )


def _over(rig: Rig) -> ColumnElement[bool]:
    """Whether the form of an edition is closed; a plan that nobody saw has none."""
    return and_(feedback_over(rig), Edition.published_at.is_not(None))


async def closed(session: AsyncSession, rig: Rig) -> list[tuple[str, Closed]]:
    """The editions whose forms are closed, in that order, with what came back.

    An edition is there once no right to answer is left, and none before it is missing: an answer on
    its way while a form closes is in the first report that has the edition.
    """
    rows = (await session.execute(select(Edition).where(_over(rig)))).scalars().all()
    still = set((await session.execute(select(Ballot.edition_id).distinct())).scalars())
    span = rig.policy.feedback
    held = sorted(rows, key=lambda one: (one.feedback_until(span), one.edition_id))
    forms: dict[str, list[Form]] = defaultdict(list)
    given = select(FeedbackAnswer).join(Edition).where(_over(rig))
    for row in (await session.execute(given.order_by(FeedbackAnswer.answer_id))).scalars():
        forms[row.edition_id].append(Form(row.answer_id, row.role, answer_of(row)))
    return [
        (one.edition_id, Closed(cuts_of_edition(one), forms[one.edition_id]))
        for one in takewhile(lambda one: one.edition_id not in still, held)
    ]


def cuts_of_edition(edition: Edition) -> tuple[tuple[str, str], ...]:
    """The totals that all of an edition belongs to, the widest first."""
    quarter = quarter_of(clock.belgian(edition.ends_at).date())
    return cuts_of(edition.edition_id, quarter)
