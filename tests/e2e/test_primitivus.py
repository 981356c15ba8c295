"""primitivus with the real daemon, bus and server, in a real terminal (tmux)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.processes import processes_naming
from support.stage import go_to, primitivus
from support.tmux import Terminal

from sat.api import JID
from sat.world import World, until
from sat.world.people import run


@pytest.fixture(scope="module")
def people(world: World) -> World:
    for person in ("alice", "bob"):
        world.enter_profile(person)
    return world


@pytest.fixture
def terminal(people: World) -> Iterator[Terminal]:
    with primitivus(people.env, "-p", "alice") as terminal:
        terminal.shows("Friends (1/1)")
        yield terminal


def test_a_conversation_lives(terminal: Terminal, people: World):
    bob, alice = people.bridge().profile("bob"), JID(people.jid("alice"))
    run(bob.messages.send(alice, "salut \x1b[31m\u202eà toi"))
    terminal.shows("1 Bob 1")
    terminal.press("M-a")
    assert "\u202e" not in terminal.shows("salut")
    terminal.press("salut, bob", "Enter")
    terminal.wait(lambda text: any("salut, bob" in line and line.endswith("✓✓") for line in text.splitlines()))
    run(bob.chat_states.set_typing(alice, True))
    terminal.shows("Bob is typing…")
    assert [each.body for each in run(bob.messages.get_history(alice))][-1] == "salut, bob"


def test_a_text_of_several_lines_is_pasted_and_not_sent(terminal: Terminal, people: World):
    alice, bob = people.bridge().profile("alice").messages, JID(people.jid("bob"))
    before = len(run(alice.get_history(bob)))
    go_to(terminal, "bob")
    terminal.paste("one\ntwo\nthree")
    terminal.shows("› one\ntwo\nthree")
    assert len(run(alice.get_history(bob))) == before
    terminal.press("Enter")
    terminal.wait(lambda text: "› one" not in text)
    assert [each.body for each in run(alice.get_history(bob))][before:] == ["one\ntwo\nthree"]
    terminal.press("F2", "IC")
    terminal.shows("Add a contact")
    terminal.paste("eve@localhost\nmore")
    terminal.shows("Address: eve@localhost more")


def test_what_comes_to_a_window_without_the_focus_is_not_read(terminal: Terminal, people: World):
    bob, alice = people.bridge().profile("bob").messages, people.bridge().profile("alice").messages
    go_to(terminal, "bob")
    terminal.type("\x1b[O")  # the terminal tells that it lost the focus
    run(bob.send(JID(people.jid("alice")), "are you there, or looking elsewhere?"))
    terminal.shows("1 new message")

    def unread() -> int:
        return sum(each.unread for each in run(alice.get_conversations()) if each.peer == people.jid("bob"))

    assert unread() == 1
    terminal.type("\x1b[I")
    assert until(lambda: unread() == 0)
    assert "looking elsewhere?" in terminal.text


def test_an_editor_takes_the_terminal_and_gives_it_back(people: World, folder):
    with primitivus({**people.env, "EDITOR": "sh -c 'read line; echo $line >> $0'"}, "-p", "alice") as it:
        it.shows("Friends (")
        it.press("begun, ", "C-o")
        it.wait(lambda text: "Friends" not in text)
        it.press("and ended", "Enter")
        it.shows("› begun, and ended")
        it.shows("Friends (")
        it.press("C-x")
        it.shows("ended with 0")


@pytest.mark.parametrize("size", [(120, 30), (80, 24), (40, 10)])
def test_it_is_usable_at_its_sizes(terminal: Terminal, people: World, size: tuple[int, int]):
    terminal.resize(*size)
    terminal.press("M-g")
    terminal.shows("Go to")
    terminal.press("bob", "Enter")
    terminal.shows("1 Bob")
    terminal.press("F1")
    terminal.shows("Keys")
    terminal.press("Escape")
    terminal.wait(lambda text: "Keys" not in text)
    terminal.press("F2")
    terminal.shows("Friends (1/1)")
    assert len(terminal.text.splitlines()) <= size[1]


def test_it_comes_back_with_the_daemon(terminal: Terminal, people: World):
    people.daemon.stop()
    terminal.shows("The daemon sat has stopped.")
    people.daemon.start()
    terminal.wait(lambda text: "has stopped" not in text and "Friends (1/1)" in text)


def test_leaving_leaves_the_daemon(terminal: Terminal, people: World):
    terminal.press("C-x")
    terminal.shows("ended with 0")
    assert "Traceback" not in terminal.text
    assert [info.name for info in run(people.bridge().manager.list_profiles())]


def test_it_ends_with_its_terminal(people: World, folder):
    """As when the window is closed: no process stays, and nothing is complained about."""
    with primitivus({**people.env, "XDG_STATE_HOME": str(folder)}, "-p", "alice") as terminal:
        terminal.shows("Friends (1/1)")
        assert processes_naming(str(folder))
    assert until(lambda: not processes_naming(str(folder)))
    assert not (folder / "sat" / "primitivus.log").exists()


def test_without_a_daemon_it_offers_to_start_it(people: World, folder):
    from sat.world import Bus

    with Bus(folder) as bus:
        env = {**people.env, "DBUS_SESSION_BUS_ADDRESS": bus.address, "XDG_STATE_HOME": str(folder)}
        with primitivus(env) as terminal:
            assert "unexpected" not in terminal.shows("The daemon sat is not running.")
            terminal.press("Escape")
            terminal.shows("ended with 5")
    assert not (folder / "sat" / "primitivus.log").exists()
