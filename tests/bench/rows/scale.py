"""Whether pages and jobs get slower as the tables grow: each of them, with few rows and with many.

A service with what its tests put into it; then its rows many times over (`tests/plans/growing.py`),
most of them done with, or (`--open`) none, and 50,000 public entries at most. Processor time, not
waiting: of this process, which is the service, and of PostgreSQL.
"""

import datetime as dt
import importlib
import json
import math
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil
import typer
from cri_publishing.content import draft_plain
from cri_publishing.models import Entry, Link, MistakeReport, Question
from cri_publishing.models.views import moved
from cri_publishing.rig import Rig, place_of
from cri_publishing.rules.draft import Draft, Text
from cri_shared import clock
from cri_shared.db.engine import make_engine
from cri_shared.events.upkeep import AuditHead
from cri_shared.privacy.vault import seal
from cri_shared.service import Service
from cri_shared.trail.heads import head_now
from sqlalchemy import Connection, MetaData, func, select

from tests.bench.report import Row
from tests.bench.sizes import PATIENT, tended
from tests.bench.stage import Stage
from tests.plans.growing import SPREAD_DAYS, Growth, grow
from tests.plans.recording import Operation, pages, work
from tests.plans.tables import ASKED, OF_ENTRIES, SMALL
from tests.security.suites.roles import AT, stage_of

FEW = 1_000
MOST_ENTRIES = 50_000
ALIKE = 20  # copies that are as the first: what people still work on
NOISE_MS = 5.0
FEWEST_TURNS, MOST_TURNS = 3, 9
LONG_MS = 2000.0  # what takes so long is done twice: the first may find work that was put off
FILES = (".csv", ".xlsx")
WHOLE = {  # who asks for these asks for all of it
    "whole check of the audit trail",
    "anybody /export/entries.csv",
    "anybody /export/entries.jsonl",
    "anybody /sitemap/{part}.xml",
    *(f"{role} /console/reports{kind}" for role in ("trainer", "auditor") for kind in FILES),
    *(f"{role} /console/obstacles.csv" for role in ("trainer", "coder")),
    *(f"coordinator /console/{of_all}.csv" for of_all in ("questions", "reminders")),
    *(f"{role} /console/holdings" for role in ("auditor", "editor", "operator")),
}
COUNTED = {  # the table whose rows are as many as questions
    **{"intake": "cases", "research": "questions", "publishing": "questions"},
    **{"search": "entries", "training": "sign_ups"},
}
_TEXT = Draft(
    country="AM",
    topics=("health.medication",),
    outcome="found",
    information_date=dt.date(2026, 6, 1),
    texts=(Text("en", "Is insulin sold in Gyumri?", "In two of three pharmacies.", version=1),),
    sources=(),
)
_SAID = {"published_at": "=created_at", "number": "t.id + CAST(n.k AS bigint) * 1000"}
OTHERWISE: dict[str, dict[str, dict[str, str]]] = {
    "intake": {
        "outbox": _SAID,
        "alarms": {"ended_at": "=raised_at"},
        "pauses": {"ended_at": "=began_at"},
        "cases": {
            **{"status": "'answered'", "told": "'answered'", "answered_at": "=received_at"},
            **{"held": "false", "answer_waits": "false"},
        },
    },
    "research": {
        "outbox": _SAID,
        "questions": {
            **{"status": "'approved'", "owed_by": "NULL"},
            **{"consider_at": "NULL", "passed_at": "NULL"},
        },
        "assignments": {"status": "'approved'", "ended_at": "=sent_at", "next_on": "NULL"},
    },
    "publishing": {
        "outbox": _SAID,
        "questions": {  # there are fewer entries
            **{"state": "'withheld'", "reason": "'editor'", "entry_id": "NULL"},
            "country": "COALESCE(t.country, 'AM')",
        },
        "entries": {
            **{"status": "'published'", "version": "1", "wake_on": "NULL"},
            "information_date": "COALESCE(t.information_date, '2026-06-01')",
            "review_by": "COALESCE(t.review_by, '2027-06-01')",
        },
        "versions": {
            **{"state": "'published'", "published_at": "=started_at"},
            **{"content": f"'{json.dumps(draft_plain(_TEXT))}'", "content_sealed": "NULL"},
        },
        "links": {"next_at": "NULL"},
        "mistake_reports": {"done_on": "=reported_on", "text_sealed": "NULL"},
    },
    "search": {"outbox": _SAID},
    "training": {
        "outbox": _SAID,
        "editions": {
            **{"status": "'held'", "published_at": "=created_at"},
            "counted_no": "1000000 - row_number() OVER (ORDER BY n.k, t.edition_id)",
        },
        "sign_ups": {
            **{"mail_due_at": "NULL", "offer_until": "NULL"},
            "status": "CASE t.status WHEN 'offered' THEN 'missed' ELSE t.status END",
        },
        "feedback_answers": {"waits": "false"},
        "reservations": {"given_back_at": "=until"},
    },
}
KEPT_DAYS = {"intake": 80, "training": 60}  # what lies longer would be ended all the time
VOCABULARY = "words"  # of search, grows with the root of the entries: `--only search` has all of it
PLACED = "in_view"  # of publishing: copies are placed as the service itself does it
PLACED_AT_ONCE = 500
# The people of training's copies: its duty counts 5,000 a minute.
TALLIED = """
INSERT INTO tallies (edition_id, role, organisation_id, reached, number, minutes)
SELECT edition_id, COALESCE(role, ''), COALESCE(organisation_id, ''),
  CASE WHEN sign_ups.status = 'seated' THEN 'came'
    WHEN sign_ups.status IN ('waiting', 'offered', 'missed') THEN 'waiting' ELSE 'gone' END AS far,
  count(*), 0
FROM sign_ups JOIN editions USING (edition_id)
WHERE counted_no > 100000 AND sign_ups.status NOT IN ('requested', 'merged')
GROUP BY edition_id, role, organisation_id, far
"""
Costs = Mapping[str, tuple[float, float] | None]  # None: it could not be done


async def measure(stage: Stage) -> list[Row]:
    """Each service with a thousand questions, and with as many as were asked for."""
    rows = []
    for service in stage.services or COUNTED:
        with clock.frozen(AT):
            rows.append(_row(stage, service, await _costs(stage, service)))
    return rows


def _row(stage: Stage, service: str, costs: Costs) -> Row:
    """How many operations got slower faster than the logarithm of the rows, and the worst."""
    both = {name: cost for name, cost in costs.items() if cost is not None}
    slower = {name: cost for name, cost in both.items() if _is_over(stage, name, *cost)}
    worst = sorted(slower.items(), key=lambda one: one[1][1] - one[1][0], reverse=True)
    told = [f"{name} {less:.0f} -> {more:.0f} ms" for name, (less, more) in worst[:12]]
    told += [f"{name} could not be done" for name in costs if name not in both]
    return Row(
        f"{service}, {stage.database}, {FEW:,} -> {stage.questions:,}: slower than the logarithm,"
        f" of {len(both)} pages and jobs",
        float(len(slower)),
        "",
        limit=0.0,
        note="; ".join(told),
    )


async def _costs(stage: Stage, service: str) -> Costs:
    """Milliseconds of every page and job, with few questions and with many.

    One after the other, so that both are measured while the machine has as much to do beside.
    """
    costs = {}
    async with _made(stage, service, FEW) as less, _made(stage, service, stage.questions) as more:
        for one, same in zip(less, more, strict=True):
            costs[one.name] = await _cost_of_both(stage, one, same)
    return costs


async def _cost_of_both(
    stage: Stage, one: Operation, same: Operation
) -> tuple[float, float] | None:
    """The least of a few turns; of a few more where it would be over."""
    few = many = math.inf
    for turn in range(1, MOST_TURNS + 1):
        less, more = await _cost(stage, one), await _cost(stage, same)
        if less is None or more is None:
            return None
        few, many = min(few, less), min(many, more)
        enough = turn >= FEWEST_TURNS and not _is_over(stage, one.name, few, many)
        if enough or (turn > 1 and many > LONG_MS):
            break
    return few, many


def _is_over(stage: Stage, name: str, few: float, many: float) -> bool:
    steps = math.log(stage.questions) / math.log(FEW)
    return many > few * steps + NOISE_MS and name not in WHOLE


@asynccontextmanager
async def _made(stage: Stage, service: str, questions: int) -> AsyncIterator[list[Operation]]:
    """Every page and job of a service with so many questions."""
    directory = stage.directory / f"scale-{service}-{questions}"
    directory.mkdir()
    url = await stage.database_url(stage.database, f"scale-{service}-{questions}")
    async with stage_of(service).stage(directory, database_url=url) as opened:
        duties = work(opened.app)
        every = [*await pages(opened, ASKED.get(service, {})), *duties]
        for one in every:  # what they do once is done
            await one.do()
        began = time.perf_counter()
        await _grow(url, service, questions, left_open=stage.left_open)
        if service == "publishing":
            await _place_all(opened.app.state.service)
            await _seal_reports(opened.app.state.rig)
        await _seal_all(opened.app.state.service)
        for one in duties:  # what copies have outlived ends
            if one.name not in WHOLE:
                await _tried(one)
        await tended(url)
        took = time.perf_counter() - began
        typer.echo(f"{service}, {questions:,}: made in {took:.0f} s", err=True)
        yield every


async def _grow(url: str, service: str, questions: int, *, left_open: bool) -> None:
    metadata = importlib.import_module(f"cri_{service}.models").Base.metadata
    engine = make_engine(url, PATIENT, pooled=False)
    otherwise = {"outbox": _SAID} if left_open else OTHERWISE[service]
    async with engine.begin() as connection:
        await connection.run_sync(_multiply, metadata, service, questions, otherwise)
    await engine.dispose()


def _multiply(
    connection: Connection,
    metadata: MetaData,
    service: str,
    questions: int,
    otherwise: Mapping[str, Mapping[str, str]],
) -> None:
    counted = metadata.tables[COUNTED[service]]
    there = connection.execute(select(func.count()).select_from(counted)).scalar_one()
    for table in metadata.sorted_tables:
        if table.name not in SMALL and table.name not in ("audit_chain", VOCABULARY, PLACED):
            of_entries = table.name in OF_ENTRIES[service]
            wanted = min(questions, MOST_ENTRIES) if of_entries else questions
            copies = wanted // max(there, 1)
            growth = Growth(copies, ALIKE, otherwise, KEPT_DAYS.get(service, SPREAD_DAYS))
            grow(connection, table, growth)
    if service == "training":
        connection.exec_driver_sql(TALLIED)


async def _place_all(service: Service) -> None:
    """Put every copy of what stands in publishing's views where it belongs."""
    ids: list[str] = []
    async with service.database.reading() as session:
        for column in (Entry.entry_id, Question.research_id, Link.link_id):
            ids += (await session.execute(select(column).order_by(column))).scalars()
    for first in range(0, len(ids), PLACED_AT_ONCE):
        async with service.database.writing() as work:
            moved(work.session.sync_session, ids[first : first + PLACED_AT_ONCE])


async def _seal_reports(rig: Rig) -> None:
    """Seal what readers wrote as each copy has it: there is one key for all, and a page of them."""
    async with rig.service.database.writing() as work:
        rows = select(MistakeReport).where(MistakeReport.text_sealed.is_not(None))
        for report in (await work.session.execute(rows)).scalars():
            words, place = "A number that nobody answers.", place_of(report.report_id)
            report.text_sealed = seal(rig.readers_key, words, place)


async def _seal_all(service: Service) -> None:
    """Chain the copies of the audit trail, as its duty does, and mark how far it is whole."""
    before, last = None, await _sealed_to(service)
    while last != before:
        before, last = last, await _sealed_to(service)
    async with service.database.reading() as session:
        report = await service.trail.check(session)
    assert report.whole, report.findings[:3]
    async with service.database.writing() as work:
        await service.trail.note_check(work, report, "command line")


async def _sealed_to(service: Service) -> AuditHead | None:
    """The end of the chain once a few thousand more entries are sealed."""
    async with service.database.writing() as work:
        await service.trail.seal(work)
        return await head_now(work)


async def _cost(stage: Stage, one: Operation) -> float | None:
    """Milliseconds of doing it once; None where it cannot be done."""
    server = stage.beside.get("PostgreSQL")
    of_server, before = _spent_by(server), time.process_time()
    if not await _tried(one):
        return None
    spent = time.process_time() - before  # without the looking, which takes its time
    return (spent + _spent_by(server) - of_server) * 1000


async def _tried(one: Operation) -> bool:
    """Do it; copies of sealed texts do not open."""
    try:
        await one.do()
    except Exception as trouble:
        typer.echo(f"  {one.name}: {type(trouble).__name__}", err=True)
        return False
    return True


def _spent_by(server: int | None) -> float:
    """Seconds of PostgreSQL's connections, to the nanosecond, and of its workers that ended."""
    if server is None:
        return 0.0
    ended = psutil.Process(server).cpu_times()
    seconds: float = ended.children_user + ended.children_system
    for one in psutil.Process(server).children():
        with suppress(psutil.Error, FileNotFoundError, ProcessLookupError):
            if "127.0.0.1" in " ".join(one.cmdline()):  # not what clears up, or writes to the disk
                seconds += int(Path(f"/proc/{one.pid}/schedstat").read_text().split()[0]) / 1e9
    return seconds
