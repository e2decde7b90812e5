"""Between services and NATS: only the right server is believed, nothing is said in the clear."""

import asyncio
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cri_shared.bus.access import PROVISIONER, ensure_seed
from cri_shared.bus.authority import Certificate
from cri_shared.bus.connection import CannotConnect, connect, connect_once
from cri_shared.bus.topology import provision
from cri_shared.settings import NatsSettings
from cri_shared.testing.certificates import Authority
from cri_shared.testing.nats import NatsServer
from cri_shared.testing.waiting import eventually
from structlog.testing import capture_logs

from tests.shared.toy import cleared, started

pytestmark = pytest.mark.nats
HERE = ("127.0.0.1", "localhost")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who signs the certificates of our servers."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[NatsServer]:
    """A guarded server with a right certificate, and our streams."""
    directory = tmp_path_factory.mktemp("nats-tls")
    server = NatsServer(directory, guarded=True, certificate=authority.issue(*HERE))
    server.start()
    asyncio.run(_provisioned(server, authority))
    yield server
    server.stop()


async def _provisioned(server: NatsServer, authority: Authority) -> None:
    client = await connect_once(PROVISIONER, told(server, authority, PROVISIONER))
    await provision(client.jetstream(), max_bytes=8 << 20)
    await client.close()


def told(
    server: NatsServer, authority: Authority | None, user: str = "intake", **more: Any
) -> NatsSettings:
    """What a user of a server is told."""
    values: dict[str, Any] = {
        "nats_url": server.url,
        "nats_ca_file": authority.bundle if authority else None,
        "nats_seed_file": server.seed(user),
    }
    return NatsSettings(**values | more)


async def refusal(settings: NatsSettings, user: str = "intake") -> str:
    """What somebody is told who does not get in."""
    with pytest.raises(CannotConnect) as refused:
        await connect_once(user, settings)
    return str(refused.value)


async def test_an_event_travels_also_after_the_server_was_away(
    server: NatsServer, authority: Authority, database_url: str, hearer_url: str
) -> None:
    intake = told(server, authority, "intake").model_dump()
    research = told(server, authority, "research").model_dump()
    async with (
        started("intake", database_url, **intake) as producer,
        started("research", hearer_url, **research) as hearer,
    ):
        # The server has the stream of the other database too: these are of no other question.
        first, second = (f"{name}-{uuid.uuid4().hex}" for name in ("q1", "q2"))

        async def heard(research_id: str) -> bool:
            return research_id in await hearer.effects()

        await producer.append(cleared(first))
        await eventually(lambda: heard(first), timeout=30, what="the first event")
        server.kill()
        await producer.append(cleared(second))
        server.start()
        await eventually(lambda: heard(second), timeout=30, what="the event after the reconnect")


@pytest.fixture
def another(tmp_path: Path) -> Iterator[Any]:
    """Starts a server with another certificate, or with none."""
    servers: list[NatsServer] = []

    def start(certificate: Certificate | None) -> NatsServer:
        servers.append(NatsServer(tmp_path / "another", guarded=True, certificate=certificate))
        servers[-1].start()
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


class TestWhoIsBelieved:
    async def test_nobody_whom_another_authority_signed(
        self, server: NatsServer, tmp_path: Path
    ) -> None:
        stranger = Authority(tmp_path, "Somebody else")
        said = await refusal(told(server, stranger))
        assert said == "its certificate is from nobody that nats_ca_file names"

    async def test_nobody_unknown_where_no_authority_is_named(self, server: NatsServer) -> None:
        said = await refusal(told(server, None))
        assert said == "its certificate is from nobody that nats_ca_file names"

    async def test_nobody_whose_certificate_has_expired(
        self, another: Any, authority: Authority
    ) -> None:
        late = another(authority.issue(*HERE, expired=True))
        assert await refusal(told(late, authority)) == "its certificate has expired"

    @pytest.mark.parametrize(
        ("host", "what"), [("127.0.0.1", "address"), ("localhost", "host name")]
    )
    async def test_nobody_with_a_certificate_for_another_host(
        self, another: Any, authority: Authority, host: str, what: str
    ) -> None:
        other = another(authority.issue("nats.example"))
        settings = told(other, authority, nats_url=f"tls://{host}:{other.port}")
        assert await refusal(settings) == f"its certificate is for another {what}"

    async def test_no_server_that_speaks_in_the_clear_first(
        self, another: Any, authority: Authority
    ) -> None:
        """Or whoever stands between could say that the server does no TLS."""
        plain = another(None)
        settings = told(plain, authority, nats_url=f"tls://127.0.0.1:{plain.port}")
        assert "handshake_first" in await refusal(settings)


class TestWhoTriesAgain:
    """Who was refused at the start gets in once it is mended, and is not started again for it."""

    @staticmethod
    async def mended(late: NatsServer, authority: Authority, lines: list[Any]) -> None:
        """The certificate is renewed after somebody was told that it had expired."""

        async def told_so() -> bool:
            return any(line.get("reason") == "its certificate has expired" for line in lines)

        await eventually(told_so, what="the refusal")
        late.stop()
        late.certificate = authority.issue(*HERE)
        late.start()

    async def test_a_connection(self, another: Any, authority: Authority) -> None:
        late = another(authority.issue(*HERE, expired=True))
        with capture_logs() as lines:
            trying = asyncio.create_task(connect("intake", told(late, authority)))
            await self.mended(late, authority, lines)
            async with asyncio.timeout(30):
                client = await trying
        assert client.is_connected
        await client.close()

    async def test_a_service(self, another: Any, authority: Authority, database_url: str) -> None:
        late = another(authority.issue(*HERE, expired=True))
        settings = told(late, authority).model_dump()
        with capture_logs() as lines:
            async with started("intake", database_url, **settings) as service:
                await self.mended(late, authority, lines)
                await _provisioned(late, authority)

                async def connected() -> bool:
                    return service.bus.connected

                await eventually(connected, timeout=30, what="the service at NATS")


async def test_who_leaves_prints_nothing(
    server: NatsServer, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    """A line of asyncio's on `eof_received` stood under whatever a command of ours printed."""
    client = await connect_once("intake", told(server, authority))
    await client.close()
    assert [record.getMessage() for record in caplog.records] == []


class TestWhoIsLetIn:
    async def test_nobody_in_the_clear(self, server: NatsServer) -> None:
        settings = told(server, None, nats_url=f"nats://127.0.0.1:{server.port}")
        assert await refusal(settings) == "it says nothing to nats://: it hangs, or wants tls://"

    async def test_nobody_with_an_unknown_seed(
        self, server: NatsServer, authority: Authority, tmp_path: Path
    ) -> None:
        ensure_seed(tmp_path / "stranger.seed")
        settings = told(server, authority, nats_seed_file=tmp_path / "stranger.seed")
        assert "nats_seed_file holds no seed that it knows" in await refusal(settings)

    async def test_nobody_where_there_is_no_server(
        self, server: NatsServer, authority: Authority
    ) -> None:
        settings = told(server, authority, nats_url="tls://127.0.0.1:9")
        assert await refusal(settings) == "does not answer (ConnectionRefusedError)"
