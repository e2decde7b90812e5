"""What is new, for feed readers: Atom (RFC 4287), with what was taken back (RFC 6721)."""

import datetime as dt
from urllib.parse import urlsplit
from xml.etree import ElementTree as Xml

from cri_shared import clock
from cri_shared.errors import NotFound
from cri_shared.places import COUNTRIES, GROUPS, TOPICS
from cri_shared.web.i18n import Words
from cri_shared.web.pages import PublicLang
from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from cri_search.models import Entry
from cri_search.pages.keeping import LISTS, keep, of_country
from cri_search.queries.entries import Card, cards, excerpts
from cri_search.queries.everything import Tombstone, tombstones
from cri_search.queries.places import on_topic
from cri_search.rig import InRig, Rig

router = APIRouter(include_in_schema=False)
MOST = 50
TOLD_GONE = dt.timedelta(days=90)  # longer than any reader stays away
EVERYWHERE = "all"
SINCE = 2026  # of the tag URIs (RFC 4151) that name entries for ever
_ATOM = "http://www.w3.org/2005/Atom"
_GONE = "http://purl.org/atompub/tombstones/1.0"
Xml.register_namespace("", _ATOM)
Xml.register_namespace("at", _GONE)


@router.get("/feeds/{lang}/{where}.atom")
async def feed(request: Request, lang: PublicLang, where: str, rig: InRig) -> Response:
    """The answers that are new or changed: all, about one country, or on a topic or a group."""
    about = _about(where)
    words: Words = request.app.state.dictionary.words[lang]
    async with rig.service.database.reading() as session:
        newest = await cards(session, lang, *about, order=[Entry.changed_on.desc()], limit=MOST)
        texts = await _beginnings(session, newest)
        gone = await tombstones(session, clock.today() - TOLD_GONE)
    root = _head(rig, words, where, _updated(newest, gone))
    for card in newest:
        root.append(_entry(rig, words, card, texts[card.entry_id]))
    for one in gone:
        told = {"ref": _name(rig, one.entry_id), "when": _instant(one.withdrawn_on)}
        Xml.SubElement(root, f"{{{_GONE}}}deleted-entry", told)
    body = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    tag = of_country(where) if where in COUNTRIES else LISTS
    return keep(request, Response(body, media_type="application/atom+xml"), tag=tag)


def _about(where: str) -> list[ColumnElement[bool]]:
    if where == EVERYWHERE:
        return []
    if where in COUNTRIES:
        return [Entry.country == where]
    if where in TOPICS or where in GROUPS:
        return [on_topic(where)]
    raise NotFound


def _place(words: Words, where: str) -> tuple[str, str]:
    """(what a feed is about, the address of its page after the language)."""
    if where == EVERYWHERE:
        return "", ""
    if where in COUNTRIES:
        return words.country(where), f"countries/{where}"
    return words.topic(where), f"topics/{where}"


async def _beginnings(session: AsyncSession, newest: list[Card]) -> dict[str, str]:
    wanted = {card.entry_id: card.language for card in newest}
    return {entry_id: told[1] for entry_id, told in (await excerpts(session, wanted)).items()}


def _head(rig: Rig, words: Words, where: str, updated: str) -> Xml.Element:
    base, lang = rig.settings.public_url, words.language
    here = f"{base}/feeds/{lang}/{where}.atom"
    name = words.gettext("Country of Return Information")
    about, page = _place(words, where)
    root = Xml.Element(f"{{{_ATOM}}}feed", {"xml:lang": lang})
    _add(root, "id", here)
    _add(root, "title", f"{about} – {name}" if about else name)
    _add(root, "updated", updated)
    _add(_add(root, "author"), "name", name)
    _add(root, "link", rel="self", type="application/atom+xml", href=here)
    _add(root, "link", rel="alternate", type="text/html", href=f"{base}/{lang}/{page}")
    return root


def _entry(rig: Rig, words: Words, card: Card, beginning: str) -> Xml.Element:
    entry = Xml.Element(f"{{{_ATOM}}}entry", {"xml:lang": card.language})
    _add(entry, "id", _name(rig, card.entry_id))
    _add(entry, "title", card.question)
    _add(entry, "updated", _instant(card.changed_on))
    page = f"{rig.settings.public_url}/{words.language}/entries/{card.slug}"
    _add(entry, "link", rel="alternate", type="text/html", href=page)
    for code, label in ((code, words.topic(code)) for code in card.topics):
        _add(entry, "category", term=code, label=label)
    _add(entry, "category", term=card.country, label=words.country(card.country))
    _add(entry, "summary", beginning, type="html")
    return entry


def _add(parent: Xml.Element, tag: str, text: str | None = None, **told: str) -> Xml.Element:
    child = Xml.SubElement(parent, f"{{{_ATOM}}}{tag}", told)
    child.text = text
    return child


def _updated(newest: list[Card], gone: list[Tombstone]) -> str:
    days = [card.changed_on for card in newest] + [one.withdrawn_on for one in gone]
    return _instant(max(days, default=dt.date(SINCE, 1, 1)))


def _instant(day: dt.date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _name(rig: Rig, entry_id: str) -> str:
    return f"tag:{urlsplit(rig.settings.public_url).hostname},{SINCE}:entry/{entry_id}"
