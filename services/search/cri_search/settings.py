"""Search's settings, `CRI_SEARCH_...`."""

from pathlib import Path
from typing import Annotated

from cri_shared.privacy.classes import K
from cri_shared.settings import ServiceSettings
from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict


class Settings(ServiceSettings):
    """What search is told beside what every service is."""

    model_config = SettingsConfigDict(env_prefix="CRI_SEARCH_")

    service: str = "search"
    port: int = 8000
    public_url: str = "http://127.0.0.1:8000"
    database_url: str = "sqlite+aiosqlite:///var/search.db"
    identity_database_url: str = "sqlite+aiosqlite:///var/identity.db"
    key_dir: Path = Path("var/keys/search")
    identity_key_dir: Path = Path("var/keys/identity")
    index_url: str = "http://127.0.0.1:7700"
    index_key: Annotated[SecretStr, K] = SecretStr("")
    index_seconds: float = Field(3.0, gt=0, description="longest wait for an answer of the index")
    purge_url: str = Field("", description="where a cache in front is told what to forget")
    purge_token: Annotated[SecretStr, K] = SecretStr("")
    font_dir: Path = Field(
        Path("/usr/share/fonts/truetype/noto"),
        description="more fonts for printed packs, such as those of Debian's fonts-noto-core",
    )
