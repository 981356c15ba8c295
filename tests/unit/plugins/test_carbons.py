import pytest
from support.romeo import FULL, OWN

from sat.api import JID
from sat.api.messages import MessageState
from sat.plugins.carbons.plugin import NS, Carbons
from sat.plugins.messages.plugin import Messages
from sat.xmpp.inline import Told

JULIET = JID("juliet@capulet.lit")


def copy(sender, way, inner):
    forwarded = f"<forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded>"
    return f"<message from='{sender}' to='{FULL}' type='chat'><{way} xmlns='{NS}'>{forwarded}</{way}></message>"


def inner(sender, to, kind="chat"):
    return f"<message xmlns='jabber:client' from='{sender}' to='{to}' type='{kind}' id='c'><body>hi</body></message>"


@pytest.fixture
def added(romeo, record):
    romeo.plug(Carbons)
    return record(romeo.plug(Messages).added)


def test_they_are_asked_for(romeo, added):
    romeo.goes_online()
    assert f"<enable xmlns='{NS}'/>" in romeo.wire.asked[0]


def test_they_are_not_asked_for_where_they_are_on_already(romeo, added):
    romeo.goes_online(told=Told(frozenset({NS}), frozenset({NS})))
    assert not any(NS in each for each in romeo.wire.asked)


def test_what_another_device_received_and_sent_appears(romeo, added):
    romeo.hears(copy(OWN, "received", inner(f"{JULIET}/b", f"{OWN}/phone")))
    romeo.hears(copy(OWN, "sent", inner(f"{OWN}/phone", f"{JULIET}/b").replace("'c'", "'d'")))
    romeo.turn()
    (heard, written) = added[0]
    assert (heard.peer, heard.outgoing, heard.state) == (JULIET, False, MessageState.UNREAD)
    assert (written.peer, written.outgoing, written.state) == (JULIET, True, MessageState.SENT)


@pytest.mark.parametrize(
    "forger", ["paris@verona.lit", "montague.lit", "romeo@montague.lit.evil.lit", f"{OWN}/evil", f"{JULIET}/b"]
)
@pytest.mark.parametrize("way", ["sent", "received"])
def test_a_copy_from_anybody_else_is_ignored(romeo, added, forger, way):
    ends = (f"{JULIET}/b", FULL) if way == "received" else (FULL, JULIET)
    romeo.hears(copy(forger, way, inner(*ends)))
    romeo.turn()
    assert added == []


@pytest.mark.parametrize(
    "forged",
    [
        inner("paris@verona.lit", JULIET),  # neither from nor to us
        inner(f"{JULIET}/b", f"{OWN}/phone", "groupchat"),
        "<message xmlns='urn:evil' from='juliet@capulet.lit'><body>hi</body></message>",
        "",
    ],
)
def test_a_copy_of_something_that_is_not_ours_is_ignored(romeo, added, forged):
    romeo.hears(copy(OWN, "received", forged))
    romeo.turn()
    assert added == []
