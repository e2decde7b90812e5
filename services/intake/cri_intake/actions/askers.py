"""What an asker does behind the receipt: open, keep, rate, leave; and the receipt's hardening."""

import time
from typing import Any

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.events.intake import AnswerRated
from cri_shared.identity import audit
from cri_shared.identity.secrets import new_token, token_hash
from cri_shared.privacy.argon2id import in_turn
from cri_shared.privacy.receipts import slow_verifier
from sqlalchemy import bindparam, delete, select, update

from cri_intake.actions.delivery import leave
from cri_intake.models import AskerSession, Case
from cri_intake.models.base import table_of
from cri_intake.queries import askers, research
from cri_intake.rig import Rig
from cri_intake.rules import Status

HARDENING_SECONDS = 0.5  # of every five: one takes some 60 ms, and jobs wait for this duty
_CASES = table_of(Case)
_QUICK = (
    select(_CASES.c.question_id, _CASES.c.receipt_verifier)
    .where(_CASES.c.receipt_is_slow.is_(False))
    .limit(20)
)
_HARDEN = (
    update(_CASES)
    .where(
        _CASES.c.question_id == bindparam("of"),
        _CASES.c.receipt_verifier == bindparam("quick"),  # it may have been erased meanwhile
    )
    .values(receipt_verifier=bindparam("slow"), receipt_is_slow=True)
)


async def open_asker_session(work: Work, case: Case) -> str:
    """Half an hour behind the receipt; gives the session's token."""
    token = new_token()
    work.session.add(
        AskerSession(
            token_hash=token_hash(token), question_id=case.question_id, opened_at=clock.now()
        )
    )
    return token


async def close_asker_session(work: Work, token: str) -> None:
    """The asker closes the page: the session is gone."""
    mine = AskerSession.token_hash == token_hash(token)
    await work.session.execute(delete(AskerSession).where(mine))


async def receipt_saved(work: Work, form_id: str) -> None:
    """The asker says that the number of the question in this form is kept somewhere."""
    case = await askers.case_of_form(work.session, form_id)
    if case is not None and case.saved_at is None:
        case.saved_at = clock.now()


async def withdraw_question(work: Work, case: Case) -> None:
    """The asker takes the question back, once; research hears of it when nobody else waits."""
    if case.status == Status.WITHDRAWN:
        return
    case.withdraw()
    await leave(work, case)
    await audit.note(work, "question.withdrawn", case.question_id, by="asker")


async def rate_answer(work: Work, case: Case, useful: str) -> None:
    """The asker says, once, whether the answer was useful; raises `AnswerRatedBefore`."""
    case.rate(useful)
    release = await research.release_of(work.session, case)
    if release is not None:
        await work.emit(AnswerRated(research_id=release.research_id, useful=useful))


async def keep_longer(work: Work, case: Case) -> None:
    """The asker wants to hear when the answer changes, so the case is kept for longer, once."""
    if case.keep_longer():
        await audit.note(work, "question.kept_longer", case.question_id, by="asker")


async def harden_receipts(rig: Rig) -> None:
    """Replace quick verifiers by Argon2id; recording stays cheap, a stolen table stays useless.

    It works between its transactions, for questions must not wait for it, and no longer than
    `HARDENING_SECONDS`: where hundreds come at once, most are hardened in a quieter hour.
    """
    until = time.monotonic() + HARDENING_SECONDS
    async with rig.service.database.glancing() as connection:
        found = (await connection.execute(_QUICK)).all()
    hardened: list[dict[str, Any]] = []
    for question_id, quick in found:
        slow = await in_turn(slow_verifier, quick, rig.salt)
        hardened.append({"of": question_id, "quick": quick, "slow": slow})
        if time.monotonic() > until:
            break
    if hardened:
        async with rig.service.database.writing() as work:
            await (await work.session.connection()).execute(_HARDEN, hardened)
