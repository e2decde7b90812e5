"""Intake and research end at each point that the code names: everything still happens once."""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable
from functools import partial
from uuid import uuid4

import pytest
from cri_shared.events.intake import QuestionCleared
from cri_shared.events.research import QuestionDispatched
from cri_shared.testing.waiting import eventually

from tests.faults.crowd import Crowd
from tests.faults.house import SERVICES, House
from tests.faults.kinds.points import KilledAt, points_of_the_code
from tests.faults.people import add_partner, write_to_asker
from tests.faults.play import settled

pytestmark = [pytest.mark.journey, pytest.mark.nats, pytest.mark.timeout(150)]

# What makes both come by a point, where asking a question does not.
Walk = Callable[[House, Crowd], Awaitable[None]]


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
    assert set(WALKS) == points_of_the_code()


@pytest.mark.parametrize("point", WALKS)
async def test_a_process_that_ends_there_loses_and_doubles_nothing(
    house_on_sqlite: House, point: str
) -> None:
    house = house_on_sqlite
    crowd = await Crowd.gather(house, 2)
    ends = [KilledAt(service, point, most=1) for service in SERVICES]
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
    assert all(end.sprang for end in ends)


async def bury(house: House) -> None:
    """The dead letters are there once; drop them as an operator does."""
    for service in SERVICES:
        (letter,) = await eventually(partial(letters, house, service), timeout=30, what="a letter")
        command = house.services[service][0].run
        await asyncio.to_thread(command, "dead-letters", "drop", letter, "--reason", "mistaken")


async def letters(house: House, service: str) -> list[str]:
    said = await asyncio.to_thread(house.services[service][0].run, "dead-letters", "list")
    return re.findall(r"nonsense-\S+", said)
