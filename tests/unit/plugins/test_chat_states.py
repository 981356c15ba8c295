import pytest
from support.muc import DELAY, NURSE, ROOM, enter
from support.romeo import now

from sat.api import JID
from sat.plugins.chat_states.api import ChatState, PeerState
from sat.plugins.chat_states.plugin import NS, PAUSED_AFTER, ChatStates
from sat.plugins.chat_states.typists import LARGEST
from sat.plugins.messages.plugin import Messages
from sat.plugins.rooms.telling import TOGETHER

JULIET = JID("juliet@capulet.lit")
COMPOSING = f"<message from='{JULIET}/balcony' type='chat'><composing xmlns='{NS}'/></message>"
PLAIN = f"<message from='{JULIET}/balcony' type='chat'><body>ay me</body></message>"


@pytest.fixture
def states(romeo):
    romeo.plug(Messages)
    states = romeo.plug(ChatStates)
    romeo.goes_online()
    return states


def test_hears_a_contact_typing(romeo, states, record):
    seen = record(states.changed)
    romeo.hears(COMPOSING)
    romeo.hears(f"<message from='{JULIET}' type='chat'><dancing xmlns='{NS}'/></message>")
    assert seen == [PeerState(JULIET, ChatState.COMPOSING)]


def test_tells_no_state_twice_but_typing(romeo, states, record):
    seen = record(states.changed)
    for name in ("active", "active", "composing", "composing", "active"):
        romeo.hears(f"<message from='{JULIET}' type='chat'><{name} xmlns='{NS}'/></message>")
    assert [str(each.state) for each in seen] == ["active", "composing", "composing", "active"]


def test_is_silent_until_the_contact_has_shown_support(romeo, states):
    now(states.set_typing(JULIET, True))
    assert romeo.sent() == []


def test_asks_with_a_message_and_stops_when_the_answer_is_plain(romeo, states):
    now(romeo.plugin(Messages).send(JULIET, "soft!"))
    romeo.hears(PLAIN)
    now(romeo.plugin(Messages).send(JULIET, "but soft!"))
    assert ["<active" in xml for xml in romeo.sent()] == [True, False]


def test_pauses_by_itself_and_never_repeats(romeo, states):
    romeo.hears(COMPOSING)
    for _ in range(3):
        now(states.set_typing(JULIET, True))
        romeo.clock.advance(PAUSED_AFTER / 2)
    sent = romeo.sent()
    assert len(sent) == 1
    assert "<composing" in sent[0]
    romeo.clock.advance(PAUSED_AFTER)
    (paused,) = romeo.sent()
    assert "<paused" in paused


def test_can_be_switched_off(romeo, states):
    romeo.hears(COMPOSING)
    now(romeo.settings.set_setting("chat_states.send", "false"))
    now(states.set_typing(JULIET, True))
    now(romeo.plugin(Messages).send(JULIET, "soft!"))
    (xml,) = romeo.sent()
    assert NS not in xml


# -- in rooms ----------------------------------------------------------------------------------------------------


def types(host, nick="nurse", state="composing"):
    host.says(f"<{state} xmlns='{NS}'/>", nick)


def told(romeo):
    return [xml for xml in romeo.sent() if NS in xml]


def test_who_types_in_a_room_is_told_until_they_stop_write_or_leave(romeo, host, record):
    enter(host, "nurse", "paris")
    romeo.clock.advance(TOGETHER)
    seen = record(romeo.plugin(ChatStates).changed)
    types(host)
    types(host, "paris")
    types(host, "paris", "paused")
    types(host, "r")  # we ourselves, from here or from another program
    types(host, "")
    host.says("<body>ay me</body>", "nurse")
    types(host)
    host.gone("nurse")
    romeo.clock.advance(TOGETHER)
    types(host, "paris", "paused")
    assert seen == [
        PeerState(ROOM, ChatState.COMPOSING, "nurse"),
        PeerState(ROOM, ChatState.COMPOSING, "paris"),
        PeerState(ROOM, ChatState.PAUSED, "paris"),
        PeerState(ROOM, ChatState.ACTIVE, "nurse"),
        PeerState(ROOM, ChatState.COMPOSING, "nurse"),
        PeerState(ROOM, ChatState.GONE, "nurse"),
    ]


def test_what_was_typed_before_we_came_is_no_news(romeo, host, record):
    enter(host, "nurse")
    romeo.clock.advance(TOGETHER)
    seen = record(romeo.plugin(ChatStates).changed)
    host.says(f"<composing xmlns='{NS}'/>{DELAY.format(ROOM)}", "nurse")
    assert seen == []


def test_nobody_types_in_a_room_that_we_leave_or_that_grows(romeo, rooms, host, record):
    enter(host, "nurse")
    romeo.clock.advance(TOGETHER)
    seen = record(romeo.plugin(ChatStates).changed)
    types(host)
    for number in range(LARGEST - 1):
        host.there(f"guest {number}")
    romeo.clock.advance(TOGETHER)
    types(host)
    now(romeo.plugin(ChatStates).set_typing(ROOM, True))
    assert told(romeo) == []
    host.gone("guest 0")
    romeo.clock.advance(TOGETHER)
    types(host)
    now(rooms.leave(ROOM))
    romeo.clock.advance(TOGETHER)
    assert [str(each.state) for each in seen] == ["composing", "gone", "composing", "gone"]


def test_those_who_type_are_not_more_than_the_room_is_large(romeo, host, record):
    enter(host, "nurse")
    romeo.clock.advance(TOGETHER)
    seen = record(romeo.plugin(ChatStates).changed)
    for number in range(3 * LARGEST):  # a room can send what it likes
        types(host, f"ghost {number}")
    assert len(seen) == LARGEST


def test_a_small_room_is_told_that_we_type(romeo, host):
    enter(host, "nurse")
    romeo.clock.advance(TOGETHER)
    states = romeo.plugin(ChatStates)
    romeo.sent()
    for _ in range(3):
        now(states.set_typing(ROOM, True))
    romeo.clock.advance(PAUSED_AFTER)
    composing, paused = told(romeo)
    assert f"to='{ROOM}' type='groupchat'" in composing
    assert "<composing" in composing
    assert "no-store" in composing
    assert "<paused" in paused
    now(romeo.plugin(Messages).send(ROOM, "soft!"))
    now(romeo.plugin(Messages).send(ROOM, "but soft!"))
    assert ["<active" in xml for xml in romeo.sent()] == [True, False]


def test_writing_to_one_alone_is_not_told_to_the_room(romeo, host):
    enter(host, "nurse")
    romeo.clock.advance(TOGETHER)
    states = romeo.plugin(ChatStates)
    romeo.sent()
    now(states.set_typing(NURSE, True))
    assert told(romeo) == []
    host.says(f"<composing xmlns='{NS}'/>", "nurse", kind="chat")
    now(states.set_typing(NURSE, True))
    (xml,) = told(romeo)
    assert f"to='{NURSE}' type='chat'" in xml


@pytest.mark.parametrize("setting", ["send", "send_in_rooms"])
def test_rooms_are_told_nothing_where_the_settings_say_so(romeo, host, setting):
    enter(host, "nurse")
    romeo.clock.advance(TOGETHER)
    now(romeo.settings.set_setting(f"chat_states.{setting}", "false"))
    now(romeo.plugin(ChatStates).set_typing(ROOM, True))
    assert told(romeo) == []


def test_who_may_not_write_does_not_tell_that_they_do(romeo, host):
    enter(host, "nurse")
    host.there("r", role="visitor", codes=(110,))
    romeo.clock.advance(TOGETHER)
    now(romeo.plugin(ChatStates).set_typing(ROOM, True))
    assert told(romeo) == []
