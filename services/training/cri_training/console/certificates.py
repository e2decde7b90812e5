"""Certificates of an edition: issue, take along, correct, revoke, erase."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.errors import NotFound
from cri_shared.identity import audit
from cri_shared.identity.guard import Permitted
from cri_shared.identity.staff import Staff
from cri_shared.privacy.classes import C3
from cri_shared.web.forms import N_, FormModel, Submitted, read_form
from cri_shared.web.pages import render, see_other, words_of
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from cri_training.actions import certificates as actions
from cri_training.pages.certificates import pdf
from cri_training.queries import certificates, editions, papers
from cri_training.rig import InRig, Rig

router = APIRouter(prefix="/console/editions/{edition_id}/certificates", include_in_schema=False)
NOTHING = N_("Nothing changed.")


class RevokeForm(FormModel):
    """Why it is not valid any more."""

    reason: Annotated[str, Field(max_length=300), C3]
    messages = {("reason", "missing"): N_("Write why. Only staff read it")}  # noqa: RUF012


class ReissueForm(FormModel):
    """The name as it must be."""

    name: Annotated[str, Field(max_length=120), C3]
    messages = {("name", "missing"): N_("Write a name")}  # noqa: RUF012


async def _page(
    request: Request,
    rig: Rig,
    staff: Staff,
    edition_id: str,
    wrong: tuple[str, Submitted[Any]] | None = None,
) -> HTMLResponse:
    async with rig.service.database.writing() as work:
        edition = await editions.edition(work.session, edition_id)
        workshop = await editions.workshop(work.session, edition.workshop_id)
        rows = await certificates.of_edition(work.session, rig, edition_id)
        await audit.note(work, "training.participants.seen", edition_id, by=staff)
    whose, form = wrong or ("", None)
    words = words_of(request)
    return render(
        request,
        "console_certificates.html",
        status=422 if form else 200,
        edition=edition,
        workshop=workshop,
        rows=rows,
        settles=edition.settles_at(rig.policy.feedback),
        over=edition.ends_at <= clock.now() and edition.cancel_reason is None,
        hours=lambda minutes: papers.hours(words, minutes),
        whose=whose,
        v=form.values if form else {},
        errors=form.errors if form else {},
    )


@router.get("")
async def certificates_list(
    request: Request, rig: InRig, staff: Permitted, edition_id: str
) -> HTMLResponse:
    """Every certificate of an edition."""
    return await _page(request, rig, staff, edition_id)


@router.post("")
async def issue(request: Request, rig: InRig, staff: Permitted, edition_id: str) -> Response:
    """One for everybody who earned one and never had one."""
    async with rig.service.database.writing() as work:
        issued = await actions.issue(work, rig, edition_id, by=staff)
    said = N_("Issued. Everybody finds theirs on their own page.")
    return _back(request, edition_id, issued > 0, said)


@router.get("/{certificate_id}.pdf")
async def certificate(
    rig: InRig, staff: Permitted, edition_id: str, certificate_id: str
) -> Response:
    """One of them as a PDF, for who has no e-mail address."""
    async with rig.service.database.writing() as work:
        edition = await editions.edition(work.session, edition_id)
        issued = await certificates.by_id(work.session, rig, edition_id, certificate_id)
        await audit.note(work, "training.participants.seen", edition_id, by=staff)
    if issued.name is None:
        raise NotFound
    return pdf(await papers.certificate_pdf(rig, edition, issued))


@router.post("/{certificate_id}/revoke")
async def revoke(
    request: Request, rig: InRig, staff: Permitted, edition_id: str, certificate_id: str
) -> Response:
    """It is not valid any more."""
    form = await read_form(request, RevokeForm)
    if form.data is None:
        return await _page(request, rig, staff, edition_id, (certificate_id, form))
    reason = form.data.reason

    async def do(work: Work) -> bool:
        return await actions.revoke(work, rig, edition_id, certificate_id, reason, by=staff)

    said = N_("Revoked. Who checks its code reads that from now on.")
    return await _act(request, rig, edition_id, do, said)


@router.post("/{certificate_id}/reissue")
async def reissue(
    request: Request, rig: InRig, staff: Permitted, edition_id: str, certificate_id: str
) -> Response:
    """A new one with the right name."""
    form = await read_form(request, ReissueForm)
    if form.data is None:
        return await _page(request, rig, staff, edition_id, (certificate_id, form))
    name = form.data.name

    async def do(work: Work) -> bool:
        return await actions.reissue(work, rig, edition_id, certificate_id, name, by=staff)

    return await _act(request, rig, edition_id, do, N_("Issued again with the new name."))


@router.post("/{certificate_id}/erase")
async def erase(
    request: Request, rig: InRig, staff: Permitted, edition_id: str, certificate_id: str
) -> Response:
    """The person asks for it: nothing but that there was one stays."""

    async def do(work: Work) -> bool:
        return await actions.erase(work, rig, edition_id, certificate_id, by=staff)

    return await _act(
        request, rig, edition_id, do, N_("Erased. The code says that it was withdrawn.")
    )


async def _act(
    request: Request, rig: Rig, edition_id: str, do: Callable[[Work], Awaitable[bool]], said: str
) -> Response:
    async with rig.service.database.writing() as work:
        changed = await do(work)
    return _back(request, edition_id, changed, said)


def _back(request: Request, edition_id: str, changed: bool, said: str) -> Response:
    url = f"/console/editions/{edition_id}/certificates"
    return see_other(request, url, said if changed else NOTHING)
