import pytest
from support.romeo import now

from sat.api import JID
from sat.plugins.client_state.plugin import GRACE, NS, ClientState
from sat.plugins.messages.plugin import Messages
from sat.xmpp.inline import Told

OFFERED = Told(frozenset({NS}))


@pytest.fixture
def state(romeo):
    return romeo.plug(ClientState)


def test_the_server_hears_when_nobody_has_looked_for_a_while(romeo, state):
    romeo.goes_online(told=OFFERED)
    romeo.clock.advance(GRACE - 1)
    assert romeo.wire.indicated == []
    romeo.clock.advance(1)
    assert romeo.wire.indicated == ["inactive"]
    assert state.active.value is False


def test_and_when_somebody_is_back(romeo, state):
    romeo.goes_online(told=OFFERED)
    romeo.clock.advance(GRACE)
    now(state.attend())
    now(state.attend())
    assert romeo.wire.indicated == ["inactive", "active"]
    romeo.clock.advance(GRACE)
    assert romeo.wire.indicated == ["inactive", "active", "inactive"]


def test_who_keeps_looking_stays_active(romeo, state):
    romeo.goes_online(told=OFFERED)
    for _ in range(20):
        romeo.clock.advance(GRACE / 2)
        now(state.attend())
    assert romeo.wire.indicated == []


def test_who_writes_is_there(romeo, state):
    messages = romeo.plug(Messages)
    romeo.goes_online(told=OFFERED)
    romeo.clock.advance(GRACE)
    now(messages.send(JID("juliet@capulet.lit"), "hi"))
    romeo.turn()
    assert romeo.wire.indicated == ["inactive", "active"]


@pytest.mark.parametrize("resumed", [False, True])
def test_each_stream_begins_as_an_active_one(romeo, state, resumed):
    romeo.goes_online(told=OFFERED)
    romeo.clock.advance(GRACE)
    romeo.goes_offline(resumable=resumed)
    romeo.goes_online(resumed=resumed, told=OFFERED)
    assert romeo.wire.indicated == ["inactive", "inactive"]


def test_a_server_that_does_not_want_to_know_is_not_told(romeo, state):
    romeo.goes_online()
    romeo.clock.advance(GRACE)
    now(state.attend())
    assert romeo.wire.indicated == []


def test_nothing_is_told_offline(romeo, state):
    romeo.goes_online(told=OFFERED)
    romeo.goes_offline(resumable=True)
    romeo.clock.advance(GRACE)
    assert romeo.wire.indicated == []
