"""Attendance as trainers see it: who is expected, what counts, and how it came to be that."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from cri_shared import clock
from cri_shared.errors import NotFound
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_training.actions.asking import Details, details_in, sealed_for
from cri_training.models import Attendance, Mark, SignUp, Sitting
from cri_training.rig import KEY_KIND, Rig
from cri_training.rules.states import ATTENDING


@dataclass(frozen=True)
class Told:
    """A mark with the words of why it was made."""

    mark: Mark
    reason: str


@dataclass(frozen=True)
class Expected:
    """Somebody on the list of a session; without details they were erased."""

    sign_up: SignUp
    details: Details | None
    attendance: Attendance | None
    history: tuple[Told, ...]

    @property
    def seen(self) -> int:
        """The version that the next mark is made on."""
        return self.attendance.version if self.attendance else 0

    @property
    def set_aside(self) -> tuple[Told, ...]:
        """Marks that came against what counts, and that nobody has settled."""
        if self.attendance is None:
            return ()
        return tuple(one for one in self.history if one.mark.against == self.seen)


async def expected(
    session: AsyncSession, rig: Rig, sitting: Sitting, only: str | None = None
) -> list[Expected]:
    """Those with a place and those who walked in, by name; or one of them alone."""
    found = select(SignUp).where(
        SignUp.edition_id == sitting.edition_id, SignUp.status.in_(ATTENDING)
    )
    if only is not None:
        found = found.where(SignUp.sign_up_id == only)
    sign_ups = (await session.execute(found)).scalars().all()
    keys = await rig.keys.get_many(KEY_KIND, [s.sign_up_id for s in sign_ups])
    rows = await _rows(session, sitting)
    marks = await _marks(session, sitting)
    people = [
        _expected(
            sign_up,
            keys.get(sign_up.sign_up_id),
            rows.get(sign_up.sign_up_id),
            marks[sign_up.sign_up_id],
        )
        for sign_up in sign_ups
    ]
    return sorted(people, key=lambda one: one.details.name.casefold() if one.details else "")


def _expected(
    sign_up: SignUp, key: bytes | None, row: Attendance | None, marks: Sequence[Mark]
) -> Expected:
    if key is None:
        return Expected(sign_up, None, row, tuple(Told(mark, "") for mark in marks))
    sealed = sealed_for(key, sign_up.sign_up_id)
    told = tuple(
        Told(mark, sealed.open("reason", mark.reason_sealed) if mark.reason_sealed else "")
        for mark in marks
    )
    return Expected(sign_up, details_in(sealed, sign_up), row, told)


async def _rows(session: AsyncSession, sitting: Sitting) -> dict[str, Attendance]:
    found = select(Attendance).where(Attendance.session_id == sitting.session_id)
    return {row.sign_up_id: row for row in (await session.execute(found)).scalars()}


async def _marks(session: AsyncSession, sitting: Sitting) -> dict[str, list[Mark]]:
    found = select(Mark).where(Mark.session_id == sitting.session_id)
    marks: dict[str, list[Mark]] = defaultdict(list)
    for mark in (await session.execute(found.order_by(Mark.recorded_at, Mark.version))).scalars():
        marks[mark.sign_up_id].append(mark)
    return marks


async def session_of(session: AsyncSession, sign_up_id: str) -> tuple[str, int]:
    """The edition of who is expected, and its session of now, or the next; raises `NotFound`."""
    sign_up = await session.get(SignUp, sign_up_id)
    if sign_up is None or sign_up.status not in ATTENDING:
        raise NotFound
    found = select(Sitting).where(Sitting.edition_id == sign_up.edition_id)
    sittings = (await session.execute(found.order_by(Sitting.starts_at))).scalars().all()
    now = clock.now()
    here = next((one for one in sittings if one.ends_at > now), sittings[-1])
    return sign_up.edition_id, here.number


def counts(people: Sequence[Expected]) -> Counter[str]:
    """How many were there in each way; `came` and `open` sum up."""
    found = Counter(one.attendance.presence if one.attendance else "open" for one in people)
    found["came"] = sum(bool(one.attendance and one.attendance.came) for one in people)
    return found
