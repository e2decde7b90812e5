"""Every fault that can happen to a house, for the long run."""

from collections.abc import Iterator

from tests.faults.house import House
from tests.faults.kinds.down import NATS, Frozen, Killed, PostgresRestarted, Stopped
from tests.faults.kinds.fault import Fault
from tests.faults.kinds.full import DiskFull, FilesLimited, NatsDiskFull, StreamFull
from tests.faults.kinds.order import Repeated, Shuffled
from tests.faults.kinds.points import KilledAt
from tests.faults.kinds.time import ClockMoved, Slow

# Which points a process comes by while questions are posted, released and sent to partners.
PASSED = {
    "intake": (
        "database.committing",
        "database.committed",
        "keystore.committed",
        "relay.numbered",
        "relay.published",
        "relay.recorded",
        "consumer.effect",
        "consumer.committed",
    ),
    "research": (
        "database.committing",
        "database.committed",
        "relay.numbered",
        "relay.published",
        "relay.recorded",
        "consumer.effect",
        "consumer.committed",
        "mail.delivered",
        "clockwork.done",
    ),
}


def every(house: House) -> list[Fault]:
    """The faults that this house and this machine allow."""
    faults: list[Fault] = [Killed(NATS), Frozen(NATS), StreamFull(), Repeated(), Shuffled()]
    for service in house.services:
        faults += _of_service(service)
    if house.postgres is not None:
        faults += [PostgresRestarted(fast=True), PostgresRestarted(fast=False)]
    if house.disks["house"].mounted:
        faults += [DiskFull(), NatsDiskFull()]
    return faults


def _of_service(service: str) -> Iterator[Fault]:
    yield from (Killed(service), Frozen(service), Stopped(service), Slow(service))
    yield from (FilesLimited(service), ClockMoved(service, 1), ClockMoved(service, -1))
    yield from (KilledAt(service, point) for point in PASSED[service])
