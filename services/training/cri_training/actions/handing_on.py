"""Handing a place on: somebody else comes, and it stays taken until the address is proved."""

import datetime as dt

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.errors import Refusal
from cri_shared.identity import audit
from cri_shared.privacy.blind_index import email_index
from cri_shared.privacy.vault import SealedText
from cri_shared.words import N_
from sqlalchemy import ColumnElement, func, select

from cri_training.actions.asking import (
    MAILS_PER_HOUR,
    Details,
    Named,
    Wish,
    ask_for_proof,
    ask_once,
    details_in,
    sealed_for,
    within,
)
from cri_training.actions.own import PARTICIPANT, lock_own, own
from cri_training.letters import successor_mail
from cri_training.models import Edition, SeatMove, SignUp
from cri_training.rig import KEY_KIND, Rig
from cri_training.rules.seats import MoveKind
from cri_training.rules.states import Status


class NothingToHandOn(Refusal):
    """Who has neither a place nor a turn, or whose workshop has begun, cannot hand it on."""

    slug = "nothing-to-hand-on"
    message = N_("There is no place to hand on, or the workshop has begun.")


class SamePerson(Refusal):
    """The address is that of the one who hands the place on."""

    slug = "same-person"
    message = N_("This is the address of the person who has the place now.")


class AskedOften(Refusal):
    """Nobody mails many strangers through our form."""

    slug = "asked-often"
    message = N_("You named several people in one hour. Wait an hour and try again.")


async def name_successor(rig: Rig, token: str, who: Named, form_id: str) -> None:
    """Ask somebody to come instead; who was asked before cannot any more.

    Raises `NotFound`, `NothingToHandOn`, `SamePerson` or `AskedOften`. The same form asks once.
    """

    async def ask(work: Work, new: str, key: bytes) -> bool:
        edition, sign_up = await lock_own(work, token)
        return await ask_successor(work, rig, edition, sign_up, who, wish_id, new, key)

    async with rig.service.database.reading() as session:
        sign_up_id = (await own(session, token)).sign_up_id  # before a key is made
    wish_id = within(form_id, sign_up_id)
    await ask_once(rig, wish_id, ask)


async def ask_successor(
    work: Work,
    rig: Rig,
    edition: Edition,
    sign_up: SignUp,
    who: Named,
    form_id: str,
    new_id: str,
    key: bytes,
) -> bool:
    """Ask somebody to take the place of a sign-up of a locked edition."""
    decided = sign_up.is_live and sign_up.status != Status.TO_APPROVE
    if not decided or not edition.goes_ahead or edition.starts_at <= clock.now():
        raise NothingToHandOn
    if email_index(rig.email_secret, who.email) == sign_up.email_index:
        raise SamePerson
    if await _asked_often(work, sign_up):
        raise AskedOften
    await withdraw(work, sign_up)
    old = details_in(await _sealed(rig, sign_up), sign_up)
    details = Details(who.name, old.organisation, who.email)
    wish = Wish(
        details,
        who.language,
        form_id,
        takes_over=sign_up.sign_up_id,
        organisation_id=sign_up.organisation_id,
    )
    return await ask_for_proof(work, rig, edition, wish, new_id, key, write=successor_mail)


async def _sealed(rig: Rig, sign_up: SignUp) -> SealedText:
    return sealed_for(await rig.keys.get(KEY_KIND, sign_up.sign_up_id), sign_up.sign_up_id)


async def _asked_often(work: Work, sign_up: SignUp) -> bool:
    since = clock.now() - dt.timedelta(hours=1)
    asked = select(func.count()).where(
        SignUp.takes_over == sign_up.sign_up_id, SignUp.requested_at > since
    )
    return (await work.session.execute(asked)).scalar_one() >= MAILS_PER_HOUR


async def keep_after_all(work: Work, token: str) -> bool:
    """Who was asked cannot take the place any more; whether that is a change."""
    _, sign_up = await lock_own(work, token)
    return await withdraw(work, sign_up)


async def withdraw(work: Work, sign_up: SignUp) -> bool:
    """The links that were mailed to take over a place end; whether there was one.

    Who said yes and waits for a trainer's keeps a turn of their own.
    """
    named = (await work.session.execute(select(SignUp).where(asked_instead_of(sign_up)))).scalars()
    asked = named.all()
    for one in asked:
        if one.status == Status.TO_APPROVE:
            one.takes_over = None
        else:
            one.withdraw()
    return bool(asked)


def asked_instead_of(*sign_ups: SignUp) -> ColumnElement[bool]:
    """Who was named to come in their place and does not have it yet."""
    ids = [sign_up.sign_up_id for sign_up in sign_ups]
    return SignUp.takes_over.in_(ids) & SignUp.status.in_((Status.REQUESTED, Status.TO_APPROVE))


async def place_for(work: Work, sign_up: SignUp) -> SignUp | None:
    """The sign-up whose place this one gets, if it was named for one that is there still."""
    if sign_up.takes_over is None:
        return None
    before = await work.session.get(SignUp, sign_up.takes_over, populate_existing=True)
    return before if before is not None and before.is_live else None


async def take_over(work: Work, edition: Edition, sign_up: SignUp) -> bool:
    """Put who was named where the other one stood; whether there was such a place."""
    before = await place_for(work, sign_up)
    if before is None:
        return False
    sign_up.stand_in_for(before, edition.schedule)
    if sign_up.status == Status.SEATED:
        work.session.add(
            SeatMove(
                edition_id=edition.edition_id,
                sign_up_id=sign_up.sign_up_id,
                moved_at=clock.now(),
                kind=MoveKind.SEAT,
                because="handed_on",
                behind=edition.waiting,
            )
        )
    await audit.note(work, "training.place.handed_on", before.sign_up_id, by=PARTICIPANT)
    return True
