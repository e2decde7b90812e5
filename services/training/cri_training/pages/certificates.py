"""Certificates: one's own as a PDF, and the page where anybody checks a code."""

from typing import Annotated

from cri_shared.errors import Kind, NotFound, Refusal
from cri_shared.privacy.classes import K
from cri_shared.web.forms import N_, FormModel, read_form
from cri_shared.web.lanes import Guarded, Pace, lanes_of
from cri_shared.web.pages import PublicLang, render, words_of
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from cri_training.models import Edition
from cri_training.pages.sign_up import NO_STORE, LinkOver
from cri_training.queries import certificates, papers
from cri_training.queries import sign_ups as found
from cri_training.queries.certificates import Issued
from cri_training.rig import InRig, Rig

router = APIRouter(include_in_schema=False)
TRIES = Guarded("certificates", each=Pace(10, 3.0), longest=20.0, all=Pace(60, 1.0))
HIDDEN = {**NO_STORE, "X-Robots-Tag": "noindex"}
UNKNOWN_CODE = N_("We do not know this code. Check it and try again.")


class CertificateForm(FormModel):
    """A code as somebody types it from a paper."""

    code: Annotated[str, Field(max_length=60), K]
    messages = {"code": N_("Type the code below the square")}  # noqa: RUF012


class UnknownCertificate(Refusal):
    """No certificate has this code."""

    kind = Kind.NOT_FOUND
    slug = "certificate-unknown"
    counted = "certificate.unknown"
    message = N_("We know no certificate with this code.")


async def _tried(request: Request, rig: Rig, typed: str) -> tuple[Edition, Issued] | None:
    async with lanes_of(request).trying(TRIES, request) as attempt:
        try:
            async with rig.service.database.reading() as session:
                known = await certificates.by_code(session, rig, typed)
        except NotFound:
            return None
        attempt.succeeded = True
    return known


def _shown(request: Request, lang: str, known: tuple[Edition, Issued]) -> HTMLResponse:
    edition, issued = known
    return render(
        request,
        "certificate_verify.html",
        lang=lang,
        edition=edition,
        issued=issued,
        hours=papers.hours(words_of(request), issued.certificate.minutes),
        v={},
        errors={},
        headers=HIDDEN,
    )


@router.get("/{lang}/certificates/verify")
async def verify_page(request: Request, lang: PublicLang) -> HTMLResponse:
    """Where a code is typed."""
    return render(
        request,
        "certificate_verify.html",
        lang=lang,
        issued=None,
        v={},
        errors={},
        headers=HIDDEN,
    )


@router.post("/{lang}/certificates/verify")
async def verify(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """What the certificate of a typed code says."""
    form = await read_form(request, CertificateForm, lang)
    known = await _tried(request, rig, form.data.code) if form.data else None
    if known is not None:
        return _shown(request, lang, known)
    if form.data is not None:
        rig.service.attempts.count("certificate.unknown")
        form.refuse("code", UNKNOWN_CODE)
    return render(
        request,
        "certificate_verify.html",
        lang=lang,
        status=422,
        issued=None,
        v=form.values,
        errors=form.errors,
        headers=HIDDEN,
    )


@router.get("/{lang}/certificates/verify/{code}")
async def verify_scanned(request: Request, lang: PublicLang, rig: InRig, code: str) -> HTMLResponse:
    """What the certificate of a scanned square says."""
    known = await _tried(request, rig, code)
    if known is None:
        raise UnknownCertificate
    return _shown(request, lang, known)


@router.get("/{lang}/sign-up/manage/{token}/certificate.pdf")
async def own_certificate(lang: PublicLang, rig: InRig, token: str) -> Response:
    """One's own certificate."""
    try:
        async with rig.service.database.reading() as session:
            edition, sign_up = await found.own(session, token)
            issued = await certificates.of_sign_up(session, rig, sign_up.sign_up_id)
    except NotFound:
        raise LinkOver from None
    if issued is None or issued.name is None:
        raise LinkOver(N_("There is no certificate for you here."))
    return pdf(await papers.certificate_pdf(rig, edition, issued))


def pdf(content: bytes) -> Response:
    """A certificate to save or print."""
    headers = {**NO_STORE, "Content-Disposition": 'attachment; filename="certificate.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)
