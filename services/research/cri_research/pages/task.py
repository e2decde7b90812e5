"""The page of one assignment, and the proof that a form on it came from its partner."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from cri_shared.db import Work
from cri_shared.privacy.gate import MAY_STAY, Suspect
from cri_shared.web.cookies import cookie
from cri_shared.web.forms import N_, FormModel, OurClock, Submitted
from cri_shared.web.pages import render, see_other
from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from cri_research.actions import assignments
from cri_research.queries import partner_page
from cri_research.queries.partner_page import Behind
from cri_research.rig import Rig
from cri_research.rules.answers import KINDS, MAX_ROWS, languages_offered
from cri_research.rules.states import Step

COOKIE = "cri_partner"
NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
PAGE_LIFE_SECONDS = 7 * 24 * 3600
FEW_ROWS = 3
NOT_KEPT = frozenset({"page", "do", "website", "form_token"})

NOTHING_OPENS = N_(
    "This link or code does not open anything. Use the newest message that we sent to you."
)
ANSWERED = N_("We have your answer. Thank you.")
DECLINED = N_("You told us that you cannot take this question. We ask somebody else.")
CLOSED = N_("This page was closed. Open the newest link again, or type its code.")
CLOSED_KEPT = N_("This page was closed, but we kept what you typed. Open the newest link again.")
WRITTEN_ANEW = N_("We write this question anew. You need not do anything more.")
_ALREADY = {
    Step.ANSWERED: ANSWERED,
    Step.APPROVED: ANSWERED,
    **dict.fromkeys(get_args(assignments.DeclineReason), DECLINED),
    "returned": WRITTEN_ANEW,
}


def page_token(rig: Rig, assignment_id: str) -> str:
    """A signed field of each form: it was on a page that this assignment's partner had open."""
    return _signer(rig).dumps(assignment_id)


def _assignment_of_page(rig: Rig, token: str) -> str | None:
    try:
        return str(_signer(rig).loads(token, max_age=PAGE_LIFE_SECONDS))
    except (BadSignature, SignatureExpired):
        return None


def _signer(rig: Rig) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        rig.service.ring.secret("partner-pages"), salt="page", signer=OurClock
    )


async def whose(request: Request, rig: Rig) -> Behind | None:
    """What the session of a request stands in front of."""
    async with rig.service.database.reading() as session:
        return await partner_page.behind(session, cookie(request, COOKIE))


async def sender_of(
    request: Request, rig: Rig, form: Submitted[Any], *, whole: bool = False
) -> Behind | Response:
    """Who sent a form; where the session ended meanwhile, the door, with the typed words kept.

    `whole` says that the form holds the answer itself and replaces the draft.
    """
    behind = await whose(request, rig)
    assignment_id = _assignment_of_page(rig, str(form.values.get("page", "")))
    if behind and behind.pin_passed and behind.assignment.assignment_id == assignment_id:
        return behind
    lang, said = request.path_params["lang"], CLOSED
    if assignment_id is not None:
        async with rig.service.database.writing() as work:
            if await keep(work, rig, assignment_id, form.values, whole=whole):
                said = CLOSED_KEPT
            else:  # a reminder, or a first click, closed the page while this one was sent
                already = _ALREADY.get(await assignments.end_of(work, assignment_id))
                if already is not None:
                    return see_other(request, f"/{lang}/partner", already)
    return door_page(request, lang, said, 409)


async def keep(
    work: Work, rig: Rig, assignment_id: str, values: dict[str, Any], *, whole: bool
) -> bool:
    """Save the fields of a form as the draft, or add them to it."""
    fields = {name: value for name, value in values.items() if name not in NOT_KEPT}
    earlier = {} if whole else await partner_page.draft_of(work.session, rig, assignment_id)
    return await assignments.save_draft(work, rig, assignment_id, {**earlier, **fields})


def door_page(request: Request, lang: str, problem: str = "", status: int = 200) -> HTMLResponse:
    """The door: a button for those who followed a link, a field for those who type a code."""
    return render(request, "door.html", lang=lang, status=status, problem=problem, headers=NO_STORE)


async def task_page(
    request: Request,
    lang: str,
    rig: Rig,
    behind: Behind,
    *,
    form: Submitted[Any] | None = None,
    form_class: type[FormModel] | None = None,
    rows: int = 0,
    suspects: Mapping[str, Sequence[Suspect]] | None = None,
) -> HTMLResponse:
    """The question with all that its partner can do; 422 where a form comes back with errors."""
    async with rig.service.database.reading() as session:
        task = await partner_page.task_of(session, rig, behind)
    values = {**task.draft, **(form.values if form else {})}
    errors = form.errors if form else {}
    return render(
        request,
        "task.html",
        lang=lang,
        status=422 if errors else 200,
        task=task,
        a=task.assignment,
        v=values,
        errors=errors,
        page=page_token(rig, task.assignment.assignment_id),
        kinds=KINDS,
        rows=max(rows, _rows_of(values)),
        max_rows=MAX_ROWS,
        open_part=form_class.__name__ if form_class and errors else "",
        answer_languages=languages_offered(
            [*task.partner.languages, task.question.language], task.question.country
        ),
        suspects=suspects or {},
        gate_why=MAY_STAY,
        headers=NO_STORE,
    )


def _rows_of(values: dict[str, Any]) -> int:
    used = [
        n
        for n in range(1, MAX_ROWS + 1)
        if any(str(values.get(f"source_{n}_{part}", "")).strip() for part in ("kind", "label"))
    ]
    return min(max([FEW_ROWS, *used]), MAX_ROWS)
