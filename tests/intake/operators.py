"""Who works at the command line of intake, and what an operator's tests need of it."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cri_intake.__main__ import command
from cri_intake.settings import Settings
from cri_shared.backup import age
from cri_shared.testing.services import settings_for
from typer.testing import CliRunner, Result


class Operator:
    """Who works at the command line of one intake, and holds the private key elsewhere."""

    def __init__(self, directory: Path, **told: str) -> None:
        self.directory = directory
        self.settings = settings_for(Settings, directory / "var", key_per_minute=500, **told)
        self.api_key = ""
        self.private, recipient = age.new_key()
        told = {
            name: getattr(self.settings, name.lower())
            for name in (
                *("DATABASE_URL", "KEYSTORE_URL", "IDENTITY_DATABASE_URL"),
                *("KEY_DIR", "IDENTITY_KEY_DIR"),
            )
        }
        self.env = {f"CRI_INTAKE_{name}": str(value) for name, value in told.items()} | {
            "CRI_BACKUP_RECIPIENTS": recipient,
            "CRI_BACKUP_DIR": str(directory / "backups"),
            "CRI_BACKUP_KEYS_DIR": str(directory / "key-backups"),
        }

    def run(self, *words: str, status: int = 0, told: str = "", **changed: str) -> str:
        """Run a verb to its end; gives what it said."""
        env = self.env | changed
        with ThreadPoolExecutor(1) as apart:  # a verb has a loop of its own
            run = apart.submit(CliRunner().invoke, command, list(words), input=told, env=env)
        done: Result = run.result()
        assert done.exit_code == status, (done.output, done.exception)
        return done.output

    def restore(self, *files: Path, status: int = 0, more: tuple[str, ...] = ()) -> str:
        words = [*map(str, files), "--key", "-", *more]
        return self.run("restore", *words, status=status, told=self.private)

    def back_up(self) -> dict[tuple[str, str], Path]:
        """Make backups; gives the file of each owner and part."""
        done = json.loads(self.run("backup", "--json"))
        return {(made["owner"], made["part"]): Path(made["file"]) for made in done}
