"""Which release a process runs: the version of its code, and a digest of all of it."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

DISTRIBUTION = "cri-shared"  # one version for all of ours
_COMPILED = "__pycache__"
_DIGITS = 8


@dataclass(frozen=True)
class Release:
    """A version, and what tells two builds of it apart."""

    version: str
    build: str

    def __str__(self) -> str:
        return f"{self.version} {self.build}"


@cache
def installed(package: str) -> Release:
    """The release of a package as it lies on this machine when a process first asks."""
    digest = hashlib.sha256()
    for name in dict.fromkeys(("cri_shared", package)):
        for path in _files(name):
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    try:
        told = version(DISTRIBUTION)
    except PackageNotFoundError:
        told = "unknown"
    return Release(told, digest.hexdigest()[:_DIGITS])


def _files(package: str) -> list[Path]:
    """Every file of a package, in one order; none where it is not installed."""
    spec = find_spec(package)
    return sorted(
        path
        for place in (spec.submodule_search_locations or () if spec else ())
        for path in Path(place).rglob("*")
        if path.is_file() and _COMPILED not in path.parts
    )
