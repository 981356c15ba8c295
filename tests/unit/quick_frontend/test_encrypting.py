"""How conversations are encrypted: the model, the words, the commands."""

import pytest
from support.fake_encryption import Encryption, fingerprint
from support.fake_rooms import Rooms
from support.fakes import JULIET, NURSE, ROMEO, Apis, Loop, message

from sat.api import JID
from sat.api.errors import InvalidArgument, NoKeys, NotConnected, NotFound
from sat.api.messages import IN_CLEAR, MessageKind, MessageState, Secured, Trust
from sat.plugins.encryption.api import Comparison, ComparisonState, Key, KeyNews
from sat.plugins.rooms.api import Affiliation, Occupant, Role, Room, RoomState
from sat_frontends.quick_frontend import encryption_words as words
from sat_frontends.quick_frontend.chat import What
from sat_frontends.quick_frontend.commands import complete
from sat_frontends.quick_frontend.encryption_words import Seal, headline, mark
from sat_frontends.quick_frontend.live import LiveChange, LiveProfile
from sat_frontends.quick_frontend.room_words import joined

from .test_commands import Shell

SECURED = Secured("omemo", Trust.BLIND, fingerprint("a"))


class Scene:
    def __init__(self, *stored):
        self.apis, self.loop = Apis(), Loop()
        self.encryption = self.apis.encryption = Encryption(ROMEO)
        self.encryption.put(JULIET, "a", label="phone")
        self.apis.messages.arrives(*(stored or [message(1)]))
        self.live = LiveProfile("romeo", self.apis, spawn=self.loop.spawn, later=self.loop.later)
        self.told = []
        self.live.changed.connect(self.told.append)
        self.loop.now(self.live.start())
        self.told.clear()
        self.chat = self.live.chat(JULIET)

    @property
    def headline(self):
        return headline(self.live.encrypting.state(JULIET))

    def begin(self):
        self.loop.now(self.live.encrypting.begin(JULIET))

    def passage(self):
        return joined(self.chat.rows()[-1].passage)


@pytest.fixture
def scene():
    return Scene()


def test_a_conversation_is_looked_at_when_it_is_opened(scene):
    assert scene.headline == (Seal.CLEAR, "not encrypted", "encrypts")
    assert scene.live.encrypting.state(NURSE) is None
    assert headline(None) == (Seal.CLEAR, "not encrypted", "")


def test_what_is_told_is_shown(scene):
    scene.begin()
    assert LiveChange.ENCRYPTION in scene.told
    assert scene.headline == (Seal.LOCKED, "OMEMO not compared", "compares keys")
    scene.loop.now(scene.encryption.set_trust(JULIET, "omemo", fingerprint("a"), Trust.VERIFIED))
    assert scene.headline == (Seal.LOCKED, "OMEMO verified", "shows keys")
    scene.encryption.comes(JULIET, "b")
    assert scene.headline == (Seal.DOUBTFUL, "OMEMO verified, needs you", "shows why")
    for digit in "ab":
        scene.loop.now(scene.encryption.set_trust(JULIET, "omemo", fingerprint(digit), Trust.DISTRUSTED))
    assert scene.headline == (Seal.DOUBTFUL, "OMEMO, nothing can be sent", "shows why")
    scene.loop.now(scene.live.encrypting.end(JULIET))
    assert scene.headline.text == "not encrypted"


def test_a_conversation_says_that_it_is_not_logged_and_when_that_is_over(scene):
    scene.begin()
    scene.loop.now(scene.live.encrypting.begin(JULIET, "otr"))
    label = scene.live.contacts.label(JULIET)
    started = (
        f"Unverified conversation with {label} in OTR started."
        " What is written here is not logged: it is gone when the daemon ends."
    )
    assert scene.passage() == started
    assert scene.headline == (Seal.LOCKED, "OTR not compared, not logged", "compares keys")
    assert words.NOT_LOGGED in words.explained(scene.live.encrypting.state(JULIET), "Juliet")
    state = scene.live.encrypting.state(JULIET)
    scene.encryption.changed.emit([state._replace(trust=Trust.UNDECIDED, note="They have ended it.")])
    assert scene.passage() == f"{started} They have ended it."
    scene.begin()
    assert scene.passage().endswith("in OTR is over: what is written now is encrypted with OMEMO.")
    scene.loop.now(scene.live.encrypting.end(JULIET))
    assert scene.passage().endswith("in OTR is over: what is written now is encrypted with OMEMO.")


def test_what_they_ask_for_is_in_the_headline(scene):
    scene.encryption.asks(JULIET)
    assert scene.headline == (Seal.CLEAR, "not encrypted, they ask for OTR", "answers")
    scene.begin()
    scene.encryption.asks(JULIET)
    assert scene.headline == (Seal.DOUBTFUL, "OMEMO, they ask for OTR", "answers")
    assert scene.loop.now(scene.live.encrypting.refuse(JULIET)) == "otr"
    assert scene.headline == (Seal.LOCKED, "OMEMO not compared", "compares keys")
    assert scene.loop.now(scene.live.encrypting.refuse(JULIET)) == ""


@pytest.mark.parametrize("private", [True, False])
def test_a_private_room_is_looked_at_again_when_others_come(private):
    apis, loop, hall = Apis(), Loop(), JID("hall@rooms.localhost")
    apis.encryption, apis.rooms = Encryption(ROMEO), Rooms()
    apis.rooms.put(Room(hall, "romeo", RoomState.JOINED, private=private))
    live = LiveProfile("romeo", apis, spawn=loop.spawn, later=loop.later)
    loop.now(live.start())
    live.chat(hall)
    assert headline(live.encrypting.state(hall)).text == "not encrypted"
    apis.encryption.put(hall, "a")
    apis.encryption.states[hall] = apis.encryption._state(hall, "omemo", False)
    apis.rooms.comes(hall, Occupant("nurse", Role.PARTICIPANT, Affiliation.MEMBER))
    assert headline(live.encrypting.state(hall)).text == ("OMEMO not compared" if private else "not encrypted")


def test_it_is_looked_at_again_when_the_daemon_was_away(scene):
    scene.encryption.states[JULIET] = scene.encryption._state(JULIET, "omemo", True)
    assert scene.headline.text == "not encrypted"
    scene.loop.now(scene.live.resync())
    assert scene.headline.text == "OMEMO not compared"


def test_a_daemon_without_it_is_none_the_worse(scene):
    scene.encryption.fails["get"] = NotFound(what="plugin")
    scene.live.chat(NURSE)
    assert scene.live.encrypting.state(NURSE) is None


def test_new_and_lost_devices_are_told_in_the_conversation(scene):
    scene.encryption.comes(JULIET, "b", label="tablet")
    assert scene.passage() == ""  # nothing is encrypted there
    scene.begin()
    scene.encryption.comes(JULIET, "c", label="lap\x1b[31mtop")
    scene.encryption.goes(JULIET, "a")
    label = scene.live.contacts.label(JULIET)
    assert scene.passage() == (
        f"{label} has a new device (lap␛[31mtop): not trusted until you compare it."
        f" {label} has a device less (phone): nothing is encrypted for it"
    )
    assert [each.fingerprint[0] for each in scene.live.encrypting.known_keys()] == ["c", "b", "a", "e"]


def test_own_new_devices_are_told_too(scene):
    scene.begin()
    scene.encryption.comes(ROMEO, "f", label="tablet")
    assert scene.passage() == "You have a new device (tablet): not trusted until you compare it"


def test_the_key_of_this_program_is_no_new_device(scene):
    scene.begin()
    (own,) = scene.encryption.keys[ROMEO.bare]
    scene.encryption.keys_changed.emit([KeyNews("omemo", ROMEO.bare, [own])])
    assert scene.chat.rows()[-1].passage == []


def test_what_came_in_clear_among_what_is_encrypted_is_marked():
    scene = Scene(message(1), message(2, encrypted=SECURED), message(3), message(4, encrypted=SECURED))
    assert [row.in_clear for row in scene.chat.rows()] == [False, False, False, False]
    changes = []
    scene.chat.changed.connect(changes.append)
    scene.begin()
    assert [(each.what, each.first) for each in changes] == [(What.UPDATED, scene.chat.find("m3"))]
    assert [row.in_clear for row in scene.chat.rows()] == [False, False, True, False]
    scene.apis.messages.arrives(message(5))
    assert scene.chat.rows()[-1].in_clear
    changes.clear()
    scene.loop.now(scene.live.encrypting.end(JULIET))
    assert [each.first for each in changes] == [scene.chat.find("m3"), scene.chat.find("m5")]
    assert not any(row.in_clear for row in scene.chat.rows())


def test_marks():
    def of(trust, **more):
        return mark(message(1, encrypted=Secured("omemo", trust, "ab"), **more))

    assert of(Trust.BLIND) == of(Trust.VERIFIED) == (Seal.LOCKED, "encrypted with OMEMO")
    assert of(Trust.UNDECIDED) == (Seal.DOUBTFUL, "OMEMO, with a key that you have not decided about")
    assert of(Trust.DISTRUSTED) == (Seal.DOUBTFUL, "OMEMO, with a key that you distrust")
    assert of(Trust.DISTRUSTED, retracted=True) is None
    assert mark(message(1)) is None
    assert mark(message(1), in_clear=True) == (Seal.CLEAR, "not encrypted")


def test_what_cannot_be_read_says_why():
    lost = message(1)._replace(body="", error="It cannot be read.", state=MessageState.UNREAD)
    assert words.unreadable(lost) == "It cannot be read."
    assert mark(lost, in_clear=True) is None
    for other in (lost._replace(outgoing=True), lost._replace(kind=MessageKind.ERROR), lost._replace(error="")):
        assert words.unreadable(other) == ""


def test_what_cannot_be_read_stays_so_when_it_was_seen():
    lost = message(1)._replace(body="", error="It cannot be read.", state=MessageState.UNREAD)
    scene = Scene(lost)
    scene.chat.look(True)
    (row,) = scene.chat.rows()
    assert (row.message.state, words.unreadable(row.message)) == (MessageState.READ, "It cannot be read.")


def test_details_of_a_message():
    key = fingerprint("a")
    assert words.message_lines(message(1, encrypted=SECURED)) == [
        "Encryption: OMEMO, the key was trusted, not compared",
        f"Key: {' '.join(['a0a0a0a0'] * 8)}",
    ]
    assert len(key) == 64
    assert words.message_lines(message(1, encrypted=Secured("omemo", Trust.VERIFIED))) == ["Encryption: OMEMO"]
    assert words.message_lines(message(1, encrypted=IN_CLEAR)) == ["Encryption: none, the servers could read it"]


# -- commands ----------------------------------------------------------------------------------------------------


@pytest.fixture
def shell():
    shell = Shell()
    shell.apis.encryption.put(JULIET, "a", label="phone")
    shell.apis.encryption.put(JULIET, "b", Trust.UNDECIDED, id="7")
    shell.live.chat(JULIET)
    shell.peer = JULIET
    return shell


def test_encrypting_and_no_longer(shell):
    label = shell.live.contacts.label(JULIET)
    shell.types("/encrypt")
    assert shell.said == [
        f"What you write to {label} is encrypted with OMEMO from now on. A new key waits for your decision."
    ]
    shell.types("/encrypt off")
    assert shell.said == [f"What you write to {label} is not encrypted from now on: the servers can read it."]
    with pytest.raises(InvalidArgument, match="rot13"):
        shell.types("/encrypt rot13")
    shell.peer = NURSE
    with pytest.raises(NoKeys):
        shell.types("/encrypt")
    shell.peer = None
    with pytest.raises(InvalidArgument, match="No conversation is open"):
        shell.types("/encrypt")
    offered = [each.text.removeprefix("/encrypt ") for each in complete(shell.live, "/encrypt o")]
    assert offered == ["omemo", "otr", "off"]


def test_what_they_ask_for_is_refused(shell):
    label = shell.live.contacts.label(JULIET)
    assert "/encrypt no" not in [each.text for each in complete(shell.live, "/encrypt n")]
    shell.apis.encryption.asks(JULIET)
    assert "/encrypt no" in [each.text for each in complete(shell.live, "/encrypt n")]
    shell.types("/encrypt no")
    assert shell.said[-1] == f"OTR with {label} is not begun. They were not told."
    shell.types("/encrypt no")
    assert shell.said[-1] == f"{label} does not ask for anything."


def test_keys_are_shown(shell):
    shell.types("/encrypt")
    shell.types("/fingerprints")
    (said,) = shell.said
    a0, b0 = " ".join(["a0a0a0a0"] * 8), " ".join(["b0b0b0b0"] * 8)
    assert f"OMEMO {b0}  device 7: not decided" in said.split("\n")
    assert f"OMEMO {a0}  phone: trusted, not compared" in said.split("\n")
    assert "this <daemon>: this program" in said


def test_keys_are_decided_about(shell):
    shell.types("/trust A0 a0")
    label = shell.live.contacts.label(JULIET)
    assert shell.said == [f"The key a0a0a0a0 a0a0a0a0… of {label} is verified now."]
    shell.types("/distrust b")
    assert "distrusted" in shell.said[0]
    assert [each.trust for each in shell.apis.encryption.keys[JULIET]] == [Trust.VERIFIED, Trust.DISTRUSTED]
    with pytest.raises(NotFound):
        shell.types("/trust 77")
    shell.apis.encryption.put(JULIET, "a", id="other")
    shell.apis.encryption.keys[JULIET][-1] = shell.apis.encryption.keys[JULIET][-1]._replace(fingerprint="a1")
    with pytest.raises(InvalidArgument, match="2 keys begin"):
        shell.types("/trust a")


def test_fingerprints_are_completed(shell):
    shell.types("/encrypt")
    label = shell.live.contacts.label(JULIET)
    assert complete(shell.live, "/trust b") == [(f"/trust {fingerprint('b')}", f"{label}, device 7: not decided")]
    assert len(complete(shell.live, "/distrust ")) == 2  # our own program's is no choice


def test_keys_are_verified_by_an_address(shell):
    shell.types(f"/verify {shell.loop.now(shell.apis.encryption.get_uri(JULIET))}")
    assert shell.said == [f"2 keys of {shell.live.contacts.label(JULIET)} verified."]
    with pytest.raises(InvalidArgument):
        shell.types("/verify https://example.org")


def test_it_is_repaired(shell):
    shell.types("/omemo_reset")
    assert shell.apis.encryption.calls[-1] == ("repair", JULIET)
    shell.apis.encryption.fails["repair"] = NotConnected(profile="romeo")
    with pytest.raises(NotConnected):
        shell.types("/repair")


# -- comparing secrets -----------------------------------------------------------------------------------------------


def test_a_conversation_says_what_they_ask_and_how_it_ends(scene):
    scene.encryption.compares(JULIET, ComparisonState.ASKED, "Who <raised>\x1b you?")
    assert scene.passage().endswith(
        "wants to verify you by a secret that both of you know. They ask: “Who <raised>␛ you?”"
    )
    scene.encryption.compares(JULIET, ComparisonState.DIFFERENT)
    assert "does not know the same secret, or somebody has come between" in scene.passage()
    scene.encryption.compares(NURSE, ComparisonState.SAME)  # whose conversation is not open
    assert "does not know" in scene.passage()


def test_a_conversation_in_clear_says_what_is_to_know(scene):
    state = scene.live.encrypting.state(JULIET)._replace(note="They would like to talk with OTR.")
    assert words.explained(state, "Juliet")[1:] == ["They would like to talk with OTR."]


def test_what_is_under_way_is_known_and_where_it_can_begin(scene):
    comparing = scene.live.encrypting.comparing
    scene.begin()
    assert not comparing.can(scene.live.encrypting.state(JULIET))
    scene.loop.now(scene.live.encrypting.begin(JULIET, "otr"))
    assert comparing.can(scene.live.encrypting.state(JULIET))
    scene.told.clear()
    scene.encryption.compares(JULIET, ComparisonState.ASKED, "Who raised you?")
    assert LiveChange.ENCRYPTION in scene.told
    assert comparing.asks(JULIET)
    asking = headline(scene.live.encrypting.state(JULIET), comparing.asks(JULIET))
    assert asking == (Seal.DOUBTFUL, "OTR not compared, they ask for a secret", "answers")
    scene.loop.now(comparing.answer(JULIET, "nurse"))
    assert comparing.state(JULIET) is None
    scene.loop.now(comparing.compare(JULIET, "nurse"))
    assert comparing.state(JULIET).state is ComparisonState.WAITING
    scene.loop.now(comparing.abort(JULIET))
    assert comparing.state(JULIET) is None
    assert scene.encryption.secrets == [("answer", "nurse"), ("compare", "nurse")]


def test_what_was_asked_before_we_came_or_while_the_daemon_was_away_is_known(scene):
    scene.encryption.comparisons[NURSE] = Comparison(NURSE, "otr", ComparisonState.ASKED, "Whose nurse?")
    scene.loop.now(scene.live.encrypting.load())
    assert scene.live.encrypting.comparing.asks(NURSE)
    del scene.encryption.comparisons[NURSE]
    scene.loop.now(scene.live.encrypting.load())
    assert not scene.live.encrypting.comparing.asks(NURSE)


def test_a_key_without_a_device_is_a_key():
    key = Key("otr", JULIET, fingerprint("a"), Trust.BLIND)
    assert words.key_lines([key])[0].endswith("  key: trusted, not compared")
    (said,) = words.news(KeyNews("otr", JULIET, [key]), "Juliet", False)
    assert said == "Juliet has a new key: trusted, because you have compared none of the others"


def test_a_key_names_who_has_told_what_is_thought_of_it():
    key = Key("omemo", JULIET, fingerprint("a"), Trust.VERIFIED, by=fingerprint("b"))
    assert words.standing(key) == "verified, as the key b0b0b0b0 b0b0b0b… says"
    assert words.standing(key._replace(by="")) == "verified"
