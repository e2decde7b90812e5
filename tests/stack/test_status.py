"""`cri status` asks each part where it is told that it is, in containers as on one machine."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from cri_shared.testing.processes import free_base
from cri_stack.layout import SERVICES, Layout
from cri_stack.status import _index, status


class Elsewhere(BaseHTTPRequestHandler):
    """A service, or an index, that is ready."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status": "ready", "outbox_waiting": 3, "numberOfDocuments": 7}')

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """Host and port of parts that run in containers of their own."""
    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_parts_are_asked_where_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: str
) -> None:
    for service in SERVICES:
        monkeypatch.setenv(f"CRI_{service.upper()}_AT", elsewhere)
    monkeypatch.setenv("CRI_INDEX_URL", f"http://{elsewhere}")
    monkeypatch.setenv("CRI_SMTP_URL", "smtp://mail.example:587")
    parts = {part.name: part for part in status(Layout.of(tmp_path, port_base=free_base()))}
    assert list(parts) == [*SERVICES, "index", "nats"]
    for service in SERVICES:
        assert parts[service].good
        assert (parts[service].url, parts[service].waiting) == (f"http://{elsewhere}", 3)
    assert (parts["index"].good, parts["index"].documents) == (True, 7)
    assert not parts["nats"].good


def test_parts_are_on_this_machine_where_nobody_says_otherwise(tmp_path: Path) -> None:
    layout = Layout.of(tmp_path, port_base=free_base())
    parts = {part.name: part for part in status(layout)}
    assert list(parts) == [*SERVICES, "index", "nats", "mail"]
    assert parts["intake"].url == f"http://127.0.0.1:{layout.ports['intake']}"
    assert not any(part.good for part in parts.values())


@pytest.mark.parametrize(
    ("answer", "status", "documents"),
    [
        (200, "ready", 7),
        (404, "ready", 0),
        (403, "answers 403", None),
        (0, "does not answer", None),
    ],
)
def test_an_index_counts_entries_only_where_it_says_how_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: int, status: str, documents: int | None
) -> None:
    body = {"numberOfDocuments": 7} if answer == 200 else None
    monkeypatch.setattr("cri_stack.status.ask", lambda *_: (answer, body))
    part = _index(Layout.of(tmp_path, port_base=free_base()))
    assert (part.status, part.documents) == (status, documents)
