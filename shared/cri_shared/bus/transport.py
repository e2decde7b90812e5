"""How bytes reach NATS by TLS, where nats-py's own way is wrong about its beginning and its end."""

import asyncio
import ssl
from typing import Any

from nats.aio import client
from nats.aio.transport import TcpTransport


class Transport(TcpTransport):
    """One whose stream knows that it is encrypted, and that is done with a handshake that failed.

    nats-py makes a second stream beside the first, which takes itself for a plain one: at its end
    asyncio prints a warning under whatever a command of ours said.

    Once TLS has begun, nobody tells the connection below that it was closed. nats-py waits for
    that before it tries again: a service whose first handshake failed (a server that was slow at
    boot, a certificate that had expired) would never have tried a second time.
    """

    async def connect_tls(
        self, uri: Any, ssl_context: ssl.SSLContext, buffer_size: int, connect_timeout: int
    ) -> None:
        """Let the stream that there is go on by TLS; where that fails there is nothing to close."""
        assert self._io_writer is not None, "connect comes first"
        host = uri if isinstance(uri, str) else uri.hostname
        try:
            async with asyncio.timeout(connect_timeout):
                await self._io_writer.start_tls(ssl_context, server_hostname=host)
        except BaseException:
            self._io_writer.close()
            self._io_reader = self._io_writer = None
            raise


def use() -> None:
    """Let every connection of nats-py in this process have such a transport."""
    client.TcpTransport = Transport  # type: ignore[attr-defined]
