"""Pipes between people: who gets what, that nothing is lost or taken for all when it is not, and their ends here."""

import asyncio
import os
import threading

import pytest
from support.fake_jingle import PEER, Offers, Session
from support.romeo import now
from twisted.internet.defer import Deferred

from sat.api import JID, Pipe
from sat.api.errors import NobodyWaits, PeerError, TooManyTransfers, TransferBroken
from sat.api.transfers import Direction, TransferState
from sat.bridge.callers import Callers
from sat.core import disk
from sat.core.plugin import Refusal
from sat.plugins.jingle.quiet import QUIET
from sat.plugins.pipes.ends import End
from sat.plugins.pipes.plugin import AT_ONCE, NS, Pipes
from sat.xmpp import xml
from sat.xmpp.jingle import Condition

JULIET = JID("juliet@capulet.lit")
DATA = bytes(range(256)) * 4096


@pytest.fixture
def pipes(romeo, monkeypatch):
    async def at_once(work):
        return work()

    async def programs(peer, feature, what):
        return [PEER, JULIET.with_resource("garden")]

    monkeypatch.setattr(disk, "in_thread", at_once)
    made = romeo.plug(Pipes)
    made.disco.find_programs = programs
    romeo.goes_online()
    item = f"<item jid='{JULIET}' subscription='both'/>"
    romeo.hears(f"<iq type='set' id='r'><query xmlns='jabber:iq:roster'>{item}</query></iq>")
    return made


@pytest.fixture
def offers(romeo, pipes, monkeypatch):
    made = Offers(romeo.clock)
    monkeypatch.setattr(pipes.jingle, "offer", made.offer)
    return made


@pytest.fixture
def source(tmp_path):
    """Something to be sent: a file does as a pipe."""
    path = tmp_path / "source"
    path.write_bytes(DATA)
    return Pipe(os.open(path, os.O_RDONLY))


@pytest.fixture
def target(tmp_path):
    return Pipe(os.open(tmp_path / "target", os.O_WRONLY | os.O_CREAT, 0o600))


def offered(romeo, pipes, name="", peer=PEER):
    session = Session(romeo.clock, False, peer)
    session.put(xml.element("description", NS, name=name or None)).receiving = True
    pipes.offered(session)
    romeo.turn()
    return session


def is_open(descriptor):
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def ended(pipes):
    return now(pipes.transfers.get_all())[-1]


def test_what_is_read_here_is_written_there_and_its_end_told(romeo, pipes, offers, source):
    sent = now(pipes.out(JULIET, source, "log"))
    assert (sent.direction, sent.pipe, sent.name, sent.state) == (Direction.SEND, True, "log", TransferState.OFFERED)
    (session,) = offers.sessions
    assert session.contents[0].description.attributes["name"] == "log"
    there = session.contents[0].connect()
    got = b""
    while len(got) < len(DATA):
        got += now(there.read())
    assert got == DATA
    assert [(each.name, each["bytes"]) for each in session.said] == [("end", str(len(DATA)))]
    assert len(now(there.read())) > 8192  # which pushes the last bytes through a proxy that keeps some
    assert ended(pipes).state is TransferState.RUNNING  # not before it is written there
    assert pipes.told(session, xml.element("received", NS))
    assert (ended(pipes).state, ended(pipes).moved, session.ended) == (
        TransferState.DONE, len(DATA), Condition.SUCCESS,
    )  # fmt: skip
    assert not is_open(source)


def test_where_nobody_waits_the_next_program_is_asked(romeo, pipes, offers, source, monkeypatch):
    asked = []

    async def offer(peer, given):
        asked.append(peer.resource)
        raise PeerError(peer=peer, condition="item-not-found", reason="nobody waits")

    monkeypatch.setattr(pipes.jingle, "offer", offer)
    with pytest.raises(NobodyWaits):
        now(pipes.transfers.finish(now(pipes.out(JULIET, source)).id))
    assert asked == ["balcony", "garden"]
    assert not is_open(source)


@pytest.mark.parametrize(
    ("end", "state"),
    [("stopped", TransferState.CANCELLED), (Condition.CANCEL, TransferState.CANCELLED), (None, TransferState.FAILED)],
)
def test_who_reads_no_more_ends_it_here(romeo, pipes, offers, source, end, state):
    now(pipes.out(JULIET, source))
    (session,) = offers.sessions
    session.contents[0].connect()
    if end == "stopped":
        assert pipes.told(session, xml.element("stopped", NS))
    elif end is None:
        session.broken(TransferBroken(peer=PEER, reason="it is gone"))
    else:
        session.terminated(end)
    assert ended(pipes).state is state
    assert not is_open(source)


def test_a_pipe_can_be_given_up(romeo, pipes, offers, source):
    now(pipes.out(JULIET, source))
    now(pipes.transfers.cancel(ended(pipes).id))
    assert (ended(pipes).state, offers.sessions[0].ended) == (TransferState.CANCELLED, Condition.CANCEL)
    assert not is_open(source)


def test_what_comes_is_written_here_and_thanked_for(romeo, pipes, target, tmp_path):
    waits = now(pipes.receive([JULIET], target, "log"))
    assert (waits.state, waits.asks, waits.peer) == (TransferState.OFFERED, False, JULIET)
    session = offered(romeo, pipes, "log")
    assert session.accepted
    there = session.contents[0].connect()
    now(there.write(DATA[:1000]))
    now(there.write(DATA[1000:]))
    assert pipes.told(session, xml.element("end", NS, bytes=len(DATA)))
    assert (tmp_path / "target").read_bytes() == DATA
    assert [each.name for each in session.said] == ["received"]
    assert not is_open(target)
    session.terminated()
    assert (ended(pipes).state, ended(pipes).moved) == (TransferState.DONE, len(DATA))


def test_who_only_reads_sends_a_byte_now_and_then(romeo, pipes, target):
    """Else a proxy ends a connection that only takes; and no more of them behind the end."""
    now(pipes.receive([], target))
    session = offered(romeo, pipes)
    there = session.contents[0].connect()
    for _ in range(3):
        now(there.write(b"abc"))
        romeo.clock.advance(QUIET)
        assert now(there.read()) == b"\0"
        now(there.write(b"de"))
    pipes.told(session, xml.element("end", NS, bytes=15))
    session.terminated()
    romeo.turn()
    moved = there.moved
    romeo.clock.advance(10 * QUIET)
    assert there.moved == moved


def test_the_end_may_be_told_before_all_is_there(romeo, pipes, target, tmp_path):
    now(pipes.receive([], target))
    session = offered(romeo, pipes)
    there = session.contents[0].connect()
    pipes.told(session, xml.element("end", NS, bytes=3))
    assert session.said == []
    now(there.write(b"abc" + bytes(9000)))
    assert [each.name for each in session.said] == ["received"]
    assert (tmp_path / "target").read_bytes() == b"abc"
    romeo.clock.advance(60)  # the sender does not end it
    assert session.ended is Condition.SUCCESS


@pytest.mark.parametrize("told", [None, "4"])
def test_what_breaks_off_is_not_all(romeo, pipes, target, told):
    now(pipes.receive([], target))
    session = offered(romeo, pipes)
    there = session.contents[0].connect()
    if told:
        pipes.told(session, xml.element("end", NS, bytes=told))
    now(there.write(b"abc"))
    now(there.close())
    session.terminated()
    assert ended(pipes).error == "TransferBroken"
    assert not is_open(target)


def test_only_who_is_waited_for_is_taken(romeo, pipes, target):
    now(pipes.receive([JULIET], target, "log"))
    for name, peer in (("other", PEER), ("log", JID("paris@verona.lit/x"))):
        with pytest.raises(Refusal):
            offered(romeo, pipes, name, peer)
    assert not pipes.wants(JID("paris@verona.lit/x"))
    assert pipes.wants(PEER)
    offered(romeo, pipes, "log")
    with pytest.raises(Refusal):  # one is enough
        offered(romeo, pipes, "log")


def test_nobody_in_particular_is_a_contact(romeo, pipes, target):
    now(pipes.receive([], target))
    with pytest.raises(Refusal):
        offered(romeo, pipes, "", JID("paris@verona.lit/x"))
    assert not pipes.wants(JID("paris@verona.lit/x"))
    assert offered(romeo, pipes).accepted


def test_a_program_that_has_gone_waits_no_longer(romeo, pipes, target):
    there, into = os.pipe()
    now(pipes.receive([], Pipe(into)))
    now(pipes.receive([], target))
    os.close(there)
    offered(romeo, pipes)
    first, second = now(pipes.transfers.get_all())
    assert (first.state, second.state) == (TransferState.CANCELLED, TransferState.CONNECTING)


def test_a_full_disk_ends_a_pipe(romeo, pipes, target, monkeypatch):
    now(pipes.receive([], target))
    session = offered(romeo, pipes)
    there = session.contents[0].connect()

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        now(there.write(b"abc"))
    assert ended(pipes).error == "StorageFull"
    assert session.ended is Condition.FAILED_APPLICATION


def test_there_are_not_too_many(pipes, tmp_path):
    for _ in range(AT_ONCE):
        now(pipes.receive([], Pipe(os.open(tmp_path / "x", os.O_WRONLY | os.O_CREAT, 0o600))))
    last = Pipe(os.open(tmp_path / "x", os.O_WRONLY))
    with pytest.raises(TooManyTransfers):
        now(pipes.receive([], last))
    assert not is_open(last)


# -- ends --------------------------------------------------------------------------------------------------------------


def turn(work):
    """The result of a coroutine on an event loop of its own."""

    async def main():
        return await asyncio.wait_for(Deferred.fromCoroutine(work()).asFuture(asyncio.get_running_loop()), 20)

    return asyncio.run(main())


def test_an_end_reads_what_comes_until_it_ends():
    read, write = os.pipe()
    flags = os.get_blocking(read)

    async def work():
        end, got = End(os.dup(read), False), []
        threading.Timer(0.05, lambda: (os.write(write, b"late"), os.close(write))).start()
        while data := await end.read():
            got.append(data)
        end.close()
        return b"".join(got)

    assert turn(work) == b"late"
    assert os.get_blocking(read) is flags  # others have it too
    os.close(read)


def test_an_end_writes_no_faster_than_is_read():
    read, write = os.pipe()
    got = bytearray()

    def drain():
        while data := os.read(read, 10_000):
            got.extend(data)

    async def work():
        end = End(os.dup(write), True)
        os.close(write)
        reader = threading.Thread(target=drain)
        reader.start()
        await end.write(DATA)
        end.close()
        return reader

    turn(work).join(10)
    assert bytes(got) == DATA
    os.close(read)


@pytest.mark.parametrize("fill", [False, True])
def test_an_end_whose_reader_goes_says_so(fill):
    read, write = os.pipe()

    async def work():
        end = End(os.dup(write), True)
        assert end.is_read
        if fill:
            threading.Timer(0.1, lambda: os.close(read)).start()
        else:
            os.close(read)
        with pytest.raises(BrokenPipeError):
            await end.write(bytes(10_000_000))
        assert not end.is_read
        end.close()

    turn(work)
    os.close(write)


def test_who_waits_at_an_end_that_is_closed_is_told():
    read, write = os.pipe()

    async def work():
        end = End(os.dup(read), False)
        waiting = Deferred.fromCoroutine(end.read())
        end.close()
        end.close()
        with pytest.raises(BrokenPipeError):
            await waiting
        with pytest.raises(BrokenPipeError):
            await end.read()
        given_up = End(os.dup(read), False)
        waiting = Deferred.fromCoroutine(given_up.read())
        waiting.addErrback(lambda _: None)
        waiting.cancel()
        os.write(write, b"abc")
        assert await given_up.read() == b"abc"
        given_up.close()

    turn(work)
    os.close(read)
    os.close(write)


def test_devices_and_sockets_are_ends_too():
    import socket

    async def work():
        null = End(os.open("/dev/null", os.O_RDWR), True)
        await null.write(DATA)
        null.close()
        nothing = End(os.open("/dev/null", os.O_RDWR), False)
        assert await nothing.read() == b""
        nothing.close()
        one, other = socket.socketpair()
        end = End(os.dup(one.fileno()), True)
        await end.write(b"abc")
        end.close()
        assert other.recv(10) == b"abc"
        one.close()
        other.close()

    turn(work)


# -- who has handed it over is ended -----------------------------------------------------------------------------------


@pytest.fixture
def program():
    """A program on the bus that calls us, and may leave it."""
    return Callers(lambda message: Deferred())


def test_a_pipe_out_breaks_off_with_its_program(romeo, pipes, offers, source, program):
    with program.calling(":1.9"):
        now(pipes.out(JULIET, source))
    offers.sessions[0].contents[0].connect()
    program.all_left()
    assert ended(pipes).fault == TransferBroken(peer=PEER, reason="the program here was ended")
    assert offers.sessions[0].ended is Condition.GONE
    assert not is_open(source)


def test_a_pipe_in_breaks_off_with_its_program(romeo, pipes, target, program):
    with program.calling(":1.9"):
        now(pipes.receive([], target))
    session = offered(romeo, pipes)
    session.contents[0].connect()
    program.all_left()
    assert ended(pipes).fault == TransferBroken(peer=PEER, reason="the program here was ended")
    assert (session.ended, session.said) == (Condition.GONE, [])
    assert not is_open(target)


def test_nobody_waits_for_a_pipe_whose_program_has_gone(romeo, pipes, target, program):
    with program.calling(":1.9"):
        now(pipes.receive([], target))
    program.all_left()
    assert (ended(pipes).state, is_open(target)) == (TransferState.CANCELLED, False)
    with pytest.raises(Refusal):
        offered(romeo, pipes)
