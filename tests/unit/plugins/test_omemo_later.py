"""Messages that wait for keys: how many, how long, and what becomes of them."""

from __future__ import annotations

import pytest
from support.romeo import now
from support.storing import result

from sat.api import JID
from sat.api.messages import Secured, Trust
from sat.core.pipeline import Arrival, Stage
from sat.core.plugin import Plugin, needs, on_message
from sat.plugins.messages.plugin import Messages
from sat.plugins.omemo import later
from sat.plugins.omemo.later import NO_TEXT, TOGETHER, TRIES, Later

JULIET, PARIS = JID("juliet@capulet.lit"), JID("paris@verona.lit")
NS = "urn:xmpp:omemo:2"


class Locked(Plugin):
    """Has a key, or waits for one, or never gets one."""

    messages = needs(Messages)

    def __init__(self, session):
        super().__init__(session)
        self.later = Later(self, self.messages, session.store("omemo_later"))
        self.key, self.inside, self.tried = "waits", "<body xmlns='jabber:client'>at last</body>", 0

    async def load(self):
        await self.later.load()

    @on_message(Stage.DECRYPT, NS)
    def _open(self, arrival: Arrival) -> None:
        self.tried += 1
        if self.key == "fits":
            arrival.encrypted = Secured("omemo", Trust.BLIND, "ab")
            arrival.message.body = "at last" if self.inside else ""
            return
        arrival.unreadable = self.key
        if self.key == "waits":
            self.later.keep(arrival, arrival.sender.bare)


@pytest.fixture
def locked(romeo):
    locked = romeo.plug(Locked)
    romeo.goes_online()
    return locked


def hears(romeo, number=1, sender=JULIET, size=1):
    content = f"<encrypted xmlns='{NS}'>{'x' * size}</encrypted>"
    romeo.hears(f"<message from='{sender}/b' type='chat' id='m{number}'>{content}</message>")
    romeo.turn()


def last(romeo, peer=JULIET):
    return now(romeo.plugin(Messages).get_history(peer))[-1]


def tries(romeo, locked, author=JULIET):
    locked.later.wake(author)
    romeo.clock.advance(TOGETHER)


def kept(romeo):
    return result(romeo.store("omemo_later").all())


def test_it_is_read_when_a_key_has_come(romeo, locked, record):
    hears(romeo)
    message = last(romeo)
    edited, added = record(locked.messages.edited), record(locked.messages.added)
    locked.key = "fits"
    tries(romeo, locked)
    romeo.turn()
    assert [(each.id, each.body, each.error) for each in edited[0]] == [(message.id, "at last", "")]
    assert (added, kept(romeo)) == ([], {})
    assert last(romeo).state is message.state


def test_it_waits_over_a_restart_and_not_for_ever(romeo, locked):
    hears(romeo)
    again = Later(locked, locked.messages, romeo.store("omemo_later"))
    now(again.load())
    locked.later = again
    for _ in range(TRIES + 5):
        tries(romeo, locked)
    assert locked.tried == 1 + TRIES
    assert (kept(romeo), last(romeo).error) == ({}, "waits")


def test_what_can_never_be_read_says_so(romeo, locked):
    hears(romeo)
    locked.key = "never"
    tries(romeo, locked)
    assert (last(romeo).error, kept(romeo)) == ("never", {})


def test_what_was_no_text_is_told(romeo, locked):
    hears(romeo)
    locked.key, locked.inside = "fits", ""
    tries(romeo, locked)
    assert (last(romeo).error, kept(romeo)) == (NO_TEXT, {})


def test_only_what_its_author_has_written(romeo, locked):
    hears(romeo)
    tries(romeo, locked, PARIS)
    assert locked.tried == 1


def test_a_copy_is_not_kept(romeo, locked):
    for _ in range(2):
        hears(romeo)
    assert len(kept(romeo)) == 1


def test_there_is_an_end_to_it(romeo, locked, monkeypatch):
    monkeypatch.setattr(later, "MOST_OF_ONE", 3)
    monkeypatch.setattr(later, "MOST", 4)
    for number in range(9):
        hears(romeo, number)
    assert len(kept(romeo)) == 3
    for number in range(9):
        hears(romeo, number, PARIS)
    assert [each[1] for each in kept(romeo).values()].count(str(PARIS)) == 3
    assert len(kept(romeo)) == 4
    monkeypatch.setattr(later, "SIZE", 1700)
    hears(romeo, 20, size=1500)
    assert len(kept(romeo)) == 1
    hears(romeo, 21, size=2500)
    assert len(kept(romeo)) == 1


def test_damage(romeo, locked):
    result(romeo.store("omemo_later").set("r0", ["r0", 5]))
    hears(romeo)
    again = Later(locked, locked.messages, romeo.store("omemo_later"))
    now(again.load())
    assert list(kept(romeo)) == [last(romeo).id]
