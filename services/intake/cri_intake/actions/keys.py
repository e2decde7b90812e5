"""API keys: made, used, counted, taken back, and told of before they end."""

import datetime as dt
import functools
import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from cri_shared import clock
from cri_shared.db import Put, UtcDateTime, Work
from cri_shared.errors import Kind, Refusal
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from cri_shared.mail import Mail
from cri_shared.words import N_
from sqlalchemy import bindparam, or_, select, text, update

from cri_intake.models import ApiKey, PartnerOrganisation
from cri_intake.queries.keys import KeyHolder, key_hash
from cri_intake.queries.organisations import known
from cri_intake.rig import Rig
from cri_intake.rules import KEY_LIFE_DAYS, LIVE_KEYS, WARN_DAYS, Scope, warning_due

API_KEY = "api_key"  # what the ledger calls one that was taken back
SHOWN_AGAIN = dt.timedelta(minutes=10)  # a new key, to whoever sends its form again
SUBJECT = N_("Your CRI API key ends soon")
ENDS = N_(
    "Hello,\n\nthe API key %(key_id)s of %(name)s ends on %(day)s.\n"
    "Ask us for a new one: for a while both work, so you can change it without a pause.\n\n"
    "Never send us a key. Its name above is enough.\n"
)


class TooManyQuestions(Refusal):
    """More questions came in with a key than its limits allow."""

    kind = Kind.TOO_MANY
    slug = "too-many-questions"
    message = N_("Too many questions came in with this key. Try again later.")


class TooManyKeys(Refusal):
    """An organisation needs a second key to change keys, and never a third."""

    slug = "too-many-keys"
    message = N_("This organisation has two keys that work. Take one back first.")


@dataclass(frozen=True)
class Given:
    """What a key is made with: what it may do, from where, and who gives it."""

    scopes: Sequence[str] = tuple(Scope)
    networks: Sequence[str] = ()
    by: Staff | str | None = None


async def issue_key(work: Work, rig: Rig, organisation_id: str, given: Given | None = None) -> str:
    """A new API key `cri_<environment>_<id>_<43 characters>`, known this once.

    Raises `TooManyKeys`, and `NotFound` where there is no such organisation.
    """
    await hold(work, organisation_id)
    drawn = secrets.token_hex(6), secrets.token_urlsafe(32)
    return await _add(work, rig, organisation_id, given or Given(), drawn)


async def issue_key_once(
    work: Work, rig: Rig, organisation_id: str, given: Given, form_id: str
) -> str | None:
    """The key of a form: the same for a second click, None for one that comes much later."""
    drawn = _drawn(rig, form_id)
    await hold(work, organisation_id)
    earlier = await work.session.get(ApiKey, drawn[0])
    if earlier is None:
        return await _add(work, rig, organisation_id, given, drawn)
    if not earlier.is_live or clock.now() > earlier.created_at + SHOWN_AGAIN:
        return None
    return _whole(rig, drawn)


def _drawn(rig: Rig, form_id: str) -> tuple[str, str]:
    """(id, secret) of the key that a form makes; a database without the form does not tell them."""
    secret = hmac.digest(rig.service.ring.secret("api-keys"), form_id.encode(), "sha256")
    key_id = hashlib.sha256(b"api-key:" + form_id.encode()).hexdigest()[:12]
    return key_id, urlsafe_b64encode(secret).decode().rstrip("=")


def _whole(rig: Rig, drawn: tuple[str, str]) -> str:
    return f"cri_{rig.settings.key_environment}_{drawn[0]}_{drawn[1]}"


async def _add(
    work: Work, rig: Rig, organisation_id: str, given: Given, drawn: tuple[str, str]
) -> str:
    if len((await known(work.session, organisation_id)).live) >= LIVE_KEYS:
        raise TooManyKeys
    key = _whole(rig, drawn)
    work.session.add(
        ApiKey(
            key_id=drawn[0],
            organisation_id=organisation_id,
            secret_hash=key_hash(key),
            scopes=list(given.scopes),
            networks=list(given.networks),
            created_at=clock.now(),
            expires_at=clock.now() + dt.timedelta(days=KEY_LIFE_DAYS),
        )
    )
    await work.session.flush()
    facts = {"key_id": drawn[0], "scopes": list(given.scopes)}
    await audit.note(work, "key.issued", organisation_id, by=given.by, **facts)
    return key


async def hold(work: Work, organisation_id: str) -> None:
    """Two who change what one organisation has at once come one after the other."""
    own = PartnerOrganisation.organisation_id == organisation_id
    await work.session.execute(select(PartnerOrganisation).where(own).with_for_update())


async def revoke_key(work: Work, rig: Rig, key: ApiKey, *, by: Staff | str | None) -> None:
    """Let a key open nothing any more, at once; doing it again changes nothing.

    The ledger knows it too: a database that comes back from a backup learns it again.
    """
    if key.revoke():
        await rig.ledger.erase(work, API_KEY, key.key_id)
        await audit.note(work, "key.revoked", key.organisation_id, by=by, key_id=key.key_id)


async def revoke_again(work: Work, key_id: str) -> None:
    """Let a key open nothing that a backup brought back."""
    key = await work.session.get(ApiKey, key_id)
    if key is not None and key.revoke():
        await audit.note(work, "key.revoked", key.organisation_id, by=None, key_id=key_id)


async def note_use(work: Work, holder: KeyHolder) -> None:
    """Remember that a key was used today; the day is all that is known."""
    today = clock.today()
    before = or_(ApiKey.last_used_on.is_(None), ApiKey.last_used_on != today)
    this = update(ApiKey).where(ApiKey.key_id == holder.key_id, before)
    await work.session.execute(this.values(last_used_on=today))


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
    counts = await work.put(_counting(len(limits)), values)
    if any(count > limits[period] for period, count in counts):
        raise TooManyQuestions


@functools.cache
def _counting(periods: int) -> Put:
    """In plain words, because it is done for every question; both databases understand it."""
    rows = ", ".join(f"(:key_id, :period_{n}, 1, :began_at)" for n in range(periods))
    counting = text(  # how many rows is all that varies
        f"INSERT INTO key_uses (key_id, period, count, began_at) VALUES {rows}"  # noqa: S608
        " ON CONFLICT (key_id, period) DO UPDATE SET count = key_uses.count + 1"
        " RETURNING period, count"
    )
    return Put(counting.bindparams(bindparam("began_at", type_=UtcDateTime)))


async def warn_of_ends(work: Work, rig: Rig) -> None:
    """Write to each organisation whose key ends in 30 days, and again in 7."""
    soon = clock.now() + dt.timedelta(days=max(WARN_DAYS))
    ending = (
        select(ApiKey, PartnerOrganisation)
        .join(
            PartnerOrganisation,
            PartnerOrganisation.organisation_id == ApiKey.organisation_id,
        )
        .where(
            ApiKey.revoked_at.is_(None),
            ApiKey.expires_at > clock.now(),
            ApiKey.expires_at <= soon,
            PartnerOrganisation.email.is_not(None),
        )
    )
    for key, organisation in (await work.session.execute(ending)).all():
        days_left = (key.expires_at - clock.now()) / dt.timedelta(days=1)
        due = warning_due(days_left, key.warned_days)
        if due is not None:
            key.warned_days = due
            await rig.service.post.post(work, _letter(rig, key, organisation))


def _letter(rig: Rig, key: ApiKey, organisation: PartnerOrganisation) -> Mail:
    words = rig.words(organisation.language)
    day = words.long_date(clock.belgian(key.expires_at).date())
    told = {"key_id": key.key_id, "name": organisation.name, "day": day}
    return Mail(organisation.email or "", words.gettext(SUBJECT), words.gettext(ENDS, **told))
