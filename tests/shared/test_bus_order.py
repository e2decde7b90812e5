"""Several processes hear for one service: each thing keeps its order, and has each effect once."""

import asyncio
import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from cri_shared.bus import consumer as consumer_module
from cri_shared.bus import turns as turns_module
from cri_shared.db import Work
from cri_shared.errors import NotFound, Unavailable
from cri_shared.events.headers import AFTER
from cri_shared.events.intake import QuestionCleared
from cri_shared.testing.waiting import eventually
from sqlalchemy import delete, select

from tests.shared.toy import Toy, cleared, effects, keep_effect, messaging, prepared, started

pytestmark = pytest.mark.nats


async def told(toy: Toy) -> list[tuple[str, str]]:
    """(research id, text) of each effect, in the order of the commits."""
    async with toy.database.reading() as session:
        rows = await session.execute(
            select(effects.c.research_id, effects.c.text).order_by(effects.c.id)
        )
        return [(row.research_id, row.text) for row in rows]


def seen(toy: Toy, texts: list[str]) -> Callable[[], object]:
    async def there() -> bool:
        return [text for _id, text in await told(toy)] == texts

    return there


async def test_three_hearers_share_the_work_and_keep_the_order_of_each_thing(
    nats_url: str, database_url: str, hearer_url: str
) -> None:
    dice = random.Random(3)
    busy: set[int] = set()

    def hearer(number: int) -> Callable[[QuestionCleared, Work], object]:
        async def slow(event: QuestionCleared, work: Work) -> None:
            busy.add(number)
            for _ in range(dice.randrange(20)):
                await asyncio.sleep(0)
            await keep_effect(event, work)

        return slow

    async with AsyncExitStack() as house:
        intake = await house.enter_async_context(started("intake", database_url, nats_url))
        hearers = [
            await house.enter_async_context(
                started("research", hearer_url, nats_url, hearer(number))  # type: ignore[arg-type]
            )
            for number in range(3)
        ]
        await eventually(lambda: all(one.bus.connected for one in hearers), what="connected")
        for text in range(30):
            await intake.append(*(cleared(f"q{n}", f"{text:02}") for n in range(6)))

        async def all_there() -> bool:
            return len(await told(hearers[0])) == 180

        await eventually(all_there, timeout=60, what="180 effects")
        for number in range(6):
            texts = [text for about, text in await told(hearers[0]) if about == f"q{number}"]
            assert texts == [f"{text:02}" for text in range(30)]
    assert busy == {0, 1, 2}


async def test_what_must_be_tried_again_holds_back_only_what_is_about_the_same(
    nats_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "BACKOFF_SECONDS", (0.3,))
    monkeypatch.setattr(consumer_module, "TURN_SECONDS", 0.1)
    tries = 0

    async def unsure(event: QuestionCleared, work: Work) -> None:
        nonlocal tries
        if event.text == "first":
            tries += 1
            if tries < 4:
                raise Unavailable
        await keep_effect(event, work)

    async with (
        started("intake", f"sqlite+aiosqlite:///{tmp_path}/a.db", nats_url) as intake,
        started("research", f"sqlite+aiosqlite:///{tmp_path}/b.db", nats_url, unsure) as research,
    ):
        await intake.append(cleared("one", "first"), cleared("one", "second"))
        await intake.append(cleared("other", "third"))
        await eventually(seen(research, ["third", "first", "second"]), timeout=30, what="in order")
        assert await research.dead() == 0


async def test_a_dead_letter_holds_nothing_back(nats_url: str, tmp_path: Path) -> None:
    async def picky(event: QuestionCleared, work: Work) -> None:
        if event.text == "bad":
            raise NotFound
        await keep_effect(event, work)

    async with (
        started("intake", f"sqlite+aiosqlite:///{tmp_path}/a.db", nats_url) as intake,
        started("research", f"sqlite+aiosqlite:///{tmp_path}/b.db", nats_url, picky) as research,
    ):
        await intake.append(cleared("one", "bad"), cleared("one", "good"))
        await eventually(seen(research, ["good"]), what="the good one")
        assert await research.dead() == 1


async def test_what_never_comes_is_not_waited_for_without_end(
    nats_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "TURN_SECONDS", 0.05)
    monkeypatch.setattr(consumer_module, "BACKOFF_SECONDS", (0.1,))
    monkeypatch.setattr(turns_module, "LOST_SECONDS", 0.3)
    outbox = messaging.outbox
    async with (
        prepared("intake", f"sqlite+aiosqlite:///{tmp_path}/a.db", nats_url) as intake,
        started("research", f"sqlite+aiosqlite:///{tmp_path}/b.db", nats_url) as research,
    ):
        await intake.append(cleared("one", "lost"), cleared("one", "found"))
        async with started("intake", intake.database.url, nats_url) as relaying:
            await eventually(relaying.all_left, what="numbered")
        async with intake.database.writing() as work:
            row = (await work.session.execute(select(outbox).order_by(outbox.c.id.desc()))).first()
            assert row is not None
            assert row.headers[AFTER] == "cri.intake.question.cleared.v1=1"
        await eventually(seen(research, ["lost", "found"]), what="both")
        # A third that says it comes after one that research never had.
        async with intake.database.writing() as work:
            await work.emit(cleared("one", "third"))
        async with research.database.writing() as work:
            await work.session.execute(delete(messaging.inbox).where(messaging.inbox.c.number == 2))
        async with started("intake", intake.database.url, nats_url):
            await eventually(seen(research, ["lost", "found", "third"]), what="the third")
