"""What an officer does with a case: take, triage, refuse, refer, keep, link, look, write."""

from collections.abc import Iterable
from typing import Any

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.errors import Forbidden
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from cri_shared.observe import metrics
from cri_shared.words import N_
from sqlalchemy import update

from cri_intake.actions import lead
from cri_intake.actions.delivery import give_answer, leave
from cri_intake.actions.thread import add_message, pause
from cri_intake.models import Case, Draft, NotYours, Release, Reveal
from cri_intake.queries import desk, research
from cri_intake.rig import Rig
from cri_intake.rules import REVEALS_A_DAY, Status


class NotRevealed(Forbidden):
    """The words of a case are not open in this session."""

    slug = "not-revealed"
    message = N_("First show what the asker wrote, and say why.")


async def take_question(work: Work, case: Case, by: Staff) -> None:
    """The officer works on this question from now on."""
    before = case.officer_id
    if before == by.staff_id and case.read_at is not None:
        return
    case.take(by)
    facts = {"before": before} if before else {}
    await audit.note(work, "question.taken", case.question_id, by=by, **facts)


async def triage_question(
    work: Work,
    rig: Rig,
    case: Case,
    *,
    country: str,
    place: str | None,
    topics: list[str],
    urgency: str,
    sensitivity: str,
    by: Staff,
) -> None:
    """Say what the question is about; a text that was previewed before must be looked at again.

    Who says the same as before has pressed twice: nothing happens.
    `place` leaves with the text, so it is what the officer chose and never what the asker wrote.
    """
    case.must_be_with(by)
    await take_question(work, case, by)
    told: dict[str, Any] = {
        "country": country,
        "topics": topics,
        "urgency": urgency,
        "sensitivity": sensitivity,
    }
    sealed = await rig.sealed(case.owner)
    before = sealed.open("place", case.place_sealed) if case.place_sealed else None
    if case.triaged_at is not None and (told, before) == (_told_of(case, told), place or None):
        return
    case.triage(**told)
    case.place_sealed = sealed.seal("place", place) if place else None
    stale = update(Draft).where(Draft.question_id == case.question_id)
    await work.session.execute(stale.values(checked_at=None, second_asked_at=None))
    await audit.note(work, "question.triaged", case.question_id, by=by, **told)


def _told_of(case: Case, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(case, name) for name in names}


async def end_question(
    work: Work, rig: Rig, case: Case, *, status: Status, reason: str, words: str, by: Staff
) -> None:
    """Refuse or refer a question, with words for the asker."""
    case.must_be_with(by)
    await add_message(work, rig, case, words, by=by)
    case.end(status, reason)
    await leave(work, case)
    action = "question.refused" if status == Status.REFUSED else "question.referred"
    await audit.note(work, action, case.question_id, by=by, reason=reason)


async def extend_keeping(work: Work, case: Case, *, reason: str, by: Staff) -> None:
    """Keep an answered case for longer, once; raises `NotAnswered` or `KeptLongerBefore`."""
    if case.extend(reason):
        await audit.note(work, "question.extended", case.question_id, by=by, reason=reason)


async def link_question(work: Work, rig: Rig, case: Case, other: Case, by: Staff) -> None:
    """Let a case, and those linked with it, share the answer to another open question."""
    case.must_be_with(by)
    lead = await desk.case_of(work.session, other.linked_to) if other.linked_to else other
    group = await research.group_of(work.session, case)
    followers = [m for m in group if m.linked_to == case.question_id and m.is_open]
    release = await research.release_of(work.session, lead)
    for member in (case, *followers):
        member.link(lead)
        if release is not None:
            work.session.add(
                Release(
                    question_id=member.question_id,
                    research_id=release.research_id,
                    released_at=clock.now(),
                )
            )
        if lead.answer_waits and release is not None:
            await work.session.flush()
            await give_answer(work, rig, member, release.research_id)
    await audit.note(work, "question.linked", case.question_id, by=by, to=lead.question_id)


async def reveal_words(work: Work, rig: Rig, case: Case, *, reason: str, by: Staff) -> None:
    """Show an officer, for a quarter of an hour, what the asker wrote; raises `NotYours`.

    A second officer may look while a text waits to be confirmed. Who looks very often on one day
    is told to the lead of the helpdesk.
    """
    if not await desk.is_with(work.session, by, case):
        raise NotYours
    if case.officer_id == by.staff_id and case.is_open:
        await take_question(work, case, by)
    key = (by.session_id, case.question_id)
    reveal = await work.session.get(Reveal, key)
    if reveal is not None and reveal.is_open and reveal.reason == reason:
        return  # a second click
    if reveal is None:
        reveal = Reveal(session_id=by.session_id, question_id=case.question_id)
        work.session.add(reveal)
    reveal.reason, reveal.revealed_at = reason, clock.now()
    await audit.note(work, desk.WORDS_SHOWN, case.question_id, by=by, reason=reason)
    metrics.reveals.inc()
    if await desk.reveals_today(work.session, by) == REVEALS_A_DAY:
        metrics.reveal_alerts.inc()
        await lead.tell_lead(work, rig)


async def write_to_asker(
    work: Work, rig: Rig, case: Case, text: str, *, by: Staff, wait: bool, form_id: str
) -> None:
    """A message of the helpdesk; with `wait` the clock stands still until the asker replies."""
    case.must_be_with(by)
    await add_message(work, rig, case, text, by=by, form_id=form_id)
    if wait:
        await pause(work, case, "asker")
    await audit.note(work, "message.sent", case.question_id, by=by)
