"""Sends what waits for webhooks: several at a time, beside all other work, until each arrived."""

import asyncio
import json
import ssl
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.observe import log
from cri_shared.outside import NoPublicAddress, address_of
from sqlalchemy import select

from cri_intake.actions import webhooks
from cri_intake.models import Notice, Webhook
from cri_intake.rig import Rig
from cri_intake.rules.webhooks import GONE, signed

AT_ONCE = 20
SECONDS = 10.0  # for one delivery, from the look at the name to the answer


@dataclass(frozen=True)
class Letter:
    """One message as it leaves."""

    notice_id: str
    url: str
    secret: bytes
    body: bytes

    def headers(self) -> dict[str, str]:
        """Those of Standard Webhooks, for this moment."""
        moment = int(clock.now().timestamp())
        return {
            "Content-Type": "application/json",
            "User-Agent": "CRI",
            "webhook-id": self.notice_id,
            "webhook-timestamp": str(moment),
            "webhook-signature": signed(self.secret, self.notice_id, moment, self.body),
        }


class Courier:
    """Posts notices that are due, and writes down how each went."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._under_way: set[asyncio.Task[None]] = set()

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        """The authorities that this machine trusts."""
        return ssl.create_default_context()

    async def look(self, work: Work) -> None:
        """Write what changed, and send what is due once that is durable."""
        await webhooks.notice_changes(work)
        await work.session.flush()
        due = (
            select(Notice, Webhook)
            .join(Webhook, Webhook.webhook_id == Notice.webhook_id)
            .where(Notice.due_at <= clock.now(), Webhook.off_at.is_(None))
            .order_by(Notice.due_at)
            .limit(max(AT_ONCE - len(self._under_way), 0))
        )
        for notice, webhook in (await work.session.execute(due)).all():
            notice.begin()
            letter = self._letter(notice, webhook)
            work.after_commit(lambda letter=letter: self._start(letter))  # type: ignore[misc]

    async def close(self) -> None:
        """Let nothing be under way; what did not arrive is sent again after its lease."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def arrived(self) -> None:
        """Wait until nothing is under way."""
        while self._under_way:
            await asyncio.gather(*self._under_way, return_exceptions=True)

    def _letter(self, notice: Notice, webhook: Webhook) -> Letter:
        data = {"question_id": notice.question_id, "status": notice.status}
        told = {
            "type": "webhook.test" if notice.is_trial else "question.status_changed",
            "timestamp": notice.made_at.isoformat(),
            "data": {} if notice.is_trial else data,
        }
        secret = webhooks.secret_of(self._rig, webhook)
        return Letter(notice.notice_id, webhook.url, secret, json.dumps(told).encode())

    def _start(self, letter: Letter) -> None:
        task = asyncio.create_task(self._deliver(letter), name="webhook")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _deliver(self, letter: Letter) -> None:
        try:
            async with asyncio.timeout(SECONDS):
                status, trouble = await self._post(letter), None
        except NoPublicAddress:
            status, trouble = None, "no-address"
        except TimeoutError:
            status, trouble = None, "too-slow"
        except OSError:
            status, trouble = None, "no-connection"
        try:
            async with self._rig.service.database.writing() as work:
                await self._write_down(work, letter.notice_id, status, trouble)
        except Exception as failure:  # the edge of the courier: it is sent again after its lease
            log.warning("webhook.not_written", error=type(failure).__name__)

    async def _post(self, letter: Letter) -> int:
        """The status of the answer; raises `OSError` or `NoPublicAddress`.

        The connection goes to the address that was looked at: a name that leads elsewhere a moment
        later changes nothing. Redirects are answers like others, and nobody follows them.
        """
        import httpx  # at the first use: few processes have a webhook to call

        parts = urlsplit(letter.url)
        host = parts.hostname or ""
        there = await address_of(host, webhooks.own_networks(self._rig))
        named = f"[{there}]" if ":" in there else there
        url = httpx.URL(letter.url).copy_with(host=named)
        headers = letter.headers() | {"Host": parts.netloc}
        try:
            async with (
                httpx.AsyncClient(verify=self._trusted, timeout=SECONDS, trust_env=False) as client,
                client.stream(
                    "POST",
                    url,
                    content=letter.body,
                    headers=headers,
                    extensions={"sni_hostname": host},
                ) as answer,
            ):
                return answer.status_code
        except httpx.HTTPError as failed:
            raise ConnectionError from failed

    async def _write_down(
        self, work: Work, notice_id: str, status: int | None, trouble: str | None
    ) -> None:
        notice = await work.session.get(Notice, notice_id)
        if notice is None:  # taken away meanwhile
            return
        if status is not None and 200 <= status < 300:
            notice.arrived(status)
            return
        given_up = notice.failed(status, trouble)
        if given_up or status == GONE:
            webhook = await work.session.get(Webhook, notice.webhook_id)
            assert webhook is not None  # a foreign key says so
            why = "gone" if status == GONE else "failed"
            await webhooks.switch_off(work, self._rig, webhook, why)
