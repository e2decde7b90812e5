"""What a question must say, however it comes in: one shape for the API, the form and the phone."""

import datetime as dt
from typing import Annotated, Literal

from cri_shared import clock
from cri_shared.places import COUNTRIES, TOPICS, canonical_language
from cri_shared.privacy.classes import C1, C3
from cri_shared.words import N_
from email_validator import EmailNotValidError, validate_email
from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from cri_intake.rules import MAX_TEXT, MIN_TEXT

AskerRole = Literal["self", "assisting", "organisation"]
LanguageTag = Annotated[str, Field(pattern=r"^[a-z]{2,4}(-[A-Za-z]{2,4})?$")]


class Contact(BaseModel):
    """How an asker may be told that there is news, and whether that is safe."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    email: Annotated[str | None, Field(max_length=254), C3] = None
    phone: Annotated[str | None, Field(max_length=40), C3] = None
    safe_to_write: Annotated[bool, C3] = False
    safe_to_call: Annotated[bool, C3] = False

    @field_validator("email")
    @classmethod
    def _is_an_address(cls, email: str | None) -> str | None:
        if email is None:
            return None
        try:
            return validate_email(email, check_deliverability=False).normalized
        except EmailNotValidError:
            message = N_("Write an e-mail address with an @, like name@example.org")
            raise PydanticCustomError("email", message) from None


class Consent(BaseModel):
    """Which text the person agreed to, and when."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[str, Field(min_length=1, max_length=20), C1]
    given_at: Annotated[dt.datetime, C1]


class Submission(BaseModel):
    """A question as it comes in. Fields that we do not know are refused, not ignored."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    text: Annotated[str, Field(min_length=MIN_TEXT, max_length=MAX_TEXT), C3]
    language: Annotated[LanguageTag, C1]
    country: Annotated[str, Field(min_length=2, max_length=2), C1]
    region: Annotated[str | None, Field(max_length=120), C1] = None
    topics: Annotated[list[str], Field(max_length=3), C1] = []
    spoken_languages: Annotated[list[LanguageTag], Field(max_length=10), C1] = []
    needed_by: Annotated[dt.date | None, C1] = None
    asker_role: Annotated[AskerRole, C1]
    contact: Contact | None = None
    reference: Annotated[str | None, Field(max_length=64), C3] = None
    consent: Consent

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
        if country not in COUNTRIES:
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
