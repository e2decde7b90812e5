"""No page and no job reads a whole table that grows: what the databases say they would do."""

import re
from collections.abc import AsyncIterable
from pathlib import Path

import pytest
from cri_intake.models.case_queue import VIEWS as OF_CASES
from cri_intake.queries.queue import VIEWS
from cri_publishing import indexing
from cri_publishing.models import CountryChange
from cri_research.queries import views
from cri_research.queries.digest import NEWS
from cri_shared import clock
from cri_shared.db.engine import make_engine
from cri_shared.events import SERVICES
from cri_shared.index.documents import EntryDocument
from cri_shared.testing.identity import sign_in
from cri_shared.testing.news import news_for
from sqlalchemy import inspect, make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.plans.reading import (
    goes_by,
    goes_by_few,
    goes_by_index_alone,
    goes_by_one,
    scans,
    sorts,
)
from tests.plans.recording import MAKING, Recorded, Statement, pages, recording, work
from tests.plans.tables import ASKED, SMALL, WHOLE
from tests.security.roles.cells import browser
from tests.security.suites.roles import AT, stage_of

FEWEST = 60  # statements of the service that sends the fewest
# What ends, or counts, the answered cases under a rule; those on hold are found by these.
_RULE_OF_CASES = re.compile(
    r"FROM cases\s+WHERE (?!.*IN \(SELECT holds).*kept_longer IS", re.DOTALL
)
FEWEST_OF_RULES = 8
_UNTOLD = re.compile(r"^SELECT.*FROM cases\s+WHERE .*told IS (?:NOT|DISTINCT)", re.DOTALL)
_COUNT = "GROUP BY entries.expired_by"  # how far the entries of changes have come
_WAITS = re.compile(r"FROM outbox\s+WHERE .*published_at IS NULL", re.DOTALL)
FEWEST_OF_WAITING = 2
_BOARD = re.compile(r"FROM questions\s+WHERE .*ORDER BY questions\.", re.DOTALL)
_GATHERED = "IN (SELECT questions.research_id"
_NEWS = re.compile(r"^SELECT count.*FROM assignments\s+WHERE .*_at >", re.DOTALL)
_COUNTED = ("open", "undone", "owed")  # what the board counts, by what its indexes are of
_FOR_EVER = "country|officer_id"  # of cases: what is found by it alone grows for ever


async def recorded(service: str, directory: Path, database_url: str) -> Recorded:
    """What a service asks its database while all its pages are opened and all its jobs done."""
    with recording(str(make_url(database_url).database)) as found, clock.frozen(AT):
        async with stage_of(service).stage(directory, database_url=database_url) as stage:
            for one in [*await pages(stage, ASKED.get(service, {})), *work(stage.app)]:
                found.by = one.name
                await one.do()
    return found


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.timeout(300)
async def test_nothing_reads_a_whole_table_that_grows(
    service: str, tmp_path: Path, database_url: str
) -> None:
    found = await recorded(service, tmp_path, database_url)
    assert len(found.every) > FEWEST
    engine = make_engine(database_url).execution_options(sqlite_begin="DEFERRED")
    async with engine.connect() as connection:
        wrong = [f"{table}: {s.by}: {s.sql}" for s, table in await _read_whole(connection, found)]
        of_rules = [one for one in found.every.values() if _RULE_OF_CASES.search(one.sql)]
        others = [one.sql for one in of_rules if not await goes_by_few(connection, one)]
        of_waiting = [one for one in found.every.values() if _WAITS.search(one.sql)]
        among_all = [one.sql for one in of_waiting if not await goes_by_few(connection, one)]
    await engine.dispose()
    unexpected = [one for one in wrong if not one.startswith(tuple(WHOLE[service]))]
    assert unexpected == []
    assert (len(of_rules) >= FEWEST_OF_RULES) == (service == "intake")
    assert others == [], "a rule of keeping must not look at the cases of another one"
    assert len(of_waiting) >= FEWEST_OF_WAITING
    assert among_all == [], "what waits to leave must not be sought among all that left"


async def test_what_a_webhook_is_not_told_yet_is_not_sought_among_all_that_it_was_told(
    tmp_path: Path, database_url: str
) -> None:
    found = await recorded("intake", tmp_path, database_url)
    untold = [one for one in found.every.values() if _UNTOLD.search(one.sql)]
    engine = make_engine(database_url).execution_options(sqlite_begin="DEFERRED")
    async with engine.connect() as connection:
        if connection.dialect.name == "sqlite":  # which has no statistics that could mislead it
            by_few = [await goes_by(connection, one, "ix_cases_untold") for one in untold]
        else:
            by_few = [
                await goes_by_index_alone(connection, one, "ix_cases_untold") for one in untold
            ]
    await engine.dispose()
    assert by_few == [True]


async def test_the_queue_does_not_look_at_all_that_a_country_or_an_officer_ever_had(
    tmp_path: Path,
) -> None:
    database_url = f"sqlite+aiosqlite:///{tmp_path / 'intake.db'}"
    found = await recorded("intake", tmp_path, database_url)
    queue = [one for one in found.every.values() if one.by.startswith("officer /console/questions")]
    engine = make_engine(database_url).execution_options(sqlite_begin="DEFERRED")
    async with engine.connect() as connection:
        wide = [one.sql for one in queue if await goes_by_one(connection, one, _FOR_EVER)]
        sorted_all = [
            one.sql
            for one in queue
            if "ORDER BY" in one.sql
            and "UNION" not in one.sql  # what is overdue, and no more than that
            and any(f"({where})" in one.sql for where in OF_CASES.values())
            and await sorts(connection, one)
        ]
    await engine.dispose()
    assert len(queue) > len(VIEWS)
    assert wide == []
    assert sorted_all == [], "what waits is in the order in which it is needed"


async def test_a_page_of_links_is_not_all_links_put_in_order(
    tmp_path: Path, database_url: str
) -> None:
    found = await recorded("publishing", tmp_path, database_url)
    ours = re.compile(r"FROM links\b.*ORDER BY links\.url.*LIMIT", re.DOTALL)
    of_links = [one for one in found.every.values() if ours.search(one.sql)]
    to_visit = [one for one in found.every.values() if "links.next_at <=" in one.sql]
    engine = make_engine(database_url).execution_options(sqlite_begin="DEFERRED")
    async with engine.connect() as connection:
        wrong = [one.sql for one in of_links if await sorts(connection, one)]
        by_time = [await goes_by(connection, one, "ix_links_next_at") for one in to_visit]
    await engine.dispose()
    assert by_time
    assert all(by_time), "which links are to be visited is told by their time"
    assert len(of_links) > 2, "of a state, of those that are known, and what follows"
    assert wrong == []


class Taking:
    """An index that takes all documents of a rebuild and keeps none."""

    async def rebuild(self, documents: AsyncIterable[EntryDocument], _changed: object) -> int:
        return len([one async for one in documents])


async def test_a_rebuild_of_the_index_goes_along_the_entries(
    tmp_path: Path, database_url: str
) -> None:
    with recording(str(make_url(database_url).database)) as found, clock.frozen(AT):
        async with stage_of("publishing").stage(tmp_path, database_url=database_url) as stage:
            rig, found.by = stage.app.state.rig, "rebuild"
            rig.index = Taking()
            await indexing.rebuild(rig)
    pages_of_it = [s for s in found.every.values() if s.by == "rebuild" and "LIMIT" in s.sql]
    engine = make_engine(database_url).execution_options(sqlite_begin="DEFERRED")
    async with engine.connect() as connection:
        sorted_all = [one.sql for one in pages_of_it if await sorts(connection, one)]
    await engine.dispose()
    assert pages_of_it
    assert sorted_all == [], "each page would put all that are public in order"


async def test_what_the_policy_passed_over_is_found_in_its_order(
    tmp_path: Path, database_url: str
) -> None:
    found = await recorded("research", tmp_path, database_url)
    passed = [one for one in found.every.values() if re.search("passed_at <.*LIMIT", one.sql, re.S)]
    engine = make_engine(database_url).execution_options(sqlite_begin="DEFERRED")
    async with engine.connect() as connection:
        by_index = [await goes_by(connection, one, "ix_questions_passed") for one in passed]
        sorted_all = [one.sql for one in passed if await sorts(connection, one)]
    await engine.dispose()
    assert by_index == [True]
    assert sorted_all == []


@pytest.mark.parametrize("most", [-1, views.MOST], ids=["much", "little"])
async def test_the_board_is_in_its_order_however_much_is_open(
    most: int, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST", most)
    found = await recorded("research", tmp_path, database_url)
    board = [s for s in found.every.values() if s.by.startswith("coordinator /console/questions")]
    pages = [s for s in board if "LIMIT" in s.sql and _BOARD.search(s.sql)]
    few = [s for s in pages if _GATHERED in s.sql]
    counts = [s for s in board if s.sql.count("SELECT count(") >= len(_COUNTED)]
    engine = make_engine(database_url).execution_options(sqlite_begin="DEFERRED")
    async with engine.connect() as connection:
        sorted_all = [s.sql for s in pages if s not in few and await sorts(connection, s)]
        gathered = [await goes_by_few(connection, s) for s in few]
        counted = [
            await goes_by(connection, s, *_of_board(name)) for s in counts for name in _COUNTED
        ]
    await engine.dispose()
    assert len(pages) > len(views.VIEWS)
    assert sorted_all == [], "a view is in the order in which it is due"
    assert bool(few) == (most > 0)
    assert all(gathered), "so few that they can be sorted are found by an index of their view"
    assert len(counted) >= 2 * len(_COUNTED), "of all, and of a country"
    assert all(counted), "what is counted is found by an index of its view"


def _of_board(name: str) -> list[str]:
    """The indexes of what the board counts; of one country what is open is seen in all statuses."""
    names = [name, f"country_{name}", *(["country_undone"] if name == "open" else [])]
    return [f"ix_questions_{one}" for one in names]


async def test_reminders_look_at_what_is_due_alone(tmp_path: Path, database_url: str) -> None:
    found = await recorded("research", tmp_path, database_url)
    by_duty = [s for s in found.every.values() if "next_on <=" in s.sql]
    of_page = [
        s
        for s in found.every.values()
        if s.by == "coordinator /console/reminders" and "ORDER BY assignments." in s.sql
    ]
    engine = make_engine(database_url).execution_options(sqlite_begin="DEFERRED")
    async with engine.connect() as connection:
        due = [await goes_by(connection, s, "ix_assignments_planned") for s in by_duty]
        sorted_all = [s.sql for s in [*by_duty, *of_page] if await sorts(connection, s)]
    await engine.dispose()
    assert due == [True]
    assert len(of_page) == 2, "what is planned, and what a person holds"
    assert sorted_all == []


async def test_the_news_of_a_morning_is_not_sought_among_all_that_is_open(
    tmp_path: Path, database_url: str
) -> None:
    with recording(str(make_url(database_url).database)) as found, clock.frozen(AT):
        async with stage_of("research").stage(tmp_path, database_url=database_url) as stage:
            staff = await sign_in(browser(stage.app), stage.app, "coordinator")
            await news_for(stage.app.state.service, NEWS, staff)
    told = [s for s in found.every.values() if _NEWS.search(s.sql)]
    engine = make_engine(database_url).execution_options(sqlite_begin="DEFERRED")
    async with engine.connect() as connection:
        by_few = [await goes_by_few(connection, s) for s in told]
    await engine.dispose()
    assert by_few == [True] * 4


async def test_how_far_changes_have_come_is_counted_without_looking_at_an_entry(
    tmp_path: Path, database_url: str
) -> None:
    change = CountryChange(
        **{"change_id": "change", "country": "AM", "topics": [], "kind": "law", "note": "New law"},
        **{"happened_on": AT.date(), "entries": 0, "listings": 0},
        **{"declared_by": "Ann A.", "declared_at": AT},
    )
    counts = []
    with recording(str(make_url(database_url).database)) as found, clock.frozen(AT):
        async with stage_of("publishing").stage(tmp_path, database_url=database_url) as stage:
            database, every = stage.app.state.service.database, await pages(stage, {})
            (page,) = [one for one in every if one.name == "editor /console/changes"]
            for declared in ([], [change]):
                async with database.writing() as work:
                    work.session.add_all(declared)
                await page.do()
                counts.append([s for sql, s in found.every.items() if _COUNT in sql])
    assert counts[0] == [], "where there is no change nothing is counted"
    engine = make_engine(database_url).execution_options(sqlite_begin="DEFERRED")
    async with engine.connect() as connection:
        alone = [
            await goes_by_index_alone(connection, s, "ix_entries_expired_by") for s in counts[1]
        ]
    await engine.dispose()
    assert alone == [True]


async def _read_whole(connection: AsyncConnection, found: Recorded) -> list[tuple[Statement, str]]:
    every = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))
    growing = every - SMALL.keys()
    ours = [one for one in found.every.values() if one.by != MAKING or "WHERE" in one.sql]
    return [(one, table) for one in ours for table in await scans(connection, one, growing)]


async def test_a_scan_is_seen(database_url: str) -> None:
    engine = make_engine(database_url)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("CREATE TABLE things (id integer PRIMARY KEY, name text)")
        await connection.exec_driver_sql("CREATE INDEX by_name ON things (name)")
        seen = {
            sql: await scans(connection, Statement(sql, (), "a test"), {"things"})
            for sql in (
                "SELECT * FROM things",
                "SELECT count(*) FROM things",
                "SELECT * FROM things WHERE id || '' = 'x'",
                "SELECT DISTINCT name FROM things",
                "SELECT * FROM things ORDER BY id || '' LIMIT 3",
                "SELECT * FROM things WHERE name = 'x'",
                "SELECT * FROM things ORDER BY name LIMIT 3",
                "DELETE FROM things WHERE id = 3",
            )
        }
    await engine.dispose()
    assert list(seen.values()) == [["things"]] * 5 + [[]] * 3
