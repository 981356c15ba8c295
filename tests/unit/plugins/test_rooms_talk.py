"""What is written in rooms: ours and others', live and before, private, and what is forged."""

import re

import pytest
from support.muc import ARCHIVE, OCCUPANTS, ROOM, USER, RoomHost
from support.romeo import FULL, OWN, now, parse
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import FeatureMissing, NotInRoom
from sat.api.messages import MessageKind, MessageState
from sat.core.session import Acknowledged
from sat.plugins.archive.plugin import Archive
from sat.plugins.carbons.plugin import Carbons
from sat.plugins.chat_states.plugin import ChatStates
from sat.plugins.correction.plugin import Correction
from sat.plugins.messages.outbox import DOUBT
from sat.plugins.messages.plugin import Messages
from sat.plugins.reactions.plugin import Reactions
from sat.plugins.receipts.plugin import Receipts
from sat.plugins.retraction.plugin import Retraction
from sat.plugins.rooms.api import Invitation, RoomEventKind
from sat.plugins.rooms.invitations import MOST
from sat.plugins.rooms.plugin import Rooms
from sat.plugins.rooms.telling import TOGETHER

NURSE = ROOM.with_resource("nurse")
MAM = "urn:xmpp:mam:2"
SID = f"<stanza-id xmlns='urn:xmpp:sid:0' by='{ROOM}' id='{{}}'/>"
DELAY = "<delay xmlns='urn:xmpp:delay' from='{}' stamp='2025-06-01T10:00:00Z'/>"
ID = "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='{}'/>"


@pytest.fixture
def rooms(romeo):
    for kind in (Carbons, Correction, Retraction, Reactions, Receipts, ChatStates):
        romeo.plug(kind)
    rooms = romeo.plug(Rooms)
    goes_online(romeo)
    return rooms


@pytest.fixture
def messages(romeo, rooms):
    return romeo.plugin(Messages)


@pytest.fixture
def host(romeo, rooms):
    return RoomHost(romeo)


def goes_online(romeo):
    romeo.goes_online()
    for question in ("jabber:iq:roster", "urn:xmpp:carbons:2", "disco#info"):
        romeo.wire.answer(question)


def history(messages, peer=ROOM):
    return now(messages.get_history(peer))


def bodies(messages, peer=ROOM):
    return [each.body for each in history(messages, peer)]


def enter(host, *others, info=""):
    """We are in, and what was said before has come."""
    host.enter("r", *others, info=info)
    host.says("<subject/>")


# -- ours ------------------------------------------------------------------------------------------------------------


def test_ours_is_sent_comes_back_and_is_shown_once(romeo, messages, host, record):
    enter(host, "nurse")
    romeo.sent()
    added = record(messages.added)
    id = now(messages.send(ROOM, "good night"))
    (xml,) = romeo.sent()
    assert "type='groupchat'" in xml
    assert "urn:xmpp:receipts" not in xml
    (message,) = history(messages)
    assert (message.kind, message.sender, message.state) == (
        MessageKind.GROUPCHAT,
        ROOM.with_resource("r"),
        MessageState.PENDING,
    )
    romeo.emit(Acknowledged([id]))
    assert history(messages)[0].state is MessageState.SENT
    host.says("<body>good night</body>" + SID.format("1"), "r", id=parse(xml).attributes["id"])
    (message,) = history(messages)
    assert (message.id, message.state) == (id, MessageState.DELIVERED)
    assert len(added) == 1


def test_a_reflection_is_known_by_its_origin_id_where_the_room_gives_another_id(romeo, messages, host):
    enter(host)
    id = now(messages.send(ROOM, "x"))
    host.says(f"<body>x</body><origin-id xmlns='urn:xmpp:sid:0' id='{id}'/>", "r", id="rooms-own")
    assert [(each.id, each.state) for each in history(messages)] == [(id, MessageState.DELIVERED)]


def test_another_device_of_ours_under_the_same_nick(messages, host):
    enter(host)
    host.says("<body>from my phone</body>", "r")
    assert [(each.outgoing, each.state) for each in history(messages)] == [(True, MessageState.DELIVERED)]


def test_nothing_is_written_where_we_are_not(romeo, rooms, messages, host):
    for peer in (ROOM, JID("other@rooms.capulet.lit")):
        with pytest.raises(NotInRoom):
            now(messages.send(peer, "x", MessageKind.GROUPCHAT))
    enter(host)
    now(rooms.leave(ROOM))
    for peer in (ROOM, NURSE):
        with pytest.raises(NotInRoom):
            now(messages.send(peer, "x"))


def test_a_refusal_of_the_room_marks_ours_and_one_of_an_occupant_does_not(romeo, messages, host):
    enter(host, "tybalt")
    id = now(messages.send(ROOM, "x"))
    error = "<error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
    for forged in ("error", "chat"):
        host.says(f"{error}<received xmlns='urn:xmpp:receipts' id='{id}'/>", "tybalt", id=id, kind=forged)
    assert history(messages)[0].state is MessageState.PENDING
    host.says(error, id=id, kind="error")
    (message,) = history(messages)
    assert message.state is MessageState.FAILED
    assert "not allowed" in message.error


def test_what_waits_leaves_when_the_room_has_told_what_it_has(romeo, rooms, messages, host):
    enter(host)
    romeo.sent()
    romeo.goes_offline()
    first = now(messages.send(ROOM, "arrived"))
    second = now(messages.send(ROOM, "lost"))
    goes_online(romeo)
    host.tells_info()
    assert not any("<body" in xml for xml in romeo.sent())
    host.there("r", codes=(110,))
    assert not any("<body" in xml for xml in romeo.sent())
    host.says("<body>arrived</body>" + DELAY.format(ROOM), "r", id=first)
    host.says("<subject>balconies</subject>")
    assert [second in xml for xml in romeo.sent()] == [True]
    assert [each.state for each in history(messages)] == [MessageState.DELIVERED, MessageState.PENDING]


@pytest.mark.parametrize("info", ["", ARCHIVE])
def test_without_an_answer_it_leaves_a_little_later(romeo, messages, host, info):
    host.enter("r", info=info)
    now(messages.send(ROOM, "x"))
    romeo.sent()
    romeo.clock.advance(DOUBT)
    assert len(romeo.sent()) == 1


def test_what_waits_for_a_room_that_does_not_let_us_in_has_failed(romeo, messages, host):
    enter(host)
    romeo.goes_offline()
    now(messages.send(ROOM, "x"))
    goes_online(romeo)
    host.tells_info()
    host.refuses("forbidden")
    (message,) = history(messages)
    assert message.state is MessageState.FAILED
    assert "banned" in message.error


# -- others' ---------------------------------------------------------------------------------------------------------


def test_others_are_heard_are_unread_and_mention_us(romeo, messages, host):
    enter(host, "nurse")
    for body in ("hello", "hello R!", "river", "r"):
        host.says(f"<body>{body}</body>", "nurse")
    found = history(messages)
    assert [each.mention for each in found] == [False, True, False, True]
    assert {(each.sender, each.peer, each.outgoing, each.state) for each in found} == {
        (NURSE, ROOM, False, MessageState.UNREAD)
    }
    assert messages.unread.value == 4
    now(messages.mark_read(ROOM))
    romeo.turn()
    assert messages.unread.value == 0


def test_rooms_that_we_are_not_in_are_not_heard(romeo, messages, host):
    host.says("<body>never joined</body>", "boss")
    work = host.asked_in("r")
    host.says("<body>too early</body>", "boss")
    host.there("r", codes=(110,))
    now(work)
    romeo.hears(
        "<message from='fake@rooms.capulet.lit/boss' type='groupchat' id='1'><body>another room</body></message>"
    )
    romeo.hears("<message from='juliet@capulet.lit' type='groupchat' id='1'><body>no room</body></message>")
    assert now(messages.get_conversations()) == []


def test_a_copy_of_what_is_written_in_a_room_is_nothing(romeo, messages, host):
    enter(host)
    inner = f"<message xmlns='jabber:client' from='{NURSE}' to='{FULL}' type='groupchat'><body>forged</body></message>"
    copy = f"<received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded></received>"
    romeo.hears(f"<message from='{OWN}'>{copy}</message>")
    assert bodies(messages) == []


def test_a_stamp_is_believed_from_the_room_only(romeo, messages, host):
    enter(host, "nurse")
    host.says("<body>liar</body>" + DELAY.format("montague.lit"), "nurse")
    host.says("<body>liar</body>" + DELAY.format(NURSE), "nurse")
    assert {each.time for each in history(messages)} == {romeo.now()}


def test_ids_are_believed_only_of_a_room_that_says_it_gives_them(messages, host):
    enter(host, "nurse")
    host.says("<body>one</body>" + SID.format("7"), "nurse")
    host.says("<body>two</body>" + SID.format("7"), "nurse")
    assert bodies(messages) == ["one", "two"]


def test_an_id_of_the_room_makes_it_one_message(messages, host):
    enter(host, "nurse", info=ARCHIVE)
    host.says("<body>one</body>" + SID.format("7"), "nurse", id="a")
    host.says("<body>one</body>" + SID.format("7"), "nurse", id="b")
    assert bodies(messages) == ["one"]


def test_the_subject_is_no_message(romeo, rooms, messages, host, record):
    changed = record(rooms.changed)
    enter(host, "nurse")
    host.says("<subject>vials</subject>", "nurse")
    romeo.clock.advance(TOGETHER)
    assert changed[-1][0].subject == "vials"
    host.says("<subject>vials</subject><body>a message with a subject</body>", "nurse")
    assert bodies(messages) == ["a message with a subject"]


def test_setting_the_subject(romeo, rooms, host):
    enter(host)
    romeo.sent()
    now(rooms.set_subject(ROOM, "potions"))
    (xml,) = romeo.sent()
    assert "type='groupchat'" in xml
    assert "<subject>potions</subject>" in xml
    assert "<body" not in xml


# -- what was written before -----------------------------------------------------------------------------------------


def test_what_was_said_before_we_came_is_read_and_stands_at_its_time(romeo, messages, host):
    host.asked_in("r")
    assert "<history maxstanzas=" in romeo.sent()[-1]
    host.there("r", codes=(110,))
    host.says("<body>long ago</body>" + DELAY.format(ROOM), "nurse", id="h1")
    host.says("<subject/>")
    (message,) = history(messages)
    assert (message.state, message.delayed) == (MessageState.READ, True)


def test_without_an_archive_what_was_missed_is_told_since_the_last_message(romeo, messages, host):
    enter(host, "nurse")
    host.says("<body>heard</body>", "nurse", id="1")
    romeo.goes_offline()
    romeo.sent()
    goes_online(romeo)
    host.tells_info()
    assert "<history since='2025-06-15T15:06:40" in romeo.sent()[-1]
    host.there("r", codes=(110,))
    host.says("<body>heard</body>" + DELAY.format(ROOM), "nurse", id="1")
    host.says(f"<body>missed</body><delay xmlns='urn:xmpp:delay' from='{ROOM}' stamp='2025-06-15T15:06:41Z'/>", "nurse")
    found = history(messages)
    assert [(each.body, each.state) for each in found] == [
        ("heard", MessageState.UNREAD),
        ("missed", MessageState.UNREAD),
    ]


def test_somebody_who_had_our_nick_before_is_not_us(messages, host):
    host.enter("r")
    host.says("<body>before</body>" + DELAY.format(ROOM), "r", id="h1")
    assert [each.outgoing for each in history(messages)] == [False]


def test_with_ids_of_occupants_we_are_known_under_every_nick(romeo, messages, host):
    host.asked_in("r", info=OCCUPANTS)
    host.there("r", codes=(110,), more=ID.format("me"))
    host.says("<body>mine</body>" + DELAY.format(ROOM) + ID.format("me"), "romeo", id="h1")
    host.says("<body>not mine</body>" + DELAY.format(ROOM) + ID.format("them"), "r", id="h2")
    assert [each.outgoing for each in history(messages)] == [True, False]


def query_of(host):
    asked = host.asked(MAM)
    return re.search("queryid='([^']+)'", asked)[1], asked


def tells(romeo, query, id, body, nick="nurse", sender=ROOM, who=None, kind="groupchat", more=""):
    inner = (
        f"<message xmlns='jabber:client' from='{who or ROOM.with_resource(nick)}' type='{kind}' id='w{id}'>"
        f"<body>{body}</body>{more}</message>"
    )
    stamp = f"<delay xmlns='urn:xmpp:delay' stamp='2025-06-01T10:00:{int(id):02}Z'/>"
    forward = f"<forwarded xmlns='urn:xmpp:forward:0'>{stamp}{inner}</forwarded>"
    romeo.hears(
        f"<message from='{sender}'><result xmlns='{MAM}' queryid='{query}' id='{id}'>{forward}</result></message>"
    )
    romeo.turn()


def ends(romeo, host, last, complete="true"):
    rsm = f"<set xmlns='http://jabber.org/protocol/rsm'><first>x</first><last>{last}</last></set>" if last else ""
    romeo.wire.answer(host.asked(MAM), f"<fin xmlns='{MAM}' complete='{complete}'>{rsm}</fin>")


def test_an_archive_is_read_instead_of_the_history_first_as_known_then_from_our_place(romeo, messages, host):
    host.asked_in("r", info=ARCHIVE)
    assert "<history maxstanzas='0'/>" in romeo.sent()[-1]
    host.there("r", codes=(110,))
    query, asked = query_of(host)
    assert "<before/>" in asked
    tells(romeo, query, 1, "old")
    ends(romeo, host, "1")
    host.says("<body>live</body>" + SID.format("2"), "nurse", id="w2")
    romeo.clock.advance(10)  # our place is stored
    assert [(each.body, each.state) for each in history(messages)] == [
        ("old", MessageState.READ),
        ("live", MessageState.UNREAD),
    ]
    romeo.goes_offline()
    goes_online(romeo)
    host.tells_info(ARCHIVE)
    host.there("r", codes=(110,))
    host.says("<body>live again</body>" + SID.format("5"), "nurse", id="w5")
    query, asked = query_of(host)
    assert "<after>2</after>" in asked
    tells(romeo, query, 3, "missed 1")
    ends(romeo, host, "3", complete="false")
    query, asked = query_of(host)
    assert "<after>3</after>" in asked
    tells(romeo, query, 4, "missed 2")
    tells(romeo, query, 5, "live again")
    ends(romeo, host, "5")
    assert bodies(messages) == ["old", "live", "missed 1", "missed 2", "live again"]
    assert history(messages)[2].state is MessageState.UNREAD


def test_a_gap_stays_known_until_it_is_filled(romeo, rooms, messages, host):
    """The connection breaks in the middle of a catch-up, behind a live message."""
    host.asked_in("r", info=ARCHIVE)
    host.there("r", codes=(110,))
    query, _ = query_of(host)
    tells(romeo, query, 1, "old")
    ends(romeo, host, "1")
    romeo.goes_offline()
    goes_online(romeo)
    host.tells_info(ARCHIVE)
    host.there("r", codes=(110,))
    host.says("<body>live</body>" + SID.format("9"), "nurse", id="w9")
    romeo.wire.refuse(host.asked(MAM), "internal-server-error")
    romeo.clock.advance(10)
    romeo.goes_offline()
    goes_online(romeo)
    host.tells_info(ARCHIVE)
    host.there("r", codes=(110,))
    assert "<after>1</after>" in query_of(host)[1]


def test_an_archive_of_a_room_tells_only_what_was_asked_and_written_there(romeo, messages, host):
    host.asked_in("r", info=ARCHIVE)
    host.there("r", codes=(110,))
    query, _ = query_of(host)
    tells(romeo, query, 1, "from another", sender="evil@rooms.capulet.lit")
    tells(romeo, query, 2, "from an occupant", sender=NURSE)
    tells(romeo, query, 3, "in another room", who="other@rooms.capulet.lit/x")
    tells(romeo, query, 4, "from a contact", who="juliet@capulet.lit/x", kind="chat")
    tells(romeo, query, 5, "chat", kind="chat")
    tells(romeo, "nobody asked", 6, "unasked")
    tells(romeo, query, 7, "true")
    ends(romeo, host, "7")
    assert [each.last.body for each in now(messages.get_conversations())] == ["true"]


def test_looking_further_back(romeo, messages, host):
    host.asked_in("r", info=ARCHIVE)
    host.there("r", codes=(110,))
    query, _ = query_of(host)
    tells(romeo, query, 20, "newer")
    ends(romeo, host, "20", complete="false")
    work = Deferred.fromCoroutine(romeo.plugin(Archive).fetch_older(ROOM))
    query, asked = query_of(host)
    assert "<before>20</before>" in asked
    tells(romeo, query, 10, "older")
    ends(romeo, host, "10")
    assert now(work) == 1
    assert bodies(messages) == ["older", "newer"]


def test_a_room_without_an_archive_cannot_be_looked_back_in(romeo, host):
    enter(host)
    with pytest.raises(FeatureMissing):
        now(romeo.plugin(Archive).fetch_older(ROOM))


# -- private messages ------------------------------------------------------------------------------------------------


def test_private_messages_are_a_conversation_of_their_own(romeo, messages, host):
    enter(host, "nurse")
    romeo.sent()
    host.says(f"<body>psst</body><x xmlns='{USER}'/>", "nurse", kind="chat")
    now(messages.send(NURSE, "what?"))
    (xml,) = [each for each in romeo.sent() if "<body" in each]
    assert f"to='{NURSE}'" in xml
    assert "type='chat'" in xml
    assert f"<x xmlns='{USER}'/>" in xml
    assert bodies(messages) == []
    assert bodies(messages, NURSE) == ["psst", "what?"]
    assert [each.peer for each in now(messages.get_conversations())] == [NURSE]
    now(messages.mark_read(NURSE))
    romeo.turn()
    assert messages.unread.value == 0


def test_private_messages_of_a_room_that_we_have_left(romeo, rooms, messages, host):
    enter(host, "nurse")
    host.says("<body>all</body>", "nurse")
    host.says("<body>psst</body>", "nurse", kind="chat")
    now(rooms.leave(ROOM))
    host.says("<body>unasked</body>", "nurse", kind="chat")
    assert bodies(messages, NURSE) == ["psst"]
    again = Rooms.start(romeo)
    now(again.load())
    assert again.talk.knows(ROOM)  # also after a restart
    again.stop()


def test_a_private_message_that_another_device_sent(romeo, messages, host):
    enter(host, "nurse")
    inner = f"<message xmlns='jabber:client' from='{OWN}/phone' to='{NURSE}' type='chat'><body>psst</body></message>"
    copy = f"<sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded></sent>"
    romeo.hears(f"<message from='{OWN}'>{copy}</message>")
    assert [(each.body, each.outgoing) for each in history(messages, NURSE)] == [("psst", True)]


# -- changes ---------------------------------------------------------------------------------------------------------


def test_who_has_a_nick_later_corrects_nothing(messages, host):
    enter(host, "nurse", info=OCCUPANTS)
    host.says("<body>mine</body>" + ID.format("n1"), "nurse", id="1")
    replace = "<body>{}</body><replace xmlns='urn:xmpp:message-correct:0' id='1'/>"
    host.says(replace.format("stolen") + ID.format("thief"), "nurse")
    assert bodies(messages) == ["mine"]
    host.renamed("nurse", "angelica")
    host.says(replace.format("corrected") + ID.format("n1"), "angelica")
    assert bodies(messages) == ["corrected"]


def test_ours_is_corrected_reacted_to_and_taken_back(romeo, messages, host):
    enter(host, "nurse", info=ARCHIVE)
    ends(romeo, host, "")
    id = now(messages.send(ROOM, "Helo"))
    host.says("<body>Helo</body>" + SID.format("room-1"), "r", id=id)
    romeo.sent()
    now(romeo.plugin(Correction).correct(id, "Hello"))
    (xml,) = romeo.sent()
    assert "type='groupchat'" in xml
    host.says(
        f"<body>Hello</body><replace xmlns='urn:xmpp:message-correct:0' id='{id}'/>",
        "r",
        id=parse(xml).attributes["id"],
    )
    host.says("<reactions xmlns='urn:xmpp:reactions:0' id='room-1'><reaction>👍</reaction></reactions>", "nurse")
    (message,) = history(messages)
    assert (message.body, message.edit_state) == ("Hello", MessageState.SENT)
    assert [(each.emoji, each.senders) for each in message.reactions] == [("👍", [NURSE])]
    now(romeo.plugin(Retraction).retract(id))
    (xml,) = romeo.sent()
    assert "<retract xmlns='urn:xmpp:message-retract:1' id='room-1'/>" in xml
    assert history(messages)[0].retracted


def test_changes_wait_for_the_room_too(romeo, messages, host):
    enter(host)
    id = now(messages.send(ROOM, "Helo"))
    host.says("<body>Helo</body>", "r", id=id)
    romeo.goes_offline()
    now(romeo.plugin(Correction).correct(id, "Hello"))
    romeo.sent()
    goes_online(romeo)
    host.tells_info()
    host.there("r", codes=(110,))
    assert not any("replace" in xml for xml in romeo.sent())
    host.says("<subject/>")
    assert [("replace" in xml) for xml in romeo.sent()] == [True]


MODERATED = (
    "<retract xmlns='urn:xmpp:message-retract:1' id='{}'>"
    f"<moderated by='{ROOM}/boss' xmlns='urn:xmpp:message-moderate:1'/><reason>rude</reason></retract>"
)


def test_a_moderator_takes_back_what_another_wrote(romeo, rooms, messages, host):
    enter(host, "nurse", info=ARCHIVE + "<feature var='urn:xmpp:message-moderate:1'/>")
    host.says("<body>rude</body>" + SID.format("room-1"), "nurse")
    host.says(MODERATED.format("room-1"), "tybalt")  # only the room itself can say so
    (message,) = history(messages)
    assert not message.retracted
    work = Deferred.fromCoroutine(rooms.moderate(message.id, "rude"))
    xml = host.asked("message-moderate")
    assert "<moderate xmlns='urn:xmpp:message-moderate:1' id='room-1'>" in xml
    romeo.wire.answer(xml)
    now(work)
    host.says(MODERATED.format("room-1"))
    assert history(messages)[0].retracted


def test_what_a_moderator_took_back_before_it_came(romeo, messages, host):
    enter(host, "nurse", info=ARCHIVE)
    host.says(MODERATED.format("room-1"))
    host.says("<body>rude</body>" + SID.format("room-1"), "nurse")
    assert [(each.retracted, each.body) for each in history(messages)] == [(True, "")]


def test_a_room_that_cannot_moderate(rooms, messages, host):
    enter(host, "nurse", info=ARCHIVE)
    host.says("<body>rude</body>" + SID.format("room-1"), "nurse")
    with pytest.raises(FeatureMissing):
        now(rooms.moderate(history(messages)[0].id))


# -- invitations -----------------------------------------------------------------------------------------------------


def invited(room, sender="juliet@capulet.lit", password=""):
    inside = f"<invite from='{sender}'><reason>come</reason></invite>" + password
    return f"<message from='{room}'><body>old programs see this</body><x xmlns='{USER}'>{inside}</x></message>"


def test_an_invitation_through_a_room_is_followed_with_its_password(romeo, rooms, messages, host, record):
    told, settled = record(rooms.invited), record(rooms.settled)
    romeo.hears(invited(ROOM, password="<password>open</password>"))
    romeo.hears(invited(ROOM, "tybalt@capulet.lit"))
    romeo.clock.advance(TOGETHER)
    invitation = Invitation(ROOM, JID("juliet@capulet.lit"), "come", password=True)
    assert told == [[invitation]]
    assert now(rooms.get_invitations()) == [invitation]
    assert now(messages.get_conversations()) == []
    host.asked_in("r")
    assert "<password>open</password>" in romeo.sent()[-1]
    host.there("r", codes=(110,))
    romeo.clock.advance(TOGETHER)
    assert settled == [[ROOM]]
    assert now(rooms.get_invitations()) == []


def test_a_direct_invitation(romeo, rooms):
    x = f"<x xmlns='jabber:x:conference' jid='{ROOM}' reason='come' password='open'/>"
    romeo.hears(f"<message from='juliet@capulet.lit/x'>{x}</message>")
    romeo.hears("<message from='juliet@capulet.lit/x'><x xmlns='jabber:x:conference' jid='@@@'/></message>")
    assert now(rooms.get_invitations()) == [Invitation(ROOM, JID("juliet@capulet.lit"), "come", True, True)]
    romeo.sent()
    now(rooms.decline(ROOM))
    assert romeo.sent() == []
    assert now(rooms.get_invitations()) == []


def test_declining_is_told_through_the_room(romeo, rooms, host, record):
    romeo.hears(invited(ROOM))
    romeo.sent()
    now(rooms.decline(ROOM, "no time"))
    (xml,) = romeo.sent()
    assert f"to='{ROOM}'" in xml
    assert "<decline to='juliet@capulet.lit'><reason>no time</reason></decline>" in xml
    enter(host)
    happened = record(rooms.happened)
    decline = "<decline from='nurse@capulet.lit'><reason>late</reason></decline>"
    romeo.hears(f"<message from='{ROOM}'><x xmlns='{USER}'>{decline}</x></message>")
    romeo.hears(f"<message from='never@joined.lit'><x xmlns='{USER}'>{decline}</x></message>")
    romeo.clock.advance(TOGETHER)
    ((event,),) = happened
    assert (event.kind, event.actor, event.reason) == (RoomEventKind.DECLINED, "nurse@capulet.lit", "late")


def test_a_flood_of_invitations_is_bounded_and_told_at_once(romeo, rooms, record):
    told = record(rooms.invited)
    for number in range(MOST * 3):
        romeo.hears(invited(f"trap{number}@evil.lit"))
    romeo.clock.advance(TOGETHER)
    assert [len(batch) for batch in told] == [MOST]
    assert not any("muc" in xml and "trap" in xml for xml in romeo.sent())


def test_we_invite(romeo, rooms, host):
    enter(host)
    romeo.sent()
    now(rooms.invite(ROOM, JID("nurse@capulet.lit/x"), "come"))
    now(rooms.invite(ROOM, JID("nurse@capulet.lit"), "come", direct=True))
    mediated, direct = romeo.sent()
    assert f"<x xmlns='{USER}'><invite to='nurse@capulet.lit'><reason>come</reason></invite></x>" in mediated
    assert f"<x xmlns='jabber:x:conference' jid='{ROOM}' reason='come'/>" in direct
