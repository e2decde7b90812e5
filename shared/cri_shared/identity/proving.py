"""Showing anew who one is, before what is grave: the form that asks keeps what was typed."""

import datetime as dt
from typing import TYPE_CHECKING

from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from cri_shared import clock
from cri_shared.errors import Forbidden, Refusal
from cri_shared.identity.passkeys import PasskeyWrong, Site
from cri_shared.identity.refusals import CodeWrong, WaitBeforeNextTry
from cri_shared.identity.staff import Staff
from cri_shared.web.forms import SECRETS
from cri_shared.web.pages import render, words_of
from cri_shared.words import N_

if TYPE_CHECKING:  # a service stands on the store of identities
    from cri_shared.service import Service

PROOF_HOLDS = dt.timedelta(minutes=10)
CODE, PASSKEY = "proof_code", "proof_passkey"
FIELDS = frozenset({"csrf", CODE, PASSKEY})
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
    form = await request.form() if request.method == "POST" else FormData()
    code, passkey = str(form.get(CODE, "")), str(form.get(PASSKEY, ""))
    service: Service = request.app.state.service
    site = Site.of(service.settings)
    try:
        if passkey and site is not None:
            token = await service.identity.prove_by_passkey(staff, site, passkey)
        elif code:
            token = await service.identity.prove(staff, code)
        else:
            raise ProofNeeded
    except (CodeWrong, WaitBeforeNextTry, PasskeyWrong) as wrong:
        service.attempts.count("proof.failed", staff.staff_id, by=staff)
        raise ProofNeeded(wrong) from None
    request.state.session_token = token


async def ask(request: Request, needed: ProofNeeded) -> Response:
    """The page that asks for a code, with what was sent on it; passwords are typed again."""
    form = await request.form() if request.method == "POST" else FormData()
    again = request.method != "POST" or not SECRETS.isdisjoint(form)
    typed = [(k, str(v)) for k, v in form.multi_items() if k not in FIELDS]
    service: Service = request.app.state.service
    site = Site.of(service.settings)
    staff: Staff = request.state.staff
    wrong = words_of(request).gettext(needed.wrong.message) if needed.wrong else None
    return render(
        request,
        "proof.html",
        status=422 if wrong else needed.status,
        action=PROVE if again else request.url.path,
        typed=[("then", request.url.path)] if again else typed,
        retyped=request.method == "POST" and again,
        passkey=await service.identity.options_to_prove(staff, site) if site else None,
        errors={CODE: wrong} if wrong else {},
    )
