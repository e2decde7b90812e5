"""PostgreSQL's own programs: where they are, of which release, and what they say of errors."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import IO

from sqlalchemy import URL

from cri_shared.backup.trouble import BackupRefused

APPLICATION = "cri-backup"  # as the server shows it
_ERROR = re.compile("error:|ERROR:|FATAL:")
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


class Programs:
    """PostgreSQL's own programs, told of a database by the environment: no password in a list."""

    def __init__(self, url: URL, directory: Path | None) -> None:
        self._directory = directory
        told = {
            "PGHOST": url.host or url.query.get("host"),
            "PGPORT": str(url.port) if url.port else None,
            "PGUSER": url.username,
            "PGPASSWORD": url.password,
            "PGDATABASE": url.database,
            "PGSSLMODE": url.query.get("ssl") or url.query.get("sslmode"),
            "PGAPPNAME": APPLICATION,
        }
        self._env = os.environ | {name: str(value) for name, value in told.items() if value}

    def version(self, name: str) -> int:
        """The major release of a program; raises `BackupRefused` where it is missing."""
        said = subprocess.run(
            [self._path(name), "--version"], capture_output=True, text=True, check=False
        )
        match = _VERSION.search(said.stdout)
        if match is None:
            raise BackupRefused(f"{name} does not say of which PostgreSQL it is.")
        return int(match[1])

    def run(self, said: IO[bytes], name: str, *how: str) -> "subprocess.Popen[bytes]":
        """A program with its pipes; what it says of errors goes to a file."""
        return subprocess.Popen(
            [self._path(name), *how],
            env=self._env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if name != "psql" else subprocess.DEVNULL,
            stderr=said,
        )

    def _path(self, name: str) -> str:
        path = shutil.which(name, path=self._directory)
        if path is None:
            raise BackupRefused(
                f"{name} is not here: install the client programs of PostgreSQL, or set "
                "CRI_POSTGRESQL_BIN to where they are."
            )
        return path


def last_error(said: IO[bytes]) -> str:
    """What a program said last of an error, without the lines on what it is about."""
    said.seek(0)
    lines = said.read().decode(errors="replace").strip().splitlines()
    errors = [line for line in lines if _ERROR.search(line)]
    return [*lines[-1:], *errors][-1] if lines else "it said nothing"
