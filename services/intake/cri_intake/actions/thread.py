"""The thread between an asker and the helpdesk, and the clock that stands still meanwhile."""

from cri_shared import clock
from cri_shared.db import Work, new_id
from cri_shared.identity.staff import Staff
from cri_shared.words import N_
from sqlalchemy import select, update

from cri_intake.actions.news import tell
from cri_intake.models import Case, Message, Pause
from cri_intake.rig import Rig

# What an officer may begin with who has to say no.
USUAL_WORDS = N_(
    "Thank you for your question. We are sorry: we cannot look for this answer. We look for"
    " information about a country, not about a person or a paper. You can call us free of charge."
    " We help you to find somebody who can."
)


async def add_message(
    work: Work,
    rig: Rig,
    case: Case,
    text: str,
    *,
    by: Staff | None = None,
    helper: str | None = None,
    form_id: str | None = None,
) -> None:
    """Add a message of the asker, an officer, or a `helper` by name; raises `QuestionIsClosed`.

    The same form sent twice adds one message. What does not come from us starts the clock again.
    """
    await work.session.refresh(case, with_for_update=True)  # two clicks at once, one by one
    if form_id is not None and await _sent_before(work, form_id):
        return
    case.accept_message()
    sealed = await rig.sealed(case.owner)
    message_id = new_id()
    work.session.add(
        Message(
            message_id=message_id,
            question_id=case.question_id,
            author="helpdesk" if by else "helper" if helper else "asker",
            officer=by.name if by else helper,
            form_id=form_id,
            text_sealed=sealed.seal(f"message:{message_id}", text),
            sent_at=clock.now(),
        )
    )
    await work.session.flush()
    if by is not None:
        await tell(work, rig, case)
    else:
        await go_on(work, case, "asker")


async def _sent_before(work: Work, form_id: str) -> bool:
    sent = select(Message.message_id).where(Message.form_id == form_id)
    return (await work.session.execute(sent)).first() is not None


async def pause(work: Work, case: Case, reason: str) -> None:
    """Stop the clock of a case, unless it stands still for this reason already."""
    running = select(Pause.pause_id).where(
        Pause.question_id == case.question_id, Pause.reason == reason, Pause.ended_at.is_(None)
    )
    if (await work.session.execute(running)).first() is None:
        work.session.add(
            Pause(
                pause_id=new_id(),
                question_id=case.question_id,
                reason=reason,
                began_at=clock.now(),
            )
        )
        await work.session.flush()


async def go_on(work: Work, case: Case, reason: str) -> None:
    """What the clock stood still for is over."""
    over = update(Pause).where(
        Pause.question_id == case.question_id, Pause.reason == reason, Pause.ended_at.is_(None)
    )
    await work.session.execute(over.values(ended_at=clock.now()))
