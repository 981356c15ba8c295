"""Words and filters as a person types them."""

from datetime import datetime, timedelta

import pytest
from support.muc import ROOM, RoomHost
from support.romeo import now

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.api.values import ANYBODY
from sat.plugins.messages.plugin import Messages
from sat.plugins.messages.query import Query, addresses, read_query
from sat.plugins.rooms.plugin import Rooms
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.roster.plugin import Roster

NOW = datetime(2026, 11, 26, 15, 30).timestamp()
BOB, ROBERT = JID("bob@example.org"), JID("robert@example.org")
CONTACTS = [Contact(BOB, "Bob", Subscription.BOTH, []), Contact(ROBERT, "Bob Dole", Subscription.BOTH, [])]


def day(*date):
    return datetime(*date).timestamp()


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("blue bicycle", Query("blue bicycle")),
        ("from:bob bicycle", Query(" bicycle", senders=("bob",))),
        ('FROM:"Bob Dole" x', Query(" x", senders=("Bob Dole",))),
        ("in:carol@example.org", Query("", places=("carol@example.org",))),
        ("after:2026-01-31", Query("", since=day(2026, 1, 31))),
        ("before:2026-02 after:2025", Query(" ", since=day(2025, 1, 1), until=day(2026, 2, 1))),
        ("after:yesterday", Query("", since=day(2026, 11, 25))),
        ("after:7d", Query("", since=day(2026, 11, 19))),
        ("has:link has:Reply", Query(" ", has=frozenset({"link", "reply"}))),
        ("https://example.org from: me", Query("https://example.org from: me")),
        ("author:bob", Query("author:bob")),
    ],
)
def test_is_read(text, query):
    assert read_query(text, NOW) == query


@pytest.mark.parametrize("text", ["after:soon", "before:2026-13", "after:2026-02-30", "has:money", "after:0000"])
def test_what_means_nothing_is_said(text):
    with pytest.raises(InvalidArgument):
        read_query(text, NOW)


def test_days_ago_are_bounded():
    assert read_query("after:9999d", NOW).since == (datetime(2026, 11, 26) - timedelta(days=9999)).timestamp()


def test_people_by_name_part_or_address():
    assert addresses("bob", CONTACTS) == [BOB]
    assert addresses("dole", CONTACTS) == [ROBERT]
    assert addresses("bo", CONTACTS) == [BOB, ROBERT]
    assert addresses("carol@example.org/phone", CONTACTS) == [JID("carol@example.org")]
    with pytest.raises(InvalidArgument, match="No contact and no room"):
        addresses("carol", CONTACTS)


def test_a_search_with_filters(romeo):
    messages = romeo.plug(Messages)
    romeo.plug(Roster)
    romeo.goes_online()
    romeo.plugin(Roster).contacts.update({each.jid: each for each in CONTACTS})
    romeo.hears(f"<message from='{BOB}/x' type='chat' id='1'><body>a blue bicycle</body></message>")
    romeo.hears(f"<message from='{ROBERT}/x' type='chat' id='2'><body>a red bicycle</body></message>")
    romeo.turn()
    now(messages.send(ROBERT, "my bicycle"))

    def found(text, peer=ANYBODY):
        return [each.body for each in now(messages.search(text, peer))]

    assert found("bicycle from:bob") == ["a blue bicycle"]
    assert found("from:me") == ["my bicycle"]
    assert found("bicycle in:dole from:dole") == ["a red bicycle"]
    assert found("bicycle in:dole", ROBERT) == ["my bicycle", "a red bicycle"]
    assert found("bicycle in:bob", ROBERT) == []
    assert found("bicycle after:today from:bob") == ["a blue bicycle"]
    with pytest.raises(InvalidArgument):
        found("from:nobody")


def test_a_search_in_rooms(romeo):
    messages, rooms = romeo.plug(Messages, Rooms) and romeo.plugin(Messages), romeo.plugin(Rooms)
    romeo.goes_online()
    host = RoomHost(romeo)
    host.enter("romeo", "nurse")
    for nick, text in (("nurse", "a blue rose"), ("romeo", "what rose"), ("Bob", "the last rose")):
        romeo.hears(f"<message from='{ROOM}/{nick}' type='groupchat' id='{nick}'><body>{text}</body></message>")
    romeo.hears(f"<message from='{BOB}/x' type='chat' id='1'><body>a rose of mine</body></message>")
    romeo.turn()
    assert rooms.stays[ROOM].value.name == "The balcony"

    def found(text):
        return [each.body for each in now(messages.search(text))]

    assert found("in:balcony") == found('in:"the balcony"') == ["the last rose", "what rose", "a blue rose"]
    assert found("from:Nurse rose") == ["a blue rose"]
    assert sorted(found("from:bob")) == ["a rose of mine", "the last rose"]
    assert found("from:bob in:balcony") == ["the last rose"]
    assert found("in:bob") == ["a rose of mine"]  # no contact, but somebody who wrote
    assert found("from:nobody") == []
