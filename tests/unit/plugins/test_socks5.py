"""Streams by connections: which places are told and tried, who is let in, which connection is taken."""

from __future__ import annotations

from ipaddress import ip_interface

import pytest
from support.application import APP, App
from support.pair import JULIET, ROMEO, Pipe, Port, joined
from support.parsing import parse
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure

from sat.api import JID
from sat.api.disco import Identity, Info, Item
from sat.api.errors import NoWayToPeer, TransferBroken
from sat.plugins.jingle.hearing import hear
from sat.plugins.jingle.plugin import Jingle
from sat.plugins.jingle.session import WHY, State
from sat.plugins.jingle.stream import FULL
from sat.plugins.jingle.ways import Offer
from sat.plugins.socks5 import addresses
from sat.plugins.socks5.connection import A_TURN, LONGEST
from sat.plugins.socks5.listening import AT_ONCE, HANDSHAKE, OF_ONE
from sat.plugins.socks5.plugin import Socks5Bytestreams
from sat.xmpp import bytestreams, xml
from sat.xmpp.bytestreams import NS_JINGLE, Candidate, destination
from sat.xmpp.jingle import Action, Condition, Reason, Said

STRANGER = JID("paris@verona.lit/door")
OURS = [ip_interface("192.168.7.2/24"), ip_interface("127.0.0.1/8"), ip_interface("2001:db8:5::2/64")]


@pytest.fixture
def pair(folder, monkeypatch):
    monkeypatch.setattr(addresses, "own_interfaces", lambda: OURS)
    with joined(folder) as pair:
        pair.ours, pair.theirs = pair.romeo.plug(Socks5Bytestreams), pair.juliet.plug(Socks5Bytestreams)
        for profile, plugin in ((pair.romeo, pair.ours), (pair.juliet, pair.theirs)):
            profile.app = App()
            registered = profile.plugin(Jingle)
            registered.undo(registered.serve(profile.app))
            plugin.options.address = "192.168.7.9"  # a neighbour's: our own would not be connected to
        yield pair


def offered(pair):
    ours = pair.wait(pair.romeo.plugin(Jingle).offer(JULIET, [Offer(xml.element("description", APP))]))
    return ours, pair.juliet.app.sessions[-1]


def talking(pair, seconds=30):
    ours, theirs = offered(pair)
    pair.wait(theirs.accept())
    out = pair.wait(ours.contents[0].stream(), seconds)
    return ours, theirs, out, pair.wait(theirs.contents[0].stream(), seconds)


def said(pair, text):
    return sum(text in each for profile in (pair.romeo, pair.juliet) for each in profile.wire.said)


class Raw(Protocol):
    """Somebody who connects to our port."""

    def __init__(self):
        self.got, self.gone = b"", False

    def dataReceived(self, data):
        self.got += data

    def connectionLost(self, reason: Failure | None = None):
        self.gone = True


def connects(pair, *data):
    raw = Raw()

    class Once:
        def startedConnecting(self, connector): ...

        def buildProtocol(self, address):
            return raw

        def clientConnectionFailed(self, connector, reason):
            raise AssertionError("nothing listens")

    (port,) = pair.net.ports
    pair.net.connectTCP("192.168.7.9", port, Once())
    pair.turn()
    raw.transport._producer = None
    for each in data:
        raw.transport.write(each)
        pair.turn()
    return raw


def asking(name):
    return b"\x05\x01\x00\x03" + bytes([len(name)]) + name.encode() + b"\0\0"


def test_bytes_go_from_program_to_program(pair):
    ours, theirs, out, back = talking(pair)
    assert out.way == back.way == "socks5"
    whole = bytes(range(256)) * 4000

    async def send():
        for at in range(0, len(whole), 65_536):
            await out.write(whole[at : at + 65_536])
        await out.close()

    async def read():
        parts = []
        while part := await back.read():
            parts.append(part)
        return b"".join(parts)

    sending = pair.start(send())
    assert pair.wait(read()) == whole
    pair.wait(sending)
    assert not pair.net.ports  # nothing is expected any more
    ours.end()
    pair.turn()
    assert pair.wait(theirs.finish()).condition == "success"


def test_who_does_not_read_stops_who_writes(pair):
    _, _, out, back = talking(pair)
    writing = None
    for _ in range(100):
        writing = pair.start(out.write(bytes(65_536)))
        if not writing.called:
            break
    assert not writing.called
    assert back._waiting <= FULL + 65_536
    for _ in range(40):
        if writing.called:
            break
        pair.wait(back.read())
        pair.turn()
    assert writing.called


def test_what_was_written_may_be_used_again(pair):
    _, _, out, back = talking(pair)
    data = bytearray(b"x" * 200_000)  # more than the system takes at once
    writing = Deferred.fromCoroutine(out.write(memoryview(data)))
    data[:] = bytes(len(data))
    got = b""
    while len(got) < len(data):
        got += pair.wait(back.read())
    assert writing.called
    assert got == b"x" * 200_000


def test_who_writes_lets_others_work_where_the_system_takes_all(pair, monkeypatch):
    monkeypatch.setattr(Pipe, "FULL", 100 * A_TURN)
    _, _, out, _ = talking(pair)
    before = out.moved

    async def send():
        for _ in range(20):
            await out.write(bytes(A_TURN // 8))

    writing = Deferred.fromCoroutine(send())
    assert out.moved - before == A_TURN, "it goes without a turn of the loop up to here, and no further"
    pair.turn()
    assert writing.called


def test_the_end_of_the_session_waits_for_the_last_bytes(pair):
    ours, theirs, out, back = talking(pair)
    reading = []

    async def send():
        await out.write(bytes(300_000))
        await out.close()
        ours.end()

    pair.start(send())
    pair.turn()
    assert pair.wait(theirs.finish()).condition == "success"

    async def read():
        while part := await back.read():
            reading.append(len(part))

    pair.wait(read())
    assert sum(reading) == 300_000


def test_who_has_all_closes_it_without_harm(pair, monkeypatch):
    """The connection is faster than the word that all has come."""
    ours, theirs, out, back = talking(pair)
    pair.wait(out.write(b"all"))
    assert pair.wait(back.read()) == b"all"
    with monkeypatch.context() as slow:
        slow.setattr(theirs, "say", lambda *args, **more: None)
        theirs.end()
        pair.turn()
    assert pair.wait(out.close()) is None
    assert not said(pair, "connectivity-error")
    hear(pair.romeo.plugin(Jingle)._sessions[JULIET, ours.sid], _success(ours.sid))
    assert pair.wait(ours.finish()).condition == "success"


def test_last_bytes_that_never_come(pair):
    ours, theirs, out, back = talking(pair)
    out._carrier.finish = lambda: None  # type: ignore[method-assign]
    pair.wait(out.write(b"x"))
    out.on_end = lambda error: None
    session = pair.juliet.plugin(Jingle)._sessions[ROMEO, theirs.sid]
    hear(session, _success(session.sid))
    assert pair.wait(back.read()) == b"x"
    pair.net.advance(31)
    pair.net.advance(31)
    with pytest.raises(TransferBroken, match="last part"):
        pair.wait(back.read())
    ours.end()
    pair.turn()


def _success(sid):
    return Said(Action.SESSION_TERMINATE, sid, [], Reason(Condition.SUCCESS))


@pytest.mark.parametrize("word", [Condition.CANCEL, None])
def test_why_a_connection_breaks_may_be_said_after_it(pair, word):
    ours, theirs, out, back = talking(pair)
    finished = pair.start(theirs.finish())
    reading = pair.start(back.read())
    out._carrier.transport.abortConnection()
    pair.turn()
    with pytest.raises(TransferBroken, match="lost"):
        pair.wait(reading)
    assert not finished.called
    if word is not None:
        ours.end(word)
    pair.net.advance(WHY)
    assert pair.wait(finished).condition is (word or Condition.CONNECTIVITY_ERROR)
    assert ours.state is theirs.state is State.ENDED


def test_that_a_connection_broke_is_told_before_what_came_of_it(pair):
    ours, theirs, out, back = talking(pair)
    out._carrier.transport.abortConnection()
    pair.turn()
    assert back.is_over
    theirs.end(Condition.FAILED_APPLICATION)
    assert pair.wait(ours.finish()).condition is Condition.CONNECTIVITY_ERROR


def test_no_address_leads_there(pair):
    pair.net.closed.add("192.168.7.9")
    ours, theirs = offered(pair)
    pair.wait(theirs.accept())
    waiting = pair.start(ours.contents[0].stream())
    with pytest.raises(NoWayToPeer):
        pair.wait(waiting, 60)
    assert said(pair, "candidate-error") == 2
    pair.turn()
    assert not pair.net.ports


def test_what_is_on_this_machine_is_not_told_nor_tried(pair):
    pair.ours.options.address = pair.theirs.options.address = ""
    ours, theirs = offered(pair)
    (offer,) = [each for each in pair.romeo.wire.said if "session-initiate" in each]
    assert "192.168.7.2" in offer
    assert "127.0.0.1" not in offer
    pair.wait(theirs.accept())
    with pytest.raises(NoWayToPeer):
        pair.wait(ours.contents[0].stream(), 60)
    assert not pair.net.tried


def test_without_direct_connections_nothing_listens(pair):
    pair.ours.options.direct = False
    ours, _ = offered(pair)
    assert not pair.net.ports  # nor does juliet listen, who has not accepted anything
    assert said(pair, "<candidate ") == 0
    ours.end()


def test_only_one_side_can_be_reached(pair):
    pair.ours.options.direct = False
    _, _, out, back = talking(pair)
    pair.wait(out.write(b"x"))
    assert pair.wait(back.read()) == b"x"
    assert said(pair, "candidate-used") == said(pair, "candidate-error") == 1


def test_a_port_that_is_taken_is_not_the_end(pair):
    Port(pair.net, 5000, None)
    pair.ours.options.port = 5000
    pair.ours.options.address = ""
    assert pair.wait(pair.ours.places(("x",)))[0].port != 5000
    pair.ours.listener.forget(("x",))
    del pair.net.ports[5000]


# -- our server ------------------------------------------------------------------------------------------------------


def test_who_is_not_expected_is_not_let_in(pair):
    pair.wait(pair.ours.places(("a" * 40,)))
    raw = connects(pair, b"\x05\x01\x00", asking("b" * 40))
    assert raw.got.startswith(b"\x05\x00\x05\x02")
    assert raw.gone
    pair.ours.listener.forget(("a" * 40,))


@pytest.mark.parametrize(
    "data",
    [
        [b"\x04\x01\x00\x50\x7f\0\0\1\0"],
        [b"\x05\x01\x02"],
        [b"\x05\x01\x00", b"\x05\x02\x00\x03\x01a\0\0"],
        [b"\x05\x01\x00", b"\x05\x01\x00\x01\x7f\0\0\1\0\x50"],
        [b"\x05\x01\x00", b"\x05\x01\x00\x03\xff" + b"\xff" * 257],
        [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" + b"x" * LONGEST],
        [b"\x05\xff" + b"\x01" * (LONGEST + 100)],
    ],
)
def test_what_is_no_handshake_is_cut_off(pair, data):
    pair.wait(pair.ours.places(("a" * 40,)))
    raw = connects(pair, *data)
    pair.net.advance(HANDSHAKE + 1)
    pair.turn()
    assert raw.gone
    assert not pair.ours.listener._strangers
    pair.ours.listener.forget(("a" * 40,))


def test_who_says_nothing_is_cut_off(pair):
    pair.wait(pair.ours.places(("a" * 40,)))
    raw = connects(pair)
    assert not raw.gone
    pair.net.advance(HANDSHAKE + 1)
    pair.turn()
    assert raw.gone
    pair.ours.listener.forget(("a" * 40,))


def test_few_are_let_in_at_once(pair):
    pair.wait(pair.ours.places(("a" * 40,)))
    raws = [connects(pair, b"\x05\x01\x00", asking("a" * 40)) for _ in range(OF_ONE + 1)]
    assert [raw.gone for raw in raws] == [False] * OF_ONE + [True]
    pair.ours.listener.forget(("a" * 40,))
    pair.turn()
    assert all(raw.gone for raw in raws)
    pair.wait(pair.ours.places(("b",)))
    for _ in range(AT_ONCE):
        connects(pair)
    with pytest.raises(AssertionError, match="nothing listens"):
        connects(pair)
    pair.ours.listener.forget(("b",))


# -- what the peer says ----------------------------------------------------------------------------------------------


def hears(pair, session, inner, sid=None):
    """juliet hears a transport-info; the condition of the error."""
    content = session.contents[0]
    sid = content._negotiation._sid if sid is None else sid
    before = len(pair.juliet.wire.said)
    pair.juliet.wire.inject(
        f"<iq type='set' id='n' from='{ROMEO}'><jingle xmlns='urn:xmpp:jingle:1' action='transport-info'"
        f" sid='{session.sid}'><content creator='initiator' name='{content.name}'><transport xmlns='{NS_JINGLE}'"
        f" sid='{sid}'>{inner}</transport></content></jingle></iq>"
    )
    (answer,) = [parse(each) for each in pair.juliet.wire.said[before:] if "id='n'" in each]
    errors = xml.elements(answer, "error")
    return xml.elements(errors[0])[0].name if errors else ""


def test_what_is_told_must_make_sense(pair):
    _, theirs = offered(pair)
    assert hears(pair, theirs, "<candidate-used cid='unknown'/>") == "feature-not-implemented"
    assert hears(pair, theirs, "<candidate-error/>", sid="another") == "feature-not-implemented"
    assert hears(pair, theirs, "<candidate-error/>") == ""
    assert hears(pair, theirs, "<candidate-error/>") == "feature-not-implemented"
    assert hears(pair, theirs, "<something/>") == "feature-not-implemented"


def test_places_told_later_are_tried_too(pair):
    pair.ours.options.direct = pair.theirs.options.direct = False
    _, theirs = offered(pair)
    place = "<candidate cid='late' host='192.168.7.77' port='5000' jid='a@b/c' priority='1' type='direct'/>"
    assert hears(pair, theirs, place) == ""
    pair.wait(theirs.accept())
    pair.turn()
    assert pair.net.tried == [("192.168.7.77", 5000)]
    pair.net.advance(10)


NAMED = "<candidate cid='n' host='far.test' port='5000' jid='a@b/c' priority='1' type='direct'/>"


def test_all_addresses_of_a_name_are_tried(pair):
    pair.ours.options.direct = pair.theirs.options.direct = False
    pair.net.names["far.test"] = ["192.168.7.71", "10.0.0.1", "192.168.7.72"]
    pair.net.closed.add("192.168.7.71")
    _, theirs = offered(pair)
    assert hears(pair, theirs, NAMED) == ""
    pair.wait(theirs.accept())
    pair.turn()
    pair.net.advance(5)
    pair.turn()
    assert [host for host, _ in pair.net.tried] == ["192.168.7.71", "192.168.7.72"]


def test_who_gives_up_tries_no_further_address(pair):
    pair.ours.options.direct = pair.theirs.options.direct = False
    pair.net.names["far.test"] = ["192.168.7.71", "192.168.7.72"]
    pair.net.closed.add("192.168.7.71")
    _, theirs = offered(pair)
    assert hears(pair, theirs, NAMED) == ""
    pair.wait(theirs.accept())
    pair.turn()
    theirs.end()
    pair.turn()
    pair.net.advance(10)
    assert [host for host, _ in pair.net.tried] == ["192.168.7.71"]


def test_hostile_places_are_not_tried(pair):
    pair.ours.options.direct = pair.theirs.options.direct = False
    _, theirs = offered(pair)
    for number, (host, port) in enumerate(
        [("169.254.169.254", 5000), ("127.0.0.1", 5000), ("192.168.7.1", 25), ("10.0.0.1", 5000), ("::1", 5000)]
    ):
        place = f"<candidate cid='c{number}' host='{host}' port='{port}' jid='a@b/c' priority='1' type='direct'/>"
        assert hears(pair, theirs, place) == ""
    pair.wait(theirs.accept())
    pair.turn()
    pair.net.advance(5)
    pair.turn()
    assert not pair.net.tried


@pytest.mark.parametrize("better", ["romeo", "juliet", "none"])
def test_of_two_connections_both_take_the_same(pair, better, monkeypatch):
    if better != "none":
        priority = bytestreams.priority
        places = type(pair.ours).places
        chosen = pair.ours if better == "romeo" else pair.theirs

        async def placed(self, destinations):
            found = await places(self, destinations)
            return [each._replace(priority=priority("direct", 5 if self is chosen else 1)) for each in found]

        monkeypatch.setattr(type(pair.ours), "places", placed)
    ours, theirs = offered(pair)
    pair.romeo.wire.slow = pair.juliet.wire.slow = {"transport-info": 0.25}
    pair.wait(theirs.accept(), 5)
    out, back = pair.wait(ours.contents[0].stream(), 5), pair.wait(theirs.contents[0].stream(), 5)
    assert said(pair, "candidate-used") == 2  # both have found one
    pair.wait(out.write(b"x"))
    assert pair.wait(back.read()) == b"x"
    pair.wait(back.write(b"y"))
    assert pair.wait(out.read()) == b"y"
    # The place of who has the better one; of equals, what the initiator has chosen: the responder's.
    assert (type(out._carrier).__name__ == "Server") is (better == "romeo")


# -- without a session -----------------------------------------------------------------------------------------------


def test_without_a_session(pair):
    expected = pair.theirs.expect(ROMEO, "s")
    out = pair.wait(pair.ours.open(JULIET, "s"))
    back = pair.wait(expected)
    pair.wait(out.write(b"x"))
    assert pair.wait(back.read()) == b"x"
    assert not pair.net.ports
    pair.wait(back.close())
    assert pair.wait(out.read()) == b""


def test_without_a_session_and_without_a_way(pair):
    pair.net.closed.add("192.168.7.9")
    expected = pair.theirs.expect(ROMEO, "s")
    with pytest.raises(Exception, match="no such thing"):
        pair.wait(pair.ours.open(JULIET, "s"), 60)
    with pytest.raises(NoWayToPeer, match=str(ROMEO)):
        pair.wait(expected)
    assert not pair.net.ports


def test_what_is_not_expected(pair):
    def answer(peer, sid="s"):
        before = len(pair.juliet.wire.said)
        pair.juliet.wire.inject(
            f"<iq type='set' id='n' from='{peer}'><query xmlns='{bytestreams.NS}' sid='{sid}'/></iq>"
        )
        return next(each for each in pair.juliet.wire.said[before:] if "id='n'" in each)

    assert "not-acceptable" in answer(ROMEO)
    assert "service-unavailable" in answer(STRANGER)
    assert "bad-request" in answer(ROMEO, "")
    pair.theirs.expect(ROMEO, "s").addErrback(lambda _: None)
    assert "not-acceptable" in answer(ROMEO.bare.with_resource("hall"))


# -- addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told_by_it", "known"), [("proxy.verona.lit", True), ("proxy.verona.lit/1234", True), ("evil.lit", False)]
)
def test_a_proxy_tells_its_own_place(pair, monkeypatch, told_by_it, known):
    """ejabberd tells a resource, too, which is to be kept: the activation goes there."""
    service = JID("proxy.verona.lit")

    async def items(jid):
        return [Item(service)]

    async def info(jid):
        return Info([Identity("proxy", "bytestreams")], [bytestreams.NS])

    async def ask(iq, timeout=30.0):
        place = f"<streamhost jid='{told_by_it}' host='192.0.2.7' port='7777'/>"
        return parse(f"<iq><query xmlns='{bytestreams.NS}'>{place}</query></iq>")

    monkeypatch.setattr(pair.ours.disco, "get_items", items)
    monkeypatch.setattr(pair.ours.disco, "get_info", info)
    monkeypatch.setattr(pair.ours, "ask", ask)
    found = pair.wait(pair.ours.proxies())
    assert [each.jid for each in found] == ([JID(told_by_it)] if known else [])


def test_the_destination_is_the_one_of_the_specification():
    sid, romeo, juliet = "vj3hs98y", JID("romeo@montague.lit/orchard"), JID("juliet@capulet.lit/balcony")
    assert destination(sid, romeo, juliet) == "972b7bf47291ca609517f67f86b5081086052dad"  # XEP-0260 §2.3
    assert bytestreams.priority("direct", 65_535) > bytestreams.priority("proxy", 65_535)
    assert Candidate("a", 1, romeo).type == "direct"
