"""An authenticator in software: makes passkeys and signs with them, as a browser would tell it."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url

PRESENT, VERIFIED, MADE = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One passkey of one device."""

    origin: str
    credential_id: bytes = b"a passkey of a test"
    count: int = 0
    flags: int = PRESENT | VERIFIED
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def make(self, options: str) -> str:
        """What the browser says to options for a new passkey."""
        asked = json.loads(options)
        point = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        made = bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id
        data = self._data(asked["rp"]["id"], MADE) + made + cbor2.dumps(public)
        attested = {"fmt": "none", "attStmt": {}, "authData": data}
        return self._said(
            {
                "clientDataJSON": self._client("webauthn.create", asked["challenge"]),
                "attestationObject": cbor2.dumps(attested),
            }
        )

    def sign(self, options: str) -> str:
        """What the browser says to options for a passkey that there is."""
        asked = json.loads(options)
        self.count += 1
        data = self._data(asked["rpId"], 0)
        client = self._client("webauthn.get", asked["challenge"])
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._said(
            {"clientDataJSON": client, "authenticatorData": data, "signature": signed}
        )

    def _data(self, domain: str, more: int) -> bytes:
        flags = bytes([self.flags | more])
        return hashlib.sha256(domain.encode()).digest() + flags + self.count.to_bytes(4)

    def _client(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin}
        return json.dumps(told).encode()

    def _said(self, response: dict[str, Any]) -> str:
        own = bytes_to_base64url(self.credential_id)
        texts = {name: bytes_to_base64url(value) for name, value in response.items()}
        return json.dumps({"id": own, "rawId": own, "type": "public-key", "response": texts})
