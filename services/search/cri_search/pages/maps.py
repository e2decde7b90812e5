"""For machines that look for pages: the map of all of them, and how browsers search here."""

from xml.etree import ElementTree as Xml

from cri_shared.errors import NotFound
from cri_shared.places import COUNTRIES, GROUPS, TOPICS
from cri_shared.places.languages import PUBLIC_LANGUAGES
from cri_shared.web.i18n import Words
from cri_shared.web.pages import PublicLang
from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from cri_search.pages.keeping import keep
from cri_search.queries.everything import addresses
from cri_search.queries.shelves import count
from cri_search.rig import InRig

router = APIRouter(include_in_schema=False)
PER_MAP = 10_000  # entries; a map holds 50,000 addresses at most (sitemaps.org)
_MAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_SEARCH = "http://a9.com/-/spec/opensearch/1.1/"
_PAGES = ("", "countries", "about", "open-data", "privacy", "accessibility")
_XML = "application/xml"


@router.get("/robots.txt")
async def robots(request: Request, rig: InRig) -> Response:
    """Whoever reads by machine may read what is public."""
    told = f"User-agent: *\nDisallow: /console\nSitemap: {rig.settings.public_url}/sitemap.xml\n"
    return keep(request, PlainTextResponse(told))


@router.get("/sitemap.xml")
async def all_maps(request: Request, rig: InRig) -> Response:
    """The maps that there are."""
    async with rig.service.database.reading() as session:
        parts = range(1, -(-await count(session) // PER_MAP) + 1)
    root = Xml.Element("sitemapindex", xmlns=_MAP)
    for name in ("pages", *map(str, parts)):
        address = f"{rig.settings.public_url}/sitemap/{name}.xml"
        Xml.SubElement(Xml.SubElement(root, "sitemap"), "loc").text = address
    return keep(request, _xml(root))


@router.get("/sitemap/pages.xml")
async def map_of_pages(request: Request, rig: InRig) -> Response:
    """The pages that are no answers, in every language."""
    root = Xml.Element("urlset", xmlns=_MAP)
    paths = [
        *_PAGES,
        *(f"countries/{code}" for code in COUNTRIES),
        *(f"topics/{code}" for code in (*GROUPS, *TOPICS)),
    ]
    for path in paths:
        for lang in PUBLIC_LANGUAGES:
            _place(root, f"{rig.settings.public_url}/{lang}/{path}")
    return keep(request, _xml(root))


@router.get("/sitemap/{part}.xml")
async def map_of_entries(request: Request, rig: InRig, part: int) -> Response:
    """Some of the answers, each in the languages in which there is a page of its own for it."""
    if part < 1:
        raise NotFound
    async with rig.service.database.reading() as session:
        found = await addresses(session, skip=(part - 1) * PER_MAP, most=PER_MAP)
    if not found:
        raise NotFound
    root = Xml.Element("urlset", xmlns=_MAP)
    for slug, changed_on in found:
        for lang in PUBLIC_LANGUAGES:
            where = f"{rig.settings.public_url}/{lang}/entries/{slug}"
            _place(root, where, changed_on.isoformat())
    return keep(request, _xml(root))


@router.get("/{lang}/opensearch.xml")
async def description(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """How a browser offers to search here (OpenSearch 1.1)."""
    words: Words = request.app.state.dictionary.words[lang]
    base = rig.settings.public_url
    root = Xml.Element("OpenSearchDescription", xmlns=_SEARCH)
    Xml.SubElement(root, "ShortName").text = "CRI"
    Xml.SubElement(root, "Description").text = words.gettext("Country of Return Information")
    Xml.SubElement(root, "InputEncoding").text = "UTF-8"
    template = f"{base}/{lang}/search?q={{searchTerms}}"
    Xml.SubElement(root, "Url", type="text/html", template=template)
    return keep(request, _xml(root, "application/opensearchdescription+xml"))


def _place(root: Xml.Element, address: str, changed: str | None = None) -> None:
    place = Xml.SubElement(root, "url")
    Xml.SubElement(place, "loc").text = address
    if changed is not None:
        Xml.SubElement(place, "lastmod").text = changed


def _xml(root: Xml.Element, media_type: str = _XML) -> Response:
    body = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return Response(body, media_type=media_type)
