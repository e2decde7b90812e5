"""Intake, research and nats-server as deployed, for runs that make them fail."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import nats
import pyotp
from cri_shared import clock
from cri_shared.bus.topology import durables
from cri_shared.identity.staff import Staff
from cri_shared.identity.store import Identity
from cri_shared.privacy.keys import KeyRing
from cri_shared.testing.commands import ServiceProcess
from cri_shared.testing.identity import PASSWORD
from cri_shared.testing.nats import NatsServer, fresh_streams
from cri_shared.testing.postgres import PostgresServer
from nats.aio.client import Client
from nats.js import JetStreamContext

from tests.faults.disk import SmallDisk
from tests.faults.people import Browser
from tests.forking import Forge, ForkedService

SERVICES = ("intake", "research")
LIMITS = {"CRI_INTAKE_KEY_PER_MINUTE": "100000", "CRI_INTAKE_KEY_PER_DAY": "100000"}
# What a killed process held comes again after this, instead of after half a minute.
ACK_WAIT = 4.0
STREAM_BYTES = 512 << 20
LOOK_SECONDS = 0.1


class House:
    """Real processes under one directory; `replicas` of each service share its data.

    The files of the services, and those of nats-server, lie on a small file system each where we
    may mount one, or with `small_disks` false on the disk that is there. Each service heeds a trap
    (`cri_shared.points`) and a clock of its own.
    """

    def __init__(
        self,
        directory: Path,
        *,
        services: tuple[str, ...] = SERVICES,
        postgres: PostgresServer | None = None,
        replicas: int = 1,
        forge: Forge | None = None,
        small_disks: bool = True,
        **settings: str,
    ) -> None:
        self.directory = directory
        self.postgres = postgres
        self._make = partial(ForkedService, forge) if forge else ServiceProcess
        self.nats = NatsServer(directory / "nats")
        places = ("house", "nats") if small_disks else ()
        self.disks = {name: SmallDisk(directory / name) for name in places}
        self.key = ""
        self.numbers = itertools.count()
        self.posted: list[str] = []  # the id of every question that was answered with 201
        self._staff: dict[tuple[str, str], Staff] = {}  # by service and name
        self.held: set[ServiceProcess] = set()  # which a fault keeps down
        self.restarts = 0
        self.services = {
            name: self._processes(name, replicas, LIMITS | settings) for name in services
        }

    def _processes(
        self, service: str, replicas: int, settings: dict[str, str]
    ) -> list[ServiceProcess]:
        url = self.postgres.create_database() if self.postgres else None
        told = settings | {
            "CRI_FAULTS_FILE": str(self.trap(service)),
            "CRI_DEMO": "1",
            "CRI_DEMO_CLOCK": str(self.clock(service)),
        }
        place = self.directory / "house"
        return [
            self._make(service, place, nats_url=self.nats.url, database_url=url, **told)
            for _ in range(replicas)
        ]

    def trap(self, service: str) -> Path:
        """Where to write at which point a process of a service is to end."""
        return self.directory / f"{service}.trap"

    def clock(self, service: str) -> Path:
        """Where to write what a service takes for the time."""
        return self.directory / f"{service}.clock"

    @property
    def intake(self) -> ServiceProcess:
        """The first intake."""
        return self.services["intake"][0]

    @property
    def research(self) -> ServiceProcess:
        """The first research."""
        return self.services["research"][0]

    @property
    def processes(self) -> list[ServiceProcess]:
        """Every service process."""
        return [one for replicas in self.services.values() for one in replicas]

    async def open(self) -> None:
        """Prepare and start everything, with an organisation that may post questions."""
        for disk in self.disks.values():
            disk.mount()
        self.nats.start()
        await fresh_streams(self.nats.url, max_bytes=STREAM_BYTES)
        await self._redeliver_soon()
        for replicas in self.services.values():
            await asyncio.to_thread(replicas[0].prepare)
        if "intake" in self.services:
            said = await asyncio.to_thread(self.intake.run, "add-organisation", "Faults")
            self.key = said.split()[-1]
        await self.start()

    async def start(self) -> None:
        """Start what does not run and is not held down, and wait until it answers."""
        self._start_the_fallen()
        up = [one for one in self.processes if one not in self.held]
        await asyncio.gather(*(asyncio.to_thread(one.wait) for one in up))

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Start again what falls within the block, as a supervisor does."""

        async def keep() -> None:
            while True:
                self.restarts += self._start_the_fallen()
                await asyncio.sleep(LOOK_SECONDS)

        keeper = asyncio.create_task(keep())
        try:
            yield
        finally:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper

    def _start_the_fallen(self) -> int:
        # On the main thread: a child ends with the thread that started it.
        fallen = [one for one in self.processes if not (one.running or one in self.held)]
        for one in fallen:
            one.start(wait=False)
        return len(fallen)

    def close(self) -> None:
        """Stop everything."""
        for one in self.processes:
            one.stop()
        self.nats.stop()
        for disk in self.disks.values():
            disk.unmount()

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Client]:
        """A connection to nats-server of somebody who may do everything."""
        client = await nats.connect(self.nats.url)
        try:
            yield client
        finally:
            await client.close()

    @asynccontextmanager
    async def jetstream(self) -> AsyncIterator[JetStreamContext]:
        """JetStream, for whoever looks into a stream or changes it."""
        async with self.connected() as client:
            yield client.jetstream()

    @property
    def durables(self) -> list[tuple[str, str]]:
        """(stream, durable) of all that our services hear."""
        found = ((stream, str(one.durable_name)) for stream, one in durables())
        return [(stream, name) for stream, name in found if name in self.services]

    async def all_delivered(self) -> bool:
        """Whether no message waits for one of our services, or for its answer."""
        async with self.jetstream() as js:
            found = [await js.consumer_info(stream, name) for stream, name in self.durables]
        return not any((one.num_pending or 0) + (one.num_ack_pending or 0) for one in found)

    async def _redeliver_soon(self) -> None:
        async with self.jetstream() as js:
            for stream in await js.streams_info():
                name = str(stream.config.name)
                for one in await js.consumers_info(name):
                    await js.add_consumer(name, one.config.evolve(ack_wait=ACK_WAIT))

    async def staff(self, service: str, role: str, name: str) -> Browser:
        """The browser of somebody who accepted an invitation once and is signed in.

        Where the session has ended, a new one is opened as from another console.
        """
        if (service, name) not in self._staff:
            self._staff[service, name] = await self._invite(service, role, name)

        async def sign_in() -> tuple[str, str]:
            identity = self._identity(service)
            code = await identity.hand_over(self._staff[service, name], service)
            session = await identity.arrive(code)
            assert session is not None
            staff = await identity.whoever(session)
            assert staff is not None
            await identity.close()
            return session, staff.csrf

        urls = [one.url for one in self.services[service]]
        return await Browser.of_staff(urls, f"cri_{service}", sign_in)

    async def _invite(self, service: str, role: str, name: str) -> Staff:
        identity = self._identity(service)
        token = await identity.invite(f"{name}@staff.example", name, [role])
        code = pyotp.TOTP((await identity.invitation(token)).totp_secret).at(clock.now())
        session = await identity.accept(token, password=PASSWORD, code=code, language="en")
        staff = await identity.whoever(session)
        assert staff is not None
        await identity.close()
        return staff

    def _identity(self, service: str) -> Identity:
        ring = KeyRing.open(self.directory / "house" / "keys" / "identity")
        url = f"sqlite+aiosqlite:///{self.directory}/house/identity.db"
        return Identity(url, ring, service=service)
