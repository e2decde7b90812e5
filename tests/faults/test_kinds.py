"""Each kind of fault, alone, while some questions are posted and released: all of them arrive."""

import asyncio
import time
from collections.abc import Sequence

import pytest
from cri_shared.testing.waiting import eventually

from tests.faults.crowd import Crowd
from tests.faults.house import ACK_WAIT, House
from tests.faults.kinds.down import Frozen, Killed, PostgresRestarted, Stopped
from tests.faults.kinds.fault import Fault, struck
from tests.faults.kinds.full import NatsDiskFull, StreamFull
from tests.faults.kinds.order import Repeated, Shuffled
from tests.faults.kinds.time import ClockMoved, Slow
from tests.faults.play import settled
from tests.faults.verdict import heard_back, look

pytestmark = [pytest.mark.journey, pytest.mark.nats, pytest.mark.timeout(150)]
FEW = 3

# While these last nothing reaches research, and intake goes on taking questions.
BEHIND_INTAKE: Sequence[Fault] = (
    Killed("nats"),
    Frozen("nats"),
    StreamFull(),
    NatsDiskFull(),
    Shuffled(),
    Killed("research"),
    Frozen("research"),
    Stopped("research"),
)
# While these last people try again.
AT_INTAKE: Sequence[Fault] = (Killed("intake"), Frozen("intake"), ClockMoved("intake", 1))
# These only hinder.
HINDRANCES: Sequence[Fault] = (
    Slow("intake"),
    Slow("research"),
    ClockMoved("research", 1),
    ClockMoved("research", -1),
    ClockMoved("intake", -1),
)


def named(fault: Fault) -> str:
    return fault.name


async def nothing_is_lost_or_doubled(house: House, crowd: Crowd) -> None:
    async with house.kept():
        verdict = await settled(house)
    await crowd.leave()
    assert (verdict.lost, verdict.doubled) == ([], [])


async def last_arrived(house: House) -> bool:
    return house.posted[-1] in await heard_back(house)


@pytest.mark.parametrize("fault", BEHIND_INTAKE, ids=named)
async def test_questions_are_taken_and_released_meanwhile_and_arrive_afterwards(
    house_on_sqlite: House, fault: Fault
) -> None:
    house = house_on_sqlite
    if isinstance(fault, NatsDiskFull) and not house.disks["nats"].mounted:
        pytest.skip("this machine does not let us mount a small file system")
    crowd = await Crowd.gather(house, FEW)
    async with struck(house, fault):
        await crowd.ask(FEW)
        assert not await last_arrived(house)
        if isinstance(fault, Frozen):
            tired = time.monotonic() + ACK_WAIT
            await eventually(lambda: time.monotonic() > tired, what="the stream tired of waiting")
    await nothing_is_lost_or_doubled(house, crowd)


@pytest.mark.parametrize("fault", AT_INTAKE, ids=named)
async def test_people_who_try_again_are_heard_once(house_on_sqlite: House, fault: Fault) -> None:
    house = house_on_sqlite
    crowd = await Crowd.gather(house, FEW)
    async with struck(house, fault):
        asking = asyncio.create_task(crowd.ask(FEW))
        await eventually(lambda: crowd.tries_in_vain, timeout=30, what="tries in vain")
    await asking
    await nothing_is_lost_or_doubled(house, crowd)


@pytest.mark.parametrize("fault", HINDRANCES, ids=named)
async def test_questions_arrive_in_spite_of_it(house_on_sqlite: House, fault: Fault) -> None:
    house = house_on_sqlite
    crowd = await Crowd.gather(house, FEW)
    async with struck(house, fault):
        await crowd.work(FEW, rate=5)
        await eventually(lambda: last_arrived(house), timeout=60, what="the last question")
    await nothing_is_lost_or_doubled(house, crowd)


async def test_what_comes_ten_times_more_takes_effect_once(house_on_sqlite: House) -> None:
    house, fault = house_on_sqlite, Repeated()
    crowd = await Crowd.gather(house, FEW)
    await crowd.ask(FEW)
    await nothing_is_lost_or_doubled(house, crowd)
    before = (await look(house)).effects
    async with struck(house, fault):
        assert fault.messages >= 2 * FEW
    await nothing_is_lost_or_doubled(house, crowd)
    assert (await look(house)).effects == before


@pytest.mark.postgres
@pytest.mark.parametrize("fast", [True, False], ids=["fast", "immediate"])
async def test_under_load_postgresql_may_restart(replicated_house: House, fast: bool) -> None:
    house = replicated_house
    crowd = await Crowd.gather(house, 8)
    async with house.kept():
        working = asyncio.create_task(crowd.work(8, rate=8))
        await eventually(lambda: crowd.released, timeout=30, what="the first question released")
        async with struck(house, PostgresRestarted(fast)):
            await eventually(lambda: crowd.tries_in_vain, timeout=30, what="tries in vain")
        await working
    await nothing_is_lost_or_doubled(house, crowd)
    assert crowd.tries_in_vain["500"] == 0
