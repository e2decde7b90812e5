"""Attendance: marks of who was there, each kept once, none written over another unseen."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.errors import NotFound
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from sqlalchemy import select

from cri_training.actions import seats
from cri_training.actions.asking import sealed_for
from cri_training.models import Attendance, Edition, Mark, SignUp, Sitting
from cri_training.rig import KEY_KIND, Rig
from cri_training.rules.attendance import (
    NotOpenYet,
    Presence,
    ReasonWanted,
    SentBefore,
    believed,
    is_correction,
    missed_by,
)
from cri_training.rules.states import ATTENDING


@dataclass(frozen=True)
class Said:
    """A mark as it was sent: `seen` is the version of the attendance it was made on, 0 for none."""

    nonce: str
    presence: Presence
    seen: int
    missed: int | None = None
    reason: str | None = None
    made_at: dt.datetime | None = None


class Outcome(StrEnum):
    """What came of a mark."""

    KEPT = "kept"
    BEFORE = "before"  # it was there already
    CONFLICT = "conflict"  # somebody else made another one meanwhile; it is set aside


@dataclass(frozen=True)
class Marked:
    """The outcome, and what counts now; `version` is what the next mark is made on."""

    outcome: Outcome
    presence: str
    missed: int
    version: int


@dataclass(frozen=True)
class _Here:
    """Whom a mark is about, and where."""

    edition: Edition
    sitting: Sitting
    sign_up: SignUp


async def mark(
    work: Work, rig: Rig, edition_id: str, number: int, sign_up_id: str, said: Said, *, by: Staff
) -> Marked:
    """Keep a mark; the same one again changes nothing.

    Raises `NotFound` for who has no place, `NotOpenYet`, `MinutesWanted`, `ReasonWanted`, and
    `SentBefore` where another mark came with the same nonce.
    """
    edition = await seats.lock(work, edition_id)
    here = _Here(edition, edition.sitting(number), await _attending(work, edition_id, sign_up_id))
    if not here.sitting.is_open:
        raise NotOpenYet
    before = await _sent_before(work, here, said)
    if before is not None:
        return before
    return await _keep(work, rig, here, said, by)


async def mark_the_rest(
    work: Work, rig: Rig, edition_id: str, number: int, nonce: str, *, by: Staff
) -> int:
    """Everybody without a mark was there; gives how many that were. Raises `NotOpenYet`."""
    edition = await seats.lock(work, edition_id)
    sitting = edition.sitting(number)
    if not sitting.is_open:
        raise NotOpenYet
    marked = select(Attendance.sign_up_id).where(Attendance.session_id == sitting.session_id)
    found = select(SignUp).where(
        SignUp.edition_id == edition_id,
        SignUp.status.in_(ATTENDING),
        SignUp.sign_up_id.not_in(marked),
    )
    rest = (await work.session.execute(found)).scalars().all()
    for sign_up in rest:
        said = Said(f"{nonce}-{sign_up.sign_up_id}", Presence.PRESENT, 0)
        await _keep(work, rig, _Here(edition, sitting, sign_up), said, by)
    return len(rest)


async def _attending(work: Work, edition_id: str, sign_up_id: str) -> SignUp:
    sign_up = await work.session.get(SignUp, sign_up_id, populate_existing=True)
    if sign_up is None or sign_up.edition_id != edition_id or sign_up.status not in ATTENDING:
        raise NotFound
    return sign_up


async def _sent_before(work: Work, here: _Here, said: Said) -> Marked | None:
    found = select(Mark).where(Mark.session_id == here.sitting.session_id, Mark.nonce == said.nonce)
    sent = (await work.session.execute(found)).scalar_one_or_none()
    if sent is None:
        return None
    if (sent.sign_up_id, sent.presence) != (here.sign_up.sign_up_id, said.presence):
        raise SentBefore
    outcome = Outcome.CONFLICT if sent.version is None else Outcome.BEFORE
    return Marked(outcome, sent.presence, sent.missed, sent.version or said.seen)


async def _keep(work: Work, rig: Rig, here: _Here, said: Said, by: Staff) -> Marked:
    sitting, sign_up = here.sitting, here.sign_up
    row = await work.session.get(Attendance, (sign_up.sign_up_id, sitting.session_id))
    new = _as_made(here, said, by)
    if row is None:
        return await _count(work, rig, here, row, new, said, by)
    same = row.says(said.presence, new.missed)
    if said.seen == row.version:
        settles = await _waits(work, row)
        if same and not settles:
            return Marked(Outcome.BEFORE, row.presence, row.missed, row.version)
        late = not same and is_correction(sitting.starts_at, new.made_at)
        if late and not settles and not said.reason:
            raise ReasonWanted
        return await _count(work, rig, here, row, new, said, by)
    if same:
        return Marked(Outcome.BEFORE, row.presence, row.missed, row.version)
    new.against = row.version
    work.session.add(new)
    await _note(work, here, "training.attendance.conflict", said, by)
    return Marked(Outcome.CONFLICT, row.presence, row.missed, said.seen)


def _as_made(here: _Here, said: Said, by: Staff) -> Mark:
    starts_at, ends_at = here.sitting.starts_at, here.sitting.ends_at
    made_at = believed(said.made_at, starts_at, clock.now())
    return Mark(
        session_id=here.sitting.session_id,
        sign_up_id=here.sign_up.sign_up_id,
        nonce=said.nonce,
        presence=said.presence,
        missed=missed_by(said.presence, said.missed, starts_at, ends_at, made_at),
        made_at=made_at,
        made_by=by.name,
        recorded_at=clock.now(),
    )


async def _waits(work: Work, row: Attendance) -> bool:
    """Whether a mark was set aside that came against the one that counts."""
    found = select(Mark.mark_id).where(
        Mark.session_id == row.session_id,
        Mark.sign_up_id == row.sign_up_id,
        Mark.against == row.version,
    )
    return (await work.session.execute(found.limit(1))).first() is not None


async def _count(
    work: Work, rig: Rig, here: _Here, row: Attendance | None, new: Mark, said: Said, by: Staff
) -> Marked:
    """The mark is what counts from now on."""
    if row is None:
        row = Attendance(sign_up_id=new.sign_up_id, session_id=new.session_id, version=0)
        work.session.add(row)
    if said.reason:
        sealed = sealed_for(await rig.keys.get(KEY_KIND, new.sign_up_id), new.sign_up_id)
        new.reason_sealed = sealed.seal("reason", said.reason)
    row.presence, row.missed, row.version = new.presence, new.missed, row.version + 1
    row.recorded_at = here.sign_up.mail_due_at = clock.now()
    new.version = row.version
    work.session.add(new)
    await _note(work, here, "training.attendance.recorded", said, by)
    return Marked(Outcome.KEPT, row.presence, row.missed, row.version)


async def _note(work: Work, here: _Here, action: str, said: Said, by: Staff) -> None:
    await audit.note(
        work,
        action,
        here.edition.edition_id,
        by=by,
        session=here.sitting.number,
        sign_up=here.sign_up.sign_up_id,
        presence=said.presence,
    )
