"""Showing anew who one is, before what is grave: the form that asks keeps what was typed."""

import datetime as dt

from fastapi import Request
from fastapi.responses import Response

from cri_shared import clock
from cri_shared.errors import Forbidden, Refusal
from cri_shared.identity.refusals import CodeWrong, WaitBeforeNextTry
from cri_shared.identity.staff import Staff
from cri_shared.identity.store import Identity
from cri_shared.web.pages import render, words_of
from cri_shared.words import N_

PROOF_HOLDS = dt.timedelta(minutes=10)
FIELDS = frozenset({"csrf", "proof_code"})
PROVE = "/console/prove"


class ProofNeeded(Forbidden):
    """It is too long ago that this person showed who they are."""

    slug = "proof-needed"
    message = N_("Show that it is you")

    def __init__(self, wrong: Refusal | None = None) -> None:
        self.wrong = wrong
        super().__init__()


async def must_be_proved(request: Request, staff: Staff) -> None:
    """Let whoever showed within ten minutes who they are go on, or shows it with this form.

    Raises `ProofNeeded`, which becomes a page with the form as it was sent and a field for a code.
    A proof gives the session a new token, which the answer sets.
    """
    if staff.proved_at > clock.now() - PROOF_HOLDS:
        return
    code = str((await request.form()).get("proof_code", "")) if request.method == "POST" else ""
    if not code:
        raise ProofNeeded
    identity: Identity = request.app.state.service.identity
    try:
        request.state.session_token = await identity.prove(staff, code)
    except (CodeWrong, WaitBeforeNextTry) as wrong:
        raise ProofNeeded(wrong) from None


async def ask(request: Request, needed: ProofNeeded) -> Response:
    """The page that asks for a code, with what was sent on it."""
    typed = [("then", request.url.path)]
    if request.method == "POST":
        typed = [(k, str(v)) for k, v in (await request.form()).multi_items() if k not in FIELDS]
    wrong = words_of(request).gettext(needed.wrong.message) if needed.wrong else None
    return render(
        request,
        "proof.html",
        status=422 if wrong else needed.status,
        action=request.url.path if request.method == "POST" else PROVE,
        typed=typed,
        errors={"proof_code": wrong} if wrong else {},
    )
