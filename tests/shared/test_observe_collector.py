"""Where traces go: to the collector that the setting names, and nowhere without one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cri_shared.observe.traces import Traces, beginning_of
from cri_shared.privacy.keys import KeyRing
from cri_shared.settings import ServiceSettings
from cri_shared.testing.collector import Collector
from cri_shared.testing.processes import Child, answers, free_port
from cri_shared.testing.waiting import until
from pydantic import ValidationError


@pytest.fixture
def collector() -> Iterator[Collector]:
    one = Collector()
    yield one
    one.stop()


class TestWithoutACollector:
    def test_the_sdk_is_not_even_imported(self) -> None:
        program = (
            "import sys; from cri_intake.app import create_app;"
            "from cri_shared.observe.traces import open_traces; open_traces('intake', None);"
            "print([n for n in sys.modules if 'protobuf' in n or n.startswith('opentelemetry.sdk')"
            " or n.startswith('opentelemetry.exporter')])"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr

    def test_headers_leave_as_they_were(self) -> None:
        headers = {"traceparent": beginning_of("r-1")}
        assert Traces().publishing("s", headers)[0] == headers


@pytest.mark.nats
def test_a_collector_that_the_environment_names_hears_of_no_request(
    tmp_path: Path, nats_url: str, collector: Collector
) -> None:
    """FastAPI speaks OpenTelemetry by itself where the environment asks for it."""
    for ring in ("research", "identity"):
        KeyRing.create(tmp_path / "keys" / ring)
    env = os.environ | {
        "CRI_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/research.db",
        "CRI_IDENTITY_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/identity.db",
        "CRI_KEY_DIR": str(tmp_path / "keys" / "research"),
        "CRI_IDENTITY_KEY_DIR": str(tmp_path / "keys" / "identity"),
        "CRI_NATS_URL": nats_url,
        "CRI_PUBLIC_URL": "http://127.0.0.1:8002",
        "CRI_PORT": str(free_port()),
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "FASTAPI_OTEL_AUTO_CONFIGURE": "true",
    }
    command = [sys.executable, "-m", "tests.shared.toy_command"]
    subprocess.run([*command, "migrate"], env=env, check=True, capture_output=True)
    server = Child([*command, "serve"], tmp_path / "serve.log", env)
    try:
        until(lambda: answers(int(env["CRI_PORT"])), timeout=30, what="it answers")
        asked = httpx.get(f"http://127.0.0.1:{env['CRI_PORT']}/health/live?secret=UNMISTAKABLE")
        assert asked.status_code == 200
    finally:
        server.stop()
    assert collector.bodies == []


class TestSetting:
    def of(self, tmp_path: Path, url: str) -> ServiceSettings:
        return ServiceSettings(
            service="research",
            public_url="http://127.0.0.1:8002",
            port=8002,
            database_url="",
            identity_database_url="",
            key_dir=tmp_path,
            identity_key_dir=tmp_path,
            traces_url=url,
        )

    @pytest.mark.parametrize(
        ("told", "used"),
        [
            ("http://collector:4318", "http://collector:4318/v1/traces"),
            ("https://collector:4318/", "https://collector:4318/v1/traces"),
            ("http://collector/otlp/v1/traces", "http://collector/otlp/v1/traces"),
        ],
    )
    def test_a_path_is_added_where_there_is_none(
        self, tmp_path: Path, told: str, used: str
    ) -> None:
        assert self.of(tmp_path, told).traces_url == used

    @pytest.mark.parametrize("wrong", ["collector:4318", "ftp://collector", "http://"])
    def test_what_is_no_address_is_refused_in_words(self, tmp_path: Path, wrong: str) -> None:
        with pytest.raises(ValidationError, match="traces_url must be an address"):
            self.of(tmp_path, wrong)
