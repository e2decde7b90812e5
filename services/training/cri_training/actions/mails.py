"""Mails: what the plan wants is posted when it is due, once, from the state of that moment."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.identity.secrets import token_hash
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from cri_training.actions.asking import details_in, sealed_for
from cri_training.actions.own import check_in_url, manage_token
from cri_training.actions.seats import edition_url
from cri_training.letters import Addressed, written
from cri_training.models import Attendance, Ballot, Edition, PostedLetter, SignUp
from cri_training.queries.certificates import ready
from cri_training.queries.courses import courses, editions_of, materials_of
from cri_training.rig import KEY_KIND, Rig
from cri_training.rules.attendance import CAME
from cri_training.rules.kinds import Kind
from cri_training.rules.mail_plan import Letter, Sent, State, wanted
from cri_training.rules.moments import Course
from cri_training.rules.states import Status

AT_ONCE = 50


@dataclass(frozen=True)
class Known:
    """What the plan derives a sign-up's mails from, read at one moment."""

    sign_up: SignUp
    edition: Edition
    course: Course
    state: State
    sent: Sent

    def plan(self, rig: Rig, now: dt.datetime) -> list[Letter]:
        """What this person should still get, from `now` on."""
        return wanted(self.course, self.state, self.sent, now, rig.policy)


async def post_what_is_due(work: Work, rig: Rig) -> None:
    """Look at the sign-ups whose time has come, post what they should have had by now."""
    due = (
        select(SignUp)
        .where(SignUp.mail_due_at <= clock.now())
        .order_by(SignUp.mail_due_at, SignUp.sign_up_id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    sign_ups = (await work.session.execute(due)).scalars().all()
    if not sign_ups:
        return
    keys = await rig.keys.get_many(KEY_KIND, [s.sign_up_id for s in sign_ups])
    for known in await _known(work.session, sign_ups):
        key = keys.get(known.sign_up.sign_up_id)
        if key is None or not _address(known.sign_up, key):  # erased, or walked in without one
            known.sign_up.mail_due_at = None
        else:
            await _post(work, rig, known, key)


async def still_wanted(rig: Rig, about: str) -> bool:
    """Whether a mail that waits to be sent is in the plan still; what is not was never posted."""
    sign_up_id, kind, mark = about.split("/")
    async with rig.service.database.reading() as session:
        sign_up = await session.get(SignUp, sign_up_id)
        if sign_up is None:
            return False
        (known,) = await _known(session, [sign_up])
    others = {key: at for key, at in known.sent.items() if key != (kind, mark)}
    if (kind, mark) in {
        letter.key for letter in replace(known, sent=others).plan(rig, clock.now())
    }:
        return True
    async with rig.service.database.writing() as work:
        theirs = (PostedLetter.sign_up_id == sign_up_id) & (PostedLetter.kind == kind)
        await work.session.execute(delete(PostedLetter).where(theirs, PostedLetter.mark == mark))
        again = update(SignUp).where(SignUp.sign_up_id == sign_up_id)
        await work.session.execute(again.values(mail_due_at=clock.now()))
    return False


async def _post(work: Work, rig: Rig, known: Known, key: bytes) -> None:
    now, sign_up = clock.now(), known.sign_up
    plan = known.plan(rig, now)
    to = await _addressed(work, rig, known, key)
    for letter in (one for one in plan if one.due_at <= now):
        asked = letter.kind is Kind.FEEDBACK
        url = _ballot(work, rig, known.edition, sign_up) if asked else ""
        mail = written(letter, replace(to, feedback_url=url))
        about = f"{sign_up.sign_up_id}/{letter.kind}/{letter.mark}"
        await rig.service.post.post(work, replace(mail, about=about))
        work.session.add(
            PostedLetter(
                sign_up_id=sign_up.sign_up_id, kind=letter.kind, mark=letter.mark, posted_at=now
            )
        )
    sign_up.mail_due_at = min((one.due_at for one in plan if one.due_at > now), default=None)


async def _addressed(work: Work, rig: Rig, known: Known, key: bytes) -> Addressed:
    sign_up, edition = known.sign_up, known.edition
    token = manage_token(key, sign_up)
    kept = dt.timedelta(days=rig.settings.keep_participants_days)
    return Addressed(
        words=rig.words[sign_up.language],
        edition=edition,
        sign_up=sign_up,
        email=_address(sign_up, key),
        sender=rig.settings.mail_from,
        edition_url=edition_url(rig, edition, sign_up.language),
        manage_url=f"{rig.settings.public_url}/{sign_up.language}/sign-up/manage/{token}",
        check_in_url=check_in_url(rig, sign_up),
        kept_until=clock.belgian(edition.ends_at + kept).date(),
        invited=any(kind == Kind.INVITE for kind, _ in known.sent),
        certified=any(kind == Kind.CERTIFICATE for kind, _ in known.sent),
        materials=await materials_of(work.session, edition.edition_id),
    )


def _address(sign_up: SignUp, key: bytes) -> str:
    return details_in(sealed_for(key, sign_up.sign_up_id), sign_up).email


def _ballot(work: Work, rig: Rig, edition: Edition, sign_up: SignUp) -> str:
    """A right to answer once; only the mail knows whose it is."""
    ticket = secrets.token_urlsafe(16)
    work.session.add(Ballot(ticket_hash=token_hash(ticket), edition_id=edition.edition_id))
    public = rig.settings.public_url
    return f"{public}/{sign_up.language}/feedback/{edition.feedback_code}/{ticket}"


async def _known(session: AsyncSession, sign_ups: Sequence[SignUp]) -> list[Known]:
    ids = [sign_up.sign_up_id for sign_up in sign_ups]
    editions = await editions_of(session, {sign_up.edition_id for sign_up in sign_ups})
    seen = await courses(session, editions.values())
    came = set(
        (
            await session.execute(
                select(Attendance.sign_up_id).where(
                    Attendance.sign_up_id.in_(ids), Attendance.presence.in_(CAME)
                )
            )
        ).scalars()
    )
    certified = await ready(session, ids)
    letters = await session.execute(select(PostedLetter).where(PostedLetter.sign_up_id.in_(ids)))
    sent: dict[str, Sent] = {one: {} for one in ids}
    for row in letters.scalars():
        sent[row.sign_up_id] = {**sent[row.sign_up_id], (row.kind, row.mark): row.posted_at}
    return [
        Known(
            sign_up=one,
            edition=editions[one.edition_id],
            course=seen[one.edition_id],
            state=_state(one, one.sign_up_id in came, certified.get(one.sign_up_id)),
            sent=sent[one.sign_up_id],
        )
        for one in sign_ups
    ]


def _state(sign_up: SignUp, attended: bool, certificate: str | None) -> State:
    return State(
        status=Status(sign_up.status),
        schedule_known=sign_up.schedule_known,
        seated_at=sign_up.seated_at,
        offered_at=sign_up.offered_at,
        offer_until=sign_up.offer_until,
        attended=attended,
        certificate=certificate,
    )
