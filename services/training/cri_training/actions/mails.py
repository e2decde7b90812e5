"""Mails: what the plan wants is posted when it is due, once, from the state of that moment."""

import secrets
from collections.abc import Collection

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.identity.secrets import token_hash
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from cri_training.actions.seats import edition_url
from cri_training.actions.sign_ups import details_in, manage_token, sealed_for
from cri_training.letters import Addressed, letter
from cri_training.models import Attendance, Ballot, Edition, PostedLetter, SignUp
from cri_training.rig import KEY_KIND, Rig
from cri_training.rules.mail_plan import Kind, Sent, Session, State, wanted
from cri_training.rules.states import EditionStatus, Status

AT_ONCE = 50


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
    editions = await _editions(work, {s.edition_id for s in sign_ups})
    sent = await _sent(work, [s.sign_up_id for s in sign_ups])
    came = await _came(work, [s.sign_up_id for s in sign_ups])
    keys = await rig.keys.get_many(KEY_KIND, [s.sign_up_id for s in sign_ups])
    for sign_up in sign_ups:
        key = keys.get(sign_up.sign_up_id)
        if key is None:  # erased: nobody is there to write to
            sign_up.mail_due_at = None
            continue
        edition = editions[sign_up.edition_id]
        state = _state(edition, sign_up, attended=sign_up.sign_up_id in came)
        had = sent.get(sign_up.sign_up_id, frozenset())
        await _post(work, rig, edition, sign_up, key, state, had)


async def _post(
    work: Work, rig: Rig, edition: Edition, sign_up: SignUp, key: bytes, state: State, sent: Sent
) -> None:
    now = clock.now()
    plan = wanted(state, sent, now, rig.policy)
    sealed = sealed_for(key, sign_up.sign_up_id)
    token = manage_token(key, sign_up)
    to = Addressed(
        words=rig.words[sign_up.language],
        edition=edition,
        sign_up=sign_up,
        email=details_in(sealed, sign_up).email,
        sender=rig.settings.mail_from,
        edition_url=edition_url(rig, edition, sign_up.language),
        manage_url=f"{rig.settings.public_url}/{sign_up.language}/sign-up/manage/{token}",
    )
    for one in (letter_ for letter_ in plan if letter_.due_at <= now):
        first = not any(kind == Kind.INVITE for kind, _ in sent)
        feedback_url = ""
        if one.kind is Kind.FEEDBACK:
            feedback_url = _ballot(work, rig, edition, sign_up)
        mail = letter(one.kind, one.mark, to, first=first, feedback_url=feedback_url)
        await rig.service.post.post(work, mail)
        work.session.add(
            PostedLetter(sign_up_id=sign_up.sign_up_id, kind=one.kind, mark=one.mark, posted_at=now)
        )
    sign_up.mail_due_at = min((x.due_at for x in plan if x.due_at > now), default=None)


def _ballot(work: Work, rig: Rig, edition: Edition, sign_up: SignUp) -> str:
    """A right to answer once; only the mail knows whose it is."""
    ticket = secrets.token_urlsafe(16)
    work.session.add(Ballot(ticket_hash=token_hash(ticket), edition_id=edition.edition_id))
    public = rig.settings.public_url
    return f"{public}/{sign_up.language}/feedback/{edition.feedback_code}/{ticket}"


def _state(edition: Edition, sign_up: SignUp, *, attended: bool) -> State:
    return State(
        edition=EditionStatus(edition.status),
        sessions=tuple(
            Session(s.number, s.sequence, s.starts_at, s.ends_at)
            for s in sorted(edition.sittings, key=lambda s: s.starts_at)
        ),
        schedule=edition.schedule,
        status=Status(sign_up.status),
        schedule_known=sign_up.schedule_known,
        seated_at=sign_up.seated_at,
        offered_at=sign_up.offered_at,
        offer_until=sign_up.offer_until,
        attended=attended,
    )


async def _editions(work: Work, ids: Collection[str]) -> dict[str, Edition]:
    found = (
        select(Edition).where(Edition.edition_id.in_(ids)).options(selectinload(Edition.sittings))
    )
    return {e.edition_id: e for e in (await work.session.execute(found)).scalars()}


async def _sent(work: Work, ids: Collection[str]) -> dict[str, Sent]:
    found = select(PostedLetter).where(PostedLetter.sign_up_id.in_(ids))
    sent: dict[str, set[tuple[str, str]]] = {}
    for row in (await work.session.execute(found)).scalars():
        sent.setdefault(row.sign_up_id, set()).add((row.kind, row.mark))
    return {sign_up_id: frozenset(keys) for sign_up_id, keys in sent.items()}


async def _came(work: Work, ids: Collection[str]) -> set[str]:
    found = select(Attendance.sign_up_id).where(Attendance.sign_up_id.in_(ids))
    return set((await work.session.execute(found)).scalars())
