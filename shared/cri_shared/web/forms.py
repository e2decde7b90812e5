"""Forms: what a person typed is checked once, explained beside each field, and never lost."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar, get_origin

from fastapi import Request
from itsdangerous import BadSignature, SignatureExpired, TimestampSigner, URLSafeTimedSerializer
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from starlette.datastructures import FormData

from cri_shared import clock
from cri_shared.web.pages import words_of
from cri_shared.words import N_

MAX_FIELDS = 200
TOKEN_LIFE_SECONDS = 24 * 3600
SECRETS = frozenset({"password", "old_password", "pin"})  # a form with one is typed again


# The words for what pydantic finds; a form's own `messages` win.
_USUAL = {
    "missing": N_("Fill this in"),
    "string_too_short": N_("Write a little more"),
    "string_too_long": N_("This text is too long"),
    "value_error": N_("Check what you filled in here"),
    "date_from_datetime_parsing": N_("Write a date such as 2026-03-12"),
    "date_parsing": N_("Write a date such as 2026-03-12"),
    "int_parsing": N_("Write a number"),
    "literal_error": N_("Choose one of the options"),
}
_OTHERWISE = N_("Check what you filled in here")


__all__ = [
    "N_",
    "SECRETS",
    "FormModel",
    "FormTokens",
    "OurClock",
    "Submitted",
    "check_form_token",
    "read_form",
]


class FormModel(BaseModel):
    """A form's fields. Blanks are nothing, and surrounding spaces are not part of an answer.

    `messages` gives the English words for an error by field, or by (field, pydantic error type).
    """

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)
    messages: ClassVar[dict[str | tuple[str, str], str]] = {}

    @model_validator(mode="before")
    @classmethod
    def _blank_is_nothing(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {k: v for k, v in values.items() if not (isinstance(v, str) and not v.strip())}


F = TypeVar("F", bound=FormModel)


@dataclass
class Submitted(Generic[F]):
    """What came in: the checked form or None, what was typed, and what is wrong with it."""

    data: F | None
    values: dict[str, Any]
    errors: dict[str, str] = field(default_factory=dict)
    _translate: Any = None

    def refuse(self, name: str, message: str, **values: Any) -> None:
        """Say what is wrong with a field (an English sentence that has translations)."""
        self.errors.setdefault(name, self._translate(message, **values))


async def read_form(request: Request, model: type[F], lang: str | None = None) -> Submitted[F]:
    """Read and check a posted form. Never raises for what a person typed."""
    words = request.app.state.dictionary.words[lang] if lang else words_of(request)
    posted = await request.form(max_fields=MAX_FIELDS, max_files=0)
    values = _values(posted, model)
    submitted: Submitted[F] = Submitted(None, values, _translate=words.gettext)
    try:
        submitted.data = model.model_validate(values)
    except ValidationError as wrong:
        for error in wrong.errors(include_input=False, include_url=False):
            name = str(error["loc"][0]) if error["loc"] else ""
            submitted.refuse(name, _message(model, name, error["type"], error["msg"]))
    return submitted


def _values(posted: FormData, model: type[FormModel]) -> dict[str, Any]:
    """The typed values; fields that hold several come as lists, the others as their last value."""
    values: dict[str, Any] = {}
    for name in dict.fromkeys(posted.keys()):
        known = model.model_fields.get(name)
        several = known is not None and get_origin(known.annotation) in (list, tuple, set)
        texts = [str(value) for value in posted.getlist(name)]
        values[name] = [t for t in texts if t.strip()] if several else texts[-1]
    return values


def _message(model: type[FormModel], name: str, kind: str, text: str) -> str:
    messages = model.messages
    own = messages.get((name, kind)) or messages.get(name)
    if own:
        return own
    if kind == "value_error":  # raised by a validator of ours, which says it in words
        return text.removeprefix("Value error, ")
    return _USUAL.get(kind, _OTHERWISE)


class OurClock(TimestampSigner):
    """Signs with the time of our one clock."""

    def get_timestamp(self) -> int:
        """Seconds since 1970."""
        return int(clock.now().timestamp())


class FormTokens:
    """Signed tokens for public forms: they show that the form came from us, and when."""

    def __init__(self, secret: bytes) -> None:
        self._serializer = URLSafeTimedSerializer(secret, salt="public-form", signer=OurClock)

    def issue(self) -> str:
        """A new token; it is also the key under which a double submit is recognised."""
        from cri_shared.db import new_id

        return self._serializer.dumps(new_id())

    def read(self, token: str) -> str | None:
        """The id in a token, or None where it is forged or older than a day."""
        try:
            value = self._serializer.loads(token, max_age=TOKEN_LIFE_SECONDS)
        except (BadSignature, SignatureExpired):
            return None
        return str(value)


async def check_form_token(request: Request, form: Submitted[Any]) -> str | None:
    """The id of a public form's token, or None with an error on the form.

    A form whose token is too old comes back filled in and with a new token.
    """
    tokens: FormTokens = request.app.state.form_tokens
    found = tokens.read(str(form.values.get("form_token", "")))
    if found is None or str(form.values.get("website", "")).strip():
        form.values.pop("form_token", None)
        form.values.pop("website", None)
        form.refuse("form_token", N_("This page was open for too long. Send the form again."))
        return None
    return found
