"""A release freezes what it said and stored, and has one version: no step can be forgotten."""

import re
import tomllib
from collections.abc import Mapping

import pytest
import yaml
from cri_shared.db.phases import history, released

from tests.contracts.released import current_version
from tests.deploy.conftest import DEPLOY, ROOT, told_in
from tests.deploy.pages import broken_links

PAGE = ROOT / "shared/RELEASING.md"
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
PACKAGES = (
    "cri_shared.identity",
    *sorted(path.parent.name for path in ROOT.glob("services/*/cri_*/migrations")),
)
Revisions = Mapping[str, set[str]]


def forgotten(changelog: str, version: str, there: Revisions, frozen: Revisions) -> list[str]:
    """What the last release lacks, by the changelog; nothing before the first one.

    While a version stands at its top, that is what is being released: all that there is, is frozen.
    """
    headings = re.findall(r"^## (\S+)$", changelog, re.MULTILINE)
    if set(headings) == {"Unreleased"}:
        return []
    wrong = []
    being_released = headings[0] != "Unreleased"
    if being_released and headings[0] != version:
        wrong.append(f"the changelog says {headings[0]}, the code {version}")
    for package, revisions in there.items():
        if not frozen[package] or (being_released and revisions != frozen[package]):
            wrong.append(f"{package} is not frozen: make release")
    return wrong


def test_what_the_changelog_calls_released_is_frozen() -> None:
    there = {package: {one.id for one in history(package)} for package in PACKAGES}
    frozen = {package: set(released(package)) for package in PACKAGES}
    assert all(there.values())
    assert len(PACKAGES) == 6
    assert forgotten(CHANGELOG, current_version(), there, frozen) == []


NEW, OLD, NEXT = "## Unreleased\n", "## 0.1.0\n", "## 0.2.0\n"


@pytest.mark.parametrize(
    ("changelog", "there", "frozen", "wrong"),
    [
        (NEW, {"a"}, set(), []),
        (OLD, {"a"}, set(), ["x is not frozen: make release"]),
        (OLD, {"a"}, {"a"}, []),
        (NEW + OLD, {"a", "b"}, set(), ["x is not frozen: make release"]),
        (NEW + OLD, {"a", "b"}, {"a"}, []),
        (OLD, {"a", "b"}, {"a"}, ["x is not frozen: make release"]),
        (NEXT + OLD, {"a"}, {"a"}, ["the changelog says 0.2.0, the code 0.1.0"]),
    ],
)
def test_a_release_that_forgot_something_is_found(
    changelog: str, there: set[str], frozen: set[str], wrong: list[str]
) -> None:
    assert forgotten(changelog, "0.1.0", {"x": there}, {"x": frozen}) == wrong


def test_there_is_one_version() -> None:
    projects = [*ROOT.glob("*/pyproject.toml"), *ROOT.glob("*/*/pyproject.toml")]
    told = {tomllib.loads(one.read_text())["project"]["version"] for one in projects}
    assert len(projects) == 8
    base = yaml.safe_load((DEPLOY / "kubernetes/base/kustomization.yaml").read_text())
    told |= {image["newTag"] for image in base["images"]}
    told |= {told_in(DEPLOY / "compose/.env.example")["CRI_VERSION"]}
    assert told == {current_version()}


def test_the_page_is_found_and_names_what_there_is() -> None:
    assert broken_links(PAGE) == set()
    page = PAGE.read_text()
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"`make (\w+)`", page):
        assert re.search(rf"^{target}:.* ## ", makefile, re.MULTILINE), target
    for path in re.findall(r"`(deploy/\S+)`", page):
        assert (ROOT / path).exists(), path
    for led in ("shared/DATABASES.md", "shared/guides/contributor.md"):
        assert "RELEASING.md)" in (ROOT / led).read_text()
    (recipe,) = re.findall(r"^release:.*\n((?:\t.+\n)+)", makefile, re.MULTILINE)
    assert "tests.contracts.released" in recipe
    assert "db.migrate release $(MIGRATED)" in recipe
