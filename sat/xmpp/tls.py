"""Encryption of a stream: one context for all accounts, certificates checked against the XMPP domain.

One context: loading the system's authorities costs some 25 ms and 0.8 MB each time. So the name to check is kept with
each connection, not in the context.
"""

from __future__ import annotations

import contextlib
import os
from _ssl import get_default_verify_paths
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from zope.interface import implementer

from sat.api.errors import (
    CertificateChanged,
    CertificateExpired,
    CertificateRefused,
    CertificateSelfSigned,
    CertificateUntrusted,
    CertificateWrongName,
    EncryptionFailed,
    ServerError,
)
from sat.xmpp.idn import ascii_name
from sat.xmpp.pins import fingerprint
from sat.xmpp.sasl import FINISHED

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_EXPIRED, _NOT_YET = 10, 9  # X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID
_SELF_SIGNED = 18  # X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT


_SRV_NAME = "1.3.6.1.5.5.7.8.7"  # id-on-dnsSRV

# The connection's own "app data" is taken by Twisted.
_verdicts: WeakKeyDictionary[SSL.Connection, Verdict] = WeakKeyDictionary()


class Verdict:
    """What a connection is to be checked for, and what was wrong. ``pin`` is the certificate that is trusted although
    no authority vouches for it; ``pinned`` says whether that is the one shown."""

    __slots__ = ("domain", "error", "pin", "pinned")

    def __init__(self, domain: str, pin: str) -> None:
        self.domain, self.pin = domain, pin
        self.pinned = False
        self.error: ServerError | None = None


@lru_cache(maxsize=1)
def context() -> SSL.Context:
    """The context of all our streams: TLS 1.2 or newer, the system's authorities (or SSL_CERT_FILE, SSL_CERT_DIR).

    It reads the authorities once; a new SSL_CERT_FILE needs a new daemon.
    """
    made = SSL.Context(SSL.TLS_CLIENT_METHOD)
    made.set_min_proto_version(SSL.TLS1_2_VERSION)  # RFC 9325 §3.1.1
    made.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION)
    made.set_mode(SSL.MODE_RELEASE_BUFFERS)
    # The OpenSSL inside cryptography's wheels does not know where this system keeps its authorities; Python's does. Its
    # ssl would tell, but costs 1 MB and is good for nothing else here; this is what it asks.
    file_variable, file, folder_variable, folder = get_default_verify_paths()
    file, folder = os.environ.get(file_variable, file), os.environ.get(folder_variable, folder)
    for authorities in ((file, None), (None, folder)):
        with contextlib.suppress(SSL.Error):  # none there, unreadable or empty: then nothing is trusted, and said so
            made.load_verify_locations(*authorities)
    made.set_verify(SSL.VERIFY_PEER, _verify)
    return made


@implementer(IOpenSSLClientConnectionCreator)
class Creator:
    """Makes the connection for one stream to ``domain``; ``verdict`` tells afterwards why it was refused, or that the
    certificate is the one of ``pin`` (see ``sat.xmpp.pins``)."""

    def __init__(self, domain: str, pin: str = "", alpn: bool = False, context: SSL.Context | None = None) -> None:
        self.verdict = Verdict(domain, pin)
        self._name = ascii_name(domain)
        self._alpn, self._context = alpn, context

    def clientConnectionForTLS(self, protocol: Any) -> SSL.Connection:
        """What Twisted calls."""
        made = SSL.Connection(self._context or context(), None)
        _verdicts[made] = self.verdict
        if not _is_address(self.verdict.domain):
            made.set_tlsext_host_name(self._name.encode())
        if self._alpn:
            made.set_alpn_protos([b"xmpp-client"])  # XEP-0368 §3
        made.set_connect_state()
        return made

    def failed(self, reason: object) -> ServerError:
        """The error of a handshake that did not succeed."""
        return self.verdict.error or EncryptionFailed(server=self.verdict.domain, reason=_said(reason))


def _verify(connection: SSL.Connection, certificate: Any, code: int, depth: int, fine: int) -> bool:
    """OpenSSL calls this for each certificate, that of the authority first, and for each fault. The server's own, which
    has depth 0 and comes last, decides: only then its fingerprint is known."""
    verdict = _verdicts.get(connection)
    if verdict is None:
        return False
    try:
        found = certificate.to_cryptography()
        if not fine:
            verdict.error = verdict.error or _refused(verdict.domain, found, code)
        elif depth == 0 and not matches(found, verdict.domain):
            names = ", ".join(names_of(found)) or "nobody"
            verdict.error = verdict.error or CertificateWrongName(server=verdict.domain, names=names)
        if depth == 0 and verdict.error is not None:
            _compare(verdict, fingerprint(found))
    except Exception as error:  # a certificate that cannot even be read
        verdict.error = EncryptionFailed(server=verdict.domain, reason=f"its certificate is malformed ({error})"[:200])
        return False
    return depth > 0 or verdict.error is None


def _compare(verdict: Verdict, shown: str) -> None:
    """A certificate is at fault: is it the one that is trusted all the same?"""
    if verdict.pin == shown:
        verdict.error, verdict.pinned = None, True
    elif verdict.pin:
        verdict.error = CertificateChanged(server=verdict.domain, fingerprint=shown, pinned=verdict.pin)
    elif isinstance(verdict.error, CertificateRefused):
        verdict.error.details["fingerprint"] = shown


def _refused(domain: str, certificate: Certificate, code: int) -> ServerError:
    if code == _EXPIRED:
        return CertificateExpired(server=domain, date=f"{certificate.not_valid_after_utc:%Y-%m-%d}")
    if code == _NOT_YET:
        begin = f"{certificate.not_valid_before_utc:%Y-%m-%d}"
        return EncryptionFailed(
            server=domain, reason=f"its certificate is not valid before {begin}; is the clock right?"
        )
    kind = CertificateSelfSigned if code == _SELF_SIGNED else CertificateUntrusted
    return kind(server=domain)


def matches(certificate: Certificate, domain: str) -> bool:
    """Whether a certificate is for this XMPP domain: a dNSName, where a wildcard is one whole label, or an SRVName of
    XMPP (RFC 6120 §13.7.1.2). The subject's common name never counts (RFC 9525 §2)."""
    from service_identity import VerificationError
    from service_identity.hazmat import DNS_ID, SRV_ID, IPAddress_ID, verify_service_identity

    wanted: list[Any]
    if _is_address(domain):
        wanted = [IPAddress_ID(domain.strip("[]"))]
    else:
        name = ascii_name(domain)
        wanted = [DNS_ID(name), SRV_ID(f"_xmpp-client.{name}")]
    patterns = _patterns(certificate)
    for identity in wanted:
        with contextlib.suppress(VerificationError):
            if patterns and verify_service_identity(patterns, obligatory_ids=[identity], optional_ids=[]):
                return True
    return False


def _patterns(certificate: Certificate) -> list[Any]:
    """The names of a certificate. One that is malformed is left out and does not spoil the others, as it would with
    service_identity's own function."""
    from cryptography import x509
    from service_identity import CertificateError
    from service_identity.hazmat import DNSPattern, IPAddressPattern, SRVPattern

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    addresses: list[Any] = names.get_values_for_type(x509.IPAddress)
    found: list[Any] = [IPAddressPattern(each) for each in addresses]
    for each in names.get_values_for_type(x509.DNSName):
        with contextlib.suppress(CertificateError, UnicodeError):
            found.append(DNSPattern.from_bytes(each.encode("ascii")))
    for other in names.get_values_for_type(x509.OtherName):
        # RFC 4985: an IA5String; a name is shorter than the 128 bytes from which DER counts otherwise.
        if other.type_id.dotted_string == _SRV_NAME and other.value[:1] == b"\x16" and len(other.value) < 130:
            with contextlib.suppress(CertificateError, UnicodeError):
                found.append(SRVPattern.from_bytes(other.value[2:]))
    return found


def names_of(certificate: Certificate) -> list[str]:
    """Whom a certificate is for, as it says; at most five."""
    from cryptography import x509

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        common = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        return [str(each.value) for each in common[:5]]
    return [str(each) for each in names.get_values_for_type(x509.DNSName)[:5]]


def bindings(connection: SSL.Connection) -> dict[str, bytes]:
    """The channel bindings that this connection has, the best first (RFC 9266, RFC 5929)."""
    found: dict[str, bytes] = {}
    modern = connection.get_protocol_version_name() == "TLSv1.3"
    if modern:
        found["tls-exporter"] = connection.export_keying_material(b"EXPORTER-Channel-Binding", 32, b"")
    certificate = connection.get_peer_certificate()
    hashed = certificate.to_cryptography().signature_hash_algorithm if certificate else None
    if certificate and hashed:  # none with Ed25519: undefined there (RFC 5929 §4.1)
        name = "sha256" if hashed.name in ("md5", "sha1") else hashed.name
        found["tls-server-end-point"] = _digest(certificate, name)
    if finished := connection.get_finished():
        found[FINISHED if modern else "tls-unique"] = finished
    return found


def _digest(certificate: Any, name: str) -> bytes:
    import hashlib

    from cryptography.hazmat.primitives.serialization import Encoding

    return hashlib.new(name, certificate.to_cryptography().public_bytes(Encoding.DER)).digest()


def _is_address(domain: str) -> bool:
    return domain.startswith("[") or domain.replace(".", "").isdigit()


def _said(reason: object) -> str:
    """What OpenSSL said, without its packaging."""
    arguments = getattr(reason, "args", ())
    if arguments and isinstance(arguments[0], list) and arguments[0]:
        return str(arguments[0][0][-1]).strip() or "the handshake failed"
    text = " ".join(str(reason).split())
    return text[:200] or "the handshake failed"
