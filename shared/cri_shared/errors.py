"""One hierarchy of refusals: each states the rule that was broken, its kind and its slug."""

from enum import StrEnum
from http import HTTPStatus
from typing import ClassVar

from cri_shared.words import N_


class Kind(StrEnum):
    """What sort of refusal it is; decides the HTTP status and nothing else."""

    INVALID = "invalid"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    FORBIDDEN = "forbidden"
    UNAUTHENTICATED = "unauthenticated"
    TOO_MANY = "too_many"
    UNAVAILABLE = "unavailable"


STATUS = {
    Kind.INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    Kind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Kind.CONFLICT: HTTPStatus.CONFLICT,
    Kind.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Kind.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Kind.TOO_MANY: HTTPStatus.TOO_MANY_REQUESTS,
    Kind.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}


class Refusal(Exception):
    """A rule of the product was broken.

    `message` is an English sentence that is also the key of its translations; it never holds
    what a person typed. `fields` maps a field's name to what is wrong there. `counted` is the kind
    of attempt as which it is counted where it shuts a door, `about` an id of ours that it names.
    """

    kind: ClassVar[Kind] = Kind.CONFLICT
    slug: ClassVar[str] = "refused"
    message: str = N_("This cannot be done.")
    counted: str | None = None
    about: str | None = None

    def __init__(self, message: str | None = None, *, fields: dict[str, str] | None = None) -> None:
        self.message = message or type(self).message
        self.fields = fields or {}
        super().__init__(self.message)

    @property
    def status(self) -> int:
        """The HTTP status that goes with this kind of refusal."""
        return STATUS[self.kind]


class NotFound(Refusal):
    """There is no such thing, or it is somebody else's: the two look the same from outside."""

    kind = Kind.NOT_FOUND
    slug = "not-found"
    message = N_("We cannot find what you are looking for.")


class Invalid(Refusal):
    """Something that was sent breaks a rule; `fields` says where."""

    kind = Kind.INVALID
    slug = "invalid"
    message = N_("There is a problem with what you sent.")


class Forbidden(Refusal):
    """The person is known but this is not theirs to do."""

    kind = Kind.FORBIDDEN
    slug = "forbidden"
    message = N_("You do not have access to this.")


class Unauthenticated(Refusal):
    """Nobody known is asking."""

    kind = Kind.UNAUTHENTICATED
    slug = "not-signed-in"
    message = N_("Sign in first.")


class Unavailable(Refusal):
    """A part we depend on does not answer; trying again later helps."""

    kind = Kind.UNAVAILABLE
    slug = "unavailable"
    message = N_("This does not work right now. Try again in a few minutes.")


class Busy(Unavailable):
    """Everything works, and so many are asking that there was no place, lock or time for this."""

    slug = "busy"
    message = N_("It is very busy here right now. Try again in a minute.")
