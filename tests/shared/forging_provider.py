"""A provider that lies: it answers as OpenID Connect wants, with whatever claims a test likes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from cri_shared import clock
from cri_shared.testing.processes import free_port
from cri_shared.testing.waiting import eventually
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey

CLIENT = "cri-intake"


@dataclass
class ForgingProvider:
    """Signs with a key of its own, which it gives out as a real one does."""

    issuer: str
    nonce: str = ""
    claims: dict[str, Any] = field(default_factory=dict)  # instead of the honest ones
    metadata: dict[str, Any] = field(default_factory=dict)
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one"}))

    def token(self) -> str:
        """An id token for whoever asks, signed rightly."""
        now = int(clock.now().timestamp())
        honest = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "leen",
            "nonce": self.nonce,
            "iat": now,
            "exp": now + 300,
            "email": "leen@ngo.example",
            "groups": ["helpdesk"],
        }
        return jwt.encode({"alg": "ES256", "kid": "one"}, honest | self.claims, self.key)

    def app(self) -> FastAPI:
        """What it serves; nobody signs in there, the test goes straight back."""
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        async def about() -> dict[str, Any]:
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/auth",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                **self.metadata,
            }

        @app.get("/keys")
        async def keys() -> dict[str, Any]:
            return {"keys": [self.key.as_dict(private=False)]}

        @app.post("/token")
        async def token() -> dict[str, Any]:
            return {"access_token": "x", "token_type": "Bearer", "id_token": self.token()}

        return app


@asynccontextmanager
async def listening() -> AsyncIterator[ForgingProvider]:
    """A provider that really listens on this machine."""
    port = free_port()
    made = ForgingProvider(f"http://127.0.0.1:{port}")
    server = uvicorn.Server(uvicorn.Config(made.app(), port=port, log_config=None))
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: server.started, what="the provider")
    yield made
    server.should_exit = True
    await serving
