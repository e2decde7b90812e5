"""Who may do what on NATS: a user for each service, and one that provisions.

The rights are derived from the same contracts as the streams. A service's seed stays in its own
file; the server's configuration holds public keys only.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import nkeys
from nacl.signing import SigningKey

from cri_shared.bus.topology import stream_of
from cri_shared.events import REGISTRY, SERVICES, producers_heard

PROVISIONER = "provision"
USERS = (*SERVICES, PROVISIONER)


@dataclass(frozen=True)
class Rights:
    """The subjects on which a user may publish, and those to which it may subscribe."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def inbox_of(user: str) -> str:
    """The prefix under which answers reach a user, and nobody else."""
    return f"_INBOX_{user}"


def rights_of(user: str) -> Rights:
    """What a user may do. Raises `KeyError` for one that there is not."""
    if user not in USERS:
        raise KeyError(user)
    allowed = ("$JS.API.>",) if user == PROVISIONER else tuple(_needed(user))
    return Rights(allowed, (f"{inbox_of(user)}.>",))


def _needed(service: str) -> Iterator[str]:
    """Its own events, to publish and to delete one, and the durables that `topology` made for it:
    look, take, confirm.
    """
    yield from sorted(s for s, event in REGISTRY.items() if event.producer == service)
    yield f"$JS.API.STREAM.MSG.GET.{stream_of(service)}"
    yield f"$JS.API.STREAM.MSG.DELETE.{stream_of(service)}"
    for producer in producers_heard(service):
        stream = stream_of(producer)
        yield f"$JS.API.CONSUMER.INFO.{stream}.{service}"
        yield f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{service}"
        yield f"$JS.ACK.{stream}.{service}.>"


def authorization(public_keys: Mapping[str, str]) -> str:
    """The block of nats-server's configuration that lets these users in, and nobody else."""
    users = []
    for user, key in public_keys.items():
        rights = rights_of(user)
        publish, subscribe = json.dumps(rights.publish), json.dumps(rights.subscribe)
        users.append(
            f"    {{ nkey: {key}, permissions: {{ publish: {{ allow: {publish} }}, "
            f"subscribe: {{ allow: {subscribe} }} }} }}  # {user}\n"
        )
    return "authorization {\n  users: [\n" + "".join(users) + "  ]\n}\n"


def ensure_seed(path: Path) -> str:
    """Make the seed of a user where there is none; gives its public key."""
    if not path.exists():
        seed: bytes = nkeys.encode_seed(bytes(SigningKey.generate()), nkeys.PREFIX_BYTE_USER)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(seed)
    pair = nkeys.from_seed(bytearray(path.read_bytes().strip()))
    key: str = pair.public_key.decode()
    pair.wipe()
    return key
