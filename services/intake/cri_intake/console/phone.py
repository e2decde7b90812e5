"""A question that somebody asks by telephone: the officer types it and reads the number out."""

from typing import Annotated, Any

from cri_shared.identity.guard import Permitted
from cri_shared.places import LANGUAGES, TOPICS
from cri_shared.privacy.classes import C1, C3
from cri_shared.privacy.receipts import format_receipt
from cri_shared.web.forms import N_, check_form_token, read_form
from cri_shared.web.pages import language_of, render
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from pydantic import Field

from cri_intake.pages.ask import record_once
from cri_intake.rig import InRig
from cri_intake.submission import QuestionForm, submission_of

router = APIRouter(prefix="/console", include_in_schema=False)


class PhoneForm(QuestionForm):
    """Everything that a question may hold."""

    region: Annotated[str | None, Field(max_length=120), C3] = None
    topic: Annotated[str | None, C1] = None
    topic_2: Annotated[str | None, C1] = None
    topic_3: Annotated[str | None, C1] = None
    phone: Annotated[str | None, Field(max_length=40), C3] = None
    safe_to_call: Annotated[bool, C3] = False
    reference: Annotated[str | None, Field(max_length=64), C3] = None
    messages = QuestionForm.messages | {
        "consent": N_("Ask the caller whether we may work on the question"),
        ("question", "missing"): N_("Write what the caller asks"),
    }

    def fields(self, language: str) -> dict[str, object]:
        """The fields of a `Submission`."""
        contact = {
            "email": self.email,
            "phone": self.phone,
            "safe_to_write": self.safe_to_write,
            "safe_to_call": self.safe_to_call,
        }
        return super().fields(language) | {
            "region": self.region,
            "topics": chosen_topics(self.topic, self.topic_2, self.topic_3),
            "reference": self.reference,
            "contact": contact if self.email or self.phone else None,
        }


def chosen_topics(*codes: str | None) -> list[str]:
    """The topics that were chosen, each once; an unknown one is none."""
    return list(dict.fromkeys(code for code in codes if code in TOPICS))


@router.get("/questions/new")
async def phone_page(request: Request, staff: Permitted) -> HTMLResponse:
    """The empty form."""
    return _page(request, {"language": language_of(request)}, {})


@router.post("/questions/new")
async def enter_phone_call(request: Request, staff: Permitted, rig: InRig) -> HTMLResponse:
    """Record the question and show its number, once, to be read out."""
    form = await read_form(request, PhoneForm)
    form_id = await check_form_token(request, form)
    submission = submission_of(form, language_of(request))
    if form_id is None or submission is None:
        return _page(request, form.values, form.errors, status=422)
    recorded = await record_once(rig, submission, form_id, "phone", by=staff)
    return render(
        request,
        "phone_recorded.html",
        status=201 if recorded and not recorded.again else 200,
        receipt=format_receipt(recorded.receipt) if recorded else None,
        question_id=recorded.question_id if recorded else None,
    )


def _page(
    request: Request, v: dict[str, Any], errors: dict[str, str], *, status: int = 200
) -> HTMLResponse:
    return render(
        request,
        "phone.html",
        status=status,
        v=v,
        errors=errors,
        language_tags=LANGUAGES,
    )
