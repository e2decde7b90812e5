"""Making what servers must have that run: streams, durables, and the keys of the index."""

import asyncio

from cri_shared.bus import access
from cri_shared.bus.connection import connect_once
from cri_shared.bus.topology import provision
from cri_shared.index.provisioning import provision_keys

from cri_stack import bus
from cri_stack.layout import Layout


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
