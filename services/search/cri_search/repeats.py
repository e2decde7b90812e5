"""The same question asked again at once gets the same answer: it is worked out only once.

A page that many read at the same moment (a link in the news, a class of thirty) would otherwise
cost a search each. Only answers that anybody may keep are kept, for half a second, in memory.
"""

import asyncio

from cri_shared.places import PUBLIC_LANGUAGES
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECONDS = 0.5
MOST = 64  # answers, of some 10 KB each
_PUBLIC = ("/api/v1/", *(f"/{language}/" for language in PUBLIC_LANGUAGES))
_PERSONAL = frozenset((b"cookie", b"authorization", b"if-none-match", b"range"))

Key = tuple[str, bytes, bytes]
Answer = list[Message]
Coming = asyncio.Future[Answer | None]


class Kept:
    """The answers of the last half second, and those being worked out."""

    def __init__(self) -> None:
        self._answers: dict[Key, Coming] = {}

    def forget(self) -> None:
        """What is public has changed: who asks from now on gets it as it is now."""
        self._answers.clear()

    def of(self, key: Key) -> Coming | None:
        """The answer to a question, there or coming; None where nobody has asked just now."""
        return self._answers.get(key)

    def begin(self, key: Key) -> Coming | None:
        """Room for the answer to a question that was not asked; None where there is none left."""
        if len(self._answers) >= MOST:
            return None
        loop = asyncio.get_running_loop()
        coming = self._answers[key] = loop.create_future()
        return coming

    def end(self, key: Key, coming: Coming, answer: Answer) -> None:
        """Give the answer to all who wait, or, where it is one person's, tell them to ask."""
        if coming.done():
            return
        if _anybodys(answer):
            coming.set_result(answer)
            coming.get_loop().call_later(SECONDS, self._drop, key, coming)
        else:
            coming.set_result(None)
            self._drop(key, coming)

    def _drop(self, key: Key, coming: Coming) -> None:
        if self._answers.get(key) is coming:
            del self._answers[key]


class Repeats:
    """Answers from what is kept, and lets the app answer everything else."""

    def __init__(self, app: ASGIApp, kept: Kept) -> None:
        self._app = app
        self._kept = kept

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = _key(scope)
        coming = self._kept.of(key) if key else None
        if coming is not None and (answer := await asyncio.shield(coming)) is not None:
            for message in answer:
                await send(message)
        elif key and coming is None and (mine := self._kept.begin(key)) is not None:
            await self._work_out(key, mine, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _work_out(
        self, key: Key, mine: Coming, scope: Scope, receive: Receive, send: Send
    ) -> None:
        answer: Answer = []

        async def keeping(message: Message) -> None:
            answer.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self._kept.end(key, mine, answer)  # nobody waits for a slow reader
            await send(message)

        try:
            await self._app(scope, receive, keeping)
        finally:
            self._kept.end(key, mine, [])


def _key(scope: Scope) -> Key | None:
    """What makes a request the same as another; None where its answer may be one person's."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    headers = dict(scope["headers"])
    if not scope["path"].startswith(_PUBLIC) or not _PERSONAL.isdisjoint(headers):
        return None
    return scope["path"], scope["query_string"], headers.get(b"accept-encoding", b"")


def _anybodys(answer: Answer) -> bool:
    """Whether this is an answer that its route lets anybody keep."""
    if not answer or answer[0].get("status") != 200:
        return False
    headers = dict(answer[0]["headers"])
    return headers.get(b"cache-control", b"").startswith(b"public") and b"set-cookie" not in headers
