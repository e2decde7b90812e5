"""What an organisation does at its desk for its own people, and for nobody else's."""

from collections.abc import Sequence

from cri_shared.db import Work, new_id
from cri_shared.errors import NotFound, Refusal
from cri_shared.words import N_
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from cri_training.actions import handing_on, seats, sign_ups
from cri_training.actions.asking import Details, Named, Wish, ask_for_proof, ask_once, within
from cri_training.letters import colleague_mail
from cri_training.models import Edition, Organisation, SignUp
from cri_training.rig import KEY_KIND, Rig
from cri_training.rules.states import Status

DESK = "organisation"


class NotNow(Refusal):
    """Nobody can be signed up for this edition any more."""

    slug = "sign-up-closed"
    message = N_("You cannot sign up for this workshop any more.")


class MailedOften(Refusal):
    """An address got several mails in the past hour; `number` is its place in the list, from 0."""

    slug = "mailed-often"
    message = N_("We sent several mails to this address just now. Wait an hour and try again.")

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


async def sign_up_group(
    rig: Rig,
    organisation: Organisation,
    edition_id: str,
    people: Sequence[Named],
    form_id: str,
    *,
    together: bool,
) -> None:
    """Ask each of them to confirm; the same form asks once. Raises `NotNow` or `MailedOften`."""
    keys = {new_id(): who for who in people}
    sealing = [(one, await rig.keys.create(KEY_KIND, one), who) for one, who in keys.items()]
    asked = False
    try:
        async with rig.service.database.writing() as work:
            group_id = within(form_id, "group")
            if not await _was_asked(work, group_id):
                edition = await seats.lock(work, edition_id)
                if not edition.takes_sign_ups:
                    raise NotNow
                for number, (sign_up_id, key, who) in enumerate(sealing):
                    wish = Wish(
                        Details(who.name, organisation.name, who.email),
                        who.language,
                        within(form_id, f"colleague {number}"),
                        organisation_id=organisation.organisation_id,
                        group_id=group_id,
                        keep_together=together and len(people) > 1,
                    )
                    if not await ask_for_proof(
                        work, rig, edition, wish, sign_up_id, key, write=colleague_mail
                    ):
                        raise MailedOften(number)
                asked = True
    except IntegrityError:  # the same form came twice at once: the first one counts
        asked = False
    finally:
        if not asked:
            for sign_up_id in keys:
                await rig.keys.destroy(KEY_KIND, sign_up_id)


async def _was_asked(work: Work, group_id: str) -> bool:
    found = select(SignUp.sign_up_id).where(SignUp.group_id == group_id).limit(1)
    return (await work.session.execute(found)).first() is not None


async def _lock_theirs(
    work: Work, organisation_id: str, edition_id: str, sign_up_id: str
) -> tuple[Edition, SignUp]:
    """A sign-up of the organisation's own and its locked edition; raises `NotFound`."""
    edition = await seats.lock(work, edition_id)
    sign_up = await work.session.get(SignUp, sign_up_id, populate_existing=True)
    if (
        sign_up is None
        or sign_up.edition_id != edition_id
        or sign_up.organisation_id != organisation_id
    ):
        raise NotFound
    return edition, sign_up


async def cancel(
    work: Work, rig: Rig, organisation_id: str, edition_id: str, sign_up_id: str
) -> bool:
    """A colleague will not come, or need not confirm; whether that is a change."""
    edition, sign_up = await _lock_theirs(work, organisation_id, edition_id, sign_up_id)
    if sign_up.status == Status.REQUESTED:
        sign_up.withdraw()
        await seats.put_right(work, rig, edition, "place_free")
        return True
    await handing_on.withdraw(work, sign_up)
    return await sign_ups.cancel_sign_up(work, rig, edition, sign_up, by=DESK)


async def hand_on(
    rig: Rig, organisation_id: str, edition_id: str, sign_up_id: str, who: Named, form_id: str
) -> None:
    """Ask somebody to come instead of a colleague, who keeps the place meanwhile.

    Raises `NotFound`, `NothingToHandOn`, `SamePerson` or `AskedOften`.
    """
    wish_id = within(form_id, sign_up_id)

    async def ask(work: Work, new: str, key: bytes) -> bool:
        edition, sign_up = await _lock_theirs(work, organisation_id, edition_id, sign_up_id)
        return await handing_on.ask_successor(work, rig, edition, sign_up, who, wish_id, new, key)

    async with rig.service.database.writing() as work:
        await _lock_theirs(work, organisation_id, edition_id, sign_up_id)  # before a key is made
    await ask_once(rig, wish_id, ask)


async def keep(work: Work, organisation_id: str, edition_id: str, sign_up_id: str) -> bool:
    """The colleague comes after all; whether somebody else had been asked."""
    _, sign_up = await _lock_theirs(work, organisation_id, edition_id, sign_up_id)
    return await handing_on.withdraw(work, sign_up)
