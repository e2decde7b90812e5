"""Webhooks of organisations: registered, told of a status, switched off, taken away."""

import datetime as dt
import hmac
from collections.abc import Sequence

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.errors import Invalid, Refusal
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from cri_shared.mail import Mail
from cri_shared.outside import Network, networks
from cri_shared.words import N_
from sqlalchemy import delete, select, update

from cri_intake.models import Case, Notice, PartnerOrganisation, Webhook
from cri_intake.queries.webhooks import webhook_of
from cri_intake.rig import Rig
from cri_intake.rules import Status
from cri_intake.rules.webhooks import SHOWN_MINUTES, TRIAL, TWO_CLICKS, is_target

AT_ONCE = 100  # notices in one transaction
SUBJECT = N_("Your CRI webhook is switched off")
TRIED = N_("A test message is on its way. In a few seconds it stands among the last messages.")
NO_WEBHOOK = N_("There is no webhook. A program registers one through the API.")
OFF = N_(
    "Hello,\n\nwe could not deliver to the webhook of %(name)s for a day, and switched it off.\n"
    "Take it away through the API and register it again when it works.\n"
    "GET /api/v1/questions tells you what changed meanwhile.\n"
)


class TargetRefused(Invalid):
    """Webhooks go to public servers by https."""

    slug = "webhook-target-refused"
    message = N_("Give the address of a public server, with https and without a password.")


class WebhookExists(Refusal):
    """An organisation has one webhook."""

    slug = "webhook-exists"
    message = N_("You have a webhook already. Take it away first.")


class WebhookOff(Refusal):
    """A webhook that is switched off gets no messages."""

    slug = "webhook-off"
    message = N_("This webhook is switched off. Take it away and register it again.")


def own_networks(rig: Rig) -> Sequence[Network]:
    """The networks within which targets may lie although they are not public."""
    return networks(rig.settings.webhook_networks)


def secret_of(rig: Rig, webhook: Webhook) -> bytes:
    """With which the messages of a webhook are signed."""
    key = rig.service.ring.secret("webhooks")
    return hmac.digest(key, webhook.webhook_id.encode(), "sha256")


async def register(work: Work, rig: Rig, organisation_id: str, url: str, *, by: str) -> Webhook:
    """Let an organisation hear of changes from now on; the same request again is the first one.

    Raises `TargetRefused`, or `WebhookExists`.
    """
    if not is_target(url, own_networks(rig)):
        raise TargetRefused
    own = PartnerOrganisation.organisation_id == organisation_id
    await work.session.execute(select(PartnerOrganisation).where(own).with_for_update())
    known = await webhook_of(work.session, organisation_id)
    if known is not None:
        shown_until = known.made_at + dt.timedelta(minutes=SHOWN_MINUTES)
        if known.url != url or known.off_at is not None or clock.now() > shown_until:
            raise WebhookExists
        return known
    webhook = Webhook(organisation_id=organisation_id, url=url, made_at=clock.now())
    work.session.add(webhook)
    told = update(Case).where(Case.organisation_id == organisation_id)
    await work.session.execute(told.values(told=Case.status))
    await work.session.flush()
    await audit.note(work, "webhook.registered", organisation_id, by=by)
    return webhook


async def remove(work: Work, webhook: Webhook, *, by: str) -> None:
    """Take a webhook away, with what still waits for it."""
    await work.session.execute(delete(Webhook).where(Webhook.webhook_id == webhook.webhook_id))
    await audit.note(work, "webhook.removed", webhook.organisation_id, by=by)


async def switch_off(
    work: Work, rig: Rig, webhook: Webhook, why: str, *, by: Staff | None = None
) -> None:
    """Send nothing more to a webhook; the organisation is told, unless an operator did it."""
    if not webhook.switch_off(why):
        return
    waiting = update(Notice).where(Notice.webhook_id == webhook.webhook_id)
    await work.session.execute(waiting.values(due_at=None))
    await audit.note(work, "webhook.switched_off", webhook.organisation_id, by=by, why=why)
    organisation = await work.session.get(PartnerOrganisation, webhook.organisation_id)
    if by is None and organisation is not None and organisation.email:
        words = rig.words(organisation.language)
        text = words.gettext(OFF, name=organisation.name)
        await rig.service.post.post(work, Mail(organisation.email, words.gettext(SUBJECT), text))


async def try_out_of(work: Work, organisation_id: str, *, by: Staff) -> str:
    """Try the webhook of an organisation out, where it has one: what to say of it.

    Raises `WebhookOff`.
    """
    webhook = await webhook_of(work.session, organisation_id)
    if webhook is None:
        return NO_WEBHOOK
    await try_out(work, webhook, by=by)
    return TRIED


async def try_out(work: Work, webhook: Webhook, *, by: Staff | str) -> Notice:
    """Send one message that tells of no question; a second click is the same one.

    Raises `WebhookOff`.
    """
    this = Webhook.webhook_id == webhook.webhook_id
    await work.session.execute(select(Webhook).where(this).with_for_update())
    if webhook.off_at is not None:
        raise WebhookOff
    own = (Notice.webhook_id == webhook.webhook_id) & Notice.question_id.is_(None)
    just_now = Notice.made_at > clock.now() - TWO_CLICKS
    again = select(Notice).where(own, just_now | Notice.due_at.is_not(None)).limit(1)
    known = (await work.session.execute(again)).scalar_one_or_none()
    if known is None:
        known = _add(work, webhook.webhook_id, None, TRIAL)
        await work.session.flush()
        await audit.note(work, "webhook.tried", webhook.organisation_id, by=by)
    return known


async def notice_changes(work: Work) -> None:
    """Write a notice for each question whose organisation was told another status last.

    What changed twice meanwhile is told once: the status that it has now.
    """
    on = select(Webhook.organisation_id, Webhook.webhook_id).where(Webhook.off_at.is_(None))
    listening = {row[0]: row[1] for row in (await work.session.execute(on)).all()}
    if not listening:
        return
    # Their ids alone, which stand in the index of these few: PostgreSQL takes nearly all cases for
    # such, and to look at rows it would go through all that an organisation ever had.
    untold = select(Case.question_id).where(
        Case.organisation_id.in_(listening), Case.told.is_distinct_from(Case.status)
    )
    ids = (await work.session.execute(untold.limit(AT_ONCE))).scalars().all()
    if not ids:
        return
    changed = select(Case).where(Case.question_id.in_(ids))
    for case in (await work.session.execute(changed)).scalars().all():
        assert case.organisation_id is not None  # the query says so
        this = (Case.question_id == case.question_id) & (Case.status == case.status)
        await work.session.execute(update(Case).where(this).values(told=case.status))
        _add(work, listening[case.organisation_id], case.question_id, case.status)


async def notice_erased(work: Work, case: Case) -> None:
    """The organisation hears that a question of its own is erased: its row says so no more."""
    if case.organisation_id is None:
        return
    webhook = await webhook_of(work.session, case.organisation_id)
    if webhook is not None and webhook.off_at is None:
        _add(work, webhook.webhook_id, case.question_id, Status.ERASED)


def _add(work: Work, webhook_id: str, question_id: str | None, status: str) -> Notice:
    now = clock.now()
    notice = Notice(webhook_id=webhook_id, question_id=question_id, status=status)
    notice.made_at = notice.due_at = now
    work.session.add(notice)
    return notice
