"""What is new, for feed readers: Atom (RFC 4287), with what was taken back (RFC 6721)."""

import datetime as dt
from typing import NamedTuple
from urllib.parse import urlsplit
from xml.etree import ElementTree as Xml

from cri_shared import clock
from cri_shared.errors import NotFound
from cri_shared.places import ALL_TOPICS, COUNTRIES, GROUPS, TOPICS
from cri_shared.web.i18n import Words
from cri_shared.web.pages import PublicLang
from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from cri_search.pages.keeping import LISTS, keep, of_country
from cri_search.queries.entries import Card, excerpts
from cri_search.queries.everything import tombstones
from cri_search.queries.listings import Listed, everything, retired
from cri_search.queries.shelves import changed_last
from cri_search.rig import InRig, Rig
from cri_search.rules.asked import topics_within

router = APIRouter(include_in_schema=False)
MOST = 50
TOLD_GONE = dt.timedelta(days=90)  # longer than any reader stays away
EVERYWHERE = "all"
SINCE = 2026  # of the tag URIs (RFC 4151) that name entries for ever
_ATOM = "http://www.w3.org/2005/Atom"
_GONE = "http://purl.org/atompub/tombstones/1.0"
Xml.register_namespace("", _ATOM)
Xml.register_namespace("at", _GONE)


class _Gone(NamedTuple):
    """What was taken away."""

    what: str
    id: str
    on: dt.date


async def _listings(session: AsyncSession, reader: str, where: str) -> list[Listed]:
    """The contacts and programmes that a feed tells of."""
    found = await everything(session, reader, where if where in COUNTRIES else "")
    topics = set(topics_within([where]))
    return [one for one in found if not topics or topics & set(one.facts.topics)]


@router.get("/feeds/{lang}/{where}.atom")
async def feed(request: Request, lang: PublicLang, where: str, rig: InRig) -> Response:
    """What is new or changed: everywhere, in one country, or on a topic or a group of topics.

    Answers, and contacts and programmes on the day on which they were checked.
    """
    shelf = _shelf(where)
    words: Words = request.app.state.dictionary.words[lang]
    async with rig.service.database.reading() as session:
        newest = await changed_last(session, lang, *shelf, limit=MOST)
        texts = await _beginnings(session, newest)
        listed = await _listings(session, lang, where)
        since = clock.today() - TOLD_GONE
        gone = [
            _Gone("entry", one.entry_id, one.withdrawn_on)
            for one in await tombstones(session, since)
        ]
        gone += [
            _Gone("listing", one.listing_id, one.retired_on)
            for one in await retired(session, since)
        ]
    items = [(card.changed_on, _entry(rig, words, card, texts[card.entry_id])) for card in newest]
    items += [(one.changed_on, _listing(rig, words, one)) for one in listed]
    items.sort(key=lambda item: item[0], reverse=True)
    days = [day for day, _ in items] + [one.on for one in gone]
    root = _head(rig, words, where, _instant(max(days, default=dt.date(SINCE, 1, 1))))
    root.extend(item for _, item in items[:MOST])
    for one in gone:
        told = {"ref": _name(rig, one.what, one.id), "when": _instant(one.on)}
        Xml.SubElement(root, f"{{{_GONE}}}deleted-entry", told)
    body = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    tag = of_country(where) if where in COUNTRIES else LISTS
    return keep(request, Response(body, media_type="application/atom+xml"), tag=tag)


def _shelf(where: str) -> tuple[str, str | None]:
    """(code, country or None for all) of the shelf that a feed tells of; raises NotFound."""
    if where in COUNTRIES:
        return ALL_TOPICS, where
    if where in (EVERYWHERE, *TOPICS, *GROUPS):
        return ALL_TOPICS if where == EVERYWHERE else where, None
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
    page = f"entries/{card.slug}"
    entry = _item(rig, words, _name(rig, "entry", card.entry_id), page, card.language)
    _add(entry, "title", card.question)
    _add(entry, "updated", _instant(card.changed_on))
    _say_what_about(words, entry, card.country, card.topics)
    _add(entry, "summary", beginning, type="html")
    return entry


def _listing(rig: Rig, words: Words, one: Listed) -> Xml.Element:
    facts = one.facts
    page = f"countries/{facts.country}#{one.what}-{one.listing_id}"
    entry = _item(rig, words, _name(rig, "listing", one.listing_id), page, one.text.language)
    what = words.gettext("Contacts") if one.what == "contact" else words.gettext("Programmes")
    _add(entry, "title", f"{what}: {facts.name}")
    _add(entry, "updated", _instant(one.changed_on))
    _say_what_about(words, entry, facts.country, facts.topics)
    _add(entry, "summary", one.text.text)
    return entry


def _item(rig: Rig, words: Words, name: str, page: str, language: str) -> Xml.Element:
    entry = Xml.Element(f"{{{_ATOM}}}entry", {"xml:lang": language})
    _add(entry, "id", name)
    address = f"{rig.settings.public_url}/{words.language}/{page}"
    _add(entry, "link", rel="alternate", type="text/html", href=address)
    return entry


def _say_what_about(
    words: Words, entry: Xml.Element, country: str, topics: tuple[str, ...]
) -> None:
    for code in topics:
        _add(entry, "category", term=code, label=words.topic(code))
    _add(entry, "category", term=country, label=words.country(country))


def _add(parent: Xml.Element, tag: str, text: str | None = None, **told: str) -> Xml.Element:
    child = Xml.SubElement(parent, f"{{{_ATOM}}}{tag}", told)
    child.text = text
    return child


def _instant(day: dt.date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _name(rig: Rig, what: str, known_as: str) -> str:
    return f"tag:{urlsplit(rig.settings.public_url).hostname},{SINCE}:{what}/{known_as}"
