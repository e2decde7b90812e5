"""The registry of partners, and what it means for a country."""

import datetime as dt
import secrets
from dataclasses import dataclass

from cri_shared import clock
from cri_shared.db import Work, new_id
from cri_shared.events.research import CountryChanged
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from cri_shared.privacy.vault import SealedText
from sqlalchemy import select

from cri_research.actions import links, questions
from cri_research.models import Assignment, CountryState, Partner
from cri_research.queries import partners as queries
from cri_research.rig import Rig
from cri_research.rules.states import OPEN

PIN_DIGITS = 6


@dataclass(frozen=True)
class Description:
    """A partner as a coordinator describes it."""

    kind: str
    name: str
    email: str
    reach: str | None  # beside the mail
    notes: str | None
    countries: list[str]
    home_country: str
    regions: list[str]
    topics: list[str]
    languages: list[str]
    capacity: int
    risk: str
    visibility: str
    agreement_from: dt.date | None
    agreement_until: dt.date | None


async def add_partner(
    work: Work,
    described: Description,
    *,
    key: bytes,
    partner_id: str,
    form_id: str,
    by: Staff,
) -> Partner:
    """Add a partner under the key that was made for it before."""
    partner = Partner(
        partner_id=partner_id, form_id=form_id, created_at=clock.now(), changed_at=clock.now()
    )
    _describe(partner, described, SealedText(key, f"partner:{partner_id}"))
    work.session.add(partner)
    await work.session.flush()
    await audit.note(work, "research.partner.added", partner_id, by=by, countries=partner.countries)
    await renew_countries(work)
    await questions.look_again(work, partner.countries)
    return partner


async def edit_partner(
    work: Work, rig: Rig, partner_id: str, described: Description, *, by: Staff
) -> None:
    """Describe a partner anew; raises `NotFound`."""
    partner = await queries.partner_of(work.session, partner_id)
    before = partner.countries
    _describe(partner, described, await rig.sealed_partner(partner_id))
    await audit.note(work, "research.partner.edited", partner_id, by=by)
    await renew_countries(work)
    await questions.look_again(work, [*before, *partner.countries])


def _describe(partner: Partner, described: Description, sealed: SealedText) -> None:
    for name in (
        "kind",
        "countries",
        "home_country",
        "regions",
        "topics",
        "languages",
        "capacity",
        "risk",
        "visibility",
        "agreement_from",
        "agreement_until",
    ):
        setattr(partner, name, getattr(described, name))
    partner.name_sealed = sealed.seal("name", described.name)
    partner.email_sealed = sealed.seal("email", described.email)
    partner.reach_sealed = sealed.seal("reach", described.reach) if described.reach else None
    partner.notes_sealed = sealed.seal("notes", described.notes) if described.notes else None
    if partner.risk != "high":
        partner.pin_hash = None
    partner.changed_at = clock.now()


async def suspend_partner(work: Work, partner_id: str, why: str, *, by: Staff) -> int:
    """Send it nothing and route its open questions anew, without a mail; how many they were."""
    partner = await queries.partner_of(work.session, partner_id)
    partner.suspend(why)
    held = select(Assignment.assignment_id).where(
        Assignment.partner_id == partner_id, Assignment.status.in_(OPEN)
    )
    ids = (await work.session.execute(held)).scalars().all()
    for assignment_id in ids:
        assignment = await questions.load_assignment(work, assignment_id)
        assignment.cancel("suspended")
        assignment.question.consider_at = clock.now()
        facts = {"assignment_id": assignment_id, "reason": "suspended"}
        about = assignment.research_id
        await audit.note(work, "research.assignment.cancelled", about, by=by, **facts)
    await links.revoke(work, ids)
    await audit.note(work, "research.partner.suspended", partner_id, by=by, reason=why)
    await renew_countries(work)
    return len(ids)


async def resume_partner(work: Work, partner_id: str, *, by: Staff) -> None:
    """Let it take questions again."""
    partner = await queries.partner_of(work.session, partner_id)
    partner.resume()
    await audit.note(work, "research.partner.resumed", partner_id, by=by)
    await renew_countries(work)
    await questions.look_again(work, partner.countries)


async def make_pin(work: Work, rig: Rig, partner_id: str, *, by: Staff) -> str:
    """A new PIN for a partner, shown this once and told by another channel than the mail."""
    partner = await queries.partner_of(work.session, partner_id)
    pin = "".join(secrets.choice("0123456789") for _ in range(PIN_DIGITS))
    partner.pin_hash = rig.pin_hash(partner_id, pin)
    await audit.note(work, "research.partner.pin_made", partner_id, by=by)
    await questions.look_again(work, partner.countries)
    return pin


async def set_policy(
    work: Work, country: str, automatic: bool | None, desk_id: str | None, *, by: Staff
) -> None:
    """Say of one country whose it is, and whether questions go out by themselves.

    None: nobody's, and as the setting says.
    """
    state = await _state_of(work, country)
    if state.desk_id != desk_id:
        state.desk_id = desk_id
        await audit.note(work, "research.country.desk", country, by=by, desk_id=desk_id)
    if state.automatic != automatic:
        state.automatic = automatic
        await audit.note(work, "research.country.policy", country, by=by, automatic=automatic)
        await questions.look_again(work, [country])


async def renew_countries(work: Work) -> None:
    """Tell of every country that gained its first or lost its last available partner."""
    await work.session.flush()
    served = {
        c for p in await queries.all_partners(work.session) if p.is_available for c in p.countries
    }
    known = await queries.countries(work.session)
    for country in sorted(served | known.keys()):
        state = known.get(country) or await _state_of(work, country)
        now = "available" if country in served else "none"
        if state.partner_state != now:
            state.partner_state = now
            state.version += 1
            event = CountryChanged(country=country, partner_state=now)
            await work.emit(event, version=state.version)


async def _state_of(work: Work, country: str) -> CountryState:
    state = await work.session.get(CountryState, country)
    if state is None:
        state = CountryState(country=country, partner_state="none", version=0)
        work.session.add(state)
        await work.session.flush()
    return state


def new_partner_id() -> str:
    """An id for a partner whose key is made before it."""
    return new_id()
