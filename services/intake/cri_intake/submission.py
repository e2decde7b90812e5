"""What a question must say, however it comes in: one shape for the API, the form and the phone."""

import datetime as dt
from typing import Annotated, Literal, TypeVar

from cri_shared import clock
from cri_shared.places import COUNTRIES, ELSEWHERE, TOPICS, canonical_language
from cri_shared.privacy.classes import C1, C3
from cri_shared.web.forms import FormModel, Submitted
from cri_shared.words import N_
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from cri_intake.rules import CONSENT_VERSION, MAX_TEXT, MIN_TEXT

AskerRole = Literal["self", "assisting", "organisation"]
LanguageTag = Annotated[str, Field(pattern=r"^[a-z]{2,4}(-[A-Za-z]{2,4})?$")]


def _is_an_address(email: str | None) -> str | None:
    if email is None:
        return None
    try:
        return validate_email(email, check_deliverability=False).normalized
    except EmailNotValidError:
        message = N_("Write an e-mail address with an @, like name@example.org")
        raise PydanticCustomError("email", message) from None


Address = Annotated[str | None, Field(max_length=254), AfterValidator(_is_an_address)]


class Contact(BaseModel):
    """How an asker may be told that there is news, and whether that is safe."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    email: Annotated[Address, Field(examples=["hulp@example.org"]), C3] = None
    phone: Annotated[str | None, Field(max_length=40), C3] = None
    safe_to_write: Annotated[
        bool, Field(description="nobody else reads that mail", examples=[True]), C3
    ] = False
    safe_to_call: Annotated[bool, Field(description="nobody else answers"), C3] = False


class Consent(BaseModel):
    """Which text the person agreed to, and when."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[
        str,
        Field(
            min_length=1,
            max_length=20,
            description="of the text that the person agreed to",
            examples=[CONSENT_VERSION],
        ),
        C1,
    ]
    given_at: Annotated[
        dt.datetime, Field(description="with its zone", examples=["2026-11-20T10:00:00+01:00"]), C1
    ]


class Submission(BaseModel):
    """A question as it comes in. Fields that we do not know are refused, not ignored."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    text: Annotated[
        str,
        Field(
            min_length=MIN_TEXT,
            max_length=MAX_TEXT,
            description="what the person wants to know, as freely as you like",
            examples=["Is er in Gyumri insuline te krijgen, en wat kost ze?"],
        ),
        C3,
    ]
    language: Annotated[LanguageTag, Field(description="of the text", examples=["nl"]), C1]
    country: Annotated[
        str,
        Field(
            min_length=2,
            max_length=2,
            description="one of /countries; ZZ: another",
            examples=["AM"],
        ),
        C1,
    ]
    region: Annotated[
        str | None, Field(max_length=120, description="a town or region there"), C1
    ] = None
    topics: Annotated[
        list[str],
        Field(max_length=3, description="of /topics", examples=[["health.medication"]]),
        C1,
    ] = []
    spoken_languages: Annotated[
        list[LanguageTag], Field(max_length=10, description="in which the asker reads answers"), C1
    ] = []
    needed_by: Annotated[
        dt.date | None, Field(description="when it would be too late; not past"), C1
    ] = None
    asker_role: Annotated[
        AskerRole,
        Field(description="who wants to know: the person, who assists them, or you"),
        C1,
    ]
    contact: Annotated[
        Contact | None, Field(description="how to tell that there is news; may be left out")
    ] = None
    reference: Annotated[
        str | None,
        Field(max_length=64, description="your own name for it, never your client's"),
        C3,
    ] = None
    consent: Annotated[Consent, Field(description="to what the person agreed, and when")]

    @field_validator("language")
    @classmethod
    def _one_tag_per_language(cls, language: str) -> str:
        return canonical_language(language)

    @field_validator("spoken_languages")
    @classmethod
    def _one_tag_per_spoken_language(cls, languages: list[str]) -> list[str]:
        return [canonical_language(language) for language in languages]

    @field_validator("country")
    @classmethod
    def _is_ours(cls, country: str) -> str:
        if country not in COUNTRIES and country != ELSEWHERE.code:
            raise PydanticCustomError("country", N_("We do not work with this country."))
        return country

    @field_validator("topics")
    @classmethod
    def _are_topics(cls, topics: list[str]) -> list[str]:
        if set(topics) - TOPICS.keys():
            raise PydanticCustomError("topic", N_("There is no such topic."))
        return list(dict.fromkeys(topics))

    @field_validator("needed_by")
    @classmethod
    def _is_ahead(cls, needed_by: dt.date | None) -> dt.date | None:
        if needed_by is not None and needed_by < clock.today():
            message = N_("Choose a day that is not past.")
            raise PydanticCustomError("past", message)
        return needed_by


class QuestionForm(FormModel):
    """A question as a form asks for it; the public form and the telephone form add to it."""

    country: Annotated[str, Field(min_length=2, max_length=2), C1]
    question: Annotated[str, Field(min_length=MIN_TEXT, max_length=MAX_TEXT), C3]
    role: Annotated[AskerRole, C1]
    language: Annotated[str | None, Field(max_length=12), C1] = None
    spoken_languages: Annotated[list[str], Field(max_length=10, default_factory=list), C1]
    needed_by: Annotated[dt.date | None, C1] = None
    email: Annotated[Address, C3] = None
    safe_to_write: Annotated[bool, C3] = False
    consent: Annotated[Literal["yes"], C1]
    seen: Annotated[bool, C1] = False  # the answers that exist already
    messages = {  # noqa: RUF012 - pydantic knows it as a class variable
        "country": N_("Choose a country"),
        ("question", "missing"): N_("Write your question"),
        ("question", "string_too_short"): N_("Write your question in at least one full sentence"),
        ("question", "string_too_long"): N_("Write your question in at most 6000 characters"),
        "role": N_("Choose who this question is for"),
        "consent": N_("Tick the box so that we may work on your question"),
    }

    def fields(self, language: str) -> dict[str, object]:
        """The fields of a `Submission`, for a page in `language`."""
        contact = {"email": self.email, "safe_to_write": self.safe_to_write}
        return {
            "text": self.question,
            "language": self.language or language,
            "country": self.country,
            "spoken_languages": self.spoken_languages,
            "needed_by": self.needed_by,
            "asker_role": self.role,
            "contact": contact if self.email else None,
            "consent": {"version": CONSENT_VERSION, "given_at": clock.now()},
        }


F = TypeVar("F", bound=QuestionForm)
_FIELD_OF_FORM = {"text": "question", "asker_role": "role"}


def submission_of(form: Submitted[F], language: str) -> Submission | None:
    """The checked question of a form; what the rules refuse is said beside its field."""
    if form.data is None or form.errors:
        return None
    try:
        return Submission.model_validate(form.data.fields(language))
    except ValidationError as wrong:
        for error in wrong.errors(include_input=False, include_url=False):
            place = error["loc"]
            name = str(place[1] if place[0] == "contact" and len(place) > 1 else place[0])
            form.refuse(_FIELD_OF_FORM.get(name, name), error["msg"])
        return None
