"""Visitors who ask to write (XEP-0045 §7.13, §8.6)."""

import re

import pytest
from support.muc import ROOM, enter
from support.romeo import now
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import InvalidArgument, NotFound, NotInRoom, PeerError
from sat.plugins.rooms.answers import REFUSES
from sat.plugins.rooms.telling import TOGETHER
from sat.plugins.rooms.voice import NS, OPEN


def field(name, value):
    return f"<field var='{name}'><value>{value}</value></field>"


def asks(host, nick="nurse", sender="", extra="", kind=NS):
    said = [field("FORM_TYPE", kind), field("muc#roomnick", nick), field("muc#jid", "nurse@capulet.lit/x")]
    host.says(f"{extra}<x xmlns='jabber:x:data' type='form'>{''.join(said)}</x>", sender, kind="normal")


@pytest.fixture
def moderated(romeo, rooms, host):
    """romeo moderates, the nurse only reads."""
    enter(host)
    host.there("r", "owner", "moderator", codes=(110,))
    host.there("nurse", role="visitor")
    romeo.clock.advance(TOGETHER)
    romeo.sent()
    return rooms


@pytest.mark.parametrize("allow", [True, False])
def test_a_visitor_asks_and_is_answered(romeo, moderated, host, record, messages, allow):
    asked, settled = record(moderated.voice_asked), record(moderated.voice_settled)
    asks(host)
    asks(host)  # once more is nothing new
    ((request,),) = asked
    assert request[1:] == (ROOM, "nurse", "nurse@capulet.lit/x")
    assert now(moderated.get_voice_requests()) == [request]
    assert now(messages.get_history(ROOM)) == [], "it is no message"
    now(moderated.answer_voice(request.number, allow))
    (xml,) = romeo.sent()
    assert f"to='{ROOM}'" in xml
    told = {"FORM_TYPE": NS, "muc#role": "participant", "muc#jid": request.jid, "muc#roomnick": "nurse"}
    for name, value in (told | {"muc#request_allow": str(allow).lower()}).items():
        assert field(name, value) in xml
    assert settled == [[request.number]]
    with pytest.raises(NotFound):
        now(moderated.answer_voice(request.number, allow))


def test_only_the_room_asks_about_visitors_who_are_there(romeo, moderated, host, record):
    asked = record(moderated.voice_asked)
    asks(host, sender="nurse")
    asks(host, nick="nobody")
    asks(host, nick="r")
    asks(host, kind="urn:other")
    other = f"<x xmlns='jabber:x:data' type='form'>{field('FORM_TYPE', NS)}{field('muc#roomnick', 'nurse')}</x>"
    romeo.hears(f"<message from='paris@verona.lit'>{other}</message>")
    assert asked == []


def test_requests_are_bounded(romeo, moderated, host):
    for number in range(OPEN + 10):
        host.there(f"v{number}", role="visitor")
        asks(host, f"v{number}")
    assert len(now(moderated.get_voice_requests())) == OPEN


@pytest.mark.parametrize("how", ["goes", "may write", "no longer ours to say", "we go"])
def test_what_needs_no_answer_any_more_is_over(romeo, moderated, host, record, how):
    settled = record(moderated.voice_settled)
    asks(host)
    (request,) = now(moderated.get_voice_requests())
    if how == "goes":
        host.gone("nurse")
    elif how == "may write":
        host.there("nurse")
    elif how == "we go":
        now(moderated.leave(ROOM))
    else:
        host.there("r", role="participant", codes=(110,))
    romeo.clock.advance(TOGETHER)
    assert (settled, now(moderated.get_voice_requests())) == ([[request.number]], [])


def test_a_visitor_asks_for_voice(romeo, rooms, host):
    enter(host, "nurse")
    with pytest.raises(InvalidArgument, match="already"):
        now(rooms.ask_voice(ROOM))
    host.there("r", role="visitor", codes=(110,))
    romeo.sent()
    asking = Deferred.fromCoroutine(rooms.ask_voice(ROOM))
    (xml,) = romeo.sent()
    romeo.clock.advance(REFUSES)
    now(asking)
    assert field("FORM_TYPE", NS) + field("muc#role", "participant") in xml
    assert f"to='{ROOM}'" in xml
    with pytest.raises(NotInRoom):
        now(rooms.ask_voice(JID("x@y")))


def test_a_room_that_lets_nobody_ask_says_so(romeo, rooms, host):
    enter(host, "nurse")
    host.there("r", role="visitor", codes=(110,))
    romeo.sent()
    asking = Deferred.fromCoroutine(rooms.ask_voice(ROOM))
    id = re.search(" id='([^']+)'", romeo.sent()[0])[1]
    error = "<error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
    romeo.hears(f"<message type='error' from='x@y' id='{id}'>{error}</message>")  # nobody else can
    romeo.hears(f"<message type='error' from='{ROOM}' id='{id}'>{error}</message>")
    with pytest.raises(PeerError) as raised:
        now(asking)
    assert raised.value.details["condition"] == "forbidden"
