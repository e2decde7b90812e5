"""The audit trail only grows, and whatever is done to it behind our back is found and named."""

import datetime as dt
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cri_shared import clock
from cri_shared.bus import seals
from cri_shared.bus.outbox import Outbox
from cri_shared.db import Database, guards
from cri_shared.events.upkeep import DAY_SEALED, AuditHead, DaySealed
from cri_shared.identity import audit
from cri_shared.testing.waiting import eventually
from cri_shared.trail import Report, Trail
from cri_shared.trail.heads import head_now, heads_of, keep_head
from cri_shared.trail.walk import Head, Kind
from sqlalchemy import Executable, delete, insert, text, update
from sqlalchemy.exc import DBAPIError

from tests.plans.reading import effort
from tests.plans.recording import recording
from tests.shared.tampering import (
    TAMPERINGS,
    chain_of,
    cut,
    head_of,
    kinds_found,
)
from tests.shared.toy import cleared, messaging, metadata, started


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url, Outbox(messaging, service="intake", key=bytes(32)))
    async with made.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
        await connection.run_sync(guards.put_on)
    yield made
    await made.close()


@pytest.fixture
def trail() -> Trail:
    return Trail("intake", bytes(32), messaging)


async def noted(database: Database, *things: str) -> None:
    async with database.writing() as work:
        for thing in things:
            await audit.note(work, "toy.thing.opened", thing, by="Leen D.", reason="call")


async def sealed(database: Database, trail: Trail, *things: str) -> None:
    await noted(database, *things)
    async with database.writing() as work:
        await trail.seal(work)


async def checked(database: Database, trail: Trail, *heads: Head) -> Report:
    async with database.reading() as session:
        return await trail.check(session, heads)


async def done_behind_our_back(database: Database, *statements: str) -> None:
    """As the owner of the database, who may take triggers off."""
    async with database.engine.begin() as connection:
        for table in sorted(guards.ONLY_GROW):
            names = [f"{table}_stays", f"{table}_stays_as_it_is", f"{table}_is_not_emptied"]
            for name in names:
                on = "" if database.is_sqlite else f" ON {table}"
                await connection.execute(text(f"DROP TRIGGER IF EXISTS {name}{on}"))
        for statement in statements:
            await connection.execute(text(statement))


class TestGrowing:
    @pytest.mark.parametrize("table", sorted(guards.ONLY_GROW - {"audit_segments"}))
    async def test_the_database_refuses_to_change_or_take_out(
        self, database: Database, trail: Trail, table: str
    ) -> None:
        await sealed(database, trail, "a", "b")
        known = metadata.tables[table]
        column = "action" if table == "audit" else "mac"
        statements: list[Executable] = [update(known).values({column: "x"}), delete(known)]
        if not database.is_sqlite:
            statements.append(text(f"TRUNCATE {table}"))
        for statement in statements:
            with pytest.raises(DBAPIError, match=guards.REFUSED):
                async with database.engine.begin() as connection:
                    await connection.execute(statement)
        assert (await checked(database, trail)).whole

    async def test_putting_the_guards_on_again_changes_nothing(self, database: Database) -> None:
        async with database.engine.begin() as connection:
            await connection.run_sync(guards.put_on)


async def grown(database: Database, first: int, last: int) -> None:
    """Sealed entries with these numbers, and what PostgreSQL looks at a minute later."""
    numbers = range(first, last + 1)
    told = {"actor": "Leen D.", "action": "toy.thing.opened", "about": "q", "facts": {}}
    entries = [{"id": number, "at": clock.now(), **told} for number in numbers]
    links = [{"number": number, "audit_id": number, "mac": "a" * 64} for number in numbers]
    async with database.writing() as work:
        await work.session.execute(insert(messaging.audit), entries)
        await work.session.execute(insert(messaging.audit_chain), links)
    async with database.engine.begin() as connection:
        await connection.execute(text("ANALYZE"))


async def effort_of_looking(database: Database, trail: Trail) -> int:
    """How much the database does to find what is not sealed."""
    with recording(str(database.engine.url.database)) as found:
        async with database.reading() as session:
            assert await trail.unsealed(session) == 0
    async with database.engine.connect() as connection:
        return sum([await effort(connection, one) for one in found.every.values()])


class TestSealing:
    async def test_it_seals_in_order_and_once(self, database: Database, trail: Trail) -> None:
        await noted(database, "a", "b", "c")
        assert (await checked(database, trail)).unsealed == 3
        await sealed(database, trail)
        await sealed(database, trail, "d")
        report = await checked(database, trail)
        assert (report.whole, report.entries, report.last, report.unsealed) == (True, 4, 4, 0)

    async def test_a_note_that_appears_late_below_others_is_sealed_too(
        self, database: Database, trail: Trail
    ) -> None:
        await sealed(database, trail, "a", "b")
        async with database.writing() as work:
            late = messaging.audit.insert().values(
                id=-5, at=clock.now(), actor="x", action="y", about="z", facts={}
            )
            await work.session.execute(late)
        assert (await checked(database, trail)).unsealed == 1
        await sealed(database, trail)
        report = await checked(database, trail)
        assert (report.whole, report.last, report.unsealed) == (True, 3, 0)

    async def test_it_does_not_look_at_all_that_was_ever_sealed(
        self, database: Database, trail: Trail
    ) -> None:
        await grown(database, 1, 5_000)
        few = await effort_of_looking(database, trail)
        await grown(database, 5_001, 40_000)
        assert 0 < await effort_of_looking(database, trail) <= few * 1.1

    async def test_one_that_is_later_than_any_is_sealed_within_the_hour(
        self, database: Database, trail: Trail
    ) -> None:
        await sealed(database, trail, "a")
        async with database.writing() as work:
            late = messaging.audit.insert().values(
                id=-5000, at=clock.now(), actor="x", action="y", about="z", facts={}
            )
            await work.session.execute(late)
        await sealed(database, trail)
        assert (await checked(database, trail)).unsealed == 1
        async with database.writing() as work:
            await trail.drop(work)
        report = await checked(database, trail)
        assert (report.whole, report.unsealed) == (True, 0)

    async def test_what_is_sealed_reads_the_same_on_both_databases(
        self, database: Database, trail: Trail
    ) -> None:
        async with database.writing() as work:
            facts = {"b": ["é", 1, None], "a": {"x": True}}
            await audit.note(work, "toy.thing.opened", "a", by="Leen", **facts)
        await sealed(database, trail)
        assert (await checked(database, trail)).whole


class TestTampering:
    @pytest.fixture
    async def five(self, database: Database, trail: Trail) -> Head:
        """Five sealed entries, and the head that another service keeps."""
        await sealed(database, trail, "a", "b", "c", "d", "e")
        async with database.writing() as work:
            head = await head_now(work)
        assert head is not None
        return Head("intake", "2026-11-25", head.number, head.mac, "research")

    @pytest.mark.parametrize(
        ("statements", "told"),
        [
            (["UPDATE audit SET actor = 'Nobody' WHERE about = 'c'"], "altered 3"),
            (["UPDATE audit_chain SET mac = '{mac}' WHERE number = 2"], "altered 2; altered 3"),
            (["DELETE FROM audit WHERE about = 'b'"], "missing 2 (entry)"),
            (
                [
                    "DELETE FROM audit WHERE about = 'b'",
                    "DELETE FROM audit_chain WHERE number = 2",
                ],
                "missing 2 (seal)",
            ),
            (
                [
                    "UPDATE audit SET about = 'x' WHERE about = 'b'",
                    "UPDATE audit SET about = 'b' WHERE about = 'd'",
                    "UPDATE audit SET about = 'd' WHERE about = 'x'",
                    "UPDATE audit SET at = (SELECT min(at) FROM audit)",
                ],
                None,
            ),
            (
                [
                    "DELETE FROM audit WHERE about IN ('d', 'e')",
                    "DELETE FROM audit_chain WHERE number > 3",
                ],
                "cut 4-5 (research saw it on 2026-11-25)",
            ),
            (
                ["DELETE FROM audit", "DELETE FROM audit_chain"],
                "cut 1-5 (research saw it on 2026-11-25)",
            ),
        ],
        ids=["changed", "mac changed", "deleted", "taken out", "several", "cut", "emptied"],
    )
    async def test_it_is_found_and_named(
        self,
        database: Database,
        trail: Trail,
        five: Head,
        statements: list[str],
        told: str | None,
    ) -> None:
        await done_behind_our_back(database, *(one.format(mac="0" * 64) for one in statements))
        report = await checked(database, trail, five)
        assert not report.whole
        assert told is None or "; ".join(map(str, report.findings)) == told

    async def test_two_that_changed_places_are_found_and_named(
        self, database: Database, trail: Trail, five: Head
    ) -> None:
        swap = "UPDATE audit_chain SET audit_id = {0} WHERE number = {1}"
        ids = "(SELECT id FROM audit WHERE about = '{0}')"
        await done_behind_our_back(
            database,
            swap.format(-1, 2),
            swap.format(ids.format("b"), 4),
            swap.format(ids.format("d"), 2),
        )
        report = await checked(database, trail, five)
        assert "; ".join(map(str, report.findings)) == "moved 2 (now at 4); moved 4 (now at 2)"

    async def test_a_cut_end_shows_by_the_heads_of_others_alone(
        self, database: Database, trail: Trail, five: Head
    ) -> None:
        await done_behind_our_back(
            database,
            "DELETE FROM audit WHERE about = 'e'",
            "DELETE FROM audit_chain WHERE number = 5",
        )
        assert (await checked(database, trail)).whole
        assert {f.kind for f in (await checked(database, trail, five)).findings} == {Kind.CUT}

    async def test_thousands_are_all_found(self) -> None:
        draw = random.Random(7)
        missed = []
        for number in range(3000):
            tamper = list(TAMPERINGS)[number % len(TAMPERINGS)]
            chain = chain_of(draw.randrange(2, 12))
            found = kinds_found(tamper(chain, draw), head_of(chain))
            if not found & TAMPERINGS[tamper]:
                missed.append((tamper.__name__, found))
        assert missed == []

    async def test_without_the_heads_of_others_a_cut_end_is_not(self) -> None:
        assert kinds_found(cut(chain_of(9), random.Random(1))) == set()


class TestDropping:
    async def test_what_is_two_years_old_goes_and_the_rest_stays_whole(
        self, database: Database, trail: Trail
    ) -> None:
        await sealed(database, trail, "old", "older")
        async with database.writing() as work:
            head = await head_now(work)
        assert head is not None
        before = Head("intake", "2024-11-25", head.number, head.mac, "research")
        with clock.frozen(clock.now() + dt.timedelta(days=729)):
            await sealed(database, trail, "new")
            async with database.writing() as work:
                await trail.drop(work)
            assert (await checked(database, trail)).entries == 3
        with clock.frozen(clock.now() + dt.timedelta(days=731)):
            async with database.writing() as work:
                await trail.drop(work)
                await trail.drop(work)
            report = await checked(database, trail, before)
            assert (report.whole, report.entries, report.last) == (True, 1, 3)
            await sealed(database, trail, "newer")
            assert (await checked(database, trail)).last == 4

    async def test_all_of_it_may_be_old(self, database: Database, trail: Trail) -> None:
        await sealed(database, trail, "old")
        with clock.frozen(clock.now() + dt.timedelta(days=800)):
            async with database.writing() as work:
                await trail.drop(work)
            await sealed(database, trail, "new")
            report = await checked(database, trail)
            assert (report.whole, report.entries, report.last) == (True, 1, 2)

    async def test_a_record_that_is_not_ours_is_found(
        self, database: Database, trail: Trail
    ) -> None:
        await sealed(database, trail, "a", "b")
        async with database.writing() as work:
            await trail._record(work, 1, "0" * 64, clock.now())  # right signature, too early
        assert {f.kind for f in (await checked(database, trail)).findings} >= {Kind.FORGED}


class TestHeads:
    async def test_a_hearer_keeps_the_first_one_told_of_a_day(self, database: Database) -> None:
        event = DAY_SEALED["intake"](
            day=dt.date(2026, 11, 25), ranges=(), audit=AuditHead(number=5, mac="a" * 64)
        )
        later = event.model_copy(update={"audit": AuditHead(number=3, mac="b" * 64)})
        without = DAY_SEALED["research"](day=dt.date(2026, 11, 25), ranges=())
        async with database.writing() as work:
            for one in (event, later, without):
                await keep_head(work, one)
        async with database.reading() as session:
            kept = await heads_of(session, messaging.audit_heads)
        assert kept == [Head("intake", "2026-11-25", 5, "a" * 64)]

    async def test_a_day_without_events_is_sealed_once_where_the_trail_has_grown(
        self, database: Database, trail: Trail
    ) -> None:
        async def day_sealed(days: int) -> DaySealed | None:
            with clock.frozen(clock.now() + dt.timedelta(days=days)):
                async with database.writing() as work:
                    return await seals.seal(work, "intake")

        assert await day_sealed(1) is None, "nothing happened"
        await sealed(database, trail, "a", "b")
        first = await day_sealed(1)
        assert first is not None
        assert first.ranges == ()
        assert first.audit is not None
        assert first.audit.number == 2
        assert await day_sealed(1) is None, "it was told"
        await sealed(database, trail, "c")
        assert await day_sealed(1) is None, "that day was told of"


async def test_another_service_keeps_the_head_and_shows_that_the_end_was_cut_off(
    nats_url: str, tmp_path: Path, trail: Trail
) -> None:
    heads = messaging.audit_heads
    async with (
        started("intake", f"sqlite+aiosqlite:///{tmp_path}/a.db", nats_url) as intake,
        started("research", f"sqlite+aiosqlite:///{tmp_path}/b.db", nats_url) as research,
    ):
        await sealed(intake.database, trail, "a", "b", "c")
        await intake.append(cleared("q1"))
        await eventually(intake.all_left, what="published")
        with clock.frozen(clock.now() + dt.timedelta(days=1)):
            async with intake.database.writing() as work:
                await seals.seal(work, "intake")

        async def kept() -> list[Head]:
            async with research.database.reading() as session:
                return await heads_of(session, heads, "intake")

        (head,) = await eventually(kept, what="the head")
        assert head.number == 3
        gone = ["DELETE FROM audit WHERE about = 'c'", "DELETE FROM audit_heads"]
        gone.append("DELETE FROM audit_chain WHERE number = 3")
        await done_behind_our_back(intake.database, *gone)
        assert (await checked(intake.database, trail)).whole
        told = await checked(intake.database, trail, head)
        assert [str(one) for one in told.findings] == [f"cut 3 (seen on {head.day})"]
