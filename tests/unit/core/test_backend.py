"""The profiles of a daemon: what prevents one from working prevents nothing else (P4), and it is known why."""

from __future__ import annotations

from importlib import metadata
from types import SimpleNamespace

import pytest
from support.house import House, lived_in
from support.romeo import now
from twisted.internet.defer import Deferred

from sat.api import Secret
from sat.api.contract import Api, method
from sat.api.errors import (
    AccountDisabled,
    AuthFailed,
    InternalError,
    NoCommonMechanism,
    ProfileKeyMissing,
    ProfileLocked,
    ProfileNotFound,
    ServerRefused,
    WeakerThanBefore,
    WrongProfilePassword,
)
from sat.api.manager import PluginState
from sat.api.names import profile_path
from sat.core import loader
from sat.core import profile as profile_module
from sat.core.opening import FIRST
from sat.core.plugin import Plugin, Service
from sat.core.session import FAREWELL, PATIENCE
from sat.plugins.messages.api import MessagesApi


@pytest.fixture
def plugins(monkeypatch):
    """Third-party plugins, as if they were installed: entry point → class."""
    found = {}

    def entry_points(group):
        return [SimpleNamespace(name=name, value="acme", load=lambda kind=kind: kind) for name, kind in found.items()]

    monkeypatch.setattr(loader, "declared", lambda group: list(found.items()))
    monkeypatch.setattr(metadata, "entry_points", entry_points)
    return found


@pytest.fixture
def folder(tmp_path):
    """Where alice, bob and vera, who has a password of her own, live."""
    with lived_in(tmp_path / "sat") as house:
        for name in ("alice", "bob"):
            house.create(name)
        house.create("vera", lock="open")
    return tmp_path / "sat"


pytestmark = pytest.mark.usefixtures("light_locks")


def hide(folder):
    (folder / "key").rename(folder / "key.away")


def show(folder):
    (folder / "key.away").rename(folder / "key")


def statuses(house):
    return {plugin.name: plugin for plugin in now(house.manager.list_plugins())}


# -- plugins -----------------------------------------------------------------------------------------------------------


def acme(**members):
    return type("Weather", (Plugin,), {"__doc__": "Tells the weather.", "__module__": "acme_weather", **members})


async def fails(self):
    raise ValueError("not today")


async def hangs(self):
    await Deferred()


def test_a_third_party_plugin_that_cannot_load_is_a_status(folder, plugins):
    plugins["weather"] = acme(load=fails)
    with lived_in(folder) as house:
        house.create("carol")
        assert house.info("alice").obstacle is house.info("carol").obstacle is None
        status = statuses(house)["weather"]
        assert (status.state, status.purpose, status.reason) == (
            PluginState.FAILED,
            "Tells the weather.",
            "ValueError: not today",
        )


def test_a_service_that_cannot_start_is_a_status(folder, plugins):
    def fail(self, backend):
        raise ValueError("not today")

    plugins["weather"] = type("Weather", (Service,), {"__module__": "acme_weather", "__init__": fail})
    with lived_in(folder) as house:
        assert statuses(house)["weather"].reason == "ValueError: not today"
        assert now(house.profile("alice").get_account()).jid == "alice@example.org"


@pytest.mark.parametrize("base", [Plugin, Service])
def test_an_interface_that_is_there_already_is_not_taken_over(folder, plugins, base):
    class ManagerApi(Api):
        """Called like the daemon's own."""

        @method
        async def rule(self) -> None:
            """Rule."""

    twin = ManagerApi if base is Service else type("MessagesApi", (ManagerApi,), {})

    class Impostor(base, twin):
        """Wants to be another."""

        async def rule(self) -> None: ...

    plugins["weather"] = Impostor
    with lived_in(folder) as house:
        assert statuses(house)["weather"].state is PluginState.FAILED
        assert "already" in statuses(house)["weather"].reason
        assert house.info("alice").obstacle is None
        assert now(house.bridge.client(profile_path("alice"), MessagesApi).get_conversations()) == []


def test_a_plugin_that_never_loads_delays_the_start_once(folder, plugins):
    plugins["weather"] = acme(load=hangs)
    house = House(folder)
    start = Deferred.fromCoroutine(house.backend.start())
    assert not house.backend.ready.value
    house.clock.advance(PATIENCE)
    now(start)
    assert house.backend.ready.value
    assert statuses(house)["weather"].state is PluginState.FAILED
    assert house.info("alice").obstacle is house.info("bob").obstacle is None
    now(house.backend.stop())


# -- logging in --------------------------------------------------------------------------------------------------------


@pytest.fixture
def judge(monkeypatch):
    """The server that is asked about a password on the side; it accepts all but where the test names an error."""
    errors = []

    async def try_password(*_about):
        if errors:
            raise errors[0]

    monkeypatch.setattr(profile_module, "try_password", try_password)
    return errors


def test_a_password_that_is_accepted_is_kept(folder, judge):
    with lived_in(folder) as house:
        now(house.profile("alice").log_in(Secret("new")))
        assert house.password("alice") == "new"
        assert house.tried[-1] == "new"


@pytest.mark.parametrize(
    "error",
    [
        AuthFailed(server="example.org", user="alice"),
        AccountDisabled(server="example.org", user="alice", reason="spam"),
        NoCommonMechanism(server="example.org", offered="PLAIN"),
        WeakerThanBefore(server="example.org", offered="PLAIN", before="SCRAM"),
        ServerRefused(server="example.org", port=5222),
    ],
)
def test_a_password_that_is_not_accepted_changes_nothing(folder, judge, error):
    with lived_in(folder) as house:
        now(house.profile("alice").connect())
        judge.append(error)
        with pytest.raises(type(error)):
            now(house.profile("alice").log_in(Secret("new")))
        assert house.password("alice") == "secret"
        assert house.tried == ["secret"], "and it is still online"
        assert not house.links[-1].over


# -- profiles that cannot be opened ------------------------------------------------------------------------------------


def test_a_profile_that_fails_unexpectedly_is_its_own_concern(folder, monkeypatch, caplog):
    whole = profile_module.OpenProfile.open

    async def break_alice(self):
        await whole(self)
        if self.name.value == "alice":
            raise ZeroDivisionError

    monkeypatch.setattr(profile_module.OpenProfile, "open", break_alice)
    with lived_in(folder) as house:
        assert isinstance(house.info("alice").obstacle, InternalError)
        assert house.info("alice").obstacle.details["reference"] in caplog.text
        assert house.info("bob").obstacle is None
        with pytest.raises(InternalError):
            now(house.profile("alice").connect())
        monkeypatch.undo()
        now(house.profile("alice").connect())
        assert house.info("alice").obstacle is None


def test_a_profile_that_could_not_be_opened_is_not_created(folder, monkeypatch):
    async def fail(self):
        raise ZeroDivisionError

    with lived_in(folder) as house:
        with monkeypatch.context() as patch:
            patch.setattr(profile_module.OpenProfile, "open", fail)
            with pytest.raises(InternalError):
                house.create("carol")
        with pytest.raises(ProfileNotFound):
            now(house.profile("carol").connect())
        house.create("carol")
        now(house.profile("carol").connect())


def test_a_profile_whose_key_is_away_says_so(folder):
    hide(folder)
    with lived_in(folder) as house:
        assert isinstance(house.info("alice").obstacle, ProfileKeyMissing)
        assert not house.info("alice").locked
        with pytest.raises(ProfileKeyMissing, match="not in the file"):
            now(house.profile("alice").connect())
        with pytest.raises(ProfileKeyMissing):
            now(house.manager.unlock_profile("alice", Secret("")))
        with pytest.raises(ProfileNotFound):
            now(house.profile("nobody").connect())


def test_a_locked_profile_is_locked_wherever_the_keys_are(folder):
    hide(folder)
    with lived_in(folder) as house:
        assert house.info("vera").locked
        assert house.info("vera").obstacle == ProfileLocked(profile="vera")
        with pytest.raises(WrongProfilePassword):
            now(house.manager.unlock_profile("vera", Secret("wrong")))
        with pytest.raises(ProfileLocked):
            now(house.profile("vera").connect())
        now(house.manager.unlock_profile("vera", Secret("open")))
        assert house.info("vera").obstacle is None
        assert house.links[-1].profile.name.value == "vera", "it goes online"


def test_an_open_profile_is_not_unlocked_by_a_wrong_password(folder):
    with lived_in(folder) as house:
        now(house.manager.unlock_profile("vera", Secret("open")))
        with pytest.raises(WrongProfilePassword):
            now(house.manager.unlock_profile("vera", Secret("wrong")))


def test_it_is_tried_again_by_itself_less_and_less_often(folder, record):
    hide(folder)
    with lived_in(folder) as house:
        changed = record(house.manager.profile_changed)
        house.clock.advance(FIRST)
        house.clock.advance(FIRST)
        show(folder)
        assert house.info("alice").obstacle is not None
        house.clock.advance(FIRST)
        assert house.info("alice").obstacle is house.info("bob").obstacle is None
        assert sorted(info.name for info in changed) == ["alice", "bob"]
        assert house.tried == ["secret", "secret"], "they go online"


def test_it_is_tried_again_when_somebody_asks_for_it(folder):
    hide(folder)
    with lived_in(folder) as house:
        show(folder)
        now(house.profile("alice").connect())
        assert house.info("alice").obstacle is None
        assert len(house.links) == 1, "one connection, however many asked for it"
        assert isinstance(house.info("bob").obstacle, ProfileKeyMissing)
        now(house.manager.unlock_profile("bob", Secret("")))
        assert house.info("bob").obstacle is None


def test_a_deleted_profile_is_not_tried_again(folder):
    hide(folder)
    with lived_in(folder) as house:
        now(house.manager.delete_profile("alice"))
        show(folder)
        house.clock.advance(FIRST)
        with pytest.raises(ProfileNotFound):
            now(house.profile("alice").connect())
        assert {info.name for info in now(house.manager.list_profiles())} == {"bob", "vera"}


@pytest.mark.parametrize("online", [True, False])
def test_a_deletion_waits_a_little_for_what_others_have(folder, plugins, caplog, online):
    left = []

    async def withdraw(self):
        left.append(self.session.online)

    plugins.update(first=acme(withdraw=hangs), second=acme(withdraw=fails), third=acme(withdraw=withdraw))
    with lived_in(folder) as house:
        if online:
            now(house.profile("alice").connect())
        deleted = Deferred.fromCoroutine(house.manager.delete_profile("alice"))
        assert deleted.called is not online
        house.clock.advance(FAREWELL)
        now(deleted)
        assert {each.name for each in now(house.storage.profiles.list())} == {"bob", "vera"}
    assert left == [True] * online
    assert ("for the plugin first is left there" in caplog.text) is online
    assert ("plugin second could not take back" in caplog.text) is online


def test_what_plugins_keep_of_a_deleted_profile_goes_too(folder, plugins, caplog):
    erased = []

    async def fails(cls, profile):
        raise OSError("no")

    async def erase(cls, profile):
        erased.append(profile)

    plugins["first"] = acme(erase=classmethod(fails))
    plugins["second"] = acme(erase=classmethod(erase))
    with lived_in(folder) as house:
        for name in ("alice", "vera"):  # one that is open, and one that is not
            now(house.manager.delete_profile(name))
    assert erased == ["alice", "vera"]
    assert "could not remove what it has of alice" in caplog.text
