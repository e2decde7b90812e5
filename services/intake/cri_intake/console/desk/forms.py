"""What an officer sends from the desk."""

from typing import Annotated, Literal

from cri_shared.privacy.classes import C1, C3
from cri_shared.web.forms import N_, FormModel
from pydantic import Field

from cri_intake.rules import MAX_TEXT, MIN_TEXT

Answer = Annotated[Literal["yes", "no"] | None, C1]
Kind = Literal[
    "name",
    "place",
    "phone",
    "email",
    "url",
    "handle",
    "iban",
    "number",
    "identifier",
    "date",
    "age",
    "address",
]
FalseAlarm = Literal["ordinary_word", "place", "public_body", "other"]


class TextForm(FormModel):
    """The new text, and the checklist for what identifies a person indirectly.

    Beside these a form has, for each suspect, `do_<mark>` (accept, replace, keep), `with_<mark>`
    (other words) and `keep_<mark>` (a reason).
    """

    text: Annotated[str, Field(min_length=MIN_TEXT, max_length=MAX_TEXT), C3]
    language: Annotated[str, Field(max_length=12), C1]
    shown: Annotated[str, Field(max_length=20_000), C1] = ""
    missed_words: Annotated[str | None, Field(max_length=200), C3] = None
    missed_kind: Annotated[Kind | None, C1] = None
    check_unique_office: Answer = None
    check_known_relative: Answer = None
    check_unique_event: Answer = None
    check_small_group_small_place: Answer = None
    check_exact_dates: Answer = None
    messages = {  # noqa: RUF012
        ("text", "missing"): N_("Write the new text"),
        ("text", "string_too_short"): N_("Write the new text in at least one full sentence"),
        "language": N_("Choose the language of the new text"),
    }


class ReleaseForm(FormModel):
    """Which text goes, and why the leak check is thought wrong, if it is."""

    draft: Annotated[str, Field(max_length=32), C1]
    false_alarm: Annotated[FalseAlarm | None, C1] = None


class SendBackForm(FormModel):
    """Which text must be rewritten, and what is wrong with it."""

    draft: Annotated[str, Field(max_length=32), C1]
    remark: Annotated[str, Field(min_length=3, max_length=MAX_TEXT), C3]
    messages = {  # noqa: RUF012
        ("remark", "missing"): N_("Write what must change"),
        ("remark", "string_too_short"): N_("Write what must change"),
    }
