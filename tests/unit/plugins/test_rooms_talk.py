"""What is written in rooms: ours and others', private, changed, and what is forged."""

import pytest
from support.muc import (
    ARCHIVE,
    DELAY,
    ID,
    NURSE,
    OCCUPANTS,
    ROOM,
    SID,
    USER,
    bodies,
    ends,
    enter,
    goes_online,
    history,
)
from support.romeo import FULL, OWN, now, parse
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import FeatureMissing, NotInRoom, PeerError, RequestTimeout
from sat.api.messages import MessageKind, MessageState
from sat.core.session import Acknowledged
from sat.plugins.correction.plugin import Correction
from sat.plugins.messages.outbox import DOUBT
from sat.plugins.retraction.plugin import Retraction
from sat.plugins.rooms.answers import PATIENCE
from sat.plugins.rooms.plugin import Rooms
from sat.plugins.rooms.telling import TOGETHER

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
    id = now(messages.send(ROOM, "x"))
    host.says("<body>x</body>", "r", id=id)
    romeo.goes_offline()
    now(messages.send(ROOM, "y"))
    now(messages.send(NURSE, "z"))
    now(messages.send(OWN, "to myself"))
    now(romeo.plugin(Correction).correct(id, "X"))
    goes_online(romeo)
    host.tells_info()
    host.refuses("forbidden")
    changed, failed, private = *history(messages), *history(messages, NURSE)
    assert (changed.state, changed.edit_state) == (MessageState.DELIVERED, MessageState.FAILED)
    assert [failed.state, private.state] == [MessageState.FAILED] * 2
    assert "banned" in failed.error
    assert history(messages, OWN)[0].state is MessageState.PENDING


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
    work = Deferred.fromCoroutine(rooms.set_subject(ROOM, "potions"))
    (xml,) = romeo.sent()
    assert "type='groupchat'" in xml
    assert "<subject>potions</subject>" in xml
    assert "<body" not in xml
    host.says("<subject>potions</subject>", "r")
    now(work)
    work = Deferred.fromCoroutine(rooms.set_subject(ROOM, "poisons"))
    error = "<error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
    id = parse(romeo.sent()[-1]).attributes["id"]
    host.says(error, "tybalt", id=id, kind="error")
    assert not work.called
    host.says(error, id=id, kind="error")
    with pytest.raises(PeerError):
        now(work)
    work = Deferred.fromCoroutine(rooms.set_subject(ROOM, "silence"))
    romeo.clock.advance(PATIENCE)
    with pytest.raises(RequestTimeout):
        now(work)


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
    assert bodies(messages) == ["mine", "stolen"], "a message of its own"
    host.renamed("nurse", "angelica")
    host.says(replace.format("corrected") + ID.format("n1"), "angelica")
    assert bodies(messages) == ["corrected", "stolen"]


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


def test_the_unread_that_name_us_are_counted_apart(romeo, messages, host, record):
    enter(host, "nurse")
    told = record(messages.unread_changed)
    host.says("<body>soft</body>", "nurse")
    host.says("<body>r, come</body>", "nurse")
    assert [each[-1][1:] for each in told] == [(1, 0), (2, 1)]
    (found,) = [each for each in now(messages.get_conversations()) if each.peer == ROOM]
    assert (found.unread, found.mentions) == (2, 1)
    first = history(messages)[-2]
    now(messages.mark_read(ROOM, first.order))
    romeo.turn()
    assert told[-1] == [(ROOM, 1, 1)]
    now(messages.mark_read(ROOM))
    romeo.turn()
    assert told[-1] == [(ROOM, 0, 0)]
