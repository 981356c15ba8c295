"""A whole folder of somebody's: what they may tell of it, what is asked of them, and what is put where."""

import os

import pytest
from support.fake_jingle import PEER, Offers
from support.parsing import parse
from support.romeo import now
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import Conflict, FolderTooLarge, NoSpace, NotAllFetched, NotFound, PeerError
from sat.api.transfers import TransferState
from sat.core.hashes import Hashes
from sat.plugins.attachments.names import safe_name
from sat.plugins.files import wire
from sat.plugins.files.wire import About
from sat.plugins.shares import fetching, having, walking
from sat.plugins.shares.api import Listed
from sat.plugins.shares.plugin import NS, PAGES, Shares
from sat.plugins.shares.walking import Walk, Wanted

JULIET = JID("juliet@capulet.lit")


def listed(path, size=3, folder=False, **fields):
    return Listed(path, safe_name(path.rpartition("/")[2]), folder, size, **fields)


def walked(tell, path="top"):
    async def read(path):
        found = tell(path)
        if isinstance(found, Exception):
            raise found
        return found

    walk = Walk(read, lambda files: None)
    return now(walk.run(path)), walk.faults


def ways(tell):
    return ["/".join(each.names) for each in walked(tell)[0]]


# -- what they may tell ------------------------------------------------------------------------------------------------


def test_names_are_used_in_no_way_but_harmless():
    hostile = ["..", ".", "../../.bashrc", "\u202egnp.exe", "con", ".ssh", "a\0b", "C:\\x", "x" * 300]

    def tell(path):
        folders = [listed(f"{path}/{each}", folder=True) for each in hostile] if path == "top" else []
        return [*folders, *(listed(f"{path}/{each}") for each in hostile)]

    found = ways(tell)
    assert len(found) == len(set(found))
    for each in found:
        for part in each.split("/"):
            assert part not in ("", ".", "..", "con")
            assert not part.startswith(".")
            assert "\u202e" not in part
            assert len(part.encode()) < 256


def test_names_that_become_the_same_one_stay_apart():
    def tell(path):
        same = ["a.txt", "a\u200b.txt", "\u202ea.txt", ".a.txt", "a (1).txt"]
        return (
            [listed(f"{path}/{each}", folder=each == ".a.txt") for each in same]
            if path == "top"
            else [listed(f"{path}/x")]
        )

    found = ways(tell)
    assert found == ["a (1).txt", "a (2).txt/x", "a (3).txt", "a (4).txt", "a.txt"]
    assert found == ways(lambda path: tell(path)[::-1]), "else what is here already would not be found"


def test_the_same_name_twice_is_one_file():
    assert ways(lambda path: [listed("top/a"), listed("top/a", 9)]) == ["a"]


@pytest.mark.parametrize(
    ("tell", "why"),
    [
        (lambda path: [listed(f"{path}/{n}") for n in range(walking.MOST)], "one folder has 5000"),
        (lambda path: [listed(f"{path}/again", folder=True)], "30 deep"),
        (lambda path: [listed(f"{path}/{n}", folder=True) for n in range(4000)], "1000 folders"),
        (lambda path: [listed(f"{path}/{n}", folder=True) for n in range(40)], "1000 folders"),
        (
            lambda path: (
                [listed(f"{path}/d{n}", folder=True) for n in range(9)] + [listed(f"{path}/{n}") for n in range(4000)]
            ),
            "10000 files",
        ),
    ],
)
def test_what_has_no_end_has_one(tell, why):
    with pytest.raises(FolderTooLarge, match=why):
        walked(tell)


def test_many_names_that_become_one_take_no_time():
    found = ways(lambda path: [listed(f"top/{chr(0x200B) * (n + 1)}a") for n in range(walking.MOST - 1)])
    assert len(set(found)) == walking.MOST - 1


def test_what_cannot_be_looked_into_is_left_out_and_told():
    def tell(path):
        if path == "top":
            return [listed("top/a"), listed("top/closed", folder=True)]
        return PeerError(peer=JULIET, reason="no", condition="forbidden")

    found, faults = walked(tell)
    assert ([each.names for each in found], len(faults)) == ([("a",)], 1)
    with pytest.raises(PeerError):
        walked(lambda path: tell("top/closed"))
    with pytest.raises(PeerError):  # and none of a thousand: each takes its time
        walked(lambda path: [listed(f"top/{n}", folder=True) for n in range(900)] if path == "top" else tell(path))


# -- where it is put ---------------------------------------------------------------------------------------------------


def wanted(name="a.txt", data=b"abc", modified=0.0, hashed=True, folders=()):
    hashes = Hashes()
    hashes.update(data)
    told = listed(
        "/".join(["top", *folders, name]), len(data), modified=modified, hashes=hashes.told() if hashed else {}
    )
    return Wanted(told, (*folders, name))


def test_what_is_here_is_known_by_its_size_and_hash(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"abd")
    assert not having.is_here(tmp_path, wanted())
    (tmp_path / "a (1).txt").write_bytes(b"abc")
    assert having.is_here(tmp_path, wanted())
    (tmp_path / "quarantine").mkdir()
    (tmp_path / "quarantine" / "b.sh").write_bytes(b"abc")
    assert having.is_here(tmp_path, wanted("b.sh"))
    (tmp_path / "linked").symlink_to(tmp_path / "quarantine")
    assert not having.is_here(tmp_path, wanted("b.sh", folders=("linked",)))
    (tmp_path / "c").symlink_to(tmp_path / "a (1).txt")
    assert not having.is_here(tmp_path, wanted("c"))


def test_where_they_tell_no_hash_its_date_has_to_be_the_same(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"abc")
    having.put_date(str(path), 1_000_000.0, 2_000_000.0)
    assert having.is_here(tmp_path, wanted(hashed=False, modified=1_000_000.0))
    assert not having.is_here(tmp_path, wanted(hashed=False, modified=1_000_009.0))
    assert not having.is_here(tmp_path, wanted(hashed=False))
    having.put_date(str(path), 3_000_000.0, 2_000_000.0)
    assert path.stat().st_mtime == 1_000_000.0, "none that is yet to come"


def test_no_link_leads_out_of_it(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "sub").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Conflict):
        having.made(tmp_path, ("here", "sub", "deep"))
    assert os.listdir(tmp_path / "elsewhere") == []
    (tmp_path / "here" / "file").touch()
    with pytest.raises(Conflict):
        having.made(tmp_path, ("here", "file"))


# -- all of it ---------------------------------------------------------------------------------------------------------


class Theirs:
    """What is in the folders of somebody, and what is asked of them."""

    def __init__(self, romeo, shares, tmp_path):
        self.romeo, self.shares, self.folder = romeo, shares, tmp_path
        self.offers = Offers(romeo.clock)
        self.tree = {}

    def begin(self, path="top"):
        self.transfer = now(self.shares.fetch_folder(JULIET, path, str(self.folder)))
        while path_asked := self._asked():
            entries = "".join(self.tree.get(path_asked, []))
            self.romeo.wire.answer(NS, f"<query xmlns='{NS}'>{entries}</query>")
        return self

    def _asked(self):
        asked = [each for each in self.romeo.wire.asked if NS in each]
        return parse(asked[-1]).firstChildElement()["node"] if asked else ""

    @property
    def now(self):
        return self.shares.files.transfers.find(self.transfer.id)

    def asked(self):
        """The paths of the files that are asked for."""
        return [wire.read_description(each.contents[0].description).name for each in self.offers.sessions]

    def send(self, number, data, size=None):
        content = self.offers.sessions[number].contents[0]
        there = content.connect(wire.description(About("x", len(data) if size is None else size)))
        work = Deferred.fromCoroutine(there.write(data))
        work.addErrback(lambda _: None)
        self.romeo.turn()


def file(name, size=3, more=""):
    return f"<file xmlns='{wire.NS}'><name>{name}</name><size>{size}</size>{more}</file>"


@pytest.fixture
def theirs(romeo, threadless, monkeypatch, tmp_path):
    shares = romeo.plug(Shares)
    romeo.goes_online()
    romeo.sent()
    made = Theirs(romeo, shares, tmp_path)

    async def programs(peer, feature, what):
        return [PEER]

    shares.files.disco.find_programs = programs
    monkeypatch.setattr(shares.files.jingle, "offer", made.offers.offer)
    return made


def test_all_of_it_comes_some_at_a_time(theirs, tmp_path):
    theirs.tree = {
        "top": [f"<directory xmlns='{NS}' name='sub'/>", *(file(f"{n}.txt") for n in range(4)), file("none", 0)],
        "top/sub": [file("deep.txt")],
    }
    theirs.begin()
    assert theirs.asked() == ["top/0.txt", "top/1.txt", "top/2.txt"]
    assert (theirs.now.state, theirs.now.size, theirs.now.files) == (TransferState.RUNNING, 15, 6)
    for number in range(3):
        theirs.send(number, b"abc")
    assert theirs.asked()[3:] == ["top/3.txt", "top/sub/deep.txt"]
    for number in (3, 4):
        theirs.send(number, b"abc")
    assert (theirs.now.state, theirs.now.came, theirs.now.moved) == (TransferState.DONE, 6, 15)
    assert (tmp_path / "top" / "sub" / "deep.txt").read_bytes() == b"abc"
    assert (tmp_path / "top" / "none").read_bytes() == b""
    assert now(theirs.shares.files.transfers.get_all()) == [theirs.now], "those that came are told by their folder"


def test_one_that_fails_holds_up_no_other_one(theirs, tmp_path):
    theirs.tree = {"top": [file("a"), file("b"), f"<file xmlns='{wire.NS}'><name>endless</name></file>"]}
    theirs.begin()
    theirs.send(0, b"abc" * 1000)
    theirs.send(1, b"abc")
    with pytest.raises(NotAllFetched, match="2 of 3 files in it did not come"):
        now(theirs.shares.files.transfers.finish(theirs.transfer.id))
    assert (theirs.now.came, theirs.now.failed) == (1, 2)
    assert sorted(os.listdir(tmp_path / "top")) == ["b"]


def test_more_than_there_is_room_for_is_not_begun(theirs, monkeypatch):
    theirs.tree = {"top": [file(f"{n}", 1 << 59) for n in range(20)]}  # together no number of the bus
    theirs.begin()
    with pytest.raises(NoSpace):
        now(theirs.shares.files.transfers.finish(theirs.transfer.id))
    assert theirs.asked() == []


def test_what_is_given_up_is_given_up_with_all_of_its_files(theirs):
    theirs.tree = {"top": [file(f"{n}") for n in range(9)]}
    theirs.begin()
    now(theirs.shares.files.transfers.cancel(theirs.transfer.id))
    assert (theirs.now.state, len(theirs.asked())) == (TransferState.CANCELLED, 3)
    assert all(each.is_over for each in now(theirs.shares.files.transfers.get_all()))


def test_after_many_that_fail_nothing_more_is_asked(theirs, monkeypatch):
    monkeypatch.setattr(fetching, "FAILED", 4)
    theirs.tree = {"top": [file(f"{n:02}") for n in range(20)]}
    theirs.begin()
    for number in range(20):
        if number < len(theirs.asked()):
            theirs.offers.sessions[number].contents[0].fail(NotFound(what="it"))
            theirs.romeo.turn()
    with pytest.raises(NotAllFetched, match="of 20 files"):
        now(theirs.shares.files.transfers.finish(theirs.transfer.id))
    assert len(theirs.asked()) == 6


def test_pages_without_end_have_one(theirs, romeo):
    work = Deferred.fromCoroutine(theirs.shares.browse(JULIET, "top"))
    for number in range(PAGES):
        assert not work.called
        place = f"<set xmlns='http://jabber.org/protocol/rsm'><last>{number}</last><count>9999999</count></set>"
        romeo.wire.answer(NS, f"<query xmlns='{NS}'><other/>{place}</query>")
    assert now(work) == []


def test_pages_are_read_where_nobody_counts_them(theirs, romeo):
    work = Deferred.fromCoroutine(theirs.shares.browse(JULIET, "top"))
    for name in "ab":
        place = f"<set xmlns='http://jabber.org/protocol/rsm'><last>{name}</last></set>"
        romeo.wire.answer(NS, f"<query xmlns='{NS}'>{file(name)}{place}</query>")
    romeo.wire.answer(NS, f"<query xmlns='{NS}'/>")
    assert [each.name for each in now(work)] == ["a", "b"]
