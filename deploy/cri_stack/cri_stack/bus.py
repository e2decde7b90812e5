"""nats-server's configuration: what it keeps and how, and who may come in."""

from cri_shared.bus import access

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


def users(layout: Layout) -> str:
    """The block with our users; makes their seeds where there are none."""
    keys = {user: access.ensure_seed(layout.nats_seed(user)) for user in access.USERS}
    return access.authorization(keys)


def configure(layout: Layout) -> None:
    """Write the configuration of the bus of one machine."""
    place = CONFIGURATION.format(port=layout.ports["nats"], store=layout.var / "nats")
    layout.nats_conf.write_text(place + users(layout))
