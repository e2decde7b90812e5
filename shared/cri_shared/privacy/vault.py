"""Sealing and opening of single values: AES-256-GCM, bound to the place where the value belongs."""

import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cri_shared.errors import NotFound
from cri_shared.words import N_

KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_VERSION = b"\x01"
_SHORTEST = len(_VERSION) + _NONCE_BYTES + _TAG_BYTES


class Unreadable(Exception):
    """A fault: the sealed value was altered, moved, or sealed under another key."""


class Erased(NotFound):
    """The key was destroyed on purpose: the value is gone for good."""

    slug = "erased"
    message = N_("This was erased. It cannot be shown any more.")


def new_key() -> bytes:
    """A fresh random data key of 32 bytes."""
    return os.urandom(KEY_BYTES)


def seal(key: bytes, plaintext: bytes | str, aad: bytes | str) -> bytes:
    """Encrypt `plaintext` under a 32-byte key; text is sealed as UTF-8.

    `aad` names the place the value belongs to (owner and field); a value moved elsewhere does not
    open. The result is: version byte, 12-byte random nonce, ciphertext, 16-byte tag.
    """
    nonce = os.urandom(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, _octets(plaintext), _octets(aad))


def open_sealed(key: bytes, blob: bytes, aad: bytes | str) -> bytes:
    """The bytes that were sealed with the same key and `aad`; raises `Unreadable` otherwise."""
    if len(blob) < _SHORTEST or blob[:1] != _VERSION:
        raise Unreadable("not a sealed value of a known version")
    nonce, ciphertext = blob[1 : 1 + _NONCE_BYTES], blob[1 + _NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, _octets(aad))
    except InvalidTag:
        # `from None`: the cause says nothing more, and tracebacks are read by people.
        raise Unreadable("sealed value was altered, moved, or sealed under another key") from None


@dataclass(frozen=True, slots=True)
class SealedText:
    """Seals and opens the text fields of one owner (a case, a partner) under its data key.

    Each value is bound to the owner and to the field's name, so neither can be swapped in storage.
    """

    key: bytes = field(repr=False)
    owner: str

    def seal(self, name: str, text: str) -> bytes:
        """What to store for the field `name`."""
        return seal(self.key, text, self._place(name))

    def open(self, name: str, blob: bytes) -> str:
        """The text of the field `name`; raises `Unreadable`."""
        return open_sealed(self.key, blob, self._place(name)).decode()

    def _place(self, name: str) -> bytes:
        # The length keeps ("a/b", "c") and ("a", "b/c") apart.
        return f"{len(self.owner)}:{self.owner}/{name}".encode()


def _octets(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else value
