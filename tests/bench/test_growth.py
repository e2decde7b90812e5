"""What one of a thing leaves is told by what is in use, whatever was there before."""

import os
import subprocess
import sys
from pathlib import Path

import nats
import psutil
import pytest
from cri_shared.db.engine import make_engine
from cri_shared.testing.nats import NatsServer, fresh_streams

from tests.bench.corpus import entries
from tests.bench.measuring import cpu_seconds
from tests.bench.rows.growth import shelved
from tests.bench.rows.relevance import document
from tests.bench.sizes import asking, each, in_database, in_index, in_streams
from tests.bench.stage import Stage

ENTRIES = 500
SMALLEST, LARGEST = 3_000, 9_000  # bytes that an index may take for a text of 120 words


@pytest.mark.nats
@pytest.mark.timeout(240)
async def test_an_entry_takes_as_much_beside_an_index_that_was_full_before() -> None:
    async with Stage(quick=True) as stage:
        port = await stage.index_port()
        await port.ensure()
        await port.put([document(one) for one in entries(3 * ENTRIES)])
        await port.close()
        rows = {row.what: row for row in await shelved(stage, ENTRIES)}
    told = rows[f"an entry of one language, cri-index, of {ENTRIES:,}"].measured
    assert told is not None
    assert SMALLEST < told < LARGEST


@pytest.mark.nats
async def test_an_index_counts_what_its_journal_has_done_as_room() -> None:
    async with Stage(quick=True) as stage:
        port = await stage.index_port()
        await port.ensure()
        index = await stage.index()
        empty, _ = await in_index(index)
        await port.put([document(one) for one in entries(ENTRIES)])
        await port.close()
        full, room = await in_index(index)
    assert SMALLEST < each(empty, full, ENTRIES) < LARGEST
    assert room > ENTRIES * 1_000  # what waited there to be written


async def test_a_database_counts_what_it_cleared_as_free(database_url: str) -> None:
    engine = make_engine(database_url, pooled=False)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("CREATE TABLE things (id integer PRIMARY KEY, what text)")
    empty = await in_database(database_url)
    rows = ",".join(f"({number}, '{'x' * 500}')" for number in range(2_000))
    async with engine.begin() as connection:
        await connection.exec_driver_sql(f"INSERT INTO things VALUES {rows}")  # noqa: S608
    assert 500 < each(empty, await in_database(database_url), 2_000) < 700
    async with engine.begin() as connection:
        await connection.exec_driver_sql(
            "DELETE FROM things WHERE id < 1999"
        )  # the last page stays
    await engine.dispose()
    assert await in_database(database_url) - empty < 2_000 * 50
    assert await asking(database_url, "SELECT count(*) FROM things") == 1


@pytest.mark.nats
async def test_streams_count_their_messages(tmp_path: Path) -> None:
    with NatsServer(tmp_path / "nats") as server:
        await fresh_streams(server.url)
        assert await in_streams(server.url) == 0
        client = await nats.connect(server.url)
        for _ in range(10):
            await client.jetstream().publish("cri.intake.question.cleared.v1", b"x" * 500)
        await client.close()
        assert 500 < each(0, await in_streams(server.url), 10) < 600


def test_less_than_before_is_no_figure() -> None:
    assert each(1_000, 3_000, 10) == 200
    with pytest.raises(RuntimeError, match="213,931,123 bytes fewer"):
        each(249_000_000, 35_068_877, 4_000)


def test_what_ends_while_it_is_looked_at_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        gone = psutil.Process(ended.pid)
    monkeypatch.setattr(psutil.Process, "children", lambda *_args, **_how: [gone])
    assert cpu_seconds(os.getpid()) > 0
