"""A toy research or intake in a process of its own, for tests that kill it."""

import asyncio
import sys
from pathlib import Path

from cri_shared.db import Work
from cri_shared.events.intake import QuestionCleared

from tests.shared.toy import build, keep_effect


async def run(service: str, url: str, nats_url: str, mark: Path) -> None:
    """Run until killed; `stuck` is written to `mark` once and then never finished."""

    async def handler(event: QuestionCleared, work: Work) -> None:
        await keep_effect(event, work)
        if event.text == "stuck":
            mark.write_text("reached")
            await asyncio.Event().wait()

    toy = build(service, url, nats_url, handler)
    toy.bus.start()
    while True:
        if toy.bus.relay.leading:
            mark.with_suffix(".leads").touch()
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:4], Path(sys.argv[4])))  # type: ignore[call-arg]
