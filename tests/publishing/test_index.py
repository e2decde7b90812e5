"""The public index follows, on a real server: at once, after an outage, and when it is rebuilt."""

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from cri_publishing import __main__ as command
from cri_publishing import indexing
from cri_publishing.__main__ import _rebuild
from cri_shared import clock
from cri_shared.events.publishing import EntryPublished
from cri_shared.index.meilisearch import MeilisearchIndex
from cri_shared.index.port import Query
from cri_shared.testing.events import emitted
from cri_shared.testing.index import IndexServer
from cri_shared.testing.processes import free_port
from pydantic import SecretStr
from typer.testing import CliRunner

from tests.publishing.conftest import TODAY, Founded, Publishing, on_database, started


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IndexServer]:
    running = IndexServer(tmp_path_factory.mktemp("index") / "data")
    running.start()
    yield running
    running.stop()


@pytest.fixture
async def publishing(
    tmp_path: Path, founded: Founded, server: IndexServer, database_url: str
) -> AsyncIterator[Publishing]:
    store = on_database(database_url) | {"index_url": server.url, "index_key": server.keys()[0]}
    async with started(tmp_path, founded, **store) as one:
        yield one


async def found(server: IndexServer, text: str) -> list[str]:
    """The ids of the entries that readers find."""
    index = MeilisearchIndex(server.url, server.keys()[1])
    page = await index.search(Query(text))
    await index.close()
    return [hit.entry_id for hit in page.hits]


async def test_it_is_there_before_anything_is_published(publishing: Publishing) -> None:
    await publishing.time()
    assert await publishing.rig.index.count() >= 0


async def test_what_is_published_is_found_by_its_words_country_and_topic(
    publishing: Publishing, server: IndexServer
) -> None:
    entry_id = await publishing.published(country="GE", region="Imereti")
    await publishing.time()
    for words in ("insulin", "insuline Georgië", "médicaments Géorgie", "pharmacys"):
        assert entry_id in await found(server, words), words


async def test_what_is_withdrawn_is_found_no_more(
    publishing: Publishing, server: IndexServer
) -> None:
    entry_id = await publishing.published(country="MN")
    await publishing.time()
    assert entry_id in await found(server, "Mongolia")
    await publishing.post(f"{entry_id}/withdraw", reason="harm")
    await publishing.time()
    assert entry_id not in await found(server, "Mongolia")


async def test_while_it_is_away_publishing_goes_on_and_nothing_is_lost(
    publishing: Publishing, server: IndexServer
) -> None:
    server.stop()
    entry_id = await publishing.published(country="NP")
    withdrawn = await publishing.published(country="NP")
    await publishing.post(f"{withdrawn}/withdraw", reason="wrong")
    assert len(await emitted(publishing.rig.service, EntryPublished)) == 2
    await publishing.rig.service.clockwork.do_jobs()  # tried in vain, and kept
    ready = (await publishing.client.get("/health/ready")).json()
    assert (ready["status"], ready["reasons"]) == ("degraded", ["index-away"])
    server.start()
    with clock.frozen(TODAY + dt.timedelta(minutes=1)):
        await publishing.time()
    assert {entry_id, withdrawn} & {*await found(server, "Nepal")} == {entry_id}


async def test_publishing_starts_without_it(tmp_path: Path, founded: Founded) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    async with started(tmp_path, founded, index_url=nowhere, index_key="key") as publishing:
        ready = (await publishing.client.get("/health/ready")).json()
        assert (ready["status"], ready["reasons"]) == ("degraded", ["index-away"])
        assert await publishing.published(country="NP")


async def test_a_rebuild_brings_back_exactly_what_is_public(
    publishing: Publishing, server: IndexServer
) -> None:
    kept = await publishing.published(country="GN")
    gone = await publishing.published(country="GN")
    await publishing.draft(country="GN")
    await publishing.time()
    await publishing.post(f"{gone}/withdraw", reason="wrong")
    await publishing.rig.index.delete_entry(kept)  # as if it had been lost
    settings = publishing.rig.settings
    said: list[str] = []
    assert await _rebuild(settings, said.append) == 1, "as the command rebuild-index does"
    assert said == ["read 1 of 1 entries; the index swaps when it has taken them in"]
    assert await found(server, "Guinea") == [kept]
    assert await publishing.rig.index.count() == 1


async def test_a_long_rebuild_says_how_far_it_is(
    publishing: Publishing, server: IndexServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await publishing.published(country="GW")
    monkeypatch.setattr(indexing, "_AT_ONCE", 1)
    monkeypatch.setattr(command, "STEP", 2)
    said: list[str] = []
    await _rebuild(publishing.rig.settings, said.append)
    assert said == [
        "read 2 of 3 entries, about 1 min to go",
        "read 3 of 3 entries; the index swaps when it has taken them in",
    ]


async def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """How the command compare-index ends, and what it says on both outputs."""
    with pytest.raises(SystemExit) as ended:
        await asyncio.to_thread(command.command, ["compare-index", *words])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


async def test_the_index_is_compared_with_what_is_public(
    publishing: Publishing,
    server: IndexServer,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = await publishing.published(country="TG")
    await publishing.draft(country="TG")
    settings = publishing.rig.settings
    await _rebuild(settings, lambda _line: None)
    monkeypatch.setattr(command, "Settings", lambda: settings)
    status, said, err = await told(capsys)
    assert (status, [line.split()[1] for line in said.splitlines()]) == (0, ["1", "1"])
    assert err == "read 1 of 1 entries\n"

    await publishing.rig.index.delete_entry(kept)
    lost, unsure, _ = await told(capsys)
    assert (lost, "changing         1: not counted" in unsure) == (0, True), (
        "it is only just public"
    )
    with clock.frozen(TODAY + dt.timedelta(hours=1)):
        status, said, err = await told(capsys, "--json")
    answer = json.loads(said)
    assert (status, answer["same"], answer["missing"]) == (1, False, [f"{kept}_en"])
    assert f"missing          1: {kept}_en" in err


async def test_an_index_that_cannot_be_compared_is_one_line(
    publishing: Publishing,
    server: IndexServer,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = publishing.rig.settings
    for changed, status, line in (
        ({"index_url": f"http://127.0.0.1:{free_port()}"}, 75, "The index does not answer; it may"),
        ({"index_key": SecretStr("wrong")}, 2, "`cri provision` makes the key"),
    ):
        settings = known.model_copy(update=changed)
        monkeypatch.setattr(command, "Settings", lambda settings=settings: settings)
        ended, said, err = await told(capsys)
        assert (ended, said) == (status, "")
        assert line in err.splitlines()[-1]
        assert "Traceback" not in err


def test_what_keeps_the_command_from_it_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRI_PUBLISHING_NATS_SEED_FILE", str(tmp_path / "nothing"))
    done = CliRunner().invoke(command.command, ["rebuild-index"])
    words = "Settings are not usable: nats_seed_file must be a file that can be read\n"
    assert (done.exit_code, done.output) == (2, words)
    monkeypatch.delenv("CRI_PUBLISHING_NATS_SEED_FILE")
    monkeypatch.setenv("CRI_PUBLISHING_KEY_DIR", str(tmp_path / "nowhere"))
    done = CliRunner().invoke(command.command, ["rebuild-index"])
    words = f"Keys are not usable: there is no key directory {tmp_path}/nowhere\n"
    assert (done.exit_code, done.output) == (2, words)
