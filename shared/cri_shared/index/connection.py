"""Talking to Meilisearch: a client for each thread, open connections, retries, tasks awaited."""

import asyncio
import os
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import meilisearch
import requests
from meilisearch._httprequests import HttpRequests
from meilisearch.errors import (
    MeilisearchApiError,
    MeilisearchCommunicationError,
    MeilisearchTimeoutError,
)
from meilisearch.index import Index
from meilisearch.models.task import TaskInfo

from cri_shared.index.port import IndexRefused, SearchUnavailable
from cri_shared.index.wire import LATER, PAUSES

T = TypeVar("T")

# A task of one document takes some 15 ms: ask often at first, then less.
_POLLS = (0.003, 0.006, 0.01, 0.02, 0.05)


class _OpenConnection(HttpRequests):
    """The package's requests over a connection that stays open: 0.7 ms instead of 1.4 each."""

    def __init__(self, client: meilisearch.Client) -> None:
        super().__init__(client.config)
        self.session = requests.Session()
        # At every request it would look for a .netrc and for proxies; the index is next door.
        self.session.trust_env = False
        self.session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True

    def send_request(self, http_method: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """As the package does, by the method of the same name of the session."""
        return super().send_request(getattr(self.session, http_method.__name__), *args, **options)


class Connection:
    """Calls to one server with one key; safe to use from any task or thread.

    Every call raises SearchUnavailable when trying again later may help, IndexRefused when not.
    """

    def __init__(self, url: str, key: str, seconds: float) -> None:
        self._url = url
        self._key = key
        self._seconds = seconds
        # The package writes to a client's headers at every request: one client for each thread.
        self._mine = threading.local()
        self._sessions: list[requests.Session] = []

    def client(self) -> meilisearch.Client:
        """The client of this thread."""
        client: meilisearch.Client | None = getattr(self._mine, "client", None)
        if client is None:
            # The package declares whole seconds but hands them to requests, which takes parts.
            seconds: Any = self._seconds
            client = meilisearch.Client(self._url, self._key, timeout=seconds)
            client.http = _OpenConnection(client)
            self._sessions.append(client.http.session)
            self._mine.client = client
        return client

    def index(self, uid: str) -> Index:
        """An index by name, over this thread's open connection."""
        index = self.client().index(uid)
        index.http = self.client().http
        return index

    async def run(self, call: Callable[[], T], *, repeat: bool = True) -> T:
        """Make a call in a thread; `repeat` only what does no harm when it arrives twice."""
        return await asyncio.to_thread(self.call, call, repeat=repeat)

    def call(self, call: Callable[[], T], *, repeat: bool = True) -> T:
        """Make a call here and now."""
        for pause in PAUSES if repeat else ():
            try:
                return _translated(call)
            except SearchUnavailable as unavailable:
                # Who waited for an answer in vain would only wait twice as long.
                if isinstance(unavailable.__cause__, MeilisearchTimeoutError):
                    raise
                time.sleep(pause)
        return _translated(call)

    def finish(self, task: TaskInfo, seconds: float) -> None:
        """Wait for the end of a task; raises IndexRefused when it failed.

        The package gives up after five seconds and returns a failed task as if nothing were wrong.
        """
        deadline = time.monotonic() + seconds
        polls = iter(_POLLS)
        pause = 0.0
        while True:
            found = self.call(lambda: self.client().http.get(f"tasks/{task.task_uid}"))
            if found["status"] == "succeeded":
                return
            if found["status"] in ("failed", "canceled"):
                error = found.get("error") or {}
                raise IndexRefused(error.get("code", found["status"]), error.get("message", ""))
            if time.monotonic() > deadline:
                raise SearchUnavailable
            pause = next(polls, pause)
            time.sleep(pause)

    def close(self) -> None:
        """Close the connections of all threads."""
        for session in self._sessions:
            session.close()
        self._sessions.clear()
        self._mine = threading.local()


def _translated(call: Callable[[], T]) -> T:
    try:
        return call()
    except (
        MeilisearchCommunicationError,
        MeilisearchTimeoutError,
        requests.RequestException,  # an answer that breaks off: the package lets it by
    ) as error:
        raise SearchUnavailable from error
    except MeilisearchApiError as error:
        if error.status_code in LATER:
            raise SearchUnavailable from error
        raise IndexRefused(error.code or str(error.status_code), error.message) from error
