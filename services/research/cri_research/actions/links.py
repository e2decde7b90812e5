"""Links: the secret that opens one assignment, the mail that carries it, the session behind it."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cri_shared import clock
from cri_shared.db import Work, new_id
from cri_shared.identity.secrets import new_token, token_hash
from cri_shared.mail import Mail
from cri_shared.words import N_
from sqlalchemy import or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from cri_research.models import Assignment, Partner, PartnerSession, SecretLink
from cri_research.queries import partners
from cri_research.rig import Rig

# Ten of these are 49 bits, and only the service's secret can turn a stored hash into a try.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 10

SUBJECT = N_("A message for you")
DISPATCHED = N_("There is something for you to read.")
REMINDED = N_("This is a reminder. We look forward to hearing from you.")
DUE = N_("We wait for word from you today.")
LATE = N_("The day has passed. You can still write to us.")
RETURNED = N_("Thank you for what you sent. We need one thing more.")
CLARIFIED = N_("There is a reply for you to read.")
MOVED = N_("You have more time.")
TIME_REFUSED = N_("We cannot give you more time.")
RENEWED = N_("Here is a new link. The one before does not open any more.")
_OPEN_PAGE = N_("Open this page:")
_OR_TYPE = N_("Or go to this page and type the code:")
_CODE = N_("Code:")
_BY_DAY = N_("Before the end of:")
_FOR_YOU = N_(
    "The link is for you alone. Do not send it on. Delete this message when you are done."
)


@dataclass(frozen=True)
class Secrets:
    """What opens an assignment, known only now: the link's token and the code to type."""

    token: str
    code: str


async def issue(work: Work, rig: Rig, assignment: Assignment) -> Secrets:
    """A new link for an assignment: the one before opens no new page, but an open page stays.

    Who writes an answer while a reminder is on its way goes on writing.
    """
    await _mark(work, [assignment.assignment_id], SecretLink.superseded_at)
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    new = Secrets(new_token(), code)
    work.session.add(
        SecretLink(
            link_id=new_id(),
            assignment_id=assignment.assignment_id,
            token_hash=token_hash(new.token),
            code_hash=rig.code_hash(code),
            issued_at=clock.now(),
        )
    )
    return new


async def revoke(work: Work, assignment_ids: Sequence[str]) -> None:
    """Let no link to these assignments open anything, and end their sessions."""
    await _mark(work, assignment_ids, SecretLink.revoked_at)


async def _mark(
    work: Work, assignment_ids: Sequence[str], end: InstrumentedAttribute[dt.datetime | None]
) -> None:
    await work.session.execute(
        update(SecretLink)
        .where(SecretLink.assignment_id.in_(assignment_ids), end.is_(None))
        .values({end: clock.now()})
    )


async def send(work: Work, rig: Rig, assignment: Assignment, lead: str) -> None:
    """Mail the partner a new link: neutral, without a word of the question.

    `lead` is one of the sentences of this module.
    """
    await work.session.flush()
    partner = await partners.partner_of(work.session, assignment.partner_id)
    identity = await partners.identity_of(rig, partner)
    fresh = await issue(work, rig, assignment)
    mail = _letter(rig, partner, assignment.due_on, fresh, lead)
    await rig.service.post.post(work, Mail(identity.email, *mail))


def _letter(
    rig: Rig, partner: Partner, due_on: dt.date, fresh: Secrets, lead: str
) -> tuple[str, str]:
    words = rig.words[partner.page_language]
    door = f"{rig.settings.public_url}/{words.language}/partner"
    say = words.gettext
    lines = [
        say(lead),
        "",
        say(_OPEN_PAGE),
        f"{door}#{fresh.token}",
        "",
        say(_OR_TYPE),
        door,
        f"{say(_CODE)} {shown_code(fresh.code)}",
        "",
        f"{say(_BY_DAY)} {words.long_date(due_on)}",
        "",
        say(_FOR_YOU),
        "",
    ]
    return say(SUBJECT), "\n".join(lines)


def shown_code(code: str) -> str:
    """A code in two groups, as people read it."""
    return f"{code[:5]}-{code[5:]}"


def read_code(typed: str) -> str:
    """A typed code without the spaces, dashes and small letters that people add."""
    return "".join(c for c in typed.upper() if c.isalnum())


class Opened(NamedTuple):
    """A session's token, or None; and the assignment of the link, where there is one."""

    session: str | None
    assignment_id: str | None = None


async def exchange(work: Work, rig: Rig, *, token: str, code: str) -> Opened:
    """A session for a link's token or a typed code.

    Unknown, expired, revoked and worn-out links are all the same to who asks.
    """
    given = [SecretLink.token_hash == token_hash(token)] if token else []
    if code:
        given.append(SecretLink.code_hash == rig.code_hash(read_code(code)))
    if not given:
        return Opened(None)
    found = (
        select(SecretLink, Assignment, Partner)
        .join(Assignment, Assignment.assignment_id == SecretLink.assignment_id)
        .join(Partner, Partner.partner_id == Assignment.partner_id)
        .where(or_(*given))
        .with_for_update(of=SecretLink)
    )
    row = (await work.session.execute(found)).first()
    if row is None:
        return Opened(None)
    link, assignment, partner = row
    if not link.exchange(assignment):
        return Opened(None, assignment.assignment_id)
    session = new_token()
    work.session.add(
        PartnerSession(
            token_hash=token_hash(session),
            link_id=link.link_id,
            assignment_id=assignment.assignment_id,
            opened_at=clock.now(),
            pin_passed=partner.risk != "high",
        )
    )
    return Opened(session, assignment.assignment_id)


async def try_pin(work: Work, rig: Rig, token: str, pin: str) -> bool:
    """Whether this is the PIN of the session's partner; the fifth wrong one ends the link."""
    found = (
        select(PartnerSession, SecretLink, Assignment, Partner)
        .join(SecretLink, SecretLink.link_id == PartnerSession.link_id)
        .join(Assignment, Assignment.assignment_id == PartnerSession.assignment_id)
        .join(Partner, Partner.partner_id == Assignment.partner_id)
        .where(PartnerSession.token_hash == token_hash(token))
        .with_for_update(of=SecretLink)
    )
    row = (await work.session.execute(found)).first()
    if row is None or not row[1].opens(row[2]):
        return False
    session, link, _assignment, partner = row
    given = rig.pin_hash(partner.partner_id, "".join(c for c in pin if c.isdigit()))
    if not secrets.compare_digest(given, partner.pin_hash or b""):
        link.miss_pin()
        return False
    session.pin_passed = True
    return True


async def close_session(work: Work, token: str) -> None:
    """The partner closes the page."""
    session = await work.session.get(PartnerSession, token_hash(token))
    if session is not None:
        await work.session.delete(session)
