"""A profile and its connection, with the clock in the hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.new_database import with_database
from support.romeo import now
from twisted.internet import error
from twisted.internet.defer import Deferred
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure

from sat.api import JID, SatError, Secret
from sat.api.errors import NotConnected, ServerNotFound, ServerRefused, error_named
from sat.api.names import ROOT
from sat.api.profile import Account, ConnectionState
from sat.bridge.direct import DirectBridge
from sat.core import profile as profile_module
from sat.core.backend import Backend
from sat.core.config import Config
from sat.core.profile import OpenProfile
from sat.plugins.registration.api import RegistrationApi
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.roster.plugin import Roster
from sat.storage.storage import Storage
from sat.xmpp.resolve import Dns, Record

ROMEO = Account(JID("romeo@montague.lit"), "127.0.0.1", 5222)


class House:
    """A daemon in memory, with one profile. Nobody answers its connections but the test."""

    def __init__(self, folder: Path) -> None:
        self.reactor: Any = MemoryReactorClock()
        self.storage = now(Storage.open(with_database(folder / "data"), None))
        self.bridge = DirectBridge()
        self.backend = Backend(self.storage, self.bridge, Config(folder / "sat.conf"), self.reactor, lambda: None)
        now(self.backend.start())
        now(self.backend.create_profile("romeo", ROMEO.jid, Secret("first")))
        now(self.profile.set_account(ROMEO))

    @property
    def profile(self) -> OpenProfile:
        return now(self.backend.profiles.open("romeo"))

    @property
    def state(self) -> ConnectionState:
        return self.profile.connection.value.state

    @property
    def calls(self) -> list[int]:
        """The ports to which a connection is being made."""
        return [port for _, port, *_ in self.reactor.tcpClients]

    def refuse(self) -> None:
        """Refuse the first of them."""
        factory = self.reactor.tcpClients.pop(0)[2]
        factory.clientConnectionFailed(None, Failure(error.ConnectionRefusedError()))

    def attempt(self) -> list[SatError]:
        """Connect, and be refused: what was told."""
        told: list[SatError] = []
        Deferred.fromCoroutine(self.profile.connect()).addErrback(lambda failure: told.append(failure.value))
        self.refuse()
        return told


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    now(house.backend.stop())
    assert not house.reactor.getDelayedCalls()


def test_who_waits_for_the_next_try_tries_at_once_in_the_new_way(house: House) -> None:
    (error,) = house.attempt()
    assert type(error) is ServerRefused
    assert house.state is ConnectionState.WAITING
    now(house.profile.set_account(ROMEO._replace(port=5299)))
    assert house.calls == [5299]
    assert house.state is ConnectionState.CONNECTING
    house.refuse()
    assert house.state is ConnectionState.WAITING, "and goes on"


def test_who_waits_for_the_next_try_tries_at_once_with_the_new_password(house: House) -> None:
    house.attempt()
    now(house.profile.set_password(Secret("second")))
    assert house.calls == [5222]
    assert house.profile.password() == "second"


def test_an_attempt_under_way_begins_anew(house: House) -> None:
    told: list[Any] = []
    Deferred.fromCoroutine(house.profile.connect()).addBoth(told.append)
    now(house.profile.set_account(ROMEO._replace(port=5299)))
    assert house.calls[-1] == 5299
    assert told[0].check(NotConnected)
    assert house.state is ConnectionState.CONNECTING


def test_who_is_offline_stays_so(house: House) -> None:
    house.attempt()
    now(house.profile.disconnect())
    now(house.profile.set_account(ROMEO._replace(port=5299)))
    now(house.profile.set_password(Secret("second")))
    assert not house.calls
    assert house.state is ConnectionState.OFFLINE


def test_a_connection_that_is_no_longer_wanted_is_not_made(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading the password takes a moment; what was asked for in it counts."""
    reading: Deferred[str] = Deferred()
    told: list[Any] = []

    async def slowly(key: str) -> str:
        return await reading

    monkeypatch.setattr(house.profile._vault, "get", slowly)
    Deferred.fromCoroutine(house.profile.connect()).addBoth(told.append)
    now(house.profile.disconnect())
    reading.callback("first")
    assert told[0].check(NotConnected)
    assert not house.calls


# -- the server's token ---------------------------------------------------------------------------------------------


def test_the_token_is_kept_with_the_password_and_sealed_as_it_is(house: House, tmp_path: Path) -> None:
    profile = house.profile
    profile.secrets.set("token", "a token of the server")
    assert now(profile._vault.get("token")) == "a token of the server"
    files = [each.read_bytes() for each in (tmp_path / "data").iterdir() if each.is_file()]
    assert any(b"romeo@montague.lit" in each for each in files)
    assert not any(b"a token of the server" in each for each in files)
    profile.secrets._token = ""  # the daemon is started again
    house.attempt()
    assert profile.secrets.get("token") == "a token of the server"
    profile.secrets.set("token", "")
    assert now(profile._vault.get("token")) is None


@pytest.fixture
def revoked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The programs and tokens that the server was told to forget; it is not there to hear it."""
    told: list[tuple[str, str]] = []

    async def revoke_token(account: Account, client: str, token: str, *_: object) -> bool:
        told.append((client, token))
        raise ServerNotFound(server=account.jid.domain)

    monkeypatch.setattr(profile_module, "revoke_token", revoke_token)
    return told


CHANGES: dict[str, Callable[[House], object]] = {
    "password": lambda house: house.profile.set_password(Secret("second")),
    "security": lambda house: house.profile.forget_security(),
    "deletion": lambda house: house.backend.delete_profile("romeo"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_another_password_needs_another_token_and_the_server_forgets_the_old_one(
    house: House, change: str, revoked: list[tuple[str, str]]
) -> None:
    profile = house.profile
    now(profile._vault.set("token", "a token of the server"))  # nobody has connected since the start
    profile._memory.set("client", "client-1")
    now(CHANGES[change](house))
    assert profile.secrets.get("token") == ""
    assert now(profile._vault.get("token")) is None
    assert revoked == [("client-1", "a token of the server")]
    now(profile.forget_token())
    assert len(revoked) == 1, "there is no token any more"


def test_a_token_that_is_damaged_does_not_keep_anybody_offline(house: House) -> None:
    profile = house.profile
    profile.secrets.set("token", "x")
    number = house.storage.profiles.number_of("romeo")
    change = "UPDATE secret SET sealed = x'00' WHERE profile = ? AND key = 'token'"
    now(profile._vault._database.write(lambda cursor: cursor.execute(change, (number,))))
    house.attempt()
    assert profile.secrets.get("token") == ""


# -- a server that is not found -------------------------------------------------------------------------------------


SLIPS = pytest.mark.parametrize(
    ("address", "suggestion"),
    [
        ("you@montauge.lit", "Did you mean montague.lit?"),
        ("you@capullet.lit", "Did you mean capulet.lit?"),
        ("you@verona.lit", ""),
    ],
)


@pytest.fixture
def nowhere(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """DNS says of every domain that no XMPP server is there. Romeo has a contact."""

    async def lookup(self: Dns, name: str) -> list[Record]:
        return [Record(0, 0, ".", 0)]

    monkeypatch.setattr(Dns, "__call__", lookup)
    juliet = JID("juliet@capulet.lit")
    house.profile.session.plugin(Roster).contacts[juliet] = Contact(juliet, "", Subscription.BOTH, [])
    return house


def sentence(domain: str, suggestion: str) -> str:
    return f"No XMPP server was found at {domain}. {suggestion}".strip()


@SLIPS
def test_a_slip_of_the_finger_is_noticed_when_logging_in(nowhere: House, address: str, suggestion: str) -> None:
    now(nowhere.backend.create_profile("new", JID(address), Secret("secret")))
    profile = now(nowhere.backend.profiles.open("new"))
    with pytest.raises(ServerNotFound) as raised:
        now(profile.connect())
    assert str(raised.value) == sentence(JID(address).domain, suggestion)
    told = profile.connection.value
    assert error_named(told.error, told.details) == raised.value


@SLIPS
def test_a_slip_of_the_finger_is_noticed_when_registering(nowhere: House, address: str, suggestion: str) -> None:
    registration = nowhere.bridge.client(ROOT, RegistrationApi)
    with pytest.raises(ServerNotFound) as raised:
        now(registration.get_form(JID(address).domain))
    assert str(raised.value) == sentence(JID(address).domain, suggestion)


def test_who_has_logged_in_before_made_no_slip(nowhere: House) -> None:
    """Then it is rather the network that is not there."""
    now(nowhere.backend.create_profile("new", JID("you@montauge.lit"), Secret("secret")))
    profile = now(nowhere.backend.profiles.open("new"))
    profile._memory.set("mechanism", "SCRAM-SHA-256")
    with pytest.raises(ServerNotFound) as raised:
        now(profile.connect())
    assert str(raised.value) == sentence("montauge.lit", "")
