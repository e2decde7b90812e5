"""Nothing that tells who asks, who answers or who comes leaves the place where it belongs."""

import base64
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import httpx
import nats
import pytest
from cri_intake.submission import Contact, Submission
from cri_shared.privacy.classes import C3, C4
from cri_shared.testing.nats import NatsServer
from cri_stack.layout import Layout
from cri_stack.register.holdings import databases

from tests.playing import PlayedDemo
from tests.security.suites.canaries import WITNESSES
from tests.security.sweep import places
from tests.security.sweep.canaries import bodies, field_names, forms
from tests.security.sweep.places import Piece
from tests.security.sweep.stage import Stage
from tests.security.sweep.sweeping import Sweep, sweep

pytestmark = [pytest.mark.journey, pytest.mark.nats]
SERVICES = ("intake", "research", "publishing", "search", "training")
KINDS = {
    *(f"database {name}" for name in (*SERVICES, "identity", "index", "intake-keys")),
    *(f"stream {name}" for name in ("INTAKE", "RESEARCH", "PUBLISHING", "TRAINING")),
    *(f"public {service}" for service in SERVICES),
    *("file db", "file index", "file keys", "file log", "file nats", "index"),
    *("mail", "addressee intake", "addressee research", "addressee training"),
    *("backup data", "backup keys", *(f"opened backup {service}" for service in SERVICES)),
    *("console intake yusuf", "console research amina", "console publishing pieter"),
}


@pytest.fixture(scope="module")
def swept(played_demo: PlayedDemo) -> Sweep:
    """The platform that the demo left, planted with canaries and searched."""
    return sweep(played_demo.var)


def test_every_restricted_field_of_every_form_and_body_has_a_canary(swept: Sweep) -> None:
    api = httpx.get(swept.stage.layout.url("intake") + "/api/openapi.json").json()
    wanted = field_names(forms()) | field_names(bodies(api, "cri_intake"))
    assert len(wanted) > 30
    assert wanted - swept.stage.aviary.fields == set()


def test_what_was_taken_in_is_read_by_whoever_may(swept: Sweep) -> None:
    assert [str(canary) for canary in swept.unseen] == []


def test_nothing_restricted_lies_or_shows_where_it_must_not(swept: Sweep) -> None:
    assert swept.found == []


def test_no_answer_to_a_program_repeats_what_was_refused(swept: Sweep) -> None:
    assert swept.echoed == []


def test_the_same_search_finds_a_public_word_wherever_it_lies(swept: Sweep) -> None:
    assert WITNESSES - swept.witnessed == set()


def test_every_kind_of_place_was_searched(swept: Sweep) -> None:
    assert KINDS - set(swept.pieces) == set()
    assert swept.bytes > 5_000_000


def test_every_column_of_who_somebody_is_held_something(swept: Sweep) -> None:
    empty = []
    for store, metadata in databases().items():
        with closing(sqlite3.connect(swept.stage.layout.var / "db" / f"{store}.db")) as connection:
            for table in metadata.sorted_tables:
                for column in table.columns:
                    if column.info["class"] in (C3.name, C4.name) and column.table.name != "mails":
                        count = f'select count("{column.name}") from "{table.name}"'  # noqa: S608
                        if not connection.execute(count).fetchone()[0]:
                            empty.append(str(column))
    assert empty == []


TEXT = "C3 cri_intake.submission.Submission.text (kept)"


@pytest.fixture
def done(tmp_path: Path) -> Sweep:
    """A sweep of a platform that is not there."""
    return Sweep(Stage(Layout.of(tmp_path)))


@pytest.fixture
def canary(done: Sweep) -> str:
    """What an asker wrote."""
    return done.stage.aviary.new(Submission, "text", "kept")


class TestTheSearchCanFail:
    """A canary in a place that is not its own is found."""

    @pytest.mark.parametrize(
        "disguise",
        [
            lambda word: word.encode(),
            lambda word: word.upper().encode(),
            lambda word: word.encode("utf-16-le"),
            lambda word: word.encode().hex().upper().encode(),
            lambda word: base64.b64encode(word.encode()),
            lambda word: base64.b64encode(b"x" + word.encode() + b"y"),
            lambda word: base64.b64encode(b"xx" + word.encode() + b"yy"),
        ],
    )
    def test_in_a_file_however_it_is_written(
        self, done: Sweep, canary: str, tmp_path: Path, disguise: Callable[[str], bytes]
    ) -> None:
        (tmp_path / "log").mkdir()
        (tmp_path / "log" / "intake.log").write_bytes(b"before " + disguise(canary) + b" after")
        done.search(places.files(tmp_path))
        assert done.found == [f"{TEXT} in file log: log/intake.log"]

    def test_in_a_row_that_lies_in_pieces_in_its_file(
        self, done: Sweep, canary: str, tmp_path: Path
    ) -> None:
        path = tmp_path / "search.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("create table entries (words)")
            long = ("x" * 4061 + canary) * 3  # across the pages' ends
            connection.execute("insert into entries values (?)", (long,))
            connection.commit()
        done.search(places.rows(tmp_path))
        assert f"{TEXT} in database search: search.entries" in done.found

    def test_in_what_was_deleted_and_not_overwritten(
        self, done: Sweep, canary: str, tmp_path: Path
    ) -> None:
        with closing(sqlite3.connect(tmp_path / "intake.db")) as connection:
            connection.execute("pragma secure_delete = off")
            connection.execute("create table notes (words)")
            connection.execute("insert into notes values (?)", (canary,))
            connection.commit()
            connection.execute("delete from notes")
            connection.commit()
        done.search(places.rows(tmp_path))
        assert done.found == []
        done.search(places.files(tmp_path))
        assert done.found == [f"{TEXT} in file intake.db: intake.db"]

    @pytest.mark.parametrize("part", ["subject", "text", "html"])
    def test_in_a_mail_whose_parts_are_encoded(
        self, done: Sweep, canary: str, tmp_path: Path, part: str
    ) -> None:
        told = {"subject": "Nieuws", "text": "Er is nieuws.", "html": "<p>Nieuws: é</p>"}
        told[part] += f" {canary}"
        mail = EmailMessage()
        mail["To"], mail["Subject"] = "iemand@mail.example", told["subject"]
        mail.set_content(told["text"])
        mail.add_alternative(told["html"], subtype="html", cte="base64")
        (tmp_path / "intake").mkdir()
        (tmp_path / "intake" / "1.eml").write_bytes(mail.as_bytes())
        done.search(places.mails(tmp_path))
        assert len(done.found) == 1

    def test_in_the_address_of_another_services_mail(self, done: Sweep, tmp_path: Path) -> None:
        email = done.stage.aviary.new(Contact, "email", "kept")
        for service in ("intake", "research"):
            (tmp_path / service).mkdir()
            (tmp_path / service / "1.eml").write_text(f"To: {email}\n\nEr is nieuws.")
        done.search(places.mails(tmp_path))
        (found,) = done.found
        assert found.endswith("in addressee research: research/1.eml")

    async def test_in_a_message_of_a_stream(
        self, done: Sweep, canary: str, nats_server: NatsServer, nats_url: str
    ) -> None:
        client = await nats.connect(nats_url)
        body = json.dumps({"text": canary}).encode()
        await client.jetstream().publish("cri.research.answer.approved.v1", body)
        await client.close()
        done.search(iter([piece async for piece in places.messages(nats_url)]))
        assert done.found == [f"{TEXT} in stream RESEARCH: RESEARCH 1"]

    def test_on_a_page(self, done: Sweep, canary: str) -> None:
        shown = f"<p>{canary}</p>".encode()
        done.search(iter([Piece("console publishing pieter", "http://127.0.0.1/", shown)]))
        assert len(done.found) == 1
