"""Each distribution runs where nothing else is installed than what it says it needs."""

import re
import subprocess
import sys
from importlib.metadata import packages_distributions, requires

import pytest

DISTRIBUTIONS = {
    "cri-shared[service]": "cri_shared",
    "cri-intake": "cri_intake",
    "cri-research": "cri_research",
    "cri-publishing": "cri_publishing",
    "cri-search": "cri_search",
    "cri-training": "cri_training",
    "cri-index": "cri_index",
    "cri-stack": "cri_stack",
}
SERVICES = ("cri-intake", "cri-research", "cri-publishing", "cri-search", "cri-training")
# What shared offers to tests and, by an extra more, to some services only.
OPTIONAL = (
    *("cri_shared.testing", "cri_shared.privacy", "cri_shared.index"),
    *("cri_shared.web.gating", "cri_shared.web.markd", "cri_shared.printing"),
)
ONLY_DECLARED = """
import importlib, pkgutil, sys
package, barred = sys.argv[1], set(sys.argv[2].split())

class OnlyDeclared:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in barred:
            raise ModuleNotFoundError(f"{name} is not declared", name=name)

sys.meta_path.insert(0, OnlyDeclared())
"""
IMPORT_ALL = f"""{ONLY_DECLARED}
optional = tuple(sys.argv[3].split())
found = importlib.import_module(package)
for module in pkgutil.walk_packages(found.__path__, package + "."):
    if not module.name.startswith(optional) and "migrations" not in module.name:
        importlib.import_module(module.name)
"""
FIND_NAMES = f"""{ONLY_DECLARED}
from cri_shared.privacy.detectors import detect
text = "Ik heet Anush Petrosyan, kom uit Gyumri, bel +32 470 12 34 56"
print(*sorted({{one.kind.value for one in detect(text, "nl")}}))
"""


def _named(requirement: str) -> tuple[str, set[str]]:
    found = re.match(r"([\w.-]+)(?:\[([^]]*)\])?", requirement)
    assert found is not None
    extras = {extra.strip() for extra in (found[2] or "").split(",") if extra.strip()}
    return re.sub(r"[-_.]+", "-", found[1]).lower(), extras


def _needed(name: str, extras: set[str], seen: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Every distribution that an installation of this one brings, with the extras asked for."""
    for extra in ("", *extras):
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        for requirement in requires(name) or []:
            words, _, marker = requirement.partition(";")
            asked = re.search(r"extra == ['\"]([\w.-]+)['\"]", marker)
            if (asked[1] if asked else "") == extra:
                other, more = _named(words)
                try:
                    _needed(other, more, seen)
                except ModuleNotFoundError:  # for another platform or Python
                    continue
    return seen


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_it_needs_nothing_that_it_does_not_name(distribution: str) -> None:
    optional = " ".join(OPTIONAL) if DISTRIBUTIONS[distribution] == "cri_shared" else "-"
    _run(IMPORT_ALL, distribution, optional)


@pytest.mark.parametrize("distribution", SERVICES)
def test_names_are_found_without_the_lists_that_they_were_packed_from(distribution: str) -> None:
    found = _run(FIND_NAMES, distribution)
    assert found.split() == ["name", "phone"]


def _run(code: str, distribution: str, *told: str) -> str:
    """What a process says that can import what a distribution brings, and nothing else."""
    brought = {name for name, _ in _needed(*_named(distribution), set())}
    barred = [
        module
        for module, owners in packages_distributions().items()
        if not any(re.sub(r"[-_.]+", "-", owner).lower() in brought for owner in owners)
    ]
    command = [sys.executable, "-c", code, DISTRIBUTIONS[distribution], " ".join(barred), *told]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-1500:]
    return done.stdout
