"""The organisation's own sign-in, where a setting names it: OpenID Connect, code flow with PKCE.

Who comes is known by issuer and subject, never by an e-mail address. What the browser carries to
the provider and back lies sealed in a cookie, so nothing is kept here for strangers.
"""

import base64
import datetime as dt
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from cri_shared import clock
from cri_shared.identity.refusals import NotOurProvider, ProviderAway, ProviderRefused
from cri_shared.identity.staff import ROLES
from cri_shared.observe import log
from cri_shared.privacy.keys import KeyRing
from cri_shared.privacy.vault import Unreadable, open_sealed, seal
from cri_shared.settings import ServiceSettings

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
BACK = "/console/sign-in/provider/done"
SIGN_IN, PROVE = "sign-in", "prove"
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
TRIP = dt.timedelta(minutes=10)  # from here to the provider and back
LEEWAY = 60  # seconds by which two clocks may differ
KNOWN_SECONDS = 3600.0
_AAD = "provider-trip"


@dataclass(frozen=True)
class Person:
    """Who the provider says this is."""

    issuer: str
    subject: str
    email: str
    name: str
    roles: frozenset[str]
    session: str | None  # the provider's own
    proved_at: dt.datetime


@dataclass(frozen=True)
class Ended:
    """Whose sessions the provider wants ended: all of a subject, or one of the provider's own."""

    issuer: str
    subject: str | None
    session: str | None
    token_id: str


@dataclass
class Provider:
    """One provider as this service is known there."""

    issuer: str
    client_id: str
    client_secret: SecretStr
    roles: dict[str, list[str]]
    groups_claim: str
    back: str
    _key: bytes
    _metadata: dict[str, Any] = field(default_factory=dict)
    _keys: Any = None
    _known_at: float = 0.0

    @classmethod
    def of(cls, settings: ServiceSettings, ring: KeyRing) -> "Provider | None":
        """The provider that the settings name, or None. Raises for a role that there is not."""
        if settings.oidc_issuer is None:
            return None
        if unknown := {role for roles in settings.oidc_roles.values() for role in roles} - set(
            ROLES
        ):
            raise ValueError(f"oidc_roles names unknown roles: {', '.join(sorted(unknown))}")
        return cls(
            settings.oidc_issuer,
            settings.oidc_client_id,
            settings.oidc_client_secret,
            settings.oidc_roles,
            settings.oidc_groups_claim,
            settings.public_url + BACK,
            ring.secret("provider"),
        )

    async def leave(self, purpose: str, session_id: str = "") -> tuple[str, str]:
        """(where the browser goes, what its cookie keeps until it is back)."""
        await self._learn()
        trip = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        fresh = {"prompt": "login", "max_age": 0} if purpose == PROVE else {}
        async with self._client() as client:
            url, _ = client.create_authorization_url(
                self._metadata["authorization_endpoint"],
                state=trip["state"],
                nonce=trip["nonce"],
                code_verifier=trip["verifier"],
                **fresh,
            )
        trip |= {"purpose": purpose, "session": session_id, "at": clock.now().isoformat()}
        sealed = seal(self._key, json.dumps(trip), _AAD)
        return str(url), base64.urlsafe_b64encode(sealed).decode()

    async def come_back(self, cookie: str, purpose: str, query: dict[str, str]) -> Person:
        """Who came back; raises `ProviderRefused` or `ProviderAway`."""
        trip = self._trip(cookie)
        if trip["purpose"] != purpose or not secrets.compare_digest(
            trip["state"].encode(), query.get("state", "").encode()
        ):
            raise ProviderRefused
        if query.get("iss", self.issuer) != self.issuer:
            raise _not_ours("iss")
        if "code" not in query:
            raise ProviderRefused
        await self._learn()
        token = await self._exchange(query["code"], trip["verifier"])
        claims = await self._read(str(token.get("id_token", "")), nonce=trip["nonce"])
        told = claims | await self._ask_more(token, claims)
        return self._person(claims, told)

    def purpose_of(self, cookie: str) -> tuple[str, str]:
        """(for what a browser left, the session it left from); raises `ProviderRefused`."""
        trip = self._trip(cookie)
        return trip["purpose"], trip["session"]

    async def ended(self, logout_token: str) -> Ended:
        """Whose sessions a back-channel logout ends; raises `ProviderRefused`."""
        await self._learn()
        claims = await self._read(logout_token, nonce=None)
        age = clock.now().timestamp() - float(claims["iat"])
        if (
            "nonce" in claims
            or LOGOUT not in claims.get("events", {})
            or not claims.get("jti")
            or not (claims.get("sub") or claims.get("sid"))
            or age > TRIP.total_seconds()
        ):
            raise ProviderRefused
        return Ended(self.issuer, claims.get("sub"), claims.get("sid"), str(claims["jti"]))

    def _trip(self, cookie: str) -> dict[str, str]:
        try:
            opened = open_sealed(self._key, base64.urlsafe_b64decode(cookie), _AAD)
            trip: dict[str, str] = json.loads(opened)
        except (Unreadable, ValueError):
            raise ProviderRefused from None
        if clock.now() - dt.datetime.fromisoformat(trip["at"]) > TRIP:
            raise ProviderRefused
        return trip

    def _client(self) -> Any:
        from authlib.integrations.httpx_client import AsyncOAuth2Client  # at the first use

        return AsyncOAuth2Client(
            self.client_id,
            self.client_secret.get_secret_value(),
            scope="openid email profile",
            redirect_uri=self.back,
            code_challenge_method="S256",
            timeout=10,
        )

    async def _learn(self, *, anew: bool = False) -> None:
        """Read what the provider says of itself, and its keys, once an hour or when one is new."""
        age = time.monotonic() - self._known_at
        if self._metadata and age < (LEEWAY if anew else KNOWN_SECONDS):
            return
        from joserfc.jwk import KeySet

        url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        metadata = await self._get(url)
        if metadata.get("issuer") != self.issuer:
            raise _not_ours("iss")
        self._keys = KeySet.import_key_set(await self._get(metadata["jwks_uri"]))  # type: ignore[arg-type]
        self._metadata, self._known_at = metadata, time.monotonic()

    async def _get(self, url: str, bearer: str = "") -> dict[str, Any]:
        import httpx  # at the first use: no idle process holds it

        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        try:
            async with httpx.AsyncClient(timeout=10) as client:
                answer = await client.get(url, headers=headers)
            answer.raise_for_status()
            told = answer.json()
        except (httpx.HTTPError, ValueError) as trouble:
            log.error("identity.provider.away", error=type(trouble).__name__)
            raise ProviderAway from None
        return dict(told)

    async def _exchange(self, code: str, verifier: str) -> dict[str, Any]:
        import httpx
        from authlib.common.errors import AuthlibBaseError

        try:
            async with self._client() as client:
                return dict(
                    await client.fetch_token(
                        self._metadata["token_endpoint"], code=code, code_verifier=verifier
                    )
                )
        except AuthlibBaseError:
            raise ProviderRefused from None
        except httpx.HTTPError as trouble:
            log.error("identity.provider.away", error=type(trouble).__name__)
            raise ProviderAway from None

    async def _read(self, text: str, *, nonce: str | None) -> dict[str, Any]:
        """The claims of a token that this provider signed for us.

        Raises `NotOurProvider` for another issuer or audience, `ProviderRefused` for all else.
        """
        from joserfc import jwt
        from joserfc.errors import JoseError

        wanted: dict[str, Any] = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client_id},
            "iat": {"essential": True},
            "exp": {"essential": nonce is not None},
        }
        if nonce is not None:
            wanted |= {"nonce": {"essential": True, "value": nonce}, "sub": {"essential": True}}
        checks = jwt.JWTClaimsRegistry(
            now=int(clock.now().timestamp()),
            leeway=LEEWAY,
            **wanted,
        )
        for again in (False, True):
            try:
                token = jwt.decode(text, self._keys, algorithms=ALGORITHMS)
                checks.validate(token.claims)
            except (JoseError, ValueError) as wrong:
                if again:
                    raise _refusal(wrong) from None
                await self._learn(anew=True)
            else:
                break
        claims = dict(token.claims)
        if claims.get("azp", self.client_id) != self.client_id:
            raise _not_ours("azp")
        return claims

    async def _ask_more(self, token: dict[str, Any], claims: dict[str, Any]) -> dict[str, Any]:
        """What the provider tells beside its token; it must be of the same subject."""
        url = self._metadata.get("userinfo_endpoint")
        if url is None:
            return {}
        told = await self._get(url, bearer=str(token["access_token"]))
        if told.get("sub") != claims["sub"]:
            raise ProviderRefused
        return told

    def _person(self, claims: dict[str, Any], told: dict[str, Any]) -> Person:
        email, groups = str(told.get("email", "")), told.get(self.groups_claim, [])
        if not email or told.get("email_verified") is False:
            raise ProviderRefused
        names = groups if isinstance(groups, list) else [groups]
        proved = float(claims.get("auth_time", claims["iat"]))
        return Person(
            issuer=self.issuer,
            subject=str(claims["sub"]),
            email=email.strip().lower(),
            name=str(told.get("name") or email),
            roles=frozenset(role for name in names for role in self.roles.get(str(name), [])),
            session=str(claims["sid"]) if claims.get("sid") else None,
            proved_at=dt.datetime.fromtimestamp(proved, dt.UTC),
        )


def _refusal(wrong: Exception) -> ProviderRefused:
    claim = getattr(wrong, "claim", "")
    return _not_ours(claim) if claim in ("iss", "aud") else ProviderRefused()


def _not_ours(claim: str) -> NotOurProvider:
    """Says in the log what differs from the settings: `iss`, `aud` or `azp`."""
    log.error("identity.provider.not_ours", reason=claim)
    return NotOurProvider()
