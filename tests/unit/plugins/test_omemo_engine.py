"""Keys and sessions of OMEMO between people in one process, and what others can try with them."""

from __future__ import annotations

import base64
import json
import subprocess
import sys

import pytest
from support.omemo import Person, Server, again, device_of
from support.storing import result
from xeddsa import seed_to_ed25519_pub

from sat.api import JID
from sat.api.errors import CannotDecrypt, CannotEncrypt, KeysUntrusted, NoKeys, NotConnected, RequestTimeout
from sat.api.messages import Trust
from sat.plugins.omemo import making
from sat.plugins.omemo.keeping import Keeping
from sat.plugins.omemo.library import NotYet, Repeated, is_lost
from sat.plugins.omemo.lists import Label, read_devices, write_devices
from sat.plugins.omemo.names import MOST_DEVICES, NEW, OLD
from sat.plugins.omemo.wire import WIRES
from sat.xmpp import xml

VERSIONS = pytest.mark.parametrize("ns", [NEW, OLD])


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def alice(server):
    return Person(server, "alice@example.org")


@pytest.fixture
def bob(server):
    return Person(server, "bob@example.net")


def speak(ns, *people):
    for person in people:
        person.speaks_only(ns)


# -- as it should be -----------------------------------------------------------------------------------------------


@VERSIONS
def test_there_and_back(alice, bob, ns):
    speak(ns, alice, bob)
    first = alice.write(bob, "hello é")
    assert [each.uri for each in first] == [ns]
    opened = bob.read(first, alice)
    assert (opened.plaintext, opened.ns) == ("hello é".encode(), ns)
    assert (opened.device.fingerprint, opened.device.trust) == (device_of(alice).fingerprint, Trust.BLIND)
    assert alice.read(bob.write(alice, "and you"), bob).plaintext == b"and you"
    assert bob.read(alice.write(bob, "fine"), alice).plaintext == b"fine"


def test_version_2_is_preferred(alice, bob):
    assert [each.uri for each in alice.write(bob, "hello")] == [NEW]


@VERSIONS
def test_reordered(alice, bob, ns):
    speak(ns, alice, bob)
    bob.read(alice.write(bob, "first"), alice)
    many = [alice.write(bob, f"{number}") for number in range(5)]
    order = (3, 0, 4, 1, 2)
    assert [bob.read(many[number], alice).plaintext for number in order] == [f"{number}".encode() for number in order]


@VERSIONS
def test_what_is_stored_is_enough(alice, bob, ns):
    speak(ns, alice, bob)
    bob.read(alice.write(bob, "before"), alice)
    alice.engine, bob.engine = alice.open(), bob.open()
    assert bob.read(alice.write(bob, "after"), alice).plaintext == b"after"


@VERSIONS
def test_a_key_that_was_used_up_is_replaced(alice, bob, ns):
    speak(ns, alice, bob)
    before = again(bob.server.bundles[ns, bob.jid, device_of(bob).number])
    bob.read(alice.write(bob, "uses one"), alice)
    (after,) = bob.soon
    wire = WIRES[ns]
    old = wire.read_bundle(before, "b@example.org", 1).pre_key_ids.values()
    new = wire.read_bundle(after, "b@example.org", 1).pre_key_ids.values()
    assert (len(new), len(set(old) - set(new))) == (100, 1)


def test_a_lost_session_is_begun_anew(alice, bob):
    bob.read(alice.write(bob, "before"), alice)
    alice.read(bob.write(alice, "before"), bob)
    bob.stored = {key: value for key, value in bob.stored.items() if not key.startswith(f"/{NEW}/{alice.jid}")}
    bob.engine = bob.open()
    with pytest.raises(CannotDecrypt, match="of which this device knows nothing"):
        bob.read(alice.write(bob, "lost"), alice)
    bob.empty.clear()
    result(bob.engine.repair(alice.jid, "nothing"))
    ((_, empty),) = bob.empty
    assert alice.read([again(empty)], bob).plaintext == b"nothing"
    assert bob.read(alice.write(bob, "after"), alice).plaintext == b"after"


def test_sessions_that_are_there_are_replaced(alice, bob):
    bob.read(alice.write(bob, "before"), alice)
    alice.read(bob.write(alice, "before"), bob)
    lost = bob.write(alice, "lost on the way")
    bob.empty.clear()
    result(bob.engine.repair(alice.jid, "nothing"))
    assert [alice.read([again(empty)], bob).plaintext for _, empty in bob.empty] == [None, b"nothing"]
    assert bob.read(alice.write(bob, "after"), alice).plaintext == b"after"
    with pytest.raises(CannotDecrypt):
        alice.read(lost, bob)


# -- hostile -----------------------------------------------------------------------------------------------------------


@VERSIONS
def test_replayed(alice, bob, ns):
    speak(ns, alice, bob)
    bob.read(alice.write(bob, "first"), alice)
    twice = alice.write(bob, "once")
    assert bob.read(twice, alice).plaintext == b"once"
    with pytest.raises(Repeated):
        bob.read(twice, alice)
    assert bob.read(alice.write(bob, "goes on"), alice).plaintext == b"goes on"


@VERSIONS
def test_the_first_one_replayed(alice, bob, ns):
    speak(ns, alice, bob)
    first = alice.write(bob, "first")
    bob.read(first, alice)
    with pytest.raises(Repeated):
        bob.read(first, alice)
    assert bob.read(alice.write(bob, "goes on"), alice).plaintext == b"goes on"


@VERSIONS
def test_replayed_after_the_ratchet_has_turned(alice, bob, ns):
    """Then it is not known again, but not opened either."""
    speak(ns, alice, bob)
    first = alice.write(bob, "first")
    bob.read(first, alice)
    alice.read(bob.write(alice, "turns"), bob)
    bob.read(alice.write(bob, "turns again"), alice)
    with pytest.raises(CannotDecrypt):
        bob.read(first, alice)
    assert bob.read(alice.write(bob, "goes on"), alice).plaintext == b"goes on"


@VERSIONS
def test_every_part_of_it_is_protected(alice, bob, ns):
    speak(ns, alice, bob)
    bob.read(alice.write(bob, "first"), alice)
    whole = alice.write(bob, "the whole of it")
    places = [each for each in _all(whole[0]) if xml.text_of(each)]
    assert places
    for number in range(len(places)):
        broken = [again(each) for each in whole]
        place = [each for each in _all(broken[0]) if xml.text_of(each)][number]
        value = bytearray(base64.b64decode(xml.text_of(place)))
        value[len(value) // 2] ^= 1
        xml.set_text(place, base64.b64encode(value).decode())
        with pytest.raises(CannotDecrypt):
            bob.read(broken, alice)
    assert bob.read(whole, alice).plaintext == b"the whole of it"


@VERSIONS
def test_moved_to_another_sender(server, alice, bob, ns):
    speak(ns, alice, bob)
    mallory = Person(server, "mallory@example.com")
    bob.read(alice.write(bob, "first"), alice)
    with pytest.raises(CannotDecrypt):
        bob.read(alice.write(bob, "of alice"), mallory)
    # nor where mallory lists alice's device as one of theirs, with her keys
    number = device_of(alice).number
    server.devices[ns, mallory.jid] = server.devices[ns, alice.jid]
    server.bundles[ns, mallory.jid, number] = server.bundles[ns, alice.jid, number]
    with pytest.raises(CannotDecrypt):
        bob.read(alice.write(bob, "of alice again"), mallory)


@VERSIONS
def test_a_device_that_the_server_adds(server, alice, bob, ns):
    """Once a key of bob has been compared, another one that appears is not taken for his."""
    speak(ns, alice, bob)
    bob.read(alice.write(bob, "first"), alice)
    result(alice.engine.set_trust(bob.jid, device_of(bob).fingerprint, Trust.VERIFIED))
    spy = Person(Server(), str(bob.jid))
    number = device_of(spy).number
    names = read_devices(ns, server.devices[ns, bob.jid]) | {number: None}
    server.devices[ns, bob.jid] = write_devices(ns, names)
    server.bundles[ns, bob.jid, number] = spy.server.bundles[ns, bob.jid, number]
    encrypted = alice.write(bob, "not for the spy")
    assert bob.read(encrypted, alice).plaintext == b"not for the spy"
    spy.server.devices[ns, alice.jid] = server.devices[ns, alice.jid]
    spy.server.bundles.update(server.bundles)
    with pytest.raises(CannotDecrypt, match="not encrypted for this device"):
        spy.read(encrypted, alice)
    trusts = {each.fingerprint: each.trust for each in result(alice.engine.devices(bob.jid))}
    assert trusts[device_of(spy).fingerprint] is Trust.UNDECIDED


def test_what_a_new_device_says_is_read_and_marked(server, alice, bob):
    bob.read(alice.write(bob, "first"), alice)
    result(bob.engine.set_trust(alice.jid, device_of(alice).fingerprint, Trust.VERIFIED))
    other = Person(Server(), str(alice.jid))
    number = device_of(other).number
    names = read_devices(NEW, server.devices[NEW, alice.jid]) | {number: None}
    server.devices[NEW, alice.jid] = write_devices(NEW, names)
    server.bundles[NEW, alice.jid, number] = other.server.bundles[NEW, alice.jid, number]
    other.server.devices.update(server.devices)
    other.server.bundles.update(server.bundles)
    opened = bob.read(other.write(bob, "it is me, on my new phone"), alice)
    assert (opened.plaintext, opened.device.trust) == (b"it is me, on my new phone", Trust.UNDECIDED)


@VERSIONS
def test_a_bundle_with_a_wrong_signature(server, alice, bob, ns):
    speak(ns, alice, bob)
    bundle = server.bundles[ns, bob.jid, device_of(bob).number]
    signature = xml.child(bundle, "spks" if ns == NEW else "signedPreKeySignature", ns)
    value = bytearray(base64.b64decode(xml.text_of(signature)))
    value[5] ^= 1
    xml.set_text(signature, base64.b64encode(value).decode())
    with pytest.raises((NoKeys, CannotEncrypt)):
        alice.write(bob, "must not leave")


@VERSIONS
def test_a_bundle_with_another_identity_later(server, alice, bob, ns):
    """The identity of a device that is known does not change with its bundle."""
    speak(ns, alice, bob)
    number = device_of(bob).number
    result(alice.engine.refresh(bob.jid))
    known = [each.fingerprint for each in result(alice.engine.devices(bob.jid))]
    spy = Person(Server(), str(bob.jid))
    server.bundles[ns, bob.jid, number] = spy.server.bundles[ns, bob.jid, device_of(spy).number]
    encrypted = alice.write(bob, "secret")
    spy.server.devices[ns, alice.jid] = server.devices[ns, alice.jid]
    spy.server.bundles.update(server.bundles)
    with pytest.raises(CannotDecrypt):
        spy.read(encrypted, alice)
    assert [each.fingerprint for each in result(alice.engine.devices(bob.jid))] == known


@VERSIONS
def test_lists_without_end(server, alice, bob, ns):
    speak(ns, alice, bob)
    flood = xml.element("devices" if ns == NEW else "list", ns)
    for number in (0, -1, 2**31, "x", "１２", *range(1, 10_000), 7, 7):
        xml.add(flood, "device", ns, id=number)
    assert len(read_devices(ns, flood)) == MOST_DEVICES
    assert min(read_devices(ns, flood)) == 1


@VERSIONS
@pytest.mark.parametrize("text", ["", "x", "====", "AA==", "é", "A" * 100])
def test_nonsense_in_a_message(alice, bob, ns, text):
    speak(ns, alice, bob)
    bob.read(alice.write(bob, "first"), alice)
    whole = alice.write(bob, "fine")
    for number in range(len([each for each in _all(whole[0]) if xml.text_of(each)])):
        broken = [again(each) for each in whole]
        xml.set_text([each for each in _all(broken[0]) if xml.text_of(each)][number], text)
        with pytest.raises(CannotDecrypt):
            bob.read(broken, alice)
    headless = [again(each) for each in whole]
    headless[0].children = [each for each in headless[0].children if each.name != "header"]
    with pytest.raises(CannotDecrypt):
        bob.read(headless, alice)
    assert bob.read(whole, alice).plaintext == b"fine"


# -- what cannot be ------------------------------------------------------------------------------------------------


def test_somebody_without_keys(alice):
    with pytest.raises(NoKeys, match=r"carol@example\.org has no keys for OMEMO"):
        result(alice.engine.encrypt([JID("carol@example.org")], "x", "x"))


def test_each_key_waits_where_none_is_trusted_unseen(server, bob):
    careful = Person(server, "careful@example.org", blind=False)
    with pytest.raises(KeysUntrusted):
        careful.write(bob, "wait")
    result(careful.engine.set_trust(bob.jid, device_of(bob).fingerprint, Trust.VERIFIED))
    assert bob.read(careful.write(bob, "now"), careful).plaintext == b"now"


def test_a_distrusted_device_is_not_read(alice, bob):
    bob.read(alice.write(bob, "first"), alice)
    result(bob.engine.set_trust(alice.jid, device_of(alice).fingerprint, Trust.DISTRUSTED))
    with pytest.raises(CannotDecrypt, match="do not trust"):
        bob.read(alice.write(bob, "second"), alice)


def test_without_a_connection(alice, bob):
    alice.offline = True
    with pytest.raises(NotConnected):
        alice.write(bob, "x")


def test_keys_that_cannot_be_fetched_now_are_not_said_to_be_missing(server, alice, bob):
    result(alice.engine.refresh(bob.jid))
    alice.offline = True
    with pytest.raises(NotConnected):  # it waits until we are back
        result(alice.engine.encrypt([bob.jid], "x", "x"))
    alice.offline, alice.fault = False, RequestTimeout(peer="example.org", seconds=60)
    with pytest.raises(CannotEncrypt, match="their keys could not be fetched"):
        result(alice.engine.encrypt([bob.jid], "x", "x"))
    alice.fault = None
    assert bob.read(alice.write(bob, "now"), alice).plaintext == b"now"
    server.bundles.clear()
    carol = Person(server, "carol@example.com")
    server.bundles.clear()
    with pytest.raises(NoKeys):
        alice.write(carol, "x")


def test_keys_are_made_for_another_device_of_an_account():
    """In a process of their own, which knows nobody else's keys."""
    asked = json.dumps({"jid": "romeo@montague.lit", "taken": [123456, 987654]})
    command = [sys.executable, "-P", "-m", making.__name__]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["device"] not in (0, 123456, 987654)


def test_our_list_is_put_right(server, alice):
    number = device_of(alice).number
    result(alice.engine.heard(NEW, alice.jid, {17: None}))
    assert set(read_devices(NEW, server.devices[NEW, alice.jid])) == {17, number}


def _all(element):
    for each in xml.elements(element):
        yield each
        yield from _all(each)


def test_what_is_stored_can_be_looked_at_without_a_connection(alice, bob):
    alice.read(bob.write(alice, "hello"), bob)
    waiting = bob.write(alice, "and more")
    alice.offline = True
    alice.engine = alice.open()
    assert [each.fingerprint for each in result(alice.engine.devices(bob.jid))] == [device_of(bob).fingerprint]
    assert alice.read(waiting, bob).plaintext == b"and more"


def test_for_ourselves_without_another_device(alice):
    with pytest.raises(NoKeys, match="another program of alice"):
        result(alice.engine.encrypt([alice.jid], "x", "x"))


# -- what goes with texts ------------------------------------------------------------------------------------------


def test_what_is_no_text_is_for_version_2_alone(alice, bob):
    result(alice.engine.refresh(bob.jid))
    assert result(alice.engine.reads_whole([bob.jid]))
    (encrypted,) = result(alice.engine.encrypt([bob.jid], "an envelope", None))
    assert (encrypted.uri, bob.read([again(encrypted)], alice).plaintext) == (NEW, b"an envelope")


def test_who_reads_only_the_old_version_gets_none(alice, bob):
    speak(OLD, bob)
    result(alice.engine.refresh(bob.jid))
    assert not result(alice.engine.reads_whole([bob.jid]))


def test_who_is_on_both_lists_and_writes_in_the_old_one_gets_none(alice, bob):
    result(alice.engine.refresh(bob.jid))
    speak(OLD, alice)
    alice.read(bob.write(alice, "in the old one"), bob)
    assert not result(alice.engine.reads_whole([bob.jid]))


def test_a_key_that_is_not_believed_does_not_bring_it_into_the_clear(server, alice, bob):
    """A server that adds a device of the old version to the list of somebody whose key was compared."""
    bob.read(alice.write(bob, "first"), alice)
    result(alice.engine.set_trust(bob.jid, device_of(bob).fingerprint, Trust.VERIFIED))
    spy = Person(Server(), str(bob.jid))
    number = device_of(spy).number
    server.devices[OLD, bob.jid] = write_devices(OLD, {number: None})
    server.bundles[OLD, bob.jid, number] = spy.server.bundles[OLD, bob.jid, number]
    result(alice.engine.refresh(bob.jid))
    assert len(result(alice.engine.devices(bob.jid))) == 2
    assert result(alice.engine.reads_whole([bob.jid]))


def test_whether_something_has_to_be_exchanged_before(alice, bob):
    result(alice.engine.refresh(bob.jid))
    assert not result(alice.engine.has_sessions([bob.jid]))
    alice.write(bob, "first")
    assert result(alice.engine.has_sessions([bob.jid]))


# -- what devices are called ---------------------------------------------------------------------------------------


def label_of(person, other):
    result(person.engine.refresh(other.jid))
    return device_of_other(person, other).label


def device_of_other(person, other):
    (device,) = result(person.engine.devices(other.jid))
    return device


def call(server, person, text, signature):
    number = device_of(person).number
    server.devices[NEW, person.jid] = again(write_devices(NEW, {number: Label(text, signature)}))


def test_a_device_is_called_what_it_has_signed(server, alice, bob):
    assert label_of(bob, alice) == ""
    call(server, alice, "laptop é", result(alice.engine.signature_of("laptop é")))
    assert label_of(bob, alice) == "laptop é"
    call(server, alice, "forged", result(bob.engine.signature_of("forged")))
    assert label_of(bob, alice) == "laptop é"
    call(server, alice, "forged", result(alice.engine.signature_of("laptop é")))
    assert label_of(bob, alice) == "laptop é"


def test_our_own_name_does_not_disturb_the_old_version(server, alice):
    """Which has none; the library would fail."""
    number = device_of(alice).number
    label = Label("laptop", result(alice.engine.signature_of("laptop")))
    result(alice.engine.heard(NEW, alice.jid, {number: label}))
    assert device_of(alice).label == "laptop"
    result(alice.engine.heard(OLD, alice.jid, {17: None}))
    assert xml.to_text(server.devices[OLD, alice.jid]).count("label") == 0
    assert set(read_devices(OLD, server.devices[OLD, alice.jid])) == {17, number}


# -- what may be opened later --------------------------------------------------------------------------------------


def opens(person, encrypted, sender):
    (element,) = encrypted
    return result(person.engine.decrypt(str(element.uri), element, sender.jid))


def test_which_reasons_may_pass(server, alice, bob):
    first = alice.write(bob, "first")
    listed = server.devices.pop((NEW, alice.jid))
    with pytest.raises(NotYet, match="not on its owner's list"):
        opens(bob, first, alice)
    server.devices[NEW, alice.jid] = listed
    assert opens(bob, first, alice).plaintext == b"first"
    alice.read(bob.write(alice, "and back"), bob)
    second = alice.write(bob, "second")
    result(bob.engine.set_trust(alice.jid, device_of(alice).fingerprint, Trust.DISTRUSTED))
    with pytest.raises(NotYet, match="do not trust"):
        opens(bob, second, alice)
    result(bob.engine.set_trust(alice.jid, device_of(alice).fingerprint, Trust.VERIFIED))
    assert opens(bob, second, alice).plaintext == b"second"


def test_a_damaged_one_or_one_for_others_never_can(server, alice, bob):
    carol = Person(server, "carol@example.com")
    bob.read(alice.write(bob, "first"), alice)
    for_carol = alice.write(carol, "for carol")
    with pytest.raises(CannotDecrypt, match="not encrypted for this device"):
        opens(bob, for_carol, alice)
    damaged = alice.write(bob, "damaged")
    key = next(each for each in _all(damaged[0]) if each.name == "key")
    value = bytearray(base64.b64decode(xml.text_of(key)))
    value[-1] ^= 1
    xml.set_text(key, base64.b64encode(value).decode())
    with pytest.raises(CannotDecrypt) as refused:
        opens(bob, damaged, alice)
    assert is_lost(refused.value)


def test_an_identity_has_no_sign(monkeypatch):
    """libomemo.js would take every signature of it for a false one."""
    seeds = [bytes([number]) * 32 for number in range(50)]
    signed = [each for each in seeds if seed_to_ed25519_pub(each)[31] & 0x80]
    without = next(each for each in seeds if each not in signed)
    given = iter([*signed, without])
    monkeypatch.setattr(making.secrets, "token_bytes", lambda size: next(given))
    keeping = Keeping({})
    result(making.identify(keeping))
    assert result(keeping.load_bytes("/ikp/key")).from_just() == without
    assert len(signed) > 1


@VERSIONS
def test_public_keys_that_another_program_has_removed_are_published_again(server, alice, bob, ns):
    number = device_of(bob).number
    kept = {place: bundle for place, bundle in server.bundles.items() if place != (ns, bob.jid, number)}
    server.bundles = dict(kept)
    result(bob.engine.publish_missing())
    assert {place: bundle for place, bundle in server.bundles.items() if kept.get(place) is not bundle}.keys() == {
        (ns, bob.jid, number)
    }
    speak(ns, alice, bob)
    assert bob.read(alice.write(bob, "hello again"), alice).plaintext == b"hello again"
