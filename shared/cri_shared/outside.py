"""What a service may call outside: servers that are everybody's, and networks that are named."""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class NoPublicAddress(Exception):
    """The name leads to nobody, or to where nothing of ours may go."""


def networks(told: str) -> list[Network]:
    """The networks in a setting, by commas; raises `ValueError`."""
    return [ipaddress.ip_network(one.strip()) for one in told.split(",") if one.strip()]


def may_go_to(address: str, own: Sequence[Network]) -> bool:
    """Whether an IP address is everybody's, or lies in networks that the operator named.

    Loopback, private, link-local and all other special addresses are not.
    """
    here = ipaddress.ip_address(address)
    if isinstance(here, ipaddress.IPv6Address):
        within = ipaddress.IPv4Address(int(here) & 0xFFFFFFFF) if here in _NAT64 else None
        here = here.ipv4_mapped or here.sixtofour or within or here
    return any(here in network for network in own) or (here.is_global and not here.is_multicast)


async def address_of(host: str, own: Sequence[Network]) -> str:
    """An address of a host, all of whose addresses may be gone to; raises `NoPublicAddress`."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NoPublicAddress from None
    addresses = [str(one[4][0]).partition("%")[0] for one in found]
    if not addresses or not all(may_go_to(one, own) for one in addresses):
        raise NoPublicAddress
    return addresses[0]
