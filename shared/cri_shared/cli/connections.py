"""How many connections a service takes of a PostgreSQL server, and how many that server has."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import text

from cri_shared.db.engine import make_engine
from cri_shared.settings import ServiceSettings

# Beside the pool of a process: relay, clockwork, scrubbing, readiness and metrics.
OUTSIDE_THE_POOL = 5
REMEDY = (
    "raise max_connections of the server, or lower CRI_DATABASE_POOL_SIZE, "
    "CRI_DATABASE_POOL_OVERFLOW or CRI_PROCESSES"
)
_SERVER = text(
    "SELECT coalesce(host(inet_server_addr()), 'socket') || ':' || current_setting('port'),"
    " current_setting('max_connections')::int"
    " - current_setting('superuser_reserved_connections')::int"
    " - coalesce(current_setting('reserved_connections', true)::int, 0)"
)


@dataclass(frozen=True)
class Share:
    """Connections at most to one server, and what that server has for all who use it."""

    server: str
    needed: int
    given: int

    @property
    def fits(self) -> bool:
        """Whether a full pool everywhere still finds its places."""
        return self.needed <= self.given

    def __str__(self) -> str:
        return f"up to {self.needed} of the {self.given} connections of {self.server}"


async def shares_of(settings: ServiceSettings) -> list[Share]:
    """The share of all processes of a service, for each PostgreSQL server that it uses.

    Raises what the database raises.
    """
    needed: Counter[str] = Counter()
    given: dict[str, int] = {}
    for url, connections in _connections(settings):
        if url.startswith("postgresql"):
            server, places = await _server(url)
            needed[server] += connections * settings.processes
            given[server] = places
    return [Share(server, count, given[server]) for server, count in needed.items()]


def _connections(settings: ServiceSettings) -> list[tuple[str, int]]:
    """The address of each store, and how many connections one process makes to it at most."""
    beside = settings.limits.halved().most
    stores = [
        (settings.database_url, settings.limits.most + OUTSIDE_THE_POOL),
        (settings.identity_database_url, beside),
    ]
    keys: str | None = getattr(settings, "keystore_url", None)
    return [*stores, (keys, beside)] if keys else stores


async def _server(url: str) -> tuple[str, int]:
    """Which server it is, by its own address, and how many may connect who are not superusers."""
    engine = make_engine(url, pooled=False)
    try:
        async with engine.connect() as connection:
            name, places = (await connection.execute(_SERVER)).one()
            return name, places
    finally:
        await engine.dispose()
