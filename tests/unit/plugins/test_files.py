"""Files from person to person: what is offered and asked for, and that what comes is put where it does no harm."""

import hashlib
import os
from base64 import b64encode
from collections import namedtuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.fake_jingle import PEER, Session
from support.files import DATA, about_data, befriend, is_there, latest, offered, only, pour, sha, taken
from support.romeo import now

from sat.api import JID
from sat.api.errors import (
    Conflict,
    FileBroken,
    InvalidArgument,
    NoSpace,
    NotFound,
    NoWayToPeer,
    RequestTimeout,
    StorageError,
    TooManyTransfers,
)
from sat.api.transfers import Direction, TransferState, Way
from sat.core.plugin import Refusal
from sat.plugins.attachments.names import safe_name
from sat.plugins.files import wire
from sat.plugins.files.plugin import AT_ONCE, WAITING_OF_ONE, Files
from sat.plugins.files.receiving import QUARANTINE, place
from sat.plugins.files.wire import About
from sat.xmpp.jingle import Condition

# -- receiving -------------------------------------------------------------------------------------------------------


def test_an_offer_waits_for_a_person(romeo, files, here):
    offered(romeo, files, about_data(description="Her plans"))
    waits = only(files)
    assert (waits.state, waits.direction, waits.name, waits.size) == (
        TransferState.OFFERED, Direction.RECEIVE, "plans.bin", len(DATA),
    )  # fmt: skip
    assert (waits.peer, waits.description, waits.asks) == (PEER, "Her plans", True)
    assert not here.exists()


def test_what_was_taken_comes_and_is_thanked_for(romeo, files, here):
    session, _content, there = taken(romeo, files, about_data())
    pour(there, DATA)
    now(there.close())
    done = only(files)
    assert (done.state, done.way, done.path) == (TransferState.DONE, Way.SOCKS5, str(here / "plans.bin"))
    assert (here / "plans.bin").read_bytes() == DATA
    assert os.stat(done.path).st_mode & 0o777 == 0o600
    assert [each.name for each in session.said] == ["received"]
    assert session.ended is Condition.SUCCESS
    assert os.listdir(here) == ["plans.bin"]
    assert done.hashes == {"sha-256": sha(DATA)}


def test_one_that_nobody_wants_is_told_so(romeo, files, here):
    session = offered(romeo, files, about_data())
    now(files.decline(only(files).id))
    assert session.ended is Condition.DECLINE
    assert only(files).state is TransferState.CANCELLED
    for work in (files.decline(only(files).id), files.accept(only(files).id)):
        with pytest.raises(NotFound):
            now(work)
    assert not here.exists()


def test_one_that_is_taken_back_waits_no_longer(romeo, files):
    session = offered(romeo, files, about_data())
    session.terminated(Condition.CANCEL)
    over = only(files)
    assert (over.state, over.error) == (TransferState.CANCELLED, "CancelledThere")
    with pytest.raises(NotFound):
        now(files.accept(over.id))


def test_one_for_which_nobody_decides_is_over(romeo, files):
    session = offered(romeo, files, about_data())
    session.contents[0].fail(RequestTimeout(peer=PEER, seconds=300))
    assert (only(files).state, only(files).error) == (TransferState.FAILED, "OfferExpired")
    assert session.ended is Condition.DECLINE


def test_of_several_some_are_taken(romeo, files, here):
    session = offered(romeo, files, about_data("a"), about_data("b"), about_data("c"))
    first, second, third = now(files.transfers.get_all())
    now(files.accept(first.id))
    now(files.decline(second.id))
    romeo.turn()
    assert session.accepted is None  # one is not decided
    now(files.accept(third.id))
    romeo.turn()
    assert set(session.accepted) == {"0", "2"}
    for content in list(session.contents):
        pour(content.connect(), DATA)
    assert sorted(os.listdir(here)) == ["a", "c"]
    assert session.ended is Condition.SUCCESS


def test_one_more_in_a_session(romeo, files, here):
    session, _content, there = taken(romeo, files, about_data("a"))
    more = session.put(wire.description(about_data("b")), "initiator", "more")
    assert files.added(session, more)
    romeo.turn()
    now(files.accept(latest(files).id))
    assert set(session.accepted) == {"0", "more"}
    pour(more.connect(), DATA)
    assert session.ended is None  # the first is on its way
    pour(there, DATA)
    assert session.ended is Condition.SUCCESS
    assert sorted(os.listdir(here)) == ["a", "b"]


def test_nothing_is_overwritten(romeo, files, here):
    here.mkdir()
    (here / "a.tar.gz").write_text("old")
    for _ in range(2):
        _, _, there = taken(romeo, files, about_data("a.tar.gz"))
        pour(there, DATA)
    assert (here / "a.tar.gz").read_text() == "old"
    assert sorted(os.listdir(here)) == ["a.tar (1).gz", "a.tar (2).gz", "a.tar.gz"]


def test_a_link_that_waits_under_the_name_leads_nowhere(romeo, files, here, tmp_path):
    here.mkdir()
    target = tmp_path / "victim"
    for name in ("a", "a.part"):
        (here / name).symlink_to(target)
    _, _, there = taken(romeo, files, about_data("a"))
    pour(there, DATA)
    assert not target.exists()
    assert (here / "a (1)").read_bytes() == DATA


def test_a_wrong_hash_is_never_a_good_file(romeo, files, here):
    session, _, there = taken(romeo, files, about_data())
    pour(there, DATA[:-1] + b"x")
    failed = only(files)
    assert (failed.state, failed.error, failed.partial) == (TransferState.FAILED, "FileBroken", False)
    assert session.ended is Condition.MEDIA_ERROR
    assert os.listdir(here) == []


def test_a_hash_that_comes_later_counts(romeo, files, here):
    about = about_data()._replace(hashes={}, later=("sha-256",))
    for data, kind in ((DATA, None), (DATA[:-1] + b"x", FileBroken)):
        session, _content, there = taken(romeo, files, about)
        pour(there, data)
        assert latest(files).state is TransferState.CHECKING
        assert files.told(session, wire.checksum("initiator", "0", About(hashes={"sha-256": sha(DATA)})))
        if kind is None:
            assert latest(files).state is TransferState.DONE
        else:
            assert latest(files).error == "FileBroken"
    assert os.listdir(here) == ["plans.bin"]


def test_a_hash_of_another_kind_than_was_announced(romeo, files, here):
    about = about_data()._replace(hashes={}, later=("sha-256",))
    session, _content, there = taken(romeo, files, about)
    pour(there, DATA)
    wrong = b64encode(hashlib.sha512(b"x").digest()).decode()
    files.told(session, wire.checksum("initiator", "0", About(hashes={"sha-512": wrong})))
    assert only(files).error == "FileBroken"


def test_a_hash_that_never_comes(romeo, files, here):
    _session, _, there = taken(romeo, files, about_data()._replace(hashes={}, later=("sha-256",)))
    pour(there, DATA)
    romeo.clock.advance(60)
    assert only(files).state is TransferState.DONE
    assert only(files).hashes == {"sha-256": sha(DATA)}


def test_what_is_said_of_no_content_is_nothing(romeo, files):
    session, _, _ = taken(romeo, files, about_data())
    assert files.told(session, wire.checksum("initiator", "other", About(hashes={"sha-256": sha(b"x")})))
    assert not files.told(session, wire.write(About("a")))


def test_an_endless_stream_is_cut_off(romeo, files, here):
    session, _, there = taken(romeo, files, about_data())
    pour(there, DATA)
    assert session.ended is Condition.SUCCESS
    assert not there.is_open or only(files).state is TransferState.DONE
    assert (here / "plans.bin").stat().st_size == len(DATA)
    _, _, there = taken(romeo, files, about_data("b"))
    now(there.write(DATA + b"more and more"))
    assert (here / "b").stat().st_size == len(DATA)


def test_what_breaks_off_can_be_gone_on_with(romeo, files, offers, here):
    _session, _, there = taken(romeo, files, about_data())
    pour(there, DATA[:600_000])
    now(there.close())
    broken = only(files)
    assert (broken.state, broken.error, broken.partial) == (TransferState.FAILED, "TransferBroken", True)
    assert os.listdir(here) == ["plans.bin.part"]
    left = (here / "plans.bin.part").stat().st_size
    assert left == 600_000
    is_there(files)
    again = now(files.resume(broken.id))
    assert (again.id, again.state, again.partial) == (broken.id, TransferState.CONNECTING, False)
    (asked,) = offers.sessions
    wanted = wire.read_description(asked.contents[0].description)
    assert (asked.contents[0].senders, wanted.offset, wanted.name) == ("responder", left, "plans.bin")
    assert asked.contents[0].senders == "responder"
    pour(asked.contents[0].connect(), DATA[left:])
    assert only(files).state is TransferState.DONE
    assert (here / "plans.bin").read_bytes() == DATA
    assert os.listdir(here) == ["plans.bin"]
    with pytest.raises(NotFound):
        now(files.resume(broken.id))


def test_a_part_whose_rest_does_not_fit_is_dropped(romeo, files, offers, here):
    _, _, there = taken(romeo, files, about_data())
    pour(there, DATA[:600_000])
    now(there.close())
    left = (here / "plans.bin.part").stat().st_size
    assert left == 600_000
    is_there(files)
    now(files.resume(only(files).id))
    pour(offers.sessions[0].contents[0].connect(), bytes(len(DATA) - left))
    assert only(files).error == "FileBroken"
    assert os.listdir(here) == []


def test_a_part_goes_on_when_the_same_is_offered_again(romeo, files, here):
    _, _, there = taken(romeo, files, about_data())
    pour(there, DATA[:600_000])
    now(there.close())
    old = only(files)
    left = (here / "plans.bin.part").stat().st_size
    assert left == 600_000
    session, _content, there = taken(romeo, files, about_data())
    assert wire.read_description(session.accepted["0"]).offset == left
    pour(there, DATA[left:])
    assert latest(files).state is TransferState.DONE
    assert (here / "plans.bin").read_bytes() == DATA
    assert not files.transfers.find(old.id).partial


def test_a_part_elsewhere_stays_there(romeo, files, here, tmp_path):
    _, _, there = taken(romeo, files, about_data())
    pour(there, DATA[:600_000])
    now(there.close())
    session, _, there = taken(romeo, files, about_data(), str(tmp_path))
    assert wire.read_description(session.accepted["0"]).offset == 0
    pour(there, DATA)
    assert (tmp_path / "plans.bin").read_bytes() == DATA
    assert os.listdir(here) == ["plans.bin.part"]


def test_a_part_that_cannot_be_gone_on_with_now_goes_when_it_is_forgotten(romeo, files, offers, here):
    _, _, there = taken(romeo, files, about_data())
    pour(there, DATA[:600_000])
    now(there.close())
    is_there(files)
    offers.fails = NoWayToPeer(peer=PEER, reason="a wall")
    now(files.resume(only(files).id))
    assert (only(files).error, only(files).partial) == ("NoWayToPeer", True)
    now(files.transfers.forget([]))
    assert os.listdir(here) == []


def test_another_file_of_that_name_begins_at_the_beginning(romeo, files, here):
    _, _, there = taken(romeo, files, about_data())
    pour(there, DATA[:600_000])
    now(there.close())
    other = bytes(len(DATA))
    session, _, there = taken(romeo, files, about_data(data=other))
    assert wire.read_description(session.accepted["0"]).offset == 0
    pour(there, other)
    assert sorted(os.listdir(here)) == ["plans.bin", "plans.bin.part"]


def test_a_forgotten_part_goes(romeo, files, here):
    _, _, there = taken(romeo, files, about_data())
    pour(there, DATA[:600_000])
    now(files.transfers.cancel(only(files).id))
    assert (only(files).state, only(files).partial) == (TransferState.CANCELLED, True)
    assert os.listdir(here) == ["plans.bin.part"]
    now(files.transfers.forget([]))
    assert os.listdir(here) == []


def test_parts_are_not_kept_where_the_settings_say_so(romeo, files, here):
    now(romeo.settings.set_setting("files.keep_parts", "false"))
    session, _, there = taken(romeo, files, about_data())
    pour(there, DATA[:600_000])
    now(files.transfers.cancel(only(files).id))
    assert session.ended is Condition.CANCEL
    assert (only(files).partial, os.listdir(here)) == (False, [])


def test_parts_are_known_after_a_restart(romeo, files, here):
    _, _, there = taken(romeo, files, about_data())
    pour(there, DATA[:600_000])
    files.stop()
    again = Files.start(romeo)
    now(again.load())
    parts = [each for each in now(again.transfers.get_all()) if each.partial]
    assert [(each.name, each.size, each.state) for each in parts][-1:] == [
        ("plans.bin", len(DATA), TransferState.FAILED)
    ]
    (here / "plans.bin.part").unlink()
    again.stop()
    third = Files.start(romeo)
    now(third.load())
    assert third._keeping.parts == {}
    third.stop()
    files.stop = lambda: None
    romeo._plugins.pop(Files, None)


def test_there_must_be_room(romeo, files, monkeypatch, here):
    session = offered(romeo, files, about_data()._replace(size=10**12))
    system = namedtuple("system", "f_bavail f_frsize")(1 << 20, 4096)
    monkeypatch.setattr(os, "statvfs", lambda _: system)
    with pytest.raises(NoSpace, match=r"it is 931 GB, and 3\.9 GB can be used"):
        now(files.accept(only(files).id))
    assert only(files).state is TransferState.OFFERED  # it can go elsewhere
    assert session.ended is None


def test_where_nothing_can_be_written_nothing_is_taken(romeo, files, monkeypatch, here):
    """It can go elsewhere then. Who runs the tests may be root, who may write anywhere."""
    session = offered(romeo, files, about_data())
    here.mkdir()
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != here and real(path, mode))
    with pytest.raises(StorageError, match="nothing can be written in"):
        now(files.accept(only(files).id))
    assert (only(files).state, session.ended) == (TransferState.OFFERED, None)


def test_a_full_disk_ends_it(romeo, files, monkeypatch, here):
    session, _, there = taken(romeo, files, about_data())

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    pour(there, DATA)
    assert only(files).error == "StorageFull"
    assert session.ended is Condition.FAILED_APPLICATION


def test_programs_are_put_apart(romeo, files, here):
    for name, data in (
        ("a.exe", b"hello"),
        ("invoice.pdf", b"MZ\x90\0"),
        ("run", b"#!/bin/sh\nid"),
        ("ok.txt", b"hello"),
    ):
        _, _, there = taken(romeo, files, about_data(name, data))
        pour(there, data)
        assert latest(files).quarantined is (name != "ok.txt")
    assert sorted(os.listdir(here)) == ["ok.txt", QUARANTINE]
    assert sorted(os.listdir(here / QUARANTINE)) == ["a.exe", "invoice.pdf", "run"]
    assert all(each.stat().st_mode & 0o777 == 0o600 for each in (here / QUARANTINE).iterdir())
    now(romeo.settings.set_setting("files.quarantine", "false"))
    _, _, there = taken(romeo, files, about_data("b.exe"))
    pour(there, DATA)
    assert (here / "b.exe").exists()


def test_where_a_person_wants_it(romeo, files, here, tmp_path):
    folder = tmp_path / "other"
    folder.mkdir()
    _, _, there = taken(romeo, files, about_data(), str(folder))
    pour(there, DATA)
    assert latest(files).path == str(folder / "plans.bin")
    _, _, there = taken(romeo, files, about_data("evil.sh"), str(folder / "mine.sh"))
    pour(there, DATA)
    assert latest(files).path == str(folder / "mine.sh")
    offered(romeo, files, about_data())
    for wrong, kind in (
        (str(folder / "mine.sh"), Conflict),
        ("other", InvalidArgument),
        (str(tmp_path / "none" / "x"), InvalidArgument),
        (str(tmp_path / "none") + "/", InvalidArgument),
        ("/a\0b", InvalidArgument),
    ):
        with pytest.raises(kind):
            now(files.accept(latest(files).id, wrong))


HOSTILE = [
    "../../etc/passwd", "/etc/passwd", "..", ".", "", ".bashrc", "a\0b", "C:\\Windows\\x.exe", "a/../../b", "nul",
    "\u202egnp.exe", "CON.txt", "x" * 5000, "é" * 3000, "\ud800", "-rf", "~", "~/x", "a\nb", "...", "aux.tar.gz", " ",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_leads_out_of_the_folder(name, tmp_path):
    check_name(name, tmp_path)


@given(st.text(max_size=300))
@settings(max_examples=300)
def test_no_name_at_all_leads_out_of_the_folder(tmp_path_factory, name):
    check_name(name, tmp_path_factory.getbasetemp())


def check_name(name, folder):
    where = place("", folder, name)
    assert where.folder == folder
    assert where.path.parent == folder
    assert where.name == safe_name(name)
    assert where.name not in ("", ".", "..")
    assert not where.name.startswith((".", "-"))
    assert "/" not in where.name
    assert "\\" not in where.name
    assert where.name.isprintable()
    assert len(where.name.encode()) <= 240
    assert where.name.split(".")[0].lower() not in ("con", "nul", "aux", "prn", "com1", "lpt1")


# -- rules -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings_", "about", "takes"),
    [
        ({}, {}, False),
        ({"accept": "contacts"}, {}, True),
        ({"accept": "contacts", "accept_up_to": "1"}, {"size": 1024 * 1024 + 1}, False),
        ({"accept": "contacts"}, {"size": -1}, False),
        ({"accept": "contacts", "accept_types": "image/*, text/plain"}, {"type": "image/png"}, True),
        ({"accept": "contacts", "accept_types": "image/*"}, {"type": "video/mp4"}, False),
        ({"accept": "groups", "accept_groups": "Lovers, Friends"}, {}, True),
        ({"accept": "groups", "accept_groups": "Enemies"}, {}, False),
        ({"accept": "groups"}, {}, False),
    ],
)
def test_rules_take_what_they_say(romeo, files, settings_, about, takes):
    befriend(romeo, "Lovers")
    for name, value in settings_.items():
        now(romeo.settings.set_setting(f"files.{name}", value))
    offered(romeo, files, about_data()._replace(**about))
    romeo.turn()
    assert (only(files).state is not TransferState.OFFERED) is takes


def test_of_strangers_nothing_is_taken_by_itself(romeo, files):
    now(romeo.settings.set_setting("files.accept", "contacts"))
    offered(romeo, files, about_data())
    assert only(files).state is TransferState.OFFERED
    assert not files.wants(JID("paris@verona.lit/x"))
    now(romeo.settings.set_setting("files.strangers", "true"))
    assert files.wants(JID("paris@verona.lit/x"))


def test_many_offers_stay_few(romeo, files):
    """Of one contact, and of all; and they do not keep us from what we want ourselves."""
    for _ in range(WAITING_OF_ONE):
        offered(romeo, files, about_data())
    with pytest.raises(Refusal):
        offered(romeo, files, about_data())
    session = Session(romeo.clock, False, JID("paris@verona.lit/x"))
    for number in range(AT_ONCE - WAITING_OF_ONE):
        session.put(wire.description(about_data()), "initiator", str(number))
    files.offered(session)
    for peer in (PEER, JID("paris@verona.lit/x"), JID("nurse@capulet.lit/x")):
        more = Session(romeo.clock, False, peer)
        more.put(wire.description(about_data()), "initiator", "f")
        with pytest.raises(Refusal):
            files.offered(more)
    assert len(now(files.transfers.get_all())) == AT_ONCE
    is_there(files)
    for _ in range(AT_ONCE):
        now(files.request(PEER, "x"))
    with pytest.raises(TooManyTransfers):
        now(files.request(PEER, "x"))
