import pytest
from support.romeo import now

from sat.api import JID
from sat.plugins.chat_states.api import ChatState, PeerState
from sat.plugins.chat_states.plugin import NS, PAUSED_AFTER, ChatStates
from sat.plugins.messages.plugin import Messages

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
