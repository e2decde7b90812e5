"""The compose file is one, and agrees with the code, with the other files and with itself."""

import importlib
import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from compose_spec import PyCompose
from cri_stack import bus
from cri_stack.layout import SERVICES, USUAL_PORTS

from tests.deploy.conftest import DEPLOY, ROOT
from tests.deploy.pages import commands_of, unknown_commands

PUBLIC_SETTINGS = {"CRI_SECRETS_DIR", "CRI_HEALTH"}


def settings_of(service: str) -> set[str]:
    """The names under which a service reads its settings, as all services share them."""
    settings = importlib.import_module(f"cri_{service}.settings").Settings
    return {f"CRI_{name.upper()}" for name in settings.model_fields}


def test_it_is_a_compose_file(composed: dict[str, Any]) -> None:
    names = set(PyCompose.from_json(json.dumps(composed)).service_names())
    assert {*SERVICES, "postgres", "nats", "meilisearch", "caddy"} <= names
    wrong = {**composed, "services": {"search": {**composed["services"]["search"], "imagee": "x"}}}
    with pytest.raises(ValueError, match="imagee"):
        PyCompose.from_json(json.dumps(wrong))


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_told_what_it_reads(composed: dict[str, Any], service: str) -> None:
    part = composed["services"][service]
    everywhere = set.union(*map(settings_of, SERVICES))
    assert set(part["environment"]) - PUBLIC_SETTINGS <= everywhere
    assert {"CRI_PUBLIC_URL", "CRI_KEY_DIR", "CRI_NATS_SEED_FILE"} <= settings_of(service)
    assert f":{USUAL_PORTS[service]}/health/ready" in part["environment"]["CRI_HEALTH"]
    assert part["build"]["args"] == {"PART": service}
    mounted = [volume.partition(":")[0] for volume in part["volumes"]]
    others = [name for name in SERVICES if name != service]
    assert not any(path.endswith(f"/{other}") for path in mounted for other in others)


def started_by(part: dict[str, Any]) -> Iterator[list[str]]:
    """The commands of ours with which a container begins, as its shell or nobody splits them."""
    image = (DEPLOY / "Dockerfile").read_text()
    usual = json.loads(re.findall(r"^ENTRYPOINT (.+)$", image, re.MULTILINE)[0])
    words = [*part.get("entrypoint", usual), *part.get("command", [])]
    if words[:2] != ["sh", "-c"]:
        yield words
        return
    for command in words[2].split("&&"):
        yield shlex.split(command.strip().removeprefix("exec "))


@pytest.mark.parametrize("name", [*SERVICES, "cri", "provision"])
def test_a_container_begins_with_commands_that_there_are(
    composed: dict[str, Any], name: str
) -> None:
    program = f"cri-{name}" if name in SERVICES else "cri"
    commands = list(started_by(composed["services"][name]))
    assert commands
    for start, *words in commands:
        assert start == "start"
        said = f"`{' '.join([program, *words])}`"
        assert words == ["--help"] or (commands_of(said) and not unknown_commands(said))


def test_a_host_backs_up_every_night_and_hears_of_a_failure(
    composed: dict[str, Any], tmp_path: Path
) -> None:
    """The line of cron as its page has it; in place of Docker stands what fails or does well."""
    page = (DEPLOY / "compose/README.md").read_text()
    (line,) = re.findall(r"^    \d+ \d+ \* \* \* root cd \S+ && (.+)$", page, re.MULTILINE)
    words = re.findall(r"docker compose run --rm -T (\S+) (\S+)", line)
    assert words == [("cri", "backup")]
    assert "cri" in composed["services"]
    assert unknown_commands("`cri backup`") == set()
    assert "%" not in line  # which ends a line of cron
    for status, heard in ((0, ""), (2, "No recipient is set.\n")):
        docker = tmp_path / "docker"
        docker.write_text(f"#!/bin/sh\necho 'No recipient is set.' >&2\nexit {status}\n")
        docker.chmod(0o755)
        told = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
        done = subprocess.run(
            ["sh", "-c", line], cwd=tmp_path, env=told, capture_output=True, text=True, check=True
        )
        assert (done.stdout, done.stderr) == (heard, "")


def test_the_command_is_told_where_everything_is(composed: dict[str, Any]) -> None:
    """What services are given below /run/secrets, it finds below the directory of all secrets."""
    part = composed["services"]["cri"]
    told, service = part["environment"], composed["services"]["search"]["environment"]
    assert part["volumes"][0].endswith(":/var/cri/var")
    assert told["CRI_IDENTITY_KEY_DIR"] == "/var/cri/var/keys/identity"
    assert told["CRI_NATS_CA_FILE"] == "/var/cri/var/keys/nats/authority.pem"
    for name in SERVICES:
        assert told[f"CRI_{name.upper()}_AT"] == f"{name}:{USUAL_PORTS[name]}"
        assert f"CRI_{name.upper()}_AT" not in service
    assert not told[bus.ROOM]  # what streams have stays, until an operator says otherwise


def test_secrets_can_be_made_before_there_are_any(composed: dict[str, Any]) -> None:
    """Compose before 2.34 reads the files of all parts, whichever it is to run."""
    files = [one for part in composed["services"].values() for one in part.get("env_file", [])]
    assert files
    assert all(one["required"] is False for one in files)


def test_a_database_is_healthy_when_services_reach_it(composed: dict[str, Any]) -> None:
    """While it makes the databases at its first start it listens on a socket alone."""
    asked = composed["services"]["postgres"]["healthcheck"]["test"]
    assert asked[:4] == ["CMD", "pg_isready", "--host", "127.0.0.1"]


def test_nobody_runs_as_root_with_more_than_needed(composed: dict[str, Any]) -> None:
    for name, part in composed["services"].items():
        assert "no-new-privileges:true" in part["security_opt"], name
        assert part["read_only"] is True, name
        assert part["cap_drop"] == ["ALL"], name
        published = [port for port in part.get("ports", []) if not port.startswith("127.0.0.1:")]
        assert not published or name == "caddy"


def test_who_is_given_a_secret_runs_as_its_owner(composed: dict[str, Any]) -> None:
    """The files of `cri keys make` are readable by one account alone."""
    for name, part in composed["services"].items():
        if any("/secrets/" in volume.partition(":")[0] for volume in part.get("volumes", [])):
            assert part["user"] == composed["x-hardened"]["user"], name


def test_every_image_has_a_version(composed: dict[str, Any]) -> None:
    for name, part in composed["services"].items():
        assert re.fullmatch(r"[a-z/-]+:v?\d[\w.-]+", part["image"]), name


def test_networks_that_are_believed_are_the_ones_that_there_are(composed: dict[str, Any]) -> None:
    told = composed["services"]["search"]["environment"]
    subnets = {
        name: network["ipam"]["config"][0]["subnet"]
        for name, network in composed["networks"].items()
        if "ipam" in network
    }
    assert told["CRI_TRUSTED_PROXIES"] == subnets["front"]
    assert told["CRI_METRICS_NETWORKS"] == subnets["monitoring"]
    assert not ip_network(subnets["front"]).overlaps(ip_network(subnets["monitoring"]))
    assert composed["services"]["caddy"]["networks"] == ["front"]


def test_nobody_gets_from_one_network_into_another(composed: dict[str, Any]) -> None:
    """Podman lets addresses of all networks through where it is not told otherwise."""
    for name, network in composed["networks"].items():
        assert network["driver_opts"] == {"isolate": "true"}, name


def test_only_who_has_something_to_say_outside_gets_there(composed: dict[str, Any]) -> None:
    """Services send mail, call back and look at pages that are cited; Caddy gets certificates."""
    shut = {name for name, network in composed["networks"].items() if network.get("internal")}
    assert shut == {"inside"}
    within = {
        name: part for name, part in composed["services"].items() if set(part["networks"]) <= shut
    }
    assert set(within) == {"cri", "provision", "postgres", "nats", "meilisearch"}
    assert not any("ports" in part for part in within.values()), (
        "an internal network publishes none"
    )
    for service in SERVICES:
        assert "front" in composed["services"][service]["networks"]


def test_caddy_leads_to_each_service_by_its_name_and_port(composed: dict[str, Any]) -> None:
    led = re.findall(
        r"^(\S+) \{\n\timport service \{\$\w+:(\w+):(\d+)\}",
        (DEPLOY / "caddy/Caddyfile").read_text(),
        re.MULTILINE,
    )
    assert {name: int(port) for _, name, port in led} == {
        name: USUAL_PORTS[name] for name in SERVICES
    }
    for site, name, _ in led:
        public = composed["services"][name]["environment"]["CRI_PUBLIC_URL"]
        assert public == "https://" + site.replace("{$CRI_DOMAIN}", "cri.example.org")


def test_what_is_mounted_from_the_repository_is_there(composed: dict[str, Any]) -> None:
    for part in composed["services"].values():
        for volume in part.get("volumes", []):
            source = volume.partition(":")[0]
            if source.startswith("../"):
                assert (DEPLOY / "compose" / source).exists(), source


def test_an_image_is_made_for_each_part_from_its_own_lock() -> None:
    for part in (*SERVICES, "index", "stack"):
        assert (ROOT / f"requirements/cri-{part}.txt").exists()
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("USER ")] == ["USER 10001:10001"]
    assert not any("latest" in line for line in lines)


def test_whoever_runs_an_image_gets_into_its_directory() -> None:
    """`CRI_USER` is another account than the image's own, and mounts what it owns below."""
    text = (DEPLOY / "Dockerfile").read_text()
    (place,) = re.findall(r"^WORKDIR (/var/\S+)$", text, re.MULTILINE)
    (mode,) = re.findall(rf"mkdir -m (\d+) {place} ", text)
    assert int(mode, 8) & 0o001
    assert not int(mode, 8) & 0o022
