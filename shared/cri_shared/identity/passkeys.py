"""Passkeys: what the browser is asked, and whether what it answers is right.

A challenge names its purpose and its moment under a key of the store, so a page can hold one
without a row for each visitor; one that was answered for a sign-in or a proof is never good again.
"""

import hmac
import ipaddress
import json
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cri_shared import clock
from cri_shared.errors import Invalid
from cri_shared.identity.models import CHALLENGE
from cri_shared.settings import ServiceSettings
from cri_shared.words import N_

SIGN_IN = "sign-in"
_NONCE, _MOMENT = 16, 8


class PasskeyWrong(Invalid):
    """The answer of the browser is not right, too old, or was used before."""

    slug = "passkey-wrong"
    message = N_("This passkey did not work. Try again, or use your code.")


class Challenges:
    """Challenges of one store, for a purpose such as the sign-in or the proof of a session."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def new(self, purpose: str) -> bytes:
        """A challenge that can be answered within ten minutes."""
        moment = int(clock.now().timestamp()).to_bytes(_MOMENT, "big")
        body = secrets.token_bytes(_NONCE) + moment
        return body + self._mac(purpose, body)

    def holds(self, challenge: bytes, purpose: str) -> bool:
        """Whether it is one of ours for this purpose, and not too old."""
        body, mac = challenge[: _NONCE + _MOMENT], challenge[_NONCE + _MOMENT :]
        if not hmac.compare_digest(mac, self._mac(purpose, body)):
            return False
        age = clock.now().timestamp() - int.from_bytes(body[_NONCE:], "big")
        return age <= CHALLENGE.total_seconds()

    def _mac(self, purpose: str, body: bytes) -> bytes:
        return hmac.digest(self._key, purpose.encode() + b"\0" + body, "sha256")


@dataclass(frozen=True)
class Site:
    """For which domain passkeys are made, and the one origin from which an answer may come."""

    domain: str
    origin: str

    @classmethod
    def of(cls, settings: ServiceSettings) -> "Site | None":
        """The site of a service, or None where it has no name: an address cannot have passkeys."""
        host = urlsplit(settings.public_url).hostname or ""
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return cls(settings.passkey_domain or host, settings.public_url)
        return None


def options_to_add(
    site: Site, challenge: bytes, *, staff_id: str, email: str, name: str, known: list[str]
) -> str:
    """What the browser is asked for a new passkey, as JSON; none for an authenticator it knows."""
    import webauthn  # read at the first use: no idle process holds it
    from webauthn.helpers import structs

    options = webauthn.generate_registration_options(
        rp_id=site.domain,
        rp_name="CRI",
        user_id=staff_id.encode(),
        user_name=email,
        user_display_name=name,
        challenge=challenge,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_named(known),
    )
    return webauthn.options_to_json(options)


def options_to_use(site: Site, challenge: bytes, known: list[str]) -> str:
    """What the browser is asked to show that it has one of these passkeys (any, without a list)."""
    import webauthn
    from webauthn.helpers import structs

    options = webauthn.generate_authentication_options(
        rp_id=site.domain,
        challenge=challenge,
        allow_credentials=_named(known),
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def _named(known: list[str]) -> list[Any]:
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known]


@dataclass(frozen=True)
class Answer:
    """What a browser said: which passkey, and the challenge it answers."""

    credential: dict[str, Any]
    credential_id: str
    challenge: bytes

    @classmethod
    def read(cls, text: str) -> "Answer":
        """Raises `PasskeyWrong` for anything else than an answer."""
        from webauthn.helpers import base64url_to_bytes, parse_client_data_json
        from webauthn.helpers.exceptions import WebAuthnException

        try:
            credential = json.loads(text)
            told = parse_client_data_json(
                base64url_to_bytes(credential["response"]["clientDataJSON"])
            )
            return cls(credential, str(credential["id"]), told.challenge)
        except (WebAuthnException, ValueError, KeyError, TypeError):
            raise PasskeyWrong from None

    def key_made(self, site: Site) -> tuple[bytes, int]:
        """(public key, count of signatures) of the passkey that was made."""
        import webauthn
        from webauthn.helpers.exceptions import WebAuthnException

        try:
            made = webauthn.verify_registration_response(
                credential=self.credential,
                expected_challenge=self.challenge,
                expected_rp_id=site.domain,
                expected_origin=site.origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError):
            raise PasskeyWrong from None
        return made.credential_public_key, made.sign_count

    def count_signed(self, site: Site, public_key: bytes, count: int) -> int:
        """The new count of signatures, where this key signed after that count."""
        import webauthn
        from webauthn.helpers.exceptions import WebAuthnException

        try:
            signed = webauthn.verify_authentication_response(
                credential=self.credential,
                expected_challenge=self.challenge,
                expected_rp_id=site.domain,
                expected_origin=site.origin,
                credential_public_key=public_key,
                credential_current_sign_count=count,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError):
            raise PasskeyWrong from None
        return signed.new_sign_count
