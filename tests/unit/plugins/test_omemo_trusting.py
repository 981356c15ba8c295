"""Who believes what of whose keys, when devices tell each other (XEP-0450); with real keys, in one process."""

from __future__ import annotations

import logging
from types import SimpleNamespace

import pytest
from support.omemo import Person, Server, again
from support.romeo import parse
from support.storing import result

from sat.api import JID
from sat.api.errors import CannotDecrypt
from sat.api.messages import Trust
from sat.plugins.omemo import content, trusting
from sat.plugins.omemo.library import NotYet
from sat.plugins.omemo.names import NEW
from sat.plugins.omemo.trust_messages import MOST, NS, Said, is_one, read, write
from sat.plugins.omemo.trusting import Trusting
from sat.xmpp.stanzas import Message

ALICE, BOB, CAROL = JID("alice@example.org"), JID("bob@example.net"), JID("carol@example.com")
KEY = "ab" * 32


class Device:
    """A program of somebody, and what it thinks of keys."""

    def __init__(self, place, name, jid):
        self.place, self.person, self.wanted, self.online = place, Person(place.server, str(jid)), True, True
        self.jid, self.moved = jid, []
        (here,) = [each for each in result(self.person.engine.devices(jid)) if each.here]
        self.key = here.fingerprint
        session = SimpleNamespace(now=lambda: place.now, send=self.send, online=True)
        self.plugin = SimpleNamespace(
            store=place.romeo.store(name), session=session, spawn=result, log=logging.getLogger("test")
        )
        self.trusting = self.open()

    def open(self):
        made = Trusting(self.plugin, self.jid, self.engine, lambda: self.wanted, self.moved.append)
        result(made.load())
        return made

    async def engine(self):
        return self.person.engine

    def send(self, element):
        self.place.travels.append((self, element))

    def knows(self, *others):
        for other in others:
            result(self.person.engine.refresh(other.jid))

    def thinks(self, other):
        found = {each.fingerprint: each.trust for each in result(self.person.engine.devices(other.jid))}
        return found.get(other.key)

    def says(self, other, trust):
        """The person decides."""
        before = self.thinks(other)
        result(self.person.engine.set_trust(other.jid, other.key, trust))
        result(self.trusting.decided(other.jid, other.key, before, trust))
        self.place.deliver()

    def verifies(self, other):
        self.says(other, Trust.VERIFIED)

    def tells(self, to, said):
        """Whatever a program may send, to all that it encrypts for."""
        message = Message.to(to)
        write(message, said)
        envelope = content.envelope(message, self.jid, self.place.now)
        content.seal(message, result(self.person.engine.encrypt([to], envelope, None)))
        self.send(message.element)
        self.place.deliver()


class Place:
    """Where they all are."""

    def __init__(self, romeo):
        self.romeo, self.server, self.now = romeo, Server(), 1_750_000_000.0
        self.devices, self.travels, self.told = {}, [], []

    def add(self, name, jid):
        self.devices[name] = Device(self, name, jid)
        for one in self.devices.values():
            one.knows(*self.devices.values())
        return self.devices[name]

    def deliver(self):
        """Everything arrives at all programs of both sides."""
        while self.travels:
            self.now += 1
            sender, element = self.travels.pop(0)
            to = element.attributes["to"]
            for device in self.devices.values():
                if device is sender or device.jid not in (to, sender.jid):
                    continue
                self.arrives(device, sender, again(element))

    def arrives(self, device, sender, element):
        message = Message(element)
        assert message.child("trust-message", NS) is None, "it is in clear"
        encrypted = message.child("encrypted", NEW)
        try:
            opened = result(device.person.engine.decrypt(NEW, encrypted, sender.jid))
        except (CannotDecrypt, NotYet):
            return  # it is not for this one
        result(device.person.keep(device.person.engine.changes()))
        time = content.unseal(message, NEW, opened.plaintext, sender.jid, JID(element.attributes["to"]))
        self.told.append((sender, device, message))
        result(device.trusting.hear(message, sender.jid, opened.device.fingerprint, time))


@pytest.fixture
def place(romeo):
    return Place(romeo)


@pytest.fixture
def four(place):
    """Two programs of alice, two of bob."""
    return [place.add(name, jid) for name, jid in (("a1", ALICE), ("a2", ALICE), ("b1", BOB), ("b2", BOB))]


def test_one_comparison_on_each_side_is_enough(four):
    a1, a2, b1, b2 = four
    a1.verifies(a2)
    a2.verifies(a1)
    a1.verifies(b1)
    assert a2.thinks(b1) is Trust.VERIFIED, "her other program is told"
    b1.verifies(a1)
    assert b1.thinks(a2) is Trust.VERIFIED, "what was said before waits for the key of who said it"
    assert a2.moved == [BOB]
    assert a2.trusting.by(BOB, b1.key) == a1.key
    assert a1.trusting.by(BOB, b1.key) == "", "compared by herself"
    b1.verifies(b2)
    b2.verifies(b1)
    assert (a1.thinks(b2), a2.thinks(b2)) == (Trust.VERIFIED, Trust.VERIFIED)
    assert (b2.thinks(a1), b2.thinks(a2)) == (Trust.VERIFIED, Trust.VERIFIED)


def test_a_new_program_learns_what_the_others_know(four, place):
    a1, a2, b1, _ = four
    a1.verifies(b1)
    b1.verifies(a1)
    a1.verifies(a2)
    a2.verifies(a1)
    assert a2.thinks(b1) is Trust.VERIFIED
    assert b1.thinks(a2) is Trust.VERIFIED


def test_what_is_distrusted_is_told_too(four):
    a1, a2, b1, b2 = four
    for one, other in ((a1, a2), (a2, a1), (a1, b1), (b1, a1)):
        one.verifies(other)
    assert b1.thinks(a2) is Trust.VERIFIED
    a1.says(b1, Trust.DISTRUSTED)
    assert a2.thinks(b1) is Trust.DISTRUSTED
    assert b2.thinks(b1) is Trust.BLIND, "that is no affair of theirs"
    a1.says(b1, Trust.VERIFIED)
    a1.says(a2, Trust.DISTRUSTED)
    assert b1.thinks(a2) is Trust.DISTRUSTED
    assert a2.thinks(a1) is Trust.VERIFIED, "it is told nothing any more"


def test_only_verified_keys_read_it(four, place):
    a1, a2, b1, _ = four
    a1.verifies(a2)
    a1.verifies(b1)
    assert {receiver for _, receiver, _ in place.told} <= {a2, b1}


def test_nothing_is_told_or_believed_where_it_is_off(four, place):
    a1, a2, b1, _ = four
    a1.verifies(a2)
    a2.verifies(a1)
    place.told.clear()
    a2.wanted = False
    a1.verifies(b1)
    assert a2.thinks(b1) is Trust.BLIND
    a2.says(b1, Trust.DISTRUSTED)
    assert a1.thinks(b1) is Trust.VERIFIED


def test_it_is_told_later_without_a_connection(four):
    a1, a2, b1, _ = four
    a1.verifies(a2)
    a2.verifies(a1)
    a1.plugin.session.online = False
    a1.verifies(b1)
    assert a2.thinks(b1) is Trust.BLIND
    a1.trusting = a1.open()
    a1.plugin.session.online = True
    a1.trusting.tell()
    a1.place.deliver()
    assert a2.thinks(b1) is Trust.VERIFIED


# -- hostile -----------------------------------------------------------------------------------------------------------


def test_a_key_that_is_not_verified_is_not_believed(four):
    a1, a2, b1, b2 = four
    a1.verifies(a2)
    b1.tells(ALICE, [Said(BOB, b2.key, True)])
    assert a1.thinks(b2) is Trust.BLIND
    a1.verifies(b1)
    assert a1.thinks(b2) is Trust.VERIFIED, "it was kept until then"


def test_a_contact_speaks_of_their_own_keys_alone(four, place):
    a1, a2, b1, _ = four
    carol = place.add("c", CAROL)
    a1.verifies(b1)
    for said in (Said(CAROL, carol.key, True), Said(ALICE, a2.key, True), Said(ALICE, a1.key, False)):
        b1.tells(ALICE, [said])
    assert (a1.thinks(carol), a1.thinks(a2), a1.thinks(a1)) == (Trust.BLIND, Trust.BLIND, Trust.VERIFIED)


def test_what_is_older_changes_nothing(four, place):
    a1, a2, b1, _ = four
    a1.verifies(a2)
    a2.verifies(a1)
    a1.verifies(b1)
    late = Message.to(ALICE)
    write(late, [Said(BOB, b1.key, True)])
    before = place.now
    a1.says(b1, Trust.DISTRUSTED)
    result(a2.trusting.hear(late, ALICE, a1.key, before - 5))
    assert a2.thinks(b1) is Trust.DISTRUSTED


@pytest.mark.parametrize("time", [None, 1_750_900_000.0])
def test_without_a_time_or_from_the_future(four, time):
    a1, a2, b1, _ = four
    a1.verifies(a2)
    told = Message.to(ALICE)
    write(told, [Said(BOB, b1.key, True)])
    result(a1.trusting.hear(told, ALICE, a2.key, time))
    assert a1.thinks(b1) is Trust.BLIND


def test_what_the_person_distrusts_stays_so(four):
    a1, _, b1, b2 = four
    a1.verifies(b1)
    a1.says(b2, Trust.DISTRUSTED)
    b1.tells(ALICE, [Said(BOB, b2.key, True)])
    assert a1.thinks(b2) is Trust.DISTRUSTED


def test_a_key_in_its_other_form(four):
    a1, _, b1, b2 = four
    a1.verifies(b1)
    (other,) = [each for each in result(a1.person.engine.devices(BOB)) if each.fingerprint == b2.key]
    b1.tells(ALICE, [Said(BOB, other.identity, True)])
    assert a1.thinks(b2) is Trust.VERIFIED


def test_a_key_that_is_not_known_yet(four, place):
    a1, _, b1, b2 = four
    a1.verifies(b1)
    b1.tells(ALICE, [Said(BOB, "cd" * 32, True)])
    b3 = place.add("b3", BOB)
    b1.tells(ALICE, [Said(BOB, b3.key, True)])
    a1.trusting = a1.open()
    result(a1.trusting.look())
    assert a1.thinks(b3) is Trust.VERIFIED
    assert a1.thinks(b2) is Trust.BLIND


def test_floods_have_an_end(four, monkeypatch):
    a1, _, b1, b2 = four
    monkeypatch.setattr(trusting, "POSTPONED_OF_ONE", 5)
    monkeypatch.setattr(trusting, "POSTPONED", 8)
    b1.tells(ALICE, [Said(BOB, f"{number:064x}", True) for number in range(50)])
    assert len(a1.trusting._postponed) == 5
    b2.tells(ALICE, [Said(BOB, f"{number:064x}", True) for number in range(50)])
    assert len(a1.trusting._postponed) == 8
    again_ = a1.open()
    assert again_._postponed == a1.trusting._postponed


def trust_message(inside, usage="urn:xmpp:atm:1", encryption=NEW):
    about = f"xmlns='{NS}' usage='{usage}' encryption='{encryption}'"
    return Message(parse(f"<message><trust-message {about}>{inside}</trust-message></message>"))


GOOD = "<trust>q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=</trust>"


@pytest.mark.parametrize(
    ("inside", "found"),
    [
        (f"<key-owner jid='{BOB}'>{GOOD}</key-owner>", [Said(BOB, KEY, True)]),
        (f"<key-owner jid='{BOB}/x'>{GOOD.replace('trust>', 'distrust>')}</key-owner>", [Said(BOB, KEY, False)]),
        (f"<key-owner jid='{CAROL}'>{GOOD}</key-owner>", []),
        (f"<key-owner jid='@@'>{GOOD}</key-owner><key-owner>{GOOD}</key-owner>", []),
        (f"<key-owner jid='{BOB}'><trust>AAAA</trust><trust/><trust>é</trust><like>{KEY}</like></key-owner>", []),
        (f"<key-owner jid='{BOB}'>{GOOD * 5000}</key-owner>", [Said(BOB, KEY, True)] * MOST),
        ("", []),
    ],
)
def test_what_is_read(inside, found):
    assert read(trust_message(inside), BOB, ALICE) == found


def test_what_is_for_another_use():
    inside = f"<key-owner jid='{BOB}'>{GOOD}</key-owner>"
    assert read(trust_message(inside, usage="x"), BOB, ALICE) == []
    assert read(trust_message(inside, encryption="x"), BOB, ALICE) == []
    assert is_one(trust_message(inside, usage="x"))


def test_our_own_devices_speak_of_all():
    inside = f"<key-owner jid='{CAROL}'>{GOOD}</key-owner>"
    assert read(trust_message(inside), ALICE, ALICE) == [Said(CAROL, KEY, True)]


def test_what_is_written_can_be_read():
    message = Message.to(BOB)
    said = [Said(ALICE, KEY, True), Said(BOB, "cd" * 32, False), Said(ALICE, "ef" * 32, True)]
    write(message, said)
    assert sorted(read(message, ALICE, ALICE)) == sorted(said)
