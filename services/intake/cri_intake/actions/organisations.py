"""Partner organisations and their keys."""

import datetime as dt
import functools
import hashlib
import secrets

from cri_shared import clock
from cri_shared.db import UtcDateTime, Work, new_id
from cri_shared.errors import Kind, Refusal
from cri_shared.words import N_
from sqlalchemy import TextClause, bindparam, text

from cri_intake.models import ApiKey, PartnerOrganisation
from cri_intake.rig import Rig

KEY_LIFE_DAYS = 180


class TooManyQuestions(Refusal):
    """More questions came in with a key than its limits allow."""

    kind = Kind.TOO_MANY
    slug = "too-many-questions"
    message = N_("Too many questions came in with this key. Try again later.")


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


async def count_use(work: Work, rig: Rig, key_id: str, *, in_batch: bool) -> None:
    """Count a new question of a key; raises `TooManyQuestions` beyond its limits.

    The count goes with the transaction: what was not recorded, and what is repeated, does not
    count. A batch has a limit of its own, by day.
    """
    now, settings = clock.now(), rig.settings
    day, minute = now.strftime("%Y-%m-%d"), now.strftime("%Y-%m-%dT%H:%M")
    limits = (
        {f"batch {day}": settings.key_batch_per_day}
        if in_batch
        else {day: settings.key_per_day, minute: settings.key_per_minute}
    )
    periods = {f"period_{n}": period for n, period in enumerate(limits)}
    values = {"key_id": key_id, "began_at": now, **periods}
    counts = await work.session.execute(_counting(len(limits)), values)
    if any(count > limits[period] for period, count in counts):
        raise TooManyQuestions


@functools.cache
def _counting(periods: int) -> TextClause:
    """In plain words, because it is done for every question; both databases understand it."""
    rows = ", ".join(f"(:key_id, :period_{n}, 1, :began_at)" for n in range(periods))
    return text(  # how many rows is all that varies
        f"INSERT INTO key_uses (key_id, period, count, began_at) VALUES {rows}"  # noqa: S608
        " ON CONFLICT (key_id, period) DO UPDATE SET count = key_uses.count + 1"
        " RETURNING period, count"
    ).bindparams(bindparam("began_at", type_=UtcDateTime))
