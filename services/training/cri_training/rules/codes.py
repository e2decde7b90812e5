"""Codes that people read from a paper or a screen, say and type."""

import hashlib

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: nothing that is read as something else
AT_THE_DOOR = 6


def door_code(sign_up_id: str) -> str:
    """The short code of a sign-up: it finds a person on a trainer's list, and opens nothing."""
    number = int.from_bytes(hashlib.sha256(sign_up_id.encode()).digest()[:8])
    letters = []
    for _ in range(AT_THE_DOOR):
        number, at = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[at])
    return "".join(letters)
