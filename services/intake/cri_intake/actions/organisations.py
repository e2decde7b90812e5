"""Partner organisations and their keys."""

import datetime as dt
import hashlib
import secrets

from cri_shared import clock
from cri_shared.db import Work, new_id

from cri_intake.models import ApiKey, PartnerOrganisation

KEY_LIFE_DAYS = 180


async def add_organisation(work: Work, name: str) -> PartnerOrganisation:
    """Let an organisation post questions; it still needs a key."""
    organisation = PartnerOrganisation(organisation_id=new_id(), name=name, created_at=clock.now())
    work.session.add(organisation)
    await work.session.flush()
    return organisation


async def issue_key(work: Work, organisation_id: str, *, environment: str) -> str:
    """A new API key `cri_<environment>_<id>_<43 characters>`, shown this once."""
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    work.session.add(
        ApiKey(
            key_id=key_id,
            organisation_id=organisation_id,
            secret_hash=hashlib.sha256(secret.encode()).hexdigest(),
            created_at=clock.now(),
            expires_at=clock.now() + dt.timedelta(days=KEY_LIFE_DAYS),
        )
    )
    await work.session.flush()
    return f"cri_{environment}_{key_id}_{secret}"
