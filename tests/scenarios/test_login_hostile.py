"""Logging in where certificate or server are not what they should be, over real sockets and real TLS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from OpenSSL.crypto import X509, X509StoreContext
from scenarios.attempts import Ear, attempt
from scenarios.conftest import Serve
from scenarios.hostile import DOMAIN, TLS_1_1, TLS_1_2, Authority, ReactorThread
from support.scripted import Behaviour
from support.scripted_sasl2 import Sasl2
from twisted.internet.defer import Deferred, fail, succeed
from twisted.names.dns import SRV, DNSDatagramProtocol, DomainError, Query, RRHeader
from twisted.names.dns import Record_SRV as SrvRecord
from twisted.names.server import DNSServerFactory

from sat.api import JID
from sat.api.profile import Account
from sat.world import free_port
from sat.xmpp import connect, resolve, tls
from sat.xmpp.once import open_stream
from sat.xmpp.resolve import Record
from sat.xmpp.sasl import Offer

pytestmark = pytest.mark.usefixtures("trusting")
PLUS = ("SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS")


def test_a_good_server_is_believed(reactor: ReactorThread, authority: Authority, serve: Serve) -> None:
    ear = Ear()
    assert attempt(reactor, serve(Behaviour(), authority.issue([DOMAIN])), ear) is None
    assert ear.stored["mechanism"] == "SCRAM-SHA-512"
    online = ear.changes[1]
    assert "TLS 1.3" in online.security
    assert "SCRAM-SHA-512" in online.security


def test_direct_tls_names_its_protocol(reactor: ReactorThread, authority: Authority, serve: Serve) -> None:
    server = serve(Behaviour(), authority.issue([DOMAIN]), direct=True)
    assert attempt(reactor, server) is None
    assert server.alpn == [b"xmpp-client"]


@pytest.mark.parametrize("direct", [False, True], ids=["starttls", "direct"])
@pytest.mark.parametrize(
    ("names", "options", "error"),
    [
        ([DOMAIN], {"days": (-30, -2)}, "CertificateExpired"),
        ([DOMAIN], {"days": (2, 30)}, "EncryptionFailed"),
        ([DOMAIN], {"self_signed": True}, "CertificateSelfSigned"),
        (["other.test"], {}, "CertificateWrongName"),
        (["127.0.0.1", "xmpp.hostile.test"], {}, "CertificateWrongName"),
        (["*.hostile.test"], {}, "CertificateWrongName"),
        ([], {"common": DOMAIN}, "CertificateWrongName"),
        ([], {"srv": "_xmpp-server.hostile.test"}, "CertificateWrongName"),
        ([], {"srv": "_xmpp-client.hostile.test"}, None),
        (["other.test", DOMAIN], {}, None),
    ],
)
def test_certificates(
    reactor: ReactorThread, authority: Authority, serve: Serve, names: list[str], options: Any, error: str, direct: bool
) -> None:
    server = serve(Behaviour(), authority.issue(names, **options), direct=direct)
    result = attempt(reactor, server)
    assert (type(result).__name__ if result else None) == error, str(result)
    assert bool(server.memory.authorised) is (error is None), "nothing of the password may leave"


def test_an_unknown_authority_is_said(reactor: ReactorThread, authority: Authority, serve: Serve) -> None:
    result = attempt(reactor, serve(Behaviour(), Authority("unknown").issue([DOMAIN])))
    assert str(result) == (
        "The certificate of hostile.test is not signed by an authority known here. Someone could be listening."
    )


def test_a_wrong_name_and_a_date_are_said(reactor: ReactorThread, authority: Authority, serve: Serve) -> None:
    result = attempt(reactor, serve(Behaviour(), authority.issue(["a.test", "b.test"])))
    assert (
        str(result) == "The certificate shown is for a.test, b.test, not for hostile.test. Someone could be listening."
    )
    result = attempt(reactor, serve(Behaviour(), authority.issue([DOMAIN], days=(-30, -2))))
    assert "expired on 20" in str(result)


def test_old_tls_is_refused(reactor: ReactorThread, authority: Authority, serve: Serve) -> None:
    server = serve(Behaviour(), authority.issue([DOMAIN]), newest=TLS_1_1)
    assert type(attempt(reactor, server)).__name__ == "EncryptionFailed"
    assert not server.memory.authorised


@pytest.mark.parametrize(
    ("newest", "types", "flag"),
    [
        (None, None, "p=tls-exporter"),
        (None, ("tls-exporter", "tls-server-end-point"), "p=tls-exporter"),
        (None, ("tls-server-end-point",), "p=tls-server-end-point"),
        (TLS_1_2, None, "p=tls-unique"),
        (TLS_1_2, ("tls-server-end-point", "tls-unique"), "p=tls-server-end-point"),
    ],
)
def test_the_log_in_is_bound_to_the_channel(
    reactor: ReactorThread, authority: Authority, serve: Serve, newest: Any, types: Any, flag: str
) -> None:
    behaviour = Behaviour(mechanisms=PLUS, binding_types=types)
    server = serve(behaviour, authority.issue([DOMAIN]), newest=newest)
    ear = Ear()
    assert attempt(reactor, server, ear) is None
    assert server.memory.authorised[0].partition(",")[0] == flag
    assert ear.stored["mechanism"] == "SCRAM-SHA-256-PLUS"


def test_a_server_from_before_tls_1_3_was_defined_is_bound_to(
    reactor: ReactorThread, authority: Authority, serve: Serve
) -> None:
    """ejabberd before 23.10. What was right is tried first the next time."""
    behaviour = Behaviour(mechanisms=PLUS, old_binding=True)
    server = serve(behaviour, authority.issue([DOMAIN]))
    ear = Ear()
    assert attempt(reactor, server, ear) is None
    assert attempt(reactor, server, ear) is None
    flags = [said.partition(",")[0] for said in server.memory.authorised if said.startswith("p=")]
    assert flags == ["p=tls-exporter", "p=tls-unique", "p=tls-unique"]
    assert ear.stored["mechanism"] == "SCRAM-SHA-256-PLUS"
    behaviour.old_binding = False  # it was updated
    assert attempt(reactor, server, ear) is None
    behaviour.password = "another"
    assert type(attempt(reactor, server, ear)).__name__ == "AuthFailed"


@pytest.mark.parametrize(("signature", "error"), [("", "OfferTampered"), ("own", None), ("eA==", "OfferTampered")])
def test_only_unknown_channel_bindings_are_believed_where_they_are_signed(
    reactor: ReactorThread, authority: Authority, serve: Serve, signature: str, error: str | None
) -> None:
    """XEP-0440 §3 rule 6, and as XEP-0474 §7 has it."""
    types = ("tls-unique",)
    if signature == "own":
        signature = Offer(PLUS, types).digest("sha256")
    server = serve(Behaviour(mechanisms=PLUS, binding_types=types, signed_offer=signature), authority.issue([DOMAIN]))
    result = attempt(reactor, server)
    assert (type(result).__name__ if result else None) == error
    assert server.memory.authorised[0].partition(",")[0] == "n"
    assert len(server.memory.authorised) == (1 if error else 2), "no proof may leave"


def test_a_token_is_bound_to_the_channel(reactor: ReactorThread, authority: Authority, serve: Serve) -> None:
    """XEP-0484 over a real TLS 1.3, with another channel each time."""
    behaviour = Behaviour(mechanisms=PLUS, binding_types=("tls-exporter",), sasl2=Sasl2())
    server = serve(behaviour, authority.issue([DOMAIN]))
    ear = Ear()
    assert attempt(reactor, server, ear) is None
    assert attempt(reactor, server, ear) is None
    assert server.memory.authorised[-1] == "HT-SHA-256-EXPR"
    assert "HT-SHA-256-EXPR" in ear.changes[-2].security


def test_somebody_in_the_middle_of_the_channel_is_found(
    reactor: ReactorThread, authority: Authority, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has a valid certificate and passes the log-in on has another channel than the server."""
    real = tls.bindings
    monkeypatch.setattr(tls, "bindings", lambda connection: dict.fromkeys(real(connection), b"x" * 32))
    server = serve(Behaviour(mechanisms=PLUS), authority.issue([DOMAIN]))
    assert type(attempt(reactor, server)).__name__ == "AuthFailed"


def test_removing_plus_from_the_list_is_found(reactor: ReactorThread, authority: Authority, serve: Serve) -> None:
    behaviour = Behaviour(mechanisms=PLUS)
    server = serve(behaviour, authority.issue([DOMAIN]))
    ear = Ear()
    assert attempt(reactor, server, ear) is None
    behaviour.mechanisms = ("SCRAM-SHA-1", "SCRAM-SHA-256", "PLAIN")
    server.memory.authorised.clear()
    assert type(attempt(reactor, server, ear)).__name__ == "WeakerThanBefore"
    assert not server.memory.authorised


def test_many_iterations_do_not_stop_the_loop(reactor: ReactorThread, authority: Authority, serve: Serve) -> None:
    from sat.xmpp import exchange

    seen: list[int] = []
    real = exchange._computed

    async def computed(reactor: Any, iterations: int, final: Any) -> bytes:
        seen.append(iterations)
        return await real(reactor, 1_000_000, final)  # so that it runs in the thread

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exchange, "_computed", computed)
        assert attempt(reactor, serve(Behaviour(), authority.issue([DOMAIN]))) is None
    assert seen == [4096]


@pytest.mark.parametrize(
    ("server_has_tls", "account_wants_it"),
    [(False, False), (True, True), (False, True)],
    ids=["clear", "tls", "tarpit"],
)
def test_a_server_that_says_nothing_is_left(
    reactor: ReactorThread,
    authority: Authority,
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    server_has_tls: bool,
    account_wants_it: bool,
) -> None:
    monkeypatch.setattr(connect, "NEGOTIATION", 0.5)
    server = serve(Behaviour(silent=True), authority.issue([DOMAIN]), direct=server_has_tls)
    result = attempt(reactor, server, direct_tls=account_wants_it)
    assert type(result).__name__ == "ServerSilent"


def opening(reactor: ReactorThread, *records: Record) -> str:
    """What comes of opening a stream without an account at these targets: a name."""

    async def lookup(name: str) -> list[Record]:
        return [each for each in records if ("xmpps" in name) == each.direct]

    async def look() -> str:
        try:
            async with open_stream(Account(JID(DOMAIN)), reactor.reactor, lookup=lookup):
                return "open"
        except Exception as error:
            return type(error).__name__

    return str(reactor.call(lambda: Deferred.fromCoroutine(look())))


def test_registering_needs_a_good_certificate_too(reactor: ReactorThread, authority: Authority, serve: Serve) -> None:
    server = serve(Behaviour(), authority.issue(["other.test"]))
    assert opening(reactor, Record(0, 0, "127.0.0.1", server.port)) == "CertificateWrongName"


def test_registering_leaves_a_server_that_says_nothing(
    reactor: ReactorThread, authority: Authority, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "NEGOTIATION", 0.5)
    silent, good = serve(Behaviour(silent=True), None), serve(Behaviour(), authority.issue([DOMAIN]))
    tarpit = Record(0, 0, "127.0.0.1", silent.port, direct=True)
    assert opening(reactor, tarpit) == "ServerSilent"
    assert opening(reactor, tarpit, Record(1, 0, "127.0.0.1", good.port)) == "open"


@contextmanager
def dns(reactor: ReactorThread, records: dict[str, list[SrvRecord]]) -> Iterator[tuple[str, int]]:
    """A name server on this machine that knows these SRV records."""

    class Names:
        @staticmethod
        def query(asked: Query, timeout: object) -> Deferred[Any]:
            name = asked.name.name
            found = [RRHeader(name, SRV, payload=each) for each in records.get(name.decode(), [])]
            return succeed((found, [], [])) if found else fail(DomainError(name))

    protocol = DNSDatagramProtocol(DNSServerFactory(clients=[Names()]))
    listening = reactor.call(lambda: reactor.reactor.listenUDP(0, protocol, interface="127.0.0.1"))
    try:
        yield "127.0.0.1", listening.getHost().port
    finally:
        reactor.call(listening.stopListening)


def test_the_targets_that_dns_tells_are_tried_in_their_order(
    reactor: ReactorThread, authority: Authority, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "NEGOTIATION", 0.5)
    silent, good = serve(Behaviour(silent=True), None), serve(Behaviour(), authority.issue([DOMAIN]), direct=True)
    records = {
        f"_xmpp-client._tcp.{DOMAIN}": [SrvRecord(5, 0, free_port(), "127.0.0.1")],
        f"_xmpps-client._tcp.{DOMAIN}": [
            SrvRecord(20, 0, good.port, "127.0.0.1"),
            SrvRecord(10, 0, silent.port, "127.0.0.1"),
        ],
    }
    with dns(reactor, records) as server:
        monkeypatch.setattr(resolve, "_name_servers", lambda: [server])
        assert attempt(reactor, good, host="", port=0) is None
    assert (silent.connections, good.connections) == (1, 1)
    assert good.memory.logins == 1


def test_the_system_s_authorities_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    end = b"-----END CERTIFICATE-----\n"
    known = Path("/etc/ssl/certs/ca-certificates.crt").read_bytes().split(end)[:-1]
    system = (x509.load_pem_x509_certificate(each + end) for each in known)
    valid = next(each for each in system if each.not_valid_after_utc > datetime.now(UTC))
    tls.context.cache_clear()
    try:
        store = tls.context().get_cert_store()
        assert store is not None
        X509StoreContext(store, X509.from_cryptography(valid)).verify_certificate()
    finally:
        tls.context.cache_clear()
