"""The directories in which backups lie: their names, and which of them go."""

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path

from cri_shared.backup.owner import DATA, KEYS
from cri_shared.backup.settings import BackupSettings
from cri_shared.backup.trouble import BackupRefused

LATE = dt.timedelta(days=2)  # a backup that was forgotten is noticed on the next day
SUFFIX = "tar.gz.age"
_STAMP = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"(?P<owner>\w+)-(?P<stamp>\d{8}T\d{6}Z)-(?P<part>data|keys)\.tar\.gz\.age")


@dataclass(frozen=True)
class Shelf:
    """Where one part is kept, for how many days, and who can open it."""

    part: str
    directory: Path
    days: int
    recipients: str

    @classmethod
    def of(cls, settings: BackupSettings, part: str) -> "Shelf":
        """As the settings say; raises `BackupRefused` where data and keys would lie together."""
        if settings.backup_dir.resolve() == settings.backup_keys_dir.resolve():
            raise BackupRefused(
                "CRI_BACKUP_DIR and CRI_BACKUP_KEYS_DIR must be two places: who has both parts "
                "can read everything."
            )
        if part == DATA:
            return cls(
                DATA, settings.backup_dir, settings.keep_backups_days, settings.backup_recipients
            )
        recipients = settings.backup_key_recipients or settings.backup_recipients
        return cls(KEYS, settings.backup_keys_dir, settings.keep_key_backups_days, recipients)

    def place(self, owner: str, at: dt.datetime) -> Path:
        """The file of a backup."""
        return self.directory / f"{owner}-{at.strftime(_STAMP)}-{self.part}.{SUFFIX}"

    def remove_old(self, owner: str, newest: dt.datetime) -> list[str]:
        """Delete what is older than the newest by more than the days it is kept; their names."""
        limit = newest.replace(microsecond=0) - dt.timedelta(days=self.days)
        old = [path for at, path in moments(self.directory, owner, self.part).items() if at < limit]
        for path in old:
            path.unlink()
        return [path.name for path in old]


def moments(directory: Path, owner: str, part: str) -> dict[dt.datetime, Path]:
    """Every backup of an owner's part, by the moment that its name tells, oldest first."""
    found = {}
    for path in directory.glob(f"{owner}-*-{part}.{SUFFIX}"):
        if match := _NAME.fullmatch(path.name):
            moment = dt.datetime.strptime(match["stamp"], _STAMP).replace(tzinfo=dt.UTC)
            found[moment] = path
    return dict(sorted(found.items()))
