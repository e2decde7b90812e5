"""What lies on the disk while something works with it."""

import io
import subprocess
import tarfile
from pathlib import Path

_CHANGED_MEANWHILE = 1  # what tar ends with where a file grew or went while it read


def on_disk(directory: Path) -> dict[str, bytes]:
    """Every file below a directory, by its path there.

    Another process reads them: to close a file of SQLite drops the locks that the closing process
    has on it, whatever it opened it for (https://www.sqlite.org/howtocorrupt.html, 2.2). A third
    that then opens the database takes itself for the first, cuts `-shm` to nothing, and the memory
    that others have of it is gone.
    """
    command = ["tar", "--create", "--file=-", f"--directory={directory}", "."]
    read = subprocess.run(command, capture_output=True, check=False)
    if read.returncode not in (0, _CHANGED_MEANWHILE):
        raise RuntimeError(read.stderr.decode())
    found = {}
    with tarfile.open(fileobj=io.BytesIO(read.stdout)) as archive:
        for member in archive:
            if member.isfile() and (file := archive.extractfile(member)):
                found[member.name.removeprefix("./")] = file.read()
    return found


def files_with(directory: Path, *needles: str | bytes) -> list[str]:
    """The paths of the files below a directory that hold one of the needles."""
    sought = [one.encode() if isinstance(one, str) else one for one in needles]
    return [path for path, held in on_disk(directory).items() if any(n in held for n in sought)]
