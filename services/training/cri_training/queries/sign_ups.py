"""Sign-ups: one person's own, and the list that trainers see."""

from collections.abc import Sequence
from dataclasses import dataclass

from cri_shared import clock
from cri_shared.errors import NotFound
from cri_shared.identity.secrets import token_hash
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_training.actions.asking import Details, claim_in, details_in, needs_in, sealed_for
from cri_training.actions.handing_on import asked_instead_of
from cri_training.models import Attendance, Edition, PostedLetter, SeatMove, SignUp, Sitting
from cri_training.queries.editions import edition as edition_of
from cri_training.rig import KEY_KIND, Rig
from cri_training.rules.attendance import CAME
from cri_training.rules.states import Status

SHOWN = (
    Status.TO_APPROVE,
    Status.SEATED,
    Status.WALKED_IN,
    Status.OFFERED,
    Status.WAITING,
    Status.CANCELLED,
    Status.HANDED_ON,
    Status.REFUSED,
    Status.DECLINED,
    Status.EXPIRED,
    Status.MISSED,
)


@dataclass(frozen=True)
class Participant:
    """A row of the trainers' list: who it is, where they stand, and which sessions they came to."""

    sign_up: SignUp
    details: Details | None
    needs: str | None
    claim: str | None
    came_to: frozenset[int]
    move: SeatMove | None


async def of_link(session: AsyncSession, token: str) -> tuple[Edition, SignUp]:
    """The sign-up that a link in a mail asks to confirm; raises `NotFound`."""
    return await _with_edition(session, SignUp.link_hash == token_hash(token))


async def own(session: AsyncSession, token: str) -> tuple[Edition, SignUp]:
    """One's own sign-up, by the secret of its page; raises `NotFound`."""
    return await _with_edition(session, SignUp.manage_hash == token_hash(token))


async def _with_edition(session: AsyncSession, which: object) -> tuple[Edition, SignUp]:
    found = select(SignUp).where(which)  # type: ignore[arg-type]
    sign_up = (await session.execute(found)).scalar_one_or_none()
    if sign_up is None:
        raise NotFound
    return await edition_of(session, sign_up.edition_id), sign_up


async def of_form(session: AsyncSession, form_id: str) -> SignUp | None:
    """The sign-up that a form made before, if it was sent before."""
    found = select(SignUp).where(SignUp.form_id == form_id)
    return (await session.execute(found)).scalar_one_or_none()


async def successor_of(session: AsyncSession, rig: Rig, sign_up: SignUp) -> Details | None:
    """Who was named to come instead and may still have the place."""
    asked = (await session.execute(successors_of(sign_up))).scalars().first()
    return await who(rig, asked) if asked else None


def successors_of(*sign_ups: SignUp) -> Select[SignUp]:
    """Those who were named to come in their place and may still have it."""
    in_time = (SignUp.status == Status.TO_APPROVE) | (SignUp.proof_until > clock.now())
    return select(SignUp).where(asked_instead_of(*sign_ups), in_time)


async def who(rig: Rig, sign_up: SignUp) -> Details:
    """Who signed up, or was named by somebody else."""
    key = await rig.keys.get(KEY_KIND, sign_up.sign_up_id)
    return details_in(sealed_for(key, sign_up.sign_up_id), sign_up)


async def last_move(session: AsyncSession, sign_up_id: str) -> SeatMove | None:
    """Why this person has what they have."""
    found = (
        select(SeatMove)
        .where(SeatMove.sign_up_id == sign_up_id)
        .order_by(SeatMove.moved_at.desc())
        .limit(1)
    )
    return (await session.execute(found)).scalar_one_or_none()


async def letters_to(session: AsyncSession, sign_up_id: str) -> Sequence[PostedLetter]:
    """What was posted to this person, oldest first."""
    found = (
        select(PostedLetter)
        .where(PostedLetter.sign_up_id == sign_up_id)
        .order_by(PostedLetter.posted_at, PostedLetter.kind, PostedLetter.mark)
    )
    return (await session.execute(found)).scalars().all()


async def came(session: AsyncSession, sign_up_id: str) -> bool:
    """Whether this person was at a session."""
    found = select(Attendance.sign_up_id).where(
        Attendance.sign_up_id == sign_up_id, Attendance.presence.in_(CAME)
    )
    return (await session.execute(found)).scalar() is not None


async def participants(session: AsyncSession, rig: Rig, edition_id: str) -> list[Participant]:
    """Everybody who signed up for an edition: seats first, then offers, then the queue."""
    found = (
        select(SignUp)
        .where(SignUp.edition_id == edition_id, SignUp.status.in_(SHOWN))
        .order_by(SignUp.queue_no)
    )
    sign_ups = (await session.execute(found)).scalars().all()
    keys = await rig.keys.get_many(KEY_KIND, [s.sign_up_id for s in sign_ups])
    came = await _came_to(session, edition_id)
    moves = await _moves(session, edition_id)
    rows = []
    for sign_up in sign_ups:
        sign_up_id = sign_up.sign_up_id
        sealed = sealed_for(keys[sign_up_id], sign_up_id) if sign_up_id in keys else None
        rows.append(
            Participant(
                sign_up,
                details_in(sealed, sign_up) if sealed else None,
                needs_in(sealed, sign_up) if sealed else None,
                claim_in(sealed, sign_up) if sealed else None,
                came.get(sign_up_id, frozenset()),
                moves.get(sign_up_id),
            )
        )
    return sorted(rows, key=lambda row: SHOWN.index(Status(row.sign_up.status)))


async def to_approve(session: AsyncSession, rig: Rig, edition_id: str) -> list[Participant]:
    """Those about whom a trainer decides, in the order in which they came."""
    rows = await participants(session, rig, edition_id)
    return [row for row in rows if row.sign_up.status == Status.TO_APPROVE]


async def reason_of(rig: Rig, sign_up: SignUp) -> str | None:
    """Why a trainer refused, if one did."""
    if sign_up.reason_sealed is None:
        return None
    key = await rig.keys.get(KEY_KIND, sign_up.sign_up_id)
    return sealed_for(key, sign_up.sign_up_id).open("reason", sign_up.reason_sealed)


async def _came_to(session: AsyncSession, edition_id: str) -> dict[str, frozenset[int]]:
    found = (
        select(Attendance.sign_up_id, Sitting.number)
        .join(Sitting, Sitting.session_id == Attendance.session_id)
        .where(Sitting.edition_id == edition_id, Attendance.presence.in_(CAME))
    )
    came: dict[str, frozenset[int]] = {}
    for sign_up_id, number in (await session.execute(found)).all():
        came[sign_up_id] = came.get(sign_up_id, frozenset()) | {number}
    return came


async def _moves(session: AsyncSession, edition_id: str) -> dict[str, SeatMove]:
    found = select(SeatMove).where(SeatMove.edition_id == edition_id).order_by(SeatMove.moved_at)
    return {move.sign_up_id: move for move in (await session.execute(found)).scalars()}


def offer_is_open(sign_up: SignUp) -> bool:
    """Whether there is an offer to answer now."""
    until = sign_up.offer_until
    return sign_up.status == Status.OFFERED and until is not None and until > clock.now()
