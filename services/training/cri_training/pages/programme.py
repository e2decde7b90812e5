"""The programme: the editions to come, a page for each, for each workshop, and for calendars."""

from typing import Annotated

from cri_shared.errors import NotFound
from cri_shared.web.caching import cacheable
from cri_shared.web.markdown import to_html
from cri_shared.web.pages import PublicLang, render
from cri_shared.words import N_
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from cri_training import calendars
from cri_training.actions.seats import edition_url
from cri_training.models import Edition
from cri_training.queries import editions
from cri_training.queries import programme as queries
from cri_training.queries.programme import Narrowed
from cri_training.queries.requirements import required_for
from cri_training.rig import InRig, Rig

router = APIRouter(include_in_schema=False)
FRESH_SECONDS, STALE_SECONDS = 20, 60  # places are taken every minute
FEED_SECONDS = 900


def narrowed(
    language: str = "", way: str = "", month: str = "", workshop: str = "", free: str = ""
) -> Narrowed:
    """What the address looks for."""
    return Narrowed(language, way, month, workshop, bool(free))


@router.get("/{lang}/")
async def home(lang: PublicLang) -> RedirectResponse:
    """Training's first page is the programme."""
    return RedirectResponse(f"/{lang}/workshops", 303)


@router.get("/{lang}/workshops")
async def programme(
    request: Request, lang: PublicLang, rig: InRig, asked: Annotated[Narrowed, Depends(narrowed)]
) -> Response:
    """The editions to come, all or those that somebody looks for."""
    async with rig.service.database.reading() as session:
        coming = await queries.coming(session)
        choices = queries.choices(coming)
        workshops = await queries.workshops_of(session, choices.workshops)
    wanted = choices.known(asked)
    page = render(
        request,
        "programme.html",
        lang=lang,
        editions=[edition for edition in coming if wanted.takes(edition)],
        every=len(coming),
        wanted=wanted,
        choices=choices,
        workshops=workshops,
    )
    return cacheable(request, page, seconds=FRESH_SECONDS, stale=STALE_SECONDS)


@router.get("/{lang}/workshops.ics")
async def feed(
    request: Request, lang: PublicLang, rig: InRig, asked: Annotated[Narrowed, Depends(narrowed)]
) -> Response:
    """The same editions as a calendar to subscribe to."""
    async with rig.service.database.reading() as session:
        coming = await queries.coming(session)
    wanted = queries.choices(coming).known(asked)
    chosen = [edition for edition in coming if wanted.takes(edition)]
    return cacheable(
        request, _calendar(rig, lang, chosen), seconds=FEED_SECONDS, stale=FEED_SECONDS
    )


def _calendar(rig: Rig, lang: str, chosen: list[Edition]) -> Response:
    say = rig.words[lang].gettext
    addressed = [(edition, edition_url(rig, edition, lang)) for edition in chosen]
    text = calendars.programme(say(N_("CRI workshops")), addressed, say(N_("Online")))
    return Response(text, media_type="text/calendar; charset=utf-8")


@router.get("/{lang}/workshops/about/{workshop_id}")
async def workshop_page(
    request: Request, lang: PublicLang, rig: InRig, workshop_id: str
) -> Response:
    """One workshop: what people learn, and when it is held."""
    async with rig.service.database.reading() as session:
        workshop = await queries.public_workshop(session, workshop_id)
        series = await queries.series_of(session, workshop)
        coming = await queries.coming(session)
    dates = [edition for edition in coming if edition.workshop_id == workshop_id]
    page = render(
        request,
        "workshop.html",
        lang=lang,
        workshop=workshop,
        series=series,
        editions=dates,
        html=to_html,
    )
    return cacheable(request, page, seconds=FRESH_SECONDS, stale=STALE_SECONDS)


@router.get("/{lang}/workshops/{edition_id}")
async def edition_page(request: Request, lang: PublicLang, rig: InRig, edition_id: str) -> Response:
    """One edition: what, when, where, with whom, and whether there are places."""
    async with rig.service.database.reading() as session:
        edition = await editions.public_edition(session, edition_id)
        workshop = await editions.workshop(session, edition.workshop_id)
        required = await required_for(session, edition)
        series = await queries.series_of(session, workshop)
    page = render(
        request,
        "edition.html",
        lang=lang,
        edition=edition,
        workshop=workshop,
        required=required,
        series=series,
        html=to_html,
    )
    return cacheable(request, page, seconds=FRESH_SECONDS, stale=STALE_SECONDS)


@router.get("/{lang}/workshops/{edition_id}/calendar.ics")
async def edition_calendar(
    request: Request, lang: PublicLang, rig: InRig, edition_id: str
) -> Response:
    """The sessions of one edition as a file for a calendar, as long as it goes ahead."""
    async with rig.service.database.reading() as session:
        edition = await editions.public_edition(session, edition_id)
    if not edition.goes_ahead:
        raise NotFound
    answer = _calendar(rig, lang, [edition])
    answer.headers["Content-Disposition"] = 'attachment; filename="workshop.ics"'
    return cacheable(request, answer, seconds=FRESH_SECONDS, stale=STALE_SECONDS)
