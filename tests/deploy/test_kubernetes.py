"""Manifests are valid, bound to nothing that is not there, and give each part what it needs."""

import importlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from cri_stack.deployment import Deployment
from cri_stack.layout import SERVICES, USUAL_PORTS

from tests.deploy.conftest import DEPLOY

KUBECTL = shutil.which("kubectl")
KUBERNETES = "1.33"
RUNNING = ("Deployment", "StatefulSet", "Job")
TOLD = {"CRI_SECRETS_DIR", "CRI_SERVICE_URL"}
Manifest = dict[str, Any]

pytestmark = pytest.mark.skipif(
    KUBECTL is None, reason="kubectl, which puts them together, is away"
)


@pytest.fixture(scope="module", params=["small", "large"])
def manifests(request: pytest.FixtureRequest) -> list[Manifest]:
    """Everything that one way of deploying applies."""
    made = subprocess.run(
        [str(KUBECTL), "kustomize", DEPLOY / "kubernetes" / request.param],
        capture_output=True,
        check=True,
    )
    return list(yaml.safe_load_all(made.stdout))


def pods(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """Each that runs containers, and the pod that it runs."""
    for item in manifests:
        if item["kind"] in RUNNING:
            yield item["metadata"]["name"], item["spec"]["template"]["spec"]


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
        item["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"]
        for item in manifests
        if item["kind"] in RUNNING
    }
    assert set(SERVICES) | {"nats", "provision"} <= labels
