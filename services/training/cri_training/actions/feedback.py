"""Feedback: a right to answer is spent in the moment the answer is kept, and nothing joins them."""

from dataclasses import dataclass

from cri_shared import clock
from cri_shared.db import Work, new_id
from cri_shared.identity import audit
from cri_shared.identity.secrets import token_hash
from cri_shared.identity.staff import Staff
from cri_shared.privacy.vault import seal
from sqlalchemy import delete, exists

from cri_training.actions import seats
from cri_training.models import Ballot, Edition, FeedbackAnswer
from cri_training.queries.coding import feedback_over
from cri_training.rig import Rig


@dataclass(frozen=True)
class Given:
    """What somebody filled in."""

    role: str | None
    useful: int | None
    prepared: int | None
    pace: int | None
    sure_before: int | None
    sure_now: int | None
    obstacles: str | None
    remark: str | None


async def answer(work: Work, rig: Rig, edition: Edition, ticket: str, given: Given) -> bool:
    """Keep an answer for an unspent ticket; whether it was one."""
    spend = delete(Ballot).where(
        Ballot.ticket_hash == token_hash(ticket), Ballot.edition_id == edition.edition_id
    )
    if (await work.session.execute(spend)).rowcount != 1:  # type: ignore[attr-defined]
        return False
    answer_id = new_id()
    work.session.add(
        FeedbackAnswer(
            answer_id=answer_id,
            edition_id=edition.edition_id,
            answered_on=clock.today(),
            role=given.role,
            useful=given.useful,
            prepared=given.prepared,
            pace=given.pace,
            sure_before=given.sure_before,
            sure_now=given.sure_now,
            obstacles_sealed=_seal(rig, answer_id, "obstacles", given.obstacles),
            remark_sealed=_seal(rig, answer_id, "remark", given.remark),
            waits=bool(given.obstacles or given.remark),
        )
    )
    return True


def _seal(rig: Rig, answer_id: str, name: str, text: str | None) -> bytes | None:
    return seal(rig.feedback_key, text, f"feedback:{answer_id}/{name}") if text else None


async def empty_ballots(work: Work, rig: Rig) -> None:
    """When a form closes, the rights that nobody used are forgotten too."""
    # For each right, as these are few; editions that are over are ever more.
    over = exists().where(Edition.edition_id == Ballot.edition_id, feedback_over(rig))
    await work.session.execute(delete(Ballot).where(over))


async def close_form(work: Work, rig: Rig, edition_id: str, *, by: Staff) -> bool:
    """Take no more answers, and forget the rights that nobody used; whether that is a change."""
    edition = await seats.lock(work, edition_id)
    if not edition.close_feedback(rig.policy.feedback):
        return False
    await work.session.execute(delete(Ballot).where(Ballot.edition_id == edition_id))
    await audit.note(work, "training.feedback.closed", edition_id, by=by)
    return True
