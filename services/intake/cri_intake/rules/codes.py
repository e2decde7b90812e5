"""The code by which an asker hands a question over: twelve digits, to be said on the telephone."""

import hmac

from cri_shared.errors import NotFound
from cri_shared.privacy.receipts import InvalidReceipt, digits_of
from cri_shared.words import N_

DIGITS = 12


class CodeUnknown(NotFound):
    """No code opens with this: mistyped, over, taken back, or used by somebody else."""

    slug = "code-unknown"
    message = N_("We do not know this code. It works once, and for one day.")


def code_of_form(secret: bytes, question_id: str, form_id: str) -> str:
    """The code that a form makes for a question, 12 digits: the same when it is sent again."""
    drawn = hmac.digest(secret, f"helper-form:{question_id}:{form_id}".encode(), "sha256")
    return f"{int.from_bytes(drawn, 'big') % 10**DIGITS:0{DIGITS}d}"


def parse_code(text: str) -> str:
    """The plain digits of a code as somebody types it; raises `CodeUnknown`."""
    try:
        digits = digits_of(text)
    except InvalidReceipt:
        raise CodeUnknown from None
    if len(digits) != DIGITS:
        raise CodeUnknown
    return digits


def code_hash(secret: bytes, code: str) -> bytes:
    """What is kept of a code; without the secret nobody can try one."""
    return hmac.digest(secret, b"helper-code:" + code.encode(), "sha256")
