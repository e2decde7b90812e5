"""The review: answers beside each other, the check, and the decision."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal

from cri_shared.identity.guard import Permitted
from cri_shared.privacy.classes import C1, C2
from cri_shared.privacy.gate import MAY_STAY, Suspect, by_kind, explained, said_in, unexplained
from cri_shared.web.forms import N_, FormModel, Submitted, read_form
from cri_shared.web.pages import render, see_other
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import Field

from cri_research.actions import review
from cri_research.actions.review import Decision, Review
from cri_research.models import NotAnsweredYet, QuestionIsClosed
from cri_research.queries import board as queries
from cri_research.queries.answers import newest_answers
from cri_research.rig import InRig, Rig
from cri_research.rules.answers import KINDS, Answer, languages_offered
from cri_research.rules.people import Seen

router = APIRouter(prefix="/console/questions/{research_id}", include_in_schema=False)


class ApproveForm(FormModel):
    """The answers that were read, the words that go out and how far, and why they were changed."""

    answers: Annotated[list[str], Field(min_length=1, max_length=5), C1]
    outcome: Annotated[Literal["found", "partly", "conflicting", "not_found"], C1]
    text: Annotated[str, Field(min_length=1, max_length=20000), C2]
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$"), C1]
    information_date: Annotated[dt.date, C1]
    tried: Annotated[str | None, Field(max_length=6000), C2] = None
    withhold: Annotated[bool, C1] = False
    note: Annotated[str | None, Field(max_length=2000), C2] = None
    seen: Annotated[bool, C1] = False
    agreement: Annotated[Literal["agree", "parts", "contradict"] | None, C1] = None
    messages = {  # noqa: RUF012
        "answers": N_("Choose at least one answer"),
        "outcome": N_("Choose the outcome"),
        "text": N_("Write the answer"),
        "language": N_("Choose the language of the answer"),
    }


@router.get("/review")
async def review_page(
    request: Request,
    staff: Permitted,
    rig: InRig,
    research_id: str,
    answer: Annotated[list[str] | None, Query()] = None,
) -> Response:
    """The chosen answers (all that came in, without a choice) and what the check finds."""
    return await _page(request, rig, research_id, answer or [])


async def _page(
    request: Request,
    rig: Rig,
    research_id: str,
    chosen: list[str],
    form: Submitted[ApproveForm] | None = None,
) -> Response:
    async with rig.service.database.reading() as session:
        file = await queries.file_of(session, rig, research_id)
        given = await newest_answers(session, rig, file.question)
    picked = tuple(a for a in given if not chosen or a.is_among(chosen))
    if not picked:
        said = N_("There is no answer to decide about.")
        return see_other(request, f"/console/questions/{research_id}", said)
    together = Review(file.question, picked)
    answer = together.merged
    if form is not None and form.data is not None:
        answer = review.decided(together, _decision(form.data, form.values))
    seen = await together.look_at(answer)
    reasons = said_in(form.values) if form else {}
    v = form.values if form else _values(together)
    return render(
        request,
        "review.html",
        status=422 if form else 200,
        file=file,
        q=file.question,
        given=given,
        review=together,
        picked={a.assignment.assignment_id for a in picked},
        findings=together.findings(answer, seen, reasons),
        unexplained=_unexplained(together, answer, seen),
        gate_why=MAY_STAY,
        kinds=KINDS,
        answer_languages=languages_offered(
            [str(v.get("language") or answer.language), file.question.language],
            file.question.country,
        ),
        v=v,
        errors=form.errors if form else {},
    )


def _values(together: Review) -> dict[str, Any]:
    return asdict(together.merged) | {"withhold": together.merged.do_not_publish}


def _unexplained(together: Review, answer: Answer, seen: Seen) -> dict[str, list[Suspect]]:
    """What the partners gave no reason for, by kind: for the coordinator to take out or explain."""
    found: list[Suspect] = []
    for one in (answer, *(other.answer for other in together.answers[1:])):
        suspects = seen.within(one)
        found += unexplained(suspects, explained(suspects, one.kept))
    return by_kind(found)


def _decision(data: ApproveForm, values: Mapping[str, Any]) -> Decision:
    return Decision(**data.model_dump(exclude={"answers"}), said=said_in(values))


def _check_agreement(form: Submitted[ApproveForm], data: ApproveForm) -> None:
    """Several answers agree or not: the coordinator says it, and the outcome says the same."""
    if data.agreement is None:
        form.refuse("agreement", N_("Say how the answers stand to each other"))
    elif (data.agreement == "contradict") != (data.outcome == "conflicting"):
        form.refuse(
            "outcome", N_("The outcome must say the same: contradicting answers, and only they.")
        )


@router.post("/approve")
async def approve(request: Request, staff: Permitted, rig: InRig, research_id: str) -> Response:
    """Approve the chosen answers as one."""
    form = await read_form(request, ApproveForm)
    data = form.data
    if data is not None and len(data.answers) > 1:
        _check_agreement(form, data)
    if data is None or form.errors:
        chosen = form.values.get("answers", [])
        return await _page(request, rig, research_id, chosen, form)
    back = f"/console/questions/{research_id}"
    decision = _decision(data, form.values)
    try:
        async with rig.service.database.reading() as session:
            question = await queries.question_with_assignments(session, research_id)
            question.check_workable()
            together = await review.review_of(session, rig, question, data.answers)
        seen = await together.look_at(review.decided(together, decision))
        async with rig.service.database.writing() as work:
            await review.approve_answer(
                work, rig, research_id, data.answers, decision, seen, by=staff
            )
    except (QuestionIsClosed, NotAnsweredYet) as refusal:
        return see_other(request, back, refusal.message)
    except review.NotGoodYet as refusal:
        for name, words in (refusal.fields or {"text": refusal.message}).items():
            form.refuse(name, words)
        return await _page(request, rig, research_id, data.answers, form)
    return see_other(request, back, N_("The answer is approved and on its way."))
