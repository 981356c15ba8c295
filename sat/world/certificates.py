"""Certificates of the local world: an authority of its own, good certificates and bad ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sat.xmpp.idn import ascii_name

_DAY = timedelta(days=1)


class Certificate(NamedTuple):
    """A certificate with its private key, both in PEM."""

    pem: bytes
    key: bytes

    def write(self, folder: Path, name: str) -> tuple[Path, Path]:
        """Write both into a folder; the files' paths."""
        certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
        certificate.write_bytes(self.pem)
        key.touch(mode=0o600)
        key.write_bytes(self.key)
        return certificate, key


class Authority:
    """An authority that nobody knows but who is given its ``pem``."""

    def __init__(self, name: str = "Local world") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._subject = _subject(name)
        now = datetime.now(UTC)
        certificate = (
            _builder(self._subject, self._subject, self._key.public_key(), now - _DAY, now + 30 * _DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_CA_USAGE, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self.pem = certificate.public_bytes(serialization.Encoding.PEM)

    def write(self, path: Path) -> Path:
        """Write the authority's certificate, for ``SSL_CERT_FILE``."""
        path.write_bytes(self.pem)
        return path

    def issue(self, *names: str, expired: bool = False) -> Certificate:
        """A certificate for these domains; ``expired`` is one whose time ended yesterday."""
        return _issue(names, self._subject, self._key, expired)


def self_signed(*names: str) -> Certificate:
    """A certificate for these domains that nobody vouches for."""
    return _issue(names, None, None, expired=False)


def _issue(
    names: tuple[str, ...],
    issuer: x509.Name | None,
    signer: ec.EllipticCurvePrivateKey | None,
    expired: bool,
) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    end = datetime.now(UTC) + (-_DAY if expired else 30 * _DAY)
    subject = _subject(names[0])
    certificate = (
        _builder(subject, issuer or subject, key.public_key(), end - 31 * _DAY, end)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(ascii_name(name)) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        # Asked for by a strict check (RFC 5280 §4.2.1.1), which Python 3.13 makes.
        .add_extension(_key_id(signer or key), critical=False)
        .sign(signer or key, hashes.SHA256())
    )
    return Certificate(
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
    )


def _key_id(key: ec.EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


_CA_USAGE = x509.KeyUsage(
    key_cert_sign=True,
    crl_sign=True,
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    encipher_only=False,
    decipher_only=False,
)
