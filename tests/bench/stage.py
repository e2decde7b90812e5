"""The real parts that rows are measured on, each started when the first row asks for it."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from cri_shared.index.meilisearch import MeilisearchIndex
from cri_shared.testing.commands import ServiceProcess
from cri_shared.testing.index import IndexServer
from cri_shared.testing.nats import NatsServer, fresh_streams
from cri_shared.testing.postgres import PostgresServer

T = TypeVar("T")


class Stage:
    """A directory, nats-server, PostgreSQL with fsync, cri-index and services, for one run."""

    def __init__(
        self,
        *,
        quick: bool,
        minutes: float = 10.0,
        database: str = "sqlite",
        questions: int = 100_000,
        left_open: bool = False,
        services: Sequence[str] = (),
    ) -> None:
        self.quick = quick
        # Of the groups that run where they are asked for alone:
        self.minutes, self.database, self.questions = minutes, database, questions
        self.services, self.left_open = services, left_open
        self._stack = AsyncExitStack()
        self._nats: NatsServer | None = None
        self._postgres: PostgresServer | None = None
        self._index: IndexServer | None = None
        self._made: dict[Any, Any] = {}
        self.directory = Path()

    async def __aenter__(self) -> "Stage":
        directory = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="cri-bench-"))
        self.directory = Path(directory)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    @property
    def repeats(self) -> int:
        """How often a figure is taken; its median counts."""
        return 1 if self.quick else 3

    @property
    def beside(self) -> dict[str, int]:
        """The servers that services stand on and that are up, by name, with their processes."""
        up = {"nats-server": self._nats, "PostgreSQL": self._postgres}
        return {name: server.pid for name, server in up.items() if server is not None}

    async def once(self, make: "Callable[[Stage], Awaitable[T]]") -> T:
        """What several rows stand on, made when the first of them asks for it."""
        if make not in self._made:
            self._made[make] = await make(self)
        made: T = self._made[make]
        return made

    async def nats_url(self) -> str:
        """A nats-server that syncs every message, with empty streams of ours."""
        if self._nats is None:
            self._nats = NatsServer(self.directory / "nats")
            await asyncio.to_thread(self._nats.start)
            self._stack.callback(self._nats.stop)
        await fresh_streams(self._nats.url)
        return self._nats.url

    async def database_url(self, kind: str, name: str) -> str:
        """A fresh database of a kind, `sqlite` or `postgresql`."""
        if kind == "sqlite":
            return f"sqlite+aiosqlite:///{self.directory}/{name}.db"
        if self._postgres is None:
            self._postgres = PostgresServer(self.directory / "postgres", durable=True)
            await asyncio.to_thread(self._postgres.start)
            self._stack.callback(self._postgres.stop)
        return await asyncio.to_thread(self._postgres.create_database)

    async def index(self) -> IndexServer:
        """A cri-index."""
        if self._index is None:
            self._index = await self.empty_index("index")
        return self._index

    async def empty_index(self, name: str) -> IndexServer:
        """A cri-index of one group alone, whose directory nobody else writes into."""
        index = IndexServer(self.directory / name)
        await asyncio.to_thread(index.start)
        self._stack.callback(index.stop)
        return index

    async def index_port(self) -> MeilisearchIndex:
        """The index port with the right to write."""
        server = await self.index()
        key, _ = await asyncio.to_thread(server.keys)
        return MeilisearchIndex(server.url, key)

    async def service(
        self, service: str, name: str, *, role: str = "all", nats_url: str, **settings: str
    ) -> ServiceProcess:
        """A service with data of its own, prepared and not started; it ends with the stage."""
        process = ServiceProcess(
            service, self.directory / name, nats_url=nats_url, role=role, **settings
        )
        await asyncio.to_thread(process.prepare)
        self._stack.callback(process.stop)
        return process
