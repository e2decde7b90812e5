"""The seat ledger at work: every change of seats happens under the lock of its edition."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.errors import NotFound
from cri_shared.events.training import EditionChanged, EditionFacts, Sitting
from cri_shared.places.languages import INTERFACE_LANGUAGES
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from cri_training.models import Edition, SeatMove, SignUp
from cri_training.rig import Rig
from cri_training.rules.seats import Move, MoveKind, rebalance
from cri_training.rules.states import ATTENDING, LIVE, Status


async def lock(work: Work, edition_id: str) -> Edition:
    """The edition, locked until the transaction ends; raises `NotFound`.

    On SQLite the transaction itself is the lock. `key_share` lets rows that only refer to the
    edition be written meanwhile, which would otherwise deadlock with the mails.
    """
    found = (
        select(Edition)
        .where(Edition.edition_id == edition_id)
        .options(selectinload(Edition.sittings), selectinload(Edition.reservations))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    edition = (await work.session.execute(found)).scalar_one_or_none()
    if edition is None:
        raise NotFound
    return edition


async def put_right(
    work: Work, rig: Rig, edition: Edition, because: str, *, arriving: Collection[str] = ()
) -> None:
    """Bring the seats of a locked edition in order; doing it again changes nothing.

    `because` is the reason kept with each promotion: what happened to make it possible. Who is
    `arriving` is at the page and gets a place at once where one is free for them.
    """
    counted = await in_ledger(work.session, edition.edition_id)
    sign_ups = {sign_up.sign_up_id: sign_up for sign_up in counted}
    places = [sign_up.place() for sign_up in counted]
    moves = rebalance(edition.room(), places, clock.now(), rig.policy, arriving=arriving)
    if edition.give_back():
        because = "reservation_over"
    if any(move.kind is MoveKind.EXPIRE for move in moves):
        because = "offer_expired"
    for move in moves:
        _carry_out(sign_ups[move.sign_up_id], move)
    _note(work, counted, moves, because)
    if edition.count(sign_up.place() for sign_up in counted):
        await announce_change(work, rig, edition)


async def in_ledger(session: AsyncSession, edition_id: str) -> Sequence[SignUp]:
    """The sign-ups that the ledger looks at: those that count, and whom a group waits for."""
    awaited = (SignUp.status == Status.REQUESTED) & SignUp.keep_together
    found = select(SignUp).where(SignUp.edition_id == edition_id, SignUp.status.in_(LIVE) | awaited)
    return (await session.execute(found)).scalars().all()


def _note(work: Work, sign_ups: Iterable[SignUp], moves: Iterable[Move], because: str) -> None:
    """Keep the reason of every move, and how long the queue was behind it."""
    known = {sign_up.sign_up_id: sign_up for sign_up in sign_ups}
    waiting = [s.queue_no for s in known.values() if s.status == Status.WAITING]
    for move in moves:
        sign_up = known[move.sign_up_id]
        work.session.add(
            SeatMove(
                edition_id=sign_up.edition_id,
                sign_up_id=sign_up.sign_up_id,
                moved_at=clock.now(),
                kind=move.kind,
                because=_reason(move, because),
                chosen_as=move.chosen,
                passed=move.passed,
                behind=sum(number > sign_up.queue_no for number in waiting),
            )
        )


def _carry_out(sign_up: SignUp, move: Move) -> None:
    if move.kind is MoveKind.SEAT:
        sign_up.take_seat()
    elif move.kind is MoveKind.OFFER and move.until is not None:
        sign_up.offer(move.until)
    elif move.kind is MoveKind.EXPIRE:
        sign_up.expire()
    else:
        sign_up.miss()


def _reason(move: Move, because: str) -> str:
    match move.kind:
        case MoveKind.SEAT:
            return "place_free"
        case MoveKind.EXPIRE:
            return "not_answered"
        case MoveKind.MISS:
            return "too_late"
        case _:
            return because


async def announce_change(work: Work, rig: Rig, edition: Edition) -> None:
    """Tell the other services that the public facts of an edition changed."""
    if edition.goes_ahead:
        edition.version += 1
        event = EditionChanged(edition_id=edition.edition_id, edition=public_facts(rig, edition))
        await work.emit(event, version=edition.version)


def public_facts(rig: Rig, edition: Edition) -> EditionFacts:
    """What everybody may know of an edition."""
    return EditionFacts(
        edition_id=edition.edition_id,
        version=edition.version,
        title=edition.title,
        language=edition.language,
        town=edition.town if edition.format != "online" else None,
        sittings=tuple(Sitting(starts_at=s.starts_at, ends_at=s.ends_at) for s in edition.sittings),
        places=edition.places,
        takes_sign_ups=edition.takes_sign_ups,
        url=edition_url(rig, edition),
    )


def edition_url(rig: Rig, edition: Edition, language: str | None = None) -> str:
    """The public page of an edition, in a language or in its own."""
    wanted = language or edition.language
    lang = wanted if wanted in INTERFACE_LANGUAGES else "en"
    return f"{rig.settings.public_url}/{lang}/workshops/{edition.edition_id}"


async def end_of(work: Work, edition_id: str) -> dt.datetime:
    """When an edition ends, and does until this transaction is over: others may read it as well."""
    found = select(Edition.ends_at).where(Edition.edition_id == edition_id)
    return (await work.session.execute(found.with_for_update(read=True))).scalar_one()


async def keep_until_its_end(work: Work, edition: Edition) -> None:
    """Let how long people are kept be counted from where a locked edition ends now."""
    theirs = (SignUp.edition_id == edition.edition_id) & (SignUp.edition_ends_at != edition.ends_at)
    change = update(SignUp).where(theirs).values(edition_ends_at=edition.ends_at)
    await work.session.execute(change.execution_options(synchronize_session="fetch"))


async def tell_everybody(work: Work, edition: Edition) -> None:
    """Let the mail plan look at every sign-up of an edition that still counts, or came."""
    theirs = (SignUp.edition_id == edition.edition_id) & SignUp.status.in_(LIVE | ATTENDING)
    change = update(SignUp).where(theirs).values(mail_due_at=clock.now())
    await work.session.execute(change.execution_options(synchronize_session="fetch"))
