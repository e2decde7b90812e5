"""The whole public database to take along: as JSON Lines and CSV, and what was taken back."""

import json
from collections.abc import AsyncIterator
from dataclasses import asdict

from cri_shared.spreadsheet import BYTE_ORDER_MARK, row
from cri_shared.web.pages import PublicLang
from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from cri_search.pages.keeping import keep, page
from cri_search.queries.everything import everything, fingerprint, tombstones
from cri_search.rig import InRig, Rig
from cri_search.shapes import EntryOut, told

router = APIRouter(include_in_schema=False)
_OF_AN_ENTRY = (
    *("entry_id", "version", "state", "country", "region", "topics", "outcome", "labels"),
    *("information_date", "review_by", "published_on", "answered_by"),
)
_OF_A_VERSION = ("language", "url", "question", "answer", "translated_from")


@router.get("/{lang}/open-data")
async def open_data(request: Request, lang: PublicLang) -> Response:
    """What there is to take, and how to keep a copy right."""
    return page(request, "open_data.html", lang=lang)


@router.get("/export/entries.jsonl")
async def as_json_lines(request: Request, rig: InRig) -> Response:
    """One entry a line, as the API tells it but for how it stands today."""
    return await _taken(request, rig, _lines(rig), "application/jsonl")


@router.get("/export/entries.csv")
async def as_csv(request: Request, rig: InRig) -> Response:
    """One language version a row."""
    return await _taken(request, rig, _rows(rig), "text/csv; charset=utf-8")


@router.get("/export/tombstones.jsonl")
async def gone(request: Request, rig: InRig) -> Response:
    """What was taken back, the latest first: whoever keeps a copy deletes these."""
    async with rig.service.database.reading() as session:
        found = await tombstones(session)
    lines = "".join(json.dumps(asdict(one), default=str) + "\n" for one in found)
    return keep(request, Response(lines, media_type="application/jsonl"))


async def _taken(
    request: Request, rig: Rig, content: AsyncIterator[str], media_type: str
) -> Response:
    """A long answer, sent while it is read; 304 where nothing has changed."""
    async with rig.service.database.reading() as session:
        same = await fingerprint(session)
    return keep(request, StreamingResponse(content, media_type=media_type), content=same)


async def _lines(rig: Rig) -> AsyncIterator[str]:
    async for whole in everything(rig.service.database):
        yield f"{told(rig, whole).model_dump_json()}\n"


async def _rows(rig: Rig) -> AsyncIterator[str]:
    yield BYTE_ORDER_MARK + row([*_OF_AN_ENTRY, *_OF_A_VERSION, "sources"])
    async for whole in everything(rig.service.database):
        yield "".join(_rows_of(told(rig, whole)))


def _rows_of(entry: EntryOut) -> list[str]:
    sources = "\n".join(
        " ".join(part for part in (source["label"], source["url"]) if part)
        for source in entry.sources
    )
    common = [_cell(getattr(entry, name)) for name in _OF_AN_ENTRY]
    return [
        row([*common, *(getattr(version, name) for name in _OF_A_VERSION), sources])
        for version in entry.languages
    ]


def _cell(value: object) -> object:
    """Several values stand in one cell."""
    return "; ".join(value) if isinstance(value, list | tuple) else value
