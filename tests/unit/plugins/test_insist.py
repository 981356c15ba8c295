"""A disk that refuses for a while (R7): what came waits in order and is not counted, what left is not sent twice."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from support.romeo import OWN, now

from sat.api import JID
from sat.api.errors import StorageError
from sat.api.messages import MessageState
from sat.core.session import Acknowledged
from sat.plugins.messages.insist import AGAIN
from sat.plugins.messages.plugin import Messages

JULIET = JID("juliet@capulet.lit")


@pytest.fixture
def messages(romeo):
    return romeo.plug(Messages)


@contextmanager
def refusing(romeo):
    """A disk that may only be read, until the block ends."""
    connection = romeo._storage.database._connection
    connection.execute("PRAGMA query_only = ON")
    yield
    connection.execute("PRAGMA query_only = OFF")


def bodies(messages):
    return [message.body for message in now(messages.get_history(JULIET))]


def hear(romeo, body):
    """What the link waits for before it counts the message."""
    handled = romeo.hears(f"<message from='{JULIET}/b' type='chat' id='{body}'><body>{body}</body></message>")
    done = []
    if handled is not None:
        handled.addCallback(done.append)
    return done


def test_what_comes_in_waits_and_keeps_its_order(romeo, messages, record, caplog):
    added = record(messages.added)
    with refusing(romeo):
        waiting = [hear(romeo, "one"), hear(romeo, "two")]
        romeo.clock.advance(3 * AGAIN)
        assert added == []
    waiting.append(hear(romeo, "three"))  # there is room again, but not before those who wait
    assert bodies(messages) == []
    assert not any(waiting)
    romeo.clock.advance(AGAIN)
    assert bodies(messages) == ["one", "two", "three"]
    assert all(waiting)
    assert [message.body for batch in added for message in batch] == ["one", "two", "three"]
    assert caplog.text.count("has to wait") == 1


def test_it_is_told_anew_the_next_time(romeo, messages, caplog):
    for body in ("one", "two"):
        with refusing(romeo):
            hear(romeo, body)
        romeo.clock.advance(AGAIN)
    assert bodies(messages) == ["one", "two"]
    assert caplog.text.count("has to wait") == 2


def test_what_the_server_has_is_not_sent_again_though_that_could_not_be_noted(romeo, messages, record):
    romeo.goes_online()
    id = now(messages.send(JULIET, "once"))
    romeo.sent()
    updated = record(messages.updated)
    with refusing(romeo):
        romeo.emit(Acknowledged([id]))
        romeo.goes_offline()
        romeo.goes_online()
        assert romeo.sent() == []
        assert updated == []
    romeo.clock.advance(AGAIN)
    assert now(messages.get_message(id)).state is MessageState.SENT
    assert [change.state for batch in updated for change in batch] == [MessageState.SENT]


def test_an_error_that_comes_back_waits_too(romeo, messages):
    romeo.goes_online()
    id = now(messages.send(JULIET, "lost?"))
    with refusing(romeo):
        error = "<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
        handled = romeo.hears(f"<message from='{JULIET}' to='{OWN}' type='error' id='{id}'>{error}</message>")
        counted = []
        handled.addCallback(counted.append)
        assert not counted
    romeo.clock.advance(AGAIN)
    assert counted
    assert now(messages.get_message(id)).state is MessageState.FAILED


def test_sending_is_refused_at_once_and_nothing_leaves(romeo, messages):
    romeo.goes_online()
    with refusing(romeo), pytest.raises(StorageError):
        now(messages.send(JULIET, "no"))
    assert romeo.sent() == []
    assert bodies(messages) == []
