"""Questions survive several faults in a row and at once, as in the long run (`make faults`)."""

import pytest

from tests.faults.house import House
from tests.faults.kinds.down import NATS, Killed, PostgresRestarted
from tests.faults.kinds.every import every
from tests.faults.kinds.order import Repeated
from tests.faults.kinds.points import KilledAt
from tests.faults.play import play

pytestmark = [pytest.mark.journey, pytest.mark.nats, pytest.mark.timeout(240)]


@pytest.mark.postgres
async def test_nothing_is_lost_and_nothing_happens_twice_whatever_fails(
    replicated_house: House,
) -> None:
    faults = (
        Killed("intake"),
        Killed("research"),
        Killed(NATS),
        KilledAt("intake", "relay.published", most=1),
        KilledAt("research", "consumer.committed", most=1),
        PostgresRestarted(fast=False),
        Repeated(),
    )
    house = replicated_house
    report = await play(house, questions=24, rate=1.2, faults=faults, seed=7, rest=(0.1, 0.5))
    assert (report.lost, report.doubled, report.unhealed) == ([], [], [])
    assert {one.name for one in faults if not isinstance(one, KilledAt)} <= set(report.faults)
    assert set(report.effects.values()) == {len(house.posted)}


def test_the_long_run_has_every_kind(replicated_house: House) -> None:
    kinds = {type(one).__name__ for one in every(replicated_house)}
    expected = {"Killed", "KilledAt", "Frozen", "Stopped", "Slow", "ClockMoved", "StreamFull"}
    expected |= {"Repeated", "Shuffled", "PostgresRestarted", "FilesLimited"}
    assert kinds - {"DiskFull", "NatsDiskFull"} == expected
