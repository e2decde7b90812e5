"""The public API: search and entries, without a key, the same for everybody."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

import orjson
from cri_shared.errors import NotFound
from cri_shared.index.marks import plain
from cri_shared.index.port import SearchUnavailable
from cri_shared.places import COUNTRIES, GROUPS, TOPICS
from cri_shared.privacy.classes import C0
from cri_shared.web.i18n import Words
from cri_shared.web.openapi import api_router, problems
from cri_shared.web.quick import QuickRoute
from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from cri_search.pages.keeping import keep, of_country, of_entry
from cri_search.queries import entries, listings, places
from cri_search.queries.found import Found, Results, find
from cri_search.rig import InRig, Rig
from cri_search.rules.asked import LAST_PAGE, MAX_WORDS, READER, Asked, is_language
from cri_search.rules.standing import State
from cri_search.shapes import (
    ABOUT_LABELS,
    CountryOut,
    EntryIsWithdrawn,
    EntryNow,
    GradeOut,
    Grading,
    Label,
    address_of,
    country_address,
    listed_out,
    told_now,
)

searching = api_router("public", route_class=QuickRoute)
router = api_router("public")
MAX_VALUES = 20
ABOUT = """
Everything here is public and needs no key. Say where it comes from when you show it, with the
information date: an answer was true on that day; and show its `labels`, which say how far to rely
on it. An entry tells under `said`, in every language it has, what its page says: its age in words,
whether a partner in the country takes questions, and that we inform and do not advise. Ask again
before you rely on a copy, because an entry may be withdrawn: it is then 410 here.

Errors are `application/problem+json`: act on `type`, and find which parameter is not understood in
`errors`, by JSON pointer. Answers carry an `ETag`; send it back in `If-None-Match`. New fields may
be added to answers: ignore what you do not know.
"""


def _country(code: str) -> str:
    if code not in COUNTRIES:
        raise ValueError("We do not work with this country.")
    return code


def _topic(code: str) -> str:
    if code not in TOPICS and code not in GROUPS:
        raise ValueError("There is no such topic.")
    return code


def _language(tag: str) -> str:
    if not is_language(tag):
        raise ValueError("This is not a language tag.")
    return tag


def one_line(text: str) -> str:
    """Words with one blank between them."""
    return " ".join(text.split())


Country = Annotated[str, AfterValidator(_country)]
Topic = Annotated[str, AfterValidator(_topic)]


Several: Any = Field(default=[], max_length=MAX_VALUES)


class SearchParameters(BaseModel):
    """What a search takes; country, topic, language and outcome may be repeated (any of them)."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[
        str,
        Field(max_length=MAX_WORDS, description="words; typing mistakes are forgiven"),
        AfterValidator(one_line),
        C0,
    ] = ""
    country: Annotated[
        list[Country],
        Field(description="ISO 3166-1, two letters; may be repeated"),
        C0,
    ] = Several
    topic: Annotated[
        list[Topic],
        Field(description="a topic or a group of them; may be repeated"),
        C0,
    ] = Several
    language: Annotated[
        list[Annotated[str, AfterValidator(_language)]],
        Field(description="of the answer, BCP 47; may be repeated"),
        C0,
    ] = Several
    outcome: Annotated[
        list[Literal["found", "partly", "conflicting", "not_found"]],
        Field(description="may be repeated"),
        C0,
    ] = Several
    checked_since: Annotated[
        dt.date | None, Field(description="information of this day on"), C0
    ] = None
    sort: Annotated[
        Literal["relevance", "checked"] | None,
        Field(description="best first, or newest information"),
        C0,
    ] = None
    page: Annotated[int, Field(ge=1, le=LAST_PAGE, description="from 1"), C0] = 1
    per_page: Annotated[int, Field(ge=1, le=50, description="hits on a page"), C0] = 20

    def asked(self) -> Asked:
        """The same, as the rules know it."""
        return Asked(
            q=self.q,
            country=tuple(self.country),
            topic=tuple(self.topic),
            language=tuple(self.language),
            outcome=tuple(self.outcome),
            checked_since=self.checked_since,
            sort=self.sort,
            page=self.page,
        )


class Highlights(BaseModel):
    """Safe HTML: escaped text with `<mark>` around what matched."""

    question: Annotated[str, C0]
    excerpt: Annotated[str, C0]


class HitOut(BaseModel):
    """One entry that was found, in one language."""

    entry_id: Annotated[str, C0]
    url: Annotated[str, C0]
    language: Annotated[str, C0]
    question: Annotated[str, C0]
    excerpt: Annotated[str, C0]
    highlights: Highlights
    country: Annotated[str, C0]
    region: Annotated[str | None, C0]
    topics: Annotated[tuple[str, ...], C0]
    information_date: Annotated[dt.date, C0]
    review_by: Annotated[dt.date, C0]
    outcome: Annotated[str, C0]
    labels: Annotated[tuple[Label, ...], Field(description=ABOUT_LABELS), C0]
    said: GradeOut


class FacetsOut(BaseModel):
    """Value -> number of entries, each without its own filter; `topic` counts both levels."""

    country: Annotated[dict[str, int], C0]
    topic: Annotated[dict[str, int], C0]
    language: Annotated[dict[str, int], C0]
    year: Annotated[dict[str, int], C0]
    outcome: Annotated[dict[str, int], C0]


class ResultsOut(BaseModel):
    """One page of what was found."""

    query: Annotated[dict[str, Any], C0]
    total: Annotated[int, C0]
    page: Annotated[int, C0]
    per_page: Annotated[int, C0]
    hits: list[HitOut]
    facets: FacetsOut
    did_you_mean: Annotated[
        str | None, Field(description="the words with their spelling mistakes mended"), C0
    ] = None
    processing_ms: Annotated[int, C0]


@searching.get("/search", response_model=ResultsOut, responses=problems(SearchUnavailable))
async def search(request: Request, parameters: Annotated[SearchParameters, Query()]) -> Response:
    """Search the public entries; without `language`, each is found once, in one language."""
    rig: Rig = request.app.state.rig
    asked = parameters.asked()
    results = await find(rig, asked, READER, per_page=parameters.per_page)
    words = request.app.state.dictionary.words.__getitem__
    same = orjson.dumps(_told(rig, results, parameters, words))
    whole = b'%s,"processing_ms":%d}' % (same[:-1], results.took_ms)
    return keep(request, _json(whole), content=same)


def _json(written: str | bytes) -> Response:
    """What is written already: Python's own writer of JSON takes three times as long, and more."""
    return Response(written, media_type="application/json")


def _told(
    rig: Rig, results: Results, parameters: SearchParameters, words: Callable[[str], Words]
) -> dict[str, Any]:
    """`ResultsOut` without the time it took; to make models of 20 hits would take 0.1 ms."""
    facets = results.facets
    counted = {name: facets[name] for name in ("country", "language", "year", "outcome")}
    return {
        "query": parameters.model_dump(mode="json", exclude={"page", "per_page"}),
        "total": results.total,
        "page": results.asked.page,
        "per_page": parameters.per_page,
        "hits": _hits(rig, results.hits, Grading(words)),
        "facets": {"topic": {**facets["topic_groups"], **facets["topics"]}, **counted},
        "did_you_mean": results.meant,
    }


def _hits(rig: Rig, found: Sequence[Found], grading: Grading) -> list[dict[str, Any]]:
    questions = plain([each.question_html for each in found])
    excerpts = plain([each.excerpt_html for each in found])
    shown = zip(found, questions, excerpts, strict=True)
    return [_hit(rig, each, question, excerpt, grading) for each, question, excerpt in shown]


def _hit(rig: Rig, found: Found, question: str, excerpt: str, grading: Grading) -> dict[str, Any]:
    facts = found.facts
    return {
        "entry_id": found.entry_id,
        "url": address_of(rig, facts.slug, found.language),
        "language": found.language,
        "question": question,
        "excerpt": excerpt,
        "highlights": {"question": found.question_html, "excerpt": found.excerpt_html},
        "country": facts.country,
        "region": facts.region,
        "topics": facts.topics,
        "information_date": facts.information_date,
        "review_by": facts.review_by,
        "outcome": facts.outcome,
        "labels": found.labels,
        "said": grading.of(found.language, facts.information_date, facts.answered_by),
    }


@router.get(
    "/entries/{entry_id}",
    response_model=EntryNow,
    responses=problems(NotFound, EntryIsWithdrawn),
)
async def entry(request: Request, rig: InRig, entry_id: str) -> Response:
    """One entry with all its language versions and how it stands today; 410 once withdrawn."""
    async with rig.service.database.reading() as session:
        found = await entries.entry_of(session, entry_id)
        if found.state == State.WITHDRAWN:
            raise EntryIsWithdrawn
        whole = await entries.whole(session, found, READER)
        partner = await places.partner_state(session, found.country or "")
    words = request.app.state.dictionary.words
    body = told_now(rig, whole, partner, words.__getitem__)
    return keep(request, _json(body.model_dump_json()), tag=of_entry(entry_id))


@router.get("/countries/{code}", response_model=CountryOut, responses=problems(NotFound))
async def country(request: Request, rig: InRig, code: str) -> Response:
    """What there is about a country: how many answers, its contacts and programmes, its partner."""
    if code not in COUNTRIES:
        raise NotFound
    async with rig.service.database.reading() as session:
        standing = await places.standing(session, code)
        listed = await listings.of_country(session, READER, code)
        partner = await places.partner_state(session, code)
    body = CountryOut(
        country=code,
        url=country_address(rig, code),
        answers=standing.answers,
        due=standing.due,
        latest_check=standing.latest_check,
        partner=partner,
        contacts=[listed_out(rig, one) for one in listed.contacts],
        programmes=[listed_out(rig, one) for one in listed.programmes],
    )
    return keep(request, _json(body.model_dump_json()), tag=of_country(code))
