"""The API for webhooks: an organisation hears that a question of its own has another status."""

from typing import Annotated, Any

from cri_shared.errors import Invalid, NotFound
from cri_shared.privacy.classes import C1
from cri_shared.web.openapi import api_router, problems
from pydantic import BaseModel, ConfigDict, Field

from cri_intake.actions import webhooks
from cri_intake.actions.webhooks import TargetRefused, WebhookExists, WebhookOff
from cri_intake.api.once import Reader
from cri_intake.api.shapes import Delivery, WebhookMade, WebhookOut, WebhookRemoved
from cri_intake.models import Notice, Webhook
from cri_intake.queries import webhooks as found
from cri_intake.queries.keys import KeyLacksScope, KeyUnknown
from cri_intake.rig import InRig
from cri_intake.rules.webhooks import LONGEST_URL, shown

router = api_router()


class WebhookUrl(BaseModel):
    """Where to tell of changes."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[
        str,
        Field(
            min_length=1,
            max_length=LONGEST_URL,
            description="a public server of yours, by https",
            examples=["https://cases.ngo.example/hooks/cri"],
        ),
        C1,
    ]


@router.post(
    "/webhooks",
    status_code=201,
    response_model=WebhookMade,
    responses=problems(KeyUnknown, KeyLacksScope, Invalid, TargetRefused, WebhookExists),
)
async def register_webhook(rig: InRig, holder: Reader, wanted: WebhookUrl) -> dict[str, Any]:
    """Hear from now on when one of your questions has another status; you have one webhook.

    The secret is shown this once, or again to the very same request within ten minutes.
    """
    async with rig.service.database.writing() as work:
        made = await webhooks.register(
            work, rig, holder.organisation_id, wanted.url, by=holder.key_id
        )
    return _told(made) | {"secret": shown(webhooks.secret_of(rig, made))}


@router.get(
    "/webhooks",
    response_model=list[WebhookOut],
    responses=problems(KeyUnknown, KeyLacksScope),
)
async def list_webhooks(rig: InRig, holder: Reader) -> list[dict[str, Any]]:
    """Your webhook, if you have one, and whether it is switched on."""
    async with rig.service.database.reading() as session:
        known = await found.webhook_of(session, holder.organisation_id)
    return [_told(known)] if known else []


@router.delete(
    "/webhooks/{webhook_id}",
    response_model=WebhookRemoved,
    responses=problems(KeyUnknown, KeyLacksScope, NotFound),
)
async def remove_webhook(rig: InRig, holder: Reader, webhook_id: str) -> dict[str, str]:
    """Take your webhook away: nothing more is sent, and its secret is worth nothing."""
    async with rig.service.database.writing() as work:
        webhook = await found.own_webhook(work.session, holder.organisation_id, webhook_id)
        await webhooks.remove(work, webhook, by=holder.key_id)
    return {"status": "removed"}


@router.post(
    "/webhooks/{webhook_id}/test",
    status_code=202,
    response_model=Delivery,
    responses=problems(KeyUnknown, KeyLacksScope, NotFound, WebhookOff),
)
async def test_webhook(rig: InRig, holder: Reader, webhook_id: str) -> dict[str, Any]:
    """Have one message of type `webhook.test` sent, signed like any other, and not sent again.

    What became of it stands among the deliveries, seconds later.
    """
    async with rig.service.database.writing() as work:
        webhook = await found.own_webhook(work.session, holder.organisation_id, webhook_id)
        notice = await webhooks.try_out(work, webhook, by=holder.key_id)
    return _delivery(notice)


@router.get(
    "/webhooks/{webhook_id}/deliveries",
    response_model=list[Delivery],
    responses=problems(KeyUnknown, KeyLacksScope, NotFound),
)
async def list_deliveries(rig: InRig, holder: Reader, webhook_id: str) -> list[dict[str, Any]]:
    """The last fifty messages and how their delivery went, newest first."""
    async with rig.service.database.reading() as session:
        webhook = await found.own_webhook(session, holder.organisation_id, webhook_id)
        notices = await found.notices_of(session, webhook)
    return [_delivery(notice) for notice in notices]


def _told(webhook: Webhook) -> dict[str, Any]:
    return {
        "webhook_id": webhook.webhook_id,
        "url": webhook.url,
        "made_at": webhook.made_at.isoformat(),
        "off_at": webhook.off_at.isoformat() if webhook.off_at else None,
        "off_why": webhook.off_why,
    }


def _delivery(notice: Notice) -> dict[str, Any]:
    return {
        "message_id": notice.notice_id,
        "question_id": notice.question_id,
        "status": notice.status,
        "made_at": notice.made_at.isoformat(),
        "tries": notice.tries,
        "answered": notice.answered,
        "trouble": notice.trouble,
        "delivered_at": notice.delivered_at.isoformat() if notice.delivered_at else None,
    }
