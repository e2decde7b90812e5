"""Texts for coders: read sentence by sentence, marked alone, settled together; how they agree."""

from collections.abc import Sequence
from typing import Annotated

from cri_shared.db import Work
from cri_shared.errors import Kind, Refusal
from cri_shared.identity import audit
from cri_shared.identity.guard import Permitted
from cri_shared.privacy.classes import C1
from cri_shared.web.forms import N_, FormModel, read_form
from cri_shared.web.pages import render, see_other
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from cri_training.actions import coding
from cri_training.actions.editions import make_once
from cri_training.models import Code, PassageMark
from cri_training.queries import code_book
from cri_training.queries import coding as found
from cri_training.queries.agreement import agreements
from cri_training.rig import InRig, Rig
from cri_training.rules.obstacles import SETTLED, TURNS
from cri_training.rules.passages import Passage

router = APIRouter(prefix="/console/texts", include_in_schema=False)
NOTHING = N_("Nothing changed.")
WANTS = {"read": 0, "settle": 1, "waiting": 2, "settled": 3}


class MarkForm(FormModel):
    """The numbers of passages, and what they speak of."""

    passage: Annotated[list[int], Field(default_factory=list, max_length=200), C1]
    code: Annotated[str, Field(max_length=60), C1]


@router.get("")
async def texts(request: Request, rig: InRig, staff: Permitted) -> HTMLResponse:
    """What waits for this person, and what is done."""
    async with rig.service.database.reading() as session:
        every = await found.texts(session, rig)
    listed = [(text.wants(staff.staff_id), text) for text in every.listed]
    listed.sort(key=lambda pair: (WANTS[pair[0]], pair[1].quarter, pair[1].answer_id))
    most = None if every.is_whole else found.SETTLED_SHOWN
    return render(request, "texts.html", rows=listed, most=most)


@router.get("/agreement")
async def agreement(request: Request, rig: InRig, staff: Permitted) -> HTMLResponse:
    """How far two readers agree, by code."""
    async with rig.service.database.reading() as session:
        groups = await agreements(session)
    return render(request, "agreement.html", groups=groups)


@router.get("/{answer_id}")
async def one_text(request: Request, rig: InRig, staff: Permitted, answer_id: str) -> HTMLResponse:
    """A text without what points to people; what the other reader marked shows after both."""
    async with rig.service.database.reading() as session:
        answer = await found.text(session, rig, answer_id)
        readings = await found.readings_of(session, answer_id)
        marks = await found.marks_of(session, answer_id)
        book = await code_book.book(session)
    passages = await found.passages_of(rig, answer)
    async with rig.service.database.writing() as work:
        await audit.note(work, "training.text.seen", answer_id, by=staff)
    codes, every = [code for code in book if code.is_used], {code.code: code for code in book}
    wants = found.Listed(answer_id, answer.answered_on, tuple(readings)).wants(staff.staff_id)
    mine = next((r.turn for r in readings if r.coder_id == staff.staff_id), None)
    turn = SETTLED if wants == "settled" else mine
    own = [m for m in marks if m.turn == turn]
    return render(
        request,
        "text.html",
        answer_id=answer_id,
        wants=wants,
        passages=list(enumerate(passages)),
        given={n: [every[m.code] for m in own if m.passage == n] for n in range(len(passages))},
        offered=_offered(passages, marks, codes, every) if wants == "settle" else {},
        codes=codes,
    )


def _offered(
    passages: list[Passage], marks: Sequence[PassageMark], codes: list[Code], every: dict[str, Code]
) -> dict[int, list[tuple[Code, bool]]]:
    """By passage what one of the readers gave it, and whether both did; a split code's parts."""
    given = {(m.turn, m.passage, m.code) for m in marks if m.turn in TURNS}
    offered: dict[int, list[tuple[Code, bool]]] = {}
    for number in range(len(passages)):
        of_both = {code for _, n, code in given if n == number}
        for name in sorted(of_both, key=lambda code: every[code].title):
            agreed = all((turn, number, name) in given for turn in TURNS)
            pairs = [(every[name], agreed)]
            if not every[name].is_used:
                pairs = [(one, False) for one in codes if one.parent == name]
            known = {one.code for one, _ in offered.get(number, ())}
            offered.setdefault(number, []).extend(p for p in pairs if p[0].code not in known)
    return offered


async def _passages(rig: Rig, answer_id: str) -> int:
    async with rig.service.database.reading() as session:
        answer = await found.text(session, rig, answer_id)
    return len(await found.passages_of(rig, answer))


def _back(request: Request, answer_id: str, said: str) -> Response:
    return see_other(request, f"/console/texts/{answer_id}", said)


def _refused(request: Request, answer_id: str, refusal: Refusal) -> Response:
    if refusal.kind is not Kind.CONFLICT:
        raise refusal
    return _back(request, answer_id, refusal.message)


@router.post("/{answer_id}/mark")
async def mark(request: Request, rig: InRig, staff: Permitted, answer_id: str) -> Response:
    """Give a code to the ticked passages."""
    form = await read_form(request, MarkForm)
    passages = await _passages(rig, answer_id)
    if form.data is None or not form.data.passage:
        return _back(request, answer_id, N_("Tick at least one sentence, and choose a code."))
    numbers, code = form.data.passage, form.data.code

    async def give(work: Work) -> bool:
        return await coding.mark(work, answer_id, passages, numbers, code, by=staff)

    try:
        changed = await make_once(rig, give)
    except Refusal as refusal:
        return _refused(request, answer_id, refusal)
    return _back(request, answer_id, N_("Marked.") if changed else NOTHING)


@router.post("/{answer_id}/unmark")
async def unmark(request: Request, rig: InRig, staff: Permitted, answer_id: str) -> Response:
    """Take a code away from a passage."""
    form = await read_form(request, MarkForm)
    passages = await _passages(rig, answer_id)
    changed = False
    try:
        if form.data is not None and form.data.passage:
            number, code = form.data.passage[0], form.data.code
            async with rig.service.database.writing() as work:
                changed = await coding.unmark(work, answer_id, passages, number, code, by=staff)
    except Refusal as refusal:
        return _refused(request, answer_id, refusal)
    return _back(request, answer_id, N_("Taken away.") if changed else NOTHING)


@router.post("/{answer_id}/finish")
async def finish(request: Request, rig: InRig, staff: Permitted, answer_id: str) -> Response:
    """This reader is done; on to the next text."""
    passages = await _passages(rig, answer_id)

    async def done(work: Work) -> bool:
        return await coding.finish(work, answer_id, passages, by=staff)

    try:
        await make_once(rig, done)
    except Refusal as refusal:
        return _refused(request, answer_id, refusal)
    return see_other(request, "/console/texts", N_("Thank you. Take the next text."))


@router.post("/{answer_id}/settle")
async def settle(request: Request, rig: InRig, staff: Permitted, answer_id: str) -> Response:
    """What the text speaks of in the end."""
    form = await request.form(max_fields=2000, max_files=0)
    given = set()
    for value in form.getlist("holds"):
        number, _, code = str(value).partition(":")
        if number.isdecimal():
            given.add((int(number), code))
    async with rig.service.database.reading() as session:
        await found.text(session, rig, answer_id)

    async def agree(work: Work) -> bool:
        return await coding.settle(work, answer_id, given, by=staff)

    try:
        changed = await make_once(rig, agree)
    except Refusal as refusal:
        return _refused(request, answer_id, refusal)
    return see_other(request, "/console/texts", N_("Settled.") if changed else NOTHING)
