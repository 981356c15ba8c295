"""Files between people, shares and pipes: two daemons and a real server, with kills where it hurts."""

from __future__ import annotations

import os
import threading
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.homes import LARGE, House, digest, is_same, make_large, moves, tidy, two, write_all
from support.pictures import png
from support.talk import wait

from sat.api import JID, Pipe, SatError
from sat.api.errors import Cancelled, CannotReceive, NobodyWaits, NoSpace, NotFound, NotSafeEnough, PeerDeclined
from sat.api.transfers import Direction, TransferState, Way
from sat.world import Prosody
from sat.world.people import run


@pytest.fixture(scope="module")
def houses(prosody: Prosody, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, House]]:
    with two(tmp_path_factory.mktemp("houses"), prosody) as houses:
        yield houses


@pytest.fixture
def pair(houses: tuple[House, House]) -> Iterator[tuple[House, House]]:
    yield houses
    tidy(*houses)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "plans.bin"
    path.write_bytes(os.urandom(3_000_000))
    return path


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file of which nothing is on the disk."""
    return make_large(tmp_path / "large.bin")


def test_a_file_goes_from_one_to_the_other(pair: tuple[House, House], file: Path) -> None:
    alice, bob = pair
    sent = run(alice.api.files.send(str(file), bob.jid, description="Our plans"))
    offer = bob.is_offered()
    assert (offer.name, offer.size, offer.description, offer.peer.bare) == (
        "plans.bin", 3_000_000, "Our plans", alice.jid,
    )  # fmt: skip
    assert alice.last().state is TransferState.OFFERED
    run(bob.api.files.accept(offer.id))
    done = bob.finish(offer.id)
    assert (done.way, done.path) == (Way.SOCKS5, str(bob.got / "plans.bin"))
    assert is_same(Path(done.path), file)
    assert done.hashes == alice.finish(sent.id).hashes
    assert alice.last().state is TransferState.DONE


def test_a_picture_is_seen_small_before_it_is_taken(pair: tuple[House, House], tmp_path: Path) -> None:
    alice, bob = pair
    path = tmp_path / "photo.png"
    path.write_bytes(png(600, 300))
    run(bob.api.encryption.get_keys(bob.jid))  # makes bob's
    for method, seen in (("omemo", False), ("none", True)):
        sent = run(alice.api.files.send(str(path), bob.jid, encrypt=method))
        offer = bob.is_offered()
        if seen:
            wait(lambda: bob.last().thumbnail, "its small picture is here")
            small = run(bob.api.files.get_thumbnail(offer.id))
            assert (small.type, small.width, small.height) == ("image/jpeg", 128, 64)
            assert small.data.startswith(b"\xff\xd8\xff")
        run(bob.api.files.accept(offer.id))
        done = bob.finish(offer.id)
        assert done.thumbnail is seen, "who carries an encrypted one would have seen it"
        assert is_same(Path(done.path), path)
        assert alice.finish(sent.id).state is TransferState.DONE
    run(bob.api.transfers.forget([]))
    with pytest.raises(NotFound):
        run(bob.api.files.get_thumbnail(offer.id))


def test_a_file_goes_encrypted_where_the_conversation_is(pair: tuple[House, House], file: Path) -> None:
    alice, bob = pair
    run(bob.api.encryption.get_keys(bob.jid))  # makes bob's
    run(alice.api.encryption.begin(bob.jid, "omemo"))
    try:
        for _ in range(2):  # the first begins the session, the second goes on with it
            sent = run(alice.api.files.send(str(file), bob.jid))
            offer = bob.is_offered()
            assert (sent.encrypted, offer.encrypted, offer.hashes) == (True, True, {})
            run(bob.api.files.accept(offer.id))
            done = bob.finish(offer.id)
            assert (done.state, done.way) == (TransferState.DONE, Way.SOCKS5)
            assert is_same(Path(done.path), file)
            assert alice.finish(sent.id).state is TransferState.DONE
        clear = run(alice.api.files.send(str(file), bob.jid, encrypt="none"))
        assert (clear.encrypted, bob.is_offered().encrypted) == (False, False)
    finally:
        run(alice.api.encryption.end(bob.jid))


def test_all_else_goes_encrypted_there_too(pair: tuple[House, House], file: Path, large: Path) -> None:
    """Shares, by their path and by their hash, pipes, and what a kill broke off."""
    alice, bob = pair
    run(bob.api.encryption.get_keys(bob.jid))
    for house, peer in ((alice, bob.jid), (bob, alice.jid)):
        run(house.api.encryption.begin(peer, "omemo"))
    share = run(alice.api.shares.share(str(file), [bob.jid], [], "sealed"))
    try:
        fetched = bob.finish(run(bob.api.shares.fetch(alice.jid, "sealed/plans.bin")).id)
        assert (fetched.encrypted, alice.last().encrypted, is_same(Path(fetched.path), file)) == (True, True, True)
        sha256 = b64encode(digest(file)).decode()
        found = bob.finish(run(bob.api.files.request(alice.jid, "", sha256, str(bob.got / "found.bin"))).id)
        assert (found.encrypted, is_same(Path(found.path), file)) == (True, True)
        clear = run(bob.api.shares.fetch(alice.jid, "sealed/plans.bin", encrypt="none"))
        with pytest.raises(NotSafeEnough):
            bob.finish(clear.id)
        target = bob.got / "piped.bin"
        waiting = run(bob.api.pipes.receive([alice.jid], Pipe(os.open(target, os.O_WRONLY | os.O_CREAT, 0o600))))
        sent = run(alice.api.pipes.out(bob.jid, Pipe(os.open(file, os.O_RDONLY))))
        assert (alice.finish(sent.id).encrypted, bob.finish(waiting.id).encrypted) == (True, True)
        assert is_same(target, file)
        run(alice.api.files.send(str(large), bob.jid))
        run(bob.api.files.accept(bob.is_offered().id))
        id = moves(bob, alice)
        alice.daemon.kill()
        alice.daemon.start()
        wait(lambda: bob.last().is_over, "it has broken off")
        assert (bob.last().partial, bob.last().encrypted) == (True, True)
        alice.sees(bob)
        bob.sees(alice)
        run(bob.api.files.resume(id))
        done = bob.finish(id)
        assert (done.encrypted, alice.last().encrypted, is_same(Path(done.path), large)) == (True, True, True)
        Path(done.path).unlink()
    finally:
        run(alice.api.shares.unshare(share.id))
        for house, peer in ((alice, bob.jid), (bob, alice.jid)):
            run(house.api.encryption.end(peer))


def test_what_is_not_wanted_or_given_up(pair: tuple[House, House], file: Path, large: Path) -> None:
    alice, bob = pair
    sent = run(alice.api.files.send(str(file), bob.jid, encrypt="none"))
    run(bob.api.files.decline(bob.is_offered().id))
    with pytest.raises(PeerDeclined):
        alice.finish(sent.id)
    run(alice.api.files.send(str(file), bob.jid, encrypt="none"))
    offer = bob.is_offered()
    run(alice.api.transfers.cancel(alice.last().id))
    wait(lambda: bob.last().is_over, "it is taken back")
    assert (bob.last().state, bob.last().error) == (TransferState.CANCELLED, "CancelledThere")
    sent = run(alice.api.files.send(str(large), bob.jid, encrypt="none"))
    offer = bob.is_offered()
    run(bob.api.files.accept(offer.id))
    moves(bob, alice)
    run(bob.api.transfers.cancel(offer.id))
    with pytest.raises(Cancelled):
        bob.finish(offer.id)
    alice.go_on()
    wait(lambda: alice.last().is_over, "it ends there")
    assert (alice.last().state, alice.last().error) == (TransferState.CANCELLED, "CancelledThere")
    run(bob.api.transfers.forget([]))
    assert not list(bob.got.glob("large*"))
    with pytest.raises(CannotReceive):
        run(alice.api.files.send(str(file), JID("carol@localhost")))


def test_rules_take_what_contacts_send(pair: tuple[House, House], file: Path) -> None:
    alice, bob = pair
    bob.set("files.accept", "groups")
    bob.set("files.accept_groups", "Friends")
    try:
        run(alice.api.files.send(str(file), bob.jid, "Rose.PNG", encrypt="none"))
        wait(lambda: bob.all() and bob.last().state is TransferState.DONE, "it is there")
        assert is_same(bob.got / "Rose.PNG", file)
    finally:
        bob.set("files.accept", "nobody")


@pytest.mark.parametrize("who", ["sender", "receiver"])
def test_what_a_kill_broke_off_is_gone_on_with(pair: tuple[House, House], large: Path, who: str) -> None:
    alice, bob = pair
    run(alice.api.files.send(str(large), bob.jid, encrypt="none"))
    run(bob.api.files.accept(bob.is_offered().id))
    id = moves(bob, alice)
    killed = alice if who == "sender" else bob
    killed.daemon.kill()
    if killed is bob:
        alice.go_on()
    killed.daemon.start()
    wait(lambda: (part := bob.all()) and part[-1].is_over, "it has broken off")
    part = bob.last()
    assert (part.id, part.state, part.partial) == (id, TransferState.FAILED, True)
    assert 0 < Path(part.path).stat().st_size < LARGE
    alice.sees(bob)
    bob.sees(alice)
    run(bob.api.files.resume(id))
    done = bob.finish(id)
    assert is_same(Path(done.path), large)
    assert alice.last().direction is Direction.SEND
    Path(done.path).unlink()


def test_what_was_removed_when_it_was_offered_can_be_asked_for(pair: tuple[House, House], file: Path) -> None:
    alice, bob = pair
    was = digest(file)
    run(alice.api.files.send(str(file), bob.jid, encrypt="none", passing=True))
    file.unlink()
    bob.is_offered()
    alice.daemon.kill()
    alice.daemon.start()
    assert len(list(alice.folder.rglob("spool/*/*"))) == 1
    alice.sees(bob)
    bob.sees(alice)
    asked = run(bob.api.files.request(alice.jid, sha256=b64encode(was).decode(), encrypt="none"))
    assert digest(Path(bob.finish(asked.id).path)) == was
    wait(lambda: not list(alice.folder.rglob("spool/*/*")), "its copy is gone")


def test_a_file_that_changes_on_its_way_is_no_good_one(pair: tuple[House, House], large: Path) -> None:
    alice, bob = pair
    run(alice.api.files.send(str(large), bob.jid, encrypt="none"))
    run(bob.api.files.accept(bob.is_offered().id))
    id = moves(bob, alice)
    run(bob.api.transfers.cancel(id))
    wait(lambda: bob.last().partial, "a part is left")
    alice.go_on()
    with Path(bob.last().path).open("r+b") as part:
        part.write(b"a lie")
    run(bob.api.files.resume(id))
    with pytest.raises(SatError, match="its hash is not the one"):
        bob.finish(id)
    assert not list(bob.got.glob("large*"))
    assert not bob.last().partial


def test_shares_are_seen_and_fetched_by_those_who_may(pair: tuple[House, House], file: Path) -> None:
    alice, bob = pair
    assert run(bob.api.shares.browse(alice.jid)) == []
    share = run(alice.api.shares.share(str(file.parent), [bob.jid], [], "papers"))
    assert [each.path for each in run(bob.api.shares.browse(alice.jid))] == ["papers"]
    (found,) = run(bob.api.shares.browse(alice.jid, "papers"))
    assert (found.path, found.size) == ("papers/plans.bin", 3_000_000)
    fetched = bob.finish(run(bob.api.shares.fetch(alice.jid, found.path)).id)
    assert is_same(Path(fetched.path), file)
    with pytest.raises(NotFound):
        bob.finish(run(bob.api.shares.fetch(alice.jid, "papers/../secret")).id)
    with pytest.raises(NotFound):
        run(bob.api.shares.browse(alice.jid, "papers/.."))
    run(alice.api.shares.unshare(share.id))


def test_a_pipe_goes_through_with_its_end(pair: tuple[House, House]) -> None:
    alice, bob = pair
    data = os.urandom(5_000_000)
    there, into = os.pipe()
    out, here = os.pipe()
    waiting = run(bob.api.pipes.receive([alice.jid], Pipe(into), "log"))
    os.close(into)
    sent = run(alice.api.pipes.out(bob.jid, Pipe(out), "log"))
    os.close(out)
    writer = threading.Thread(target=write_all, args=(here, data))
    writer.start()
    with open(there, "rb") as read:
        assert read.read(4_000_000) == data[:4_000_000]
        assert alice.last().state is TransferState.RUNNING  # who reads slowly is waited for
        assert read.read() == data[4_000_000:]
    writer.join(10)
    assert (alice.finish(sent.id).moved, bob.finish(waiting.id).moved) == (5_000_000, 5_000_000)


def test_who_reads_no_more_ends_a_pipe_at_both_ends(pair: tuple[House, House]) -> None:
    alice, bob = pair
    there, into = os.pipe()
    out, here = os.pipe()
    waiting = run(bob.api.pipes.receive([], Pipe(into)))
    sent = run(alice.api.pipes.out(bob.jid, Pipe(out)))
    os.close(into)
    os.close(out)
    writer = threading.Thread(target=write_all, args=(here, bytes(50_000_000)))
    writer.start()
    assert os.read(there, 10) == bytes(10)
    os.close(there)  # as head does
    writer.join(20)
    assert not writer.is_alive()
    for house, id in ((alice, sent.id), (bob, waiting.id)):
        with pytest.raises(Cancelled):
            house.finish(id)
    with pytest.raises(NobodyWaits):
        alice.finish(run(alice.api.pipes.out(bob.jid, Pipe(os.open("/dev/null", os.O_RDONLY)))).id)


def test_what_would_fill_the_disk_is_not_taken(pair: tuple[House, House], tmp_path: Path) -> None:
    alice, bob = pair
    huge = tmp_path / "huge"
    with huge.open("wb") as file:
        file.truncate(1 << 40)
    run(alice.api.files.send(str(huge), bob.jid, encrypt="none"))
    with pytest.raises(NoSpace, match="1024 GB"):
        run(bob.api.files.accept(bob.is_offered().id))


def test_a_whole_folder_is_fetched_and_what_broke_off_by_the_same_call(
    pair: tuple[House, House], tmp_path: Path, large: Path
) -> None:
    alice, bob = pair
    run(bob.api.encryption.get_keys(bob.jid))  # makes bob's
    for house, peer in ((alice, bob.jid), (bob, alice.jid)):
        run(house.api.encryption.begin(peer, "omemo"))
    top = tmp_path / "holiday"
    (top / "day 1" / "evening").mkdir(parents=True)
    (top / "none").mkdir()
    for path in ("a.jpg", "day 1/b.jpg", "day 1/evening/c.jpg", "day 1/run.sh"):
        (top / path).write_bytes(os.urandom(200_000))
    (top / "day 1" / "empty.txt").touch()
    os.utime(top / "a.jpg", (1_500_000_000, 1_500_000_000))
    share = run(alice.api.shares.share(str(top), [bob.jid], [], "trip"))
    begun = run(bob.api.shares.fetch_folder(alice.jid, "trip/"))
    assert (begun.folder, begun.name, begun.path) == (True, "trip", str(bob.got / "trip"))
    again = run(bob.api.shares.fetch_folder(alice.jid, "trip"))
    assert again.id == begun.id, "it is under way already"
    done = bob.finish(begun.id)
    assert (done.came, done.encrypted) == (5, True)
    large.rename(top / "z.bin")
    run(bob.api.shares.fetch_folder(alice.jid, "trip"))
    moves(bob, alice)
    bob.daemon.kill()
    alice.go_on()
    bob.daemon.start()
    bob.sees(alice)
    alice.sees(bob)
    (part,) = [each for each in bob.all() if each.partial]
    have = Path(part.path).stat().st_size
    assert 0 < have < LARGE
    done = bob.finish(run(bob.api.shares.fetch_folder(alice.jid, "trip")).id)
    assert (done.state, done.files, done.came, done.known, done.failed) == (TransferState.DONE, 6, 1, 5, 0)
    got = Path(done.path)
    here = sorted(str(each.relative_to(got)) for each in got.rglob("*") if each.is_file())
    assert here == [
        "a.jpg", "day 1/b.jpg", "day 1/empty.txt", "day 1/evening/c.jpg", "day 1/quarantine/run.sh", "z.bin",
    ]  # fmt: skip
    assert all(is_same(got / each, top / each.replace("quarantine/", "")) for each in here)
    assert (got / "a.jpg").stat().st_mtime == 1_500_000_000
    (got / "a.jpg").write_bytes(b"mine")
    done = bob.finish(run(bob.api.shares.fetch_folder(alice.jid, "trip")).id)
    assert (done.came, done.known) == (1, 5)
    assert ((got / "a.jpg").read_bytes(), is_same(got / "a (1).jpg", top / "a.jpg")) == (b"mine", True)
    assert [each.folder for each in bob.all()] == [True, True], "files that have come are told by their folder"
    with pytest.raises(NotFound):
        bob.finish(run(bob.api.shares.fetch_folder(alice.jid, "trip/..")).id)
    run(alice.api.shares.unshare(share.id))
    for house, peer in ((alice, bob.jid), (bob, alice.jid)):
        run(house.api.encryption.end(peer))
    (got / "z.bin").unlink()
