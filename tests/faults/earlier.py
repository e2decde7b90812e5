"""The release before, from the history of the code, so that both can run beside each other."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
STORES = (":(glob)services/*/cri_*/migrations/**", ":(glob)shared/**/migrations/**")
CODE = ("shared", "services")


@dataclass(frozen=True)
class Earlier:
    """The code of an earlier commit, in a directory of its own."""

    commit: str
    directory: Path

    @property
    def python_path(self) -> str:
        """Where Python finds it, before what is installed."""
        places = [self.directory / "shared", *sorted((self.directory / "services").iterdir())]
        return os.pathsep.join(map(str, places))


def earlier_release(directory: Path) -> Earlier | str:
    """The newest release, or before the first one the oldest commit with the stores of today.

    Gives in words why there is none: no history, or stores that only this checkout has.
    """
    if not (ROOT / ".git").exists():
        return "there is no history of the code here"
    if _git("status", "--porcelain", "--", *STORES):
        return "the stores are being changed, and no release is out that would fit them"
    commit = _git("describe", "--tags", "--abbrev=0", "--match", "v*") or _git(
        "log", "-1", "--format=%H", "--", *STORES
    )
    if not commit:
        return "the history of the code is cut off"
    packed = directory / "earlier.tar"
    _git("archive", "--output", str(packed), commit, *CODE)
    subprocess.run(["tar", "-xf", packed, "-C", directory], check=True)
    return Earlier(commit, directory)


def _git(*words: str) -> str:
    """What git says; nothing where it refuses."""
    done = subprocess.run(
        ["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else ""
