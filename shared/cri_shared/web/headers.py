"""What every answer carries: the security headers, and a word on caching."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


def security_headers(form_targets: tuple[str, ...]) -> list[tuple[bytes, bytes]]:
    """The headers of an answer; `form_targets` are other origins to which its forms may lead."""
    forms = " ".join(("'self'", *form_targets))
    policy = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
        f"connect-src 'self'; form-action {forms}; base-uri 'none'; frame-ancestors 'none'"
    )
    return [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"same-origin"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
        (b"strict-transport-security", b"max-age=63072000"),
    ]


class SecurityHeaders:
    """Adds the security headers, and no-store wherever a route did not say how to cache.

    Forms of a console may also lead to `consoles`: people go from one to another.
    """

    def __init__(
        self, app: ASGIApp, form_targets: tuple[str, ...] = (), consoles: tuple[str, ...] = ()
    ) -> None:
        self._app = app
        self._headers = security_headers(form_targets)
        self._of_consoles = security_headers((*form_targets, *consoles))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        ours = self._of_consoles if scope["path"].startswith("/console") else self._headers

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                have = {name.lower() for name, _ in headers}
                headers.extend((n, v) for n, v in ours if n not in have)
                if b"cache-control" not in have:
                    headers.append((b"cache-control", b"no-store"))
            await send(message)

        await self._app(scope, receive, send_with_headers)
