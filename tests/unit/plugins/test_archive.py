import re

import pytest
from support.romeo import OWN, now
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.messages import MessageState
from sat.core.pipeline import Arrival, Stage
from sat.core.plugin import Plugin, on_message
from sat.core.session import Acknowledged
from sat.plugins.archive import plugin
from sat.plugins.archive.api import SyncState
from sat.plugins.archive.plugin import Archive
from sat.plugins.correction.plugin import Correction
from sat.plugins.messages.insist import AGAIN
from sat.plugins.messages.outbox import DOUBT
from sat.plugins.messages.plugin import Messages

JULIET = JID("juliet@capulet.lit")
NS = "urn:xmpp:mam:2"
SUPPORTED = f"<query xmlns='http://jabber.org/protocol/disco#info'><feature var='{NS}'/></query>"


@pytest.fixture
def archive(romeo):
    archive = romeo.plug(Archive)
    romeo.goes_online()
    romeo.wire.answer("disco#info", SUPPORTED)
    return archive


def query_id(romeo):
    (asked,) = [xml for xml in romeo.wire.asked if NS in xml]
    return re.search("queryid='([^']+)'", asked).group(1), asked


def result(query, id, body, sender=OWN, who=f"{JULIET}/b", to=OWN, stamp="2025-01-01T10:00:00Z"):
    return (
        f"<message from='{sender}'><result xmlns='{NS}' queryid='{query}' id='{id}'>"
        f"<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='{stamp}'/>"
        f"<message xmlns='jabber:client' type='chat' from='{who}' to='{to}' id='w{id}'><body>{body}</body></message>"
        "</forwarded></result></message>"
    )


def end(*, complete, first="", last=""):
    rsm = f"<first>{first}</first><last>{last}</last>" if last else ""
    return f"<fin xmlns='{NS}' complete='{complete}'><set xmlns='http://jabber.org/protocol/rsm'>{rsm}</set></fin>"


def test_the_first_time_the_last_page_is_taken_as_read(romeo, archive):
    id, asked = query_id(romeo)
    assert "<before/>" in asked
    romeo.hears(result(id, 1, "old"))
    romeo.hears(result(id, 2, "mine", who=f"{OWN}/x", to=JULIET))
    romeo.wire.answer(NS, end(complete="true", first="1", last="2"))
    assert archive.sync.value is SyncState.COMPLETE
    history = now(romeo.plugin(Messages).get_history(JULIET))
    assert [(message.body, message.outgoing, message.state) for message in history] == [
        ("old", False, MessageState.READ),
        ("mine", True, MessageState.SENT),
    ]
    assert now(archive.store.get("newest")) == "2"


def test_the_next_time_it_goes_on_page_by_page_behind_the_place_that_is_stored(romeo, archive):
    id, _ = query_id(romeo)
    romeo.wire.answer(NS, end(complete="true", first="1", last="2"))
    romeo.goes_offline()
    romeo.goes_online()
    romeo.wire.answer("disco#info", SUPPORTED)
    id, asked = query_id(romeo)
    assert "<after>2</after>" in asked
    romeo.hears(result(id, 3, "missed"))
    romeo.wire.answer(NS, end(complete="false", first="3", last="3"))
    _, asked = query_id(romeo)
    assert "<after>3</after>" in asked
    romeo.wire.answer(NS, end(complete="true"))
    (message,) = now(romeo.plugin(Messages).get_history(JULIET))
    assert (message.body, message.state) == ("missed", MessageState.UNREAD)


def live(romeo, id, body):
    stanza_id = f"<stanza-id xmlns='urn:xmpp:sid:0' by='{OWN}' id='{id}'/>"
    romeo.hears(f"<message from='{JULIET}/b' type='chat' id='{body}'><body>{body}</body>{stanza_id}</message>")
    romeo.clock.advance(2.0)


def test_the_place_moves_on_with_what_is_heard_but_not_past_what_is_in_doubt(romeo, archive):
    romeo.wire.answer(NS, end(complete="true", first="1", last="2"))
    live(romeo, "3", "one")
    assert now(archive.store.get("newest")) == "3"
    id = now(romeo.plugin(Messages).send(JULIET, "in between"))
    live(romeo, "5", "two")
    assert now(archive.store.get("newest")) == "3"
    romeo.emit(Acknowledged([id]))
    live(romeo, "6", "three")
    assert now(archive.store.get("newest")) == "6"


def test_the_place_does_not_move_on_before_what_came_is_stored(romeo, archive):
    id, _ = query_id(romeo)
    romeo.wire.answer(NS, end(complete="true", first="1", last="2"))
    romeo.goes_offline()
    romeo.goes_online()
    romeo.wire.answer("disco#info", SUPPORTED)
    id, _ = query_id(romeo)
    connection = romeo._storage.database._connection
    connection.execute("PRAGMA query_only = ON")  # a disk that refuses for a while
    romeo.hears(result(id, 3, "missed"))
    romeo.wire.answer(NS, end(complete="true", first="3", last="3"))
    connection.execute("PRAGMA query_only = OFF")
    assert now(archive.store.get("newest")) == "2"
    romeo.clock.advance(AGAIN)
    assert [message.body for message in now(romeo.plugin(Messages).get_history(JULIET))] == ["missed"]
    assert now(archive.store.get("newest")) == "3"
    assert archive.sync.value is SyncState.COMPLETE


def catches_up(romeo):
    """romeo, who has been here before, comes back and asks his archive; the id of the question."""
    romeo.wire.answer(NS, end(complete="true", first="1", last="2"))
    romeo.goes_offline()
    romeo.goes_online()
    romeo.wire.answer("disco#info", SUPPORTED)
    return query_id(romeo)[0]


def test_the_next_page_is_asked_for_while_one_is_stored_but_no_more(romeo, archive):
    id = catches_up(romeo)
    connection = romeo._storage.database._connection
    connection.execute("PRAGMA query_only = ON")  # a disk that refuses for a while
    romeo.hears(result(id, 3, "one"))
    romeo.wire.answer(NS, end(complete="false", first="3", last="3"))
    id, asked = query_id(romeo)
    assert "<after>3</after>" in asked
    romeo.hears(result(id, 4, "two"))
    romeo.wire.answer(NS, end(complete="false", first="4", last="4"))
    connection.execute("PRAGMA query_only = OFF")
    assert not [xml for xml in romeo.wire.asked if NS in xml]
    assert now(archive.store.get("newest")) == "2"
    romeo.clock.advance(AGAIN)
    assert now(archive.store.get("newest")) == "4"
    assert "<after>4</after>" in query_id(romeo)[1]
    assert [message.body for message in now(romeo.plugin(Messages).get_history(JULIET))] == ["one", "two"]


def test_a_page_that_takes_too_much_loses_its_newest_which_come_with_the_next(romeo, archive, monkeypatch):
    monkeypatch.setattr(plugin, "HEAVIEST", 40_000)
    id = catches_up(romeo)
    for number in range(3, 9):
        romeo.hears(result(id, number, f"{number}{'x' * 10_000}"))
    romeo.wire.answer(NS, end(complete="true", first="3", last="8"))
    assert "<after>5</after>" in query_id(romeo)[1]
    assert now(archive.store.get("newest")) == "5"
    romeo.wire.answer(NS, end(complete="true"))
    assert [message.body[0] for message in now(romeo.plugin(Messages).get_history(JULIET))] == ["3", "4", "5"]


def test_what_came_of_a_page_that_has_no_end_is_kept(romeo, archive):
    id = catches_up(romeo)
    romeo.hears(result(id, 3, "one"))
    romeo.wire.refuse(NS, "remote-server-timeout")
    assert [message.body for message in now(romeo.plugin(Messages).get_history(JULIET))] == ["one"]
    assert now(archive.store.get("newest")) == "2", "it will come again, and be known"
    assert archive.sync.value is SyncState.FAILED


class Slow(Plugin):
    """Decrypts, which takes its time."""

    done: Deferred[None]

    @on_message(Stage.DECRYPT)
    async def _open(self, arrival: Arrival) -> None:
        if arrival.message.body.startswith("secret"):
            await self.done


def test_a_page_loses_nothing_while_a_message_before_it_is_being_decrypted(romeo, archive):
    slow = romeo.plug(Slow)
    slow.done = Deferred()
    id = catches_up(romeo)
    romeo.hears(f"<message from='{JULIET}/b' type='chat' id='s'><body>secret</body></message>")
    romeo.hears(result(id, 3, "one"))
    romeo.wire.answer(NS, end(complete="true", first="3", last="3"))
    assert now(archive.store.get("newest")) == "2"
    slow.done.callback(None)
    assert now(archive.store.get("newest")) == "3"
    assert {message.body for message in now(romeo.plugin(Messages).get_history(JULIET))} == {"one", "secret"}


def test_a_correction_in_a_page_finds_what_stands_before_it(romeo, archive):
    romeo.plug(Correction)
    id = catches_up(romeo)
    correction = "<replace xmlns='urn:xmpp:message-correct:0' id='w4'/>"
    romeo.hears(result(id, 3, "one"))
    romeo.hears(result(id, 4, "tow"))
    romeo.hears(result(id, 5, "two").replace("</body>", f"</body>{correction}"))
    romeo.hears(result(id, 6, "three"))
    romeo.wire.answer(NS, end(complete="true", first="3", last="6"))
    history = now(romeo.plugin(Messages).get_history(JULIET))
    assert [(message.body, message.edited > 0) for message in history] == [
        ("one", False),
        ("two", True),
        ("three", False),
    ]


def test_a_message_heard_live_too_stands_once(romeo, archive):
    romeo.hears(
        f"<message type='chat' from='{JULIET}/b' to='{OWN}' id='w1'><body>hi</body>"
        f"<stanza-id xmlns='urn:xmpp:sid:0' by='{OWN}' id='1'/></message>"
    )
    id, _ = query_id(romeo)
    romeo.hears(result(id, 1, "hi"))
    romeo.wire.answer(NS, end(complete="true", first="1", last="1"))
    assert len(now(romeo.plugin(Messages).get_history(JULIET))) == 1


@pytest.mark.parametrize(("sender", "right_id"), [("paris@verona.lit", True), (JULIET, True), (OWN, False)])
def test_a_result_that_nobody_asked_for_is_ignored(romeo, archive, sender, right_id):
    id, _ = query_id(romeo)
    romeo.hears(result(id if right_id else "nope", 9, "forged", sender=sender))
    assert now(romeo.plugin(Messages).get_conversations()) == []


def test_looking_further_back_asks_before_the_oldest(romeo, archive):
    id, _ = query_id(romeo)
    romeo.hears(result(id, 5, "newer"))
    romeo.wire.answer(NS, end(complete="true", first="5", last="5"))
    work = Deferred.fromCoroutine(archive.fetch_older(JULIET))
    id, asked = query_id(romeo)
    assert "<before>5</before>" in asked
    assert str(JULIET) in asked
    romeo.hears(result(id, 4, "older", stamp="2024-12-31T10:00:00Z"))
    romeo.wire.answer(NS, end(complete="true", first="4", last="4"))
    assert now(work) == 1
    assert [message.body for message in now(romeo.plugin(Messages).get_history(JULIET))] == ["older", "newer"]


def older_than_newer(romeo, archive):
    """Have a message, and look further back: the work, and the id of the question."""
    id, _ = query_id(romeo)
    romeo.hears(result(id, 50, "newer"))
    romeo.wire.answer(NS, end(complete="true", first="50", last="50"))
    return Deferred.fromCoroutine(archive.fetch_older(JULIET)), query_id(romeo)[0]


def test_a_page_of_much_text_loses_its_oldest_which_come_with_the_next(romeo, archive, monkeypatch):
    monkeypatch.setattr(plugin, "HEAVIEST", 40_000)
    work, id = older_than_newer(romeo, archive)
    for number in range(6):
        romeo.hears(result(id, number, f"{number}{'x' * 10_000}", stamp="2024-12-31T10:00:00Z"))
    romeo.wire.answer(NS, end(complete="true", first="0", last="5"))
    assert now(work) == 3
    assert [message.body[0] for message in now(romeo.plugin(Messages).get_history(JULIET))] == ["3", "4", "5", "n"]
    work = Deferred.fromCoroutine(archive.fetch_older(JULIET))
    assert "<before>3</before>" in query_id(romeo)[1]
    romeo.wire.answer(NS, end(complete="true"))


def test_more_than_was_asked_for_is_not_taken(romeo, archive):
    now(romeo.settings.set_setting("archive.page", "10"))
    work, id = older_than_newer(romeo, archive)
    for number in range(20):
        romeo.hears(result(id, number, str(number), stamp="2024-12-31T10:00:00Z"))
    romeo.wire.answer(NS, end(complete="true", first="0", last="19"))
    assert now(work) == 10


def test_what_may_have_arrived_is_sent_again_only_if_the_archive_does_not_have_it(romeo, archive):
    messages = romeo.plugin(Messages)
    first, second = now(messages.send(JULIET, "one")), now(messages.send(JULIET, "two"))
    romeo.wire.answer(NS, end(complete="true"))
    assert len([xml for xml in romeo.sent() if "<body>" in xml]) == 2
    romeo.goes_offline()  # neither was acknowledged
    romeo.goes_online()
    assert not [xml for xml in romeo.sent() if "<body>" in xml]
    romeo.wire.answer("disco#info", SUPPORTED)
    id, _ = query_id(romeo)
    romeo.hears(result(id, 7, "one", who=f"{OWN}/x", to=JULIET).replace("'w7'", f"'{first}'"))
    romeo.wire.answer(NS, end(complete="true", first="7", last="7"))
    (again,) = [xml for xml in romeo.sent() if "<body>" in xml]
    assert second in again
    assert now(messages.get_message(first)).state is MessageState.SENT


def test_an_archive_that_does_not_answer_holds_nothing_up_for_long(romeo, archive):
    messages = romeo.plugin(Messages)
    now(messages.send(JULIET, "one"))
    romeo.sent()
    romeo.goes_offline()
    romeo.goes_online()
    romeo.clock.advance(DOUBT)
    assert [xml for xml in romeo.sent() if "<body>" in xml]


def test_a_server_without_archive_is_told(romeo):
    archive = romeo.plug(Archive)
    romeo.goes_online()
    romeo.wire.answer("disco#info", "<query xmlns='http://jabber.org/protocol/disco#info'/>")
    assert archive.sync.value is SyncState.UNSUPPORTED


def messages_of(romeo):
    """The messages that were sent since the last call."""
    return [xml for xml in romeo.sent() if xml.startswith("<message")]


def test_what_is_in_doubt_waits_for_the_archive_over_any_number_of_connections(romeo, archive):
    romeo.wire.answer(NS, end(complete="true", first="1", last="2"))
    id = now(romeo.plugin(Messages).send(JULIET, "did it arrive?"))
    romeo.sent()
    romeo.goes_offline()
    romeo.goes_online()  # a new session, which breaks while the archive is read
    romeo.wire.answer("disco#info", SUPPORTED)
    romeo.goes_offline()
    romeo.wire.refuse(NS, "remote-server-timeout")
    romeo.clock.advance(DOUBT + 1)
    assert messages_of(romeo) == []
    romeo.goes_online()
    romeo.wire.answer("disco#info", SUPPORTED)
    query, _ = query_id(romeo)
    assert messages_of(romeo) == []
    romeo.hears(result(query, 3, "did it arrive?", who=f"{OWN}/garden", to=JULIET).replace("id='w3'", f"id='{id}'"))
    romeo.wire.answer(NS, end(complete="true", first="3", last="3"))
    assert messages_of(romeo) == [], "it had"
    assert now(romeo.plugin(Messages).get_message(id)).state is MessageState.SENT


def test_a_resumed_session_goes_on_waiting_for_the_archive(romeo, archive):
    romeo.wire.answer(NS, end(complete="true", first="1", last="2"))
    id = now(romeo.plugin(Messages).send(JULIET, "did it arrive?"))
    romeo.sent()
    romeo.goes_offline()
    romeo.goes_online()
    romeo.wire.answer("disco#info", SUPPORTED)
    romeo.goes_offline()
    romeo.goes_online(resumed=True)  # the question is sent again by the stream
    assert messages_of(romeo) == []
    romeo.wire.answer(NS, end(complete="true"))
    (sent,) = messages_of(romeo)
    assert id in sent


def test_what_waits_for_one_that_is_being_decrypted_is_not_lost(romeo):
    slow = romeo.plug(Slow)
    slow.done = Deferred()
    romeo.plug(Archive)
    romeo.goes_online()
    romeo.wire.answer("disco#info", SUPPORTED)
    id, _ = query_id(romeo)
    for number in (1, 2, 3):
        romeo.hears(result(id, number, f"secret {number}"))
    romeo.wire.answer(NS, end(complete="true", first="1", last="3"))
    slow.done.callback(None)
    bodies = [each.body for each in now(romeo.plugin(Messages).get_history(JULIET))]
    assert bodies == ["secret 1", "secret 2", "secret 3"]
