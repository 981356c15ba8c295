import pytest
from support.romeo import now

from sat.api import JID
from sat.api.messages import MessageState
from sat.plugins.markers.plugin import Markers
from sat.plugins.messages.plugin import Messages
from sat.plugins.receipts.plugin import NS, Receipts
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.roster.plugin import Roster

JULIET = JID("juliet@capulet.lit")
ASKING = f"<message from='{JULIET}/b' type='chat' id='m1'><body>ay</body><request xmlns='{NS}'/></message>"


@pytest.fixture
def messages(romeo):
    romeo.plug(Receipts)
    romeo.goes_online()
    romeo.plugin(Roster).contacts[JULIET] = Contact(JULIET, "", Subscription.BOTH, [])
    return romeo.plugin(Messages)


def receipt(sender, id):
    return f"<message from='{sender}'><received xmlns='{NS}' id='{id}'/></message>"


def test_a_message_asks_and_the_answer_marks_it(romeo, messages, record):
    updated = record(messages.updated)
    id = now(messages.send(JULIET, "soft!"))
    assert f"<request xmlns='{NS}'/>" in romeo.sent()[0]
    romeo.hears(receipt("paris@verona.lit/x", id))
    romeo.turn()
    assert updated == []  # XEP-0184 §8: a third party's word is nothing
    romeo.hears(receipt(f"{JULIET}/b", id))
    romeo.turn()
    assert [(change.id, change.state) for change in updated[0]] == [(id, MessageState.DELIVERED)]


def test_a_contact_who_may_see_us_gets_a_receipt_once_it_is_stored(romeo, messages):
    romeo.hears(ASKING)
    (xml,) = romeo.sent()
    assert f"<received xmlns='{NS}' id='m1'/>" in xml
    assert f"to='{JULIET}/b'" in xml


def test_a_stranger_gets_none(romeo, messages):
    romeo.hears(ASKING.replace(JULIET, "paris@verona.lit"))
    assert romeo.sent() == []


def test_none_is_given_when_switched_off(romeo, messages):
    now(romeo.settings.set_setting("receipts.answer", "no"))
    romeo.hears(ASKING)
    assert romeo.sent() == []


def test_some_use_a_marker_for_it(romeo, messages, record):
    romeo.plug(Markers)
    updated = record(messages.updated)
    id = now(messages.send(JULIET, "soft!"))
    marker = f"<message type='chat' from='{{}}'><received xmlns='urn:xmpp:chat-markers:0' id='{id}'/></message>"
    romeo.hears(marker.format("paris@verona.lit/x"))
    romeo.turn()
    assert updated == []
    romeo.hears(marker.format(f"{JULIET}/b"))
    romeo.turn()
    assert [(change.id, change.state) for change in updated[0]] == [(id, MessageState.DELIVERED)]
