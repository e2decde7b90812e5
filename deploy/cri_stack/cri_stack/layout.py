"""Where everything of one machine's platform is: directories, ports, and each part's environment.

The one place that computes them: `cri up`, `demo`, `staff`, `provision` and `status` all ask here.
"""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SERVICES = ("search", "intake", "research", "publishing", "training")
USUAL_PORTS = {
    "search": 8000,
    "intake": 8001,
    "research": 8002,
    "publishing": 8003,
    "training": 8004,
    "mail": 8005,
    "index": 7700,
    "nats": 4222,
}


class LayoutUnusable(Exception):
    """A directory holds no platform, or something else than what we left there; says what."""


@dataclass(frozen=True)
class Layout:
    """A platform under one directory; `environ` is what the operator has set and wins."""

    var: Path
    port_base: int | None = None
    demo: bool = False
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, var: Path, *, port_base: int | None = None, demo: bool = False) -> "Layout":
        """The layout as asked for, under the operator's environment.

        A demo is a world of its own: no setting of the operator reaches it.

        Raises `LayoutUnusable`.
        """
        if var.exists() and not var.is_dir():
            raise LayoutUnusable(f"{var} is no directory.")
        environ = {
            name: value
            for name, value in os.environ.items()
            if not (demo and name.startswith("CRI_"))
        }
        return cls(var.resolve(), port_base, demo, environ)

    @classmethod
    def found(cls, var: Path) -> "Layout":
        """The layout that was last started under a directory, or the usual one.

        Raises `LayoutUnusable`.
        """
        known = _remembered(var / "stack.json")
        return cls.of(var, port_base=known.get("port_base"), demo=bool(known.get("demo")))

    @classmethod
    def standing(cls, var: Path) -> "Layout":
        """The same of a platform that there is: `cri up` was here, or `cri keys make`.

        Raises `LayoutUnusable`; a directory that was mistyped is left as it is.
        """
        found = cls.found(var)
        if not any((found.var / there).exists() for there in ("keys", "stack.json")):
            raise LayoutUnusable(
                f"There is no platform in {found.var}: name its directory with --var."
            )
        return found

    def remember(self) -> None:
        """Let other commands find this layout."""
        known = {"port_base": self.port_base, "demo": self.demo}
        _write_privately(self.var / "stack.json", json.dumps(known))

    @property
    def ports(self) -> dict[str, int]:
        """The port of each part: the usual ones, or eight in a row from the base."""
        if self.port_base is None:
            return dict(USUAL_PORTS)
        return {part: self.port_base + index for index, part in enumerate(USUAL_PORTS)}

    def url(self, part: str) -> str:
        """Where a part answers on this machine."""
        scheme = "http"
        if part == "nats":
            scheme = "tls" if self.nats_certificate else "nats"
        return f"{scheme}://127.0.0.1:{self.ports[part]}"

    def at(self, service: str) -> str:
        """Where a service is asked how it is: on this machine, or at the host and port told."""
        told = self.environ.get(f"CRI_{service.upper()}_AT")
        return f"http://{told}" if told else self.url(service)

    @property
    def logs(self) -> Path:
        """One log file for each part and day."""
        return self.var / "log"

    @property
    def mails(self) -> Path:
        """One directory for each service, whose files are the mails that it sent."""
        return self.var / "mail"

    @property
    def demo_clock(self) -> Path:
        """The file that every part of a demo takes the time from."""
        return self.var / "demo-clock.json"

    def running(self, part: str) -> Path:
        """Where `cri up` writes down the process of a part."""
        return self.var / "running" / f"{part}.json"

    def write_running(self, part: str, text: str) -> None:
        """Write that down, whole or not at all."""
        _write_privately(self.running(part), text)

    def keys(self, ring: str) -> Path:
        """The key directory of a service, or of the identity store."""
        return self.var / "keys" / ring

    def database_url(self, name: str) -> str:
        """The SQLite file of a name."""
        return f"sqlite+aiosqlite:///{self.var}/db/{name}.db"

    @property
    def master_key(self) -> str:
        """The master key of the index, made at the first question for it."""
        return _secret(self.keys("index") / "master.key")

    def index_key(self, service: str) -> str:
        """The key with which a service may use the index; empty until it was provisioned."""
        path = self.keys("index") / f"{service}.key"
        return path.read_text().strip() if path.exists() else ""

    def keep_index_keys(self, *, publishing: str, search: str) -> None:
        """Keep the two keys that were provisioned, for the services that need them."""
        for service, key in (("publishing", publishing), ("search", search)):
            _write_privately(self.keys("index") / f"{service}.key", key)

    @property
    def nats_conf(self) -> Path:
        """The configuration of nats-server."""
        return self.var / "nats.conf"

    @property
    def nats_certificate(self) -> tuple[str, str] | None:
        """The files of the certificate and the key by which NATS is known, where it does TLS."""
        names = ("CRI_NATS_SERVER_CERT_FILE", "CRI_NATS_SERVER_KEY_FILE")
        certificate, key = (self.environ.get(name, "") for name in names)
        return (certificate, key) if certificate or key else None

    def nats_seed(self, user: str) -> Path:
        """The file with which a user proves to NATS who it is."""
        return self.keys("nats") / f"{user}.seed"

    @property
    def nats_store_key(self) -> str:
        """The key under which NATS keeps its streams, made at the first question for it.

        nats-server reads it as a value of its configuration, where what begins with a letter is a
        word and nothing else.
        """
        return _secret(self.keys("nats") / "store.key", f"k{secrets.token_hex(32)}")

    def environment(self, part: str = "") -> dict[str, str]:
        """The environment of a part's process; without a part, what all services share."""
        told = self._shared()
        if part in SERVICES:
            told |= self._own(part)
        elif part == "index":
            told |= {"CRI_INDEX_MASTER_KEY": self.master_key}
        elif part == "nats":
            # An older key may begin with a hyphen, which makes a bad number of it without quotes.
            told |= {"CRI_NATS_STORE_KEY": f'"{self.nats_store_key}"'}
        return told | dict(self.environ)

    def _shared(self) -> dict[str, str]:
        told = {
            "CRI_NATS_URL": self.url("nats"),
            "CRI_IDENTITY_DATABASE_URL": self.database_url("identity"),
            "CRI_IDENTITY_KEY_DIR": str(self.keys("identity")),
            "CRI_INDEX_URL": self.url("index"),
            "CRI_BACKUP_DIR": str(self.var / "backups" / "data"),
            "CRI_BACKUP_KEYS_DIR": str(self.var / "backups" / "keys"),
            **{f"CRI_{name.upper()}_URL": self.url(name) for name in SERVICES},
        }
        if self.demo:
            told |= {"CRI_DEMO": "1", "CRI_DEMO_CLOCK": str(self.demo_clock)}
        return told

    def _shared_or_told(self, name: str) -> str:
        return self.environ.get(name) or self._shared()[name]

    def _own(self, service: str) -> dict[str, str]:
        own = {
            "PUBLIC_URL": self._shared_or_told(f"CRI_{service.upper()}_URL"),
            "PORT": str(self.ports[service]),
            "DATABASE_URL": self.database_url(service),
            "KEYSTORE_URL": self.database_url(f"{service}-keys"),
            "KEY_DIR": str(self.keys(service)),
            "MAIL_DIR": str(self.mails / service),
            "NATS_SEED_FILE": str(self.nats_seed(service)),
        }
        if service in ("publishing", "search"):
            own["INDEX_KEY"] = self.index_key(service)
        return {f"CRI_{service.upper()}_{name}": value for name, value in own.items()}


def _remembered(file: Path) -> dict[str, Any]:
    try:
        known = json.loads(file.read_text()) if file.exists() else {}
    except (OSError, ValueError):
        known = None
    if not isinstance(known, dict):
        raise LayoutUnusable(
            f"{file} cannot be read; `cri up` as it was last called writes it anew."
        )
    return known


def _secret(path: Path, new: str = "") -> str:
    """What the file holds; a secret is made where there is none."""
    if not path.exists():
        _write_privately(path, new or secrets.token_urlsafe(32))
    return path.read_text().strip()


def _write_privately(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    temporary.replace(path)
