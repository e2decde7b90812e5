"""`cri doctor`: the checks of services, and whether they fit on their servers all at once."""

import asyncio
import json
import os
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cri_shared.cli.connections import Share
from cri_shared.testing.postgres import PostgresServer
from cri_stack import bus, doctor, preparing
from cri_stack.layout import Layout

TWO = ("intake", "research")


@pytest.mark.nats
@pytest.mark.postgres
async def test_services_that_fit_alone_and_not_together_are_found(
    nats_url: str,
    postgres_server: PostgresServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (doctor, preparing):
        monkeypatch.setattr(module, "SERVICES", TWO)
    monkeypatch.setattr("os.umask", lambda _mask: 0)
    urls = {f"CRI_{s.upper()}_DATABASE_URL": postgres_server.create_database() for s in TWO}
    told = {**os.environ, **urls, "CRI_NATS_URL": nats_url, "CRI_PROCESSES": "10"}
    layout = Layout(tmp_path, environ=told)
    bus.users(layout)  # makes their seeds
    await asyncio.to_thread(preparing.prepare, layout)
    said: list[str] = []
    found = await asyncio.to_thread(doctor.examine, layout, said.append)
    assert [one.service for one in found if not one.good] == [None]
    assert doctor.Finding("intake", True, "nats") in found
    server = f"of the 197 connections of 127.0.0.1:{postgres_server.port}"
    assert said[0] == "intake"
    assert said.count("  ok      nats") == 2
    assert said.count(f"  ok      connections: up to 120 {server}") == 2
    assert said[-1].startswith(f"FAILED  up to 240 {server}: raise max_connections")
    assert not any("FAILED" in line for line in said[:-1])


def _layout(tmp_path: Path, url: str) -> Layout:
    return Layout(tmp_path, environ={"CRI_SEARCH_AT": url.removeprefix("http://")})


def test_a_service_that_listens_and_does_not_answer_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cri_stack.health.SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as hangs:
        url = f"http://127.0.0.1:{hangs.getsockname()[1]}"
        assert doctor._at_work(_layout(tmp_path, url), "search") == (
            f"FAILED  listens at {url} and does not answer: keep its log, and start it again"
        )
    assert doctor._at_work(_layout(tmp_path, url), "search") == f"ok      is not up, at {url}"


@pytest.mark.parametrize(
    ("code", "told", "line"),
    [
        (200, {"status": "ready"}, "ok      is up, at {url}"),
        (
            200,
            {"status": "degraded", "reasons": ["index-away"]},
            "FAILED  is up, and says index-away: PartUnavailable in the runbooks",
        ),
        (
            503,
            {"status": "unavailable", "reasons": ["database-away"]},
            "FAILED  is up, and says database-away: PartUnavailable in the runbooks",
        ),
    ],
)
def test_what_a_service_says_of_itself_is_told(
    code: int, told: dict[str, object], line: str, tmp_path: Path
) -> None:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # its name is the library's
            self.send_response(code)
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def log_message(self, *_what: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        said = doctor._at_work(_layout(tmp_path, url), "search")
        thread.join()
    assert said == line.format(url=url)


def test_services_that_fit_together_are_well() -> None:
    said: list[str] = []
    shares = [Share("db:5432", 20, 97), Share("db:5432", 77, 97), Share("other:5432", 3, 10)]
    assert all(one.good for one in doctor._fit_together(shares, said.append))
    assert said == [
        "ok      up to 97 of the 97 connections of db:5432",
        "ok      up to 3 of the 10 connections of other:5432",
    ]
