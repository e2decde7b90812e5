"""Asking for proof: what somebody filled in is kept sealed, and a mail goes to the address."""

import datetime as dt
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

from cri_shared import clock
from cri_shared.db import Work, new_id
from cri_shared.identity.secrets import new_token, token_hash
from cri_shared.mail import Mail
from cri_shared.privacy.blind_index import email_index
from cri_shared.privacy.vault import SealedText
from cri_shared.web.i18n import Words
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from cri_training.actions.organisations import name_index
from cri_training.actions.seats import end_of
from cri_training.letters import proof_mail
from cri_training.models import Edition, SignUp
from cri_training.rig import KEY_KIND, Rig

MAILS_PER_HOUR = 3
EQUIVALENT = "equivalent"
Write = Callable[[Words, Edition, str, str, str], Mail]  # words, edition, address, link, code
Ask = Callable[[Work, str, bytes], Awaitable[bool]]  # work, id and key of the new sign-up


@dataclass(frozen=True)
class Details:
    """Who somebody is, as they wrote it; sealed under their own key wherever it rests."""

    name: str
    organisation: str
    email: str


@dataclass(frozen=True)
class Named:
    """Somebody whose name and address another person wrote."""

    name: str
    email: str
    language: str


@dataclass(frozen=True)
class Wish:
    """What somebody filled in, for themselves or for a colleague.

    `form_id` makes it one wish however often its form is sent. `needs` and what is `equivalent` to
    a workshop that is asked for first are sealed apart from who it is; `claim` says "attended",
    "expected" or "equivalent". `takes_over` is the sign-up whose place it gets.
    """

    details: Details
    language: str
    form_id: str
    role: str | None = None
    needs: str | None = None
    claim: str | None = None
    equivalent: str | None = None
    takes_over: str | None = None
    organisation_id: str | None = None
    group_id: str | None = None
    keep_together: bool = False

    @property
    def is_named(self) -> bool:
        """Whether somebody else wrote it, so that the person may hear of it late."""
        return self.takes_over is not None or self.group_id is not None


def sealed_for(key: bytes, sign_up_id: str) -> SealedText:
    """Seals and opens what belongs to one sign-up."""
    return SealedText(key, f"{KEY_KIND}:{sign_up_id}")


def details_in(sealed: SealedText, sign_up: SignUp) -> Details:
    """Who it is."""
    assert sign_up.details_sealed is not None
    return Details(**json.loads(sealed.open("details", sign_up.details_sealed)))


def seal_details(sealed: SealedText, sign_up: SignUp, details: Details, needs: str | None) -> None:
    """Keep who it is, and apart from that what they need."""
    sign_up.details_sealed = sealed.seal("details", json.dumps(asdict(details)))
    sign_up.needs_sealed = sealed.seal("needs", needs) if needs else None


def needs_in(sealed: SealedText, sign_up: SignUp) -> str | None:
    """What they need to take part well, while it is kept."""
    return sealed.open("needs", sign_up.needs_sealed) if sign_up.needs_sealed else None


def seal_claim(
    sealed: SealedText, sign_up: SignUp, claim: str | None, equivalent: str | None
) -> None:
    """Keep what they say of the workshop that is asked for first."""
    said = equivalent if claim == EQUIVALENT else None
    sign_up.claim = claim
    sign_up.claim_sealed = sealed.seal("claim", said) if said else None


def claim_in(sealed: SealedText, sign_up: SignUp) -> str | None:
    """What they say is equivalent, until it is decided."""
    return sealed.open("claim", sign_up.claim_sealed) if sign_up.claim_sealed else None


def code_mac(rig: Rig, sign_up_id: str, code: str) -> bytes:
    """How a six-digit code is kept."""
    return hmac.digest(rig.code_secret, f"{sign_up_id}:{code}".encode(), "sha256")


async def may_mail(work: Work, rig: Rig, edition_id: str, email: str) -> bool:
    """Whether an address may get another mail: nobody floods a stranger through our form."""
    since = clock.now() - dt.timedelta(hours=1)
    recent = select(func.count()).where(
        SignUp.edition_id == edition_id,
        SignUp.email_index == email_index(rig.email_secret, email),
        SignUp.requested_at > since,
    )
    return (await work.session.execute(recent)).scalar_one() < MAILS_PER_HOUR


async def ask_for_proof(
    work: Work,
    rig: Rig,
    edition: Edition,
    wish: Wish,
    sign_up_id: str,
    key: bytes,
    *,
    write: Write = proof_mail,
) -> bool:
    """Keep a wish, sealed, and mail a link and a code; whether the address may get a mail now."""
    email = wish.details.email
    if not await may_mail(work, rig, edition.edition_id, email):
        return False
    token, code = new_token(), f"{secrets.randbelow(10**6):06d}"
    sign_up = SignUp(
        sign_up_id=sign_up_id,
        edition_id=edition.edition_id,
        edition_ends_at=await end_of(work, edition.edition_id),
        form_id=wish.form_id,
        email_index=email_index(rig.email_secret, email),
        language=wish.language,
        role=wish.role,
        claim=wish.claim,
        takes_over=wish.takes_over,
        organisation_id=wish.organisation_id,
        organisation_index=name_index(rig, wish.details.organisation),
        group_id=wish.group_id,
        keep_together=wish.keep_together,
        link_hash=token_hash(token),
        code_mac=code_mac(rig, sign_up_id, code),
        requested_at=clock.now(),
        proof_until=clock.now() + (rig.policy.named if wish.is_named else rig.policy.proof),
    )
    sealed = sealed_for(key, sign_up_id)
    seal_details(sealed, sign_up, wish.details, wish.needs)
    seal_claim(sealed, sign_up, wish.claim, wish.equivalent)
    work.session.add(sign_up)
    await work.session.flush()
    link = f"{rig.settings.public_url}/{wish.language}/sign-up/confirm/{token}"
    mail = write(rig.words[wish.language], edition, email, link, code)
    await rig.service.post.post(work, mail)
    return True


async def ask_once(rig: Rig, form_id: str, ask: Ask) -> str:
    """Make a sign-up under a key of its own; gives its id, which may be one that is not kept.

    The same form gives the sign-up that it made before, also when it came twice at once.
    """
    sign_up_id, asked = new_id(), False
    key = await rig.keys.create(KEY_KIND, sign_up_id)
    try:
        async with rig.service.database.writing() as work:
            before = await _of_form(work, form_id)
            asked = before is None and await ask(work, sign_up_id, key)
        return before or sign_up_id
    except IntegrityError:
        asked = False
        async with rig.service.database.writing() as work:
            before = await _of_form(work, form_id)
        if before is None:
            raise
        return before
    finally:
        if not asked:
            await rig.keys.destroy(KEY_KIND, sign_up_id)


def within(form_id: str, part: str) -> str:
    """The id of one of several wishes that a form makes, or of a form of another page."""
    return token_hash(f"{form_id} {part}")[:32]


async def _of_form(work: Work, form_id: str) -> str | None:
    made = select(SignUp.sign_up_id).where(SignUp.form_id == form_id)
    return (await work.session.execute(made)).scalar_one_or_none()
