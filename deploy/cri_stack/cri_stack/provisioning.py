"""Making what servers must have that run: streams, durables, and the keys of the index."""

import asyncio

from cri_shared.bus import access
from cri_shared.bus.connection import CannotConnect, connect_once
from cri_shared.bus.topology import HoldsMore, StreamRefused, provision
from cri_shared.index.port import IndexRefused, SearchUnavailable
from cri_shared.index.provisioning import provision_keys
from nats.errors import Error as NatsError

from cri_stack import bus
from cri_stack.layout import Layout


class CannotProvision(Exception):
    """A server does not give what was asked of it; says which, why, and whether some is done."""

    def __init__(self, words: str, *, begun: bool) -> None:
        self.begun = begun
        super().__init__(words)


def provision_all(layout: Layout, replicas: int | None = None) -> dict[str, str]:
    """Streams, durables and index keys on running servers; gives what was done to each.

    `replicas` servers of a cluster of NATS keep each stream; None leaves each where it is.
    Safe to repeat. Raises `BusUnusable` or `CannotProvision`.
    """
    done = asyncio.run(_provision_bus(layout, replicas))
    try:
        write, search = provision_keys(layout.environment()["CRI_INDEX_URL"], layout.master_key)
    except SearchUnavailable:
        words = "Index: does not answer. Streams and durables are there: run it again for its keys."
        raise CannotProvision(words, begun=True) from None
    except IndexRefused as refused:
        raise CannotProvision(f"Index: {refused}", begun=True) from None
    known = (layout.index_key("publishing"), layout.index_key("search"))
    layout.keep_index_keys(publishing=write, search=search)
    return done | {"index keys": "unchanged" if known == (write, search) else "created"}


async def _provision_bus(layout: Layout, replicas: int | None) -> dict[str, str]:
    settings, room = bus.settings_of(layout, access.PROVISIONER), bus.room_of(layout)
    try:
        client = await connect_once(access.PROVISIONER, settings)
    except CannotConnect as refused:
        raise CannotProvision(f"NATS: {refused}", begun=False) from None
    try:
        return await provision(client.jetstream(), max_bytes=room, replicas=replicas)
    except StreamRefused as refused:
        raise CannotProvision(
            f"NATS: {refused}", begun=not isinstance(refused, HoldsMore)
        ) from None
    except (NatsError, TimeoutError) as trouble:
        words = f"NATS: it keeps no streams, or is not ready for them ({type(trouble).__name__})"
        raise CannotProvision(words, begun=True) from None
    finally:
        await client.close()
