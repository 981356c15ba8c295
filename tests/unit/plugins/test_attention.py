"""Asking for attention: who can, how often, and when."""

import pytest
from support.muc import ROOM, enter, history
from support.romeo import FULL, OWN, now

from sat.api import JID
from sat.api.errors import InvalidArgument, NotConnected
from sat.api.messages import MessageKind, MessageState
from sat.plugins.attention.plugin import EVERY, NS, Attention
from sat.plugins.carbons.plugin import Carbons
from sat.plugins.messages.plugin import Messages
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.roster.plugin import Roster

JULIET = JID("juliet@capulet.lit")
NURSE = JID("nurse@capulet.lit")
ASKS = f"<attention xmlns='{NS}'/>"
DELAY = "<delay xmlns='urn:xmpp:delay' from='montague.lit' stamp='2025-06-01T10:00:00Z'/>"


@pytest.fixture
def attention(romeo):
    romeo.plug(Carbons)
    attention = romeo.plug(Attention)
    romeo.goes_online()
    for jid in (JULIET, NURSE):
        romeo.plugin(Roster).contacts[jid] = Contact(jid, "", Subscription.BOTH, [])
    return attention


def asks(romeo, sender=JULIET, more="", kind="headline", inside=ASKS):
    romeo.hears(f"<message from='{sender}/x' type='{kind}'>{inside}{more}</message>")
    romeo.turn()


def shown(romeo, peer=JULIET):
    return [(each.body, each.extra.attention) for each in history(romeo.plugin(Messages), peer)]


def test_a_contact_asks_with_or_without_a_text(romeo, attention):
    asks(romeo)
    asks(romeo, NURSE, "<body>madam!</body>", "chat")
    assert shown(romeo) == [("", True)]
    assert shown(romeo, NURSE) == [("madam!", True)]
    (message,) = history(romeo.plugin(Messages), JULIET)
    assert message.state is MessageState.UNREAD


def test_a_flood_is_one_a_minute_and_its_texts_are_messages(romeo, attention):
    for _ in range(20):
        asks(romeo)
    asks(romeo, more="<body>now!</body>")
    assert shown(romeo) == [("", True), ("now!", False)]
    asks(romeo, NURSE)
    assert shown(romeo, NURSE) == [("", True)], "another contact has a minute of their own"
    romeo.clock.advance(EVERY)
    asks(romeo)
    assert shown(romeo)[-1] == ("", True)


def test_neither_strangers_nor_what_is_late_nor_rooms_ask(romeo, attention):
    asks(romeo, JID("tybalt@capulet.lit"), "<body>draw!</body>")
    assert shown(romeo, JID("tybalt@capulet.lit")) == [("draw!", False)]
    asks(romeo, more=DELAY)
    assert shown(romeo) == []
    asks(romeo, kind="groupchat")
    asks(romeo, kind="error")
    assert shown(romeo) == []


def test_nobody_in_a_room_asks(romeo, messages, host):
    romeo.plug(Attention)
    enter(host, "nurse")
    host.says(ASKS + "<body>madam!</body>", "nurse")
    host.says(ASKS, "nurse", kind="chat")
    assert [each.extra.attention for each in history(messages)] == [False]
    assert history(messages, ROOM.with_resource("nurse")) == []
    with pytest.raises(InvalidArgument):
        now(romeo.plugin(Attention).ask_attention(ROOM))


def test_where_it_is_switched_off_it_is_not_announced_and_nothing_asks(romeo, attention):
    assert NS in romeo.features
    now(romeo.settings.set_setting("attention.allow", "no"))
    assert NS not in romeo.features
    asks(romeo)
    assert shown(romeo) == []
    now(romeo.settings.set_setting("attention.allow", "yes"))
    assert NS in romeo.features


def test_we_ask_a_contact_once_a_minute_and_online_only(romeo, attention):
    romeo.sent()
    now(attention.ask_attention(JULIET))
    (xml,) = romeo.sent()
    assert ASKS in xml
    assert "type='headline'" in xml
    assert "<body" not in xml
    (message,) = history(romeo.plugin(Messages), JULIET)
    assert (message.kind, message.outgoing, message.extra.attention) == (MessageKind.HEADLINE, True, True)
    with pytest.raises(InvalidArgument):
        now(attention.ask_attention(JULIET))
    with pytest.raises(InvalidArgument):
        now(attention.ask_attention(JID("tybalt@capulet.lit")))
    romeo.goes_offline()
    romeo.clock.advance(EVERY)
    with pytest.raises(NotConnected):
        now(attention.ask_attention(JULIET))


def test_what_we_ask_on_another_device_is_seen_here(romeo, attention):
    romeo.hears(
        f"<message from='{OWN}' to='{FULL}'><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
        f"<message xmlns='jabber:client' from='{OWN}/phone' to='{JULIET}' type='chat'>{ASKS}</message>"
        "</forwarded></sent></message>"
    )
    romeo.turn()
    assert shown(romeo) == [("", True)]
