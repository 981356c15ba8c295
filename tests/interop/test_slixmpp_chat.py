"""slixmpp and our daemon talk to each other, at each kind of server."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from interop.conftest import alice_at
from interop.slixmpp_driver import Slixmpp
from interop.table import BOTH, TO_THEM, TO_US, exchanged
from support.pictures import png
from support.talk import faults, wait

from sat.api import JID
from sat.api.messages import Extra, Message, MessageState, Reaction
from sat.api.transfers import Transfer
from sat.plugins.chat_states.api import ChatState
from sat.plugins.presence.api import Show
from sat.plugins.roster.api import Subscription
from sat.world import World
from sat.world.people import run
from sat.xmpp import bytestreams

CLIENT = "slixmpp"
ALICE, BOB = "alice@localhost", JID("bob@localhost")
SIZE = 64 * 1024  # bytes of a file


def history(alice: Any) -> list[Message]:
    return run(alice.messages.get_history(BOB))


def heard(alice: Any, body: str) -> Message:
    """The newest message, once it is this one."""
    wait(lambda: history(alice) and history(alice)[-1].body == body, f"{body} is heard")
    return history(alice)[-1]


def now(alice: Any, id: str) -> Message:
    return run(alice.messages.get_message(id))


def told(alice: Any, bob: Slixmpp, body: str) -> str:
    """Alice says something, and bob hears it; its id."""
    id = run(alice.messages.send(BOB, body))
    bob.expect(event="message", body=body, id=id)
    return id


@exchanged(BOTH, "Messages (RFC 6121)", "Delivery receipts (0184)")
def test_messages_and_receipts(alice: Any, bob: Slixmpp) -> None:
    id = run(alice.messages.send(BOB, "soft! <b>&</b> é ☕\nsecond line"))
    came = bob.expect(event="message", id=id)
    assert (came["body"], came["type"], came["asks"], came["markable"]) == (
        "soft! <b>&</b> é ☕\nsecond line", "chat", True, True,
    )  # fmt: skip
    assert JID(came["from"]).bare == ALICE
    wait(lambda: now(alice, id).state is MessageState.DELIVERED, "slixmpp's receipt is understood")
    theirs = bob.do("say", to=ALICE, body="ay me <&> ☕")
    bob.expect(event="message", receipt=theirs)
    assert heard(alice, "ay me <&> ☕").state is MessageState.UNREAD


@exchanged(BOTH, "Displayed markers (0333)")
def test_markers(alice: Any, bob: Slixmpp) -> None:
    id = told(alice, bob, "read me")
    bob.do("displayed", to=ALICE, id=id)
    wait(lambda: now(alice, id).state is MessageState.DISPLAYED, "alice knows")
    theirs = bob.do("say", to=ALICE, body="and me")
    heard(alice, "and me")
    run(alice.messages.mark_read(BOB))
    bob.expect(event="message", displayed=theirs)


@exchanged(BOTH, "Typing (0085)")
def test_typing(any_world: World, alice: Any, bob: Slixmpp) -> None:
    listener = any_world.bridge().profile("alice")
    states: list[Any] = []
    listener.chat_states.changed.connect(lambda each: states.append(each.state))
    bob.do("say", to=ALICE, body="hm", state="active")
    bob.do("state", to=ALICE, state="composing")
    listener._bridge.listen(lambda: ChatState.COMPOSING in states)
    run(alice.chat_states.set_typing(BOB, True))
    bob.expect(event="message", state="composing")
    bob.do("state", to=ALICE, state="paused")
    listener._bridge.listen(lambda: ChatState.PAUSED in states)


@exchanged(BOTH, "Corrections (0308)")
def test_corrections(alice: Any, bob: Slixmpp) -> None:
    id = told(alice, bob, "helo")
    run(alice.correction.correct(id, "hello"))
    assert bob.expect(event="message", replaces=id)["body"] == "hello"
    theirs = bob.do("say", to=ALICE, body="wrld")
    message = heard(alice, "wrld")
    bob.do("correct", to=ALICE, id=theirs, body="world")
    wait(lambda: now(alice, message.id).body == "world", "it is corrected")
    assert now(alice, message.id).edited
    assert history(alice)[-1].id == message.id, "it is no new message"


@exchanged(BOTH, "Reactions (0444)")
def test_reactions(alice: Any, bob: Slixmpp) -> None:
    id = told(alice, bob, "cake?")
    bob.do("react", to=ALICE, id=id, emojis=["👍", "🎂"])
    wait(lambda: len(now(alice, id).reactions) == 2, "alice sees them")
    assert sorted(now(alice, id).reactions) == sorted([Reaction("👍", [BOB]), Reaction("🎂", [BOB])])
    bob.do("react", to=ALICE, id=id, emojis=["🎂"])
    wait(lambda: now(alice, id).reactions == [Reaction("🎂", [BOB])], "one is taken back")
    theirs = bob.do("say", to=ALICE, body="tea?")
    message = heard(alice, "tea?")
    run(alice.reactions.react(message.id, ["☕", "👍"]))
    bob.expect(event="message", reacts=theirs, emojis=tuple(sorted(["☕", "👍"])))
    run(alice.reactions.react(message.id, []))
    bob.expect(event="message", reacts=theirs, emojis=())


@exchanged(BOTH, "Replies (0461, 0428)")
def test_replies(alice: Any, bob: Slixmpp) -> None:
    id = told(alice, bob, "cake\nor pie?")
    bob.do("reply", to=ALICE, author=str(alice_at(alice)), id=id, quote="cake\nor pie?", body="pie")
    answer = heard(alice, "pie")
    assert (answer.reply, answer.quote, answer.reply_to.bare) == (id, "cake\nor pie?", ALICE)
    theirs = bob.do("say", to=ALICE, body="coffee ☕ too?")
    message = heard(alice, "coffee ☕ too?")
    run(alice.messages.send(BOB, "yes", reply=message.id))
    came = bob.expect(event="message", answers=theirs)
    assert (came["text"], came["quote"]) == ("yes", "> coffee ☕ too?\n")
    assert came["body"] == "> coffee ☕ too?\nyes"
    assert JID(came["author"]).bare == BOB


@exchanged(BOTH, "Retractions (0424)")
def test_retractions(alice: Any, bob: Slixmpp) -> None:
    id = told(alice, bob, "wrong window")
    run(alice.retraction.retract(id))
    assert bob.expect(event="message", retracts=id)["body"], "there is a text for programs that do not know it"
    theirs = bob.do("say", to=ALICE, body="oops")
    message = heard(alice, "oops")
    bob.do("retract", to=ALICE, id=theirs)
    wait(lambda: now(alice, message.id).retracted, "it is gone")
    assert now(alice, message.id).body == ""
    assert history(alice)[-1].id == message.id, "the text for others is no message"


@exchanged(TO_THEM, "Spoilers (0382)", "Attention (0224)")
def test_what_goes_with_a_text(alice: Any, bob: Slixmpp) -> None:
    run(alice.messages.send(BOB, "the butler did it", extra=Extra(spoiler=True, hint="the end")))
    assert bob.expect(event="message", hint="the end")["body"] == "the butler did it"
    run(alice.messages.send(BOB, "wake up", extra=Extra(attention=True)))
    assert bob.expect(event="message", attention=True)["body"] == "wake up"


@exchanged(BOTH, "Carbons (0280)")
def test_another_device_of_the_account(any_world: World, alice: Any, bob: Slixmpp) -> None:
    with Slixmpp(any_world, "alice") as phone:
        id = run(alice.messages.send(BOB, "from the daemon"))
        assert phone.expect(event="carbon", way="sent", id=id)["body"] == "from the daemon"
        phone.do("say", to=str(BOB), body="from the phone")
        copy = heard(alice, "from the phone")
        assert copy.outgoing
        wait(lambda: now(alice, copy.id).state in (MessageState.SENT, MessageState.DELIVERED), "it has left")


@exchanged(BOTH, "Archive (0313)")
def test_archive(alice: Any, bob: Slixmpp) -> None:
    run(alice.profile.disconnect())
    missed = [bob.do("say", to=ALICE, body=f"missed {number}") for number in range(3)]
    bob.do("correct", to=ALICE, id=missed[1], body="missed one")
    run(alice.profile.connect())
    wait(lambda: history(alice)[-1].body == "missed 2", "they are caught up")
    assert [each.body for each in history(alice)][-3:] == ["missed 0", "missed one", "missed 2"]
    id = told(alice, bob, "for the archive")
    found = [each for each in bob.do("archive", peer=ALICE) if each["id"] == id]
    assert [each["body"] for each in found] == ["for the archive"]


@exchanged(BOTH, "Presence (RFC 6121)")
def test_presence(alice: Any, bob: Slixmpp) -> None:
    run(alice.presence.set_presence(Show.AWAY, "balcony"))
    bob.expect(event="presence", type="away", status="balcony")
    run(alice.presence.set_presence(Show.ONLINE))
    bob.do("presence", show="dnd", status="fencing")

    def seen() -> bool:
        return any(
            each.jid.bare == BOB and each.show is Show.DND and each.status == "fencing"
            for each in run(alice.presence.get_presences())
        )

    wait(seen, "bob is busy")


@exchanged(BOTH, "Subscriptions (RFC 6121)")
def test_a_stranger_becomes_a_contact(any_world: World, alice: Any) -> None:
    any_world.server.register("dave", "demo")
    with Slixmpp(any_world, "dave") as dave:
        dave.do("subscription", to=ALICE, type="subscribe")
        wait(lambda: run(alice.presence.get_requests()), "dave asks")
        run(alice.presence.approve(JID("dave@localhost")))
        dave.expect(event="presence", type="subscribed")
        run(alice.roster.add_contact(JID("dave@localhost"), "Dave", ["Strangers"]))
        dave.expect(event="presence", type="subscribe")
        dave.do("subscription", to=ALICE, type="subscribed")

        def contact() -> Any:
            return next((each for each in run(alice.roster.get_contacts()) if each.jid == "dave@localhost"), None)

        wait(lambda: contact() and contact().subscription is Subscription.BOTH, "both see each other")
        assert (contact().name, contact().groups) == ("Dave", ["Strangers"])
        run(alice.roster.remove_contact(JID("dave@localhost")))
        wait(lambda: contact() is None, "he is gone")


@exchanged(BOTH, "Files (0363, 0066)")
def test_files(alice: Any, bob: Slixmpp, tmp_path: Path) -> None:
    path = tmp_path / "à la plage.png"
    path.write_bytes(png(40, 30))
    transfer = run(alice.transfers.finish(run(alice.upload.upload(str(path), BOB)).id))
    came = bob.expect(event="message", id=transfer.message)
    assert came["url"] == came["body"] == now(alice, transfer.message).attachments[0].url
    url = bob.do("upload", path=str(path), to=ALICE)
    message = heard(alice, url)
    assert [each.url for each in message.attachments] == [url]
    picture = run(alice.attachments.get_file(message.id))
    assert (Path(picture.path).read_bytes(), picture.type) == (path.read_bytes(), "image/png")


@exchanged(TO_US, "Files told with name, size and hash (0385, 0447)")
@pytest.mark.parametrize("way", ["sims", "sfs"])
def test_described_files(alice: Any, bob: Slixmpp, tmp_path: Path, way: str) -> None:
    path = tmp_path / f"plage {way}.png"
    path.write_bytes(png(40, 30))
    url = bob.do("upload_described", path=str(path), to=ALICE, way=way, desc="the beach")
    wait(lambda: (all := history(alice)) and all[-1].attachments and all[-1].attachments[0].url == url, "it comes")
    (about,) = history(alice)[-1].attachments
    digest = b64encode(sha256(path.read_bytes()).digest()).decode()
    assert (about.name, about.type, about.size) == (path.name, "image/png", path.stat().st_size)
    assert (about.description, about.hashes) == ("the beach", {"sha-256": digest})
    assert Path(run(alice.attachments.get_file(history(alice)[-1].id)).path).read_bytes() == path.read_bytes()


@exchanged(TO_US, "Files from program to program, as before Jingle (0095, 0096)")
@pytest.mark.parametrize(
    ("method", "send"), [("http://jabber.org/protocol/ibb", "in_band"), (bytestreams.NS, "over_proxy")]
)
def test_files_offered_as_before_jingle(alice: Any, bob: Slixmpp, tmp_path: Path, method: str, send: str) -> None:
    run(alice.settings.set_setting("files.folder", str(tmp_path)))
    bob.do("offer_file", to=alice_at(alice), sid=send, name="plans.bin", size=SIZE, method=method)
    offer = offered(alice)
    assert (offer.name, offer.size, offer.peer) == ("plans.bin", SIZE, bob.jid)
    run(alice.files.accept(offer.id))
    assert bob.expect(event="offer", sid=send)["answer"] == method
    digest = bob.do(f"send_{send}", to=alice_at(alice), sid=send, size=SIZE)
    done = run(alice.transfers.finish(offer.id))
    assert sha256(Path(done.path).read_bytes()).hexdigest() == digest


@exchanged(TO_US, "Files from program to program, as before Jingle (0095, 0096)")
def test_files_offered_as_before_jingle_and_declined(alice: Any, bob: Slixmpp) -> None:
    bob.do("offer_file", to=alice_at(alice), sid="no", name="plans.bin", size=SIZE, method=bytestreams.NS)
    run(alice.files.decline(offered(alice).id))
    assert bob.expect(event="offer", sid="no")["answer"] == "forbidden"


def offered(alice: Any) -> Transfer:
    wait(lambda: (all := run(alice.transfers.get_all())) and all[-1].asks, "it is offered")
    return run(alice.transfers.get_all())[-1]


@exchanged(BOTH, "Avatars (0084)")
def test_avatars(alice: Any, bob: Slixmpp, tmp_path: Path) -> None:
    path = tmp_path / "bob.png"
    path.write_bytes(png(8, 8))
    bob.do("show", path=str(path))
    wait(lambda: BOB in {each.jid for each in run(alice.avatars.get_shown())}, "alice is told")
    assert run(alice.avatars.get_picture(BOB)).data == path.read_bytes()
    run(alice.avatars.set_own(png(16, 16)))
    own = run(alice.avatars.get_picture(JID(ALICE)))
    assert bob.do("picture", jid=ALICE, id=own.id) == own.data.hex()


@exchanged(BOTH, "Discovery, versions and pings (0030, 0092, 0199)")
def test_who_asks_what_we_are_is_told(alice: Any, bob: Slixmpp) -> None:
    features = bob.do("features", jid=str(alice_at(alice)))
    assert {"urn:xmpp:receipts", "urn:xmpp:message-correct:0", "urn:xmpp:reactions:0", "urn:xmpp:reply:0"} <= set(
        features
    )
    assert bob.do("version", jid=str(alice_at(alice)))[0] == "Salut à Toi"
    assert run(alice.version.get_version(JID(bob.jid))).name == "Slixmpp"
    assert run(alice.ping.ping(JID(bob.jid))) < 10


@exchanged(TO_US, "Blocking (0191)")
def test_who_is_blocked_is_not_heard(alice: Any, bob: Slixmpp) -> None:
    run(alice.blocking.block(BOB))
    id = bob.do("say", to=ALICE, body="let me in")
    bob.expect(event="message", type="error", id=id)
    run(alice.blocking.unblock(BOB))
    bob.do("say", to=ALICE, body="here again")
    heard(alice, "here again")
    assert "let me in" not in [each.body for each in history(alice)]


@pytest.fixture(scope="module", autouse=True)
def nothing_went_wrong(any_world: World) -> Any:
    yield
    assert not faults(any_world.daemon)
