"""One of several processes on one PostgreSQL that would publish its outbox or do its jobs."""

import asyncio
import sys
from pathlib import Path

import uvloop
from cri_shared.clockwork import Clockwork, Job
from cri_shared.db.database import Database
from cri_shared.testing.waiting import eventually

from tests.shared.toy import build

JOB_SECONDS = 0.005  # what a job waits for: an index that writes, a mail server that answers


def doing_jobs(database: Database) -> Clockwork:
    """A clockwork whose jobs wait for another part."""

    async def wait(job: Job) -> None:
        await asyncio.sleep(JOB_SECONDS)

    clockwork = Clockwork(database)
    clockwork.handles("count", wait)
    return clockwork


async def run(what: str, url: str, nats_url: str, ready: Path) -> None:
    """Be one of the processes until killed."""
    toy = build("intake", url, nats_url)
    if what == "jobs":
        doing_jobs(toy.database).start()
    else:
        toy.bus.start()
        await eventually(lambda: toy.bus.connected, what="connected")
    ready.touch()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(run(*sys.argv[1:4], Path(sys.argv[4])))  # type: ignore[call-arg]
