"""What is sent and what comes in a session, with the clock in the hand."""

from __future__ import annotations

from typing import Any

import pytest
from support.line import Line, heard, message, online, texts
from support.scripted import NS_SM, Behaviour, bodies, stream_error
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import PeerError, RequestTimeout
from sat.api.profile import ConnectionState
from sat.xmpp.link import LONGEST
from sat.xmpp.session import KEPT
from sat.xmpp.stanzas import Iq, Presence

# -- nothing lost, nothing twice ------------------------------------------------------------------------------------


def test_tokens_come_back_when_the_server_has_the_stanzas() -> None:
    line = online()
    for number in range(3):
        assert line.link.send(message(str(number)), number)
    line.settle()
    assert line.acknowledged == []
    line.advance(0.3)
    assert line.acknowledged == [0, 1, 2]


def test_asks_after_twenty_stanzas_at_the_latest() -> None:
    line = online()
    for number in range(45):
        line.link.send(message(str(number)), number)
    line.settle()
    assert line.acknowledged[:20] == list(range(20))
    line.advance(0.5)
    assert line.acknowledged == list(range(45))


def test_what_was_lost_is_sent_again_once_and_in_order() -> None:
    line = online()
    line.link.send(message("one"), 1)
    line.advance(1)
    line.here.dropped = True
    line.link.send(message("two"), 2)
    line.link.send(message("three"), 3)
    line.settle()
    line.here.cut()
    assert line.link.send(message("four"), 4), "it waits for the resumption"
    line.advance(3)
    assert line.sessions == [False, True]
    assert bodies(line.memory) == ["one", "two", "three", "four"]
    assert line.acknowledged == [1, 2, 3, 4]


def test_it_is_known_whether_a_session_may_go_on_when_its_connection_changes() -> None:
    line = online()
    seen: list[tuple[ConnectionState, bool]] = []
    line.link_changed = lambda change: seen.append((change.state, line.link.resumable))  # type: ignore[method-assign]
    line.refuse_connections = True
    line.here.cut()
    assert seen == [(ConnectionState.WAITING, True)]
    line.advance(2)
    assert all(resumable for _, resumable in seen[1:])
    line.advance(KEPT + 1.2 * LONGEST + 5, step=5)  # the longest pause, with its jitter
    assert seen[-1] == (ConnectionState.WAITING, False), "the server keeps it no longer"
    line.refuse_connections = False
    line.connect()
    line.link.disconnect()
    assert seen[-1] == (ConnectionState.OFFLINE, False)


def test_what_had_arrived_is_not_sent_again() -> None:
    line = online(Behaviour(answer_acks=False))
    line.link.send(message("one"), 1)
    line.settle()
    line.here.cut()
    line.behaviour.answer_acks = True
    line.advance(3)
    assert bodies(line.memory) == ["one"]
    assert line.acknowledged == [1]


def test_a_refused_resumption_uses_its_h() -> None:
    line = online(Behaviour(answer_acks=False, resume="with-h"))
    line.link.send(message("one"), 1)
    line.settle()
    line.here.dropped = True
    line.link.send(message("two"), 2)
    line.here.cut()
    line.advance(3)
    assert line.sessions == [False, False]
    assert line.acknowledged == [1]
    assert bodies(line.memory) == ["one"], "what was not acknowledged is the core's"


def test_a_refused_resumption_without_h_begins_anew() -> None:
    line = online(Behaviour(resume="no"))
    line.here.cut()
    line.advance(3)
    assert line.sessions == [False, False]


def presences(line: Line) -> list[tuple[str, str]]:
    """Kind and addressee of the presences that the server got."""
    return [(each.getAttribute("type", ""), each["to"]) for each in line.memory.received if each.name == "presence"]


KINDS = ["subscribe", "subscribed", "unsubscribe", "unsubscribed"]


def test_what_was_said_of_subscriptions_outlives_a_refused_resumption() -> None:
    line = online(Behaviour(resume="with-h"))
    line.link.send(Presence.to(JID("arrived@example.org"), "subscribe").element)
    line.settle()
    line.here.dropped = True
    for kind in KINDS:
        line.link.send(Presence.to(JID(f"{kind}@example.org"), kind).element)
    line.link.send(Presence.to(JID("room@example.org/nick")).element)
    line.link.send(message("the core's"), 1)
    asked(line, "juliet@example.org/balcony")
    line.here.cut()
    line.advance(3)
    assert line.sessions == [False, False]
    wanted = [("subscribe", "arrived@example.org"), *((kind, f"{kind}@example.org") for kind in KINDS)]
    assert presences(line) == wanted, "each once, in their order"
    assert not bodies(line.memory)
    line.here.cut()
    line.advance(3)
    assert presences(line) == wanted, "the new session's were acknowledged"


def test_what_was_said_of_subscriptions_outlives_several_sessions() -> None:
    line = online(Behaviour(resume="no", answer_acks=False))
    line.here.dropped = True
    line.link.send(Presence.to(JID("juliet@example.org"), "subscribe").element)
    line.here.cut()
    line.behaviour.after_login = stream_error("system-shutdown")
    line.advance(2)
    assert not presences(line)
    line.behaviour.after_login = ""
    line.advance(10)
    assert presences(line) == [("subscribe", "juliet@example.org")]


def test_what_was_said_of_subscriptions_is_forgotten_by_who_goes_offline() -> None:
    line = online(Behaviour(resume="no"))
    line.here.dropped = True
    line.link.send(Presence.to(JID("juliet@example.org"), "subscribe").element)
    line.here.cut()
    line.link.disconnect()
    assert line.connect() == [None]
    assert not presences(line)


def test_a_malformed_resumption_is_no_session() -> None:
    line = online(Behaviour(resume="garbage"))
    line.here.cut()
    line.advance(3)
    assert "ProtocolViolation" in [each.error for each in line.changes]
    line.advance(5)
    assert line.sessions == [False, False], "it is not tried again"


def test_incoming_counts_when_it_and_all_before_it_are_done() -> None:
    line = online()
    first: Deferred[None] = Deferred()
    line.handle = lambda element: first if len(line.stanzas) == 1 else None
    line.server.send(heard("one"))
    line.server.send(heard("two"))
    line.server.send("<r xmlns='urn:xmpp:sm:3'/>", False)
    line.settle()
    assert line.memory.acknowledged == 0
    first.callback(None)
    line.settle()
    assert line.memory.acknowledged == 2, "the answer that was owed"


def test_what_was_not_done_comes_again_after_a_cut() -> None:
    line = online()
    line.handle = lambda element: Deferred() if len(line.stanzas) == 2 else None
    for text in ("one", "two"):
        line.server.send(heard(text))
    line.settle()
    line.here.cut()
    line.handle = lambda element: None
    line.advance(3)
    assert texts(line) == ["one", "two", "two"]
    line.server.send("<r xmlns='urn:xmpp:sm:3'/>", False)
    line.settle()
    assert line.memory.acknowledged == 2


def test_what_could_not_be_stored_is_asked_for_again() -> None:
    line = online()
    full = [True]

    def store(element: Any) -> Deferred[None]:
        made: Deferred[None] = Deferred()
        made.errback(OSError("disk full")) if full[0] else made.callback(None)
        return made

    line.handle = store
    line.server.send(heard("one"))
    line.settle()
    full[0] = False
    line.advance(40, 1)
    assert texts(line) == ["one", "one"]
    assert line.sessions == [False, True]
    line.server.send("<r xmlns='urn:xmpp:sm:3'/>", False)
    line.settle()
    assert line.memory.acknowledged == 1


def test_the_server_has_to_wait_when_too_much_is_undone() -> None:
    line = online()
    waiting: list[Deferred[None]] = []

    def store(element: Any) -> Deferred[None]:
        waiting.append(Deferred())
        return waiting[-1]

    line.handle = store
    for number in range(2500):
        line.server.send(heard(str(number)))
    line.settle()
    assert line.here.paused
    assert len(waiting) < 2100
    while waiting:
        for each in waiting[:]:
            waiting.remove(each)
            each.callback(None)
        line.settle()
    assert not line.here.paused
    assert texts(line) == [str(number) for number in range(2500)]


@pytest.mark.parametrize(
    "body", ["x" * 1_000_000, "</body><x/><x/>" + "<a/>" * 20_000 + "<body>"], ids=["text", "elements"]
)
def test_the_server_has_to_wait_when_what_is_undone_is_large(body: str) -> None:
    line = online()
    waiting: list[Deferred[None]] = []

    def store(element: Any) -> Deferred[None]:
        waiting.append(Deferred())
        return waiting[-1]

    line.handle = store
    for _ in range(50):
        line.server.send(f"<message from='juliet@example.org'><body>{body}</body></message>")
    line.settle()
    assert line.here.paused
    assert 0 < len(waiting) < 20
    for _ in range(50):
        if waiting:
            waiting.pop(0).callback(None)
        line.settle()
    assert not line.here.paused
    assert len(line.stanzas) == 50


@pytest.mark.parametrize("h", ["4294967295", "7"])
def test_an_acknowledgement_of_what_was_never_sent_ends_the_stream(h: str) -> None:
    line = online()
    line.link.send(message("one"), 1)
    line.settle()
    line.server.send(f"<a xmlns='urn:xmpp:sm:3' h='{h}'/>", False)
    line.settle()
    assert line.error == "ProtocolViolation"
    assert line.acknowledged == []


@pytest.mark.parametrize(
    "end", [f"<a xmlns='{NS_SM}' h='7'/>", "<stream:error/>", "</stream:stream>", stream_error("reset", "")]
)
def test_nothing_is_said_after_the_end(end: str) -> None:
    line = online()
    before = line.server
    line.server.send(f"{end}<r xmlns='{NS_SM}'/><iq type='get' id='x'/>", False)
    line.settle()
    assert before.seen[-1] == "end"
    line.advance(3)
    assert line.state is ConnectionState.ONLINE


@pytest.mark.parametrize("h", ["h='-1'", "h='x'", "", "h='99999999999'", "h='１'"])
def test_a_malformed_acknowledgement_ends_the_stream(h: str) -> None:
    line = online()
    line.server.send(f"<a xmlns='urn:xmpp:sm:3' {h}/>", False)
    line.settle()
    assert line.error == "ProtocolViolation"


def test_management_that_was_not_enabled_is_ignored() -> None:
    line = online(Behaviour(managed=False))
    line.server.send("<r xmlns='urn:xmpp:sm:3'/><a xmlns='urn:xmpp:sm:3' h='7'/><a xmlns='urn:xmpp:sm:3'/>", False)
    line.settle()
    assert line.state is ConnectionState.ONLINE
    assert "a" not in line.server.seen


def pong(element: Any) -> str | None:
    return f"<iq type='result' from='example.org' id='{element['id']}'/>"


def test_without_management_a_ping_acknowledges_what_was_before_it() -> None:
    line = online(Behaviour(managed=False, answers=pong))
    line.link.send(message("one"), 1)
    line.link.send(message("two"), 2)
    line.advance(0.3)
    assert line.acknowledged == [1, 2]


def test_without_management_there_is_nothing_to_resume() -> None:
    line = online(Behaviour(managed=False))
    line.here.cut()
    assert not line.link.send(message("one"), 1)
    line.advance(3)
    assert line.sessions == [False, False]


# -- sign of life ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("managed", [True, False])
def test_a_half_open_connection_is_found(managed: bool) -> None:
    line = online(Behaviour(managed=managed, answers=pong))
    line.advance(200, 1)
    assert len(line.connections) == 1, "asked for, it answered"
    line.here.dropped = True
    line.advance(92, 1)
    assert len(line.connections) == 2


def test_it_is_found_sooner_with_something_unacknowledged() -> None:
    line = online()
    line.here.dropped = True
    line.link.send(message("one"), 1)
    line.advance(30)
    assert not line.connections[0].open
    line.advance(2)
    assert bodies(line.memory) == ["one"]


# -- questions ------------------------------------------------------------------------------------------------------


def asked(line: Line, peer: str | None, timeout: float = 30) -> tuple[str, list[Any]]:
    iq = Iq.get(JID(peer) if peer else None)
    iq.add("query", "jabber:iq:version")
    results: list[Any] = []
    Deferred.fromCoroutine(line.link.ask(iq.element, timeout)).addCallbacks(
        results.append, lambda failure: results.append(failure.value)
    )
    line.settle()
    return iq.id, results


@pytest.mark.parametrize(
    ("peer", "sender", "believed"),
    [
        (None, "", True),
        (None, "from='romeo@example.org'", True),
        (None, "from='Romeo@EXAMPLE.org'", True),
        (None, "from='romeo@example.org/orchard'", True),
        (None, "from='example.org'", True),
        (None, "from='romeo@example.org/other'", False),
        (None, "from='romeo@example.org.evil.test'", False),
        (None, "from='mallory@evil.test'", False),
        ("romeo@example.org", "", True),
        ("romeo@example.org", "from='example.org'", False),
        ("example.org", "from='example.org'", True),
        ("example.org", "", True),
        ("example.org", "from='mallory@example.org'", False),
        ("juliet@example.org/balcony", "from='juliet@example.org/balcony'", True),
        ("juliet@example.org/balcony", "from='juliet@example.org'", False),
        ("juliet@example.org/balcony", "", False),
        ("juliet@example.org/balcony", "from='@@'", False),
    ],
)
def test_answers_are_believed_from_whom_was_asked(peer: str | None, sender: str, believed: bool) -> None:
    line = online()
    id, results = asked(line, peer)
    line.server.send(f"<iq type='result' id='{id}' {sender}/>")
    line.settle()
    assert bool(results) is believed
    assert not line.stanzas, "an answer is never the core's"


def test_the_true_answer_is_waited_for() -> None:
    line = online()
    id, results = asked(line, "juliet@example.org/balcony")
    line.server.send(f"<iq type='result' id='{id}' from='mallory@evil.test'><query xmlns='jabber:iq:version'/></iq>")
    line.server.send(f"<iq type='result' id='{id}' from='juliet@example.org/balcony'/>")
    line.settle()
    assert [each["from"] for each in results] == ["juliet@example.org/balcony"]


def test_an_error_is_raised_however_strange() -> None:
    line = online()
    for payload in ("", "<error/>", "<error type='x'><evil xmlns='urn:evil'/></error>"):
        id, results = asked(line, "example.org")
        line.server.send(f"<iq type='error' from='example.org' id='{id}'>{payload}</iq>")
        line.settle()
        assert isinstance(results[0], PeerError)
        assert results[0].details["condition"] == "undefined-condition"


def test_no_answer_is_an_error_too() -> None:
    line = online()
    _, results = asked(line, "juliet@example.org/balcony", 5)
    line.advance(6)
    assert isinstance(results[0], RequestTimeout)
    assert str(results[0]) == "juliet@example.org/balcony did not answer within 5 s."


def test_a_question_survives_a_resumption_but_not_the_session() -> None:
    line = online()
    id, results = asked(line, "juliet@example.org/balcony")
    line.here.cut()
    line.advance(2)
    line.server.send(f"<iq type='result' id='{id}' from='juliet@example.org/balcony'/>")
    line.settle()
    assert len(results) == 1
    _, results = asked(line, "juliet@example.org/balcony")
    line.link.disconnect()
    line.settle()
    assert type(results[0]).__name__ == "NotConnected"


def test_a_question_needs_a_session() -> None:
    _, results = asked(Line(), "example.org")
    assert type(results[0]).__name__ == "NotConnected"


# -- what comes in --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hostile",
    [
        "<message xmlns='urn:evil' from='juliet@example.org'><body>evil</body></message>",
        "<evil xmlns='urn:evil'><body>evil</body></evil>",
        "<message from='@@//'><body>evil</body></message>",
        "<message from='a b@example.org'><body>evil</body></message>",
        "<iq type='result' id='nobody-asked'/>",
        "<iq type='error'/>",
        "<message to='\u202ex@example.org'><body>evil</body></message>",
        "<other/>",
    ],
)
def test_what_is_no_stanza_is_dropped(hostile: str) -> None:
    line = online()
    line.server.send(hostile)
    line.server.send(heard("good"))
    line.settle()
    assert texts(line) == ["good"]


def test_a_prefixed_stanza_is_a_stanza() -> None:
    line = online()
    line.server.send("<c:message xmlns:c='jabber:client' from='juliet@example.org'><c:body>good</c:body></c:message>")
    line.settle()
    assert texts(line) == ["good"]


def test_a_fault_of_the_core_is_not_the_streams() -> None:
    line = online()

    def fail(element: Any) -> None:
        raise RuntimeError("a fault")

    line.handle = fail
    line.server.send(heard("one"))
    line.settle()
    assert line.state is ConnectionState.ONLINE


@pytest.mark.parametrize(
    "hostile",
    [
        "<message><body>x</message>",
        "<message><body>&lol;</body></message>",
        "<message><!-- c --></message>",
        "<message><?php evil?></message>",
        "<message>&#0;</message>",
        "<stream:stream>",
        "<a>" * 200,
        "<message><body>" + "x" * 1_100_000,
        "text\x00",
    ],
    ids=lambda text: text[:30],
)
def test_what_breaks_the_stream_is_answered_and_survived(hostile: str) -> None:
    line = online()
    line.server.send(hostile, False)
    line.settle()
    assert line.error == "ProtocolViolation"
    assert "error" in line.server.seen
    line.advance(3)
    assert line.sessions == [False, False], "resuming would bring it again"


def test_byte_by_byte() -> None:
    line = online()
    for byte in heard("grüße 🙂").encode():
        line.here.to_client.append(bytes([byte]))
    line.settle()
    assert texts(line) == ["grüße 🙂"]
