"""One's own sign-up, behind a secret link: see it, cancel it, answer an offer, keep the dates."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from cri_shared.db import Work
from cri_shared.errors import NotFound
from cri_shared.web.forms import Submitted
from cri_shared.web.pages import PublicLang, render, see_other
from cri_shared.web.squares import square
from cri_shared.words import N_
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from cri_training.actions import sign_ups
from cri_training.actions.own import check_in_url
from cri_training.actions.seats import edition_url
from cri_training.calendars import Diary, calendar
from cri_training.models import Edition, Material, SignUp
from cri_training.pages.sign_up import NO_STORE, LinkOver
from cri_training.queries import certificates
from cri_training.queries import sign_ups as found
from cri_training.queries.courses import materials_of
from cri_training.queries.places import places_of
from cri_training.rig import InRig, Rig
from cri_training.rules.states import EditionStatus, Status

router = APIRouter(include_in_schema=False)
Act = Callable[[Work, Rig, str], Awaitable[bool]]


async def _own(session: AsyncSession, token: str) -> tuple[Edition, SignUp]:
    """The sign-up behind a link; raises `LinkOver`."""
    try:
        return await found.own(session, token)
    except NotFound:
        raise LinkOver from None


async def show(
    request: Request,
    lang: str,
    rig: Rig,
    token: str,
    template: str = "manage.html",
    form: Submitted[Any] | None = None,
) -> HTMLResponse:
    """One's own page, with what is wrong with its form."""
    async with rig.service.database.reading() as session:
        edition, sign_up = await _own(session, token)
        move = await found.last_move(session, sign_up.sign_up_id)
        standings = (await places_of(session, edition.edition_id)).standings
        letters = await found.letters_to(session, sign_up.sign_up_id)
        materials = await _materials(session, edition, sign_up)
        certificate = await certificates.of_sign_up(session, rig, sign_up.sign_up_id)
        successor = await found.successor_of(session, rig, sign_up)
        reason = await found.reason_of(rig, sign_up)
    return render(
        request,
        template,
        lang=lang,
        status=422 if form else 200,
        v=form.values if form else {"language": lang},
        errors=form.errors if form else {},
        successor=successor,
        certificate=certificate,
        qr=square(check_in_url(rig, sign_up)),
        reason=reason,
        edition=edition,
        sign_up=sign_up,
        offer_open=found.offer_is_open(sign_up),
        move=move,
        standing=standings.get(sign_up.sign_up_id),
        letters=letters,
        materials=materials,
        token=token,
        headers=NO_STORE,
    )


async def _materials(
    session: AsyncSession, edition: Edition, sign_up: SignUp
) -> Sequence[Material]:
    """The links for who has a place, and afterwards for who came."""
    over = edition.status == EditionStatus.HELD
    theirs = (
        await found.came(session, sign_up.sign_up_id) if over else sign_up.status == Status.SEATED
    )
    called_off = edition.status == EditionStatus.CANCELLED
    return await materials_of(session, edition.edition_id) if theirs and not called_off else ()


@router.get("/{lang}/sign-up/done/{token}")
async def done(request: Request, lang: PublicLang, rig: InRig, token: str) -> HTMLResponse:
    """What came of signing up: a place, or a turn on the waiting list."""
    return await show(request, lang, rig, token, "done.html")


@router.get("/{lang}/sign-up/manage/{token}")
async def manage(request: Request, lang: PublicLang, rig: InRig, token: str) -> HTMLResponse:
    """One's own sign-up."""
    return await show(request, lang, rig, token)


async def _act(
    request: Request, lang: str, rig: Rig, token: str, act: Act, did: str, did_before: str
) -> Response:
    try:
        async with rig.service.database.writing() as work:
            changed = await act(work, rig, token)
    except NotFound:
        raise LinkOver from None
    return see_other(request, f"/{lang}/sign-up/manage/{token}", did if changed else did_before)


@router.post("/{lang}/sign-up/manage/{token}/cancel")
async def cancel(request: Request, lang: PublicLang, rig: InRig, token: str) -> Response:
    """Cancel; the place goes to the next person."""
    did = N_("Your sign-up is cancelled. Thank you for telling us.")
    before = N_("Your sign-up was cancelled or over already. Nothing changed.")
    return await _act(request, lang, rig, token, sign_ups.cancel, did, before)


@router.post("/{lang}/sign-up/manage/{token}/accept")
async def accept(request: Request, lang: PublicLang, rig: InRig, token: str) -> Response:
    """Take the place that is offered."""
    did = N_("The place is yours.")
    before = N_("You have this place already. Nothing changed.")
    return await _act(request, lang, rig, token, sign_ups.accept_offer, did, before)


@router.post("/{lang}/sign-up/manage/{token}/decline")
async def decline(request: Request, lang: PublicLang, rig: InRig, token: str) -> Response:
    """Leave the place that is offered to the next person."""
    did = N_("Thank you for telling us. The place goes to the next person.")
    before = N_("You left this place to somebody else before. Nothing changed.")
    return await _act(request, lang, rig, token, sign_ups.decline_offer, did, before)


@router.get("/{lang}/sign-up/manage/{token}/calendar.ics")
async def calendar_file(lang: PublicLang, rig: InRig, token: str) -> Response:
    """Every session as one file for a calendar; only for who has a place."""
    async with rig.service.database.reading() as session:
        edition, sign_up = await _own(session, token)
    if sign_up.status != Status.SEATED or edition.cancel_reason is not None:
        raise LinkOver(N_("There is nothing to put into your calendar: you have no place."))
    diary = Diary(sign_up.sign_up_id, rig.settings.mail_from, "", edition_url(rig, edition, lang))
    body = calendar(diary, edition, list(edition.sittings), "PUBLISH")
    headers = {**NO_STORE, "Content-Disposition": 'attachment; filename="workshop.ics"'}
    return Response(body, media_type="text/calendar; charset=utf-8", headers=headers)
