"""Before anything works: no bus, no daemon, no profile, a locked one; and a daemon that goes away."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.tmux import unfolded
from world import BOB, ME, Console, Daemon

from sat.api import SatError
from sat.api.errors import (
    NoBus,
    NoDaemon,
    ProfileKeyMissing,
    ServerNotFound,
    StorageDamaged,
    StorageFailing,
    UsernameTaken,
)
from sat.api.manager import Notice
from sat_frontends.primitivus.main import Wanted, WrongUse, give_way, wanted


@pytest.fixture
def new_daemon() -> Daemon:
    """A daemon without a profile."""
    return Daemon()


@pytest.fixture
def first_run(new_daemon: Daemon, open_console) -> Console:
    """primitivus at its first start."""
    return open_console(daemon=new_daemon)


def failing(daemon: Daemon, error: SatError) -> Console:
    console = Console(daemon)
    console.fail = error
    return console.start()


def test_without_a_daemon_it_says_so_and_offers_to_start_it(daemon: Daemon):
    console = failing(daemon, NoDaemon())
    assert "The daemon sat is not running." in console.text
    assert "Start it: sat start" in console.text
    console.fail = None
    console.press("right", "enter")
    assert "▾ Friends (2/2)" in console.text
    assert console.app.exit_error is None
    console.close()


def test_without_a_bus_it_says_so(daemon: Daemon):
    console = failing(daemon, NoBus())
    assert "There is no D-Bus session" in console.text
    assert "dbus-run-session" in console.text
    assert "< Start" not in console.text
    console.press("enter")
    assert console.app.loop._over.done()
    assert isinstance(console.app.exit_error, NoBus)
    console.close()


def test_the_first_run_offers_four_ways(first_run: Console):
    for way in ("Log in with an address", "Create an account", "I have an invitation", "Try without a server: demo"):
        assert way in first_run.text


def test_log_in(first_run: Console, new_daemon: Daemon):
    first_run.press("enter").type("alice@example.org").press("enter").type("right").press("enter")
    assert new_daemon.clients["alice"].profile.password == "right"
    assert first_run.lines[0].endswith("alice@example.org ●")
    assert "You are online." in first_run.text


def made_elsewhere(console: Console, daemon: Daemon) -> Console:
    """jp login makes a profile."""
    daemon.manager.profile_added.emit(daemon.add_profile("alice"))
    console.settle()
    return console


def test_a_profile_made_elsewhere_ends_the_first_run(first_run: Console, new_daemon: Daemon):
    made_elsewhere(first_run, new_daemon)
    assert "Welcome to Salut" not in first_run.text
    assert first_run.lines[0].endswith(f"{ME} ●")


@pytest.mark.parametrize("back", [False, True])
def test_a_profile_made_elsewhere_takes_nothing_of_what_is_typed(first_run: Console, new_daemon: Daemon, back: bool):
    first_run.press("enter").type("romeo@example.org")
    if back:
        first_run.press("enter", "esc")
    made_elsewhere(first_run, new_daemon)
    assert "There is a profile now, alice; leave this with Esc to use it." in unfolded(first_run.text)
    assert "Address: romeo@example.org" in first_run.text
    first_run.press("esc")
    assert "Welcome to Salut" in first_run.text
    assert ME not in first_run.text
    first_run.press("esc")
    assert first_run.lines[0].endswith(f"{ME} ●")
    assert not first_run.app.loop._over.done()


def test_the_wizard_s_own_profile_does_not_end_it_before_it_is_online(first_run: Console, new_daemon: Daemon):
    first_run.press("enter").type("alice@example.org").press("enter").type("wrong").press("enter")
    assert "did not accept this password" in first_run.text
    assert "There is a profile now" not in first_run.text


def test_a_wrong_address_is_told_and_stays(first_run: Console):
    first_run.press("enter").type("alice@").press("enter")
    assert "is no XMPP address" in first_run.text
    assert "Address: alice@" in first_run.text


def test_a_wrong_password_is_told_with_advice(first_run: Console, new_daemon: Daemon):
    first_run.press("enter").type("alice@example.org").press("enter").type("wrong").press("enter")
    assert "The server example.org did not accept this password for alice." in first_run.text
    assert "Forgotten? Ask the server's administrator." in first_run.text
    assert "Account: alice@example.org" in first_run.text
    first_run.type("right").press("enter")
    assert first_run.lines[0].endswith("alice@example.org ●")


def test_a_certificate_is_trusted_by_who_has_read_its_fingerprint(first_run: Console, new_daemon: Daemon):
    new_daemon.certificate = "SHA256:" + ":".join(f"{number:02X}" for number in range(32))
    first_run.press("enter").type("alice@example.org").press("enter").type("right").press("enter")
    assert "is signed by itself only. Someone could be listening." in unfolded(first_run.text)
    first_run.press("down", "down", "down", "right", "enter")
    assert new_daemon.certificate in re.sub(r"[\s│]", "", first_run.text), "all of it is shown"
    first_run.type("yes").press("enter")
    assert "These are not the last digits of the fingerprint." in first_run.text
    first_run.type("1C1D1E1F").press("enter").type("right").press("enter")
    assert first_run.lines[0].endswith("alice@example.org ●")
    assert new_daemon.clients["alice"].profile.account.pin == new_daemon.certificate


def test_a_similar_server_is_offered(first_run: Console, new_daemon: Daemon):
    new_daemon.registration.refuse_form = ServerNotFound(server="exampel.org", suggestion="Did you mean example.org?")
    first_run.press("down", "enter").type("exampel.org").press("enter")
    assert "No XMPP server was found at exampel.org. Did you mean example.org?" in unfolded(first_run.text)
    assert "Server or invitation: exampel.org" in first_run.text


def test_a_password_is_not_shown_unless_asked_for(first_run: Console):
    first_run.press("enter").type("alice@example.org").press("enter").type("secret")
    assert "******" in first_run.text
    assert "secret" not in first_run.text
    first_run.press("tab", " ")
    assert "secret" in first_run.text


def test_create_an_account(first_run: Console, new_daemon: Daemon):
    first_run.press("down", "enter").type("example.org").press("enter")
    assert "Choose a name and a password." in first_run.text
    first_run.type("alice").press("enter").type("right").press("enter")
    assert new_daemon.registration.registered == [{"username": "alice"}]
    assert first_run.lines[0].endswith("alice@example.org ●")


def test_a_name_that_is_taken_is_told_and_stays(first_run: Console, new_daemon: Daemon):
    new_daemon.registration.refuse = UsernameTaken(server="example.org", user="alice", suggestion="alice2")
    first_run.press("down", "enter").type("example.org").press("enter")
    first_run.type("alice").press("enter").type("right").press("enter")
    assert "Choose another name, perhaps alice2." in first_run.text
    assert "Name *: alice" in first_run.text


def test_an_invitation_is_asked_for_by_its_link(first_run: Console, new_daemon: Daemon):
    first_run.press("down", "down", "enter")
    assert "Paste the link" in first_run.text
    first_run.type("example.org").press("enter")
    assert "“example.org” is no invitation." in " ".join(first_run.text.split())
    first_run.press("ctrl u").tell("begin paste", *"xmpp:alice@example.org?register;preauth=TOKEN", "end paste")
    first_run.press("enter")
    assert "Name *: alice" in first_run.text
    first_run.press("tab").type("right").press("enter")
    assert new_daemon.registration.registered == [{"username": "alice"}]


def test_what_is_required_is_marked(first_run: Console, new_daemon: Daemon):
    first_run.press("down", "enter").type("example.org").press("enter").press("enter", "enter")
    assert first_run.text.count("This is required.") == 2
    assert new_daemon.registration.registered == []


def test_demo_says_how(first_run: Console):
    first_run.press("down", "down", "down", "enter")
    assert "sat demo" in first_run.text
    first_run.press("esc")
    assert "Log in with an address" in first_run.text


def test_demo_takes_the_terminal_over(first_run: Console):
    first_run.press("down", "down", "down", "enter", "enter")
    assert first_run.app.loop._over.done()
    program, argument = first_run.app.exit_to
    assert (Path(program).name, argument) == ("sat", "demo")


def test_a_program_that_cannot_take_over_is_told(capsys):
    assert give_way(["/nonexistent/sat", "demo"]) == 1
    assert capsys.readouterr().err == "primitivus: /nonexistent/sat could not be started: No such file or directory.\n"


def test_esc_leaves_the_first_page(first_run: Console):
    first_run.press("esc")
    assert first_run.app.loop._over.done()


def test_a_locked_profile_asks_for_its_password(open_console):
    daemon = Daemon()
    daemon.add_profile("alice", locked=True)
    console = open_console(daemon=daemon)
    assert "The profile alice is locked" in console.text
    console.type("shut").press("enter")
    assert "This is not the password of the profile alice." in console.text
    console.press("ctrl u", *["backspace"] * 4).type("open").press("enter")
    assert console.lines[0].endswith(f"{ME} ●")


def test_a_profile_whose_key_is_away_says_so_and_is_tried_again(open_console):
    daemon = Daemon()
    away = daemon.key_away = ProfileKeyMissing(profile="alice", place="the desktop's keyring")
    daemon.manager.infos["alice"] = daemon.add_profile("alice")._replace(
        error="ProfileKeyMissing", details=away.details
    )
    console = open_console(daemon=daemon)
    assert "The stored passwords of the profile alice cannot be read" in console.text
    assert "Unlock the desktop's keyring" in console.text
    assert "Password:" not in console.text
    console.press("enter")
    assert "cannot be read" in console.text
    daemon.key_away = None
    console.press("enter")
    assert console.lines[0].endswith(f"{ME} ●")


def test_a_daemon_that_stops_is_told_until_it_is_back(console: Console, daemon: Daemon):
    console.press("meta g").type("bob").press("enter")
    daemon.daemon_gone.emit(None)
    console.settle()
    assert "The daemon sat has stopped." in console.lines[1]
    daemon.clients["alice"].messages.put(BOB, "written meanwhile")
    daemon.resync.emit(None)
    console.settle()
    assert "has stopped" not in console.text
    assert "written meanwhile" in console.text


def test_what_is_wrong_with_the_daemon_is_told_while_it_is(open_console, daemon: Daemon):
    damaged = StorageDamaged(kept="sat.db.corrupt-1", instead="an empty one")
    failing = StorageFailing(reason="the disk is full")
    damaged_notice, failing_notice = (Notice(type(each).__name__, each.details) for each in (damaged, failing))
    daemon.manager.notices.set([damaged_notice])
    console = open_console()
    assert "The database was damaged; it was set aside as sat.db.corrupt-1" in console.text
    console.app.frame.notices.clear()
    daemon.manager.notices.set([damaged_notice, failing_notice])
    console.settle()
    assert "Nothing can be stored at the moment: the disk is full." in console.text
    assert "was damaged" not in console.text, "it is told once"
    daemon.manager.notices.set([damaged_notice])
    console.settle()
    assert "Nothing can be stored" not in console.text
    daemon.daemon_gone.emit(None)
    daemon.resync.emit(None)
    console.settle()
    assert "was damaged" in console.text, "by another daemon it is told anew"


def test_another_profile(open_console, daemon: Daemon):
    from sat.api import JID

    daemon.add_profile("work", JID("alice@work.example"))
    console = open_console()
    console.press("meta p").type("work").press("enter")
    assert console.lines[0].endswith("alice@work.example ●")


def test_the_command_line():
    assert wanted([]) == Wanted()
    for line in (["-p", "work"], ["-pwork"], ["--profile=work"], ["--profile", "work"]):
        assert wanted(line) == Wanted("work")
    assert wanted(["--notice", "Hello.", "-p", "work"]) == Wanted("work", "Hello.")
    for wrong in (["-p"], ["--colour"], ["work"], ["--notice"], ["--profile="]):
        with pytest.raises(WrongUse):
            wanted(wrong)
