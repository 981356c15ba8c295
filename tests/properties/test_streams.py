"""What must hold for any bytes and pieces of a stream, and for whatever a peer says of streams and sessions."""

from __future__ import annotations

import base64
import gc
import logging
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.pair import JULIET, ROMEO, Pair, joined
from support.parsing import parse
from twisted.internet.defer import Deferred, succeed

from sat.plugins.in_band.carrier import InBand
from sat.plugins.in_band.plugin import InBandBytestreams
from sat.plugins.jingle.plugin import Jingle
from sat.plugins.socks5.connection import LONGEST, Server
from sat.plugins.socks5.plugin import Socks5Bytestreams
from sat.xmpp import bytestreams, ibb, jingle, xml
from sat.xmpp.bytestreams import Candidate
from sat.xmpp.ibb import Opening
from sat.xmpp.jingle import Action, Condition, Part, Reason

APP = "urn:example:app"
words = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=9)


# -- any pieces arrive as they were sent -------------------------------------------------------------------------------


class Talk:
    """Hands what is said to the other carrier, in the order in which it was said."""

    def __init__(self) -> None:
        self.other: Any = None

    def ask(self, payload: Any) -> Deferred[Any]:
        element = parse(xml.to_text(payload))
        if element.name == "close":
            self.other.closed()
            return succeed(None)
        return self.other.heard(ibb.read_block(element))  # type: ignore[no-any-return]

    def say(self, payload: Any) -> None: ...

    def now(self) -> float:
        return 0.0


@given(st.lists(st.binary(max_size=200), max_size=20), st.integers(1, 64))
def test_pieces_of_all_sizes_arrive_as_they_were_sent(pieces: list[bytes], block: int) -> None:
    talk, back = Talk(), Talk()
    out = InBand(JULIET, "s", block, talk, lambda: None)
    there = InBand(ROMEO, "s", block, back, lambda: None)
    talk.other, back.other = there, out
    came: list[bytes] = []

    async def send() -> None:
        for piece in pieces:
            await out.stream.write(piece)
        await out.stream.close()

    async def read() -> None:
        while data := await there.stream.read():
            came.append(data)

    done = Deferred.fromCoroutine(send()), Deferred.fromCoroutine(read())
    assert all(each.called for each in done)
    assert b"".join(came) == b"".join(pieces)
    assert all(len(each) <= block for each in came)


@given(st.binary(max_size=100), st.integers(0, 100))
def test_blocks_are_read_as_they_were_written(data: bytes, limit: int) -> None:
    text = ibb.read_block(parse(xml.to_text(ibb.block("s", 1, data)))).text
    if len(data) <= limit:
        assert ibb.decoded(text, limit) == data
    else:
        with pytest.raises(ValueError, match="too long"):
            ibb.decoded(text, limit)


@given(st.text(st.sampled_from("ABab01+/= \n-_Ä"), max_size=12))
def test_only_base64_is_decoded(text: str) -> None:
    try:
        data = ibb.decoded(text, 100)
    except ValueError:
        return
    assert base64.b64encode(data).decode()[: len(text) - 3] == text[:-3]
    assert set(text) <= set("ABab01+/=")


class Line:
    """The transport of a server that nobody hears."""

    def __init__(self) -> None:
        self.closed, self.written = False, b""

    def write(self, data: bytes) -> None:
        self.written += data

    def loseConnection(self) -> None:
        self.closed = True

    abortConnection = loseConnection

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


@given(st.lists(st.binary(max_size=300) | st.sampled_from([b"\x05\x01\x00", b"\x05\x01\x00\x03\x01a\0\0"]), max_size=6))
def test_a_handshake_lets_in_nobody_who_does_not_know_what_is_expected(pieces: list[bytes]) -> None:
    admitted: list[str] = []
    server, line = Server(lambda asked, _: bool(admitted.append(asked)) or asked == "a", lambda _: None), Line()
    server.makeConnection(line)  # type: ignore[arg-type]
    for piece in pieces:
        if not line.closed:
            server.dataReceived(piece)
            assert server._handshake is None or len(server._handshake) <= LONGEST or line.closed
    if b"\x05\x00\x00" in line.written:
        assert admitted == ["a"]
    assert len(admitted) <= 1


# -- what is written is read -------------------------------------------------------------------------------------------

parts = st.builds(
    Part,
    words,
    st.sampled_from(["initiator", "responder"]),
    st.sampled_from(["initiator", "responder", "both", "none"]),
    st.sampled_from([None, xml.element("description", APP)]),
    st.sampled_from([None, xml.element("transport", APP)]),
    security=st.sampled_from([None, xml.element("security", APP)]),
)
reasons = st.builds(Reason, st.sampled_from(Condition), words.map(lambda text: " ".join(text.split())))


@given(
    st.sampled_from(Action), words, st.lists(parts, max_size=3, unique_by=lambda part: part[:2]), st.none() | reasons
)
def test_what_is_said_is_understood(action: Action, sid: str, said: list[Part], reason: Reason | None) -> None:
    read = jingle.read(parse(xml.to_text(jingle.write(action, sid, said, reason))))
    assert (read.action, read.sid, read.reason) == (action, sid, reason)
    assert [each[:3] for each in read.parts] == [each[:3] for each in said]
    assert [each.transport is None for each in read.parts] == [each.transport is None for each in said]


@given(
    words,
    st.lists(
        st.builds(
            Candidate, st.sampled_from(["1.2.3.4", "2001:db8::1", "a.test"]), st.integers(1, 65_535),
            st.sampled_from([ROMEO, JULIET]), words, st.integers(0, 2**31 - 1), st.sampled_from(["direct", "proxy"]),
        ),
        max_size=5, unique_by=lambda each: each.id,
    ),
)  # fmt: skip
def test_places_that_are_told_are_understood(sid: str, places: list[Candidate]) -> None:
    assert bytestreams.read_transport(parse(xml.to_text(bytestreams.transport(sid, places)))).candidates == places
    hosts = bytestreams.read_query(parse(xml.to_text(bytestreams.query(sid, places)))).hosts
    assert [each[:3] for each in hosts] == [each[:3] for each in places]
    opening = Opening(sid, 4096)
    assert ibb.read_opening(parse(xml.to_text(ibb.transport(opening)))) == opening


# -- whatever a peer says ----------------------------------------------------------------------------------------------

VALUES = {
    "action": [*(each.value for each in Action), "evil"],
    "sid": ["s", "t", "", "x" * 600],
    "creator": ["initiator", "responder", "evil"],
    "senders": ["initiator", "both", "evil"],
    "name": ["a", "b", ""],
    "block-size": ["4096", "0", "-1", "65536", "9" * 5000, "٣"],
    "seq": ["0", "1", "65535", "65536", "x"],
    "cid": ["c", "d0", ""],
    "host": ["127.0.0.1", "10.0.0.1", "a b", "::1", "x" * 300],
    "port": ["0", "25", "5000", "99999", "x"],
    "jid": [JULIET, "@@", ""],
    "priority": ["1", "-1", "9" * 5000],
    "type": ["direct", "proxy", "evil"],
    "dstaddr": ["a" * 40, "evil"],
    "mode": ["tcp", "udp"],
}
NAMES = [
    *((name, jingle.NS) for name in ("content", "reason", "success", "decline", "text", "evil")),
    ("description", APP), ("description", "urn:other"), ("security", "urn:x"), ("ringing", APP),
    *((name, bytestreams.NS_JINGLE) for name in ("transport", "candidate", "candidate-used", "candidate-error")),
    ("activated", bytestreams.NS_JINGLE), ("proxy-error", bytestreams.NS_JINGLE), ("transport", ibb.NS_JINGLE),
    *((name, bytestreams.NS) for name in ("streamhost", "streamhost-used", "activate")),
]  # fmt: skip
PAIRS = [f" {name}='{xml.escape(value)}'" for name, values in VALUES.items() for value in values]
attributes = st.lists(st.sampled_from(PAIRS), max_size=7, unique_by=lambda pair: pair.partition("=")[0]).map("".join)


def tree(name: tuple[str, str], attributes: str, inner: list[str]) -> str:
    return f"<{name[0]} xmlns='{name[1]}'{attributes}>{''.join(inner) or 'AAAA'}</{name[0]}>"


leaves = st.builds(tree, st.sampled_from(NAMES), attributes, st.just([]))
inner = st.builds(tree, st.sampled_from(NAMES), attributes, st.lists(leaves, max_size=4))
contents = st.builds(tree, st.just(("content", jingle.NS)), attributes, st.lists(inner, max_size=3))
outer = st.sampled_from(
    [("jingle", jingle.NS)] * 6
    + [("open", ibb.NS), ("data", ibb.NS), ("close", ibb.NS), ("query", bytestreams.NS), ("transport", ibb.NS_JINGLE)]
)
payloads = st.builds(tree, outer, attributes, st.lists(contents | inner, max_size=3))


@given(payloads)
def test_nothing_that_reads_it_raises_what_is_not_expected(text: str) -> None:
    element = parse(text)
    for read in (
        jingle.read, ibb.read_opening, ibb.read_block, ibb.read_close,
        bytestreams.read_transport, bytestreams.read_query, bytestreams.read_used, bytestreams.read_address,
    ):  # fmt: skip
        with suppress(jingle.Malformed, ValueError):
            read(element)


class App:
    namespace = APP
    securities = ()

    def __init__(self) -> None:
        self.sessions: list[Any] = []

    def wants(self, peer: Any) -> bool:
        return False

    def offered(self, session: Any) -> None:
        self.sessions.append(session)

    def added(self, session: Any, content: Any) -> bool:
        return True

    def told(self, session: Any, payload: Any) -> bool:
        return payload.name == "ringing"


def session(pair: Pair) -> None:
    """Something that what is said can meet: a session ``s`` that waits, or is accepted."""
    transport = f"<transport xmlns='{ibb.NS_JINGLE}' sid='i' block-size='4096'/>"
    pair.juliet.wire.inject(
        f"<iq type='set' id='x' from='{ROMEO}'><jingle xmlns='{jingle.NS}' action='session-initiate' sid='s'>"
        f"<content creator='initiator' name='a'><description xmlns='{APP}'/>{transport}</content></jingle></iq>"
    )


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(st.tuples(st.booleans(), payloads), min_size=1, max_size=8), st.booleans())
def test_nothing_that_a_peer_says_is_too_much(
    caplog: pytest.LogCaptureFixture, heard: list[tuple[bool, str]], accepted: bool
) -> None:
    gc.collect()  # what was cancelled when the profiles of the example before were closed is told now
    caplog.clear()
    with TemporaryDirectory() as folder, joined(Path(folder)) as pair:
        app = App()
        for plugin in (InBandBytestreams, Socks5Bytestreams):
            pair.juliet.plug(plugin)
        pair.juliet.plugin(Socks5Bytestreams).options.direct = False
        plugin = pair.juliet.plugin(Jingle)
        plugin.undo(plugin.serve(app))
        session(pair)
        if accepted:
            pair.start(app.sessions[0].accept()).addErrback(lambda _: None)  # romeo knows of no such session
        before = len(pair.juliet.wire.said)
        for number, (known, payload) in enumerate(heard):
            sender = ROMEO if known else "paris@verona.lit/door"
            pair.juliet.wire.inject(f"<iq type='set' id='told-{number}' from='{sender}'>{payload}</iq>")
            pair.turn(3)
        pair.net.advance(700)
        pair.turn()
        answers = [each for each in pair.juliet.wire.said[before:] if " id='told-" in each]
        assert len(answers) == len(heard)  # each has one
        assert not any("internal-server-error" in each for each in answers)
        assert not [each for each in caplog.records if each.exc_info or each.levelno >= logging.ERROR]
        assert not plugin._sessions or len(plugin._sessions) <= 10
