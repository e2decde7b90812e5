"""Intake, research and nats-server as deployed, for runs that kill them."""

import asyncio
from pathlib import Path

import nats
import pyotp
from cri_shared import clock
from cri_shared.identity.store import Identity
from cri_shared.privacy.keys import KeyRing
from cri_shared.testing.commands import ServiceProcess
from cri_shared.testing.identity import PASSWORD
from cri_shared.testing.nats import NatsServer, fresh_streams

from tests.faults.people import Browser

SERVICES = ("intake", "research")
LIMITS = {"CRI_INTAKE_KEY_PER_MINUTE": "100000", "CRI_INTAKE_KEY_PER_DAY": "100000"}
# What a killed process held comes again after this, instead of after half a minute.
ACK_WAIT = 4.0


class House:
    """Real processes under one directory; `replicas` of each service share its data."""

    def __init__(
        self, directory: Path, *, databases: dict[str, str] | None = None, replicas: int = 1
    ) -> None:
        self.directory = directory
        self.nats = NatsServer(directory / "nats")
        self.key = ""
        self.posted: list[str] = []  # the id of every question that was answered with 201
        urls = databases or {}
        self.services = {
            name: [
                ServiceProcess(
                    name,
                    directory / "house",
                    nats_url=self.nats.url,
                    database_url=urls.get(name),
                    **LIMITS,
                )
                for _ in range(replicas)
            ]
            for name in SERVICES
        }

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
        self.nats.start()
        await fresh_streams(self.nats.url)
        await _redeliver_soon(self.nats.url)
        for name in SERVICES:
            await asyncio.to_thread(self.services[name][0].prepare)
        key = await asyncio.to_thread(self.intake.run, "add-organisation", "Faults")
        self.key = key.strip()
        await self.start()

    async def start(self) -> None:
        """Start what does not run, and wait until it answers."""
        for one in self.processes:
            if not one.running:
                one.start(wait=False)
        await asyncio.gather(*(asyncio.to_thread(one.wait) for one in self.processes))

    def close(self) -> None:
        """Stop everything."""
        for one in self.processes:
            one.stop()
        self.nats.stop()

    async def staff(self, service: str, role: str, name: str) -> Browser:
        """The browser of somebody who accepted an invitation and signed in."""
        ring = KeyRing.open(self.directory / "house" / "keys" / "identity")
        url = f"sqlite+aiosqlite:///{self.directory}/house/identity.db"
        identity = Identity(url, ring, service=service)
        token = await identity.invite(f"{name}@staff.example", name, [role])
        code = pyotp.TOTP((await identity.invitation(token)).totp_secret).at(clock.now())
        session = await identity.accept(token, password=PASSWORD, code=code, language="en")
        staff = await identity.whoever(session)
        await identity.close()
        assert staff is not None
        urls = [one.url for one in self.services[service]]
        return Browser(urls, cookies={f"cri_{service}": session}, csrf=staff.csrf)


async def _redeliver_soon(url: str) -> None:
    client = await nats.connect(url)
    js = client.jetstream()
    for stream, durable in (("INTAKE", "research"), ("RESEARCH", "intake")):
        config = (await js.consumer_info(stream, durable)).config
        await js.add_consumer(stream, config.evolve(ack_wait=ACK_WAIT))
    await client.close()
