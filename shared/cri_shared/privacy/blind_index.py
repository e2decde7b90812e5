"""Blind index: finds a case by its exact e-mail address or phone number without storing either."""

import hmac
import unicodedata

import phonenumbers

from cri_shared.errors import Invalid
from cri_shared.words import N_

_HOME = "BE"


class ContactNotIndexable(Invalid):
    """It is neither an e-mail address nor a possible phone number; it is not repeated here."""

    slug = "contact-not-indexable"
    message = N_("This is not an e-mail address or phone number.")


def email_index(secret: bytes, address: str) -> bytes:
    """HMAC-SHA256 (32 bytes) of an address without regard to case; raises `ContactNotIndexable`."""
    normal = unicodedata.normalize("NFKC", address).strip().casefold()
    name, at, domain = normal.rpartition("@")
    if not (name and at and domain):
        raise ContactNotIndexable
    return hmac.digest(secret, f"email:{normal}".encode(), "sha256")


def phone_index(secret: bytes, number: str, region: str = _HOME) -> bytes:
    """HMAC-SHA256 (32 bytes) of a number in E.164 form, so that every way of writing it agrees.

    A number without a country code is read as one of `region`. Raises `ContactNotIndexable`.
    """
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        raise ContactNotIndexable from None
    if not phonenumbers.is_possible_number(parsed):
        raise ContactNotIndexable
    normal = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return hmac.digest(secret, f"phone:{normal}".encode(), "sha256")
