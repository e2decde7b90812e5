"""Three servers as the example of a cluster says: events come and go while one of them is away."""

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from cri_shared.bus.access import PROVISIONER
from cri_shared.bus.connection import connect_once
from cri_shared.bus.topology import StreamRefused, provision
from cri_shared.processes import answers, script
from cri_shared.settings import NatsSettings
from cri_shared.testing.processes import Child, free_base
from cri_shared.testing.waiting import eventually, until
from cri_stack.deployment import Deployment
from nats.errors import Error
from nats.js.errors import ServerError

from tests.deploy.conftest import DEPLOY

HOST = "127.0.0.1"
SERVERS = range(3)
pytestmark = [pytest.mark.nats, pytest.mark.timeout(120)]


@pytest.fixture
def base() -> int:
    """Six ports in a row: of three servers for services, and for each other."""
    return free_base(2 * len(SERVERS))


@pytest.fixture
def cluster(tmp_path: Path, base: int) -> Iterator[list[Child]]:
    """Three servers with their files beside the users that `cri keys make` made."""
    Deployment(tmp_path, nats=(HOST,)).make()
    keys = tmp_path / "keys/nats"
    store, _, key = (keys / "server.env").read_text().strip().partition("=")
    routes = [f"nats-route://{HOST}:{base + 3 + number}" for number in SERVERS]
    with ExitStack() as running:
        children = []
        for number in SERVERS:
            own = tmp_path / f"server-{number}"
            own.mkdir()
            plain = (DEPLOY / "nats/nats.conf").read_text()
            plain = plain.replace("0.0.0.0:4222", f"{HOST}:{base + number}")
            (own / "nats.conf").write_text(plain)
            joined = (DEPLOY / "nats/cluster.conf").read_text()
            joined = joined.replace("0.0.0.0:6222", f"{HOST}:{base + 3 + number}")
            (own / "cluster.conf").write_text(joined)
            (own / "users.conf").write_text((keys / "users.conf").read_text())
            told = {
                store: key,
                "CRI_NATS_SERVER_NAME": f"nats-{number}",
                "CRI_NATS_STORE_DIR": str(own / "streams"),
                "CRI_NATS_SERVER_CERT_FILE": str(keys / "server.pem"),
                "CRI_NATS_SERVER_KEY_FILE": str(keys / "server.key"),
                "CRI_NATS_AUTHORITY_FILE": str(keys / "authority.pem"),
                "CRI_NATS_ROUTES": json.dumps(routes),
            }
            command = [script("nats-server"), "-c", str(own / "cluster.conf")]
            children.append(Child(command, own / "said.log", os.environ | told))
            running.callback(children[-1].stop)
        until(lambda: all(answers(base + number) for number in SERVERS), what="three servers")
        yield children


def settings_of(tmp_path: Path, base: int, user: str) -> NatsSettings:
    """How a user reaches whichever server there is."""
    return NatsSettings(
        nats_url=",".join(f"tls://{HOST}:{base + number}" for number in SERVERS),
        nats_ca_file=tmp_path / "keys/nats/authority.pem",
        nats_seed_file=tmp_path / f"keys/nats/{user}.seed",
    )


async def test_events_are_kept_while_a_server_is_away(
    cluster: list[Child], tmp_path: Path, base: int
) -> None:
    async def provisioned() -> bool:
        """Whether the servers have met and take streams, as `cri provision` makes them."""
        try:
            client = await connect_once(PROVISIONER, settings_of(tmp_path, base, PROVISIONER))
            try:
                await provision(client.jetstream(), replicas=3)
                await provision(client.jetstream())  # as after an upgrade: they stay on three
                found = await client.jetstream().stream_info("INTAKE")
            finally:
                await client.close()
        except (Error, StreamRefused, TimeoutError, OSError):
            return False
        return found.config.num_replicas == 3

    await eventually(provisioned, timeout=60, what="streams on three servers")
    client = await connect_once("intake", settings_of(tmp_path, base, "intake"))
    try:
        js = client.jetstream()
        subject = "cri.intake.question.cleared.v1"
        before = await js.publish(subject, b"{}")
        away = client.connected_url
        assert away is not None
        assert away.port is not None
        others = [child for number, child in enumerate(cluster) if base + number != away.port]
        others[0].stop()

        async def kept() -> bool:
            try:
                async with asyncio.timeout(5):
                    return (await js.publish(subject, b"{}")).seq > before.seq
            except (Error, ServerError, TimeoutError):
                return False

        await eventually(kept, timeout=60, what="an event kept by two of three")
    finally:
        await client.close()
