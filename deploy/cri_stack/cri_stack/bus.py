"""nats-server's configuration: what it keeps and how, who may come in, and how it is known."""

import json
import os
from pathlib import Path

from cri_shared.bus import access
from cri_shared.settings import NatsSettings, unusable
from pydantic import ValidationError

from cri_stack.layout import Layout

CONFIGURATION = """\
# Written anew at every start: the bus of one machine, for nobody but this machine.
listen: 127.0.0.1:{port}
server_name: cri
jetstream {{
  store_dir: "{store}"
  max_file: 8GB
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


def users(layout: Layout) -> str:
    """The block with our users; makes their seeds where there are none."""
    keys = {user: access.ensure_seed(layout.nats_seed(user)) for user in access.USERS}
    return access.authorization(keys)


def configure(layout: Layout) -> None:
    """Write the configuration of the bus of one machine. Raises `BusUnusable`."""
    settings_of(layout, access.PROVISIONER)
    place = CONFIGURATION.format(port=layout.ports["nats"], store=layout.var / "nats")
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
