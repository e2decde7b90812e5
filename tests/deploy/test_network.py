"""Policies of Kubernetes let each service reach what its settings name, and nothing else."""

import importlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import kubernetes_validate
import pytest
from cri_stack.layout import SERVICES

from tests.deploy.conftest import DEPLOY, told_in
from tests.deploy.test_kubernetes import KUBERNETES, Manifest, applied, held_by

pytestmark = pytest.mark.skipif(
    shutil.which("kubectl") is None, reason="kubectl, which puts them together, is away"
)
OUTSIDE = DEPLOY / "kubernetes/outside"
WEB, ANYWHERE, STORES = "the web", "anywhere", "10.64.0.0/16"
PRIVATE = {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"}
Way = tuple[str, str, int]  # whither, protocol, port

NAMES: set[Way] = {("kube-system", "UDP", 53), ("kube-system", "TCP", 53)}
POSTGRES: set[Way] = {("postgres", "TCP", 5432)}
# Where each setting leads; what is not here, a service does not go to by itself.
OF_SETTINGS: dict[str, set[Way]] = {
    "nats_url": {("nats", "TCP", 4222)},
    "database_url": POSTGRES,
    "keystore_url": POSTGRES,
    "identity_database_url": POSTGRES,
    "index_url": {("meilisearch", "TCP", 7700)},
    "smtp_url": {(ANYWHERE, "TCP", 465), (ANYWHERE, "TCP", 587)},
}
# Those that an operator adds, each by the component of its name.
ADDED: dict[str, tuple[str, set[Way]]] = {
    "purge_url": ("cache", {(WEB, "TCP", 443)}),
    "oidc_issuer": ("sign-in", {(WEB, "TCP", 443)}),
    "traces_url": ("traces", {("monitoring", "TCP", 4318)}),
}
ADDRESSES = {"public_url", *(f"{service}_url" for service in SERVICES)}  # for people's browsers
# Webhooks of organisations, and pages that entries cite: no setting names them.
BY_WHAT_PEOPLE_SAY = {
    service: {(WEB, "TCP", 80), (WEB, "TCP", 443)} for service in ("intake", "publishing")
}


def settings_of(service: str) -> set[str]:
    """The settings of a service that name something to be reached."""
    known = importlib.import_module(f"cri_{service}.settings").Settings.model_fields
    return {name for name in known if name.endswith(("_url", "_issuer"))}


def test_every_setting_with_an_address_is_known_here() -> None:
    """One that is new says here where it leads, and gets a policy or a component."""
    named = set.union(*map(settings_of, SERVICES))
    assert named == {*OF_SETTINGS, *ADDED, *ADDRESSES}
    assert {one.name for one in OUTSIDE.iterdir()} == {name for name, _ in ADDED.values()}


def with_components(place: Path, way: str, *names: str) -> list[Manifest]:
    """What an operator's own kustomization makes of a way of deploying and some components."""
    place.mkdir(exist_ok=True)
    here = {one: os.path.relpath(one, place) for one in (*map(OUTSIDE.joinpath, names),)}
    (place / "kustomization.yaml").write_text(
        f"resources: [{os.path.relpath(DEPLOY / 'kubernetes' / way, place)}]\n"
        f"components: [{', '.join(here.values())}]\n"
    )
    return applied(place)


def _picks(selector: dict[str, Any], service: str) -> bool:
    labels = {"app.kubernetes.io/name": service, "app.kubernetes.io/part-of": "cri"}
    for key, value in selector.get("matchLabels", {}).items():
        if labels.get(key) != value:
            return False
    for one in selector.get("matchExpressions", []):
        assert one["operator"] == "In"
        if labels.get(one["key"]) not in one["values"]:
            return False
    return True


def _whither(peer: dict[str, Any]) -> str:
    if "ipBlock" in peer:
        block = peer["ipBlock"]
        if block["cidr"] != "0.0.0.0/0":
            return str(block["cidr"])
        assert set(block["except"]) == PRIVATE
        return WEB
    ((_, selector),) = peer.items()
    ((_, name),) = selector["matchLabels"].items()
    return str(name)


def ways_out(manifests: list[Manifest], service: str) -> Iterator[Way]:
    """Where the policies let the pods of a service go."""
    for item in manifests:
        if item["kind"] != "NetworkPolicy" or not _picks(item["spec"]["podSelector"], service):
            continue
        for rule in item["spec"].get("egress", []):
            for peer in rule.get("to", [None]):
                for port in rule["ports"]:
                    whither = _whither(peer) if peer else ANYWHERE
                    yield whither, port["protocol"], port["port"]


def wanted(service: str, *components: str) -> set[Way]:
    """Where it must be able to go."""
    named = settings_of(service)
    ways = [OF_SETTINGS[name] for name in named & set(OF_SETTINGS)]
    ways += [way for name, (by, way) in ADDED.items() if name in named and by in components]
    return NAMES.union(BY_WHAT_PEOPLE_SAY.get(service, set()), *ways)


CHOICES = [(), *((name,) for name, _ in ADDED.values()), tuple(name for name, _ in ADDED.values())]


@pytest.mark.parametrize("components", CHOICES, ids=lambda names: "+".join(names) or "none")
def test_a_service_reaches_what_its_settings_name_and_nothing_else(
    tmp_path: Path, components: tuple[str, ...]
) -> None:
    manifests = with_components(tmp_path / "own", "small", *components)
    (nobody,) = [one for one in manifests if one["metadata"]["name"] == "nothing"]
    assert nobody["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for service in SERVICES:
        assert set(ways_out(manifests, service)) == wanted(service, *components), service


def test_stores_that_somebody_else_runs_are_reached_besides() -> None:
    manifests = applied("large")
    stores = {(STORES, "TCP", 5432), (STORES, "TCP", 443)}
    for service in SERVICES:
        assert set(ways_out(manifests, service)) == wanted(service) | stores, service


@pytest.mark.parametrize("way", ["small", "large"])
@pytest.mark.parametrize(("setting", "component"), [(s, by) for s, (by, _) in ADDED.items()])
def test_a_component_sets_what_its_way_is_for(
    tmp_path: Path, way: str, setting: str, component: str
) -> None:
    manifests = with_components(tmp_path / "own", way, component)
    for item in manifests:
        kubernetes_validate.validate(item, KUBERNETES, strict=True)
    told = held_by(manifests, "ConfigMap", "cri-settings")
    url = urlsplit(told[f"CRI_{setting.upper()}"])
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    assert {port} == {port for _, _, port in ADDED[setting][1]}
    usual = told_in(DEPLOY / "kubernetes/base/settings.env")
    assert set(usual) <= set(told)
    assert f"CRI_{setting.upper()}" not in usual, "nobody gets out before an operator says so"
    used = [
        source["configMapRef"]["name"]
        for item in manifests
        if item["kind"] == "Deployment"
        for container in item["spec"]["template"]["spec"]["containers"]
        for source in container["envFrom"]
    ]
    (held,) = {name for name in used}
    names = [one["metadata"]["name"] for one in manifests if one["kind"] == "ConfigMap"]
    assert held in names


def test_the_page_names_each_component() -> None:
    page = (DEPLOY / "kubernetes/README.md").read_text()
    named = set(re.findall(r"\(outside/([\w-]+)\)", page))
    assert named == {name for name, _ in ADDED.values()}
