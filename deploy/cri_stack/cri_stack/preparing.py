"""Making what a platform needs before it starts: directories, keys, databases, streams."""

import asyncio
import os

from cri_shared.bus import access
from cri_shared.bus.connection import connect_once
from cri_shared.bus.topology import provision
from cri_shared.index.provisioning import provision_keys
from cri_shared.privacy.keys import KeyRing

from cri_stack import bus
from cri_stack.layout import SERVICES, Layout
from cri_stack.migrating import Migrated, migrate_all


def prepare(layout: Layout) -> list[Migrated]:
    """Make keys and databases, or bring them up to date; safe to repeat. Gives how each was left.

    Raises `MigrationBlocked`, and `ValueError` where a setting of migrations is none.
    """
    os.umask(0o077)
    for directory in (layout.var, layout.logs, layout.mails, layout.var / "db"):
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    for ring in ("identity", *SERVICES):
        if not layout.keys(ring).exists():
            KeyRing.create(layout.keys(ring))
    return migrate_all(layout, lambda _line: None)


def provision_all(layout: Layout, replicas: int = 1) -> dict[str, str]:
    """Streams, durables and index keys on running servers; gives what was done to each.

    `replicas` servers of a cluster of NATS keep each stream.

    Raises `BusUnusable` or `CannotConnect`.
    """
    done = asyncio.run(_provision_bus(layout, replicas))
    write, search = provision_keys(layout.environment()["CRI_INDEX_URL"], layout.master_key)
    known = (layout.index_key("publishing"), layout.index_key("search"))
    layout.keep_index_keys(publishing=write, search=search)
    return done | {"index keys": "unchanged" if known == (write, search) else "created"}


async def _provision_bus(layout: Layout, replicas: int) -> dict[str, str]:
    settings = bus.settings_of(layout, access.PROVISIONER)
    client = await connect_once(access.PROVISIONER, settings)
    try:
        return await provision(client.jetstream(), replicas=replicas)
    finally:
        await client.close()
