"""Alerts and pictures ask for metrics that there are, and each alert has its page."""

import importlib
import json
import re
from collections.abc import Iterator
from typing import Any

import promql_parser
import pytest
import typer
import yaml
from cri_stack.layout import SERVICES, USUAL_PORTS
from typer.core import TyperGroup

from tests.deploy.conftest import DEPLOY, ROOT

MONITORING, RUNBOOKS = DEPLOY / "monitoring", DEPLOY / "runbooks"
TABLE = re.findall(
    r"^\| `(cri_\w+)` \| (\w+) \|\s*([\w, ]*?)\s*\|",
    (ROOT / "shared/OBSERVING.md").read_text(),
    re.MULTILINE,
)
OURS = {name: {label.strip() for label in labels.split(",")} - {""} for name, _, labels in TABLE}
EVERYWHERE = {"service", "le"}  # who scrapes adds the one, histograms have the other
OTHERS = {"up", "process_resident_memory_bytes", "process_cpu_seconds_total"}


def rules() -> list[dict[str, Any]]:
    """The alerts."""
    (group,) = yaml.safe_load((MONITORING / "alerts.yaml").read_text())["groups"]
    alerts: list[dict[str, Any]] = group["rules"]
    return alerts


def asked() -> Iterator[tuple[str, str]]:
    """Who asks, and what, in Prometheus' language."""
    for rule in rules():
        yield rule["alert"], rule["expr"]
    for panel in json.loads((MONITORING / "grafana/dashboards/cri.json").read_text())["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


@pytest.mark.parametrize(("who", "expression"), list(asked()))
def test_what_is_asked_for_is_there(who: str, expression: str) -> None:
    promql_parser.parse(expression)
    bare = re.sub(r'"[^"]*"', "", expression)
    names = set(re.findall(r"\b(?:cri|process)_\w+|\bup\b", bare))
    assert names, who
    for name in names - OTHERS:
        assert name.removesuffix("_bucket") in OURS, f"{who}: {name}"
    (name,) = names
    grouped = re.findall(r"by \(([^)]*)\)", bare)
    labels = {label.strip() for group in grouped for label in group.split(",")}
    assert labels <= OURS.get(name.removesuffix("_bucket"), set()) | EVERYWHERE, who


def test_each_alert_has_a_page_and_each_page_an_alert() -> None:
    named = {rule["alert"] for rule in rules()}
    assert {path.stem for path in RUNBOOKS.glob("*.md")} - {"README"} == named
    for rule in rules():
        assert rule["annotations"]["runbook"] == f"deploy/runbooks/{rule['alert']}.md"
        assert rule["labels"]["severity"] in ("page", "ticket")


def test_what_the_page_of_metrics_says_to_alert_on_is_alerted_on() -> None:
    page = (ROOT / "shared/OBSERVING.md").read_text()
    wanted = re.findall(r"^\| `(cri_\w+)` .*\balert (?:above|when|where)", page, re.MULTILINE)
    expressions = " ".join(rule["expr"] for rule in rules())
    assert wanted
    assert [name for name in wanted if name not in expressions] == []


def test_verbs_on_the_pages_are_there() -> None:
    told = " ".join(path.read_text() for path in RUNBOOKS.glob("*.md"))
    named = set(re.findall(r"`cri-(<?\w+>?) ([a-z-]+)", told))
    assert named
    for service, verb in named:
        name = service if service in SERVICES else "publishing"
        known = typer.main.get_command(importlib.import_module(f"cri_{name}.__main__").command)
        assert isinstance(known, TyperGroup)
        assert verb in known.commands, f"cri-{name} {verb}"


def test_prometheus_asks_every_service_at_its_port() -> None:
    (job,) = yaml.safe_load((MONITORING / "prometheus.yaml").read_text())["scrape_configs"]
    assert {each["labels"]["service"]: each["targets"] for each in job["static_configs"]} == {
        service: [f"{service}:{USUAL_PORTS[service]}"] for service in SERVICES
    }
