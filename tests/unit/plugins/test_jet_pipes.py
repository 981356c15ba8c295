"""Encrypted pipes: what is passed on is what was sent, and nobody is told that it was all when it was not."""

from __future__ import annotations

import os

import pytest
from support.fake_jingle import streams
from support.pair import JULIET, ROMEO
from support.romeo import now
from support.sealed_pair import blocks, changes_block, flipped, goes_on, ours, theirs

from sat.api import Pipe
from sat.api.errors import CannotReceiveEncrypted, NotSafeEnough, PipeChanged, TransferBroken
from sat.api.transfers import TransferState
from sat.plugins.attachments.links import TAG
from sat.plugins.encryption.envelopes import Shared
from sat.plugins.encryption.plugin import Encryption
from sat.plugins.jet.records import _LAST, MOST, RecordStream
from sat.plugins.jingle.plugin import Jingle
from sat.plugins.pipes.plugin import NS, Pipes
from sat.xmpp import jingle, xml

DATA = b"rm -r /tmp/old\n" * 12000  # some records
SECRET = Shared(b"k" * 16, b"i" * 12)


@pytest.fixture
def pair(sealed_pair, folder):
    for profile in (sealed_pair.romeo, sealed_pair.juliet):
        profile.plug(Pipes)
    sealed_pair.source, sealed_pair.target = folder / "source", folder / "target"
    sealed_pair.source.write_bytes(DATA)
    return sealed_pair


def pipes(pair, encrypt="omemo", waits=""):
    """juliet waits, romeo sends; how both ended."""
    into = Pipe(os.open(pair.target, os.O_WRONLY | os.O_CREAT, 0o600))
    pair.wait(pair.juliet.plugin(Pipes).receive([ROMEO.bare], into, "", waits))
    pair.wait(pair.romeo.plugin(Pipes).out(JULIET, Pipe(os.open(pair.source, os.O_RDONLY)), "", encrypt))
    goes_on(pair, ours, theirs)
    return ours(pair), theirs(pair)


def test_who_carries_it_cannot_read_it(pair):
    out, into = pipes(pair)
    assert (out.state, into.state) == (TransferState.DONE, TransferState.DONE)
    assert (out.encrypted, into.encrypted) == (True, True)
    assert (pair.target.read_bytes(), out.moved, into.moved) == (DATA, len(DATA), len(DATA))
    assert b"rm -r" not in b"".join(blocks(pair))


def test_it_goes_as_the_conversation_does(pair):
    pair.wait(pair.romeo.plugin(Encryption).begin(JULIET.bare, "omemo"))
    out, into = pipes(pair, "")
    assert (out.encrypted, into.encrypted, into.state) == (True, True, TransferState.DONE)


def test_in_clear_it_is_not_taken_where_it_has_to_be_encrypted(pair):
    pair.wait(pair.juliet.plugin(Encryption).begin(ROMEO.bare, "omemo"))
    out, into = pipes(pair, "none")
    assert isinstance(out.fault, NotSafeEnough)
    assert (into.state, pair.target.read_bytes(), blocks(pair)) == (TransferState.OFFERED, b"", [])  # it waits on
    pair.wait(pair.juliet.plugin(Pipes).transfers.cancel(into.id))
    out, into = pipes(pair, "none", "none")
    assert (out.state, into.encrypted) == (TransferState.DONE, False)


def test_where_it_cannot_be_encrypted_nothing_leaves(pair):
    pair.juliet.undo()
    pair.juliet.undo = lambda: None
    with pytest.raises(CannotReceiveEncrypted):
        pair.wait(pair.romeo.plugin(Pipes).out(JULIET, Pipe(os.open(pair.source, os.O_RDONLY)), "", "omemo"))
    assert not any("session-initiate" in each for each in pair.romeo.wire.said)


def test_a_key_that_waits_for_a_decision_pipes_nothing_in(pair):
    pair.people[1].blind = False
    out, into = pipes(pair)
    assert isinstance(out.fault, NotSafeEnough)
    assert (into.state, pair.target.read_bytes()) == (TransferState.OFFERED, b"")
    pair.wait(pair.juliet.plugin(Pipes).transfers.cancel(into.id))


def test_what_was_changed_is_not_passed_on(pair):
    changes_block(pair, 7, flipped)
    out, into = pipes(pair)
    assert isinstance(into.fault, PipeChanged)
    assert out.state is TransferState.FAILED
    got = pair.target.read_bytes()
    assert 0 < len(got) < len(DATA)
    assert DATA.startswith(got)


def test_who_says_too_early_that_it_was_all_is_not_believed(pair):
    """The server could: what ends a pipe in clear is told in a stanza."""
    told = []

    def early(text):
        if "<data" in text and not told:
            told.append(text)
            (session,) = pair.juliet.plugin(Jingle)._sessions.values()
            plugin = pair.juliet.plugin(Pipes)
            plugin.told(session, xml.element("end", NS, bytes=0))
        return text

    pair.wire.change = early
    _, into = pipes(pair)
    assert (told != [], into.state, pair.target.read_bytes()) == (True, TransferState.DONE, DATA)


# -- records ---------------------------------------------------------------------------------------------------------


def record_streams():
    here, there, _ = streams()
    return here, there, RecordStream(there, SECRET), RecordStream(here, SECRET)


def read(stream):
    got = b""
    while data := now(stream.read()):
        got += data
    return got


@pytest.mark.parametrize("size", [0, 1, MOST - 1, MOST, MOST + 1, 3 * MOST])
def test_records_come_as_they_went(size):
    _, _, writer, reader = record_streams()
    now(writer.write(b"x" * size))
    now(writer.finish())
    assert (read(reader), reader.is_whole) == (b"x" * size, True)


def cut(parts):
    return [*parts[:2], b"".join(parts[2:])[:-1]]


CHANGES = {
    "one is left out": lambda parts: [parts[0], *parts[2:]],
    "one comes twice": lambda parts: [parts[0], parts[0], *parts[1:]],
    "two change places": lambda parts: [parts[1], parts[0], *parts[2:]],
    "the last comes first": lambda parts: [parts[-1], *parts],
    "one is said to be the last": lambda parts: [bytes([parts[0][0] | 0x80]) + parts[0][1:], *parts[1:]],
    "one is said to be endless": lambda parts: [b"\x7f\xff\xff\xff" + parts[0][4:], *parts[1:]],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_not_in_order_is_refused(change):
    here, there, writer, reader = record_streams()
    sent = []

    async def write(data):
        sent.append(data)

    there.write = write
    for each in (b"one", b"two", b"three"):
        now(writer.write(each))
    now(writer.finish())
    for each in change(sent):
        here.received(each)
    here.ended(None)
    with pytest.raises(PipeChanged):
        read(reader)
    assert not reader.is_whole


@pytest.mark.parametrize("less", [1, 20, 25])
def test_without_its_last_record_it_is_not_whole(less):
    here, there, writer, reader = record_streams()
    sent = []

    async def write(data):
        sent.append(data)

    there.write = write
    now(writer.write(b"one"))
    now(writer.finish())
    here.received(b"".join(sent)[:-less])
    here.ended(None)
    assert read(reader) == (b"one" if less <= 20 else b"")
    assert not reader.is_whole


def end_of_last(stream):
    """Where the record ends that is marked as the last one; what pushes it through proxies is behind it."""
    at = 0
    while True:
        head = int.from_bytes(stream[at : at + 4])
        at += 4 + (head & ~_LAST) + TAG
        if head & _LAST:
            return at


def test_one_without_its_last_record_is_not_all_whatever_is_said(pair):
    """Who carries it cuts it there, and says in romeo's name that it went well."""
    pipes(pair)
    pair.target.unlink()
    left = end_of_last(b"".join(blocks(pair))) - 10

    def cut(data):
        nonlocal left
        kept = data[:left]
        left -= len(kept)
        return kept

    changes_block(pair, 1, cut, behind=True)
    pipes(pair)
    assert theirs(pair).state is TransferState.RUNNING
    ((_, sid),) = pair.juliet.plugin(Jingle)._sessions
    success = f"<jingle xmlns='{jingle.NS}' action='session-terminate' sid='{sid}'><reason><success/></reason></jingle>"
    pair.juliet.wire.inject(f"<iq type='set' id='t' from='{ROMEO}'>{success}</iq>")
    pair.turn()
    pair.net.advance(60)
    pair.turn()
    assert isinstance(theirs(pair).fault, TransferBroken)
    assert pair.target.read_bytes() == DATA
    pair.wait(pair.romeo.plugin(Pipes).transfers.cancel(ours(pair).id))
