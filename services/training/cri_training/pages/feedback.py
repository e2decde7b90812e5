"""The feedback form: to read with the edition's code, to answer once with a link of one's own."""

from collections.abc import Sequence
from typing import Annotated, Literal

from cri_shared.privacy.classes import C2, K
from cri_shared.privacy.gate import MAY_STAY, Suspect, by_kind
from cri_shared.web.forms import N_, FormModel, Submitted, read_form
from cri_shared.web.gating import keep_people_out
from cri_shared.web.pages import PublicLang, render
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from pydantic import Field

from cri_training.actions import feedback
from cri_training.actions.feedback import Given
from cri_training.models import Edition
from cri_training.pages.forms import Role
from cri_training.pages.sign_up import NO_STORE
from cri_training.queries import feedback as found
from cri_training.rig import InRig
from cri_training.rules.feedback import RATED

router = APIRouter(include_in_schema=False)
Mark = Annotated[Literal["1", "2", "3", "4", "5"] | None, C2]


class FeedbackForm(FormModel):
    """What somebody thought of it; every question may be left open."""

    ticket: Annotated[str | None, Field(max_length=64), K] = None
    role: Role = None
    useful: Mark = None
    prepared: Mark = None
    pace: Mark = None
    sure_before: Mark = None
    sure_now: Mark = None
    obstacles: Annotated[str | None, Field(max_length=2000), C2] = None
    remark: Annotated[str | None, Field(max_length=2000), C2] = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was answered at all."""
        texts = (self.obstacles, self.remark)
        return not any((*(getattr(self, name) for name in RATED), *texts))

    def given(self) -> Given:
        """The same as it is kept."""
        marks = {name: getattr(self, name) for name in RATED}
        return Given(
            role=self.role,
            obstacles=self.obstacles,
            remark=self.remark,
            **{name: int(mark) if mark else None for name, mark in marks.items()},
        )


def _page(
    request: Request,
    lang: str,
    edition: Edition,
    ticket: str,
    form: Submitted[FeedbackForm] | None = None,
    *,
    may_answer: bool = True,
    names: Sequence[Suspect] = (),
) -> HTMLResponse:
    return render(
        request,
        "feedback.html",
        lang=lang,
        status=422 if form else 200,
        edition=edition,
        ticket=ticket,
        may_answer=may_answer,
        kinds=by_kind(names),
        gate_why=MAY_STAY,
        v=form.values if form else {},
        errors=form.errors if form else {},
        headers=NO_STORE,
    )


@router.get("/{lang}/feedback/{code}")
async def read_only(request: Request, lang: PublicLang, rig: InRig, code: str) -> HTMLResponse:
    """The form to read: who wants to answer uses the link in their mail."""
    async with rig.service.database.reading() as session:
        edition = await found.edition_of_code(session, rig, code)
    return _page(request, lang, edition, "", may_answer=False)


@router.get("/{lang}/feedback/{code}/{ticket}")
async def form_page(
    request: Request, lang: PublicLang, rig: InRig, code: str, ticket: str
) -> HTMLResponse:
    """The form; looking at it spends nothing."""
    async with rig.service.database.reading() as session:
        edition = await found.edition_of_code(session, rig, code)
        good = await found.ticket_is_good(session, edition, ticket)
    if not good:
        return render(request, "feedback_spent.html", lang=lang, edition=edition, headers=NO_STORE)
    return _page(request, lang, edition, ticket)


@router.post("/{lang}/feedback/{code}")
async def answer(request: Request, lang: PublicLang, rig: InRig, code: str) -> HTMLResponse:
    """Keep one answer; what points to a person is refused and nothing typed is lost."""
    form = await read_form(request, FeedbackForm, lang)
    async with rig.service.database.reading() as session:
        edition = await found.edition_of_code(session, rig, code)
    ticket = str(form.values.get("ticket", ""))
    if form.data is not None and form.data.is_empty:
        form.refuse("useful", N_("Answer at least one question"))
    names = await keep_people_out(form, ("obstacles", "remark"))
    if form.data is None or form.errors:
        return _page(request, lang, edition, ticket, form, names=names)
    async with rig.service.database.writing() as work:
        kept = await feedback.answer(work, rig, edition, ticket, form.data.given())
    template = "feedback_done.html" if kept else "feedback_spent.html"
    return render(
        request,
        template,
        lang=lang,
        status=200 if kept else 409,
        edition=edition,
        headers=NO_STORE,
    )
