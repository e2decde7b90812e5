"""What lies on the disk is read without a database losing its locks by it."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from cri_shared.testing.disk import files_with, on_disk

OTHER = """\
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT * FROM here").fetchall()
connection.close()
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "deep" / "a.db"
    path.parent.mkdir()
    return path


def test_it_finds_what_a_write_ahead_log_still_holds(tmp_path: Path, database: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE here (word TEXT)")
        connection.execute("INSERT INTO here VALUES ('kookaburra')")
        assert files_with(tmp_path, "kookaburra") == ["deep/a.db-wal"]
        assert files_with(tmp_path, b"lyrebird") == []
        assert set(on_disk(tmp_path)) == {"deep/a.db", "deep/a.db-wal", "deep/a.db-shm"}


def test_who_has_the_database_open_keeps_it(tmp_path: Path, database: Path) -> None:
    """Where its locks were lost, the other takes itself for the last, and removes the log."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE here (word TEXT)")
        on_disk(tmp_path)
        subprocess.run([sys.executable, "-c", OTHER, str(database)], check=True)
        assert "deep/a.db-wal" in on_disk(tmp_path)


def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="nowhere"):
        on_disk(tmp_path / "nowhere")
