"""Certificates: who was there long enough, and the code by which everybody can check one."""

import secrets
from enum import StrEnum

from cri_shared.errors import Refusal
from cri_shared.words import N_

from cri_training.rules.codes import ALPHABET

USUAL_PERCENT = 80  # of the minutes of an edition, where a workshop says nothing else
CODE_LENGTH, GROUP = 28, 4  # 140 bits
_MISREAD = str.maketrans("OIL", "011")


class Standing(StrEnum):
    """What a certificate is worth; `withdrawn` is one whose person was erased."""

    VALID = "valid"
    REVOKED = "revoked"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


class NotOverYet(Refusal):
    """Nobody has attended what is still going on."""

    slug = "certificates-too-early"
    message = N_("Certificates can be issued when the last session is over.")


class CertificateEnded(Refusal):
    """What was revoked or replaced stays so."""

    slug = "certificate-ended"
    message = N_("This certificate is not valid any more. Nothing changed.")


def earned(attended: int, whole: int, percent: int) -> bool:
    """Whether so many minutes of all are enough."""
    return attended > 0 and attended * 100 >= whole * percent


def new_code() -> str:
    """A code that nobody can guess."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def grouped(code: str) -> str:
    """A code as people read it."""
    return "-".join(code[i : i + GROUP] for i in range(0, len(code), GROUP))


def plain_code(typed: str) -> str:
    """A code as it is kept, however somebody typed it."""
    letters = typed.upper().translate(_MISREAD)
    return "".join(letter for letter in letters if letter in ALPHABET)
