"""The table of decision 6, tried cell by cell on a real nats-server."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import nats
import nats.errors
import pytest
from cri_shared.bus.access import PROVISIONER, USERS, ensure_seed, inbox_of
from cri_shared.bus.topology import durables, provision, stream_of
from cri_shared.events import REGISTRY, SERVICES, producers_heard
from cri_shared.testing.nats import NatsServer
from nats.aio.client import Client

pytestmark = pytest.mark.nats
TABLE = Path(__file__).parents[2] / "shared/decisions/0006-who-may-do-what-on-nats.md"
STREAMS = tuple(stream_of(service) for service in SERVICES)
OWN, FOREIGN = "under its own name", "under another service's name"


def table() -> dict[str, set[str]]:
    """Row -> the users whose cell bears an x."""
    rows = [re.split(r"\s*\|\s*", line.strip().strip("|")) for line in lines_of_table()]
    header = [cell.strip() for cell in rows[0]][1:]
    assert header == list(USERS)
    return {
        row[0].strip(): {user for user, cell in zip(header, row[1:], strict=False) if "x" in cell}
        for row in rows[2:]
    }


def lines_of_table() -> list[str]:
    """The lines of the only table."""
    return [line for line in TABLE.read_text().splitlines() if line.startswith("|")]


def attempts(what: str, user: str) -> Iterator[tuple[str, str]]:
    """The tries, (publish or subscribe, subject), that one cell of the table stands for."""
    if found := re.fullmatch(r"publish (\w+)'s events", what):
        for subject, event in REGISTRY.items():
            if event.producer == found[1]:
                yield "publish", subject
    elif found := re.fullmatch(r"take and confirm from (\w+) under its own name", what):
        yield from _taking(found[1], user)
    elif what.startswith("take and confirm"):
        yield from _taking_of_others(user)
    elif found := re.fullmatch(r"read and delete single messages of (\w+)", what):
        for verb in ("GET", "DELETE"):  # of no message: a request that is allowed does nothing
            yield "publish", f"$JS.API.STREAM.MSG.{verb}.{found[1]}"
    elif what.startswith("hear"):
        yield from (("subscribe", subject) for subject in _heard_by_others(user))
    elif what.startswith("forge"):
        yield "publish", "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.INTAKE.research"
        yield "publish", "$SYS.REQ.SERVER.PING"
    else:
        yield from (("publish", subject) for subject in _api(what))


def _taking_of_others(user: str) -> Iterator[tuple[str, str]]:
    for stream, durable in durables():
        if user not in (durable.durable_name, PROVISIONER):
            yield from _taking(stream, str(durable.durable_name))
    yield "publish", "$JS.ACK.INTAKE.nobody.1.1.1.1.1"


def _heard_by_others(user: str) -> Iterator[str]:
    yield from ("cri.>", ">", "$JS.>", "$JS.API.>")
    yield from (f"{inbox_of(other)}.>" for other in USERS if other != user)


def _taking(stream: str, durable: str) -> Iterator[tuple[str, str]]:
    yield "publish", f"$JS.API.CONSUMER.INFO.{stream}.{durable}"
    yield "publish", f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"
    yield "publish", f"$JS.ACK.{stream}.{durable}.1.1.1.1.1"


def _api(what: str) -> Iterator[str]:
    """Subjects below $JS.API; the bodies are empty, so a request that is allowed does nothing."""
    for stream in STREAMS:
        if "streams" in what:
            for verb in ("INFO", "CREATE", "UPDATE", "DELETED", "SNAPSHOT", "RESTORE"):
                yield f"$JS.API.STREAM.{verb}.{stream}x"
        elif "consumers" in what:
            yield f"$JS.API.CONSUMER.CREATE.{stream}x.nobody.cri.none"
            yield f"$JS.API.CONSUMER.DURABLE.CREATE.{stream}x.nobody"
            yield f"$JS.API.CONSUMER.DELETE.{stream}.nobody"
            yield f"$JS.API.CONSUMER.NAMES.{stream}"
            yield f"$JS.API.CONSUMER.INFO.{stream}.nobody"
        else:
            yield f"$JS.API.STREAM.PURGE.{stream}x"
            yield f"$JS.API.DIRECT.GET.{stream}x"
    if "streams" in what:
        yield from ("$JS.API.INFO", "$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST")


class Probe:
    """A connection of one user that notes what the server refuses."""

    def __init__(self, user: str, client: Client, refusals: list[str]) -> None:
        self.user = user
        self.client = client
        self.refusals = refusals

    async def may(self, how: str, subject: str) -> bool:
        """Whether the server lets this happen: it answers PONG after any refusal."""
        self.refusals.clear()
        if how == "publish":
            await self.client.publish(subject, b"")
        else:
            await self.client.subscribe(subject)
        await self.client.flush()  # nats-py sends this PING ahead of what waits to be sent,
        await self.client.flush()  # and this one behind it: a refusal comes before its PONG
        return not any(subject.lower() in refusal.lower() for refusal in self.refusals)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """A server that knows our users and nobody else."""
    server = NatsServer(tmp_path_factory.mktemp("guarded"), guarded=True)
    server.start()
    asyncio.run(_provisioned(server))
    yield server
    server.stop()


async def _provisioned(server: NatsServer) -> None:
    client = await _connected(server, PROVISIONER, [])
    await provision(client.jetstream(), max_bytes=8 << 20)
    await client.close()


async def _connected(server: NatsServer, user: str, refusals: list[str]) -> Client:
    async def note(trouble: Exception) -> None:
        refusals.append(str(trouble))

    return await nats.connect(
        server.url,
        nkeys_seed_str=server.seed(user).read_text(),
        inbox_prefix=inbox_of(user),
        error_cb=note,
        allow_reconnect=False,
    )


@pytest.fixture(params=USERS)
async def probe(request: pytest.FixtureRequest, guarded: NatsServer) -> AsyncIterator[Probe]:
    """A probe for each user."""
    refusals: list[str] = []
    client = await _connected(guarded, request.param, refusals)
    yield Probe(request.param, client, refusals)
    await client.close()


@pytest.mark.parametrize("what", table())
async def test_the_server_allows_what_the_table_says_and_nothing_else(
    probe: Probe, what: str
) -> None:
    user = probe.user
    wanted = user in table()[what]
    wrong = [
        (how, subject)
        for how, subject in attempts(what, user)
        if await probe.may(how, subject) is not wanted and not _by_the_api(user, subject)
    ]
    assert wrong == []


def _by_the_api(user: str, subject: str) -> bool:
    """`provision` has the whole API, durables of others included; decision 6 says so."""
    return user == PROVISIONER and subject.startswith("$JS.API.CONSUMER.")


def test_the_table_speaks_of_every_stream_and_hearer() -> None:
    taking = {row: users for row, users in table().items() if row.endswith(OWN)}
    heard = {
        f"take and confirm from {stream_of(producer)} {OWN}": {
            service for service in SERVICES if producer in producers_heard(service)
        }
        for producer in SERVICES
    }
    assert taking == heard


async def test_nobody_comes_in_without_a_seed_of_ours(guarded: NatsServer, tmp_path: Path) -> None:
    ensure_seed(tmp_path / "stranger.seed")
    for options in ({}, {"nkeys_seed_str": (tmp_path / "stranger.seed").read_text()}):
        with pytest.raises(nats.errors.Error):
            await nats.connect(guarded.url, allow_reconnect=False, **options)  # type: ignore[arg-type]


def test_a_seed_is_for_its_owner_only(guarded: NatsServer) -> None:
    assert guarded.seed("intake").stat().st_mode & 0o077 == 0
    assert guarded.seed("intake").read_text() not in (guarded.directory / "nats.conf").read_text()


async def test_what_streams_hold_is_unreadable_on_disk(guarded: NatsServer) -> None:
    client = await _connected(guarded, "intake", [])
    words = b"a sentence that nobody must find on a disk"
    await client.jetstream().publish("cri.intake.question.cleared.v1", words)
    await client.close()
    kept = [path.read_bytes() for path in guarded.store.rglob("*") if path.is_file()]
    assert len(kept) > 5
    assert not any(words in content for content in kept)
