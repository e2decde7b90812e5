"""Contacts and programmes to take along: as JSON Lines and CSV, and what was taken away."""

import json
from dataclasses import asdict

from cri_shared.spreadsheet import BYTE_ORDER_MARK, row
from fastapi import APIRouter, Request
from fastapi.responses import Response

from cri_search.pages.keeping import keep
from cri_search.queries import listings
from cri_search.rig import InRig, Rig
from cri_search.rules.asked import READER
from cri_search.shapes import ListingOut, listed_out

router = APIRouter(include_in_schema=False)
_OF_A_LISTING = (
    *("listing_id", "what", "version", "kind", "name", "country", "region", "topics", "spoken"),
    *("address", "phone", "email", "website", "run_by", "ends_on"),
    *("checked_on", "checked_how", "check_by", "url"),
)
_OF_A_TEXT = ("language", "text", "ask_for", "who_for", "stale")


@router.get("/export/listings.jsonl")
async def as_json_lines(request: Request, rig: InRig) -> Response:
    """One contact or programme a line, as the API tells it."""
    lines = "".join(f"{one.model_dump_json()}\n" for one in await _everything(rig))
    return keep(request, Response(lines, media_type="application/jsonl"))


@router.get("/export/listings.csv")
async def as_csv(request: Request, rig: InRig) -> Response:
    """One language version of a contact or programme a row."""
    rows = [row([*_OF_A_LISTING, *_OF_A_TEXT])]
    for one in await _everything(rig):
        common = [_cell(getattr(one, name)) for name in _OF_A_LISTING]
        rows += [row([*common, *(getattr(text, n) for n in _OF_A_TEXT)]) for text in one.texts]
    table = BYTE_ORDER_MARK + "".join(rows)
    return keep(request, Response(table, media_type="text/csv; charset=utf-8"))


@router.get("/export/listings.tombstones.jsonl")
async def gone(request: Request, rig: InRig) -> Response:
    """What was taken away, the latest first: whoever keeps a copy deletes these."""
    async with rig.service.database.reading() as session:
        found = await listings.retired(session)
    lines = "".join(json.dumps(asdict(one), default=str) + "\n" for one in found)
    return keep(request, Response(lines, media_type="application/jsonl"))


async def _everything(rig: Rig) -> list[ListingOut]:
    async with rig.service.database.reading() as session:
        return [listed_out(rig, one) for one in await listings.everything(session, READER)]


def _cell(value: object) -> object:
    """Several values stand in one cell."""
    return "; ".join(value) if isinstance(value, tuple) else value
