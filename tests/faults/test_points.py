"""Every service ends at each point that it comes by: everything still happens once."""

import asyncio
import random
import re
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from cri_shared.events.intake import QuestionCleared
from cri_shared.events.research import QuestionDispatched
from cri_shared.events.training import EditionPublished
from cri_shared.events.upkeep import RESEND_ASKED
from cri_shared.testing.commands import ServiceProcess
from cri_shared.testing.waiting import eventually

from tests.faults.crowd import Crowd
from tests.faults.house import SERVICES, House
from tests.faults.kinds.points import KilledAt, points_of_the_code
from tests.faults.neighbours import NEIGHBOURS, Neighbours
from tests.faults.people import PATIENCE, add_partner, write_to_asker
from tests.faults.play import settled

pytestmark = [pytest.mark.journey, pytest.mark.nats, pytest.mark.timeout(150)]

# What makes both come by a point, where asking a question does not.
Walk = Callable[[House, Crowd], Coroutine[Any, Any, None]]


async def ask(_house: House, crowd: Crowd) -> None:
    await crowd.ask()


async def make_keys(house: House, crowd: Crowd) -> None:
    """Intake makes a key for each case, research for each partner."""
    await crowd.ask()
    coordinator = await house.staff("research", "coordinator", "coordinator")
    await add_partner(coordinator, 99)
    await coordinator.close()


async def write_mails(house: House, crowd: Crowd) -> None:
    """Research writes to its partner, intake to an asker who left an address."""
    await crowd.ask()
    await write_to_asker(crowd.officers[0], crowd.released[-1])


async def send_nonsense(house: House, _crowd: Crowd) -> None:
    """Something that is no event of ours, on the subject of one."""
    async with house.jetstream() as js:
        for event in (QuestionCleared, QuestionDispatched):
            headers = {"ce-id": f"nonsense-{uuid4().hex}", "ce-type": event.subject}
            await js.publish(event.subject, b"{}", headers=headers)


WALKS: dict[str, Walk] = {
    "database.committing": ask,
    "database.committed": ask,
    "keystore.committed": make_keys,
    "relay.numbered": ask,
    "relay.published": ask,
    "relay.recorded": ask,
    "consumer.effect": ask,
    "consumer.committed": ask,
    "consumer.buried": send_nonsense,
    "mail.delivered": write_mails,
    "clockwork.done": write_mails,
}


def test_every_point_of_the_code_is_come_by_here() -> None:
    assert set(WALKS) == set(STROLLS) == points_of_the_code()


@pytest.mark.parametrize("point", WALKS)
async def test_a_process_that_ends_there_loses_and_doubles_nothing(
    house_on_sqlite: House, point: str
) -> None:
    house = house_on_sqlite
    crowd = await Crowd.gather(house, 2)
    ends = [KilledAt(service, point, most=1, seconds=PATIENCE) for service in SERVICES]
    async with house.kept():
        for end in ends:
            end.arm(house, random.Random(1))
        walking = asyncio.create_task(WALKS[point](house, crowd))
        await asyncio.gather(*(end.spring(house) for end in ends))
        await walking
        if WALKS[point] is send_nonsense:
            await bury(house)
        verdict = await settled(house)
    await crowd.leave()
    assert (verdict.lost, verdict.doubled) == ([], [])


async def bury(house: House) -> None:
    """The dead letters are there once; drop them as an operator does."""
    for service, (process, *_) in house.services.items():
        found = await eventually(
            partial(letters, process), timeout=30, what=f"letters of {service}"
        )
        assert len(found) == len(set(found))
        for letter in found:
            drop = ("dead-letters", "drop", letter, "--reason", "mistaken")
            await asyncio.to_thread(process.run, *drop)


async def letters(process: ServiceProcess) -> list[str]:
    said = await asyncio.to_thread(process.run, "dead-letters", "list")
    return re.findall(r"nonsense-\S+", said)


# --- the other three

Stroll = Callable[[Neighbours], Coroutine[Any, Any, None]]


async def hear(neighbours: Neighbours) -> None:
    """Each hears something; what training hears lets it publish an event once more."""
    await neighbours.approve_answer()
    await neighbours.change_country()
    await neighbours.send_again("training", wanted=EditionPublished, by="search")


async def miss(neighbours: Neighbours) -> None:
    await neighbours.send_again("training", wanted=EditionPublished, by="search")
    await neighbours.miss_something()


async def leave_jobs(neighbours: Neighbours) -> None:
    await neighbours.withdraw(await neighbours.approve_answer())
    await neighbours.send_again("search", wanted=RESEND_ASKED["search"], by="publishing")
    await neighbours.send_again("training", wanted=EditionPublished, by="search")


async def seal_something(neighbours: Neighbours) -> None:
    await neighbours.approve_answer()
    await neighbours.sign_up()


STROLLS: dict[str, tuple[tuple[str, ...], Stroll]] = {
    "database.committing": (NEIGHBOURS, hear),
    "database.committed": (NEIGHBOURS, hear),
    "keystore.committed": (("publishing", "training"), seal_something),
    "relay.numbered": (NEIGHBOURS, miss),
    "relay.published": (NEIGHBOURS, miss),
    "relay.recorded": (NEIGHBOURS, miss),
    "consumer.effect": (NEIGHBOURS, hear),
    "consumer.committed": (NEIGHBOURS, hear),
    "consumer.buried": (NEIGHBOURS, Neighbours.talk_nonsense),
    "mail.delivered": (("training",), Neighbours.sign_up),
    "clockwork.done": (NEIGHBOURS, leave_jobs),
}


# Their code is that of the first two: `make faults` tries the other points here as well.
ALWAYS = ("database.committed", "consumer.effect", "clockwork.done")


@pytest.mark.parametrize(
    "point",
    [pytest.param(point, marks=() if point in ALWAYS else pytest.mark.long) for point in STROLLS],
)
async def test_the_same_in_publishing_search_and_training(
    neighbours: Neighbours, point: str
) -> None:
    house, (services, stroll) = neighbours.house, STROLLS[point]
    ends = [KilledAt(service, point, most=1, seconds=PATIENCE) for service in services]
    async with house.kept():
        for end in ends:
            end.arm(house, random.Random(1))
        strolling = asyncio.create_task(stroll(neighbours))
        await asyncio.gather(*(end.spring(house) for end in ends))
        await strolling
        if stroll is Neighbours.talk_nonsense:
            await bury(house)
        await neighbours.quiet()
    found = await neighbours.effects()
    assert found == neighbours.expected, f"{found} {neighbours.expected}"
