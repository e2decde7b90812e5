"""Training's settings, `CRI_TRAINING_...`."""

import datetime as dt
from pathlib import Path
from typing import Annotated

from cri_shared.privacy.classes import K
from cri_shared.settings import ServiceSettings
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from cri_training.rules.seats import Policy


class Settings(ServiceSettings):
    """What training is told beside what every service is."""

    model_config = SettingsConfigDict(env_prefix="CRI_TRAINING_")

    service: str = "training"
    port: int = 8004
    public_url: str = "http://127.0.0.1:8004"
    database_url: str = "sqlite+aiosqlite:///var/training.db"
    keystore_url: Annotated[str, K] = "sqlite+aiosqlite:///var/training-keys.db"
    identity_database_url: str = "sqlite+aiosqlite:///var/identity.db"
    key_dir: Path = Path("var/keys/training")
    identity_key_dir: Path = Path("var/keys/identity")
    offer_hours: int = Field(48, ge=4, le=336, description="how long an offered place is held")
    notice_hours: int = Field(12, ge=0, le=168, description="no offer ends nearer to the start")
    reminder_days: int = Field(7, ge=2, le=30, description="days before the first session")
    feedback_days: int = Field(28, ge=1, le=90, description="how long the feedback form is open")

    keep_participants_days: int = Field(
        60, ge=1, le=365, description="how long participants are kept after the workshop"
    )

    keep_certificates_days: int = Field(
        1826, ge=30, le=3652, description="how long a certificate can be checked"
    )

    @property
    def policy(self) -> Policy:
        """The same as the rules want it."""
        return Policy(
            offer=dt.timedelta(hours=self.offer_hours),
            notice=dt.timedelta(hours=self.notice_hours),
            reminder_days=self.reminder_days,
            feedback=dt.timedelta(days=self.feedback_days),
        )
