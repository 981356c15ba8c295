"""Sessions from program to program: both sides, and what one of them says that it must not."""

from __future__ import annotations

import pytest
from support.application import APP, App
from support.pair import JULIET, ROMEO, joined
from support.parsing import parse
from twisted.internet.defer import CancelledError, Deferred, fail, succeed

from sat.api import JID
from sat.api.errors import (
    Cancelled,
    FeatureMissing,
    NotConnected,
    NotFound,
    NoWayToPeer,
    PeerDeclined,
    PeerError,
    RequestTimeout,
    TooManyTransfers,
    TransferBroken,
)
from sat.core.plugin import Refusal
from sat.plugins.in_band.plugin import InBandBytestreams
from sat.plugins.jingle.plugin import WAITING_OF_ONE, Jingle
from sat.plugins.jingle.session import MORE, PATIENCE, State
from sat.plugins.jingle.ways import Offer
from sat.xmpp import ibb, jingle, xml
from sat.xmpp.jingle import Condition

STRANGER = JID("paris@verona.lit/door")


class DeadEnd:
    """A way that leads nowhere."""

    namespace = "urn:example:dead-end"
    preference = 90

    def __init__(self):
        self.stopped = 0

    def begin(self, channel, offered):
        way = self

        class Nothing:
            namespace = way.namespace

            def prepared(self):
                return succeed(None)

            def element(self):
                return xml.element("transport", way.namespace)

            def heard(self, transport):
                if transport.attributes.get("bad"):
                    raise Refusal("bad-request")

            def told(self, transport):
                return False

            def open(self):
                return fail(NoWayToPeer(peer=channel.peer, reason="a wall"))

            def stop(self):
                way.stopped += 1

        return Nothing()


def description(text="x"):
    return xml.element("description", APP, what=text)


@pytest.fixture
def pair(folder):
    with joined(folder) as pair:
        for profile in (pair.romeo, pair.juliet):
            profile.plug(InBandBytestreams)
            profile.app = App()
            plugin = profile.plugin(Jingle)
            plugin.undo(plugin.serve(profile.app))
        yield pair


def offered(pair, *offers):
    """A session that romeo offers; his side and hers."""
    work = pair.romeo.plugin(Jingle).offer(JULIET, offers or [Offer(description())])
    ours = pair.wait(work)
    return ours, pair.juliet.app.sessions[-1]


def talking(pair, *offers):
    """One that was accepted; both streams of its first content."""
    ours, theirs = offered(pair, *offers)
    pair.wait(theirs.accept())
    return ours, theirs, pair.wait(ours.contents[0].stream()), pair.wait(theirs.contents[0].stream())


def said(pair, text):
    """How often juliet has said that."""
    return sum(text in each for each in pair.juliet.wire.said)


def hears(pair, action, inner="", sid="s", peer=ROMEO, attributes=""):
    """juliet hears something of a peer; the error that she answers with, or nothing."""
    before = len(pair.juliet.wire.said)
    pair.juliet.wire.inject(
        f"<iq type='set' id='n' from='{peer}'><jingle xmlns='{jingle.NS}' action='{action}' sid='{sid}' {attributes}>"
        f"{inner}</jingle></iq>"
    )
    (answer,) = [each for each in pair.juliet.wire.said[before:] if "id='n'" in each]
    if "type='result'" in answer:
        return ""
    error = next(iter(xml.elements(parse(answer), "error")))
    return " ".join(each.name for each in xml.elements(error))


TRANSPORT = f"<transport xmlns='{ibb.NS_JINGLE}' sid='i' block-size='4096'/>"


def content(name="a", creator="initiator", uri=APP, transport=TRANSPORT, more=""):
    return f"<content creator='{creator}' name='{name}' {more}><description xmlns='{uri}'/>{transport}</content>"


def test_bytes_go_both_ways_and_the_end_is_told(pair):
    ours, theirs, out, back = talking(pair, Offer(description(), "both"))
    data = bytes(range(256)) * 500

    async def send():
        await out.write(data)
        await out.close()

    async def read():
        parts = []
        while part := await back.read():
            parts.append(part)
        return b"".join(parts)

    pair.wait(back.write(b"hello"))
    assert pair.wait(out.read()) == b"hello"
    sending = pair.start(send())
    assert pair.wait(read()) == data
    pair.wait(sending)
    assert not out.is_open
    theirs.end()
    pair.turn()
    assert pair.wait(ours.finish()).condition is Condition.SUCCESS
    assert ours.state is theirs.state is State.ENDED


def test_who_sends(pair):
    ours, theirs = offered(pair, Offer(description(), "initiator"), Offer(description(), "responder"))
    assert [(each.sending, each.receiving) for each in ours.contents] == [(True, False), (False, True)]
    assert [(each.sending, each.receiving) for each in theirs.contents] == [(False, True), (True, False)]


def test_it_is_declined(pair):
    ours, theirs = offered(pair)
    waiting = pair.start(ours.contents[0].stream())
    theirs.end(Condition.DECLINE, "not now")
    pair.turn()
    with pytest.raises(PeerDeclined, match="not now"):
        pair.wait(waiting)
    assert pair.wait(ours.finish()).condition is Condition.DECLINE
    with pytest.raises(NotFound):
        pair.wait(theirs.accept())


def test_it_is_cancelled(pair):
    ours, theirs = offered(pair)
    waiting = pair.start(theirs.contents[0].stream())
    ours.end(Condition.CANCEL)
    pair.turn()
    with pytest.raises(TransferBroken, match="cancelled there"):
        pair.wait(waiting)
    with pytest.raises(Cancelled):
        pair.wait(ours.contents[0].stream())


def test_it_is_cancelled_before_it_is_known_to_have_arrived(pair):
    pair.wait(pair.romeo.plugin(Jingle).learn(JULIET))
    pair.juliet.wire.lose.append("type='result'")
    work = pair.start(pair.romeo.plugin(Jingle).offer(JULIET, [Offer(description())]))
    pair.turn()
    waiting = pair.start(pair.juliet.app.sessions[-1].contents[0].stream())
    work.cancel()
    pair.turn()
    with pytest.raises(TransferBroken, match="cancelled there"):
        pair.wait(waiting)
    with pytest.raises(CancelledError):
        pair.wait(work)


@pytest.mark.parametrize("word", [Condition.SUCCESS, None])
def test_who_has_all_may_be_gone_before_its_word_is_here(pair, word):
    ours, theirs, stream, _ = talking(pair, Offer(description(), "initiator"))
    finished = pair.start(ours.finish())
    pair.romeo.wire.lose.append("<close")
    closing = pair.start(stream.close())
    stream.ended(TransferBroken(peer=JULIET, reason="the connection was lost"))
    with pytest.raises(TransferBroken):
        pair.wait(closing)
    assert not finished.called
    if word is not None:
        theirs.end(word)
    pair.net.advance(61)
    assert pair.wait(finished).condition is (word or Condition.CONNECTIVITY_ERROR)


def test_nobody_answers(pair):
    ours, theirs = offered(pair)
    pair.net.advance(PATIENCE + 1)
    pair.turn()
    assert theirs.state is State.ENDED
    assert pair.wait(ours.finish()).condition is Condition.TIMEOUT
    with pytest.raises(RequestTimeout):
        pair.wait(theirs.contents[0].stream())


def test_a_peer_that_never_answers_is_not_waited_for(pair):
    pair.juliet.wire.lose.append("session-terminate")
    ours, _ = offered(pair)
    pair.net.advance(PATIENCE + MORE + 1)
    pair.turn()
    assert ours.state is State.ENDED


def test_one_of_two_contents_is_left_out(pair):
    ours, theirs = offered(pair, Offer(description(), name="a"), Offer(description(), name="b"))
    left_out = pair.start(ours.contents[1].stream())
    pair.wait(theirs.accept({"a": description("less")}))
    stream = pair.wait(ours.contents[0].stream())
    assert stream.is_open
    assert [each.name for each in ours.contents] == ["a"]
    assert ours.contents[0].description.attributes["what"] == "less"
    with pytest.raises(PeerDeclined):
        pair.wait(left_out)


def test_more_is_added(pair):
    ours, theirs, *_ = talking(pair)
    added = pair.wait(ours.add(Offer(description("more"))))
    (content,) = pair.juliet.app.contents
    pair.wait(theirs.accept_content(content))
    out, back = pair.wait(added.stream()), pair.wait(content.stream())
    pair.wait(out.write(b"x"))
    assert pair.wait(back.read()) == b"x"
    assert len({each.name for each in ours.contents}) == 2


def test_more_is_added_by_who_was_asked(pair):
    ours, theirs, *_ = talking(pair)
    added = pair.wait(theirs.add(Offer(description("more"), "responder")))
    (content,) = pair.romeo.app.contents
    assert (content.creator, content.receiving) == ("responder", True)
    pair.wait(ours.accept_content(content))
    assert pair.wait(added.stream()).is_open


def test_more_that_cannot_be_taken_is_over(pair, caplog):
    ours, theirs, *_ = talking(pair)
    pair.wait(ours.add(Offer(description("more"))))
    (content,) = pair.juliet.app.contents
    pair.juliet.wire.up = False
    theirs.accept_content_later(content)
    with pytest.raises(NotConnected):
        pair.wait(content.stream())
    assert not caplog.records


def test_more_is_turned_down(pair):
    ours, _, stream, _ = talking(pair)
    pair.juliet.app.takes_more = False
    added = pair.wait(ours.add(Offer(description("more"))))
    with pytest.raises(PeerDeclined):
        pair.wait(added.stream())
    assert stream.is_open
    assert said(pair, "content-reject") == 1


def test_more_is_removed(pair):
    ours, theirs, *_ = talking(pair)
    added = pair.wait(ours.add(Offer(description("more"))))
    pair.wait(theirs.accept_content(pair.juliet.app.contents[0]))
    stream = pair.wait(added.stream())
    ours.reject_content(added, Condition.CANCEL)
    pair.turn()
    assert not stream.is_open
    assert (len(ours.contents), len(theirs.contents)) == (1, 1)
    ours.reject_content(ours.contents[0])
    pair.turn()
    assert theirs.state is State.ENDED


def test_something_is_told(pair):
    ours, *_ = offered(pair)
    pair.wait(ours.tell(xml.element("received", APP)))
    assert [each.name for each in pair.juliet.app.payloads] == ["received"]
    with pytest.raises(PeerError, match="not supported"):
        pair.wait(ours.tell(xml.element("ringing", "urn:other")))


def test_another_way_where_the_first_leads_nowhere(pair):
    for profile in (pair.romeo, pair.juliet):
        plugin = profile.plugin(Jingle)
        plugin.undo(plugin.use(DeadEnd()))
    _, _, out, back = talking(pair)
    assert out.way == "in-band"
    pair.wait(out.write(b"x"))
    assert pair.wait(back.read()) == b"x"
    assert said(pair, "transport-accept") == 1


def test_no_way_at_all(pair):
    dead = DeadEnd()
    for profile in (pair.romeo, pair.juliet):
        plugin = profile.plugin(Jingle)
        plugin.undo(plugin.use(dead))
    del pair.romeo.plugin(Jingle)._ways[ibb.NS_JINGLE]
    ours, theirs = offered(pair)
    pair.wait(theirs.accept())
    for session in (ours, theirs):
        with pytest.raises(NoWayToPeer):
            pair.wait(session.contents[0].stream() if session.contents else session.finish())
    assert pair.wait(theirs.finish()).condition is Condition.FAILED_TRANSPORT
    pair.romeo.plugin(Jingle)._ways[ibb.NS_JINGLE] = pair.romeo.plugin(InBandBytestreams)


def test_a_way_that_the_peer_does_not_take(pair):
    """As with no way at all: it has been offered, and rejected."""
    for profile in (pair.romeo, pair.juliet):
        plugin = profile.plugin(Jingle)
        plugin.undo(plugin.use(DeadEnd()))
    ways = pair.juliet.plugin(Jingle)._ways
    ours, theirs = offered(pair)
    kept = ways.pop(ibb.NS_JINGLE)
    pair.wait(theirs.accept())
    with pytest.raises(NoWayToPeer, match="a wall"):
        pair.wait(ours.contents[0].stream())
    assert said(pair, "transport-reject") == 1
    ways[ibb.NS_JINGLE] = kept


def test_a_way_that_is_never_replaced(pair):
    for profile in (pair.romeo, pair.juliet):
        plugin = profile.plugin(Jingle)
        plugin.undo(plugin.use(DeadEnd()))
    pair.romeo.wire.lose.append("transport-replace")
    _, theirs = offered(pair)
    pair.wait(theirs.accept())
    with pytest.raises((NoWayToPeer, RequestTimeout)):
        pair.wait(theirs.contents[0].stream(), 120)


def test_a_program_that_knows_nothing_of_it(pair):
    del pair.juliet.plugin(Jingle)._applications[APP]
    remove = pair.juliet._features.pop(APP)
    with pytest.raises(FeatureMissing):
        pair.wait(pair.romeo.plugin(Jingle).offer(JULIET, [Offer(description())]))
    pair.juliet._features[APP] = remove
    pair.juliet.plugin(Jingle)._applications[APP] = pair.juliet.app


def test_the_end_of_the_connection_is_the_end_of_all(pair):
    ours, _, out, _ = talking(pair)
    reading = pair.start(out.read())
    pair.romeo.wire.up = False
    pair.romeo.goes_offline()
    with pytest.raises(TransferBroken, match="connection to your server"):
        pair.wait(reading)
    with pytest.raises(TransferBroken):
        pair.wait(ours.finish())


def test_a_program_that_goes_away(pair):
    ours, theirs, *_ = talking(pair)
    pair.juliet.wire.inject(f"<presence type='unavailable' from='{ROMEO}'/>")
    pair.turn()
    assert theirs.state is State.ACTIVE
    pair.net.advance(11)
    pair.turn()
    assert theirs.state is ours.state is State.ENDED


def test_a_program_that_seems_to_go_and_still_sends(pair):
    _, theirs, out, _ = talking(pair)
    pair.juliet.wire.inject(f"<presence type='unavailable' from='{ROMEO}'/>")
    pair.wait(out.write(b"x"))
    pair.turn()
    pair.net.advance(11)
    assert theirs.state is State.ACTIVE


def test_both_offer_the_same_at_once(pair):
    works = [
        Deferred.fromCoroutine(profile.plugin(Jingle).offer(peer, [Offer(description())]))
        for profile, peer in ((pair.romeo, JULIET), (pair.juliet, ROMEO))
    ]
    results = []
    for work in works:
        work.addErrback(lambda failure: failure.value)
        results.append(pair.wait(work))
    (error,) = [each for each in results if isinstance(each, PeerError)]
    assert error.details["specific"] == "tie-break"
    assert len(pair.romeo.plugin(Jingle)._sessions) == len(pair.juliet.plugin(Jingle)._sessions) == 1


# -- who may say what ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", [each for each in jingle.Action if each != "session-initiate"])
def test_sessions_that_are_not_known(pair, action):
    assert hears(pair, action) == "item-not-found unknown-session"
    assert hears(pair, action, peer=STRANGER) == "service-unavailable"


def test_strangers_learn_nothing(pair):
    assert hears(pair, "session-initiate", content(), peer=STRANGER) == "service-unavailable"
    assert hears(pair, "nonsense", peer=STRANGER) == "service-unavailable"
    assert not pair.juliet.app.sessions


def test_strangers_are_heard_where_an_application_wants_them(pair):
    pair.juliet.app.open_to_all = True
    assert hears(pair, "session-initiate", content(), peer=STRANGER) == ""
    assert pair.juliet.app.sessions[0].peer == STRANGER


def test_only_who_is_in_a_session_may_speak_in_it(pair):
    ours, theirs, out, _ = talking(pair)
    for other in (ROMEO.bare.with_resource("hall"), STRANGER):
        assert hears(pair, "session-terminate", sid=ours.sid, peer=other) in (
            "item-not-found unknown-session", "service-unavailable",
        )  # fmt: skip
    assert theirs.state is State.ACTIVE
    assert out.is_open


@pytest.mark.parametrize(
    ("inner", "attributes"),
    [
        ("", ""),
        ("<content creator='initiator'/>", ""),
        (content(creator="responder"), ""),
        (content(creator="nobody"), ""),
        (content() + content(), ""),
        (content(more="senders='all'"), ""),
        ("<content creator='initiator' name='a'/>", ""),
        (content(transport=""), ""),
        (content(transport=f"<transport xmlns='{ibb.NS_JINGLE}' sid='i'/>"), ""),
        (content(transport=f"<transport xmlns='{ibb.NS_JINGLE}' sid='i' block-size='65536'/>"), ""),
        (content(transport=f"<transport xmlns='{ibb.NS_JINGLE}' sid='' block-size='4096'/>"), ""),
        ("".join(content(str(number)) for number in range(21)), ""),
        (content(more="disposition='early-session'"), ""),
    ],
)
def test_offers_that_make_no_sense(pair, inner, attributes):
    assert hears(pair, "session-initiate", inner, attributes=attributes) == "bad-request" or "text" in hears(
        pair, "session-initiate", inner, sid="t"
    )
    assert not pair.juliet.app.sessions
    assert not pair.juliet.plugin(Jingle)._sessions


@pytest.mark.parametrize(
    ("inner", "condition"),
    [
        (content(uri="urn:other"), "unsupported-applications"),
        (content() + content("b", uri="urn:other"), "unsupported-applications"),
        (content(transport="<transport xmlns='urn:other'/>"), "unsupported-transports"),
        (content().replace("</content>", "<security xmlns='urn:xtls'/></content>"), "unsupported-applications"),
    ],
)
def test_offers_of_what_is_not_known_here(pair, inner, condition):
    assert hears(pair, "session-initiate", inner) == ""
    pair.turn()
    assert said(pair, f"<{condition}/>") == 1
    assert not pair.juliet.plugin(Jingle)._sessions


def test_an_application_refuses_nonsense(pair):
    pair.juliet.app.refuses = Refusal("not-acceptable")
    assert hears(pair, "session-initiate", content()) == "not-acceptable"
    assert not pair.juliet.plugin(Jingle)._sessions


def test_few_offers_of_one_wait(pair):
    answers = [hears(pair, "session-initiate", content(), sid=str(number)) for number in range(WAITING_OF_ONE + 2)]
    assert answers == [""] * WAITING_OF_ONE + ["resource-constraint"] * 2


@pytest.mark.parametrize(
    "action",
    ["session-initiate", "session-accept", "content-add", "content-accept", "content-reject"],
)
def test_what_cannot_be_said_before_it_is_accepted(pair, action):
    hears(pair, "session-initiate", content())
    assert hears(pair, action, content()) == "unexpected-request out-of-order"


@pytest.mark.parametrize(
    "action",
    ["session-accept", "content-accept", "content-reject", "transport-accept", "transport-reject", "session-initiate"],
)
def test_what_cannot_be_said_afterwards(pair, action):
    ours, _, out, _ = talking(pair)
    part = content(ours.contents[0].name)
    assert hears(pair, action, part, sid=ours.sid) == "unexpected-request out-of-order"
    assert out.is_open


@pytest.mark.parametrize("action", ["content-modify", "description-info", "security-info"])
def test_what_is_not_supported(pair, action):
    hears(pair, "session-initiate", content())
    assert hears(pair, action, content()) == "feature-not-implemented unsupported-info"


@pytest.mark.parametrize("action", ["transport-info", "transport-replace", "content-remove"])
def test_contents_that_are_not_known(pair, action):
    hears(pair, "session-initiate", content())
    assert "item-not-found" in hears(pair, action, content("other"))
    assert hears(pair, action) == "bad-request"


def test_a_program_is_asked_whether_it_is_there(pair):
    ours, _ = offered(pair)
    pair.wait(ours.check_peer())
    pair.romeo.wire.lose.append("session-info")
    with pytest.raises(TransferBroken):
        pair.wait(ours.check_peer(), 60)
    pair.juliet.plugin(Jingle)._sessions.clear()  # as after a kill, where its server has kept its address
    with pytest.raises(TransferBroken):
        pair.wait(ours.check_peer())


def test_a_transport_that_is_told_something_strange(pair):
    hears(pair, "session-initiate", content())
    assert hears(pair, "transport-info", content()) == "feature-not-implemented unsupported-info"


def test_an_acceptance_that_makes_no_sense_ends_it(pair):
    ours, _ = offered(pair)
    name = ours.contents[0].name
    before = len(pair.romeo.wire.said)
    bad = f"<transport xmlns='{ibb.NS_JINGLE}' sid='another' block-size='4096'/>"
    pair.romeo.wire.inject(
        f"<iq type='set' id='n' from='{JULIET}'><jingle xmlns='{jingle.NS}' action='session-accept' sid='{ours.sid}'>"
        f"{content(name, transport=bad)}</jingle></iq>"
    )
    pair.turn()
    assert any("bad-request" in each for each in pair.romeo.wire.said[before:])
    with pytest.raises(NoWayToPeer):
        pair.wait(ours.finish() if not ours.contents else ours.contents[0].stream())


def test_too_many_sessions_of_ours(pair, monkeypatch):
    monkeypatch.setattr("sat.plugins.jingle.plugin.SESSIONS_OF_ONE", 1)
    offered(pair)
    with pytest.raises(TooManyTransfers):
        pair.wait(pair.romeo.plugin(Jingle).offer(JULIET, [Offer(description())]))


def test_nothing_is_left_of_a_session(pair):
    ours, *_ = talking(pair)
    ours.end()
    pair.turn()
    for profile in (pair.romeo, pair.juliet):
        plugin = profile.plugin(Jingle)
        assert not plugin._sessions
        assert not plugin._can
        assert not profile.plugin(InBandBytestreams)._carriers


def test_who_stops_waiting_takes_nothing_from_the_others(pair):
    ours, theirs = offered(pair)
    first, second = pair.start(ours.contents[0].stream()), pair.start(ours.contents[0].stream())
    first.addErrback(lambda _: None)
    first.cancel()
    pair.wait(theirs.accept())
    assert isinstance(second, Deferred)
    assert pair.wait(second).is_open
