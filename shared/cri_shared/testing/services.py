"""Settings for a service in a test: its own directory, migrated databases, key files."""

from pathlib import Path
from typing import Any, TypeVar

from cri_shared.db.migrate import migrate
from cri_shared.privacy.keys import KeyRing
from cri_shared.settings import ServiceSettings

S = TypeVar("S", bound=ServiceSettings)


def settings_for(
    settings: type[S], directory: Path, *, database_url: str | None = None, **more: Any
) -> S:
    """Settings of one service under a directory, with its stores migrated and its keys made."""
    service: str = settings.model_fields["service"].default
    for ring in (service, "identity"):
        if not (directory / "keys" / ring).exists():
            KeyRing.create(directory / "keys" / ring)
    identity = f"sqlite+aiosqlite:///{directory}/identity.db"
    own = database_url or f"sqlite+aiosqlite:///{directory}/{service}.db"
    migrate("cri_shared.identity", identity)
    migrate(f"cri_{service}", own)
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
    return settings(**(values | more))
