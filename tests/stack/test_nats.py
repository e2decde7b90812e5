"""The bus of one machine, and the example for a server of one's own, with a certificate."""

import asyncio
import json
import os
import re
import secrets
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import nats
import pytest
from cri_shared.bus.access import PROVISIONER
from cri_shared.bus.connection import connect_once
from cri_shared.bus.topology import provision, streams
from cri_shared.processes import answers, script
from cri_shared.settings import NatsSettings
from cri_shared.testing.certificates import Authority
from cri_shared.testing.nats import NatsServer
from cri_shared.testing.processes import Child, free_base, free_port
from cri_shared.testing.waiting import until
from cri_stack import bus
from cri_stack.layout import Layout
from cri_stack.status import PartStatus, status

from tests.stack.conftest import Platform

EXAMPLE = Path(__file__).parents[2] / "deploy/nats/nats.conf"
pytestmark = [pytest.mark.nats, pytest.mark.timeout(150)]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


def certified(authority: Authority) -> dict[str, str]:
    """What an operator sets to let NATS show a certificate."""
    issued = authority.issue("127.0.0.1")
    return {
        "CRI_NATS_SERVER_CERT_FILE": str(issued.certificate),
        "CRI_NATS_SERVER_KEY_FILE": str(issued.key),
        "CRI_NATS_CA_FILE": str(authority.bundle),
    }


def cri(var: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a verb on a directory."""
    command = [script("cri"), *words, "--var", str(var)]
    told = os.environ | environment
    return subprocess.run(command, env=told, capture_output=True, text=True, check=False)


def nats_in(status: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """What `cri status --json` says of NATS."""
    told: dict[str, Any] = json.loads(status.stdout)["result"]["nats"]
    return told


def test_any_store_key_is_read_as_it_is(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.keys("nats").mkdir(parents=True)
    (layout.keys("nats") / "store.key").write_text("-Tooth")
    bus.configure(layout)
    command = [script("nats-server"), "-t", "-c", str(layout.nats_conf)]
    told = os.environ | layout.environment("nats")
    tried = subprocess.run(command, env=told, capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr


def test_a_platform_may_speak_tls_with_its_own_nats(
    platforms: Callable[[], Platform], authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in certified(authority).items():
        monkeypatch.setenv(name, value)
    platform = platforms()
    platform.wait("CRI is up")
    assert f"tls://127.0.0.1:{platform.base + 7}" in platform.output
    for service in range(5):
        told = httpx.get(f"http://127.0.0.1:{platform.base + service}/health/ready").json()
        assert told["status"] == "ready"
    assert cri(platform.var, "provision").returncode == 0
    stranger = Authority(authority.bundle.parent / "stranger", "Somebody else")
    done = cri(platform.var, "provision", CRI_NATS_CA_FILE=str(stranger.bundle))
    assert done.returncode == 2
    assert done.stderr == "NATS: its certificate is from nobody that nats_ca_file names\n"
    assert nats_in(cri(platform.var, "status", "--json"))["good"]
    done = cri(platform.var, "status", "--json", CRI_NATS_CA_FILE=str(stranger.bundle))
    assert nats_in(done)["reasons"] == ["its certificate is from nobody that nats_ca_file names"]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"CRI_NATS_URL": "nats://nats.example:4222"}, "nats_url must be tls://"),
        ({"CRI_NATS_CA_FILE": "/nowhere"}, "nats_ca_file must be a file"),
        ({"CRI_NATS_SERVER_CERT_FILE": "/nowhere"}, "must both be files"),
    ],
)
def test_what_cannot_work_is_said_before_anything_starts(
    platforms: Callable[[], Platform],
    monkeypatch: pytest.MonkeyPatch,
    told: dict[str, str],
    words: str,
) -> None:
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    platform = platforms()
    assert platform.child.process.wait(30) == 1
    assert words in platform.output
    assert "cri_stack/" not in platform.output  # no stack of ours


async def test_a_server_of_ones_own_runs_as_the_example_says(
    tmp_path: Path, authority: Authority
) -> None:
    port = free_port()
    configuration = EXAMPLE.read_text().replace("0.0.0.0:4222", f"127.0.0.1:{port}")
    (tmp_path / "nats.conf").write_text(configuration)
    (tmp_path / "users.conf").write_text(cri(tmp_path / "var", "nats-users").stdout)
    told = certified(authority) | {
        "CRI_NATS_SERVER_NAME": "one",
        "CRI_NATS_STORE_DIR": str(tmp_path / "store"),
        "CRI_NATS_STORE_KEY": f'"-T{secrets.token_urlsafe(32)}"',
    }
    command = [script("nats-server"), "-c", str(tmp_path / "nats.conf")]
    server = Child(command, tmp_path / "nats.log", os.environ | told)
    until(lambda: answers(port), what="nats-server")
    settings = NatsSettings(
        nats_url=f"tls://127.0.0.1:{port}",
        nats_ca_file=authority.bundle,
        nats_seed_file=tmp_path / "var/keys/nats/provision.seed",
    )
    client = await connect_once(PROVISIONER, settings)
    made = await provision(client.jetstream())
    await client.close()
    server.stop()
    assert set(made.values()) == {"created"}


def test_streams_get_the_room_that_an_operator_names(platforms: Callable[[], Platform]) -> None:
    platform = platforms()
    platform.wait("CRI is up")
    more = cri(platform.var, "provision", "--json", CRI_NATS_STREAM_MB="1024")
    assert more.returncode == 0, more.stderr
    done = json.loads(more.stdout)["result"]
    assert {what for name, what in done.items() if name.isupper()} == {"updated"}
    again = json.loads(cri(platform.var, "provision", "--json").stdout)["result"]
    assert set(again.values()) == {"unchanged"}, "a verb that is told nothing changes nothing"
    words = cri(platform.var, "provision", CRI_NATS_STREAM_MB="1 GB")
    assert (words.returncode, words.stdout) == (2, "")
    assert words.stderr == "CRI_NATS_STREAM_MB must be a whole number of megabytes, 8 or more.\n"
    much = cri(platform.var, "provision", CRI_NATS_STREAM_MB="9000")
    assert (much.returncode, much.stdout) == (1, "")
    assert much.stderr.startswith("NATS: INTAKE with 9000 MB on 1 server(s): insufficient storage")


def test_a_machine_gives_nats_place_for_streams_of_more_room(tmp_path: Path) -> None:
    def most(**environ: str) -> int:
        layout = Layout(tmp_path, environ=environ)
        bus.configure(layout)
        (megabytes,) = re.findall(r"max_file: (\d+)MB", layout.nats_conf.read_text())
        return int(megabytes)

    assert most() == most(CRI_NATS_STREAM_MB="512") == 8192
    assert most(CRI_NATS_STREAM_MB="4096") == 4096 * len(list(streams()))


async def test_status_tells_of_a_stream_that_is_nearly_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = Layout.of(tmp_path / "var", port_base=free_base())
    with NatsServer(tmp_path / "nats") as server:
        monkeypatch.setenv("CRI_NATS_URL", server.url)
        layout = Layout.of(tmp_path / "var", port_base=layout.port_base)
        client = await nats.connect(server.url)
        js = client.jetstream()
        await provision(js, max_bytes=8 << 20)
        part = await asyncio.to_thread(_nats_of, layout)
        assert (part.good, part.status, part.reasons) == (True, "ready", ())
        for _ in range(35):
            await js.publish("cri.intake.question.cleared.v1", b"x" * 200_000)
        await client.close()
        part = await asyncio.to_thread(_nats_of, layout)
    assert (part.good, part.status) == (False, "nearly full")
    assert part.reasons == ("INTAKE holds 6 of 8 MB, see OutboxLate",)


def _nats_of(layout: Layout) -> PartStatus:
    (part,) = [one for one in status(layout) if one.name == "nats"]
    return part
