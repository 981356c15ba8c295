"""The daemon goes and comes back, profiles are locked and deleted: what is shown is true all the time."""

from __future__ import annotations

import pytest
from world import BOB, ME, Console, Daemon

from sat.api import JID
from sat.api.errors import StorageDamaged

WORK = JID("alice@work.example")


@pytest.fixture
def with_work(daemon: Daemon, open_console) -> Console:
    """alice is shown, with bob's conversation; there is another profile."""
    daemon.add_profile("work", WORK)
    return open_console().press("meta g").type("bob").press("enter")


def stop(console: Console, bus_too: bool = False) -> Console:
    daemon = console.daemon
    daemon.on_bus = not bus_too
    if bus_too:
        daemon.bus_changed.emit(False)
    daemon.daemon_gone.emit(None)
    console.settle()
    return console


def start(console: Console) -> Console:
    console.daemon.on_bus = True
    console.daemon.resync.emit(None)
    console.settle()
    return console


def lock(daemon: Daemon, name: str) -> None:
    daemon.manager.infos[name] = daemon.manager.infos[name]._replace(locked=True)


def test_without_the_daemon_nobody_is_said_to_be_online(with_work: Console):
    console = stop(with_work)
    assert console.lines[0].startswith(" Bob ○ unknown")
    assert console.lines[0].endswith(f"{ME} ○ unknown")
    assert "○ Bob" in console.text
    assert "▾ Friends (0/2)" in console.text
    assert "The daemon sat has stopped." in console.lines[1]
    console.press("meta p")
    assert "online" not in console.text
    console.press("esc")
    start(console)
    assert console.lines[0].startswith(" Bob ● online")
    assert console.lines[0].endswith(f"{ME} ●")
    assert "The daemon is back; everything was loaded again." in console.text


def test_in_a_narrow_terminal_too(open_console, daemon: Daemon):
    console = open_console(size=(40, 10))
    assert console.lines[0].endswith("●")
    assert stop(console).lines[0].endswith("○")


def test_a_bus_that_is_gone_is_told_as_such(with_work: Console):
    console = stop(with_work, bus_too=True)
    assert "The D-Bus session is gone" in console.lines[1]
    console.daemon.on_bus = True
    console.daemon.bus_changed.emit(True)
    console.settle()
    assert "The daemon sat has stopped." in console.lines[1], "the bus is back, and the daemon not yet"
    assert "D-Bus" not in start(console).text


def test_what_could_not_be_loaded_again_is_told(with_work: Console, monkeypatch: pytest.MonkeyPatch):
    async def damaged() -> None:
        raise StorageDamaged(kept="a", instead="b")

    stop(with_work)
    monkeypatch.setattr(with_work.daemon.manager, "list_profiles", damaged)
    console = start(with_work)
    assert "has stopped" not in console.text
    assert "loaded again" not in console.text
    assert "The database was damaged" in console.text


def test_a_profile_that_is_locked_when_the_daemon_is_back_is_not_shown(with_work: Console):
    stop(with_work.type("a draft"))
    lock(with_work.daemon, "alice")
    console = start(with_work)
    assert "The profile alice is locked by its password." in console.text
    assert "loaded again" not in console.text
    assert ME not in console.lines[0]
    assert "Friends" not in console.text
    console.press("esc")
    assert "The profile alice is locked by its password." in console.text
    assert not console.app.loop._over.done()
    console.press("meta p")
    assert f"alice  {ME} · locked" in console.text
    console.type("alice").press("enter").type("open").press("enter")
    assert console.lines[0].startswith(" Bob ●")
    assert console.lines[-1] == "› a draft"


def test_adding_an_account_meanwhile_can_be_given_up(with_work: Console):
    stop(with_work)
    lock(with_work.daemon, "alice")
    start(with_work).press("esc", "meta p").type("add").press("enter")
    assert "Welcome to Salut" in with_work.text
    with_work.press("esc")
    assert not with_work.app.loop._over.done()


def test_a_profile_that_cannot_be_shown_leaves_the_other(with_work: Console, monkeypatch: pytest.MonkeyPatch):
    from sat_frontends.primitivus import session

    async def refuse(*_clients: object) -> None:
        raise StorageDamaged(kept="a", instead="b")

    monkeypatch.setattr(session, "load", refuse)
    with_work.press("meta p").type("work").press("enter")
    assert "The database was damaged" in with_work.text
    assert with_work.lines[0].startswith(" Bob ●")
    with_work.press("meta p")
    assert "● alice" in with_work.text


def test_it_is_asked_once_however_often_the_daemon_restarts(with_work: Console):
    lock(with_work.daemon, "alice")
    for _restart in range(3):
        start(stop(with_work))
    assert with_work.app.root.depth == 1


def test_commands_say_why_nothing_is_shown(with_work: Console):
    stop(with_work)
    lock(with_work.daemon, "alice")
    start(with_work).press("esc").type("/away").press("enter")
    assert "The profile alice is locked by its password." in with_work.text
    assert with_work.lines[-1] == "› /away"


def test_the_first_run_is_offered_once_however_often_the_daemon_restarts(open_console):
    console = open_console(daemon=Daemon())
    for _restart in range(3):
        start(stop(console))
    assert console.app.root.depth == 1
    assert "Welcome to Salut" in console.text


def test_a_profile_that_was_deleted_elsewhere_gives_way_to_another(with_work: Console):
    with_work.type("a draft")
    del with_work.daemon.manager.infos["alice"]
    with_work.daemon.manager.profile_removed.emit("alice")
    with_work.settle()
    assert "The profile alice was deleted." in with_work.text
    assert with_work.lines[0].endswith(f"{WORK} ●")
    assert "Bob" not in with_work.text
    assert with_work.lines[-1] == "›"
    with_work.press("meta p")
    assert "alice@example.org" not in with_work.text


def test_the_last_profile_gives_way_to_the_first_run(console: Console, daemon: Daemon):
    del daemon.manager.infos["alice"]
    daemon.manager.profile_removed.emit("alice")
    console.settle()
    assert "Welcome to Salut" in console.text
    assert ME not in console.text
    assert "Friends" not in console.text


def test_a_profile_that_was_deleted_while_the_daemon_was_away(with_work: Console):
    stop(with_work)
    del with_work.daemon.manager.infos["alice"]
    console = start(with_work)
    assert "The profile alice was deleted." in console.text
    assert console.lines[0].endswith(f"{WORK} ●")


def test_a_new_profile_of_the_same_name_starts_empty(with_work: Console):
    daemon = with_work.type("a draft").daemon
    del daemon.manager.infos["alice"]
    daemon.manager.profile_removed.emit("alice")
    with_work.settle()
    daemon.manager.profile_added.emit(daemon.add_profile("alice", ME))
    with_work.settle()
    with_work.press("meta p").type("alice@example").press("enter")
    assert "No conversation is open." in with_work.text
    assert BOB not in with_work.app.windows.peers


def test_who_opens_it_or_presses_a_key_is_looking(console: Console, daemon: Daemon):
    told = daemon.clients["alice"].client_state
    assert told.told == 1
    console.type("h")
    assert told.told == 1, "not each time"
    live = console.app.session.live
    assert live is not None
    for act in (lambda: console.type("e"), lambda: console.app.set_focused(True)):
        before = told.told
        live._attend_again()  # a minute has passed
        act()
        console.settle()
        assert told.told == before + 1
