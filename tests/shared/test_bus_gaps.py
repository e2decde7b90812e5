"""Nothing is lost in silence: hearers count, ask for what is missing, and compare sealed days."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import nats
import pytest
from cri_shared import clock
from cri_shared.bus import gaps as gaps_module
from cri_shared.bus import seals as seals_module
from cri_shared.bus.seals import EQUAL, MISSING, OTHER
from cri_shared.db import Work
from cri_shared.errors import Unavailable
from cri_shared.events.intake import QuestionCleared
from cri_shared.events.upkeep import DAY_SEALED, RESEND_ASKED
from cri_shared.testing.nats import NatsServer
from cri_shared.testing.waiting import eventually
from sqlalchemy import Table, delete, select, update

from tests.shared.toy import Toy, cleared, keep_effect, messaging, prepared, started

pytestmark = pytest.mark.nats
SUBJECT = "cri.intake.question.cleared.v1"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask at the second look."""
    monkeypatch.setattr(gaps_module, "ASK_AGAIN_AFTER", dt.timedelta(0))


async def look(toy: Toy) -> list[int]:
    """One turn of the duty that counts; gives the numbers of cleared questions that miss."""
    async with toy.database.writing() as work:
        await toy.upkeep.count(work)
        await toy.upkeep.gaps.look(work, ask_after=dt.timedelta(0))
    gaps = messaging.gaps
    async with toy.database.reading() as session:
        return list(
            (
                await session.execute(
                    select(gaps.c.number).where(gaps.c.subject == SUBJECT).order_by(gaps.c.number)
                )
            ).scalars()
        )


def heard(toy: Toy, names: list[str]) -> Callable[[], object]:
    async def there() -> bool:
        return sorted(await toy.effects()) == sorted(names)

    return there


async def rows(toy: Toy, table: Table) -> list[dict[str, object]]:
    async with toy.database.reading() as session:
        return [dict(row._mapping) for row in (await session.execute(select(table))).all()]


async def lose(nats_url: str, *sequences: int) -> None:
    """Take messages out of the stream behind everybody's back."""
    client = await nats.connect(nats_url)
    for sequence in sequences:
        await client.jetstream().delete_msg("INTAKE", sequence)
    await client.close()


async def test_a_message_that_the_stream_lost_is_noticed_asked_for_and_sent_again(
    nats_url: str, database_url: str, hearer_url: str
) -> None:
    names = [f"q{n}" for n in range(1, 7)]
    async with (
        started("intake", database_url, nats_url) as intake,
        prepared("research", hearer_url, nats_url) as research,
    ):
        await intake.append(*(cleared(name) for name in names))
        await eventually(intake.all_left, what="published")
        await lose(nats_url, 3, 4)
        async with started("research", hearer_url, nats_url):
            await eventually(heard(research, ["q1", "q2", "q5", "q6"]), what="the others")
            assert await look(research) == [3, 4]
            await eventually(heard(research, names), timeout=30, what="all six")
            assert await look(research) == []
        asked = [row for row in await rows(research, messaging.outbox)]
        assert [row["subject"] for row in asked] == [RESEND_ASKED["research"].subject]
        copies = {row["about"]: row["copies"] for row in await rows(intake, messaging.outbox)}
        assert copies == {name: int(name in ("q3", "q4")) for name in names}


async def test_what_every_other_hearer_had_takes_effect_there_once(
    nats_url: str, tmp_path: Path
) -> None:
    async with (
        started("intake", f"sqlite+aiosqlite:///{tmp_path}/a.db", nats_url) as intake,
        started("research", f"sqlite+aiosqlite:///{tmp_path}/b.db", nats_url) as research,
    ):
        await intake.append(cleared("q1"), cleared("q2"))
        await eventually(heard(research, ["q1", "q2"]), what="both")
        asked = RESEND_ASKED["publishing"](wanted=SUBJECT, numbers=(1, 2))
        async with intake.database.writing() as work:
            await gaps_module.send_again(work, asked, "intake")
        await eventually(intake.all_left, what="sent again")
        await intake.append(cleared("q3"))
        await eventually(heard(research, ["q1", "q2", "q3"]), what="each once")


async def test_a_dead_letter_and_a_first_message_far_into_the_count_are_no_gaps(
    nats_url: str, tmp_path: Path
) -> None:
    async with (
        started("intake", f"sqlite+aiosqlite:///{tmp_path}/a.db", nats_url) as intake,
        prepared("research", f"sqlite+aiosqlite:///{tmp_path}/b.db", nats_url) as research,
    ):
        await intake.append(*(cleared(f"q{n}") for n in range(1, 6)))
        await eventually(intake.all_left, what="published")
        await lose(nats_url, 1, 2)  # as age does to a stream before a new service is added
        async with started("research", research.database.url, nats_url):
            await eventually(heard(research, ["q3", "q4", "q5"]), what="what is left")
        async with research.database.writing() as work:
            inbox, letters = messaging.inbox, messaging.dead_letters
            await work.session.execute(delete(inbox).where(inbox.c.number == 4))
            await work.session.execute(
                letters.insert().values(
                    event_id="e4", subject=SUBJECT, number=4, about="q4", stream_sequence=4,
                    tries=6, reason="x", letter=b"", died_at=clock.now(),
                )
            )  # fmt: skip
        assert await look(research) == []


async def test_what_waits_for_another_try_is_late_and_no_gap(nats_url: str, tmp_path: Path) -> None:
    async def unsure(event: QuestionCleared, work: Work) -> None:
        if event.research_id == "q2":
            raise Unavailable
        await keep_effect(event, work)

    async with (
        started("intake", f"sqlite+aiosqlite:///{tmp_path}/a.db", nats_url) as intake,
        started("research", f"sqlite+aiosqlite:///{tmp_path}/b.db", nats_url, unsure) as research,
    ):
        await intake.append(*(cleared(f"q{n}") for n in range(1, 4)))
        await eventually(heard(research, ["q1", "q3"]), what="the others")
        await eventually(lambda: (SUBJECT, 2) in research.consumer.delayed, what="delayed")
        assert await look(research) == []


async def test_of_what_was_erased_only_the_number_arrives(nats_url: str, tmp_path: Path) -> None:
    async with (
        prepared("intake", f"sqlite+aiosqlite:///{tmp_path}/a.db", nats_url) as intake,
        started("research", f"sqlite+aiosqlite:///{tmp_path}/b.db", nats_url) as research,
    ):
        await intake.append(cleared("q1"), cleared("q2"), cleared("q3"))
        outbox = messaging.outbox
        async with intake.database.writing() as work:
            erased = update(outbox).where(outbox.c.about == "q2")
            await work.session.execute(erased.values(erased_at=clock.now(), body=b""))
        async with started("intake", intake.database.url, nats_url):
            await eventually(heard(research, ["q1", "q3"]), what="the others")
            await eventually(intake.all_left, what="all left")
        assert await look(research) == []
        numbers = [row["number"] for row in await rows(research, messaging.inbox)]
        assert sorted(numbers, key=str) == [1, 2, 3]


async def test_what_nobody_can_send_any_more_is_given_up_after_a_month(
    nats_url: str, tmp_path: Path
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/b.db"
    async with prepared("research", url, nats_url) as research:
        async with research.database.writing() as work:
            for number in (1, 3):
                await work.session.execute(
                    messaging.inbox.insert().values(
                        event_id=f"e{number}", subject=SUBJECT, number=number,
                        processed_at=clock.now(),
                    )
                )  # fmt: skip
        assert await look(research) == [2]
        with clock.frozen(clock.now() + dt.timedelta(days=32)):
            assert await look(research) == []


async def test_a_sealed_day_shows_what_is_missing_at_its_end_and_that_all_is_equal(
    nats_url: str, database_url: str, hearer_url: str
) -> None:
    names = ["q1", "q2", "q3"]
    async with (
        started("intake", database_url, nats_url) as intake,
        prepared("research", hearer_url, nats_url) as research,
    ):
        await intake.append(*(cleared(name) for name in names))
        await eventually(intake.all_left, what="published")
        await lose(nats_url, 1, 3)  # the first and the last: no later number tells
        async with started("research", hearer_url, nats_url):
            await eventually(heard(research, ["q2"]), what="what is left")
            assert await look(research) == []
            await seal_tomorrow(intake)
            await eventually(lambda: sealed(research), what="the seal heard")
            assert await look(research) == [1, 3]
            assert await verdicts(research) == [MISSING]
            await eventually(heard(research, names), timeout=30, what="all three")
            assert await look(research) == []
            assert await verdicts(research) == [EQUAL]


async def test_an_event_that_its_producer_never_gave_out_is_told_from_it(
    nats_url: str, tmp_path: Path
) -> None:
    async with (
        started("intake", f"sqlite+aiosqlite:///{tmp_path}/a.db", nats_url) as intake,
        started("research", f"sqlite+aiosqlite:///{tmp_path}/b.db", nats_url) as research,
    ):
        await intake.append(cleared("q1"))
        await eventually(heard(research, ["q1"]), what="heard")
        inbox = messaging.inbox
        async with research.database.writing() as work:
            forged = update(inbox).where(inbox.c.subject == SUBJECT)
            await work.session.execute(forged.values(event_id="forged"))
        await seal_tomorrow(intake)
        await eventually(lambda: sealed(research), what="the seal heard")
        await look(research)
        assert await verdicts(research) == [OTHER]


async def test_a_day_is_sealed_once_and_only_when_all_of_it_left(
    nats_url: str, database_url: str
) -> None:
    async with prepared("intake", database_url, nats_url) as intake:
        await intake.append(cleared("q1"))
        assert await seal_tomorrow(intake) is None  # it has not left yet
        async with started("intake", database_url, nats_url):
            await eventually(intake.all_left, what="published")
        event = await seal_tomorrow(intake)
        assert event is not None
        assert [(one.subject, one.first, one.last) for one in event.ranges] == [(SUBJECT, 1, 1)]
        assert await seal_tomorrow(intake) is None


async def test_a_bit_that_flips_in_the_stream_is_found_and_healed(
    tmp_path: Path, own_nats: NatsServer
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/b.db"
    names = [f"q{n}" for n in range(1, 9)]
    async with started("intake", f"sqlite+aiosqlite:///{tmp_path}/a.db", own_nats.url) as intake:
        await intake.append(*(cleared(name, f"marker-{name}") for name in names))
        await eventually(intake.all_left, what="published")
        own_nats.stop()
        flip(own_nats.store, b"marker-q5")
        own_nats.start()
        async with started("research", url, own_nats.url) as research:
            await eventually(heard(research, [n for n in names if n != "q5"]), what="all but one")
            assert await look(research) == [5]
            await eventually(heard(research, names), timeout=30, what="healed")
            assert await look(research) == []
            while await intake.clockwork.do_jobs():  # the broken copy is taken out, or is not there
                pass
            assert await rows(intake, messaging.jobs) == []


def flip(store: Path, where: bytes) -> None:
    """Change one bit of the only block that holds these bytes."""
    (block,) = [path for path in store.rglob("*.blk") if where in path.read_bytes()]
    content = bytearray(block.read_bytes())
    content[content.index(where)] ^= 1
    block.write_bytes(content)


async def seal_tomorrow(toy: Toy) -> object:
    with clock.frozen(clock.now() + dt.timedelta(days=1)):
        async with toy.database.writing() as work:
            return await seals_module.seal(work, "intake")


async def sealed(toy: Toy) -> bool:
    inbox = await rows(toy, messaging.inbox)
    return DAY_SEALED["intake"].subject in {row["subject"] for row in inbox}


async def verdicts(toy: Toy) -> list[object]:
    return [row["verdict"] for row in await rows(toy, messaging.seals) if row["subject"] == SUBJECT]
