"""Webhooks: where they may go, how they are signed, and how often one is tried."""

import base64
import datetime as dt
import hmac
from collections.abc import Sequence
from urllib.parse import urlsplit

from cri_shared.outside import Network, may_go_to

LONGEST_URL = 500
SHOWN_MINUTES = 10  # a new secret, to whoever sends the same request again
TRIAL = "test"  # what stands for the status in a message that tries a webhook out
TWO_CLICKS = dt.timedelta(seconds=10)
LEASE = dt.timedelta(minutes=2)  # longer than a delivery takes: then a crash left it behind
BACKOFF = tuple(
    dt.timedelta(seconds=seconds) for seconds in (5, 60, 300, 1800, 7200, 21600, 43200)
)  # about a day in all
GONE = 410  # the receiver wants no more of it


def next_try(tries: int) -> dt.timedelta | None:
    """How long after a delivery that failed `tries` times the next one is; None: it is given up."""
    return BACKOFF[tries - 1] if tries <= len(BACKOFF) else None


def signed(secret: bytes, message_id: str, moment: int, body: bytes) -> str:
    """The signature of a message, as Standard Webhooks 1 has it; `moment` in seconds since 1970."""
    told = f"{message_id}.{moment}.".encode() + body
    return f"v1,{base64.b64encode(hmac.digest(secret, told, 'sha256')).decode()}"


def shown(secret: bytes) -> str:
    """A secret as its receiver keeps it."""
    return f"whsec_{base64.b64encode(secret).decode()}"


def is_target(url: str, own: Sequence[Network]) -> bool:
    """Whether an address can be one of a webhook; names are looked up at each delivery."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    plain = parts.scheme == "http" and bool(own)  # within the operator's own networks
    if not host or (parts.scheme != "https" and not plain):
        return False
    if parts.username is not None or parts.password is not None or parts.fragment:
        return False
    if not (url.isascii() and url.isprintable() and " " not in url and "\\" not in url):
        return False
    try:
        return may_go_to(host, own)
    except ValueError:
        return "." in host
