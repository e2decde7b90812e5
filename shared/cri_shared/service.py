"""The parts that every service has, built once from its settings: production and tests alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from cri_shared import points
from cri_shared.bus.bus import Bus
from cri_shared.bus.consumer import Consumer
from cri_shared.bus.dead_letters import DeadLetters
from cri_shared.bus.erasure import scrub_after_erasures
from cri_shared.bus.outbox import Outbox
from cri_shared.bus.removal import Removal
from cri_shared.bus.repairs import Repairs
from cri_shared.bus.upkeep import Upkeep
from cri_shared.clockwork import Clockwork
from cri_shared.db.database import Database
from cri_shared.db.presence import Announced
from cri_shared.db.tables import Messaging
from cri_shared.identity.passwords import PasswordRules, names_in
from cri_shared.identity.store import Identity
from cri_shared.mail import PostOffice
from cri_shared.observe.traces import Traces, open_traces
from cri_shared.privacy.keys import KeyRing
from cri_shared.privacy.keystore import KeyStore
from cri_shared.privacy.leaked import LeakedFile
from cri_shared.retention import Retention
from cri_shared.retention.ledger import Again, Ledger, Owners
from cri_shared.settings import ServiceSettings
from cri_shared.trail import Trail
from cri_shared.trail.attempts import Attempts


@dataclass
class Service:
    """One service's database, bus, clock, mail and people, ready to be started."""

    settings: ServiceSettings
    ring: KeyRing
    database: Database
    consumer: Consumer
    letters: DeadLetters
    bus: Bus
    upkeep: Upkeep
    clockwork: Clockwork
    post: PostOffice
    identity: Identity
    retention: Retention
    trail: Trail
    attempts: Attempts
    traces: Traces
    announced: Announced = field(default_factory=Announced)
    _ledger: Ledger | None = None

    @classmethod
    def build(cls, settings: ServiceSettings, messaging: Messaging) -> "Service":
        """Wire the parts; opens no connection. Raises where the key files are not usable."""
        points.arm(settings.faults_file)
        ring = KeyRing.open(settings.key_dir)
        outbox = Outbox(messaging, service=settings.service, key=ring.secret("outbox"))
        database = Database(settings.database_url, outbox, settings.limits)
        letters = DeadLetters(messaging, ring.secret("dead-letters"))
        traces = open_traces(settings.service, settings.traces_url)
        consumer = Consumer(settings.service, database, letters, traces)
        clockwork = Clockwork(database, traces)
        identity = _identity(settings)
        bus = Bus(settings, consumer, settings.database_url)
        Removal(settings.service, clockwork, lambda: bus.client)
        scrub_after_erasures(clockwork, database)
        trail = Trail(settings.service, ring.secret("audit-trail"), messaging)
        trail.work_by(clockwork)
        attempts = Attempts(database)
        attempts.work_by(clockwork)
        return cls(
            settings=settings,
            ring=ring,
            database=database,
            consumer=consumer,
            letters=letters,
            bus=bus,
            upkeep=Upkeep(settings.service, consumer, clockwork),
            clockwork=clockwork,
            post=_post_office(settings, database, clockwork, ring),
            identity=identity,
            retention=Retention(settings, database, clockwork, identity),
            trail=trail,
            attempts=attempts,
            traces=traces,
        )

    def keep_ledger(
        self, keys: KeyStore, again: Mapping[str, Again], owners: Mapping[str, Owners]
    ) -> Ledger:
        """The ledger of what is erased here, whose keys are in this store."""
        self._ledger = Ledger(self.database, self.clockwork, keys, again, owners)
        return self._ledger

    @property
    def has_ledger(self) -> bool:
        """Whether it seals anything under a key that is not its own."""
        return self._ledger is not None

    @property
    def ledger(self) -> Ledger:
        """The ledger; a service without a key store has none."""
        assert self._ledger is not None
        return self._ledger

    @property
    def repairs(self) -> Repairs:
        """What an operator may do with the dead letters of this service."""
        return Repairs(self.database, self.consumer, self.letters)

    async def announce(self) -> None:
        """Let the databases know that this process works with them, and on which release."""
        own = self.settings
        self.announced.at(own.database_url, own.limits.name)
        self.announced.at(own.identity_database_url, own.identity_limits.name)

    def start(self) -> None:
        """Start what runs by itself in this process's role."""
        if self.settings.runs_worker:
            self.bus.start()
            self.clockwork.start()

    async def stop(self) -> None:
        """Stop in order: what publishes and acts first, the databases last."""
        if self.settings.runs_worker:
            await self.clockwork.stop()
            await self.bus.stop()
        await self.attempts.close()
        await self.database.close()
        await self.identity.close()
        await self.traces.close()
        self.announced.close()


def _post_office(
    settings: ServiceSettings, database: Database, clockwork: Clockwork, ring: KeyRing
) -> PostOffice:
    return PostOffice(
        database,
        clockwork,
        key=ring.secret("mails"),
        sender=settings.mail_from,
        smtp_url=settings.smtp_url,
        directory=settings.mail_dir,
    )


def _identity(settings: ServiceSettings) -> Identity:
    return Identity(
        settings.identity_database_url,
        KeyRing.open(settings.identity_key_dir),
        service=settings.service,
        limits=settings.identity_limits,
        together=settings.one_person_desk_and_research,
        passwords=_password_rules(settings),
    )


def _password_rules(settings: ServiceSettings) -> PasswordRules:
    host = urlsplit(settings.public_url).hostname or ""
    named = [word.strip() for word in settings.house_words.split(",")]
    file = settings.leaked_list_file
    return PasswordRules([*named, *names_in(f"@{host}")], LeakedFile(file) if file else None)
