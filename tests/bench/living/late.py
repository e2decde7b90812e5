"""What is known of an event that waits too long to leave, so that a report explains itself."""

import asyncio
import json
import re
from collections import Counter

import httpx
from cri_shared.testing.commands import ServiceProcess
from cri_shared.testing.nats import NatsServer

from tests.bench.living.watch import LONGEST
from tests.faults.verdict import rows_of

_OLDEST = (
    "SELECT subject, number, copies, created_at FROM outbox"
    " WHERE published_at IS NULL AND refused IS NULL ORDER BY created_at LIMIT 1"
)
_COMPLAINT = re.compile(r"\[ERR\] (.*)")
_MOST = 3  # kinds of warnings


class Lateness:
    """Finds out why events of one service wait, from its outbox, its health and two logs."""

    def __init__(self, process: ServiceProcess, nats: NatsServer) -> None:
        self._process = process
        self._nats = nats

    async def story(self) -> str:
        """The oldest event, how its relay is, what the service warned of, and NATS's last error."""
        oldest, relay = await asyncio.gather(self._oldest(), self._relay())
        warned = "its log: " + (warnings_in(self._process.log.read_text()) or "no warning")
        said = _COMPLAINT.findall(self._nats.log.read_text())
        nats = f"NATS: {said[-1][:LONGEST] if said else 'no error'}"
        return "; ".join((oldest, relay, warned, nats))

    async def _oldest(self) -> str:
        rows = await rows_of(self._process.database_url, _OLDEST)
        if not rows:
            return "it has left since"
        subject, number, copies, created_at = rows[0]
        given = "without a number" if number is None else f"number {number}"
        return f"{subject}, {given}, copy {copies}, of {created_at}"

    async def _relay(self) -> str:
        async with httpx.AsyncClient(timeout=10) as client:
            told = (await client.get(f"{self._process.url}/health/ready")).json()
        leads = "leads" if told.get("relay_leads") else "does not lead"
        return f"the relay {leads}; {', '.join(told['reasons']) or told['status']}"


def warnings_in(log: str) -> str:
    """What a service's log warned of, most often first; empty for nothing."""
    warned: Counter[str] = Counter()
    for line in log.splitlines():
        whole = line.startswith("{") and line.endswith("}")  # the last may still be written
        if whole and (told := json.loads(line))["level"] != "info":
            warned[" ".join(filter(None, (told["event"], told.get("error"))))] += 1
    return ", ".join(f"{times} x {what}" for what, times in warned.most_common(_MOST))
