"""Every secret that services need where each is a container of its own, made once, in files."""

import base64
import datetime as dt
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cri_shared import clock
from cri_shared.bus.authority import Authority, serves
from cri_shared.index.provisioning import derived_keys
from cri_shared.privacy.keys import KeyRing

from cri_stack import bus
from cri_stack.layout import SERVICES, Layout

AUTHORITY_SPAN = dt.timedelta(days=3650)
SERVER_SPAN = dt.timedelta(days=397)
RENEWED_BEFORE = dt.timedelta(days=60)
IDENTITY = "identity"
INDEXED = ("publishing", "search")


@dataclass(frozen=True)
class Deployment:
    """Where the parts of a deployment are, and the directory of what they must know."""

    directory: Path
    database: str = "postgres:5432"  # host and port
    nats: tuple[str, ...] = ("nats",)  # the names by which services reach its servers
    _layout: Layout = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_layout", Layout(self.directory.resolve()))

    @property
    def stores(self) -> tuple[str, ...]:
        """The databases: identity's, and of each service its own, with one for its keys."""
        keyed = [f"{service}_keys" for service in SERVICES if service != "search"]
        return (IDENTITY, *SERVICES, *keyed)

    def make(self) -> None:
        """Make what is not there; the server's certificate anew where it ends soon. Safe to repeat.

        Raises `KeysUnusable` or `OSError`.
        """
        for ring in (IDENTITY, *SERVICES):
            if not self._layout.keys(ring).exists():
                KeyRing.create(self._layout.keys(ring))
        self._make_nats()
        self._make_index()
        self._make_databases()

    def _make_nats(self) -> None:
        directory = self._layout.keys("nats")
        _keep(directory / "users.conf", bus.users(self._layout))
        there = (directory / "authority.key").exists()
        authority = (
            Authority.open(directory)
            if there
            else Authority.create(directory, "CRI's NATS", AUTHORITY_SPAN)
        )
        if not serves(directory / "server.pem", self.nats, clock.now() + RENEWED_BEFORE):
            authority.issue(*self.nats, until=clock.now() + SERVER_SPAN, stem="server")
        _keep(directory / "server.env", f"CRI_NATS_STORE_KEY={self._layout.nats_store_key}\n")
        for service in SERVICES:
            _keep(self._secrets(service) / "nats.seed", (directory / f"{service}.seed").read_text())
            _keep(self._secrets(service) / "authority.pem", authority.bundle.read_text())

    def _make_index(self) -> None:
        master = self._layout.master_key
        _keep(
            self._layout.keys("index") / "index.env",
            f"CRI_INDEX_MASTER_KEY={master}\nMEILI_MASTER_KEY={master}\n",
        )
        for service, key in zip(INDEXED, derived_keys(master), strict=True):
            _keep(self._secrets(service) / "cri_index_key", key)

    def _make_databases(self) -> None:
        statements = []
        for store in self.stores:
            password = self._password(store)
            statements += [
                f"CREATE ROLE {store} LOGIN PASSWORD '{password}';",
                f"CREATE DATABASE {store} OWNER {store};",
                f"REVOKE ALL ON DATABASE {store} FROM PUBLIC;",
            ]
        for service in SERVICES:
            _keep(self._secrets(service) / "cri_database_url", self._url(service))
            if f"{service}_keys" in self.stores:
                _keep(self._secrets(service) / "cri_keystore_url", self._url(f"{service}_keys"))
            _keep(self._secrets(service) / "cri_identity_database_url", self._url(IDENTITY))
        self._password("postgres")
        _keep(self.directory / "secrets" / "operator.env", "".join(self._operators()))
        _keep(self._secrets("postgres") / "create.sql", "\n".join(statements) + "\n")

    def _operators(self) -> Iterator[str]:
        """What the command `cri` is told, which works on every service."""
        for service in SERVICES:
            yield f"CRI_{service.upper()}_DATABASE_URL={self._url(service)}\n"
            if f"{service}_keys" in self.stores:
                yield f"CRI_{service.upper()}_KEYSTORE_URL={self._url(f'{service}_keys')}\n"
        yield f"CRI_IDENTITY_DATABASE_URL={self._url(IDENTITY)}\n"

    def _secrets(self, part: str) -> Path:
        return self.directory / "secrets" / part

    def _password(self, role: str) -> str:
        path = self._secrets("postgres") / f"{role}.password"
        if not path.exists():
            _keep(path, secrets.token_hex(24))
        return path.read_text()

    def _url(self, store: str) -> str:
        return f"postgresql+asyncpg://{store}:{self._password(store)}@{self.database}/{store}"

    def kubernetes(self, namespace: str) -> Iterator[dict[str, Any]]:
        """The same as Secrets of Kubernetes: for each part what it needs and nothing else.

        Raises `OSError` where `make` has not been here.
        """
        nats, index = self._layout.keys("nats"), self._layout.keys("index")
        for service in SERVICES:
            told = sorted(self._secrets(service).iterdir())
            yield _secret(namespace, f"cri-{service}", told)
            ring = sorted(self._layout.keys(service).glob("*.key"))
            yield _secret(namespace, f"cri-{service}-keys", ring)
        ring = sorted(self._layout.keys(IDENTITY).glob("*.key"))
        yield _secret(namespace, "cri-identity-keys", ring)
        lines = (line.strip().partition("=") for line in self._operators())
        urls = {setting: url.encode() for setting, _, url in lines}
        yield _holding(namespace, "cri-operator", urls)
        provision = [nats / name for name in ("provision.seed", "authority.pem")]
        yield _secret(namespace, "cri-provision", provision)
        served = ("users.conf", "server.pem", "server.key", "authority.pem", "store.key")
        yield _secret(namespace, "cri-nats", [nats / name for name in served])
        yield _secret(namespace, "cri-index", [index / "master.key"])
        made = [self._secrets("postgres") / name for name in ("postgres.password", "create.sql")]
        yield _secret(namespace, "cri-postgres", made)


def _secret(namespace: str, name: str, files: list[Path]) -> dict[str, Any]:
    return _holding(namespace, name, {path.name: path.read_bytes() for path in files})


def _holding(namespace: str, name: str, held: dict[str, bytes]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "type": "Opaque",
        "data": {key: base64.b64encode(value).decode() for key, value in held.items()},
    }


def _keep(path: Path, content: str) -> None:
    """Write a file that nobody else reads, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
    beside.replace(path)
