"""Where backups go, who can open them and how long they are kept."""

from pathlib import Path

from pydantic import BaseModel, Field


class BackupSettings(BaseModel):
    """What the verbs `backup` and `restore` are told; services themselves need none of it."""

    backup_recipients: str = Field(
        "", description="age recipients (age1...), by commas: who can open backups"
    )
    backup_key_recipients: str = Field(
        "", description="the same, of backups of keys; those of data where it is empty"
    )
    backup_dir: Path = Field(Path("var/backups/data"), description="where backups of data go")
    backup_keys_dir: Path = Field(
        Path("var/backups/keys"), description="where backups of keys go: another place"
    )
    keep_backups_days: int = Field(35, ge=1, le=35, description="how long a backup is kept")
    keep_key_backups_days: int = Field(
        7, ge=1, le=7, description="how long a backup of keys is kept"
    )
    postgresql_bin: Path | None = Field(
        None, description="directory of pg_dump, pg_restore and psql; else they are on PATH"
    )
