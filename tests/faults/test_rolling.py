"""Services go to another release one process at a time under load, and nothing is lost or doubled.

The release before and this one work side by side: on one bus, and as replicas on one database.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest
from cri_shared.testing.commands import ServiceProcess
from cri_shared.testing.postgres import PostgresServer

from tests.faults.crowd import Crowd
from tests.faults.earlier import Earlier, earlier_release
from tests.faults.house import House
from tests.faults.neighbours import NEIGHBOURS, Neighbours
from tests.faults.play import settled
from tests.faults.verdict import look
from tests.forking import Forge, ForkedService

pytestmark = [
    *(pytest.mark.journey, pytest.mark.nats, pytest.mark.postgres, pytest.mark.timeout(300)),
]
RATE = 3.0  # questions a second
PAUSE = 0.1  # between two answers


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Earlier:
    """The release before."""
    found = earlier_release(tmp_path_factory.mktemp("earlier"))
    if isinstance(found, str):
        pytest.skip(f"no release before to roll from: {found}")
    return found


@pytest.fixture(scope="module")
def old_forge(before: Earlier) -> Iterator[Forge]:
    """What starts processes of the release before."""
    started = Forge(before.python_path)
    yield started
    started.close()


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[PostgresServer]:
    """A PostgreSQL of the test's own."""
    server = PostgresServer(tmp_path / "postgres")
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def old_house(
    tmp_path: Path, postgres: PostgresServer, old_forge: Forge
) -> AsyncIterator[House]:
    """Two intakes and two researches of the release before, on one PostgreSQL and one bus."""
    house = House(tmp_path / "house", postgres=postgres, replicas=2, forge=old_forge)
    try:
        await house.open()
        yield house
    finally:
        house.close()


async def roll(processes: list[ServiceProcess], forge: Forge) -> None:
    """Restart one after another with other code, each once the one before it answers."""
    for one in processes:
        assert isinstance(one, ForkedService)
        one.forge = forge
        await asyncio.to_thread(one.run, "migrate")
        await asyncio.to_thread(one.stop)
        one.start(wait=False)  # on the main thread: a child ends with the thread that started it
        await asyncio.to_thread(one.wait)


async def rolled_under_load(house: House, questions: int, forges: list[Forge]) -> None:
    """Let people work, and meanwhile roll every process to each of these, one after another."""
    crowd = await Crowd.gather(house, questions)
    try:
        work = asyncio.create_task(crowd.work(questions, RATE))
        for forge in forges:
            await roll([*house.services["research"], *house.services["intake"]], forge)
        await work
    finally:
        await crowd.leave()


def of_before(house: House, before: Earlier) -> list[bool]:
    """Of each process, whether it runs the code of the release before."""
    paths = [psutil.Process(one.pid).environ().get("PYTHONPATH") for one in house.processes]
    return [path == before.python_path for path in paths]


async def test_no_question_is_lost_while_both_releases_work_side_by_side(
    old_house: House, before: Earlier, forge: Forge
) -> None:
    assert of_before(old_house, before) == [True] * 4
    await rolled_under_load(old_house, 18, [forge])
    assert of_before(old_house, before) == [False] * 4
    verdict = await settled(old_house)
    assert (verdict.lost, verdict.doubled) == ([], [])
    assert len(old_house.posted) == 18
    assert set((await look(old_house)).effects.values()) == {18}


@pytest.mark.long
async def test_there_and_back_and_there_again(
    old_house: House, old_forge: Forge, forge: Forge
) -> None:
    await rolled_under_load(old_house, 90, [forge, old_forge, forge])
    verdict = await settled(old_house)
    assert (verdict.lost, verdict.doubled) == ([], [])
    assert set((await look(old_house)).effects.values()) == {90}


async def test_publishing_search_and_training_are_rolled_and_hear_everything_once(
    tmp_path: Path, old_forge: Forge, forge: Forge
) -> None:
    there = Neighbours(tmp_path, old_forge)
    try:
        await there.open()
        rolling = asyncio.create_task(
            roll([there.house.services[name][0] for name in NEIGHBOURS], forge)
        )
        while not rolling.done():
            await there.approve_answer()
            await there.change_country()
            await asyncio.sleep(PAUSE)
        await rolling
        await there.sign_up()
        await there.approve_answer()
        await there.quiet()
        assert await there.effects() == there.expected
        assert len(there.drafted) > len(NEIGHBOURS)
    finally:
        there.close()
