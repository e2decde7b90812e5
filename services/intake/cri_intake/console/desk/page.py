"""The desk's pages: the original beside the new text, and what the gate sees in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

from cri_shared.errors import NotFound
from cri_shared.identity.staff import Staff
from cri_shared.places import LANGUAGES
from cri_shared.privacy.detectors import CHECKLIST
from cri_shared.web.forms import Submitted
from cri_shared.web.pages import render
from fastapi import Request
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.actions import desk as actions
from cri_intake.models import Case, Draft
from cri_intake.queries import askers, desk, research
from cri_intake.queries.desk import Gate
from cri_intake.queries.figures import misses_of
from cri_intake.queries.suggestions import suggestions
from cri_intake.rig import Rig
from cri_intake.rules import FALSE_ALARMS
from cri_intake.rules.desk import WHY_SECOND, Said, cue_mark, why_second


@dataclass(frozen=True)
class Place:
    """Where an outgoing text is written: for the question itself, or in reply to a partner."""

    question_id: str
    purpose: str = actions.QUESTION

    @property
    def url(self) -> str:
        """The address of this desk."""
        base = f"/console/questions/{self.question_id}"
        if self.purpose == actions.QUESTION:
            return f"{base}/desk"
        return f"{base}/clarifications/{self.purpose}"


class Stretch(Protocol):
    """Characters `start` to `end` of a text."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def marked(text: str, stretches: Sequence[Stretch]) -> list[tuple[str, bool]]:
    """A text in pieces, each with whether it is one of the stretches (which may overlap)."""
    cuts = sorted({0, len(text), *(s.start for s in stretches), *(s.end for s in stretches)})
    pieces = []
    for start, end in pairwise(cuts):
        if start < len(text):
            inside = any(s.start <= start and end <= s.end for s in stretches)
            pieces.append((text[start:end], inside))
    return pieces


async def show(
    request: Request,
    rig: Rig,
    staff: Staff,
    place: Place,
    *,
    template: str = "desk.html",
    form: Submitted[Any] | None = None,
    gate: Gate | None = None,
    draft: Draft | None = None,
) -> HTMLResponse:
    """The desk or, with its own template, the text as it would leave."""
    asked = await _what_was_asked(rig, staff, place)
    case: Case = asked["case"]
    if draft is None:
        async with rig.service.database.reading() as session:
            draft = await desk.draft_of(session, case, place.purpose)
    written = await _what_is_written(rig, case, draft, gate)
    if place.purpose == actions.QUESTION and template != "desk.html":
        written |= await _asked_before(rig, case, written)
    return render(
        request,
        template,
        status=422 if form and form.errors else 200,
        **asked,
        **written,
        place=place,
        mine=case.officer_id == staff.staff_id,
        wrote_it=draft is not None and draft.writer_id == staff.staff_id,
        gate=gate,
        looked=form is not None,
        checklist=CHECKLIST,
        alarms=FALSE_ALARMS,
        marked=marked,
        v=_values(written) | (form.values if form else {}),
        errors=form.errors if form else {},
        language_tags=LANGUAGES,
    )


async def _what_was_asked(rig: Rig, staff: Staff, place: Place) -> dict[str, Any]:
    """The case, and where they are open to this officer the words of its asker."""
    async with rig.service.database.reading() as session:
        case = await desk.case_of(session, place.question_id)
        revealed = await desk.is_revealed(session, staff, case)
        thread = await askers.thread_of(session, rig, case) if revealed else []
        misses = await misses_of(session, rig, case) if revealed else []
        partner_asks = await asked_by_partner(session, rig, case, place)
    leaving = await askers.words_of(rig, case)
    original = leaving.original if revealed else ""
    return {
        "case": case,
        "words": leaving if revealed else None,
        "thread": thread,
        "partner_asks": partner_asks,
        "place_name": leaving.place,
        "original": marked(original, await desk.suspects_in(original, case.language, misses)),
    }


async def _what_is_written(
    rig: Rig, case: Case, draft: Draft | None, gate: Gate | None
) -> dict[str, Any]:
    """The text on its way out, and what was said about it."""
    said = await desk.said_of(rig, case, draft)
    return {
        "draft": draft,
        "similar": [],
        "existing": [],
        "text": await desk.text_of(rig, case, draft) if draft else "",
        "language": draft.language if draft else case.language,
        "answers": said,
        "remark": await desk.remark_of(rig, case, draft),
        "why": [WHY_SECOND[code] for code in _why(case, said, gate)],
        "suggest": rig.words(draft.language).gettext if draft else str,
        "shown": _shown(said, gate),
    }


async def _asked_before(rig: Rig, case: Case, written: dict[str, Any]) -> dict[str, Any]:
    """Open questions like this one, and public answers to it: it may not have to leave at all."""
    async with rig.service.database.reading() as session:
        similar = await desk.similar_to(session, rig, case)
        text, language = written["text"], written["language"]
        existing = await suggestions(session, case.country, text, language)
    return {"similar": similar, "existing": existing}


def _why(case: Case, said: Said, gate: Gate | None) -> list[str]:
    if gate is None:
        return []
    return why_second(case.sensitivity, said, cues=gate.cues, leaks=bool(gate.leaks))


def _shown(said: Said, gate: Gate | None) -> str:
    """The marks of everything that this page or one before it shows."""
    now = [*(one.mark for one in gate.spotted), *map(cue_mark, gate.cues)] if gate else []
    return " ".join(dict.fromkeys([*said.shown, *now]))


def _values(written: dict[str, Any]) -> dict[str, str]:
    """What the form starts with: the text and what was said about it before."""
    said: Said = written["answers"]
    values = {"text": written["text"], "language": written["language"]}
    values |= {f"check_{item}": answer for item, answer in said.checklist.items()}
    for mark, reason in said.kept.items():
        values |= {f"do_{mark}": "keep", f"keep_{mark}": reason}
    return values


async def asked_by_partner(
    session: AsyncSession, rig: Rig, case: Case, place: Place
) -> research.PartnersQuestion | None:
    """The partner's question that is replied to here; raises `NotFound` for another case's."""
    if place.purpose == actions.QUESTION:
        return None
    found = await research.research_question_of(session, case)
    for asked in await research.clarifications_of(session, rig, found):
        if asked.clarification_id == place.purpose:
            return asked
    raise NotFound


async def gate_of(rig: Rig, place: Place, text: str, language: str) -> Gate:
    """What the gate sees in a text, and in the town or region that leaves with a question."""
    async with rig.service.database.reading() as session:
        case = await desk.case_of(session, place.question_id)
        await asked_by_partner(session, rig, case, place)
        words = await askers.words_of(rig, case)
        them = await desk.askers_of(session, rig, case)
    region = words.place if place.purpose == actions.QUESTION else ""
    return await desk.check(them, text, language, region)


async def show_draft(
    request: Request,
    rig: Rig,
    staff: Staff,
    place: Place,
    *,
    form: Submitted[Any] | None = None,
) -> HTMLResponse:
    """The desk as it was left; a text that waits for a second officer, as it would leave."""
    async with rig.service.database.reading() as session:
        case = await desk.case_of(session, place.question_id)
        draft = await desk.draft_of(session, case, place.purpose)
    if draft is None:
        return await show(request, rig, staff, place, form=form)
    gate = await gate_of(rig, place, await desk.text_of(rig, case, draft), draft.language)
    template = "desk.html" if draft.second_asked_at is None else "release.html"
    return await show(request, rig, staff, place, template=template, form=form, gate=gate)
