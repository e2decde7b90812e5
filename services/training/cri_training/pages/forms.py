"""The forms of signing up, for oneself or after a colleague named one."""

from typing import Annotated, Any, Literal

from cri_shared.privacy.classes import C1, C3
from cri_shared.web.forms import N_, FormModel, Submitted
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, Field

from cri_training.actions.asking import EQUIVALENT, Details, Wish
from cri_training.actions.sign_ups import Said
from cri_training.rules.states import ROLES


def _an_address(typed: str) -> str:
    """The address in its usual form; raises `ValueError` with what to do."""
    try:
        return validate_email(typed, check_deliverability=False).normalized
    except EmailNotValidError:
        raise ValueError(N_("Write an e-mail address with an @, like name@example.org")) from None


Email = Annotated[str, Field(max_length=254), AfterValidator(_an_address), C3]
Role = Annotated[Literal[*ROLES] | None, C1]  # type: ignore[valid-type]
Needs = Annotated[str | None, Field(max_length=500), C3]
Claim = Annotated[Literal["attended", "expected", "equivalent"] | None, C1]
Equivalent = Annotated[str | None, Field(max_length=1000), C3]


class SignUpForm(FormModel):
    """Who wants to come."""

    name: Annotated[str, Field(max_length=120), C3]
    organisation: Annotated[str, Field(max_length=120), C3]
    email: Email
    language: Annotated[Literal["nl", "fr", "en"], C1]
    role: Role = None
    claim: Claim = None
    equivalent: Equivalent = None
    needs: Needs = None
    messages = {  # noqa: RUF012 - pydantic knows it as a class variable
        ("name", "missing"): N_("Write your name"),
        ("organisation", "missing"): N_("Write the organisation that you work for"),
        ("email", "missing"): N_("Write your e-mail address"),
        ("language", "missing"): N_("Choose the language of our mails"),
    }

    def wish(self, form_id: str) -> Wish:
        """The same as it is kept."""
        details = Details(self.name, self.organisation, self.email)
        return Wish(
            details,
            self.language,
            form_id,
            role=self.role,
            needs=self.needs,
            claim=self.claim,
            equivalent=self.equivalent,
        )


class ConfirmForm(FormModel):
    """What somebody who was named by a colleague says of herself; others only press the button."""

    name: Annotated[str | None, Field(max_length=120), C3] = None
    role: Role = None
    claim: Claim = None
    equivalent: Equivalent = None
    needs: Needs = None

    def said(self) -> Said:
        """The same as it is taken on."""
        return Said(self.name, self.role, self.needs, self.claim, self.equivalent)


def check_claim(form: Submitted[Any], *, required: bool) -> None:
    """Say so where a workshop is asked for first and nothing is said of it."""
    if not required:
        return
    claim = str(form.values.get("claim", ""))
    if not claim:
        form.refuse("claim", N_("Say whether you attended it"))
    elif claim == EQUIVALENT and not str(form.values.get("equivalent", "")).strip():
        form.refuse("equivalent", N_("Explain what is equivalent"))
