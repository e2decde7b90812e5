"""A database that comes from a backup loses no event, and gives none a second time."""

from collections.abc import Callable, Iterable

import nats
import pytest
from cri_shared.bus.erasure import erase
from cri_shared.db import Work
from cri_shared.events.headers import ERASED, NUMBER
from cri_shared.testing.waiting import eventually
from sqlalchemy import delete, func, select, update

from tests.shared.toy import Toy, cleared, effects, messaging, prepared, started

pytestmark = pytest.mark.nats
SUBJECT = "cri.intake.question.cleared.v1"
outbox, counters, inbox = messaging.outbox, messaging.counters, messaging.inbox


async def published(toy: Toy, *names: str) -> None:
    await toy.append(*(cleared(name) for name in names))
    await eventually(toy.all_left, what="published")


async def forget(work: Work, *names: str, after: int) -> None:
    """Put a producer's database back to when it had given `after` numbers, and `names` waited."""
    waiting = outbox.c.about.in_(names)
    unsent = {"number": None, "published_at": None, "stream_sequence": None}
    await work.session.execute(delete(outbox).where(outbox.c.number > after, ~waiting))
    await work.session.execute(update(outbox).where(waiting).values(unsent))
    await work.session.execute(update(counters).values(last_number=after))


def heard(toy: Toy, names: Iterable[str]) -> Callable[[], object]:
    async def there() -> bool:
        return sorted(await toy.effects()) == sorted(names)

    return there


async def in_stream(nats_url: str) -> list[tuple[str, int, bool]]:
    """About what each message of intake's stream is, its number, and whether it is a tombstone."""
    client = await nats.connect(nats_url)
    js = client.jetstream()
    found = []
    state = (await js.stream_info("INTAKE")).state
    for sequence in range(1, state.last_seq + 1):
        try:
            message = await js.get_msg("INTAKE", sequence)
        except nats.js.errors.NotFoundError:
            continue
        headers = message.headers or {}
        found.append((headers["ce-subject"], int(headers[NUMBER]), ERASED in headers))
    await client.close()
    return found


async def test_a_producer_takes_back_what_it_said_since(
    nats_url: str, database_url: str, hearer_url: str
) -> None:
    async with started("research", hearer_url, nats_url) as research:
        async with started("intake", database_url, nats_url) as intake:
            await published(intake, "q1", "q2", "q3")
        async with (
            prepared("intake", database_url, nats_url) as intake,
            intake.database.writing() as work,
        ):
            await forget(work, "q2", after=1)
        async with started("intake", database_url, nats_url) as intake:
            await published(intake, "q4")
            await eventually(
                heard(research, ["q1", "q2", "q3", "q4"]), timeout=30, what="each once"
            )
            async with intake.database.reading() as session:
                rows = (await session.execute(select(outbox).order_by(outbox.c.number))).all()
                last = (await session.execute(select(counters.c.last_number))).scalar_one()
    assert [(row.about, row.number) for row in rows] == [(f"q{n}", n) for n in range(1, 5)]
    assert last == 4
    assert all(row.published_at and row.stream_sequence for row in rows)
    body = intake.database.outbox.unseal(rows[2].event_id, rows[2].body)
    assert b'"research_id":"q3"' in body
    assert await in_stream(nats_url) == [(f"q{n}", n, False) for n in range(1, 5)]


async def test_a_producer_that_knows_everything_recalls_nothing(
    nats_url: str, database_url: str
) -> None:
    async with started("intake", database_url, nats_url) as intake:
        await published(intake, "q1", "q2")
        async with intake.database.reading() as session:
            before = (await session.execute(select(outbox))).all()
    async with started("intake", database_url, nats_url) as intake:
        await published(intake, "q3")
        async with intake.database.reading() as session:
            after = (await session.execute(select(outbox))).all()
    assert after[:2] == before
    assert len(await in_stream(nats_url)) == 3


async def test_that_a_machine_forgot_what_was_published_is_no_loss(
    nats_url: str, database_url: str
) -> None:
    """Nobody waits for the disk where it is written down: this is what a power cut may take."""
    async with started("intake", database_url, nats_url) as intake:
        await published(intake, "q1", "q2")
    async with (
        prepared("intake", database_url, nats_url) as intake,
        intake.database.writing() as work,
    ):
        lost = {"published_at": None, "stream_sequence": None}
        await work.session.execute(update(outbox).values(lost))
    async with started("intake", database_url, nats_url) as intake:
        await published(intake, "q3")
        async with intake.database.reading() as session:
            rows = (await session.execute(select(outbox).order_by(outbox.c.number))).all()
    assert [(row.about, row.number, row.stream_sequence) for row in rows] == [
        (f"q{n}", n, n) for n in (1, 2, 3)
    ]
    assert await in_stream(nats_url) == [(f"q{n}", n, False) for n in (1, 2, 3)]


async def test_what_is_erased_on_either_side_stays_so(
    nats_url: str, database_url: str, hearer_url: str
) -> None:
    """q1 was erased after the backup; q2 was sent again after it, and is erased at its return."""
    async with started("research", hearer_url, nats_url) as research:
        async with started("intake", database_url, nats_url) as intake:
            await published(intake, "q1", "q2", "q3")
            async with intake.database.reading() as session:
                backup = (await session.execute(select(outbox))).all()
            async with intake.database.writing() as work:
                await erase(work, "q1")
                again = {"published_at": None, "copies": outbox.c.copies + 1}
                await work.session.execute(
                    update(outbox).where(outbox.c.about == "q2").values(again)
                )
            await eventually(intake.all_left, what="tombstone and copy")
            await eventually(heard(research, ["q1", "q2", "q3"]), what="all")
        async with (
            prepared("intake", database_url, nats_url) as intake,
            intake.database.writing() as work,
        ):
            await work.session.execute(delete(outbox))
            rows = [dict(row._mapping) for row in backup]
            await work.session.execute(outbox.insert(), rows)
            await erase(work, "q2")
        async with started("intake", database_url, nats_url) as intake:
            await published(intake, "q4")
            while await intake.clockwork.do_jobs():
                pass
            async with intake.database.reading() as session:
                erased = select(outbox.c.number, outbox.c.body, outbox.c.about, outbox.c.event_id)
                left = (await session.execute(erased.where(outbox.c.erased_at.is_not(None)))).all()
    assert [(row.number, row.body, row.about) for row in left] == [
        (row.number, b"", row.event_id) for row in sorted(left, key=lambda row: row.number)
    ]
    assert {row.number for row in left} == {1, 2}
    lying = await in_stream(nats_url)
    assert [(number, dead) for _about, number, dead in lying if number <= 2] == [
        *((1, True), (2, True))
    ]
    assert not {about for about, _number, _dead in lying} & {"q1", "q2"}


async def test_what_no_relay_sent_is_passed_over_and_stops_nothing(
    nats_url: str, database_url: str
) -> None:
    async with started("intake", database_url, nats_url) as intake:
        await published(intake, "q1")
    client = await nats.connect(nats_url)
    for headers in (None, {"ce-id": f"nonsense-{'x' * 40}"}, {"ce-id": "n", NUMBER: "2"}):
        await client.jetstream().publish(SUBJECT, b"{}", headers=headers)
    await client.close()
    async with started("intake", database_url, nats_url) as intake:
        await published(intake, "q2")
        async with intake.database.reading() as session:
            numbers = (await session.execute(select(outbox.c.number))).scalars().all()
    assert sorted(numbers) == [1, 2]


async def test_a_hearer_asks_for_what_it_heard_since(
    nats_url: str, database_url: str, hearer_url: str
) -> None:
    names = [f"q{n}" for n in range(1, 6)]
    async with started("intake", database_url, nats_url) as intake:
        async with started("research", hearer_url, nats_url) as research:
            await published(intake, *names)
            await eventually(heard(research, names), timeout=30, what="all five")
        async with (
            prepared("research", hearer_url, nats_url) as research,
            research.database.writing() as work,
        ):
            await work.session.execute(delete(inbox).where(inbox.c.number > 2))
            late = effects.c.research_id.in_(names[2:])
            await work.session.execute(delete(effects).where(late))
            await research.upkeep.gaps.ask_beyond(work)
        async with started("research", hearer_url, nats_url) as research:
            await eventually(heard(research, names), timeout=30, what="all five again")
            await eventually(research.all_left, what="asked")
            async with research.database.reading() as session:
                of = select(func.count()).select_from(inbox).where(inbox.c.subject == SUBJECT)
                assert (await session.execute(of)).scalar_one() == 5
