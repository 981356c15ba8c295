"""Which conversations are encrypted, whoever writes."""

from __future__ import annotations

from typing import Any

import pytest
from support.romeo import Profile, now, parse
from support.storing import result
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import (
    CannotBeginEncryption,
    CannotDecrypt,
    CannotEncrypt,
    InvalidArgument,
    NotFound,
    RequestTimeout,
)
from sat.api.messages import Trust
from sat.core.pipeline import Arrival
from sat.plugins.chat_states.plugin import ChatStates
from sat.plugins.encryption import plugin
from sat.plugins.encryption.api import Key, MethodInfo
from sat.plugins.encryption.automatic import GATHER, PATIENCE
from sat.plugins.encryption.method import Method
from sat.plugins.encryption.plugin import Encryption
from sat.plugins.messages import asides
from sat.plugins.messages.asides import Aside
from sat.plugins.messages.plugin import Messages
from sat.plugins.reactions.plugin import Reactions
from sat.xmpp.stanzas import Message

JULIET, STRANGER, NURSE = JID("juliet@capulet.lit"), JID("stranger@example.org"), JID("nurse@capulet.lit")


class Cipher:
    """A method whose keys are known, unknown, or to be asked for."""

    info = MethodInfo("cipher", "Cipher", rooms=True, secrets=False, logged=True)
    automatic = True

    def __init__(self) -> None:
        self.able: dict[JID, bool] = {}
        self.asked: list[Deferred[Any]] = []
        self.trust = Trust.BLIND
        self.wanted = False  # by them
        self.ended: list[JID] = []

    def can(self, readers: list[JID]) -> bool | None:
        known = {self.able.get(each) for each in readers}
        return False if False in known else None if None in known else True

    async def look(self, readers: list[JID]) -> None:
        asked: Deferred[Any] = Deferred()
        self.asked.append(asked)
        self.able |= await asked

    async def keys(self, owner: JID, refresh: bool) -> list[Key]:
        return [Key("cipher", owner, "ab12", self.trust)]

    def note(self, peer: JID, keys: list[Key]) -> str:
        return ""

    def news(self, peer: JID) -> str:
        return "They want it." if self.wanted else ""

    def asks(self, peer: JID) -> bool:
        return self.wanted

    async def begin(self, readers: list[JID]) -> None:
        if not self.can(readers):
            raise CannotEncrypt(who=readers[0], reason="they say nothing")

    async def end(self, peer: JID) -> None:
        self.ended.append(peer)
        self.wanted = False

    async def refuse(self, peer: JID) -> None:
        self.wanted = False


@pytest.fixture
def service(romeo: Profile) -> Encryption:
    service: Encryption = romeo.plug(Encryption)
    romeo.goes_online()
    return service


@pytest.fixture
def cipher(service: Encryption) -> Cipher:
    cipher = Cipher()
    service.add(cipher)  # type: ignore[arg-type]
    return cipher


def writes(service: Encryption, peer: JID = JULIET) -> list[str]:
    """By what a message is encrypted, as soon as it is decided."""
    decided: list[str] = []
    Deferred.fromCoroutine(service._secures(peer, "")).addCallback(decided.append)
    return decided


def test_strangers_do_not_make_us_forget_what_is_encrypted(romeo, monkeypatch):
    monkeypatch.setattr(plugin, "CHATS", 1)
    service = romeo.plug(Encryption)
    result(service._set(JULIET, "omemo", False))
    assert result(service._set(STRANGER, "omemo", False)).method == ""
    assert result(service._set(NURSE, "omemo", True)).method == "omemo"  # said by the person: kept, too
    assert [result(service.get(each)).method for each in (JULIET, STRANGER, NURSE)] == ["omemo", "", "omemo"]


def test_who_is_known_to_have_keys_is_not_asked_for(romeo, service, cipher):
    cipher.able = {JULIET: True, NURSE: False}
    assert now(service.get(JULIET)).method == "cipher"
    assert now(service._secures(JULIET, "")) == "cipher"
    assert now(service._secures(NURSE, "")) == ""
    assert not cipher.asked
    cipher.able[JULIET] = False  # it never changes by itself: what cannot be encrypted does not leave
    assert now(service._secures(JULIET, "")) == "cipher"


def test_only_keys_of_other_programs_of_ours_are_removed(romeo, service, cipher):
    own, gone = romeo.account.jid.bare, []
    mine = {"ab12": True, "cd34": False}  # whether it is this program's

    async def keys(owner: JID, refresh: bool) -> list[Key]:
        return [Key("cipher", owner, each, Trust.BLIND, own=True, here=here) for each, here in mine.items()]

    async def remove(key: Key) -> None:
        gone.append((key.owner, key.fingerprint))

    cipher.keys, cipher.remove = keys, remove
    now(service.remove_key("cipher", "CD 34"))
    assert gone == [(own, "cd34")]
    for method, fingerprint, error in (
        ("cipher", "ab12", InvalidArgument), ("cipher", "ef56", NotFound), ("rot13", "cd34", InvalidArgument),
    ):  # fmt: skip
        with pytest.raises(error):
            now(service.remove_key(method, fingerprint))
    assert len(gone) == 1


def test_a_method_without_lists_removes_nothing(romeo, service, cipher):
    with pytest.raises(InvalidArgument, match="Cipher keeps no list"):
        now(Method.remove(cipher, Key("cipher", JULIET, "cd34", Trust.BLIND)))  # type: ignore[arg-type]


def test_a_new_conversation_says_that_its_keys_wait_for_a_decision(romeo, service, cipher):
    now(romeo.settings.set_setting("encryption.blind", "false"))
    cipher.able, cipher.trust = {JULIET: True}, Trust.UNDECIDED
    assert now(service.get(JULIET))[1:4] == ("cipher", False, Trust.UNDECIDED)


def test_to_begin_a_method_ends_the_others(service, cipher):
    other = Cipher()
    other.info = cipher.info._replace(name="other", logged=False)
    service.add(other)
    cipher.able = other.able = {JULIET: True}
    now(service.begin(JULIET, "cipher"))
    assert (cipher.ended, other.ended) == ([], [JULIET])
    other.wanted = True
    assert now(service.get(JULIET))[1:] == (
        "cipher",
        True,
        Trust.BLIND,
        ["cipher", "other"],
        "They want it.",
        "other",
        True,
    )
    assert (
        now(service.refuse(JULIET))
        == now(service.get(JULIET))
        == (JULIET, "cipher", True, Trust.BLIND, ["cipher", "other"], "", "", True)
    )
    assert now(service.begin(JULIET, "other")).logged is False
    assert cipher.ended == [JULIET]


def test_what_cannot_begin_changes_nothing(service, cipher):
    with pytest.raises(CannotBeginEncryption, match="nothing has changed: they say nothing"):
        now(service.begin(JULIET, "cipher"))
    assert cipher.ended == []


def test_the_first_messages_wait_together_for_the_answer(service, cipher):
    first, second = writes(service), writes(service)
    assert (first, second, len(cipher.asked)) == ([], [], 1)
    cipher.asked[0].callback({JULIET: True})
    assert (first, second) == (["cipher"], ["cipher"])


def test_who_does_not_answer_is_waited_for_once(romeo, service, cipher):
    told: list[Any] = []
    service.changed.connect(told.extend)
    first = writes(service)
    romeo.clock.advance(PATIENCE - 0.1)
    assert first == []
    romeo.clock.advance(0.2)
    assert first == [""]
    assert writes(service) == [""]
    cipher.asked[0].callback({JULIET: True})  # late
    service.automatic.learned(JULIET)
    romeo.clock.advance(GATHER)
    assert [(each.peer, each.method) for each in told] == [(JULIET, "cipher")]
    assert writes(service) == ["cipher"]


def test_what_cannot_be_asked_is_asked_again_in_the_next_session(romeo, service, cipher):
    first = writes(service)
    cipher.asked[0].errback(RequestTimeout(who=JULIET))
    assert first == [""]
    assert writes(service) == [""]
    romeo.goes_online()
    second = writes(service)
    assert second == []
    cipher.asked[1].callback({JULIET: True})
    assert second == ["cipher"]


def test_nobody_is_asked_for_what_nobody_can_answer(romeo, service, cipher):
    own, server, occupant = romeo.account.jid.bare, JID("capulet.lit"), JID("hall@muc.capulet.lit/nurse")
    assert [now(service._secures(each, "")) for each in (own, server, occupant)] == ["", "", ""]
    romeo.goes_offline()
    assert now(service._secures(JULIET, "")) == ""
    assert not cipher.asked


def test_it_is_a_setting(romeo, service, cipher):
    cipher.able = {JULIET: True}
    now(romeo.settings.set_setting("encryption.automatic", "false"))
    assert now(service._secures(JULIET, "")) == ""
    assert now(service.get(JULIET)).method == ""


def test_a_room_is_encrypted_where_all_can_read(romeo, service, cipher, monkeypatch):
    room, open_room, empty = JID("cell@muc.lit"), JID("hall@muc.lit"), JID("yard@muc.lit")
    members = {room: [JULIET, NURSE], empty: []}

    class Rooms:
        def knows(self, jid: JID) -> bool:
            return jid.domain == "muc.lit"

        async def readers(self, jid: JID) -> list[JID]:
            if jid not in members:
                raise CannotEncrypt(who=jid, reason="the room is open for everybody")
            return members[jid]

    monkeypatch.setattr(romeo.plugin(Messages), "rooms", Rooms())
    cipher.able = {JULIET: True, NURSE: True}
    assert [now(service._secures(each, "")) for each in (room, open_room, empty)] == ["cipher", "", ""]
    assert not cipher.asked


# -- what goes with a conversation -----------------------------------------------------------------------------------

TYPING = (
    "<message to='juliet@capulet.lit' type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>"
)


class Veiling(Method):
    """Encrypts what is no text, when it is told to."""

    info = MethodInfo("omemo", "OMEMO", rooms=False, secrets=False, logged=True)
    whole = True

    def __init__(self):
        self.asked, self.goes_on, self.failure = [], Deferred(), None

    async def begin(self, readers):
        """It is ready."""

    def can(self, readers):
        return True

    async def encrypt(self, departure, readers):
        departure.message.body = "encrypted"

    async def veil(self, message, readers, fleeting):
        self.asked.append((message.element.toXml(), readers, fleeting))
        await self.goes_on
        if self.failure:
            raise self.failure
        message.element.children = []
        message.add("encrypted", "urn:xmpp:omemo:2")

    async def decrypt(self, arrival):
        raise CannotDecrypt(reason="no key fits")

    async def keys(self, owner, refresh):
        return []

    async def set_trust(self, owner, fingerprint, trust):
        """Nothing."""

    async def repair(self, peer):
        """Nothing."""


@pytest.fixture
def veiling(romeo):
    for kind in (Reactions, ChatStates, Encryption):
        romeo.plug(kind)
    romeo.goes_online()
    service, method = romeo.plugin(Encryption), Veiling()
    service.add(method)
    return service, method


def typing(**more):
    return Aside(Message(parse(TYPING)), JULIET, fleeting=True, **more)


def test_what_goes_with_a_conversation_in_clear_leaves_at_once(romeo, veiling):
    romeo.plugin(Messages).asides.send(typing())
    assert "composing" in romeo.sent()[0]


def test_what_goes_with_an_encrypted_one_is_encrypted(romeo, veiling):
    service, method = veiling
    result(service._set(JULIET, "omemo", True))
    romeo.plugin(Messages).asides.send(typing())
    assert romeo.sent() == []
    method.goes_on.callback(None)
    (sent,) = romeo.sent()
    assert ("encrypted" in sent, "composing" in sent) == (True, False)
    assert method.asked[0][1:] == ([JULIET], True)


def test_what_cannot_be_encrypted_does_not_leave(romeo, veiling):
    service, method = veiling
    result(service._set(JULIET, "omemo", True))
    method.failure = CannotEncrypt(who=JULIET, reason="so it is")
    method.goes_on.callback(None)
    romeo.plugin(Messages).asides.send(typing())
    service._methods.clear()
    romeo.plugin(Messages).asides.send(typing())
    assert romeo.sent() == []


def test_what_is_over_when_it_could_leave_does_not(romeo, veiling):
    """Else typing is told behind the message that was typed."""
    service, method = veiling
    romeo.hears(TYPING.replace("to=", "from='juliet@capulet.lit/x' to="))
    result(service._set(JULIET, "omemo", True))
    now(romeo.plugin(ChatStates).set_typing(JULIET, True))
    now(romeo.plugin(Messages).send(JULIET, "typed"))
    method.goes_on.callback(None)
    assert [("composing" in xml, "urn:xmpp:omemo:2" in xml) for xml in romeo.sent()] == [(False, False)]


def test_there_is_an_end_to_what_waits(romeo, veiling):
    service, method = veiling
    result(service._set(JULIET, "omemo", True))
    for _ in range(asides.MOST + 5):
        romeo.plugin(Messages).asides.send(typing())
    method.goes_on.callback(None)
    assert len(romeo.sent()) == asides.MOST


def test_a_reaction_is_encrypted_where_the_conversation_is(romeo, veiling):
    service, method = veiling
    romeo.hears("<message from='juliet@capulet.lit/x' type='chat' id='1'><body>in clear</body></message>")
    romeo.turn()
    (message,) = now(romeo.plugin(Messages).get_history(JULIET))
    now(romeo.plugin(Reactions).react(message.id, ["👍"]))
    assert "urn:xmpp:reactions:0" in romeo.sent()[-1]
    result(service._set(JULIET, "omemo", True))
    method.goes_on.callback(None)
    now(romeo.plugin(Reactions).react(message.id, ["🎂"]))
    assert "urn:xmpp:reactions:0" not in romeo.sent()[-1]


def test_nothing_is_said_of_typing_that_cannot_be_read(romeo, veiling):
    service, method = veiling
    for hint, shown in (("no-store", 0), ("store", 1)):
        text = f"<message from='{JULIET}/x' type='chat' id='{hint}'><{hint} xmlns='urn:xmpp:hints'/></message>"
        arrival = Arrival(Message(parse(text)), JULIET.with_resource("x"))
        now(service.open(method, arrival))
        assert bool(arrival.unreadable) is bool(shown)
        assert arrival.stopped is not bool(shown)
