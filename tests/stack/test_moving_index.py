"""`cri migrate-store --index`: an index arrives whole on another server, and what differs is named.

The other server is a cri-index of its own; a Meilisearch, too, where one runs.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import click.testing
import httpx
import pytest
from cri_shared.index.connection import Connection
from cri_shared.index.port import IndexRefused
from cri_shared.index.search_settings import INDEX
from cri_shared.testing.index import IndexServer
from cri_shared.testing.processes import free_port
from cri_stack import backups, bus
from cri_stack.__main__ import command
from cri_stack.layout import Layout
from typer.testing import CliRunner

from tests.bench.library import fill
from tests.index.conftest import ENGINES, MEILISEARCH

PUBLIC = 30
GUIDE = Path(__file__).parents[2] / "deploy/cri_index/README.md"
ELSEWHERE = (os.environ.get("CRI_TEST_MEILI_URL", ""), os.environ.get("CRI_TEST_MEILI_KEY", ""))
pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def layout(layout: Layout) -> Layout:
    """A platform that is not up, with public entries."""
    fill(
        *(
            layout.environment(one)[f"CRI_{one.upper()}_DATABASE_URL"]
            for one in ("publishing", "search")
        ),
        PUBLIC,
    )
    bus.users(layout)  # a service without its seed does not start
    layout.remember()
    return layout


@contextmanager
def served(directory: Path, master_key: str, port: int | None = None) -> Iterator[IndexServer]:
    server = IndexServer(directory)
    server.master_key = master_key
    server.port = port or server.port
    server.url = f"http://127.0.0.1:{server.port}"
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def source(layout: Layout) -> Iterator[IndexServer]:
    """The platform's own index, filled."""
    with served(layout.var / "index", layout.master_key, layout.ports["index"]) as server:
        write, search = server.keys()
        layout.keep_index_keys(publishing=write, search=search)
        assert backups.run(layout, "publishing", ["rebuild-index"], print).status == 0
        yield server


@pytest.fixture(params=ENGINES)
def target(request: pytest.FixtureRequest, layout: Layout) -> Iterator[str]:
    """The address of an empty index with the same master key."""
    if request.param == MEILISEARCH:
        (layout.keys("index") / "master.key").write_text(ELSEWHERE[1])
        done(ELSEWHERE[0], ELSEWHERE[1], lambda index: index.delete(), missing_is_fine=True)
        yield ELSEWHERE[0]
        return
    with served(layout.var / "other", layout.master_key) as server:
        yield server.url


def done(url: str, key: str, what: Callable[[Any], Any], *, missing_is_fine: bool = False) -> None:
    """Do something to the index of entries there, and wait for its end."""
    connection = Connection(url, key, 10.0)
    try:
        connection.finish(what(connection.index(INDEX)), 60.0)
    except IndexRefused as refused:
        if not (missing_is_fine and refused.code == "index_not_found"):
            raise
    finally:
        connection.close()


def held(url: str, key: str) -> dict[str, dict[str, Any]]:
    """What an index holds, by id."""
    path = f"{url}/indexes/{INDEX}/documents?limit=1000"
    page = httpx.get(path, headers={"Authorization": f"Bearer {key}"}, trust_env=False).json()
    return {document["id"]: document for document in page["results"]}


def say(layout: Layout, *words: str) -> click.testing.Result:
    """What the verb says."""
    return CliRunner().invoke(command, ["migrate-store", "--var", str(layout.var), *words])


def told(layout: Layout, *words: str) -> tuple[int, Any]:
    """Its exit status, and what it answers programs."""
    answered = say(layout, "--json", *words)
    return answered.exit_code, json.loads(answered.stdout)


def test_it_arrives_whole_while_the_one_from_before_stays(
    layout: Layout, source: IndexServer, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = held(source.url, layout.master_key)
    assert len(before) == PUBLIC

    moved = say(layout, "--index", f"{target}/")
    assert moved.exit_code == 0, moved.output
    assert len(set(re.findall(rf"{PUBLIC} documents  ([0-9a-f]{{64}})", moved.output))) == 1
    assert f"CRI_INDEX_URL={target} now" in moved.output
    assert held(target, layout.master_key) == before == held(source.url, layout.master_key)

    # Once services are told of it, nothing is written again, and nothing more is to be done.
    monkeypatch.setenv("CRI_INDEX_URL", target)
    again = say(layout, "--index", target)
    assert again.exit_code == 0, again.output
    assert "CRI_INDEX_URL" not in again.output
    status, answer = told(layout, "--index", target)
    assert (status, answer["result"]["written"], answer["result"]["same"]) == (0, False, True)
    assert answer["result"]["wanted"]["documents"] == PUBLIC


def test_what_differs_there_is_named_and_stays_until_it_is_to_be_replaced(
    layout: Layout, target: str
) -> None:
    """Neither the index from before nor any other part runs."""
    assert say(layout, "--index", target).exit_code == 0
    whole = held(target, layout.master_key)
    one, other, *_ = sorted(whole)
    tampered = {**whole[one], "answer": "Go to the ministry."}
    strange = {**whole[one], "id": "stranger_en", "entry_id": "stranger"}
    done(target, layout.master_key, lambda index: index.add_documents([tampered, strange]))
    done(target, layout.master_key, lambda index: index.delete_document(other))

    refused = say(layout, "--index", target)
    assert refused.exit_code == 2, refused.output
    for named in (f"missing .* 1: {other}", f"altered .* 1: {one}", "unknown .* 1: stranger_en"):
        assert re.search(named, refused.output), (named, refused.output)
    assert (
        refused.stderr == f"The index at {target} holds something else: --replace writes it anew.\n"
    )
    assert held(target, layout.master_key)[one] == tampered, "nothing was changed"

    status, answer = told(layout, "--index", target, "--replace")
    assert (status, answer["error"]) == (0, None)
    assert answer["result"]["written"]
    assert held(target, layout.master_key) == whole


def test_what_was_altered_on_its_way_is_no_success(
    layout: Layout, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = backups.run

    def run_and_lose(*words: Any) -> Any:
        ended = run(*words)
        one = min(held(target, layout.master_key))
        done(target, layout.master_key, lambda index: index.delete_document(one))
        return ended

    monkeypatch.setattr(backups, "run", run_and_lose)
    status, answer = told(layout, "--index", target)
    assert status == 1
    assert "leave CRI_INDEX_URL as it is" in answer["error"]


def test_an_index_that_goes_away_on_the_way_is_one_line(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = backups.run
    with served(tmp_path / "other", layout.master_key) as server:

        def run_without(*words: Any) -> Any:
            server.kill()
            return run(*words)

        monkeypatch.setattr(backups, "run", run_without)
        refused = say(layout, "--index", server.url)
    assert refused.exit_code == 2
    assert "The index does not answer; it may be tried again." in refused.output
    assert "could not be written" in refused.stderr
    assert "Traceback" not in refused.output


class _Answering(BaseHTTPRequestHandler):
    """Answers each path with what it was given: a status and a body; the rest with 405."""

    given: dict[str, tuple[int, str]]

    def do_GET(self) -> None:
        status, body = self.given.get(self.path, (405, '{"code": "not_found"}'))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def answering(given: dict[str, tuple[int, str]]) -> Iterator[str]:
    """The address of a server that answers so."""
    handler = type("Answering", (_Answering,), {"given": given})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"/version": (200, '{"pkgVersion": "1.8.3"}')}, "Meilisearch 1.8.3 answers at .*1.9 or"),
        ({"/version": (200, '["a list"]')}, "is no Meilisearch"),
        ({"/version": (404, "<html>\nnothing\n</html>")}, r"is no Meilisearch \(404\)"),
        ({"/version": (200, "<html>")}, "No index answers at .*: start it first"),
        ({"/version": (200, '{"pkgVersion": "1.50.0"}')}, "of an older release of CRI: upgrade"),
    ],
    ids=["old", "list", "page", "words", "older"],
)
def test_what_is_no_index_for_us_is_refused(
    layout: Layout, given: dict[str, tuple[int, str]], words: str
) -> None:
    with answering(given) as url:
        refuses(layout, words, "--index", url)


def test_who_does_not_answer_or_does_not_know_the_key_is_refused(
    layout: Layout, tmp_path: Path
) -> None:
    refuses(layout, "No index answers at", "--index", f"http://127.0.0.1:{free_port()}")
    refuses(layout, "is no address", "--index", "127.0.0.1:7700")
    with served(tmp_path / "other", "another master key") as server:
        refuses(layout, r"another master key: .*/keys/index/master\.key", "--index", server.url)


def test_one_thing_moves_at_a_time(layout: Layout) -> None:
    for words in ([], ["--to", "f", "--index", "u"], ["--to", "f", "--replace"], ["--replace"]):
        refuses(layout, "Say what is to move", *words)


def refuses(layout: Layout, words: str, *given: str) -> None:
    """It changes nothing, and says why in one line."""
    refused = say(layout, *given)
    assert refused.exit_code == 2, refused.output
    assert re.search(words, refused.stderr), refused.stderr
    assert refused.output.count("\n") == 1, refused.output


def test_what_the_guide_tells_is_what_works(
    layout: Layout, source: IndexServer, target: str
) -> None:
    section = GUIDE.read_text().partition("## To a Meilisearch")[2].partition("\n## ")[0]
    typed = re.findall(r"^    (cri .*?)(?: +#.*)?$", section, re.MULTILINE)
    assert len(typed) == 2
    for line in typed:
        words = line.replace("http://index.example:7700", target).split()[1:]
        typed_so = CliRunner().invoke(command, [*words, "--var", str(layout.var)])
        assert typed_so.exit_code == 0, (line, typed_so.output)
    assert held(target, layout.master_key) == held(source.url, layout.master_key)
