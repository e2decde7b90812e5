"""A release that is installed apart from this checkout, for tests that install another over it."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = sorted(
    found.parent
    for pattern in ("shared/cri_*", "services/*/cri_*", "deploy/cri_*/cri_*")
    for found in ROOT.glob(f"{pattern}/__init__.py")
)
REVISION = """\
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{down}"
{head}


def upgrade():
    {does}
"""


class Installation:
    """Copies of every package of ours, which Python finds first where they are on its path."""

    def __init__(self, directory: Path) -> None:
        self.path = directory
        for package in PACKAGES:
            shutil.copytree(package, directory / package.name)  # with what is compiled

    def change(self, file: str, text: str) -> None:
        """Add something to a file."""
        path = self.path / file
        path.write_text(path.read_text() + text)

    def change_back(self, file: str, text: str) -> None:
        """Take it out again."""
        path = self.path / file
        path.write_text(path.read_text().replace(text, ""))

    def add_revision(self, package: str, down: str, does: str, *, head: str = "") -> str:
        """A revision of a package that follows another one; gives its id."""
        versions = self.path / package / "migrations" / "versions"
        revision = f"r{len(list(versions.glob('*.py')))}"
        told = REVISION.format(revision=revision, down=down, does=does, head=head)
        (versions / f"29990101_{revision}.py").write_text(told)
        return revision
