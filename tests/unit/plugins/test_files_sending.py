"""Files of ours: offered, sent as they are wanted, asked for by those who may have them."""

import os

import pytest
from support.fake_jingle import PEER, Cable
from support.files import DATA, JULIET, about_data, befriend, drain, is_there, offered, only, pour, sha, taken
from support.romeo import now
from twisted.internet.defer import Deferred, fail

from sat.api.errors import (
    CannotReceive,
    FileUnreadable,
    InvalidArgument,
    NotFound,
    PeerDeclined,
    TransferBroken,
)
from sat.api.transfers import TransferState
from sat.plugins.files import wire
from sat.plugins.files.carrying import SAID_WITHIN
from sat.plugins.files.wire import About
from sat.plugins.jingle.reasons import error_of
from sat.plugins.jingle.session import WHY
from sat.xmpp import disco
from sat.xmpp.jingle import Condition, Reason

# -- sending ---------------------------------------------------------------------------------------------------------


def test_a_file_is_offered_with_its_hash_and_goes_when_it_is_wanted(romeo, files, offers, plans):
    is_there(files)
    sent = now(files.send(str(plans), JULIET, description="Our plans"))
    assert (sent.state, sent.size, sent.peer, sent.path) == (TransferState.OFFERED, len(DATA), PEER, str(plans))
    (session,) = offers.sessions
    content = session.contents[0]
    about = wire.read_description(content.description)
    assert (about.name, about.size, about.description) == ("plans.bin", len(DATA), "Our plans")
    assert about.hashes == {"sha-256": sha(DATA)}
    assert about.ranged
    there = content.connect()
    assert drain(there) == DATA
    assert only(files).state is TransferState.CHECKING
    assert wire.read_checksum(session.said[0]).hashes == {"sha-256": sha(DATA)}
    assert files.told(session, wire.received("initiator", "0"))
    assert only(files).state is TransferState.DONE
    assert session.ended is Condition.SUCCESS


@pytest.mark.parametrize("end", [Condition.SUCCESS, Condition.MEDIA_ERROR, None])
def test_how_the_other_program_ends_it_counts(romeo, files, offers, plans, end):
    is_there(files)
    now(files.send(str(plans), JULIET))
    (session,) = offers.sessions
    drain(session.contents[0].connect())
    if end is None:
        romeo.clock.advance(SAID_WITHIN)  # it says nothing
    else:
        session.terminated(end)
    assert only(files).state is (TransferState.FAILED if end is Condition.MEDIA_ERROR else TransferState.DONE)


def test_who_says_nothing_and_is_not_there_has_nothing(romeo, files, offers, plans):
    """All of it was handed over, and what carries it may have died with it."""
    is_there(files)
    now(files.send(str(plans), JULIET))
    (session,) = offers.sessions
    session.is_there = False
    drain(session.contents[0].connect())
    romeo.clock.advance(SAID_WITHIN)
    assert (only(files).state, only(files).error) == (TransferState.FAILED, "TransferBroken")


@pytest.mark.parametrize("says", [True, False])
def test_why_it_broke_off_may_be_said_after_the_stream_was_lost(romeo, files, offers, plans, monkeypatch, says):
    lost = TransferBroken(peer=PEER, reason="the connection was lost")

    async def write(self, data):
        raise lost

    is_there(files)
    now(files.send(str(plans), JULIET))
    (session,) = offers.sessions
    monkeypatch.setattr("sat.plugins.jingle.stream.Stream.write", write)
    session.contents[0].connect()
    assert not only(files).is_over
    if says:
        session.terminated(Condition.CANCEL)
    else:
        romeo.clock.advance(WHY)
    assert only(files).fault == (error_of(PEER, Reason(Condition.CANCEL)) if says else lost)


@pytest.mark.parametrize("says", [True, False])
def test_why_what_comes_broke_off_may_be_said_after_the_stream_was_lost(romeo, files, here, says):
    lost = TransferBroken(peer=PEER, reason="the connection was lost")
    session, content, there = taken(romeo, files, about_data())
    pour(there, DATA[:1000])
    now(content.stream()).ended(lost)
    assert not only(files).is_over
    if says:
        session.terminated(Condition.CANCEL)
    else:
        romeo.clock.advance(WHY)
    assert only(files).fault == (error_of(PEER, Reason(Condition.CANCEL)) if says else lost)


@pytest.mark.parametrize("says", [True, False])
def test_who_has_all_may_close_the_connection_before_saying_so(romeo, files, offers, plans, monkeypatch, says):
    """What was said counts; where nothing is said, the last bytes may not have come."""
    is_there(files)
    now(files.send(str(plans), JULIET))
    (session,) = offers.sessions
    lost = TransferBroken(peer=PEER, reason="the connection was lost")
    monkeypatch.setattr(Cable, "finish", lambda cable: fail(lost))
    session.contents[0].connect()
    assert only(files).state is TransferState.CHECKING
    if says:
        session.terminated(Condition.SUCCESS)
    romeo.clock.advance(SAID_WITHIN)
    assert only(files).fault == (None if says else lost)


def test_who_does_not_want_it_is_told(romeo, files, offers, plans):
    is_there(files)
    now(files.send(str(plans), JULIET))
    offers.sessions[0].terminated(Condition.DECLINE)
    with pytest.raises(PeerDeclined):
        now(files.transfers.finish(only(files).id))
    assert files._keeping.sent == []


def test_a_file_of_ours_can_be_given_up(romeo, files, offers, plans):
    is_there(files)
    now(files.send(str(plans), JULIET))
    offers.sessions[0].contents[0].connect()
    session = offers.sessions[0]
    now(files.transfers.cancel(only(files).id))
    assert only(files).state is TransferState.CANCELLED
    asked = offered(romeo, files, About("plans.bin", len(DATA)), senders="responder")
    assert asked.ended is Condition.FAILED_APPLICATION  # they cannot fetch it either
    assert session.ended is Condition.CANCEL


def test_a_slow_reader_is_waited_for(romeo, files, offers, plans, monkeypatch):
    is_there(files)
    now(files.send(str(plans), JULIET))
    content = offers.sessions[0].contents[0]
    from support import fake_jingle

    class Slow(fake_jingle.Cable):
        def __init__(self):
            super().__init__()
            self.full = True

    monkeypatch.setattr(fake_jingle, "Cable", Slow)
    there = content.connect()
    assert 0 < len(drain(there)) < len(DATA)  # a piece, no more
    assert only(files).moved < len(DATA)


def test_who_wants_the_rest_gets_that_and_the_hash_of_the_whole(romeo, files, offers, plans):
    is_there(files)
    now(files.send(str(plans), JULIET))
    (session,) = offers.sessions
    about = wire.read_description(session.contents[0].description)
    there = session.contents[0].connect(wire.description(about._replace(offset=300_000)))
    assert drain(there) == DATA[300_000:]
    assert wire.read_checksum(session.said[0]).hashes == {"sha-256": sha(DATA)}


@pytest.mark.parametrize("start", [0, 1, 300_000])
def test_who_wants_something_in_the_middle_gets_that_and_no_hash(romeo, files, offers, plans, start):
    is_there(files)
    now(files.send(str(plans), JULIET))
    (session,) = offers.sessions
    about = wire.read_description(session.contents[0].description)
    there = session.contents[0].connect(wire.description(about._replace(offset=start, length=1000)))
    assert drain(there) == DATA[start : start + 1000]
    assert not session.said


def test_who_can_take_no_files_is_named(romeo, files, plans):
    with pytest.raises(CannotReceive, match=r"juliet@capulet\.lit cannot take files directly"):
        now(files.send(str(plans), JULIET))
    is_there(files)
    with pytest.raises(FileUnreadable):
        now(files.send(str(plans) + "x", JULIET))


def test_the_program_that_can_take_files_is_found(romeo, files, offers, plans):
    for resource, priority in (("old", 9), ("new", 1)):
        befriend(romeo)
        romeo.hears(f"<presence from='{JULIET}/{resource}'><priority>{priority}</priority></presence>")
    work = Deferred.fromCoroutine(files.send(str(plans), JULIET))
    for feature in ("x", wire.NS):
        romeo.wire.answer("disco#info", f"<query xmlns='{disco.NS_INFO}'><feature var='{feature}'/></query>")
    assert now(work).peer == JULIET.with_resource("new")
    assert offers.sessions[0].peer == JULIET.with_resource("new")


# -- asked for -------------------------------------------------------------------------------------------------------


def test_what_broke_off_there_can_be_fetched_by_who_was_offered_it(romeo, files, offers, plans):
    is_there(files)
    now(files.send(str(plans), JULIET))
    session = offers.sessions[0]
    session.contents[0].connect()
    session.terminated(Condition.GONE)
    assert only(files).state is TransferState.FAILED
    asked = About("plans.bin", len(DATA), offset=1000, ranged=True)
    again = offered(romeo, files, asked, senders="responder")
    romeo.turn()
    told = wire.read_description(again.accepted["0"])
    assert (told.offset, told.size) == (1000, len(DATA))
    assert drain(again.contents[0].connect()) == DATA[1000:]
    plans.write_bytes(b"x")  # another one now
    gone = offered(romeo, files, asked, senders="responder")
    assert gone.ended is Condition.FAILED_APPLICATION


@pytest.mark.parametrize("name", ["plans.bin", "/etc/passwd", "../plans.bin", ""])
def test_nothing_else_can_be_fetched(romeo, files, plans, name):
    session = offered(romeo, files, About(name, ranged=True), senders="responder")
    assert session.ended is Condition.FAILED_APPLICATION
    assert now(files.transfers.get_all()) == []


def test_a_file_is_asked_for(romeo, files, offers, here):
    is_there(files)
    now(files.request(JULIET, "docs/plans.bin"))
    content = offers.sessions[0].contents[0]
    assert wire.read_description(content.description).name == "docs/plans.bin"
    pour(content.connect(wire.description(about_data())), DATA)
    assert (here / "plans.bin").read_bytes() == DATA
    with pytest.raises(InvalidArgument):
        now(files.request(JULIET))


@pytest.mark.parametrize(
    ("name", "sha256", "told"),
    [("none", "", "There is no none"), ("", sha(b"none"), "There is no file with this hash")],
)
def test_what_they_do_not_have_is_not_found(romeo, files, offers, here, name, sha256, told):
    is_there(files)
    asked = now(files.request(JULIET, name, sha256))
    offers.sessions[0].terminated(Condition.FAILED_APPLICATION)
    with pytest.raises(NotFound, match=told):
        now(files.transfers.finish(asked.id))
    assert os.listdir(here) == []
