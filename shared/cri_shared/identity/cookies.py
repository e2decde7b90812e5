"""The session's cookie, set again wherever the session gets a new token."""

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cri_shared.settings import ServiceSettings
from cri_shared.web.cookies import keep_cookie


class NewTokens:
    """Sets the cookie of a session that got a new token while a request was handled."""

    def __init__(self, app: ASGIApp, settings: ServiceSettings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope.setdefault("state", {})

        async def send_with_cookie(message: Message) -> None:
            token = state.get("session_token")
            if token and message["type"] == "http.response.start":
                carrier = Response()
                keep_cookie(carrier, self._settings, self._settings.session_cookie, token)
                header = (b"set-cookie", carrier.headers["set-cookie"].encode())
                message.setdefault("headers", []).append(header)
            await send(message)

        await self._app(scope, receive, send_with_cookie)
