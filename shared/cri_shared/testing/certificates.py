"""Certificates for tests: an authority of one's own, and what it signs, right or wrong."""

import datetime as dt
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cri_shared import clock

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Certificate:
    """The PEM files of a certificate and of its key."""

    certificate: Path
    key: Path


class Authority:
    """Signs certificates; who trusts `bundle` trusts them all."""

    def __init__(self, directory: Path, name: str = "An authority for tests") -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        own = self._about(self._name, self._key, until=clock.now() + DAY)
        own = own.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.bundle = directory / "authority.pem"
        self.bundle.write_bytes(_pem(own.sign(self._key, hashes.SHA256())))

    def issue(self, *hosts: str, expired: bool = False) -> Certificate:
        """A certificate for addresses and host names of a server, good for a day or over."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
        until = clock.now() + (-DAY if expired else DAY)
        names = x509.SubjectAlternativeName([_name(host) for host in hosts])
        about = self._about(subject, key, until=until).add_extension(names, critical=False)
        stem = f"{hosts[0]}{'-expired' if expired else ''}"
        made = Certificate(self._directory / f"{stem}.pem", self._directory / f"{stem}.key")
        made.certificate.write_bytes(_pem(about.sign(self._key, hashes.SHA256())))
        made.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return made

    def _about(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, until: dt.datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(until - 10 * DAY)
            .not_valid_after(until)
        )


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
