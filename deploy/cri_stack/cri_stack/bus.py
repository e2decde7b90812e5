"""nats-server's configuration: what it keeps and how, who may come in, and how it is known."""

import asyncio
import json
import os
from pathlib import Path

from cri_shared.bus import access
from cri_shared.bus.connection import CannotConnect, connect_once
from cri_shared.bus.topology import MB, streams
from cri_shared.settings import NatsSettings, unusable
from nats.errors import Error as NatsError
from pydantic import ValidationError

from cri_stack.layout import Layout

CONFIGURATION = """\
# Written anew at every start: the bus of one machine, for nobody but this machine.
listen: 127.0.0.1:{port}
server_name: cri
jetstream {{
  store_dir: "{store}"
  max_file: {most}MB
  sync_interval: always
  cipher: aes
  key: $CRI_NATS_STORE_KEY
}}
"""
TLS = """\
tls {{
  cert_file: {certificate}
  key_file: {key}
  min_version: "1.3"
  handshake_first: true
}}
"""


ROOM = "CRI_NATS_STREAM_MB"
LEAST = 8  # megabytes of a stream
ALL = 8192  # of all of them, on one machine
FULL = 0.8  # from this part of its room on, somebody should look


class BusUnusable(Exception):
    """What the operator has set for NATS does not do; says what."""


def settings_of(layout: Layout, user: str) -> NatsSettings:
    """How a user of ours reaches NATS. Raises `BusUnusable`."""
    told, seed = layout.environment(), layout.nats_seed(user)
    try:
        return NatsSettings(
            nats_url=told["CRI_NATS_URL"],
            nats_ca_file=Path(told["CRI_NATS_CA_FILE"]) if told.get("CRI_NATS_CA_FILE") else None,
            nats_seed_file=seed if seed.exists() else None,
        )
    except ValidationError as wrong:
        raise BusUnusable(f"Settings are not usable: {unusable(wrong)}") from None


def room_of(layout: Layout) -> int | None:
    """The bytes that each stream may hold, as the operator has set them. Raises `BusUnusable`."""
    told = layout.environ.get(ROOM, "").strip()
    if not told:
        return None
    if not (told.isascii() and told.isdecimal() and int(told) >= LEAST):
        raise BusUnusable(f"{ROOM} must be a whole number of megabytes, {LEAST} or more.")
    return int(told) * MB


def nearly_full(layout: Layout) -> list[str]:
    """What to say of each stream that has little room left; such as there are not, hold nothing.

    Raises `BusUnusable` or `CannotConnect`.
    """
    return asyncio.run(_nearly_full(settings_of(layout, access.PROVISIONER)))


async def _nearly_full(settings: NatsSettings) -> list[str]:
    client = await connect_once(access.PROVISIONER, settings)
    try:
        found = await client.jetstream().streams_info()
    except (NatsError, TimeoutError) as trouble:
        raise CannotConnect(f"it keeps no streams ({type(trouble).__name__})") from None
    finally:
        await client.close()
    return [
        f"{one.config.name} holds {one.state.bytes // MB} of {most // MB} MB, see OutboxLate"
        for one in found
        if (most := one.config.max_bytes or 0) > 0 and one.state.bytes >= FULL * most
    ]


def users(layout: Layout) -> str:
    """The block with our users; makes their seeds where there are none."""
    keys = {user: access.ensure_seed(layout.nats_seed(user)) for user in access.USERS}
    return access.authorization(keys)


def configure(layout: Layout) -> None:
    """Write the configuration of the bus of one machine. Raises `BusUnusable`."""
    settings_of(layout, access.PROVISIONER)
    most = max(ALL, len(list(streams())) * (room_of(layout) or 0) // MB)
    place = CONFIGURATION.format(port=layout.ports["nats"], store=layout.var / "nats", most=most)
    layout.nats_conf.write_text(place + _tls(layout) + users(layout))


def _tls(layout: Layout) -> str:
    """The block that lets NATS show a certificate, where the operator has one."""
    if layout.nats_certificate is None:
        return ""
    if not all(map(os.path.isfile, layout.nats_certificate)):
        raise BusUnusable(
            "CRI_NATS_SERVER_CERT_FILE and CRI_NATS_SERVER_KEY_FILE must both be files."
        )
    certificate, key = (json.dumps(os.path.abspath(path)) for path in layout.nats_certificate)
    return TLS.format(certificate=certificate, key=key)
