"""However CRI is deployed, a part may take as much memory, and somebody hears of it before."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from cri_stack.layout import SERVICES

from tests.deploy.conftest import DEPLOY

KUBERNETES = DEPLOY / "kubernetes"
UNITS = {"cri@": "service", "nats-cri": "nats", "cri-backup": "backup"}
COMPOSED = {
    **dict.fromkeys(SERVICES, "service"),
    **{name: name for name in ("nats", "postgres", "meilisearch")},
    "cri": "backup",  # `docker compose run cri backup`
}
FIGURE = re.compile(r"(\d+)([KMG])i?", re.IGNORECASE)
OF = {"k": 10, "m": 20, "g": 30}


def size(figure: str) -> int:
    """Bytes, of what Kubernetes, systemd and compose each write in a way of their own."""
    match = FIGURE.fullmatch(figure)
    assert match, figure
    return int(match[1]) << OF[match[2].lower()]


def manifest(path: str) -> int:
    """What the last container of the one that runs any in a file may take."""
    for item in yaml.safe_load_all((KUBERNETES / path).read_text()):
        if item["kind"] in ("Deployment", "StatefulSet", "CronJob"):
            spec = item["spec"].get("jobTemplate", item)["spec"]
            limits: dict[str, str] = spec["template"]["spec"]["containers"][-1]["resources"]
            return size(limits["limits"]["memory"])  # type: ignore[index]
    raise AssertionError(path)


LIMITS = {
    "service": manifest("service/deployment.yaml"),
    "nats": manifest("nats/nats.yaml"),
    "postgres": manifest("small/postgres.yaml"),
    "meilisearch": manifest("small/meilisearch.yaml"),
    "backup": manifest("base/backup.yaml"),
}


@pytest.mark.parametrize("unit", sorted(UNITS))
def test_a_unit_may_take_what_a_pod_may(unit: str) -> None:
    text = (DEPLOY / f"systemd/{unit}.service").read_text()
    (told,) = re.findall(r"^MemoryMax=(\w+)$", text, re.MULTILINE)
    assert size(told) == LIMITS[UNITS[unit]]


def test_every_unit_has_a_limit() -> None:
    for unit in (DEPLOY / "systemd").glob("*.service"):
        assert re.search(r"^MemoryMax=\d+[MG]$", unit.read_text(), re.MULTILINE), unit.name


def test_a_container_of_compose_may_take_what_a_pod_may(composed: dict[str, Any]) -> None:
    said = {name: composed["services"][name].get("mem_limit", "") for name in COMPOSED}
    assert {name: size(figure) for name, figure in said.items() if figure} == {
        name: LIMITS[part] for name, part in COMPOSED.items()
    }


def test_the_page_of_systemd_says_what_its_units_say() -> None:
    page = (DEPLOY / "systemd/README.md").read_text()
    told = dict(re.findall(r"`([\w@-]+)` (\d+[MG])\b", page))
    units: dict[str, Path] = {one.stem: one for one in (DEPLOY / "systemd").glob("*.service")}
    assert told == {
        name: re.findall(r"^MemoryMax=(\w+)$", unit.read_text(), re.MULTILINE)[0]
        for name, unit in units.items()
    }


def test_somebody_hears_of_a_service_before_it_is_ended() -> None:
    """It was said at 800 MB, and a service was ended at 805: it could not be."""
    (group,) = yaml.safe_load((DEPLOY / "monitoring/alerts.yaml").read_text())["groups"]
    (rule,) = [one for one in group["rules"] if one["alert"] == "MemoryGrows"]
    (above,) = re.findall(r"> (\d+)e6$", rule["expr"])
    assert int(above) * 1_000_000 < LIMITS["service"] * 3 / 4
    assert f"more than {above} MB" in rule["annotations"]["summary"]
