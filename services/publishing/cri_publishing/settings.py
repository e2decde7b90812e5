"""Publishing's settings, `CRI_PUBLISHING_...`."""

from pathlib import Path
from typing import Annotated

from cri_shared.outside import networks
from cri_shared.privacy.classes import K
from cri_shared.settings import ServiceSettings
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict


class Settings(ServiceSettings):
    """What publishing is told beside what every service is."""

    model_config = SettingsConfigDict(env_prefix="CRI_PUBLISHING_")

    service: str = "publishing"
    port: int = 8003
    public_url: str = "http://127.0.0.1:8003"
    database_url: str = "sqlite+aiosqlite:///var/publishing.db"
    keystore_url: Annotated[str, K] = "sqlite+aiosqlite:///var/publishing-keys.db"
    identity_database_url: str = "sqlite+aiosqlite:///var/identity.db"
    key_dir: Path = Path("var/keys/publishing")
    identity_key_dir: Path = Path("var/keys/identity")
    index_url: str = "http://127.0.0.1:7700"
    index_key: Annotated[SecretStr, K] = SecretStr("")
    link_days: int = Field(
        7, ge=0, le=90, description="how often a web page that entries cite is visited; 0: never"
    )
    link_networks: str = Field(
        "",
        description="networks, by commas, where cited pages may lie although they are not public",
    )

    @field_validator("link_networks")
    @classmethod
    def _are_networks(cls, given: str) -> str:
        try:
            networks(given)
        except ValueError:
            raise ValueError("link_networks must be networks, by commas") from None
        return given
