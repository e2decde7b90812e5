"""What an installation of each part takes up on the disk, as the lock brings it."""

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from tests.bench.report import Row
from tests.bench.stage import Stage

MEGABYTE = 1_000_000
_ROOT = Path(__file__).parents[3]
_LOCKED = re.compile(r"^([\w.-]+)==", re.MULTILINE)
_HEAVIEST = 6
_OURS = {  # part -> directories of our own code that its installation has beside cri_shared's
    **{name: (f"services/{name}/cri_{name}",) for name in ("intake", "research", "publishing")},
    **{name: (f"services/{name}/cri_{name}",) for name in ("search", "training")},
    "index": ("deploy/cri_index/cri_index",),
    "stack": ("services", "deploy/cri_index/cri_index", "deploy/cri_stack/cri_stack"),
}


async def measure(stage: Stage) -> list[Row]:
    """Bytes of the files of every distribution that `requirements/` names for a part, and of ours.

    They are counted where they are installed here, with the code that Python compiled beside them:
    pip makes that in an image, too. An image adds Python itself (`python:3.11-slim-trixie`).
    """
    return [_of(part, ours) for part, ours in _OURS.items()]


def _of(part: str, ours: tuple[str, ...]) -> Row:
    found = {one.name: _size(_files(one)) for one in _locked(part)}
    own = sum(_size(_under(_ROOT / name)) for name in ("shared/cri_shared", *ours))
    heaviest = sorted(found.items(), key=lambda each: -each[1])[:_HEAVIEST]
    each = ", ".join(f"{name} {size / MEGABYTE:.0f}" for name, size in heaviest)
    return Row(
        f"installation of cri-{part}",
        (sum(found.values()) + own) / MEGABYTE,
        "MB",
        note=f"{len(found)} packages: {each}; our own {own / MEGABYTE:.1f}",
    )


def _locked(part: str) -> Iterator[Distribution]:
    for name in _LOCKED.findall((_ROOT / "requirements" / f"cri-{part}.txt").read_text()):
        try:
            yield distribution(name)
        except PackageNotFoundError:  # for another platform
            continue


def _files(one: Distribution) -> Iterator[Path]:
    return (Path(str(file.locate())) for file in {*(one.files or ())})


def _under(directory: Path) -> Iterator[Path]:
    return (file for file in directory.rglob("*") if "node_modules" not in file.parts)


def _size(files: Iterator[Path]) -> int:
    return sum(file.stat().st_size for file in files if file.is_file())
