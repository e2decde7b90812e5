"""Settings for a service in a test: its own directory, migrated databases, key files."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import make_url

from cri_shared.db.migrate import migrate
from cri_shared.privacy.keys import KeyRing
from cri_shared.settings import ServiceSettings
from cri_shared.testing import postgres

S = TypeVar("S", bound=ServiceSettings)


def settings_for(
    settings: type[S], directory: Path, *, database_url: str | None = None, **more: Any
) -> S:
    """Settings of one service under a directory, with its stores migrated and its keys made."""
    service: str = settings.model_fields["service"].default
    for ring in (service, "identity"):
        if not (directory / "keys" / ring).exists():
            KeyRing.create(directory / "keys" / ring)
    identity = more.get("identity_database_url", f"sqlite+aiosqlite:///{directory}/identity.db")
    own = database_url or f"sqlite+aiosqlite:///{directory}/{service}.db"
    make_tables("cri_shared.identity", identity)
    make_tables(f"cri_{service}", own)
    values: dict[str, Any] = {
        "database_url": own,
        "identity_database_url": identity,
        "identity_key_dir": directory / "keys" / "identity",
        "key_dir": directory / "keys" / service,
        "mail_dir": directory / "mail",
        "role": "web",
    }
    if "keystore_url" in settings.model_fields:
        values["keystore_url"] = f"sqlite+aiosqlite:///{directory}/{service}-keys.db"
    else:
        more.pop("keystore_url", None)  # it seals nothing
    return settings(**(values | more))


def make_tables(package: str, url: str) -> None:
    """The tables of a package in a database; a new database is a copy of one that has them."""
    where = make_url(url)
    if where.get_backend_name() == "sqlite" and not Path(str(where.database)).exists():
        shutil.copyfile(_empty() / _migrated(package), str(where.database))
    elif server := postgres.unfilled(url):
        server.fill(str(where.database), package, lambda like: _make(package, like))
    else:
        migrate(package, url)


def _make(package: str, url: str) -> None:
    migrate(package, url)


@cache
def _empty() -> Path:
    """Where the empty databases of this process lie; gone with it."""
    folder = tempfile.TemporaryDirectory(prefix="cri-empty-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


@cache
def _migrated(package: str) -> str:
    """An empty database, migrated once: hundreds of tests begin with one."""
    name = f"{package}.db"
    migrate(package, f"sqlite+aiosqlite:///{_empty() / name}")
    return name
