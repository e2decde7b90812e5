"""One fault run: questions come in, officers release them, and meanwhile everything fails."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from cri_shared.testing.waiting import eventually

from tests.faults.crowd import Crowd
from tests.faults.house import House
from tests.faults.kinds.fault import Fault
from tests.faults.kinds.order import Repeated
from tests.faults.schedule import MORE_HEALING, REST, Record, Schedule
from tests.faults.verdict import Verdict, heard_back, judge, look

SETTLE_SECONDS = 120.0
REPEATS_SECONDS = 600.0  # in which what came ten times more is looked at and passed over


@dataclass
class Report:
    """What was driven, what failed, and what was found afterwards."""

    database: str
    replicas: int
    questions: int
    seconds: float = 0.0
    heal_seconds: float = 0.0  # after the last fault, until everything was there
    restarts: int = 0  # of services that ended by themselves or at a point
    faults: dict[str, Record] = field(default_factory=dict)
    tries_in_vain: dict[str, int] = field(default_factory=dict)
    replayed: int = 0  # questions that had been recorded when they were posted again
    effects: dict[str, int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unhealed: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing was lost, nothing happened twice, and all healed in time."""
        return not (self.lost or self.doubled or self.unhealed)

    def as_json(self) -> dict[str, Any]:
        """For `var/faults`."""
        return asdict(self)


async def play(
    house: House,
    *,
    questions: int,
    rate: float,
    faults: Sequence[Fault],
    seed: int,
    rest: tuple[float, float] = REST,
) -> Report:
    """Let questions come in and be released while faults happen, then wait until all is there.

    At the end every message comes ten times more, but for those that did before.
    `rate` is questions a second, `rest` the seconds between two times that faults happen.
    """
    database = "sqlite" if house.postgres is None else "postgresql"
    report = Report(database, len(house.services["intake"]), questions)
    crowd, over = await Crowd.gather(house, questions), asyncio.Event()
    last = next((one for one in faults if isinstance(one, Repeated)), None)
    schedule = Schedule(house, faults, seed, _healed(house, crowd), rest, last)
    began = time.monotonic()
    async with house.kept():
        reign = asyncio.create_task(schedule.run(over))
        try:
            await crowd.work(questions, rate)
            over.set()
            await reign
        finally:
            reign.cancel()
            await asyncio.gather(reign, return_exceptions=True)
            await crowd.leave()
        healing = time.monotonic()
        verdict = await settled(house, seconds=REPEATS_SECONDS)
    report.heal_seconds = time.monotonic() - healing
    report.seconds = time.monotonic() - began
    report.faults, report.unhealed = schedule.records, schedule.unhealed
    report.restarts, report.replayed = house.restarts, crowd.replayed
    report.tries_in_vain = dict(crowd.tries_in_vain)
    report.effects = (await look(house)).effects
    report.lost, report.doubled = verdict.lost, verdict.doubled
    return report


def _healed(house: House, crowd: Crowd) -> Callable[[], Awaitable[bool]]:
    """Waits until every service answers and what was released before has had its effects."""

    async def through(released: list[str]) -> bool:
        return (await heard_back(house)).issuperset(released)

    async def healed() -> bool:
        released = list(crowd.released)
        try:
            await house.start()
            await eventually(lambda: through(released), timeout=MORE_HEALING, what="healed")
        except AssertionError:
            return False
        return True

    return healed


async def settled(house: House, *, seconds: float = SETTLE_SECONDS) -> Verdict:
    """The verdict once nothing is under way any more, or when the time is over."""
    found = Verdict()

    async def quiet() -> bool:
        nonlocal found
        tables = await look(house)
        found = judge(tables, house.posted)
        return not found.lost and tables.quiet and await house.all_delivered()

    try:
        await eventually(quiet, timeout=seconds, what="everything arrived")
    except AssertionError:
        found.lost.append("not everything arrived in time")
    return found
