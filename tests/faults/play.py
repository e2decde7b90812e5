"""One fault run: questions come in, officers release them, and everything is killed meanwhile."""

import asyncio
import math
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from cri_shared.testing.waiting import eventually

from tests.faults.chaos import Chaos
from tests.faults.house import House
from tests.faults.people import Browser, add_partner, post_question, release
from tests.faults.verdict import Verdict, judge, look

OFFICERS = 3
PER_PARTNER = 40
SETTLE_SECONDS = 120.0


@dataclass
class Report:
    """What was driven, what was killed, and what was found afterwards."""

    questions: int
    seconds: float = 0.0
    heal_seconds: float = 0.0
    kills: dict[str, int] = field(default_factory=dict)
    tries_in_vain: dict[str, int] = field(default_factory=dict)
    replayed: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing was lost and nothing happened twice."""
        return not self.lost and not self.doubled

    def as_json(self) -> dict[str, Any]:
        """For `var/faults`."""
        return asdict(self)


@dataclass
class Crowd:
    """Who works in a run: an organisation and officers with browsers of their own."""

    house: House
    poster: Browser
    officers: list[Browser]
    replayed: int = 0

    @classmethod
    async def gather(cls, house: House, questions: int) -> "Crowd":
        """Sign officers in, and register partners with room for so many questions."""
        coordinator = await house.staff("research", "coordinator", "coordinator")
        for number in range(math.ceil(questions / PER_PARTNER)):
            await add_partner(coordinator, number)
        await coordinator.close()
        officers = [await house.staff("intake", "officer", f"officer{n}") for n in range(OFFICERS)]
        poster = Browser([one.url for one in house.services["intake"]])
        return cls(house, poster, officers)

    async def post(self, number: int) -> str:
        """Post a question; gives its id."""
        question_id, again = await post_question(self.poster, self.house.key, number)
        self.replayed += again
        self.house.posted.append(question_id)
        return question_id

    async def work(self, questions: int, rate: float) -> None:
        """Post questions at a rate and release each."""
        waiting: asyncio.Queue[str] = asyncio.Queue()
        first = len(self.house.posted)

        async def post(number: int) -> None:
            await asyncio.sleep(number / rate)
            waiting.put_nowait(await self.post(first + number))

        async def officer(browser: Browser) -> None:
            while True:
                await release(browser, await waiting.get())
                waiting.task_done()

        async with asyncio.TaskGroup() as everybody:
            working = [everybody.create_task(officer(one)) for one in self.officers]
            await asyncio.gather(*(post(number) for number in range(questions)))
            await waiting.join()
            for one in working:
                one.cancel()

    @property
    def tries_in_vain(self) -> Counter[str]:
        """How often nobody answered, by what happened."""
        return sum((one.tries for one in (self.poster, *self.officers)), Counter[str]())

    async def leave(self) -> None:
        """Close every browser."""
        for one in (self.poster, *self.officers):
            await one.close()


async def play(house: House, *, questions: int, rate: float, chaos: Chaos) -> Report:
    """Let questions come in and be released while chaos reigns, then wait until all is there."""
    crowd = await Crowd.gather(house, questions)
    report, over = Report(questions), asyncio.Event()
    began = time.monotonic()
    reign = asyncio.create_task(chaos.reign(over))
    try:
        await crowd.work(questions, rate)
        over.set()
        await reign
    finally:
        reign.cancel()
        await crowd.leave()
    healing = time.monotonic()
    await house.start()
    verdict = await settled(house)
    report.heal_seconds = time.monotonic() - healing
    report.seconds = time.monotonic() - began
    report.kills, report.replayed = dict(chaos.kills), crowd.replayed
    report.tries_in_vain = dict(crowd.tries_in_vain)
    report.lost, report.doubled = verdict.lost, verdict.doubled
    return report


async def settled(house: House) -> Verdict:
    """The verdict once nothing is under way any more, or when the time is over."""
    found = Verdict()

    async def quiet() -> bool:
        nonlocal found
        tables = await look(house)
        found = judge(tables, house.posted)
        return not found.lost and not any(tables.unpublished.values())

    try:
        await eventually(quiet, timeout=SETTLE_SECONDS, what="everything arrived")
    except AssertionError:
        found.lost.append("not everything arrived in time")
    return found
