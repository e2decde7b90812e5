"""Whose backups there are: a service's, and those of the identity store that it signs people in by.

Each has two parts, apart from each other so that nobody holds both by accident: `data` is the
database, and `keys` are the key files with the key store, without which no data can be read.
"""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from cri_shared.backup.postgresql import PostgresqlStore
from cri_shared.backup.sqlite import SqliteStore
from cri_shared.backup.store import Store
from cri_shared.backup.trouble import BackupRefused
from cri_shared.privacy.keys import KeyRing
from cri_shared.settings import ServiceSettings

DATA, KEYS = "data", "keys"
PARTS = (DATA, KEYS)
IDENTITY = "identity"
SECRET = "backups"  # noqa: S105 - the name of a use, not a secret


@dataclass(frozen=True)
class Owner:
    """One whose database and keys are backed up; `package` has its migrations."""

    name: str
    package: str
    database_url: str
    keystore_url: str | None
    key_dir: Path
    settings: ServiceSettings

    def store(self, part: str) -> Store | None:
        """The database of a part; keys without a key store have none."""
        if part == DATA:
            return self._store(self.database_url, self.package)
        return self._store(self.keystore_url, None) if self.keystore_url else None

    def secret(self) -> bytes:
        """Under which its backups are sealed; raises `KeysUnusable`."""
        return KeyRing.open(self.key_dir).secret(SECRET)

    def _store(self, url: str, package: str | None) -> Store:
        where = make_url(url)
        if where.get_backend_name() == "sqlite":
            return SqliteStore(Path(str(where.database)), package)
        return PostgresqlStore(where, package, self.settings.postgresql_bin)


def owners_of(settings: ServiceSettings, package: str) -> dict[str, Owner]:
    """The service, and the identity store, by name; raises `BackupRefused` where two of their
    databases are one.
    """
    keystore: str | None = getattr(settings, "keystore_url", None)
    urls = [
        settings.database_url,
        settings.identity_database_url,
        *([keystore] if keystore else []),
    ]
    where = {(url.host, url.port, url.database) for url in map(make_url, urls)}
    if len(where) < len(urls):
        raise BackupRefused(
            "Data, keys and people each need a database of their own: who has the backup of one "
            "must not have another."
        )
    service = Owner(
        settings.service, package, settings.database_url, keystore, settings.key_dir, settings
    )
    identity = Owner(
        IDENTITY,
        "cri_shared.identity",
        settings.identity_database_url,
        None,
        settings.identity_key_dir,
        settings,
    )
    return {owner.name: owner for owner in (service, identity)}
