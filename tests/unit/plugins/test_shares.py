"""Folders shared with contacts: who sees what, and that nobody sees more."""

import os
from base64 import b64encode
from hashlib import sha256

import pytest
from support.fake_jingle import PEER, Offers, Session
from support.parsing import parse
from support.romeo import now
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import FileUnreadable, InvalidArgument, NotFound
from sat.plugins.files import wire
from sat.plugins.files.wire import About
from sat.plugins.roster.plugin import Roster
from sat.plugins.shares import plugin
from sat.plugins.shares.plugin import NS, PAGE, Shares

JULIET = JID("juliet@capulet.lit")
NURSE = JID("nurse@capulet.lit")
PARIS = JID("paris@verona.lit")


@pytest.fixture
def shares(romeo, threadless):
    made = romeo.plug(Shares)
    romeo.goes_online()
    for jid, group in ((JULIET, "Lovers"), (NURSE, "Friends")):
        item = f"<item jid='{jid}' subscription='both'><group>{group}</group></item>"
        romeo.hears(f"<iq type='set' id='r'><query xmlns='jabber:iq:roster'>{item}</query></iq>")
    romeo.sent()
    return made


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "docs"
    (made / "sub" / "deep").mkdir(parents=True)
    (made / "empty").mkdir()
    (made / "plans.txt").write_text("plans")
    (made / "sub" / "deep" / "x.bin").write_bytes(b"x" * 500)
    (made / ".hidden").write_text("no")
    (tmp_path / "secret.txt").write_text("secret")
    (made / "link").symlink_to(tmp_path / "secret.txt")
    (made / "out").symlink_to(tmp_path)
    os.mkfifo(made / "pipe")
    return made


def ask(romeo, sender, node="", page=""):
    told = f" node='{node}'" if node else ""
    romeo.hears(f"<iq type='get' id='q' from='{sender}/x'><query xmlns='{NS}'{told}>{page}</query></iq>")
    (answer,) = romeo.sent()
    return parse(answer)


def entries(answer):
    query = answer.firstChildElement()
    found = [each for each in query.elements() if each.name in ("file", "directory")]
    return [each["name"] if each.name == "directory" else wire.read(each).name for each in found]


def test_who_may_sees_what_is_shared_and_nobody_else(romeo, shares, folder):
    now(shares.share(str(folder), [JULIET.with_resource("balcony")], [], "papers"))
    now(shares.share(str(folder / "sub"), [], ["Friends"]))
    assert entries(ask(romeo, JULIET)) == ["papers"]
    assert entries(ask(romeo, NURSE)) == ["sub"]
    assert "service-unavailable" in ask(romeo, PARIS).toXml()
    assert "item-not-found" in ask(romeo, NURSE, "papers").toXml()
    assert entries(ask(romeo, "romeo@montague.lit")) == ["papers", "sub"]


def test_a_folder_is_listed_without_what_is_nobodys_business(romeo, shares, folder):
    now(shares.share(str(folder), [JULIET], []))
    answer = ask(romeo, JULIET, "docs")
    assert entries(answer) == ["plans.txt", "sub"]
    (about,) = (wire.read(each) for each in answer.firstChildElement().elements() if each.name == "file")
    assert (about.size, about.type, about.ranged) == (5, "text/plain", True)
    assert about.modified == int((folder / "plans.txt").stat().st_mtime)
    assert entries(ask(romeo, JULIET, "docs/sub/deep")) == ["x.bin"]
    assert entries(ask(romeo, JULIET, "/docs/plans.txt/")) == ["plans.txt"]


def test_hashes_are_told_where_servers_may_know_them(romeo, shares, folder, monkeypatch):
    now(shares.share(str(folder), [JULIET], []))
    romeo.turn()

    def hashes():
        files = [each for each in ask(romeo, JULIET, "docs").firstChildElement().elements() if each.name == "file"]
        return [wire.read(each).hashes for each in files]

    digest = b64encode(sha256(b"plans").digest()).decode()
    assert hashes() == [{"sha-256": digest}]

    async def omemo(peer, wanted=""):
        return "omemo"

    with monkeypatch.context() as patched:
        patched.setattr(shares.files.jet, "method_for", omemo)
        assert hashes() == [{}]
    (folder / "plans.txt").write_text("other")  # as long as before
    os.utime(folder / "plans.txt", (1_000_000, 1_000_000))
    assert hashes() == [{}], "it is not read again for that"


BAD = ["docs/..", "docs/../secret.txt", "..", "docs/.hidden", "docs/link", "docs/out/secret.txt", "docs/pipe/x",
       "docs//etc", "docs/./sub", "none", "docs/none", "docs/sub/\u202ex", "/etc/passwd"]  # fmt: skip


@pytest.mark.parametrize("node", BAD)
def test_no_way_leads_out_of_it(romeo, shares, folder, node):
    now(shares.share(str(folder), [JULIET], []))
    assert "item-not-found" in ask(romeo, JULIET, node).toXml()


@pytest.mark.parametrize("name", [*BAD, "docs/pipe", "docs/sub", "docs", "secret.txt", ""])
def test_nothing_else_can_be_fetched(romeo, shares, folder, name):
    now(shares.share(str(folder), [JULIET], []))
    session = Session(romeo.clock, False)
    session.put(wire.description(About(name)), "responder")
    shares.files.offered(session)
    romeo.turn()
    assert session.accepted is None


@pytest.mark.parametrize("name", ["docs/plans.txt", "plans.txt"])
def test_who_may_fetches(romeo, shares, folder, name):
    now(shares.share(str(folder), [JULIET], []))
    for peer, may in ((PEER, True), (NURSE.with_resource("x"), False)):
        session = Session(romeo.clock, False, peer)
        session.put(wire.description(About(name)), "responder")
        shares.files.offered(session)
        romeo.turn()
        assert (session.accepted is not None) is may
        if may:
            there = session.contents[0].connect()
            assert now(there.read()) == b"plans"


def test_a_single_file_is_seen_in_a_folder(romeo, shares, folder):
    now(shares.share(str(folder / "plans.txt"), [JULIET], []))
    assert entries(ask(romeo, JULIET)) == ["plans.txt"]
    assert entries(ask(romeo, JULIET, "plans.txt")) == ["plans.txt"]
    assert "item-not-found" in ask(romeo, JULIET, "plans.txt/sub").toXml()
    found = now(shares._serve(PEER, About("plans.txt/plans.txt"), None))
    os.close(found.descriptor)
    assert found.about.size == 5


def test_long_folders_come_in_pages(romeo, shares, tmp_path):
    (tmp_path / "many").mkdir()
    for number in range(PAGE + 20):
        (tmp_path / "many" / f"{number:03}").write_text("x")
    now(shares.share(str(tmp_path / "many"), [JULIET], []))
    first = ask(romeo, JULIET, "many", "<set xmlns='http://jabber.org/protocol/rsm'><max>1000</max></set>")
    assert entries(first) == [f"{number:03}" for number in range(PAGE)]
    page = f"<set xmlns='http://jabber.org/protocol/rsm'><max>50</max><after>{PAGE - 1:03}</after></set>"
    assert entries(ask(romeo, JULIET, "many", page)) == [f"{number:03}" for number in range(PAGE, PAGE + 20)]


def test_what_is_shared_is_kept_and_told(romeo, shares, folder, record):
    told = record(shares.changed)
    one = now(shares.share(str(folder) + "/", [JULIET], ["Lovers"]))
    assert (one.path, one.name) == (str(folder), "docs")
    again = now(shares.share(str(folder / "sub"), [NURSE], [], "docs"))
    assert (again.id, now(shares.get_own())) == (one.id, [again])
    assert told[-1] == [again]
    loaded = now(shares.store.rows("shares", plugin._from_row))
    assert loaded == [again]
    now(shares.unshare(one.id))
    assert (now(shares.get_own()), told[-1]) == ([], [])
    with pytest.raises(NotFound):
        now(shares.unshare(one.id))


def test_what_cannot_be_shared(shares, folder, tmp_path):
    for path, contacts, name, kind in (
        (str(folder), [], "", InvalidArgument),
        ("docs", [JULIET], "", FileUnreadable),
        (str(tmp_path / "none"), [JULIET], "", FileUnreadable),
        (str(folder), [JULIET], "a/b", InvalidArgument),
        (str(folder), [JULIET], ".x", InvalidArgument),
        ("/", [JULIET], "", InvalidArgument),
        (str(folder / ".hidden"), [JULIET], "shown", InvalidArgument),
        (str(folder / "pipe"), [JULIET], "", FileUnreadable),
    ):
        with pytest.raises(kind):
            now(shares.share(path, contacts, [], name))


def test_what_is_gone_is_marked(shares, folder):
    now(shares.share(str(folder / "plans.txt"), [JULIET], []))
    (folder / "plans.txt").unlink()
    assert now(shares.get_own())[0].missing


# -- others' folders ---------------------------------------------------------------------------------------------------


@pytest.fixture
def theirs(shares):
    async def programs(peer, feature, what):
        return [PEER]

    shares.files.disco.find_programs = programs
    return shares


def test_a_folder_of_theirs_is_read_page_by_page(romeo, theirs):
    work = Deferred.fromCoroutine(theirs.browse(JULIET, "docs/"))
    assert "node='docs'" in romeo.wire.asked[-1]
    set_ = "<set xmlns='http://jabber.org/protocol/rsm'><first>a</first><last>{}</last><count>4</count></set>"
    old = "<file xmlns='urn:xmpp:jingle:apps:file-transfer:4'><name>a.txt</name><size>7</size></file>"
    evil = f"<file xmlns='{wire.NS}'><name>../../x</name></file><directory name=''/><other/>"
    romeo.wire.answer(NS, f"<query xmlns='{NS}'><directory name='s\u202eub'/>{old}{evil}{set_.format('a.txt')}</query>")
    assert "<after>a.txt</after>" in romeo.wire.asked[-1]
    new = f"<file xmlns='{wire.NS}'><name>b</name></file><file xmlns='{wire.NS}'><name>c</name></file>"
    romeo.wire.answer(NS, f"<query xmlns='{NS}'>{new}{set_.format('c')}</query>")
    found = now(work)
    assert [(each.path, each.name, each.folder, each.size) for each in found] == [
        ("docs/s\u202eub", "sub", True, 0), ("docs/a.txt", "a.txt", False, 7), ("docs/b", "b", False, 0),
        ("docs/c", "c", False, 0),
    ]  # fmt: skip


def test_a_folder_that_is_not_there(romeo, theirs):
    work = Deferred.fromCoroutine(theirs.browse(JULIET, "none"))
    romeo.wire.refuse(NS, "item-not-found")
    with pytest.raises(NotFound, match="folder none"):
        now(work)


def test_a_group_that_nobody_is_in_is_none(romeo, shares, folder):
    """It would be seen by nobody now, and by whoever comes into one that is called so."""
    with pytest.raises(NotFound, match="There is no group “Freinds” among your contacts"):
        now(shares.share(str(folder), [JULIET], ["Friends", "Freinds"]))
    assert now(shares.get_own()) == []
    now(shares.share(str(folder), [], ["Friends", "Lovers"]))
    (own,) = now(shares.get_own())
    assert own.empty == []
    romeo.plugin(Roster).contacts.pop(NURSE)
    (own,) = now(shares.get_own())
    assert (own.groups, own.empty) == (["Friends", "Lovers"], ["Friends"])


def test_a_file_of_theirs_is_fetched(romeo, theirs, monkeypatch, tmp_path):
    offers = Offers(romeo.clock)
    monkeypatch.setattr(theirs.files.jingle, "offer", offers.offer)
    now(theirs.fetch(JULIET, "docs/a.txt", str(tmp_path)))
    content = offers.sessions[0].contents[0]
    assert wire.read_description(content.description).name == "docs/a.txt"
    there = content.connect(wire.description(About("a.txt", 3)))
    now(there.write(b"abc"))
    assert (tmp_path / "a.txt").read_bytes() == b"abc"
