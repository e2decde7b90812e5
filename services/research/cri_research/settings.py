"""Research's settings, `CRI_RESEARCH_...`."""

from pathlib import Path
from typing import Annotated

from cri_shared.privacy.classes import K
from cri_shared.settings import ServiceSettings
from pydantic import Field
from pydantic_settings import SettingsConfigDict


class Settings(ServiceSettings):
    """What research is told beside what every service is."""

    model_config = SettingsConfigDict(env_prefix="CRI_RESEARCH_")

    service: str = "research"
    port: int = 8002
    public_url: str = "http://127.0.0.1:8002"
    database_url: str = "sqlite+aiosqlite:///var/research.db"
    keystore_url: Annotated[str, K] = "sqlite+aiosqlite:///var/research-keys.db"
    identity_database_url: str = "sqlite+aiosqlite:///var/identity.db"
    key_dir: Path = Path("var/keys/research")
    identity_key_dir: Path = Path("var/keys/identity")
    keep_closed_days: int = Field(
        730, ge=30, le=730, description="how long a closed question is kept, with its answer"
    )
    keep_partners_days: int = Field(
        90, ge=1, le=365, description="how long who a partner is, after its agreement ended"
    )
    automatic_dispatch: bool = Field(
        True, description="send to the best partner by itself, where a country does not say no"
    )
    automatic_score: int = Field(
        60, ge=0, le=100, description="the score from which a partner is good enough for that"
    )
    escalation_email: str | None = Field(
        None, description="where coordinators are told of answers that stay away"
    )
