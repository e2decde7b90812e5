"""The desk of an organisation, behind its link: its reserved places and its own people."""

from typing import Annotated, Literal

from cri_shared.errors import Kind, NotFound, Refusal
from cri_shared.privacy.classes import C1, C3
from cri_shared.web.forms import N_, FormModel, Submitted, check_form_token, read_form
from cri_shared.web.lanes import slowed
from cri_shared.web.pages import PublicLang, render, see_other, words_of
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field, TypeAdapter, ValidationError

from cri_training.actions import colleagues
from cri_training.actions.asking import Named
from cri_training.actions.colleagues import MailedOften
from cri_training.actions.handing_on import AskedOften, SamePerson
from cri_training.models import Organisation
from cri_training.pages.forms import Email
from cri_training.pages.handing_on import KEPT_BEFORE, SuccessorForm
from cri_training.pages.sign_up import NO_STORE, SIGNING_UP
from cri_training.queries import desks
from cri_training.queries.papers import decimal_hours
from cri_training.queries.reports import of_organisation
from cri_training.rig import InRig, Rig
from cri_training.rules.reports import HEAD

router = APIRouter(prefix="/{lang}/organisation/{token}", include_in_schema=False)
MOST = 20
SEPARATORS = (";", "\t", ",")
LANGUAGES = ("nl", "fr", "en")
ASKED = N_("We sent a mail to the new person. Until that person has the place, nobody loses it.")
KEPT = N_("The first person keeps the place. The other one cannot take it over any more.")
_EMAIL: TypeAdapter[str] = TypeAdapter(Email)


class DeskOver(Refusal):
    """A link of a desk that is too old, was withdrawn, or is none of ours."""

    kind = Kind.NOT_FOUND
    slug = "desk-over"
    counted = "desk_link.unknown"
    message = N_("This link is not good any more. Ask the trainers for a new one.")


class ColleaguesForm(FormModel):
    """People of the organisation, one on each line: name; e-mail; language."""

    people: Annotated[str, Field(max_length=4000), C3]
    language: Annotated[Literal["nl", "fr", "en"], C1]
    together: Annotated[Literal["yes"] | None, C1] = None
    messages = {  # noqa: RUF012 - pydantic knows it as a class variable
        ("people", "missing"): N_("Write at least one colleague"),
        ("language", "missing"): N_("Choose the language of our mails"),
    }


def people_of(form: Submitted[ColleaguesForm]) -> list[Named]:
    """Everybody on the lines of a form; the first line that is wrong is named beside the field."""
    if form.data is None:
        return []
    people: list[Named] = []
    lines = [line.strip() for line in form.data.people.splitlines() if line.strip()]
    for number, line in enumerate(lines, 1):
        who = _on_line(line, form.data.language)
        if who is None:
            message = N_("Line %(number)s: write a name, a semicolon and an e-mail address")
            form.refuse("people", message, number=number)
        elif any(who.email.casefold() == one.email.casefold() for one in people):
            form.refuse("people", N_("Line %(number)s: this address is there twice"), number=number)
        else:
            people.append(who)
    if len(lines) > MOST:
        form.refuse("people", N_("Write at most %(most)s colleagues at once"), most=MOST)
    return [] if form.errors else people


def _on_line(line: str, language: str) -> Named | None:
    separator = next((one for one in SEPARATORS if one in line), None)
    parts = [part.strip() for part in line.split(separator)] if separator else []
    if len(parts) not in (2, 3) or not 0 < len(parts[0]) <= 120:
        return None
    spoken = parts[2].lower() if len(parts) == 3 and parts[2] else language
    try:
        email = _EMAIL.validate_python(parts[1])
    except ValidationError:
        return None
    return Named(parts[0], email, spoken) if spoken in LANGUAGES else None


async def _whose(rig: Rig, token: str) -> Organisation:
    """The organisation behind a link; raises `DeskOver`."""
    async with rig.service.database.reading() as session:
        try:
            return await desks.of_token(session, token)
        except NotFound:
            raise DeskOver from None


@router.get("")
async def desk(request: Request, lang: PublicLang, rig: InRig, token: str) -> HTMLResponse:
    """The editions to come, what is kept for the organisation, and who of its people comes."""
    organisation = await _whose(rig, token)
    async with rig.service.database.reading() as session:
        to_come, over = await desks.offered(session, organisation.organisation_id)
        told = await of_organisation(session, rig, organisation.organisation_id)
    return render(
        request,
        "organisation.html",
        lang=lang,
        organisation=organisation,
        token=token,
        rows=[*to_come, *over],
        most=desks.OVER if len(over) == desks.OVER else None,
        told=told,
        head=HEAD,
        hours=lambda minutes: decimal_hours(words_of(request), minutes),
        headers=NO_STORE,
    )


async def _page(
    request: Request,
    lang: str,
    rig: Rig,
    token: str,
    edition_id: str,
    form: Submitted[ColleaguesForm] | None = None,
) -> HTMLResponse:
    organisation = await _whose(rig, token)
    async with rig.service.database.reading() as session:
        one = await desks.offered_one(session, rig, organisation.organisation_id, edition_id)
    return render(
        request,
        "organisation_edition.html",
        lang=lang,
        status=422 if form else 200,
        organisation=organisation,
        token=token,
        one=one,
        edition=one.edition,
        v=form.values if form else {"language": lang},
        errors=form.errors if form else {},
        headers=NO_STORE,
    )


@router.get("/{edition_id}")
async def edition_page(
    request: Request, lang: PublicLang, rig: InRig, token: str, edition_id: str
) -> HTMLResponse:
    """The organisation's own people of one edition."""
    return await _page(request, lang, rig, token, edition_id)


@router.post("/{edition_id}", dependencies=[Depends(slowed(SIGNING_UP))])
async def sign_up_colleagues(
    request: Request, lang: PublicLang, rig: InRig, token: str, edition_id: str
) -> Response:
    """Mail a link to each of them; everybody confirms for herself."""
    organisation = await _whose(rig, token)
    form = await read_form(request, ColleaguesForm, lang)
    form_id = await check_form_token(request, form)
    people = people_of(form)
    if form.data is not None and form_id is not None and people:
        try:
            together = form.data.together is not None
            await colleagues.sign_up_group(
                rig, organisation, edition_id, people, form_id, together=together
            )
            said = N_("We sent a mail to each of them. They have a place after they confirm.")
            return see_other(request, f"/{lang}/organisation/{token}/{edition_id}", said)
        except MailedOften as refusal:
            message = N_("Line %(number)s: we sent several mails to this address just now")
            form.refuse("people", message, number=refusal.number + 1)
    return await _page(request, lang, rig, token, edition_id, form)


@router.get("/{edition_id}/{sign_up_id}")
async def person_page(
    request: Request, lang: PublicLang, rig: InRig, token: str, edition_id: str, sign_up_id: str
) -> HTMLResponse:
    """One of the organisation's people, to hand the place on or to cancel."""
    return await _person(request, lang, rig, token, edition_id, sign_up_id)


async def _person(
    request: Request,
    lang: str,
    rig: Rig,
    token: str,
    edition_id: str,
    sign_up_id: str,
    form: Submitted[SuccessorForm] | None = None,
) -> HTMLResponse:
    organisation = await _whose(rig, token)
    async with rig.service.database.reading() as session:
        one = await desks.offered_one(session, rig, organisation.organisation_id, edition_id)
    person = one.person(sign_up_id)
    return render(
        request,
        "organisation_person.html",
        lang=lang,
        status=422 if form else 200,
        token=token,
        edition=one.edition,
        person=person,
        v=form.values if form else {"language": person.sign_up.language},
        errors=form.errors if form else {},
        headers=NO_STORE,
    )


@router.post("/{edition_id}/{sign_up_id}/hand-on", dependencies=[Depends(slowed(SIGNING_UP))])
async def hand_on(
    request: Request, lang: PublicLang, rig: InRig, token: str, edition_id: str, sign_up_id: str
) -> Response:
    """Somebody else comes; the place is kept meanwhile."""
    organisation = await _whose(rig, token)
    form = await read_form(request, SuccessorForm, lang)
    form_id = await check_form_token(request, form)
    if form.data is not None and form_id is not None:
        theirs = (organisation.organisation_id, edition_id, sign_up_id)
        try:
            await colleagues.hand_on(rig, *theirs, form.data.named(), form_id)
            return see_other(request, f"/{lang}/organisation/{token}/{edition_id}", ASKED)
        except (SamePerson, AskedOften) as refusal:
            form.refuse("email", refusal.message)
    return await _person(request, lang, rig, token, edition_id, sign_up_id, form)


@router.post("/{edition_id}/{sign_up_id}/keep")
async def keep(
    request: Request, lang: PublicLang, rig: InRig, token: str, edition_id: str, sign_up_id: str
) -> Response:
    """The colleague comes after all."""
    organisation = await _whose(rig, token)
    async with rig.service.database.writing() as work:
        changed = await colleagues.keep(work, organisation.organisation_id, edition_id, sign_up_id)
    said = KEPT if changed else KEPT_BEFORE
    return see_other(request, f"/{lang}/organisation/{token}/{edition_id}", said)


@router.post("/{edition_id}/{sign_up_id}/cancel")
async def cancel(
    request: Request, lang: PublicLang, rig: InRig, token: str, edition_id: str, sign_up_id: str
) -> Response:
    """The colleague does not come; the place goes to the next in line."""
    organisation = await _whose(rig, token)
    async with rig.service.database.writing() as work:
        changed = await colleagues.cancel(
            work, rig, organisation.organisation_id, edition_id, sign_up_id
        )
    did = N_("Cancelled. If this person had confirmed, a mail says so.")
    said = did if changed else N_("Nothing changed.")
    return see_other(request, f"/{lang}/organisation/{token}/{edition_id}", said)
