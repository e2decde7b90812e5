"""How bytes reach NATS, where nats-py's own way would end at the first handshake that fails."""

import ssl
from typing import Any

from nats.aio import client
from nats.aio.transport import TcpTransport


class Transport(TcpTransport):
    """One that is done with a connection whose handshake failed.

    Once TLS has begun, nobody tells the connection below that it was closed. nats-py waits for
    that before it tries again: a service whose first handshake failed (a server that was slow at
    boot, a certificate that had expired) would never have tried a second time.
    """

    async def connect_tls(
        self, uri: Any, ssl_context: ssl.SSLContext, buffer_size: int, connect_timeout: int
    ) -> None:
        """Begin TLS; where that fails there is nothing to close any more."""
        try:
            await super().connect_tls(uri, ssl_context, buffer_size, connect_timeout)
        except BaseException:
            if self._io_writer is not None:
                self._io_writer.close()
            self._io_reader = self._io_writer = None
            raise


def use() -> None:
    """Let every connection of nats-py in this process have such a transport."""
    client.TcpTransport = Transport  # type: ignore[attr-defined]
