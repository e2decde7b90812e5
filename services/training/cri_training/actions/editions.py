"""What a trainer does with workshops and their editions."""

import datetime as dt
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import TypeVar

from cri_shared import clock
from cri_shared.db import Work, new_id
from cri_shared.events.training import EditionCancelled, EditionPublished
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from cri_training.actions import seats
from cri_training.models import Edition, Reservation, SignUp, Workshop
from cri_training.rig import Rig
from cri_training.rules.states import ATTENDING, GOING_AHEAD, EditionStatus, Status

CODE_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that looks like something else
Times = list[tuple[dt.datetime, dt.datetime]]
T = TypeVar("T")


@dataclass(frozen=True)
class About:
    """What a trainer writes about an edition."""

    title: str
    language: str
    format: str
    town: str | None
    venue: str | None
    online_url: str | None
    trainers: list[str]
    notes: str | None
    sign_up_until: dt.datetime
    needs_approval: bool

    @property
    def where(self) -> tuple[str | None, ...]:
        """What a calendar shows of the place."""
        return self.format, self.town, self.venue, self.online_url


async def make_once(rig: Rig, make: Callable[[Work], Awaitable[T]]) -> T:
    """What a form makes; where a click at the same moment was faster, what that one made."""
    try:
        async with rig.service.database.writing() as work:
            return await make(work)
    except IntegrityError:
        async with rig.service.database.writing() as work:
            return await make(work)


async def make_workshop(
    work: Work,
    *,
    form_id: str,
    title: str,
    summary: str,
    language: str,
    certificate_percent: int,
    requires: str | None,
    by: Staff,
) -> Workshop:
    """A new template; the same form again gives the one that it made before.

    `requires` is the workshop that people attend first.
    """
    made = select(Workshop).where(Workshop.form_id == form_id)
    before = (await work.session.execute(made)).scalar_one_or_none()
    if before is not None:
        return before
    workshop = Workshop(
        workshop_id=new_id(),
        form_id=form_id,
        title=title,
        summary=summary,
        language=language,
        certificate_percent=certificate_percent,
        requires=requires,
        created_at=clock.now(),
        changed_at=clock.now(),
    )
    work.session.add(workshop)
    await audit.note(work, "training.workshop.made", workshop.workshop_id, by=by)
    return workshop


async def change_workshop(
    work: Work,
    workshop: Workshop,
    *,
    title: str,
    summary: str,
    language: str,
    certificate_percent: int,
    requires: str | None,
    by: Staff,
) -> None:
    """Other words for a template, or another one to attend first; editions keep their title."""
    workshop.certificate_percent = certificate_percent
    workshop.requires = requires
    workshop.title, workshop.summary, workshop.language = title, summary, language
    workshop.changed_at = clock.now()
    await audit.note(work, "training.workshop.changed", workshop.workshop_id, by=by)


async def make_edition(
    work: Work,
    workshop: Workshop,
    about: About,
    times: Times,
    *,
    capacity: int,
    form_id: str,
    by: Staff,
) -> Edition:
    """A new draft; the same form again gives the one that it made before."""
    made = select(Edition).where(Edition.form_id == form_id)
    before = (await work.session.execute(made)).scalar_one_or_none()
    if before is not None:
        return before
    edition = Edition(
        edition_id=new_id(),
        workshop_id=workshop.workshop_id,
        form_id=form_id,
        status=EditionStatus.DRAFT,
        capacity=capacity,
        created_at=clock.now(),
        **asdict(about),
    )
    edition.set_sessions(times)
    work.session.add(edition)
    await audit.note(work, "training.edition.made", edition.edition_id, by=by)
    return edition


async def change_edition(
    work: Work, rig: Rig, edition: Edition, about: About, *, by: Staff
) -> None:
    """Other words, place or last day; who is signed up hears of another place."""
    edition.check_changeable()
    before = About(**{name: getattr(edition, name) for name in asdict(about)})
    for name, value in asdict(about).items():
        setattr(edition, name, value)
    if before == about:
        return
    await audit.note(work, "training.edition.changed", edition.edition_id, by=by)
    if before.where != about.where and edition.goes_ahead:
        edition.relocate()
        await seats.tell_everybody(work, edition)
    await seats.announce_change(work, rig, edition)


async def change_draft(
    work: Work, edition: Edition, about: About, times: Times, *, capacity: int, by: Staff
) -> None:
    """Everything about a draft; raises `EditionNotDraft`."""
    current = [(s.starts_at, s.ends_at) for s in edition.sittings]
    if current != times:
        edition.sittings.clear()
        await work.session.flush()
        edition.set_sessions(times)
    for name, value in asdict(about).items():
        setattr(edition, name, value)
    edition.capacity = capacity
    await audit.note(work, "training.edition.changed", edition.edition_id, by=by)


async def publish(work: Work, rig: Rig, edition_id: str, *, by: Staff) -> None:
    """Let people sign up; raises `EditionNotDraft` or `EditionInPast`."""
    edition = await seats.lock(work, edition_id)
    edition.publish()
    facts = seats.public_facts(rig, edition)
    event = EditionPublished(edition_id=edition_id, edition=facts)
    await work.emit(event, version=edition.version)
    await audit.note(work, "training.edition.published", edition_id, by=by)


async def close(work: Work, rig: Rig, edition_id: str, *, by: Staff) -> bool:
    """Take no new sign-ups; whether that is a change."""
    edition = await seats.lock(work, edition_id)
    if not edition.close():
        return False
    await audit.note(work, "training.edition.closed", edition_id, by=by)
    await seats.announce_change(work, rig, edition)
    return True


async def reopen(work: Work, rig: Rig, edition_id: str, *, by: Staff) -> bool:
    """Take sign-ups again; whether that is a change."""
    edition = await seats.lock(work, edition_id)
    if not edition.reopen():
        return False
    await audit.note(work, "training.edition.reopened", edition_id, by=by)
    await seats.announce_change(work, rig, edition)
    return True


async def cancel(work: Work, edition_id: str, reason: str, *, by: Staff) -> bool:
    """Call an edition off and tell everybody; whether that is a change."""
    edition = await seats.lock(work, edition_id)
    was_public = edition.goes_ahead
    if not edition.cancel(reason):
        return False
    if was_public:
        event = EditionCancelled(edition_id=edition_id, version=edition.version)
        await work.emit(event, version=edition.version)
        await seats.tell_everybody(work, edition)
    await audit.note(work, "training.edition.cancelled", edition_id, by=by)
    return True


async def move_session(
    work: Work,
    rig: Rig,
    edition_id: str,
    number: int,
    times: tuple[dt.datetime, dt.datetime],
    *,
    by: Staff,
) -> bool:
    """Give a session another time; everybody's calendar follows. Whether that is a change."""
    edition = await seats.lock(work, edition_id)
    if not edition.move(number, *times):
        return False
    await audit.note(work, "training.session.moved", edition_id, by=by, session=number)
    await seats.keep_until_its_end(work, edition)
    await seats.tell_everybody(work, edition)
    await seats.put_right(work, rig, edition, "moved")
    await seats.announce_change(work, rig, edition)
    return True


async def change_capacity(
    work: Work, rig: Rig, edition_id: str, capacity: int, *, by: Staff
) -> bool:
    """Another number of places; new ones go to the waiting list first. Whether it is a change."""
    edition = await seats.lock(work, edition_id)
    if not edition.set_capacity(capacity):
        return False
    await audit.note(work, "training.capacity.changed", edition_id, by=by, capacity=capacity)
    if edition.goes_ahead:
        await seats.put_right(work, rig, edition, "capacity_raised")
    return True


async def keep_up(work: Work, rig: Rig) -> None:
    """What time does to editions: offers end, sign-up closes, the last session ends."""
    for edition_id in await _touched_by_time(work, rig):
        edition = await seats.lock(work, edition_id)
        await seats.put_right(work, rig, edition, "offer_expired")
        if edition.ends_at <= clock.now() and edition.goes_ahead:
            edition.hold("".join(secrets.choice(CODE_ALPHABET) for _ in range(8)))
            await audit.note(work, "training.edition.held", edition_id)
            await _look_again(work, edition_id)
            await _forget_needs(work, edition_id)
        elif edition.goes_ahead and edition.sign_up_until <= clock.now() and edition.close():
            await audit.note(work, "training.edition.closed", edition_id)
            await seats.announce_change(work, rig, edition)


async def _touched_by_time(work: Work, rig: Rig) -> list[str]:
    now, policy = clock.now(), rig.policy
    offers = select(SignUp.edition_id).where(
        SignUp.status == Status.OFFERED, SignUp.offer_until <= now
    )
    # From here on an offer may come too late, and then the waiting list closes; a night is quiet.
    soon = now + policy.notice + policy.shortest_offer + dt.timedelta(hours=11)
    editions = select(Edition.edition_id).where(
        ((Edition.status == EditionStatus.PUBLISHED) & (Edition.sign_up_until <= now))
        | (Edition.status.in_(GOING_AHEAD) & (Edition.ends_at <= now))
        | (Edition.status.in_(GOING_AHEAD) & (Edition.waiting > 0) & (Edition.starts_at <= soon))
    )
    reserved = select(Reservation.edition_id).where(
        Reservation.given_back_at.is_(None), Reservation.until <= now
    )
    return sorted((await work.session.execute(offers.union(editions, reserved))).scalars())


async def _look_again(work: Work, edition_id: str) -> None:
    """The mail plan looks at those who had a seat or walked in: who came is asked how it was."""
    theirs = (SignUp.edition_id == edition_id) & SignUp.status.in_(ATTENDING)
    change = update(SignUp).where(theirs).values(mail_due_at=clock.now())
    await work.session.execute(change.execution_options(synchronize_session="fetch"))


async def _forget_needs(work: Work, edition_id: str) -> None:
    """What people need to take part is of no use once it is over."""
    change = update(SignUp).where(SignUp.edition_id == edition_id).values(needs_sealed=None)
    await work.session.execute(change.execution_options(synchronize_session="fetch"))
