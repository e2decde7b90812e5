"""A package that gets a second revision, which needs a table to itself; on disk, made by a test."""

from pathlib import Path

ENV = """
from cri_shared.db.migrate import run_env
from sqlalchemy import Column, Integer, MetaData, String, Table

metadata = MetaData()
Table("things", metadata, Column("id", Integer, primary_key=True), Column("name", String(9)))
run_env(metadata)
"""
FIRST = """
import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade():
    op.create_table("things", sa.Column("id", sa.Integer(), primary_key=True))
"""
SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"


def upgrade():
    op.create_table("others", sa.Column("id", sa.Integer(), primary_key=True))
    op.add_column("things", sa.Column("name", sa.String(9)))
"""


class Growing:
    """A package with one revision and then a second, which needs a table to itself."""

    name = "growing_package"

    def __init__(self, directory: Path) -> None:
        self._versions = directory / self.name / "migrations" / "versions"
        self._versions.mkdir(parents=True)
        (directory / self.name / "__init__.py").touch()
        (self._versions.parent / "env.py").write_text(ENV)
        (self._versions / "1_first.py").write_text(FIRST)

    def grow(self) -> None:
        """Let the second revision come."""
        (self._versions / "2_second.py").write_text(SECOND)

    def add(self, number: int, *does: str, head: str = "") -> None:
        """Let a revision come that does this, with more lines at its head."""
        lines = [
            *("import sqlalchemy as sa", "from alembic import op", ""),
            *(f'revision = "{number}"', f'down_revision = "{number - 1}"', head, ""),
            *("", "def upgrade():", *(f"    {line}" for line in does), ""),
        ]
        (self._versions / f"{number}_later.py").write_text("\n".join(lines))

    def forget(self, number: int) -> None:
        """Let a revision not be there any more."""
        (file,) = self._versions.glob(f"{number}_*.py")
        file.unlink()
