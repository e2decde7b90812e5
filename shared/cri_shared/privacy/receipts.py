"""The receipt: the secret number with which an asker finds the answer back, without any account.

Sixteen random digits (they look like a phone number and can be dictated) and two check digits.
What is stored is a verifier only; see `quick_verifier` and `slow_verifier`.
"""

import hashlib
import hmac
import secrets
import unicodedata

from argon2.low_level import Type, hash_secret_raw

from cri_shared.errors import Invalid
from cri_shared.words import N_

RANDOM_DIGITS = 16
DIGITS = RANDOM_DIGITS + 2

# Argon2id at the OWASP minimum: 19 MiB, two passes, one lane.
_MEMORY_KIB = 19 * 1024
_PASSES = 2
_LANES = 1
_VERIFIER_BYTES = 32


class InvalidReceipt(Invalid):
    """What was typed cannot be a receipt; nothing here repeats the number."""

    slug = "receipt-invalid"
    message = N_("This is not the number of a question.")


class ReceiptNotDigits(InvalidReceipt):
    """It holds something else than digits."""

    slug = "receipt-not-digits"
    message = N_("The number has digits only.")


class ReceiptTooShort(InvalidReceipt):
    """Digits are missing."""

    slug = "receipt-too-short"
    message = N_("The number is too short. It has 18 digits.")


class ReceiptTooLong(InvalidReceipt):
    """There are digits too many."""

    slug = "receipt-too-long"
    message = N_("The number is too long. It has 18 digits.")


class ReceiptCheckDigitsWrong(InvalidReceipt):
    """The last two digits do not fit the others: a digit was mistyped."""

    slug = "receipt-check-digits-wrong"
    message = N_("There is a mistake in the number. Check each digit.")


def new_receipt() -> str:
    """A new receipt of 18 digits, without spaces."""
    return _whole(secrets.randbelow(10**RANDOM_DIGITS))


def receipt_of_form(pepper: bytes, form_id: str) -> str:
    """The receipt of what a public form records: the same number when the form is sent again.

    A form's id has 128 random bits and stays on the asker's page; a database that keeps no more
    than its `form_fingerprint` tells nobody the number, not even together with the pepper.
    """
    drawn = hmac.digest(pepper, b"form:" + form_id.encode(), "sha256")
    return _whole(int.from_bytes(drawn, "big") % 10**RANDOM_DIGITS)


def form_fingerprint(form_id: str) -> str:
    """What is kept of a form's id, 32 hex digits: enough to know the form when it comes again."""
    return hashlib.sha256(form_id.encode()).hexdigest()[:32]


def _whole(number: int) -> str:
    digits = f"{number:0{RANDOM_DIGITS}d}"
    return digits + _check_digits(digits)


def parse_receipt(text: str) -> str:
    """The 18 plain digits of a receipt as a person may type, paste or dictate it.

    Spaces, dashes, dots and invisible marks are skipped and digits of every script are read.
    Raises `ReceiptNotDigits`, `ReceiptTooShort`, `ReceiptTooLong` or `ReceiptCheckDigitsWrong`,
    which are all `InvalidReceipt`.
    """
    digits = digits_of(text)
    if len(digits) < DIGITS:
        raise ReceiptTooShort
    if len(digits) > DIGITS:
        raise ReceiptTooLong
    if not hmac.compare_digest(digits[RANDOM_DIGITS:], _check_digits(digits[:RANDOM_DIGITS])):
        raise ReceiptCheckDigitsWrong
    return digits


def digits_of(text: str) -> str:
    """The plain digits of a number as a person types it; raises `ReceiptNotDigits`."""
    return "".join(_digit(character) for character in text if not _is_separator(character))


def format_receipt(receipt: str) -> str:
    """The receipt in groups of three digits, as it is shown and printed."""
    return " ".join(receipt[start : start + 3] for start in range(0, len(receipt), 3))


def quick_verifier(pepper: bytes, receipt: str) -> bytes:
    """HMAC-SHA256 of a parsed receipt under the pepper, 32 bytes: cheap enough for recording."""
    return hmac.digest(pepper, receipt.encode("ascii"), "sha256")


def slow_verifier(quick: bytes, salt: bytes) -> bytes:
    """Argon2id (19 MiB, t=2, p=1) of a quick verifier, 32 bytes: what is kept in the long run.

    Takes tens of milliseconds of CPU: have it done by `argon2id.in_turn`. `salt` is the
    installation's own, the same for all receipts, because the receipt itself is the look-up key.
    """
    return hash_secret_raw(
        secret=quick,
        salt=salt,
        time_cost=_PASSES,
        memory_cost=_MEMORY_KIB,
        parallelism=_LANES,
        hash_len=_VERIFIER_BYTES,
        type=Type.ID,
    )


def _check_digits(number: str) -> str:
    """ISO 7064 MOD 97-10: finds every wrong digit and every swap of two neighbours."""
    return f"{98 - int(number) * 100 % 97:02d}"


def _is_separator(character: str) -> bool:
    """Spaces, dashes, dots, and format marks such as the ones that steer writing direction."""
    return unicodedata.category(character) in {"Zs", "Cc", "Cf", "Pd"} or character in ".·"


def _digit(character: str) -> str:
    try:
        return str(unicodedata.decimal(character))
    except ValueError:
        raise ReceiptNotDigits from None
