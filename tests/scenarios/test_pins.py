"""A certificate that no authority vouches for, and a person who trusts exactly this one, knowingly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from scenarios.attempts import Ear, attempt
from scenarios.conftest import Serve
from scenarios.hostile import DOMAIN, Authority, ReactorThread
from support.commands import Done
from support.scripted import Behaviour
from support.stage import jp

from sat.api.errors import InvalidArgument
from sat.world import PASSWORD, Certificate, Options, World, self_signed
from sat.xmpp.pins import fingerprint

pytestmark = pytest.mark.usefixtures("trusting")
ANOTHER = "SHA256:" + ":".join(["00"] * 32)
UNKNOWN = Authority("unknown")


def pin_of(shown: tuple[Any, Any]) -> str:
    """What openssl x509 -fingerprint -sha256 says of a certificate."""
    return f"SHA256:{shown[0].fingerprint(SHA256()).hex(':').upper()}"


BAD = {
    "self-signed": ("CertificateSelfSigned", lambda authority: authority.issue([DOMAIN], self_signed=True)),
    "expired": ("CertificateExpired", lambda authority: authority.issue([DOMAIN], days=(-30, -2))),
    "wrong name": ("CertificateWrongName", lambda authority: authority.issue(["other.test"])),
    "unknown authority": ("CertificateUntrusted", lambda authority: UNKNOWN.issue([DOMAIN])),
    "chain": ("CertificateUntrusted", lambda authority: (*UNKNOWN.issue([DOMAIN]), UNKNOWN.certificate)),
    "all of it": ("CertificateSelfSigned", lambda authority: authority.issue([], days=(-30, -2), self_signed=True)),
}


@pytest.mark.parametrize("direct", [False, True], ids=["starttls", "direct"])
@pytest.mark.parametrize("what", BAD)
def test_refused_with_its_fingerprint_and_accepted_with_its_pin(
    reactor: ReactorThread, authority: Authority, serve: Serve, what: str, direct: bool
) -> None:
    name, issue = BAD[what]
    shown = issue(authority)
    server = serve(Behaviour(), shown, direct=direct)
    refused = attempt(reactor, server)
    assert type(refused).__name__ == name
    assert refused.details["fingerprint"] == pin_of(shown)
    assert pin_of(shown) in refused.advice
    assert not server.memory.authorised, "nothing of the password may leave"
    ear = Ear()
    assert attempt(reactor, server, ear, pin=refused.details["fingerprint"]) is None
    assert "with the certificate that you trust" in ear.changes[1].security


@pytest.mark.parametrize("what", BAD)
def test_another_certificate_than_the_pinned_one_is_refused(
    reactor: ReactorThread, authority: Authority, serve: Serve, what: str
) -> None:
    _, issue = BAD[what]
    pinned, shown = pin_of(issue(authority)), issue(authority)
    server = serve(Behaviour(), shown)
    refused = attempt(reactor, server, pin=pinned)
    assert type(refused).__name__ == "CertificateChanged"
    assert pinned in str(refused)
    assert pin_of(shown) in str(refused)
    assert not server.memory.authorised, "nothing of the password may leave"


def test_a_pin_is_for_who_shows_the_certificate_not_for_whom_it_signs(
    reactor: ReactorThread, authority: Authority, serve: Serve
) -> None:
    chain = (*UNKNOWN.issue([DOMAIN]), UNKNOWN.certificate)
    refused = attempt(reactor, serve(Behaviour(), chain), pin=fingerprint(UNKNOWN.certificate))
    assert type(refused).__name__ == "CertificateChanged"


def test_a_certificate_that_an_authority_vouches_for_needs_no_pin(
    reactor: ReactorThread, authority: Authority, serve: Serve
) -> None:
    ear = Ear()
    assert attempt(reactor, serve(Behaviour(), authority.issue([DOMAIN])), ear, pin=ANOTHER) is None
    assert "certificate" not in ear.changes[1].security


@pytest.mark.parametrize("types", [("tls-exporter",), ("tls-server-end-point",)])
def test_the_log_in_is_bound_to_the_channel_of_a_pinned_certificate(
    reactor: ReactorThread, authority: Authority, serve: Serve, types: tuple[str, ...]
) -> None:
    shown = authority.issue([DOMAIN], self_signed=True)
    behaviour = Behaviour(mechanisms=("SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"), binding_types=types)
    server = serve(behaviour, shown)
    assert attempt(reactor, server, pin=pin_of(shown)) is None
    assert server.memory.authorised[0].startswith(f"p={types[0]},")


# -- the daemon, a Prosody, and a person -------------------------------------------------------------------------------


FIRST, SECOND = self_signed("localhost"), self_signed("localhost")


@pytest.fixture(scope="module")
def own_server() -> Iterator[World]:
    """A world whose server has signed its certificate itself."""
    with World(Options(certificate=FIRST)) as world:
        yield world


def shown_by(world: World, certificate: Certificate) -> None:
    world.prosody.stop()
    world.prosody.use_certificate(certificate)
    world.prosody.start()


def log_in(world: World, *options: str) -> Done:
    place = ["--host", "127.0.0.1", "--port", str(world.prosody.port)]
    return jp(
        world.environment(), "login", "alice@localhost", *place, *options, "--password-stdin", given=f"{PASSWORD}\n"
    )


def fingerprints(text: str) -> list[str]:
    return re.findall("SHA256:[0-9A-F:]{95}", text)


def test_a_person_pins_a_certificate_and_takes_the_pin_away(own_server: World) -> None:
    def profile(*words: str) -> Done:
        return jp(own_server.environment(), "profile", *words)

    refused = log_in(own_server)
    assert refused.code == 4
    assert "is signed by itself only. Someone could be listening." in refused.err
    [first] = fingerprints(refused.err)
    assert profile("list").out == "", "nothing is trusted, or kept, that nobody has asked for"

    online = log_in(own_server, "--pin", first.removeprefix("SHA256:").replace(":", "").lower())
    assert online.code == 0
    assert "with the certificate that you trust" in online.err
    assert f"certificate to trust\t{first}" in profile("info").lines

    shown_by(own_server, SECOND)
    profile("disconnect")
    changed = profile("connect")
    assert changed.code == 4
    assert "is not the one that you trust" in changed.err
    [second] = set(fingerprints(changed.err)) - {first}
    assert set(fingerprints(changed.err)) == {first, second}

    assert profile("set", "--pin", second).code == 0
    assert profile("connect").code == 0
    assert profile("set", "--pin", "").code == 0
    profile("disconnect")
    again = profile("connect")
    assert again.code == 4
    assert "is signed by itself only." in again.err
    assert fingerprints(again.err) == [second]


def test_an_account_is_created_where_the_certificate_is_pinned(own_server: World) -> None:
    shown_by(own_server, FIRST)

    def register(*options: str) -> Done:
        place = ["--host", "127.0.0.1", "--port", str(own_server.prosody.port), "--field", "username=dave"]
        words = ("register", "localhost", *place, *options, "--password-stdin")
        return jp(own_server.environment(), *words, given=f"{PASSWORD}\n")

    refused = register()
    assert refused.code == 4
    [first] = fingerprints(refused.err)
    assert register("--pin", ANOTHER).code == 4
    created = register("--pin", first)
    assert created.code == 0
    assert "with the certificate that you trust" in created.err


def test_what_is_no_fingerprint_is_refused(own_server: World) -> None:
    refused = log_in(own_server, "--name", "other", "--pin", "SHA256:AB:CD")
    assert refused.code == InvalidArgument.exit_code
    assert "“SHA256:AB:CD” is no fingerprint" in refused.err
