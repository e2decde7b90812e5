"""Research's settings, `CRI_RESEARCH_...`."""

from pathlib import Path

from cri_shared.settings import ServiceSettings
from pydantic_settings import SettingsConfigDict


class Settings(ServiceSettings):
    """What research is told beside what every service is."""

    model_config = SettingsConfigDict(env_prefix="CRI_RESEARCH_")

    service: str = "research"
    port: int = 8002
    public_url: str = "http://127.0.0.1:8002"
    database_url: str = "sqlite+aiosqlite:///var/research.db"
    keystore_url: str = "sqlite+aiosqlite:///var/research-keys.db"
    identity_database_url: str = "sqlite+aiosqlite:///var/identity.db"
    key_dir: Path = Path("var/keys/research")
    identity_key_dir: Path = Path("var/keys/identity")
