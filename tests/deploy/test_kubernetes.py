"""Manifests are valid, bound to nothing that is not there, and give each part what it needs."""

import base64
import importlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from cri_shared.backup import age
from cri_shared.processes import script
from cri_shared.testing.postgres import PostgresServer
from cri_shared.testing.services import make_tables
from cri_stack import bus
from cri_stack.deployment import Deployment
from cri_stack.layout import SERVICES, USUAL_PORTS

from tests.deploy.conftest import DEPLOY

KUBECTL = shutil.which("kubectl")
KUBERNETES = "1.33"
RUNNING = ("Deployment", "StatefulSet", "Job", "CronJob")
TOLD = {"CRI_SECRETS_DIR", "CRI_SERVICE_URL", bus.ROOM}
Manifest = dict[str, Any]

pytestmark = pytest.mark.skipif(
    KUBECTL is None, reason="kubectl, which puts them together, is away"
)


@pytest.fixture(scope="module", params=["small", "large"])
def manifests(request: pytest.FixtureRequest) -> list[Manifest]:
    """Everything that one way of deploying applies."""
    return applied(request.param)


def applied(way: str | Path) -> list[Manifest]:
    """What `kubectl apply -k` would apply, of a way of ours or of a directory."""
    made = subprocess.run(
        [str(KUBECTL), "kustomize", DEPLOY / "kubernetes" / way], capture_output=True, check=True
    )
    return list(yaml.safe_load_all(made.stdout))


def template_of(item: Manifest) -> Manifest:
    """What one that runs containers makes its pods from."""
    spec = item["spec"]
    template: Manifest = spec.get("jobTemplate", item)["spec"]["template"]
    return template


def pods(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """Each that runs containers, and the pod that it runs."""
    for item in manifests:
        if item["kind"] in RUNNING:
            yield item["metadata"]["name"], template_of(item)["spec"]


def containers(pod: Manifest) -> list[Manifest]:
    """Those that prepare, and those that stay."""
    return [*pod.get("initContainers", []), *pod["containers"]]


def test_each_is_what_kubernetes_takes(manifests: list[Manifest]) -> None:
    for item in manifests:
        kubernetes_validate.validate(item, KUBERNETES, strict=True)
    wrong = {**manifests[0], "metdata": {}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, KUBERNETES, strict=True)


def test_pods_keep_to_the_restricted_standard(manifests: list[Manifest]) -> None:
    (namespace,) = [item for item in manifests if item["kind"] == "Namespace"]
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    for name, pod in pods(manifests):
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert pod["automountServiceAccountToken"] is False, name
        for container in containers(pod):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name
            assert container["resources"]["limits"]["memory"], name
            tag = container["image"].partition(":")[2]
            assert tag not in ("", "latest"), name


def test_nothing_is_asked_for_that_is_not_there(manifests: list[Manifest], tmp_path: Path) -> None:
    deployment = Deployment(tmp_path)
    deployment.make()
    secrets = {item["metadata"]["name"]: item["data"] for item in deployment.kubernetes("cri")}
    configured = {
        item["metadata"]["name"]: item["data"] for item in manifests if item["kind"] == "ConfigMap"
    }
    for name, pod in pods(manifests):
        for volume in pod.get("volumes", []):
            if "secret" in volume:
                assert volume["secret"]["secretName"] in secrets, name
            for source in volume.get("projected", {}).get("sources", []):
                if "secret" in source:
                    held = secrets[source["secret"]["name"]]
                    assert {each["key"] for each in source["secret"]["items"]} <= set(held), name
                else:
                    assert source["configMap"]["name"] in configured, name
        for container in containers(pod):
            for told in container.get("env", []):
                reference = told.get("valueFrom", {}).get("secretKeyRef")
                assert reference is None or reference["key"] in secrets[reference["name"]]
                reference = told.get("valueFrom", {}).get("configMapKeyRef")
                assert reference is None or reference["key"] in configured[reference["name"]]
            for source in container.get("envFrom", []):
                if "secretRef" in source:
                    assert source["secretRef"]["name"] in secrets, name
                else:
                    assert source["configMapRef"]["name"] in configured, name


def test_a_service_gets_its_own_and_its_port(manifests: list[Manifest]) -> None:
    found = dict(pods(manifests))
    for service in SERVICES:
        pod = found[f"cri-{service}"]
        (container,) = pod["containers"]
        assert container["image"].startswith(f"cri-{service}:")
        assert container["ports"] == [{"name": "http", "containerPort": USUAL_PORTS[service]}]
        (told,) = container["env"]
        reference = told["valueFrom"]["configMapKeyRef"]
        assert (told["name"], reference["key"]) == (
            "CRI_PUBLIC_URL",
            f"CRI_{service.upper()}_URL",
        )
        mounted = [v["secret"]["secretName"] for v in pod["volumes"] if "secret" in v]
        assert mounted == [f"cri-{service}", f"cri-{service}-keys", "cri-identity-keys"]
        keys = [mount for mount in container["volumeMounts"] if mount["name"] == "keys"]
        assert keys == [{"name": "keys", "mountPath": "/run/keys", "readOnly": True}]


def test_settings_are_ones_that_services_read(manifests: list[Manifest]) -> None:
    known = {
        f"CRI_{name.upper()}"
        for service in SERVICES
        for name in importlib.import_module(f"cri_{service}.settings").Settings.model_fields
    }
    (told,) = [
        item["data"]
        for item in manifests
        if item["kind"] == "ConfigMap" and item["metadata"]["name"].startswith("cri-settings")
    ]
    assert set(told) - TOLD <= known
    hosts = {
        rule["host"]: rule["http"]["paths"][0]["backend"]["service"]["name"]
        for item in manifests
        if item["kind"] == "Ingress"
        for rule in item["spec"]["rules"]
    }
    assert hosts == {
        told[f"CRI_{service.upper()}_URL"].removeprefix("https://"): f"cri-{service}"
        for service in SERVICES
    }


def test_nobody_reaches_what_no_policy_names(manifests: list[Manifest]) -> None:
    policies = {
        item["metadata"]["name"]: item["spec"]
        for item in manifests
        if item["kind"] == "NetworkPolicy"
    }
    assert policies["nothing"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    (expression,) = policies["index"]["podSelector"]["matchExpressions"]
    assert set(expression["values"]) == {"search", "publishing", "provision"}
    labels = {
        template_of(item)["metadata"]["labels"]["app.kubernetes.io/name"]
        for item in manifests
        if item["kind"] in RUNNING
    }
    assert set(SERVICES) | {"nats", "provision"} <= labels


def held_by(manifests: list[Manifest], kind: str, name: str) -> dict[str, str]:
    """What is in the one of a kind whose name begins so."""
    (found,) = [
        item
        for item in manifests
        if item["kind"] == kind and item["metadata"]["name"].startswith(name)
    ]
    data: dict[str, str] = found["data"]
    return {key: base64.b64decode(v).decode() if kind == "Secret" else v for key, v in data.items()}


def mount(pod: Manifest, secrets: list[Manifest], root: Path) -> None:
    """Make the directories of a pod's container below another root, with what is mounted there."""
    (container,) = pod["containers"]
    where = {one["name"]: one["mountPath"] for one in container["volumeMounts"]}
    for volume in pod["volumes"]:
        place = root / where[volume["name"]].lstrip("/")
        place.mkdir(parents=True)
        sources = volume.get("projected", {}).get("sources", [])
        names = [volume.get("secret", {}).get("secretName")]
        names += [source["secret"]["name"] for source in sources]
        for name in filter(None, names):
            for file, content in held_by(secrets, "Secret", name).items():
                (place / file).write_text(content)


@pytest.mark.postgres
@pytest.mark.timeout(180)
def test_the_backup_of_every_night_is_made_of_what_its_pod_has(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    manifests = applied("small")
    Deployment(tmp_path / "made").make()
    secrets = list(Deployment(tmp_path / "made").kubernetes("cri"))
    urls = held_by(secrets, "Secret", "cri-operator")
    for name in urls:
        urls[name] = postgres_server.create_database()
        store, is_database, _ = name.removeprefix("CRI_").lower().partition("_database_url")
        package = "cri_shared.identity" if store == "identity" else f"cri_{store}"
        if is_database:
            make_tables(package, urls[name])
    pod = dict(pods(manifests))["backup"]
    mount(pod, secrets, tmp_path)
    (container,) = pod["containers"]
    here = partial(re.sub, r"(?<![\w/])/(?=kept|var|backups)", f"{tmp_path}/")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "start").symlink_to(script("cri"))
    done = subprocess.run(
        [*container["command"], here(container["args"][0])],
        env={
            **held_by(manifests, "ConfigMap", "cri-settings"),
            **urls,
            **{one["name"]: here(one["value"]) for one in container["env"]},
            "PATH": f"{tmp_path}/bin:{postgres_server.programs}:{os.environ['PATH']}",
            "CRI_BACKUP_RECIPIENTS": age.new_key()[1],
        },
        cwd=tmp_path / "var" / "cri",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for part in ("data", "keys"):
        made = {file.name.split("-")[0] for file in (tmp_path / "backups" / part).glob("*.age")}
        assert made == {"identity", *SERVICES}
