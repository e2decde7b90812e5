"""Questions survive what happens to the machines below them, on real processes over HTTP."""

import asyncio
from collections.abc import Iterator

import pytest
from cri_shared.testing.waiting import eventually

from tests.faults.chaos import Chaos
from tests.faults.house import House
from tests.faults.people import release
from tests.faults.play import Crowd, play, settled
from tests.faults.verdict import look

pytestmark = [pytest.mark.journey, pytest.mark.nats, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Two intakes and two researches on one database each, and a nats-server."""
    opened = House(tmp_path_factory.mktemp("house"), replicas=2)
    try:
        asyncio.run(opened.open())
        yield opened
    finally:
        opened.close()


async def test_questions_are_taken_while_nats_is_down_and_delivered_when_it_is_back(
    house: House,
) -> None:
    crowd = await Crowd.gather(house, questions=3)
    await asyncio.to_thread(house.nats.kill)
    for number in range(3):
        await release(crowd.officers[0], await crowd.post(number))
    assert (await look(house)).questions.total() == 0
    house.nats.start()  # on this thread: it ends when the one that started it does
    verdict = await settled(house)
    assert (verdict.lost, verdict.doubled) == ([], [])
    await crowd.leave()


async def test_a_service_that_was_down_takes_up_what_came_meanwhile(house: House) -> None:
    crowd = await Crowd.gather(house, questions=2)
    for one in house.services["research"]:
        await asyncio.to_thread(one.kill)
    for number in range(2):
        await release(crowd.officers[0], await crowd.post(100 + number))

    async def published() -> bool:
        return (await look(house)).unpublished["intake"] == 0

    await eventually(published, timeout=30, what="events in the stream")
    await house.start()
    verdict = await settled(house)
    assert (verdict.lost, verdict.doubled) == ([], [])
    await crowd.leave()


async def test_nothing_is_lost_and_nothing_happens_twice_under_random_kills(house: House) -> None:
    chaos = Chaos(house, seed=7, least=4, most=6, rest=(0.7, 2.0), down=(0.1, 0.6))
    report = await play(house, questions=40, rate=15.0, chaos=chaos)
    assert (report.lost, report.doubled) == ([], [])
    assert sum(report.kills.values()) >= 4
