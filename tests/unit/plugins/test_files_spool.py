"""Copies of what was sent and is here no longer: there while somebody may ask for the rest, and bounded."""

import os
import time
from pathlib import Path

import pytest
from support.files import DATA, JULIET, drain, is_there, offered, only
from support.romeo import now

from sat.api.errors import NoSpace
from sat.plugins.files import spool, wire
from sat.plugins.files.keeping import MOST_SENT
from sat.plugins.files.plugin import Files
from sat.plugins.files.spool import DAY, Spool, spool_of
from sat.plugins.files.wire import About
from sat.xmpp.jingle import Condition

ASKED = About("cv.pdf", len(DATA), offset=1000, ranged=True)


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def passed(romeo, files, offers, plans):
    """The session in which a file was offered that is not there any more."""
    is_there(files)
    now(files.send(str(plans), JULIET, "cv.pdf", passing=True))
    plans.unlink()
    return offers.sessions[0]


@pytest.fixture
def broken(passed):
    """One that broke off."""
    passed.contents[0].connect()
    passed.terminated(Condition.GONE)


def copies(folder: Path) -> list[Path]:
    return list(folder.glob("state/sat/spool/*/*"))


def test_what_breaks_off_can_be_gone_on_with_when_the_file_is_gone(romeo, files, broken, tmp_path):
    (copy,) = copies(tmp_path)
    assert (copy.stat().st_mode & 0o777, copy.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert only(files).path == str(copy)
    again = offered(romeo, files, ASKED, senders="responder")
    romeo.turn()
    assert drain(again.contents[0].connect()) == DATA[1000:]
    assert copy.exists(), "nobody has said that it came"
    files.told(again, wire.received("responder", "0"))
    assert copies(tmp_path) == []
    assert offered(romeo, files, ASKED, senders="responder").ended is Condition.FAILED_APPLICATION


def test_who_asked_for_a_piece_may_ask_for_others(romeo, files, broken, tmp_path):
    again = offered(romeo, files, ASKED._replace(length=10), senders="responder")
    romeo.turn()
    assert drain(again.contents[0].connect()) == DATA[1000:1010]
    files.told(again, wire.received("responder", "0"))
    assert len(copies(tmp_path)) == 1


def test_it_outlasts_the_daemon_and_what_nobody_knows_does_not(romeo, files, broken, tmp_path):
    (copy,) = copies(tmp_path)
    files.stop()
    (copy.parent / "left by a kill").write_bytes(DATA)
    again = Files.start(romeo)
    now(again.load())
    assert copies(tmp_path) == [copy]
    is_there(again)
    session = offered(romeo, again, ASKED, senders="responder")
    romeo.turn()
    assert drain(session.contents[0].connect()) == DATA[1000:]
    again.told(session, wire.received("responder", "0"))
    assert copies(tmp_path) == []
    again.stop()


def test_copies_go_with_their_profile(romeo, files, broken, plans, tmp_path):
    plans.write_bytes(DATA)
    with plans.open("rb") as file:
        others = spool_of("somebody else").copy(file.fileno(), len(DATA))
    assert len(copies(tmp_path)) == 2
    now(Files.erase(romeo.name))
    assert copies(tmp_path) == [Path(others)]
    assert len(list(tmp_path.glob("state/sat/spool/*"))) == 1


@pytest.mark.parametrize("end", ["sent", "declined", "cancelled", "forgotten"])
def test_a_copy_goes_when_nobody_may_ask_for_it(romeo, files, passed, tmp_path, end):
    assert len(copies(tmp_path)) == 1
    id = only(files).id
    if end == "sent":
        assert drain(passed.contents[0].connect()) == DATA
        files.told(passed, wire.received("initiator", "0"))
    elif end == "declined":
        passed.terminated(Condition.DECLINE)
    elif end == "cancelled":
        now(files.transfers.cancel(id))
    else:
        passed.terminated(Condition.GONE)
        assert len(copies(tmp_path)) == 1
        now(files.transfers.forget([id]))
    assert copies(tmp_path) == []
    assert files._keeping.sent == []


def test_what_could_not_be_offered_leaves_nothing(romeo, files, offers, plans, tmp_path, monkeypatch):
    async def full(*_):
        raise NoSpace(name="x", size="1", free="0", folder="/")

    is_there(files)
    monkeypatch.setattr(files.thumbnails, "made", full)
    now(files.send(str(plans), JULIET, passing=True))
    assert only(files).error == "NoSpace"
    assert copies(tmp_path) == []


def test_no_copies_are_made_of_what_stays(files, offers, plans, tmp_path):
    is_there(files)
    now(files.send(str(plans), JULIET))
    assert copies(tmp_path) == []
    now(files.transfers.cancel(only(files).id))
    assert plans.exists()


def test_only_so_many_offers_keep_copies(files, offers, plans, tmp_path, monkeypatch):
    monkeypatch.setattr("sat.plugins.files.plugin.AT_ONCE", MOST_SENT + 2)
    is_there(files)
    for _ in range(MOST_SENT + 1):
        now(files.send(str(plans), JULIET, passing=True))
    assert len(copies(tmp_path)) == MOST_SENT


def test_after_a_day_a_copy_goes(romeo, files, broken, tmp_path):
    (copy,) = copies(tmp_path)
    romeo.clock.advance(DAY + 1)
    assert copy.exists(), "the clock of files says something else"
    os.utime(copy, (time.time() - DAY - 1,) * 2)
    romeo.clock.advance(DAY + 1)
    assert not copy.exists()
    assert offered(romeo, files, ASKED, senders="responder").ended is Condition.FAILED_APPLICATION


def test_where_there_is_no_room_it_is_sent_all_the_same(files, offers, plans, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(spool, "FULL", len(DATA) - 1)
    is_there(files)
    now(files.send(str(plans), JULIET, passing=True))
    plans.unlink()
    assert drain(offers.sessions[0].contents[0].connect()) == DATA
    assert copies(tmp_path) == []
    assert "cannot be gone on with" in caplog.text


def test_the_oldest_of_a_profile_make_room_and_those_of_others_stay(plans, tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "FULL", 3 * len(DATA))
    ours, theirs = (Spool(tmp_path / "spool", name) for name in ("..", "x" * 400))
    with plans.open("rb") as file:
        first, other, second = (each.copy(file.fileno(), len(DATA)) for each in (ours, theirs, ours))
        os.utime(first, (time.time() - 60,) * 2)
        third = ours.copy(file.fileno(), len(DATA))
        assert [Path(each).exists() for each in (first, other, second, third)] == [False, True, True, True]
        with pytest.raises(NoSpace):
            ours.copy(file.fileno(), 3 * len(DATA))
        assert Path(second).exists(), "for nothing"
        theirs.clear([])
        assert [Path(each).exists() for each in (other, second, third)] == [False, True, True]
        ours.drop(str(plans))
        assert plans.exists()
        with pytest.raises(OSError, match="shorter"):
            ours.copy(file.fileno(), len(DATA) + 1)
    assert Path(third).read_bytes() == DATA
    assert list((tmp_path / "spool").glob("*/*")) == [Path(third)]


def test_what_is_too_old_goes_whosever_it_is(plans, tmp_path):
    ours, theirs = (Spool(tmp_path / "spool", name) for name in ("romeo", "juliet"))
    with plans.open("rb") as file:
        old = theirs.copy(file.fileno(), len(DATA))
        os.utime(old, (time.time() - DAY - 1,) * 2)
        assert not ours.expire()
        assert not Path(old).exists()
        ours.copy(file.fileno(), len(DATA))
    assert ours.expire()
    assert not theirs.expire()
