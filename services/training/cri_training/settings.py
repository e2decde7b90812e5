"""Training's settings, `CRI_TRAINING_...`."""

from pathlib import Path

from cri_shared.settings import ServiceSettings
from pydantic_settings import SettingsConfigDict


class Settings(ServiceSettings):
    """What training is told beside what every service is."""

    model_config = SettingsConfigDict(env_prefix="CRI_TRAINING_")

    service: str = "training"
    port: int = 8004
    public_url: str = "http://127.0.0.1:8004"
    database_url: str = "sqlite+aiosqlite:///var/training.db"
    keystore_url: str = "sqlite+aiosqlite:///var/training-keys.db"
    identity_database_url: str = "sqlite+aiosqlite:///var/identity.db"
    key_dir: Path = Path("var/keys/training")
    identity_key_dir: Path = Path("var/keys/identity")
