"""`cri up` goes on where a service says what it waits for, and stops where one says nothing."""

import asyncio
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from cri_shared.testing.processes import free_base
from cri_stack import up
from cri_stack.layout import Layout
from cri_stack.logs import Logs, LogSettings
from cri_stack.supervisor import NotReady, Supervisor


class Waiting(BaseHTTPRequestHandler):
    """A service whose key store is away."""

    def do_GET(self) -> None:
        self.send_response(503)
        self.end_headers()
        self.wfile.write(b'{"status": "unavailable", "reasons": ["keys-away", "opening-waits"]}')

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    monkeypatch.setattr(up, "READY_SECONDS", 0.05)
    return Layout.of(tmp_path, port_base=free_base())


async def told(layout: Layout) -> None:
    supervisor = Supervisor(print, Logs(layout.logs, LogSettings()))
    await up._tell_stands(supervisor, up._service(layout, "intake"), layout, print)


async def test_one_that_says_what_it_waits_for_is_left_to_wait(layout: Layout) -> None:
    server = HTTPServer(("127.0.0.1", layout.ports["intake"]), Waiting)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        await told(layout)
    finally:
        await asyncio.to_thread(server.shutdown)
        server.server_close()


async def test_one_that_says_nothing_is_not_ready(layout: Layout) -> None:
    with pytest.raises(NotReady, match=r"intake is not ready after 0 s; see .*/intake-\d{4}"):
        await told(layout)
