"""Intake's settings, `CRI_INTAKE_...`."""

from pathlib import Path
from typing import Annotated

from cri_shared.privacy.classes import K
from cri_shared.settings import ServiceSettings
from pydantic import Field, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from cri_intake.rules import networks_of


class Settings(ServiceSettings):
    """What intake is told beside what every service is."""

    model_config = SettingsConfigDict(env_prefix="CRI_INTAKE_")

    service: str = "intake"
    port: int = 8001
    public_url: str = "http://127.0.0.1:8001"
    database_url: str = "sqlite+aiosqlite:///var/intake.db"
    keystore_url: Annotated[str, K] = "sqlite+aiosqlite:///var/intake-keys.db"
    identity_database_url: str = "sqlite+aiosqlite:///var/identity.db"
    key_dir: Path = Path("var/keys/intake")
    identity_key_dir: Path = Path("var/keys/identity")
    lead_email: str | None = Field(None, description="who hears when somebody looks very often")
    lead_language: str = Field("nl", pattern="^(nl|fr|en)$", description="language of these mails")
    key_environment: str = Field("live", pattern="^[a-z]+$", description="middle of API keys")
    keep_answered_days: int = Field(
        90, ge=1, le=365, description="how long a case is kept after its answer was delivered"
    )
    keep_extended_days: int = Field(
        180, ge=1, le=365, description="the same, where an officer extended that with a reason"
    )
    keep_longer_days: int = Field(
        365, ge=1, le=365, description="the same, where the asker wants to hear of changes"
    )
    keep_unanswered_days: int = Field(
        365, ge=30, le=365, description="how long a case without an answer is kept"
    )
    keep_set_aside_days: int = Field(
        14, ge=1, le=90, description="how long what was set aside as one of too many is kept"
    )
    keep_notices_days: int = Field(
        30, ge=1, le=90, description="how long it is known what was sent to a webhook"
    )
    webhook_networks: str = Field(
        "", description="networks, by commas, where webhooks may go although they are not public"
    )
    asks_per_minute: int = Field(30, ge=1, description="more from the form are set aside first")
    key_per_minute: int = Field(60, ge=1, description="questions per API key and minute")
    key_per_day: int = Field(500, ge=1, description="questions per API key and day")
    key_batch_per_day: int = Field(2000, ge=1, description="rows of batches per API key and day")

    @field_validator("webhook_networks")
    @classmethod
    def _are_networks_of_webhooks(cls, given: str) -> str:
        try:
            return ",".join(networks_of(given))
        except ValueError:
            raise ValueError("webhook_networks must be networks, by commas") from None

    @model_validator(mode="after")
    def _longer_is_longer(self) -> "Settings":
        if not self.keep_answered_days <= self.keep_extended_days <= self.keep_longer_days:
            raise ValueError(
                "keep_answered_days, keep_extended_days and keep_longer_days must not go down"
            )
        return self
