"""Talking, over a real server: our daemon on one side, a foreign client of the barest kind on the other."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.peer import Peer

from sat.api import JID, Secret
from sat.api.errors import AuthFailed, ServerRefused
from sat.api.messages import Message, MessageState
from sat.api.profile import ConnectionState
from sat.bridge.derive import load
from sat.plugins.archive.api import SyncState
from sat.plugins.chat_states.api import ChatState
from sat.plugins.presence.api import Show
from sat.plugins.roster.api import Subscription
from sat.world import World, free_port
from sat.world.people import enter, run
from sat.world.program import until

STATES = "http://jabber.org/protocol/chatstates"
RECEIPTS = "urn:xmpp:receipts"


@pytest.fixture(scope="module")
def alice(world: World):
    """alice, a profile of the daemon, online."""
    world.enter_profile("alice")
    return world.bridge().profile("alice")


def history(profile, peer: str = "bob@localhost") -> list[Message]:
    return run(profile.messages.get_history(JID(peer)))


def bodies(profile, peer: str = "bob@localhost") -> list[str]:
    return [message.body for message in history(profile, peer)]


def wait(condition: Callable[[], object], what: str) -> None:
    assert until(lambda: bool(condition()), 10), what


def state_of(profile, id: str) -> MessageState:
    return run(profile.messages.get_message(id)).state


def test_a_message_goes_out_and_its_receipt_comes_back(alice, bob):
    id = run(alice.messages.send(JID("bob@localhost"), "soft! <b>&</b> é ☕"))
    stanza = bob.expect_body("soft! <b>&</b> é ☕")
    assert stanza.get("id") == id
    assert stanza.find(f"{{{RECEIPTS}}}request") is not None
    wait(lambda: state_of(alice, id) is MessageState.SENT, "the server acknowledges")
    bob.send(f"<message to='{stanza.get('from')}'><received xmlns='{RECEIPTS}' id='{id}'/></message>")
    wait(lambda: state_of(alice, id) is MessageState.DELIVERED, "the receipt marks it")


def test_a_message_comes_in_is_unread_and_gets_a_receipt(alice, bob):
    bob.send(
        f"<message to='alice@localhost' type='chat' id='r1'><body>ay me</body><request xmlns='{RECEIPTS}'/></message>"
    )
    receipt = bob.expect(lambda stanza: stanza.find(f"{{{RECEIPTS}}}received") is not None)
    assert receipt.find(f"{{{RECEIPTS}}}received").get("id") == "r1"
    last = history(alice)[-1]
    assert (last.body, last.outgoing, last.state) == ("ay me", False, MessageState.UNREAD)
    run(alice.messages.mark_read(JID("bob@localhost")))
    assert history(alice)[-1].state is MessageState.READ


def test_frontends_hear_what_happens(world, alice, bob):
    listener = world.bridge().profile("alice")
    heard: list[object] = []
    listener.messages.added.connect(heard.extend)
    listener.messages.updated.connect(heard.extend)
    listener.chat_states.changed.connect(heard.append)
    bob.send(f"<message to='alice@localhost' type='chat' id='h1'><composing xmlns='{STATES}'/></message>")
    bob.say("alice@localhost", "here I am", id="h2")
    id = run(alice.messages.send(JID("bob@localhost"), "I see you"))
    wanted = {"here I am", "I see you", MessageState.SENT}
    listener._bridge.listen(lambda: wanted <= {getattr(each, part, "") for each in heard for part in ("body", "state")})
    assert {each.body for each in heard if isinstance(each, Message)} == {"here I am", "I see you"}
    assert any(getattr(each, "state", None) is ChatState.COMPOSING for each in heard)
    assert any(getattr(each, "id", "") == id and each.state is MessageState.SENT for each in heard)


def test_typing_is_told_to_who_understands_it(alice, bob):
    bob.send(f"<message to='alice@localhost' type='chat' id='t1'><active xmlns='{STATES}'/><body>hi</body></message>")
    wait(lambda: bodies(alice)[-1] == "hi", "it is heard")
    run(alice.chat_states.set_typing(JID("bob@localhost"), True))
    bob.expect(lambda stanza: stanza.find(f"{{{STATES}}}composing") is not None)


def test_what_another_device_of_ours_writes_appears(world, alice, bob):
    with Peer(world.jid("alice"), "demo", world.prosody.port, world.prosody.ca_file, "phone") as phone:
        phone.available()
        phone.say("bob@localhost", "from my phone", id="phone1")
        wait(lambda: "from my phone" in bodies(alice), "the copy appears")
    copy = next(message for message in history(alice) if message.body == "from my phone")
    assert copy.outgoing
    assert copy.state is MessageState.SENT


def test_what_we_write_to_ourselves_is_one_message(alice):
    before = run(alice.messages.get_conversations())
    id = run(alice.messages.send(JID("alice@localhost"), "note to self"))
    wait(lambda: state_of(alice, id) is MessageState.SENT, "the server has it")
    run(alice.ping.ping(JID("localhost")))  # what the server sent back to us came before the answer
    (note,) = history(alice, "alice@localhost")
    assert (note.id, note.outgoing) == (id, True)
    conversations = run(alice.messages.get_conversations())
    assert sum(each.unread for each in conversations) == sum(each.unread for each in before)


def test_an_error_marks_the_message_with_a_reason(alice):
    id = run(alice.messages.send(JID("nobody@localhost"), "anybody there?"))
    wait(lambda: state_of(alice, id) is MessageState.FAILED, "the server refuses")
    assert "nobody@localhost" in run(alice.messages.get_message(id)).error


def test_presence_of_contacts_is_seen_and_ours_is_shown(alice, bob):
    bob.send("<presence><show>dnd</show><status>fencing</status></presence>")

    def seen() -> bool:
        found = {each.jid: each for each in run(alice.presence.get_presences())}
        return any(each.show is Show.DND and each.status == "fencing" for each in found.values())

    wait(seen, "bob is busy")
    run(alice.presence.set_presence(Show.AWAY, "balcony"))
    away = bob.expect(lambda stanza: stanza.findtext("{jabber:client}show") == "away")
    assert away.findtext("{jabber:client}status") == "balcony"
    run(alice.presence.set_presence(Show.ONLINE))


def test_a_stranger_asks_is_approved_and_removed(world, alice):
    world.prosody.register("dave", "demo")
    with Peer("dave@localhost", "demo", world.prosody.port, world.prosody.ca_file) as dave:
        dave.ask("<iq type='get' id='list'><query xmlns='jabber:iq:roster'/></iq>", "iq")  # or he is told of nothing
        dave.available()
        dave.send("<presence to='alice@localhost' type='subscribe'/>")
        wait(lambda: run(alice.presence.get_requests()), "the request is there")
        (request,) = run(alice.presence.get_requests())
        assert request.jid == "dave@localhost"
        run(alice.presence.approve(request.jid))
        dave.expect(lambda stanza: stanza.get("type") == "subscribed")
        assert run(alice.presence.get_requests()) == []

        run(alice.roster.add_contact(JID("dave@localhost"), "Dave", ["Strangers"]))
        dave.expect(lambda stanza: stanza.get("type") == "subscribe")
        dave.send("<presence to='alice@localhost' type='subscribed'/>")

        def contact():
            return next((each for each in run(alice.roster.get_contacts()) if each.jid == "dave@localhost"), None)

        wait(lambda: contact() is not None and contact().subscription is Subscription.BOTH, "both see each other")
        assert (contact().name, contact().groups) == ("Dave", ["Strangers"])
        run(alice.roster.set_contact(JID("dave@localhost"), "David", []))
        wait(lambda: contact().name == "David", "the name is changed")
        run(alice.roster.remove_contact(JID("dave@localhost")))
        wait(lambda: contact() is None, "he is gone")


def test_others_are_asked_what_they_are(alice):
    assert "server" in [each.category for each in run(alice.disco.get_info(JID("localhost"))).identities]
    assert run(alice.version.get_version(JID("localhost"))).name == "Prosody"
    assert run(alice.ping.ping(JID("localhost"))) < 10


def test_what_was_written_while_the_daemon_was_away_is_caught_up_once(world, alice, bob):
    bob.say("alice@localhost", "before", id="a1")
    wait(lambda: bodies(alice)[-1] == "before", "it is heard live")
    world.daemon.stop()
    for number in range(3):
        bob.say("alice@localhost", f"missed {number}", id=f"a2{number}")
    world.daemon.start()
    again = world.bridge().profile("alice")
    wait(lambda: bodies(again)[-3:] == ["missed 0", "missed 1", "missed 2"], "they are caught up")
    assert bodies(again).count("before") == 1
    assert bodies(again).count("missed 1") == 1
    assert history(again)[-1].state is MessageState.UNREAD


def test_a_new_profile_finds_its_history_and_can_look_further_back(world, bob):
    world.prosody.register("erin", "demo")
    with Peer("erin@localhost", "demo", world.prosody.port, world.prosody.ca_file) as erin:
        erin.available()
        for number in range(140):
            bob.say("erin@localhost", f"line {number}", id=f"e{number}")
        erin.expect_body("line 139", 30)
    world.enter_profile("erin")
    profile = world.bridge().profile("erin")
    wait(lambda: bodies(profile)[-1:] == ["line 139"], "the last page is there")
    before = run(profile.messages.get_history(JID("bob@localhost"), 0, 500))
    assert before[0].body == "line 90"
    assert run(profile.archive.fetch_older(JID("bob@localhost"))) > 0
    after = run(profile.messages.get_history(JID("bob@localhost"), 0, 500))
    assert [message.body for message in after][-51:-49] == ["line 89", "line 90"]
    assert [each.body for each in run(profile.messages.search("line 77", JID("bob@localhost")))] == ["line 77"]


def test_the_archive_says_when_it_is_complete(world, alice):
    profile = world.bridge().profile("alice")
    run(load(profile.archive, follow=False))
    assert profile.archive.sync.value is SyncState.COMPLETE


# -- another password ------------------------------------------------------------------------------------------------


def connection(profile):
    run(load(profile, follow=False))
    return profile.connection.value


def test_a_wrong_password_at_a_later_log_in_is_not_kept_and_disturbs_nobody(world, alice):
    profile = world.bridge().profile("alice").profile
    before = connection(profile)
    assert before.jid.resource
    with pytest.raises(AuthFailed):
        run(profile.log_in(Secret("mistyped")))
    assert connection(profile) == before  # the same session
    run(profile.check_password(Secret("demo")))
    run(profile.log_in(Secret("demo")))
    assert connection(profile).state is ConnectionState.ONLINE


def test_a_password_that_nobody_could_check_is_not_kept(world):
    bridge = world.bridge()
    run(bridge.manager.create_profile("cut-off", JID("erin@localhost"), Secret("first")))
    profile = bridge.profile("cut-off").profile
    run(profile.set_account(run(profile.get_account())._replace(host="127.0.0.1", port=free_port())))
    with pytest.raises(ServerRefused):
        run(profile.log_in(Secret("guessed")))
    run(profile.check_password(Secret("first")))
    with pytest.raises(AuthFailed):
        run(profile.check_password(Secret("guessed")))


def test_a_password_that_was_changed_at_the_server(world):
    world.prosody.register("dave", "first")
    bridge = world.bridge()
    enter(bridge, "dave", "dave@localhost", "first", world.prosody.port)
    profile = bridge.profile("dave").profile
    with Peer("dave@localhost", "first", world.prosody.port, world.prosody.ca_file) as peer:
        change = "<query xmlns='jabber:iq:register'><username>dave</username><password>second</password></query>"
        peer.ask(f"<iq type='set' id='pw'>{change}</iq>", "iq")
    run(profile.check_password(Secret("first")))  # nobody has told us yet
    run(profile.disconnect())
    with pytest.raises(AuthFailed):
        run(profile.connect())
    with pytest.raises(AuthFailed):
        run(profile.check_password(Secret("first")))
    with pytest.raises(AuthFailed):
        run(profile.log_in(Secret("first")))
    run(profile.log_in(Secret("second")))
    run(profile.check_password(Secret("second")))
    assert connection(profile).state is ConnectionState.ONLINE
