"""What is read on one device is read on the others (XEP-0490)."""

import pytest
from support.muc import ROOM, RoomHost, enter
from support.romeo import FULL, OWN, now

from sat.api import JID
from sat.api.errors import RequestTimeout
from sat.plugins.messages.plugin import Messages
from sat.plugins.read_state.plugin import MOST, NS, SOON, ReadState
from sat.plugins.rooms.plugin import Rooms
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.roster.plugin import Roster
from sat.xmpp.pubsub import PUBLISH_OPTIONS

PUBSUB = "http://jabber.org/protocol/pubsub"
INFO = "http://jabber.org/protocol/disco#info"
JULIET, PARIS = JID("juliet@capulet.lit"), JID("paris@verona.lit")
SID = "urn:xmpp:sid:0"
FETCH, PUBLISH = f"<items node='{NS}'", f"<publish node='{NS}'"


def item(id, peer=JULIET, by=OWN, inside=None):
    inside = f"<stanza-id xmlns='{SID}' by='{by}' id='{id}'/>" if inside is None else inside
    return f"<item id='{peer}'><displayed xmlns='{NS}'>{inside}</displayed></item>"


def listed(*items):
    return f"<pubsub xmlns='{PUBSUB}'><items node='{NS}'>{''.join(items)}</items></pubsub>"


@pytest.fixture
def state(romeo):
    romeo.plug(Rooms)
    state = romeo.plug(ReadState)
    romeo.plugin(Roster).contacts[JULIET] = Contact(JULIET, "", Subscription.BOTH, [])
    return state


@pytest.fixture
def unread(romeo, state):
    """How many messages of somebody are unread."""
    return lambda peer=JULIET: romeo.plugin(Messages).unread_of(peer)


def connects(romeo, *items, features=(PUBLISH_OPTIONS,)):
    romeo.goes_online()
    romeo.wire.answer(FETCH, listed(*items))
    knows(romeo, *features)


def knows(romeo, *features):
    said = "".join(f"<feature var='{each}'/>" for each in features)
    if any(f"to='{OWN}'" in each for each in romeo.wire.asked):
        romeo.wire.answer(f"to='{OWN}'", f"<query xmlns='{INFO}'>{said}</query>")


def says(romeo, id, peer=JULIET, by=OWN):
    romeo.hears(
        f"<message from='{peer}/x' to='{FULL}' type='chat' id='w{id}'><body>{id}</body>"
        f"<stanza-id xmlns='{SID}' by='{by}' id='{id}'/></message>"
    )
    romeo.turn()


def tells(romeo, inside, sender=OWN):
    event = f"<event xmlns='{PUBSUB}#event'><items node='{NS}'>{inside}</items></event>"
    romeo.hears(f"<message from='{sender}' to='{FULL}' type='headline'>{event}</message>")
    romeo.turn()


def reads(romeo, peer=JULIET, order=0):
    now(romeo.plugin(Messages).mark_read(peer, order))
    romeo.clock.advance(SOON)


def published(romeo):
    return [each for each in romeo.wire.asked if PUBLISH in each]


# -- elsewhere -------------------------------------------------------------------------------------------------------


def test_what_is_read_elsewhere_is_read_here(romeo, unread):
    connects(romeo)
    for id in ("a", "b", "c"):
        says(romeo, id)
    tells(romeo, item("b"))
    assert unread() == 1
    tells(romeo, item("a"))  # it only moves forward
    assert unread() == 1
    tells(romeo, item("c"))
    assert unread() == 0
    romeo.clock.advance(SOON)
    assert published(romeo) == [], "who has told it knows"


def test_what_was_read_while_we_were_away_is_known_at_the_beginning(romeo, unread):
    says(romeo, "a")
    says(romeo, "b")
    connects(romeo, item("a"), item("x", PARIS))
    assert unread() == 1


def test_what_the_archive_tells_later_is_read_then(romeo, unread):
    connects(romeo, item("b"))
    says(romeo, "a")
    assert unread() == 1
    says(romeo, "b")
    assert unread() == 0
    says(romeo, "c")
    assert unread() == 1


def test_in_a_room_the_rooms_archive_counts(romeo, unread):
    connects(romeo)
    host = RoomHost(romeo)
    enter(host, info=f"<feature var='{SID}'/>")
    for id in ("a", "b"):
        host.says(f"<body>{id}</body><stanza-id xmlns='{SID}' by='{ROOM}' id='{id}'/>", "nurse")
    tells(romeo, item("b", ROOM, OWN))
    assert unread(ROOM) == 2, "our own archive does not keep rooms"
    tells(romeo, item("a", ROOM, ROOM))
    assert unread(ROOM) == 1
    romeo.sent()
    reads(romeo, ROOM)
    (asked,) = published(romeo)
    assert f"<item id='{ROOM}'>" in asked
    assert f"by='{ROOM}'" in asked


@pytest.mark.parametrize("forger", [JULIET, PARIS, "montague.lit", f"{OWN}/evil", f"{OWN}.evil.lit"])
def test_nobody_else_has_read_for_us(romeo, unread, forger):
    connects(romeo)
    says(romeo, "a")
    tells(romeo, item("a"), sender=forger)
    assert unread() == 1


@pytest.mark.parametrize(
    "hostile",
    [
        item("nowhere"),
        item("a", by=JULIET),
        item("a", by="@@"),
        item("a", f"{JULIET}/x"),
        item("a", "@@"),
        item("a", PARIS),
        item(""),
        item("a" * 5000),
        item("", inside=""),
        item("", inside=f"<stanza-id xmlns='urn:x' by='{OWN}' id='a'/>"),
        item("", inside=f"<stanza-id xmlns='{SID}' id='a'/>"),
        item("a").replace("displayed", "other"),
        f"<item id='{JULIET}'/>",
        f"<retract id='{JULIET}'/>",
    ],
)
def test_what_marks_no_message_of_the_conversation_marks_nothing(romeo, unread, hostile):
    connects(romeo)
    says(romeo, "a")
    tells(romeo, hostile)
    assert unread() == 1
    tells(romeo, item("a"))
    assert unread() == 0


def test_an_id_that_the_sender_has_made_up_marks_nothing(romeo, unread):
    """Only our own server's are kept, so nobody can have a later message marked by giving it the id of another."""
    connects(romeo)
    says(romeo, "b")
    says(romeo, "a", by=JULIET)
    tells(romeo, item("a"))
    assert unread() == 2


def test_a_flood_is_bounded(romeo, state):
    connects(romeo)
    for start in range(0, MOST + 500, 500):
        tells(romeo, "".join(item("a", f"p{number}@y.lit") for number in range(start, start + 500)))
    assert len(state._told) == len(state._waiting) == MOST


def test_what_was_marked_as_unread_stays_so(romeo, unread):
    connects(romeo)
    says(romeo, "a")
    tells(romeo, item("a"))
    now(romeo.plugin(Messages).mark_unread(JULIET))
    assert unread() == 1
    romeo.clock.advance(SOON)
    romeo._plugins.pop(ReadState).stop()
    romeo.plug(ReadState)
    romeo.goes_offline()
    connects(romeo, item("a"))
    assert unread() == 1, "nothing is new there"
    tells(romeo, item("nowhere"))
    assert unread() == 1
    says(romeo, "b")
    tells(romeo, item("b"))
    assert unread() == 0


# -- here ------------------------------------------------------------------------------------------------------------


def test_what_is_read_here_is_told_once_for_all_messages(romeo, unread):
    connects(romeo)
    for id in ("a", "b"):
        says(romeo, id)
        now(romeo.plugin(Messages).mark_read(JULIET))
    assert published(romeo) == []
    romeo.clock.advance(SOON)
    (asked,) = published(romeo)
    displayed = f"<displayed xmlns='{NS}'><stanza-id xmlns='{SID}' by='{OWN}' id='b'/></displayed>"
    assert f"<item id='{JULIET}'>{displayed}</item>" in asked
    assert "<field var='pubsub#access_model'><value>whitelist</value></field>" in asked
    assert "<field var='pubsub#max_items'><value>max</value></field>" in asked
    romeo.wire.answer(PUBLISH)
    tells(romeo, item("b"))
    romeo.clock.advance(SOON)
    assert published(romeo) == []


def test_what_is_marked_as_unread_before_our_own_word_comes_back_stays_so(romeo, unread):
    connects(romeo)
    says(romeo, "a")
    reads(romeo)
    assert len(published(romeo)) == 1
    now(romeo.plugin(Messages).mark_unread(JULIET))
    tells(romeo, item("a"))  # servers tell it before they answer
    romeo.wire.answer(PUBLISH)
    tells(romeo, item("a"))
    assert unread() == 1


def test_what_could_not_be_told_is_heard_of_others(romeo, unread):
    connects(romeo)
    says(romeo, "a")
    reads(romeo)
    romeo.wire.refuse(PUBLISH, "internal-server-error")
    romeo.turn()
    now(romeo.plugin(Messages).mark_unread(JULIET))
    tells(romeo, item("a"))
    assert unread() == 0


def test_a_server_that_would_let_contacts_read_it_is_not_told(romeo, state):
    connects(romeo, features=())
    says(romeo, "a")
    reads(romeo)
    assert published(romeo) == []


@pytest.mark.parametrize("condition", ["service-unavailable", "feature-not-implemented", "internal-server-error"])
def test_a_server_that_keeps_nothing_is_not_told(romeo, state, condition):
    romeo.goes_online()
    romeo.wire.refuse(FETCH, condition)
    knows(romeo, PUBLISH_OPTIONS)
    says(romeo, "a")
    reads(romeo)
    assert published(romeo) == []


def test_the_first_one_makes_the_list(romeo, state):
    romeo.goes_online()
    romeo.wire.refuse(FETCH, "item-not-found")
    knows(romeo, PUBLISH_OPTIONS)
    says(romeo, "a")
    reads(romeo)
    assert len(published(romeo)) == 1


def test_what_is_read_while_offline_is_told_at_the_next_connection(romeo, state):
    connects(romeo)
    says(romeo, "a")
    says(romeo, "b", PARIS)
    romeo.goes_offline()
    reads(romeo)
    reads(romeo, PARIS)
    assert published(romeo) == []
    connects(romeo)
    romeo.clock.advance(SOON)
    assert str(JULIET) in published(romeo)[0]
    romeo.wire.answer(PUBLISH)
    assert str(PARIS) in published(romeo)[0]


def test_what_was_read_further_elsewhere_is_not_told(romeo, state):
    connects(romeo)
    for id in ("a", "b"):
        says(romeo, id)
    romeo.goes_offline()
    first = now(romeo.plugin(Messages).get_history(JULIET))[0]
    reads(romeo, order=first.order)
    connects(romeo, item("b"))
    romeo.clock.advance(SOON)
    assert published(romeo) == []


@pytest.mark.parametrize("way", ["refused", "no answer", "no longer"])
def test_a_publication_that_fails_keeps_none_of_the_others(romeo, state, caplog, way):
    connects(romeo)
    says(romeo, "a")
    says(romeo, "b", PARIS)
    now(romeo.plugin(Messages).mark_read(JULIET))
    reads(romeo, PARIS)
    assert str(JULIET) in published(romeo)[0]
    if way == "refused":
        romeo.wire.refuse(PUBLISH, "not-acceptable")
        assert "could not be told" in caplog.text
        assert str(PARIS) in published(romeo)[0]
        return
    if way == "no longer":
        romeo.wire.refuse(PUBLISH, "feature-not-implemented")
    else:
        _, answer = romeo.wire._asked.pop()
        answer.errback(RequestTimeout(peer="montague.lit", seconds="30"))
    assert published(romeo) == []
    romeo.goes_offline()
    connects(romeo)
    romeo.clock.advance(SOON)
    assert str(JULIET) in published(romeo)[0]


def test_an_address_too_long_for_an_item_is_in_nobodys_way(romeo, state):
    connects(romeo)
    long = JID(f"{'x' * 1000}@{'y' * 63}.lit")
    says(romeo, "a", long)
    says(romeo, "b")
    reads(romeo, long)
    reads(romeo)
    assert str(JULIET) in published(romeo)[0]


def test_a_resumed_session_goes_on(romeo, state):
    connects(romeo)
    says(romeo, "a")
    now(romeo.plugin(Messages).mark_read(JULIET))
    romeo.goes_offline(resumable=True)
    romeo.clock.advance(SOON)
    romeo.wire.sent.clear()
    romeo.goes_online(resumed=True)
    romeo.clock.advance(SOON)
    assert len(published(romeo)) == 1


def test_what_is_private_in_a_room_has_no_item(romeo, state):
    connects(romeo)
    host = RoomHost(romeo)
    enter(host, "nurse")
    host.says(f"<body>psst</body><stanza-id xmlns='{SID}' by='{OWN}' id='a'/>", "nurse", kind="chat")
    reads(romeo, ROOM.with_resource("nurse"))
    assert published(romeo) == []
