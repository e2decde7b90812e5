"""Partner organisations: who may post questions, and what we know of each."""

from dataclasses import dataclass

from cri_shared import clock
from cri_shared.db import Work, new_id
from cri_shared.errors import Invalid
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from cri_shared.privacy.receipts import form_fingerprint
from cri_shared.words import N_
from sqlalchemy import select

from cri_intake.models import PartnerOrganisation


class NameTaken(Invalid):
    """There is an organisation of this name."""

    slug = "name-taken"
    message = N_("There is an organisation with this name. Choose another one.")


@dataclass(frozen=True)
class About:
    """What is known of an organisation; `email` is where its keys' ends are told."""

    name: str
    email: str | None = None
    language: str = "en"


async def add_organisation(
    work: Work, about: About, *, by: Staff | str | None = None, form_id: str | None = None
) -> PartnerOrganisation:
    """Let an organisation post questions; it still needs a key. Raises `NameTaken`."""
    await _check_name(work, about.name, None)
    organisation = PartnerOrganisation(
        organisation_id=new_id(),
        name=about.name,
        email=about.email,
        language=about.language,
        form_id=form_fingerprint(form_id) if form_id else None,
        created_at=clock.now(),
    )
    work.session.add(organisation)
    await work.session.flush()
    await audit.note(work, "organisation.added", organisation.organisation_id, by=by)
    return organisation


async def edit_organisation(
    work: Work, organisation: PartnerOrganisation, about: About, *, by: Staff
) -> None:
    """Change what is known of an organisation; raises `NameTaken`."""
    await _check_name(work, about.name, organisation.organisation_id)
    organisation.name, organisation.email = about.name, about.email
    organisation.language = about.language
    await audit.note(work, "organisation.edited", organisation.organisation_id, by=by)


async def _check_name(work: Work, name: str, own_id: str | None) -> None:
    same = select(PartnerOrganisation.organisation_id).where(PartnerOrganisation.name == name)
    if (await work.session.execute(same)).scalar_one_or_none() not in (None, own_id):
        raise NameTaken
