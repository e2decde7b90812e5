"""Feedback: the open form of an edition, and an answer as it is counted."""

from cri_shared import clock
from cri_shared.errors import NotFound, Refusal
from cri_shared.identity.secrets import token_hash
from cri_shared.words import N_
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from cri_training.models import Ballot, Edition, FeedbackAnswer
from cri_training.rig import Rig
from cri_training.rules.feedback import RATED, WRITTEN, Answer


class FeedbackClosed(Refusal):
    """The form was open for some weeks."""

    slug = "feedback-closed"
    message = N_("This form is closed. Thank you for wanting to answer.")


async def edition_of_code(session: AsyncSession, rig: Rig, code: str) -> Edition:
    """The edition whose form this is; raises `NotFound` or `FeedbackClosed`."""
    found = (
        select(Edition)
        .where(Edition.feedback_code == code.strip().lower())
        .options(selectinload(Edition.sittings))
    )
    edition = (await session.execute(found)).scalar_one_or_none()
    if edition is None:
        raise NotFound
    if edition.feedback_until(rig.policy.feedback) <= clock.now():
        raise FeedbackClosed
    return edition


async def ticket_is_good(session: AsyncSession, edition: Edition, ticket: str) -> bool:
    """Whether a right to answer is still unused."""
    ballot = await session.get(Ballot, token_hash(ticket))
    return ballot is not None and ballot.edition_id == edition.edition_id


def answer_of(row: FeedbackAnswer) -> Answer:
    """A form as it is counted: marks, and whether something was written."""
    return Answer(
        {question: getattr(row, question) for question in RATED},
        {name: getattr(row, f"{name}_sealed") is not None for name in WRITTEN},
    )
