"""Country packs to take along: a PDF, and pages in a zip file."""

from typing import Annotated, Literal

from cri_shared.errors import NotFound
from cri_shared.places import COUNTRIES
from cri_shared.web.pages import PublicLang
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from cri_search.packs.kept import Packs, Which
from cri_search.pages.keeping import keep, of_country

router = APIRouter(include_in_schema=False)
KINDS = {"pdf": "application/pdf", "zip": "application/zip"}
SIZE_WITHIN = 1.0  # seconds that a country's page waits to tell how large its packs are


async def packs_behind(request: Request) -> Packs:
    """The packs of this search."""
    packs: Packs = request.app.state.packs
    return packs


InPacks = Annotated[Packs, Depends(packs_behind)]


@router.get("/{lang}/countries/{code}/pack.{kind}")
async def pack(
    request: Request, lang: PublicLang, code: str, kind: Literal["pdf", "zip"], packs: InPacks
) -> Response:
    """All answers about a country in one file; 304 where the reader has the same."""
    if code not in COUNTRIES:
        if code.upper() in COUNTRIES:
            return RedirectResponse(f"/{lang}/countries/{code.upper()}/pack.{kind}", 301)
        raise NotFound
    same = f"{lang} {kind} ".encode() + await packs.fingerprint(code)
    known = keep(request, Response(), tag=of_country(code), content=same)
    if known.status_code == 304:
        return known
    name = f"cri-{code}-{lang}.{kind}"
    content = await packs.get(Which(code, lang, kind))
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Language": lang}
    response = Response(content, media_type=KINDS[kind], headers=headers)
    return keep(request, response, tag=of_country(code), content=same)


async def sizes(packs: Packs, country: str, lang: str) -> dict[str, int | None]:
    """Kind -> kilobytes, or None where a pack is not made yet."""
    return {
        kind: await packs.kilobytes(Which(country, lang, kind), within=SIZE_WITHIN)
        for kind in KINDS
    }
