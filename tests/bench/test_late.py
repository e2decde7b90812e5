"""A report says why an event waited too long: the next time explains itself."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from cri_shared import clock
from cri_shared.db.engine import make_engine
from cri_shared.testing.waiting import eventually
from sqlalchemy import insert

from tests.bench.living.late import Lateness, warnings_in
from tests.bench.living.watch import Vitals
from tests.bench.load import Result
from tests.bench.rows.life import Lived, Plan, rows
from tests.faults.house import House
from tests.forking import Forge
from tests.shared.toy import cleared, messaging

AGE = "# HELP cri_outbox_age_seconds Age\ncri_outbox_age_seconds {}\n"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An intake and a nats-server."""
    forge = Forge()
    alone = House(tmp_path, services=("intake",), forge=forge, small_disks=False)
    yield alone
    alone.close()
    forge.close()


async def leave_something(house: House) -> None:
    """Put an event of ten minutes ago into intake's outbox."""
    event = {"event_id": "e", "subject": cleared("r").subject, "about": "r", "headers": {}}
    made = clock.now() - dt.timedelta(minutes=10)
    engine = make_engine(house.intake.database_url, pooled=False)
    async with engine.begin() as connection:
        row = insert(messaging.outbox).values(body=b"", created_at=made, **event)
        await connection.execute(row)
    await engine.dispose()


@pytest.mark.nats
async def test_the_story_of_a_late_event_names_it_its_relay_and_what_the_logs_say(
    house: House,
) -> None:
    await house.open()
    late = Lateness(house.intake, house.nats)

    async def left() -> bool:
        return (await late.story()).startswith("it has left since; the relay leads; ready; ")

    await eventually(left, timeout=30, what="the seal of yesterday left")
    house.nats.kill()
    await leave_something(house)

    async def told() -> bool:
        return "bus.relay.delayed ConnectionClosedError" in await late.story()

    await eventually(told, timeout=30, what="a relay that gave up once")
    story = await late.story()
    assert story.startswith("cri.intake.question.cleared.v1, without a number, copy 0, of 20")
    assert "nats-away" in story
    assert "outbox-late" in story
    house.nats.log.write_text("[1] 2026/11/27 10:00:00.0 [ERR] Filestore [INTAKE] is broken\n")
    assert (await late.story()).endswith("NATS: Filestore [INTAKE] is broken")


def test_only_warnings_are_told_and_half_a_line_is_passed_over() -> None:
    delayed = '{"event": "bus.relay.delayed", "error": "TimeoutError", "level": "warning"}\n'
    other = '{"event": "bus.trouble", "reason": "away", "level": "warning"}\n'
    fine = '{"event": "bus.connected", "level": "info"}\n'
    log = f"INFO: started\n{fine}{other}{delayed}{delayed}" + delayed[:30]
    assert warnings_in(log) == "2 x bus.relay.delayed TimeoutError, 1 x bus.trouble"


def test_it_is_asked_when_an_event_waits_longer_than_any_before() -> None:
    vitals = Vitals()
    asked = [vitals.note("training", AGE.format(age)) for age in (9.9, 10.1, 10.1, 11.0, 0.0)]
    assert asked == [False, True, False, True, False]
    vitals.late["training"] = "its story"
    run = Lived(Plan(), vitals=vitals, posted=Result(10.0, [5.0], [5.0], {"201": 1}))
    (row,) = (row for row in rows(run) if "waited to leave" in row.what)
    assert (row.over, row.note) == (True, "its story")
