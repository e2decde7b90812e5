"""What `cri keys make` makes lets services in containers work, each with its own part only."""

import base64
import json
import os
import subprocess
from pathlib import Path

import pytest
from cri_shared.bus.authority import Authority, serves
from cri_shared.clock import now
from cri_shared.processes import answers, script
from cri_shared.testing.postgres import PostgresServer
from cri_shared.testing.processes import Child, free_port
from cri_shared.testing.waiting import until
from cri_stack.deployment import RENEWED_BEFORE, SERVER_SPAN, Deployment
from cri_stack.layout import SERVICES

from tests.deploy.conftest import DEPLOY

HOST = "127.0.0.1"


def run(*command: str, **told: str) -> subprocess.CompletedProcess[str]:
    """A program of ours, told nothing of this machine's platform."""
    environment = {name: value for name, value in os.environ.items() if "CRI_" not in name}
    return subprocess.run(
        [script(command[0]), *command[1:]],
        env=environment | told,
        capture_output=True,
        text=True,
        check=False,
    )


def told_to(directory: Path, service: str, nats: int, index: int) -> dict[str, str]:
    """What the files of a deployment tell a service."""
    secrets, keys = directory / "secrets" / service, directory / "keys"
    return {
        "CRI_SECRETS_DIR": str(secrets),
        "CRI_NATS_URL": f"tls://{HOST}:{nats}",
        "CRI_NATS_CA_FILE": str(secrets / "authority.pem"),
        "CRI_NATS_SEED_FILE": str(secrets / "nats.seed"),
        "CRI_KEY_DIR": str(keys / service),
        "CRI_IDENTITY_KEY_DIR": str(keys / "identity"),
        "CRI_INDEX_URL": f"http://{HOST}:{index}",
    }


@pytest.mark.nats
@pytest.mark.postgres
def test_a_service_works_with_what_was_made_for_it(
    tmp_path: Path, postgres_server: PostgresServer
) -> None:
    made, nats, index = tmp_path / "made", free_port(), free_port()
    database = f"{HOST}:{postgres_server.port}"
    done = run("cri", "keys", "make", str(made), "--database", database, "--nats", HOST)
    assert done.returncode == 0, done.stderr
    create = made / "secrets/postgres/create.sql"
    postgres_server.run("psql", *postgres_server.where, "-v", "ON_ERROR_STOP=1", "-f", create)

    conf = (DEPLOY / "nats/nats.conf").read_text().replace("0.0.0.0:4222", f"{HOST}:{nats}")
    (made / "keys/nats/nats.conf").write_text(conf)
    store, _, key = (made / "keys/nats/server.env").read_text().strip().partition("=")
    server = Child(
        [script("nats-server"), "-c", str(made / "keys/nats/nats.conf")],
        tmp_path / "nats.log",
        os.environ
        | {
            store: key,
            "CRI_NATS_SERVER_NAME": "one",
            "CRI_NATS_STORE_DIR": str(tmp_path / "streams"),
            "CRI_NATS_SERVER_CERT_FILE": str(made / "keys/nats/server.pem"),
            "CRI_NATS_SERVER_KEY_FILE": str(made / "keys/nats/server.key"),
        },
    )
    engine = Child(
        [script("cri-index"), "serve", "--port", str(index), "--data", str(tmp_path / "index")],
        tmp_path / "index.log",
        os.environ | {"CRI_INDEX_MASTER_KEY": (made / "keys/index/master.key").read_text()},
    )
    try:
        until(lambda: answers(nats) and answers(index), what="NATS and the index")
        told = told_to(made, "publishing", nats, index)
        provisioned = run(
            "cri",
            "provision",
            "--var",
            str(made),
            **{name: told[name] for name in ("CRI_NATS_URL", "CRI_NATS_CA_FILE", "CRI_INDEX_URL")},
        )
        assert provisioned.returncode == 0, provisioned.stderr
        assert run("cri-publishing", "migrate", **told).returncode == 0
        checked = run("cri-publishing", "check", **told)
        assert checked.returncode == 0, checked.stdout
        assert {"ok      index", "ok      nats"} <= set(checked.stdout.splitlines())
    finally:
        engine.stop()
        server.stop()


def test_made_again_it_changes_nothing_but_a_certificate_that_ends(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path, nats=("a.example", "b.example"))
    deployment.make()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert all(path.stat().st_mode & 0o077 == 0 for path in before if path.suffix != ".pem")
    deployment.make()
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    nats = tmp_path / "keys/nats"
    soon = now() + RENEWED_BEFORE / 2
    Authority.open(nats).issue(*deployment.nats, until=soon, stem="server")
    deployment.make()
    assert serves(nats / "server.pem", deployment.nats, now() + SERVER_SPAN / 2)
    moved = Deployment(tmp_path, nats=("c.example",))
    moved.make()
    assert serves(nats / "server.pem", moved.nats, now())
    assert (nats / "authority.pem").read_bytes() == before[nats / "authority.pem"]


def test_secrets_of_kubernetes_hold_what_a_part_needs_and_nothing_else(tmp_path: Path) -> None:
    assert run("cri", "keys", "kubernetes", str(tmp_path)).returncode == 2
    Deployment(tmp_path).make()
    printed = run("cri", "keys", "kubernetes", str(tmp_path), "--namespace", "there")
    items = {item["metadata"]["name"]: item for item in json.loads(printed.stdout)["items"]}
    assert {item["metadata"]["namespace"] for item in items.values()} == {"there"}
    for service in SERVICES:
        held = items[f"cri-{service}"]["data"]
        seed = base64.b64decode(held["nats.seed"])
        assert seed == (tmp_path / f"keys/nats/{service}.seed").read_bytes()
        assert f"/{service}" in base64.b64decode(held["cri_database_url"]).decode()
        assert ("cri_index_key" in held) == (service in ("publishing", "search"))
        assert ("cri_keystore_url" in held) == (service != "search")
    provision = (tmp_path / "keys/nats/provision.seed").read_bytes()
    assert [
        name
        for name, item in items.items()
        if provision in map(base64.b64decode, item["data"].values())
    ] == ["cri-provision"]
