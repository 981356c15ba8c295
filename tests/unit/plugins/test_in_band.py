"""Streams in stanzas: order, window, what is refused, and a connection that goes and comes back."""

from __future__ import annotations

import gc
from base64 import b64encode
from types import SimpleNamespace

import pytest
from support.pair import JULIET, ROMEO, connection, joined
from support.parsing import parse
from twisted.logger import LogLevel, globalLogPublisher

from sat.api import JID
from sat.api.errors import PeerError, RequestTimeout, TooManyTransfers, TransferBroken
from sat.plugins.in_band import plugin
from sat.plugins.in_band.carrier import FIRST, MOST, SOON, WAITING, WINDOW
from sat.plugins.in_band.plugin import SMALLEST, InBandBytestreams
from sat.plugins.jingle.stream import FULL
from sat.xmpp import ibb, xml

BLOCK = 4096
TRANSPORT = f"<transport xmlns='{ibb.NS_JINGLE}' sid='i' block-size='4096'/>"
STRANGER = JID("paris@verona.lit/door")


@pytest.fixture
def pair(folder):
    with joined(folder) as pair:
        pair.ours = pair.romeo.plug(InBandBytestreams)
        pair.theirs = pair.juliet.plug(InBandBytestreams)
        yield pair


def opened(pair, block=BLOCK):
    expected = pair.theirs.expect(ROMEO, "s", block)
    out = pair.wait(pair.ours.open(JULIET, "s", block))
    return out, pair.wait(expected)


def hears(pair, payload, peer=ROMEO):
    """The condition of the error that juliet answers with; nothing for a result; None as long as there is no answer."""
    before = len(pair.juliet.wire.said)
    pair.juliet.wire.inject(f"<iq type='set' id='n' from='{peer}'>{payload}</iq>")
    answers = [parse(each) for each in pair.juliet.wire.said[before:] if "id='n'" in each]
    if not answers:
        return None
    answer = answers[-1]
    errors = list(xml.elements(answer, "error"))
    return xml.elements(errors[0])[0].name if errors else ""


def data(number, text="", sid="s"):
    return f"<data xmlns='{ibb.NS}' sid='{sid}' seq='{number}'>{text or b64encode(b'x').decode()}</data>"


def blocks(pair):
    return sum("<data" in each for each in pair.romeo.wire.said)


def grows(pair, out):
    """So much is acknowledged at once that the window is open."""
    pair.wait(out.write(bytes(WINDOW * BLOCK)))
    pair.turn(50)


def read_all(pair, stream):
    async def read():
        parts = []
        while part := await stream.read():
            parts.append(part)
        return b"".join(parts)

    return pair.start(read())


def test_pieces_of_all_sizes_arrive_in_order(pair):
    out, back = opened(pair)
    whole = bytes(range(256)) * 1000
    reading = read_all(pair, back)

    async def write():
        at, size = 0, 1
        while at < len(whole):
            await out.write(whole[at : at + size])
            at, size = at + size, size * 3 + 1
        await out.close()

    pair.wait(write())
    assert pair.wait(reading) == whole
    assert not pair.ours._carriers
    assert not pair.theirs._carriers


def test_numbers_go_around(pair, monkeypatch):
    monkeypatch.setattr(ibb, "AROUND", 5)
    out, back = opened(pair, 1)
    reading = read_all(pair, back)
    pair.wait(out.write(b"0123456789abc"))
    pair.wait(out.close())
    assert pair.wait(reading) == b"0123456789abc"


def test_no_more_than_a_window_is_under_way(pair):
    """It grows with what is soon acknowledged."""
    out, back = opened(pair)
    reading = read_all(pair, back)
    pair.romeo.wire.lose.append("<data")
    writing = pair.start(out.write(bytes(WAITING + FIRST * BLOCK)))
    assert blocks(pair) == FIRST
    out.abort()
    pair.turn()
    writing.addErrback(lambda failure: None)
    reading.addErrback(lambda failure: None)
    pair.romeo.wire.lose.clear()
    out, back = opened(pair)
    reading = read_all(pair, back)
    grows(pair, out)
    before = blocks(pair)
    pair.romeo.wire.other.hear = lambda text: None  # type: ignore[method-assign]  # nothing arrives
    writing = pair.start(out.write(bytes(WAITING + (WINDOW + 1) * BLOCK)))
    assert blocks(pair) - before == WINDOW
    assert not writing.called
    writing.addErrback(lambda failure: None)
    out.abort()
    pair.turn()


def test_fewer_are_under_way_where_they_are_held_up(pair):
    """Else what the person writes would wait behind them."""
    out, back = opened(pair)
    reading = read_all(pair, back)
    grows(pair, out)
    held = []
    hear = pair.juliet.wire.hear
    pair.juliet.wire.hear = lambda text: held.append(text) if "<data" in text else hear(text)
    writing = pair.start(out.write(bytes(20 * BLOCK)))
    sizes = []
    while held:
        sizes.append(len(held))
        pair.net.advance(SOON + 1)
        waiting, held[:] = list(held), []
        for text in waiting:
            hear(text)
        pair.turn()
    assert sizes[0] == WINDOW
    assert sizes[-1] == 1
    pair.wait(writing)
    pair.juliet.wire.hear = hear
    pair.wait(out.close())
    assert len(pair.wait(reading)) == (WINDOW + 20) * BLOCK


def test_small_pieces_join_behind_what_is_under_way(pair):
    out, back = opened(pair)
    for _ in range(1000):
        pair.wait(out.write(b"x"))
    reading = read_all(pair, back)
    pair.wait(out.close())
    assert pair.wait(reading) == b"x" * 1000
    pieces = blocks(pair)

    async def burst():
        for _ in range(1000):
            await out2.write(b"y")
        await out2.close()

    out2, back2 = opened(pair)
    reading = read_all(pair, back2)
    pair.wait(burst())
    assert pair.wait(reading) == b"y" * 1000
    assert blocks(pair) - pieces == 2


def test_who_does_not_read_stops_who_writes(pair):
    out, back = opened(pair)
    total = 3 * FULL

    async def write():
        for _ in range(total // 65_536):
            await out.write(bytes(65_536))
        await out.close()

    writing = pair.start(write())
    pair.turn(500)
    assert FULL <= back._waiting <= FULL + WINDOW * BLOCK
    assert not writing.called
    assert len(pair.wait(read_all(pair, back))) == total
    pair.wait(writing)


def test_the_other_side_may_close_at_any_time(pair):
    out, back = opened(pair)
    pair.wait(back.close())
    with pytest.raises(TransferBroken):
        pair.wait(out.write(b"x"))
    assert pair.wait(out.read()) == b""
    out, back = opened(pair)
    pair.romeo.wire.lose.append("<data")
    pair.wait(out.write(b"x"))
    pair.wait(back.close())
    with pytest.raises(TransferBroken, match="ended there"):
        pair.wait(out.read())


def test_both_sides_may_close_at_once(pair):
    """Whose closing crosses ours on its way is told no error; nobody else, and not twice."""
    closing = f"<close xmlns='{ibb.NS}' sid='s'/>"
    _, back = opened(pair)
    back.satisfy()
    assert hears(pair, closing, STRANGER) == "service-unavailable"
    assert [hears(pair, closing), hears(pair, closing)] == ["", "item-not-found"]


def test_few_of_those_that_ended_are_remembered(pair, monkeypatch):
    monkeypatch.setattr(plugin, "REMEMBERED", 2)
    for sid in "abc":
        expected = pair.theirs.expect(ROMEO, sid, BLOCK)
        pair.wait(pair.ours.open(JULIET, sid, BLOCK))
        pair.wait(expected).satisfy()
    told = [hears(pair, f"<close xmlns='{ibb.NS}' sid='{sid}'/>") for sid in "abc"]
    assert told == ["item-not-found", "", ""]


def test_a_block_that_is_missing_ends_it(pair):
    out, back = opened(pair)
    assert hears(pair, data(1)) == "unexpected-request"
    with pytest.raises(TransferBroken, match="missing"):
        pair.wait(back.read())
    pair.turn()
    assert not out.is_open


@pytest.mark.parametrize(
    "text", ["=AAA", "BBBB=CCC", "AA A", "A", "AAAA\nAAAA", "AA==AA==", "Ä", b64encode(bytes(BLOCK + 1)).decode()]
)
def test_what_is_no_base64_or_too_long_ends_it(pair, text):
    _, back = opened(pair)
    assert hears(pair, data(0, text)) == "bad-request"
    with pytest.raises(TransferBroken):
        pair.wait(back.read())


def test_a_flood_ends_it(pair):
    """Of one who does not wait for what we acknowledge, when we read nothing."""
    _, back = opened(pair, 65_535)
    text = b64encode(bytes(65_535)).decode()
    answers = [hears(pair, data(number, text)) for number in range(MOST // 65_535 + 3)]
    assert answers[0] == ""
    assert None in answers
    assert "resource-constraint" in answers
    assert back._waiting <= MOST + 65_535
    assert back.is_over


@pytest.mark.parametrize(
    "payload",
    [
        f"<open xmlns='{ibb.NS}' sid='s'/>",
        f"<open xmlns='{ibb.NS}' block-size='10'/>",
        f"<open xmlns='{ibb.NS}' sid='s' block-size='0'/>",
        f"<open xmlns='{ibb.NS}' sid='s' block-size='-1'/>",
        f"<open xmlns='{ibb.NS}' sid='s' block-size='٣'/>",
        f"<data xmlns='{ibb.NS}' sid='s'/>",
        f"<data xmlns='{ibb.NS}' sid='s' seq='65536'/>",
        f"<close xmlns='{ibb.NS}'/>",
    ],
)
def test_requests_that_make_no_sense(pair, payload):
    pair.theirs.expect(ROMEO, "s", BLOCK).addErrback(lambda _: None)
    assert hears(pair, payload) == "bad-request"


def test_what_is_not_expected(pair):
    opening = f"<open xmlns='{ibb.NS}' sid='s' block-size='4096'/>"
    for payload, condition in ((opening, "not-acceptable"), (data(0), "item-not-found")):
        assert hears(pair, payload) == condition
        assert hears(pair, payload, STRANGER) == "service-unavailable"
    pair.theirs.expect(ROMEO, "s", BLOCK)
    assert hears(pair, opening, ROMEO.bare.with_resource("hall")) == "not-acceptable"
    assert hears(pair, opening.replace("/>", " stanza='message'/>")) == "not-acceptable"
    assert hears(pair, opening) == ""
    assert hears(pair, opening) == "not-acceptable"


def test_only_the_peer_may_speak_in_it(pair):
    _, back = opened(pair)
    for payload in (data(0), f"<close xmlns='{ibb.NS}' sid='s'/>"):
        assert hears(pair, payload, ROMEO.bare.with_resource("hall")) == "item-not-found"
        assert hears(pair, payload, STRANGER) == "service-unavailable"
    assert back.is_open


def test_smaller_blocks_are_agreed_on(pair):
    expected = pair.theirs.expect(ROMEO, "s", 2048)
    out = pair.wait(pair.ours.open(JULIET, "s", 8192))
    back = pair.wait(expected)
    pair.wait(out.write(b"x" * 5000))
    assert len(pair.wait(back.read())) == 2048


def test_too_small_blocks_are_not(pair):
    pair.theirs.expect(ROMEO, "s", SMALLEST // 2)
    with pytest.raises(PeerError):
        pair.wait(pair.ours.open(JULIET, "s", 8192))
    assert not pair.ours._carriers


def test_it_is_refused(pair):
    with pytest.raises(PeerError, match="not acceptable"):
        pair.wait(pair.ours.open(JULIET, "s"))
    assert not pair.ours._carriers


def test_it_is_no_longer_expected(pair):
    expected = pair.theirs.expect(ROMEO, "s")
    expected.addErrback(lambda _: None)
    expected.cancel()
    with pytest.raises(PeerError):
        pair.wait(pair.ours.open(JULIET, "s"))


def test_few_are_expected_at_once(pair, monkeypatch):
    monkeypatch.setattr("sat.plugins.in_band.plugin.AT_ONCE", 1)
    pair.theirs.expect(ROMEO, "s")
    with pytest.raises(TooManyTransfers):
        pair.theirs.expect(ROMEO, "t")


def test_it_goes_on_when_the_session_does(pair):
    out, back = opened(pair)
    pair.romeo.wire.up, pair.romeo.wire.resumable = False, True
    pair.romeo.goes_offline(resumable=True)
    whole = bytes(range(256)) * 200
    writing = pair.start(out.write(whole))
    pair.turn()
    assert out.is_open
    reading = read_all(pair, back)
    pair.romeo.wire.up = True
    connection(pair.romeo, resumed=True)
    pair.wait(writing)
    pair.wait(out.close())
    assert pair.wait(reading) == whole


def test_it_ends_with_the_session(pair):
    out, _ = opened(pair)
    pair.romeo.wire.up = False
    pair.romeo.goes_offline()
    with pytest.raises(TransferBroken, match="connection to your server"):
        pair.wait(out.write(b"x"))


def test_who_never_acknowledges_is_given_up(pair):
    out, _ = opened(pair)
    pair.romeo.wire.lose.append("<data")
    pair.wait(out.write(b"x"))
    closing = pair.start(out.close())
    pair.net.advance(301)
    with pytest.raises(RequestTimeout):
        pair.wait(closing)


def test_abort_tells_the_other_side(pair):
    out, back = opened(pair)
    out.abort()
    with pytest.raises(TransferBroken):
        pair.wait(out.read())
    pair.turn()
    assert back.is_over


def test_what_is_expected_no_longer_before_anybody_waits_for_it_is_no_error(pair):
    """As of a session that ends while its acceptance is on its way."""
    unheard = []
    globalLogPublisher.addObserver(unheard.append)
    try:
        negotiation = pair.theirs.begin(SimpleNamespace(peer=ROMEO, initiator=False), parse(TRANSPORT))
        negotiation.element()
        negotiation.stop()
        del negotiation
        gc.collect()
    finally:
        globalLogPublisher.removeObserver(unheard.append)
    assert not [each for each in unheard if each["log_level"] is LogLevel.critical]
