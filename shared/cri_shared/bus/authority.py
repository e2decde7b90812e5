"""An authority of one's own that signs the certificates by which NATS servers are known."""

import datetime as dt
import os
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cri_shared import clock

_BEFORE = dt.timedelta(days=1)  # so far a clock of another machine may lag behind


@dataclass(frozen=True)
class Certificate:
    """The PEM files of a certificate and of its key."""

    certificate: Path
    key: Path


class Authority:
    """Signs certificates; who trusts `bundle` trusts them all."""

    def __init__(self, directory: Path, key: ec.EllipticCurvePrivateKey, own: bytes) -> None:
        self._directory = directory
        self._key = key
        self._name = x509.load_pem_x509_certificate(own).subject
        self.bundle = directory / "authority.pem"

    @classmethod
    def create(cls, directory: Path, name: str, span: dt.timedelta) -> Self:
        """Make one that is good for a while; its key is `authority.key`, mode 0600."""
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = ec.generate_private_key(ec.SECP256R1())
        called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        about = _about(called, called, key, clock.now() + span).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        own = about.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        _write_key(directory / "authority.key", key)
        (directory / "authority.pem").write_bytes(own)
        return cls(directory, key, own)

    @classmethod
    def open(cls, directory: Path) -> Self:
        """The one that was made there; raises `OSError` or `ValueError`."""
        key = serialization.load_pem_private_key((directory / "authority.key").read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError(f"{directory / 'authority.key'} is not a key of ours")
        return cls(directory, key, (directory / "authority.pem").read_bytes())

    def issue(self, *hosts: str, until: dt.datetime, stem: str = "") -> Certificate:
        """A certificate for addresses and host names of a server, in files named by its stem."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
        names = x509.SubjectAlternativeName([_host(host) for host in hosts])
        about = _about(subject, self._name, key, until).add_extension(names, critical=False)
        stem = stem or hosts[0]
        made = Certificate(self._directory / f"{stem}.pem", self._directory / f"{stem}.key")
        signed = about.sign(self._key, hashes.SHA256())
        _write_key(made.key, key)
        made.certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        return made


def serves(certificate: Path, hosts: tuple[str, ...], at: dt.datetime) -> bool:
    """Whether a certificate is there, for exactly these hosts, and still good at an instant."""
    if not certificate.exists():
        return False
    known = x509.load_pem_x509_certificate(certificate.read_bytes())
    names = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(names) == {_host(host) for host in hosts} and at < known.not_valid_after_utc


def _about(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, until: dt.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(clock.now(), until) - _BEFORE)
        .not_valid_after(until)
    )


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    content = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
