"""Webhooks as their organisations and operators see them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.models import Notice, Webhook
from cri_intake.queries.organisations import NotTheirs

SHOWN = 50


async def webhook_of(session: AsyncSession, organisation_id: str) -> Webhook | None:
    """The webhook of an organisation, or None."""
    rows = select(Webhook).where(Webhook.organisation_id == organisation_id)
    return (await session.execute(rows)).scalar_one_or_none()


async def own_webhook(session: AsyncSession, organisation_id: str, webhook_id: str) -> Webhook:
    """An organisation's own webhook; raises `NotTheirs` for another's as for none."""
    webhook = await session.get(Webhook, webhook_id)
    if webhook is None or webhook.organisation_id != organisation_id:
        raise NotTheirs(organisation_id)
    return webhook


async def notices_of(session: AsyncSession, webhook: Webhook) -> Sequence[Notice]:
    """Its last messages, newest first."""
    rows = select(Notice).where(Notice.webhook_id == webhook.webhook_id)
    newest = rows.order_by(Notice.made_at.desc(), Notice.notice_id).limit(SHOWN)
    return (await session.execute(newest)).scalars().all()
