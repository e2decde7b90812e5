"""The command of a service, run as a person runs it."""

import asyncio
import datetime as dt
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cri_shared import clock
from cri_shared.bus import seals
from cri_shared.bus.dead_letters import DeadLetters, Letter
from cri_shared.bus.envelope import headers_for
from cri_shared.bus.outbox import Outbox
from cri_shared.bus.seals import digest_of
from cri_shared.db import Database
from cri_shared.events import Event
from cri_shared.events.research import QuestionUnanswered
from cri_shared.events.upkeep import DAY_SEALED, RESEND_ASKED, AuditHead, Range
from cri_shared.privacy.keys import KeyRing
from cri_shared.testing.certificates import Authority
from cri_shared.testing.nats import NatsServer
from cri_shared.testing.processes import Child, free_port
from cri_shared.testing.waiting import eventually, until
from sqlalchemy import Insert, insert, select, update
from typer.testing import CliRunner

from tests.shared.toy import cleared, effects, messaging
from tests.shared.toy_command import main

RUN = [sys.executable, "-m", "tests.shared.toy_command"]


pytestmark = pytest.mark.nats


@pytest.fixture
def env(tmp_path: Path, nats_url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What a toy service is told, with its keys made."""
    for ring in ("research", "identity"):
        KeyRing.create(tmp_path / "keys" / ring)
    # Logs are set up once per process, and this one belongs to pytest.
    monkeypatch.setattr("cri_shared.cli.command.configure_logs", lambda _service: None)
    monkeypatch.setattr("os.umask", lambda _mask: 0)
    return os.environ | {
        "CRI_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/var/research.db",
        "CRI_IDENTITY_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/var/identity.db",
        "CRI_KEY_DIR": str(tmp_path / "keys" / "research"),
        "CRI_IDENTITY_KEY_DIR": str(tmp_path / "keys" / "identity"),
        "CRI_NATS_URL": nats_url,
        "CRI_MAIL_DIR": str(tmp_path / "mail"),
        "CRI_PUBLIC_URL": "http://127.0.0.1:8002",
        "CRI_PORT": str(free_port()),
    }


def run(env: dict[str, str], *verb: str) -> tuple[int, str]:
    """Run a verb to its end; gives status and everything it said."""
    done = CliRunner().invoke(main, list(verb), env=env)
    return done.exit_code, done.output


def database(env: dict[str, str]) -> Database:
    """The same database as the command's, with the same keys."""
    ring = KeyRing.open(Path(env["CRI_KEY_DIR"]))
    outbox = Outbox(messaging, service="research", key=ring.secret("outbox"))
    return Database(env["CRI_DATABASE_URL"], outbox)


async def bury(env: dict[str, str], text: str) -> str:
    """Leave a dead letter; gives its id."""
    store = database(env)
    letters = DeadLetters(messaging, KeyRing.open(Path(env["CRI_KEY_DIR"])).secret("dead-letters"))
    event = cleared("r1", text)
    headers = headers_for(event, version=1)
    letter = Letter(headers["ce-id"], event.subject, headers, event.model_dump_json().encode())
    async with store.writing() as work:
        await letters.keep(work.session, letter, sequence=1, tries=6, reason="RuntimeError")
    await store.close()
    return letter.event_id


async def emit(env: dict[str, str], event: Event) -> None:
    """Append an event as the service would."""
    store = database(env)
    async with store.writing() as work:
        await work.emit(event, version=1)
    await store.close()


async def audited(env: dict[str, str]) -> list[tuple[object, ...]]:
    """Actor, action, about and facts of the audit trail."""
    store, audit = database(env), messaging.audit.c
    told = select(audit.actor, audit.action, audit.about, audit.facts).order_by(audit.id)
    async with store.reading() as session:
        rows = [tuple(row) for row in (await session.execute(told)).all()]
    await store.close()
    return rows


async def heard_ids(env: dict[str, str]) -> list[str]:
    store = database(env)
    async with store.reading() as session:
        ids = list((await session.execute(select(messaging.inbox.c.event_id))).scalars())
    await store.close()
    return ids


async def effect_count(env: dict[str, str]) -> int:
    store = database(env)
    async with store.reading() as session:
        count = len((await session.execute(select(effects))).all())
    await store.close()
    return count


class TestCheck:
    def test_it_names_what_is_wrong_and_passes_when_all_is_well(self, env: dict[str, str]) -> None:
        status, said = run(env, "check")
        assert status == 1
        assert "FAILED  database" in said
        assert run(env, "migrate")[0] == 0
        assert run(env, "migrate")[0] == 0, "migrating again changes nothing"
        status, said = run(env, "check")
        assert status == 0, said
        assert "FAILED" not in said

    def test_nats_that_does_not_answer_fails_it(self, env: dict[str, str]) -> None:
        run(env, "migrate")
        env["CRI_NATS_URL"] = f"nats://127.0.0.1:{free_port()}"
        status, said = run(env, "check")
        assert status == 1
        assert "FAILED  nats: does not answer" in said

    @pytest.mark.parametrize(
        ("name", "value", "words"),
        [
            ("CRI_NATS_URL", "nats://SECRET-LOOKING:4222", "nats_url must be tls://"),
            ("CRI_NATS_CA_FILE", "/SECRET-LOOKING", "nats_ca_file must be a file"),
            ("CRI_TRACES_URL", "SECRET-LOOKING", "traces_url must be an address"),
            ("CRI_PUBLIC_URL", "http://SECRET-LOOKING", "public_url must be https"),
        ],
    )
    @pytest.mark.parametrize("verb", ["check", "serve"])
    def test_what_we_refuse_we_say_in_our_words(
        self, env: dict[str, str], verb: str, name: str, value: str, words: str
    ) -> None:
        status, said = run(env | {name: value}, verb)
        assert (status, words in said) == (2, True), said
        assert "SECRET-LOOKING" not in said

    def test_a_server_that_nobody_vouches_for_fails_it(
        self, env: dict[str, str], tmp_path: Path
    ) -> None:
        right, wrong = (Authority(tmp_path / name, name) for name in ("right", "wrong"))
        server = NatsServer(tmp_path / "nats-tls", certificate=right.issue("127.0.0.1"))
        server.start()
        env |= {"CRI_NATS_URL": server.url, "CRI_NATS_CA_FILE": str(wrong.bundle)}
        status, said = run(env, "check")
        server.stop()
        assert status == 1
        assert "FAILED  nats: its certificate is from nobody that nats_ca_file names" in said

    def test_settings_are_named_and_never_quoted(self, env: dict[str, str]) -> None:
        env["CRI_PORT"] = "SECRET-LOOKING"
        status, said = run(env, "check")
        assert status == 2
        assert "port: int_parsing" in said
        assert "SECRET-LOOKING" not in said


class TestDeadLetters:
    def test_one_is_listed_shown_without_its_text_retried_and_gone(
        self, env: dict[str, str]
    ) -> None:
        run(env, "migrate")
        event_id = asyncio.run(bury(env, "UNMISTAKABLE"))
        status, said = run(env, "dead-letters", "list")
        assert (status, event_id in said) == (0, True)
        status, said = run(env, "dead-letters", "show", event_id)
        assert status == 0
        assert "country = AM" in said
        assert "UNMISTAKABLE" not in said
        assert run(env, "dead-letters", "retry", event_id)[0] == 0
        assert asyncio.run(effect_count(env)) == 1
        assert event_id not in run(env, "dead-letters", "list")[1]
        assert run(env, "dead-letters", "retry", event_id)[0] == 1

    def test_one_that_still_fails_stays_and_one_that_is_dropped_goes(
        self, env: dict[str, str]
    ) -> None:
        run(env, "migrate")
        event_id = asyncio.run(bury(env, "impossible"))
        status, said = run(env, "dead-letters", "retry")
        assert status == 1
        assert "RuntimeError" in said
        assert run(env, "dead-letters", "drop", event_id)[0] == 2, "a reason is asked for"
        assert event_id in run(env, "dead-letters", "list")[1]
        assert run(env, "dead-letters", "drop", event_id, "--reason", "outdated")[0] == 0
        assert event_id not in run(env, "dead-letters", "list")[1]
        # Nobody asks for it again: it counts as heard.
        assert asyncio.run(heard_ids(env)) == [event_id]


class TestEraseEvents:
    def test_it_asks_first_says_what_it_did_and_finds_nothing_the_next_time(
        self, env: dict[str, str]
    ) -> None:
        run(env, "migrate")
        asyncio.run(bury(env, "UNMISTAKABLE"))
        asyncio.run(emit(env, QuestionUnanswered(research_id="r1", reason="expired")))
        assert run(env, "erase-events", "r1")[0] == 1, "nobody said that it is meant"
        status, said = run(env, "erase-events", "r1", "--yes")
        assert (status, said.splitlines()[-1]) == (
            0,
            "1 events and 1 dead letters are erased; "
            "the worker takes 0 copies out of the stream and tells those who heard.",
        )
        assert run(env, "dead-letters", "list") == (0, "")
        assert asyncio.run(audited(env)) == [
            ("command line", "events.erased", "r1", {"events": 1, "letters": 1})
        ]
        for unknown in ("r1", "never-heard-of"):
            status, said = run(env, "erase-events", unknown, "--yes")
            assert (status, said) == (3, f"Nothing here is about {unknown}.\n")


@pytest.fixture
def serving(env: dict[str, str], tmp_path: Path) -> Iterator[Child]:
    """The toy service in a process of its own."""
    assert run(env, "migrate")[0] == 0
    child = Child([*RUN, "serve", "--role", "worker"], tmp_path / "serve.log", env)
    yield child
    child.stop(signal.SIGKILL)


def test_serve_comes_up_says_it_is_ready_and_stops_when_asked(
    env: dict[str, str], serving: Child
) -> None:
    url = f"http://127.0.0.1:{env['CRI_PORT']}/health/ready"

    def ready() -> bool:
        try:
            return httpx.get(url).json()["status"] == "ready"
        except httpx.TransportError:
            return False

    until(ready, timeout=30, what="ready")
    serving.stop(signal.SIGTERM)
    assert serving.process.returncode in (0, -signal.SIGTERM)


async def test_the_relay_alone_publishes_and_replay_does_so_again(
    env: dict[str, str], tmp_path: Path
) -> None:
    assert run(env, "migrate")[0] == 0
    store = database(env)
    async with store.writing() as work:
        await work.emit(QuestionUnanswered(research_id="r1", reason="expired"), version=1)

    async def published() -> bool:
        async with store.reading() as session:
            rows = (await session.execute(select(messaging.outbox.c.published_at))).scalars()
            return all(rows)

    relay = Child([*RUN, "relay"], tmp_path / "relay.log", env)
    try:
        await eventually(published, timeout=30, what="published by the relay alone")
        async with store.writing() as work:
            await work.session.execute(update(messaging.outbox).values(refused="APIError"))
        status, said = await asyncio.to_thread(run, env, "replay", "--since", "2020-01-01")
        assert (status, said.splitlines()[-1]) == (0, "1 events wait to be published again.")
        await eventually(published, what="published again")
    finally:
        relay.stop(signal.SIGTERM)
        await store.close()
    assert relay.process.returncode == 0


async def test_reconcile_says_what_each_producer_gave_out_that_is_not_here(
    env: dict[str, str],
) -> None:
    assert run(env, "migrate")[0] == 0
    subject = "cri.intake.question.cleared.v1"
    sealed = Range(subject=subject, first=1, last=2, digest=digest_of([(1, "e1"), (2, "e2")]))
    day = dt.date(2026, 5, 12)
    store = database(env)
    async with store.writing() as work:
        await seals.keep(work, DAY_SEALED["intake"](day=day, ranges=(sealed,)))
        await work.session.execute(heard(subject, 1))
    status, said = await asyncio.to_thread(run, env, "reconcile", "--ask")
    assert (status, f"2026-05-12  {subject}  1-2  missing  missing: 2" in said) == (1, True)
    async with store.writing() as work:
        outbox = (await work.session.execute(select(messaging.outbox))).one()
        assert outbox.subject == RESEND_ASKED["research"].subject
        await work.session.execute(heard(subject, 2))
    status, said = await asyncio.to_thread(run, env, "reconcile")
    assert (status, "1-2  equal\n1 sealed days compared, 0 events missing" in said) == (0, True)
    await store.close()


def heard(subject: str, number: int) -> Insert:
    """The inbox row of an event."""
    row = {"event_id": f"e{number}", "subject": subject, "number": number}
    return insert(messaging.inbox).values(**row, processed_at=clock.now())


async def test_the_audit_trail_is_checked_and_heads_of_others_are_told(
    env: dict[str, str], tmp_path: Path
) -> None:
    assert run(env, "migrate")[0] == 0
    head = AuditHead(number=7, mac="a" * 64)
    told = DAY_SEALED["intake"](day=dt.date(2026, 5, 12), ranges=(), audit=head)
    store = database(env)
    async with store.writing() as work:
        await seals.keep(work, told)
    await store.close()
    status, said = await asyncio.to_thread(run, env, "audit", "verify")
    assert (status, "0 entries up to number 0" in said) == (0, True)
    status, said = await asyncio.to_thread(run, env, "audit", "heads")
    assert (status, json.loads(said)["number"]) == (0, 7)
    kept = tmp_path / "heads.jsonl"
    kept.write_text(said.replace('"intake"', '"research"'))
    status, said = await asyncio.to_thread(run, env, "audit", "verify", "--heads", str(kept))
    assert status == 1
    assert said.startswith("FOUND   cut 1-7 (research saw it on 2026-05-12)")
    kept.write_text("no heads")
    status, said = await asyncio.to_thread(run, env, "audit", "verify", "--heads", str(kept))
    assert (status, "This is not what `audit heads` prints." in said) == (2, True)
