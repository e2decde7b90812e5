"""Connecting to NATS: under one's own name, encrypted where the address says so, and for ever."""

import asyncio
import ssl
from typing import Any

import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError

from cri_shared.bus import transport
from cri_shared.bus.access import inbox_of
from cri_shared.observe import log
from cri_shared.settings import NatsSettings

transport.use()
ONCE_SECONDS = 5.0
# OpenSSL's codes of what is wrong with a certificate (X509_V_ERR_...).
_CERTIFICATE = {
    9: "its certificate is not valid yet",
    10: "its certificate has expired",
    62: "its certificate is for another host name",
    64: "its certificate is for another address",
}


class CannotConnect(Exception):
    """NATS did not let us in; says why in words for an operator, without an address."""


def options_of(user: str) -> dict[str, Any]:
    """How a user of ours connects, in the words that nats-py and FastStream share."""
    return {
        "name": user,
        "inbox_prefix": inbox_of(user),
        "max_reconnect_attempts": -1,  # the default closes for good after two minutes
        "reconnect_time_wait": 1,
        "ping_interval": 10,
        "max_outstanding_pings": 2,
    }


def security_of(settings: NatsSettings) -> dict[str, Any]:
    """Who we are, and whom we believe, in the words of nats-py.

    TLS comes first, before the server says anything: nats-py believes a server (or whoever stands
    between) that says in the clear that it does no TLS, also where the address says tls://.
    """
    told: dict[str, Any] = {
        "tls": _trust(settings) if settings.nats_encrypted else None,
        "tls_handshake_first": settings.nats_encrypted,
    }
    if settings.nats_seed_file is not None:
        told["nkeys_seed_str"] = settings.nats_seed_file.read_text().strip()
    return told


def _trust(settings: NatsSettings) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=settings.nats_ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


async def connect(user: str, settings: NatsSettings) -> Client:
    """A connection with a user's own rights; waits until NATS answers, and says why it waits."""
    trouble = Trouble(settings)
    return await nats.connect(
        settings.nats_servers,
        error_cb=trouble.tell,
        reconnected_cb=trouble.over,
        **security_of(settings),
        **options_of(user),
    )


async def connect_once(user: str, settings: NatsSettings) -> Client:
    """A connection for a command that ends; raises `CannotConnect` within five seconds."""
    met: list[Exception] = []

    async def note(trouble: Exception) -> None:
        met.append(trouble)

    impatient = {"allow_reconnect": False, "max_reconnect_attempts": 1, "reconnect_time_wait": 0.1}
    try:
        async with asyncio.timeout(ONCE_SECONDS):
            return await nats.connect(
                settings.nats_servers,
                error_cb=note,
                **security_of(settings),
                **options_of(user) | impatient,
            )
    except (NatsError, OSError) as trouble:
        raise CannotConnect(why(met[0] if met else trouble, settings)) from None


class Trouble:
    """Tells the log what stands between a process and NATS: once, until it is something else."""

    def __init__(self, settings: NatsSettings) -> None:
        self._settings = settings
        self._told = ""

    async def tell(self, trouble: Exception) -> None:
        """What nats-py met."""
        reason = why(trouble, self._settings)
        if reason != self._told:
            self._told = reason
            log.warning("bus.trouble", reason=reason)

    async def over(self) -> None:
        """The connection is there again."""
        self._told = ""
        log.info("bus.connected.again")


def why(trouble: BaseException, settings: NatsSettings) -> str:
    """What is wrong, in words for an operator."""
    if isinstance(trouble, ssl.SSLCertVerificationError):
        known = _CERTIFICATE.get(trouble.verify_code)
        return known or "its certificate is from nobody that nats_ca_file names"
    if "authorization" in str(trouble).lower():
        return "it does not let this user in: nats_seed_file holds no seed that it knows"
    if _is_of_the_handshake(trouble, encrypted=settings.nats_encrypted):
        return _HANDSHAKE[settings.nats_encrypted]
    if type(trouble) is NatsError:
        return str(trouble)
    return f"does not answer ({type(trouble).__name__})"


_HANDSHAKE = {
    True: "it does not begin with TLS: its tls block needs handshake_first",
    False: "it says nothing to nats://: it hangs, or wants tls://",
}


def _is_of_the_handshake(trouble: BaseException, *, encrypted: bool) -> bool:
    """Whether the two sides do not agree on who begins, and how."""
    if encrypted:
        broken = ssl.SSLError, ConnectionResetError, ConnectionAbortedError, BrokenPipeError
        return isinstance(trouble, broken)
    # nobody speaks first: the client's patience ends as soon as the server's, whichever is first
    return isinstance(trouble, TimeoutError) or "expecting INFO" in str(trouble)
