from __future__ import annotations

import pytest
from support.fakes import JULIET, ROMEO, Loop, Manager, Messages

from sat.api import JID, Secret
from sat.api.errors import AuthFailed, ProfileKeyMissing, ProfileNotFound, WrongProfilePassword
from sat.api.manager import ProfileInfo
from sat.api.profile import Connection, ConnectionState
from sat_frontends.quick_frontend.profiles import Profiles

REFUSED = AuthFailed(server="montague.lit", user="romeo")


class Scene:
    def __init__(self, *infos):
        self.loop, self.manager = Loop(), Manager(*infos)
        self.profiles = Profiles(self.manager, self.manager.profile)
        self.loop.now(self.profiles.start())
        self.told: list[str] = []
        self.profiles.changed.connect(self.told.append)

    def names(self):
        return [row.name for row in self.profiles.rows]


@pytest.fixture
def scene():
    return Scene(ProfileInfo("juliet", JULIET), ProfileInfo("romeo", ROMEO, default=True))


def test_the_default_one_is_first_and_current(scene):
    assert scene.names() == ["romeo", "juliet"]
    assert scene.profiles.current == "romeo"
    assert [row.current for row in scene.profiles.rows] == [True, False]


def test_another_can_be_wanted(scene):
    scene.loop.now(scene.profiles.start("juliet"))
    assert scene.profiles.current == "juliet"
    with pytest.raises(ProfileNotFound):
        scene.loop.now(scene.profiles.start("paris"))


def test_the_connection_is_shown(scene):
    lost = Connection(ConnectionState.OFFLINE, error="AuthFailed", details=REFUSED.details)
    scene.manager.profiles["juliet"].connection.set(lost)
    assert scene.told == ["juliet"]
    assert scene.profiles.row("juliet").error == REFUSED


def test_profiles_come_and_go(scene):
    scene.manager.profile_removed.emit("romeo")
    assert (scene.names(), scene.profiles.current) == (["juliet"], "juliet")
    scene.manager.profile_removed.emit("juliet")
    assert (scene.names(), scene.profiles.current) == ([], "")


def test_another_becomes_the_default_one(scene):
    scene.loop.now(scene.profiles.set_default("juliet"))
    assert [(row.name, row.default) for row in scene.profiles.rows] == [("juliet", True), ("romeo", False)]


def test_logging_in_makes_a_profile_and_connects(scene):
    name = scene.loop.now(scene.profiles.log_in(JID("nurse@capulet.lit"), Secret("x"), host="127.0.0.1", port=5222))
    assert name == "nurse"
    row = scene.profiles.row("nurse")
    assert (row.jid, row.state) == ("nurse@capulet.lit", ConnectionState.ONLINE)
    account = scene.manager.profiles["nurse"].account
    assert (account.host, account.port) == ("127.0.0.1", 5222)


def test_a_name_that_is_taken_is_not_taken_again(scene):
    assert scene.loop.now(scene.profiles.log_in(JID("romeo@verona.lit"), Secret("x"))) == "romeo@verona.lit"


def test_a_known_address_gets_the_password(scene):
    assert scene.loop.now(scene.profiles.log_in(ROMEO, Secret("new"))) == "romeo"
    assert scene.manager.profiles["romeo"].passwords == ["new"]
    assert scene.manager.count("create_profile") == 0


def test_a_known_address_gets_the_host_and_port_too(scene):
    scene.loop.now(scene.profiles.log_in(ROMEO, Secret("new"), host="127.0.0.1", port=5299))
    account = scene.manager.profiles["romeo"].account
    assert (account.host, account.port) == ("127.0.0.1", 5299)


def test_the_host_that_was_stored_stays_when_none_is_given_and_when_the_log_in_fails(scene):
    profile = scene.manager.profiles["romeo"]
    profile.account = profile.account._replace(host="chat.montague.lit", port=5223)
    scene.loop.now(scene.profiles.log_in(ROMEO, Secret("new")))
    assert (profile.account.host, profile.account.port) == ("chat.montague.lit", 5223)
    profile.fails["connect"] = REFUSED
    with pytest.raises(AuthFailed):
        scene.loop.now(scene.profiles.log_in(ROMEO, Secret("wrong"), host="127.0.0.1", port=5299))
    assert (profile.account.host, profile.account.port) == ("chat.montague.lit", 5223)


def test_what_is_unread_is_counted_for_each_profile():
    manager = Manager(ProfileInfo("juliet", JULIET), ProfileInfo("romeo", ROMEO, default=True))
    messages = {"juliet": Messages(), "romeo": Messages()}
    profiles, told = Profiles(manager, manager.profile, messages.__getitem__), []
    Loop().now(profiles.start())
    profiles.changed.connect(told.append)
    messages["juliet"].unread.set(3)
    assert told == ["juliet"]
    assert [(row.name, row.unread) for row in profiles.rows] == [("romeo", 0), ("juliet", 3)]
    profiles.close()
    messages["juliet"].unread.set(4)
    assert told == ["juliet"]


def test_a_log_in_that_fails_leaves_nothing(scene):
    scene.manager.prepare = lambda profile: profile.fails.update(connect=REFUSED)
    with pytest.raises(AuthFailed):
        scene.loop.now(scene.profiles.log_in(JID("nurse@capulet.lit"), Secret("x")))
    assert scene.names() == ["romeo", "juliet"]
    assert scene.profiles.current == "romeo"
    assert set(scene.manager.infos) == {"romeo", "juliet"}


def test_a_locked_profile_is_not_asked_for_its_connection():
    scene = Scene(ProfileInfo("romeo", ROMEO, locked=True))
    assert scene.profiles.row("romeo").locked
    scene.manager.fails["unlock_profile"] = WrongProfilePassword(profile="romeo")
    with pytest.raises(WrongProfilePassword):
        scene.loop.now(scene.profiles.unlock("romeo", Secret("x")))
    scene.manager.fails.clear()
    scene.loop.now(scene.profiles.unlock("romeo", Secret("y")))
    scene.told.clear()
    scene.loop.now(scene.profiles.connect("romeo"))
    assert "romeo" in scene.told
    assert scene.profiles.row("romeo").state is ConnectionState.ONLINE


def test_a_profile_that_cannot_be_opened_says_why():
    away = ProfileKeyMissing(profile="romeo", place="the desktop's keyring")
    scene = Scene(ProfileInfo("romeo", ROMEO, error="ProfileKeyMissing", details=away.details))
    row = scene.profiles.row("romeo")
    assert (row.open, row.locked, row.error) == (False, False, away)
    scene.manager.profile_changed.emit(ProfileInfo("romeo", ROMEO))
    scene.loop.now(scene.profiles.connect("romeo"))
    row = scene.profiles.row("romeo")
    assert (row.open, row.state, row.error) == (True, ConnectionState.ONLINE, None)


def test_deleting(scene):
    scene.loop.now(scene.profiles.delete("romeo"))
    assert scene.names() == ["juliet"]
    scene.manager.profiles["romeo"].connection.set(Connection(ConnectionState.CONNECTING))
    assert "romeo" not in scene.told


def test_after_the_daemon_was_away(scene):
    del scene.manager.infos["romeo"]
    scene.loop.now(scene.profiles.resync())
    assert (scene.names(), scene.profiles.current) == (["juliet"], "juliet")


def test_closed_profiles_hear_nothing(scene):
    scene.profiles.close()
    scene.manager.profile_removed.emit("romeo")
    scene.manager.profiles["juliet"].connection.set(Connection(ConnectionState.CONNECTING))
    assert scene.told == []
