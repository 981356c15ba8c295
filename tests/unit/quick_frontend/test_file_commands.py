"""The user commands for files, and the words and ways behind them."""

from __future__ import annotations

import pytest
from support.fake_files import Attachments, Upload
from support.fake_rooms import Rooms
from support.fake_transfers import Files, Shares, Transfers
from support.fakes import JULIET, NURSE, ROMEO, Apis

from sat.api import JID
from sat.api.errors import Cancelled, CannotReceive, FeatureMissing, FileUnreadable, InvalidArgument, PeerDeclined
from sat.plugins.presence.api import Presence, Show
from sat.plugins.rooms.api import PublicRoom
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.shares.api import Listed, Share
from sat.plugins.transfers.api import Direction, TransferState
from sat_frontends.quick_frontend import offering, sharing
from sat_frontends.quick_frontend.commands import COMMANDS, complete
from sat_frontends.quick_frontend.offering import By, Ways
from sat_frontends.quick_frontend.ringing import offer_told, offer_worth_it
from sat_frontends.quick_frontend.transfer_words import goes_on

from .test_commands import Shell

ROOM = JID("balcony@rooms.localhost")


@pytest.fixture
def shell(monkeypatch):
    """Juliet is there; the nurse is in the group Household, and away."""
    made = Apis.__init__

    def with_files(self, *contacts):
        made(self, *contacts)
        self.transfers = Transfers()
        self.files = Files(self.transfers)
        self.shares = Shares(self.files)
        self.attachments = Attachments(self.messages)
        self.upload = Upload(self.messages, self.attachments, self.transfers)

    monkeypatch.setattr(Apis, "__init__", with_files)
    rooms = Rooms()
    rooms.public.append(PublicRoom(ROOM, "The balcony"))
    shell = Shell(rooms)
    shell.live.contacts.update([Contact(NURSE, "Nurse", Subscription.BOTH, ["Household"])])
    shell.live.contacts.present([Presence(JID(f"{JULIET}/window"), Show.ONLINE)])
    shell.peer = JULIET
    return shell


@pytest.fixture
def rose(tmp_path):
    path = tmp_path / "a rose.txt"
    path.write_text("red")
    return str(path)


# -- sending -------------------------------------------------------------------------------------------------------


def test_a_file_goes_by_the_server_or_straight(shell, rose):
    shell.types(f"/attach {rose}")
    assert ("upload", rose, JULIET, "") in shell.apis.upload.calls
    assert shell.apis.files.calls == []
    shell.types(f"/send --direct {rose}")
    (sent,) = [each for each in shell.live.transfers if each.id.startswith("file")]
    assert (sent.direction, sent.path, sent.peer, sent.state) == (Direction.SEND, rose, JULIET, TransferState.DONE)


def test_the_daemon_works_in_another_folder(shell, rose, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    shell.types("/attach --direct a rose.txt")
    assert ("send", rose, JULIET, "", "", "") in shell.apis.files.calls


@pytest.mark.parametrize("line", ["/attach", "/attach --direct", "/attach --direct "])
def test_which_file_is_to_be_said(shell, line):
    with pytest.raises(InvalidArgument, match="missing"):
        shell.types(line)


def test_somebody_is_to_get_it(shell, rose):
    shell.peer = None
    with pytest.raises(InvalidArgument, match="No conversation"):
        shell.types(f"/attach {rose}")


def test_in_a_room_nothing_goes_straight(shell, rose):
    shell.types(f"/join {ROOM} romeo")
    shell.peer = ROOM
    with pytest.raises(InvalidArgument, match="by the server"):
        shell.types(f"/attach --direct {rose}")


def test_why_it_failed_is_told_but_not_that_one_gave_it_up(shell, rose):
    shell.apis.files.without.add(JULIET)
    with pytest.raises(CannotReceive):
        shell.types(f"/attach --direct {rose}")
    with pytest.raises(FileUnreadable):
        shell.types("/attach /none")
    shell.apis.files.without.clear()
    finish = shell.apis.transfers.finish

    async def ends(error, id):
        shell.apis.transfers.end(id, error)
        return await finish(id)

    shell.apis.transfers.finish = lambda id: ends(Cancelled(), id)
    shell.types(f"/attach --direct {rose}")
    shell.apis.transfers.finish = lambda id: ends(PeerDeclined(who=JULIET), id)
    with pytest.raises(PeerDeclined):
        shell.types(f"/attach --direct {rose}")


def test_paths_and_the_option_are_completed(shell, rose):
    folder = rose.rpartition("/")[0]
    for start in ("/attach ", "/send --direct ", "/share "):
        assert [each.text for each in complete(shell.live, f"{start}{folder}/a")] == [f"{start}{rose}"]
    assert [each.text for each in complete(shell.live, "/attach --d")] == ["/attach --direct "]
    assert complete(shell.live, "/attach --x") == []


# -- which way -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ways", "size", "by"),
    [
        (Ways(True, 100, True, True, False), 100, By.SERVER),
        (Ways(True, 0, True, True, False), 10**9, By.SERVER),
        (Ways(True, 100, True, True, False), 101, By.DIRECT),
        (Ways(False, 0, True, True, False), 1, By.DIRECT),
        (Ways(True, 100, True, False, False), 101, By.SERVER),  # which says why it cannot be
        (Ways(False, 0, False, True, False), 1, By.SERVER),
    ],
)
def test_what_is_usual(ways, size, by):
    assert ways.usual(size) is by


def test_which_ways_there_are(shell):
    found = shell.loop.now(offering.ways(shell.live, JULIET))
    assert found == Ways(True, 1 << 20, True, True, False)
    assert not shell.loop.now(offering.ways(shell.live, NURSE)).there
    shell.types(f"/join {ROOM} romeo")
    assert not shell.loop.now(offering.ways(shell.live, ROOM)).direct

    async def none():
        raise FeatureMissing(who=ROMEO, feature="files")

    shell.apis.upload.get_storage = none
    assert not shell.loop.now(offering.ways(shell.live, JULIET)).server


def test_each_way_is_explained():
    server, direct = offering.told(Ways(True, 1 << 20, True, True, False), "Juliet")
    assert "up to 1.0 MB" in server
    assert "Juliet has to take it" in direct
    assert "online" not in direct
    _, direct = offering.told(Ways(True, 0, True, False, True), "Ju\nliet")
    assert "not online" in direct
    assert "is encrypted, as this conversation" in direct
    assert "\n" not in direct
    assert "not in a room" in offering.told(Ways(True, 0, False, True, False), "x")[1]
    assert "takes no files" in offering.told(Ways(False, 0, True, True, False), "x")[0]


@pytest.mark.parametrize("form", ["{}", "'{}'", '"{}"', " {}\n", "file://{url}", "{escaped}", "{escaped} "])
def test_a_dropped_file_is_recognised(rose, form):
    text = form.format(rose, url=rose.replace(" ", "%20"), escaped=rose.replace(" ", "\\ "))
    assert offering.dropped(text) == rose


@pytest.mark.parametrize("text", ["", "hello", "/", "/none", "a rose.txt", "it's", "'/etc/passwd", "/etc/passwd\nx"])
def test_what_is_no_file_is_text(text, rose, monkeypatch):
    monkeypatch.chdir(rose.rpartition("/")[0])
    assert offering.dropped(text) == ""


# -- sharing -------------------------------------------------------------------------------------------------------


def test_a_folder_is_shared_with_contacts_and_groups(shell, tmp_path):
    shell.types(f"/share {tmp_path} with Juliet Capulet, household, Nurse")
    (share,) = shell.apis.shares.own.values()
    assert share[1:] == (str(tmp_path), tmp_path.name, [JULIET, NURSE], ["Household"], False, [])
    assert "with Juliet Capulet, Nurse, the group Household" in shell.said[0]


def test_without_names_it_is_for_who_is_here(shell, tmp_path):
    shell.types(f"/share {tmp_path}")
    assert [each.contacts for each in shell.apis.shares.own.values()] == [[JULIET]]
    shell.types(f"/join {ROOM} romeo")
    for shell.peer in (None, ROOM):
        with pytest.raises(InvalidArgument, match="with whom"):
            shell.types(f"/share {tmp_path}")


def test_a_path_may_hold_the_word(shell, tmp_path):
    (tmp_path / "me with you").mkdir()
    shell.types(f"/share {tmp_path}/me with you")
    shell.types(f"/share {tmp_path}/me with you with Nurse")
    first, second = shell.apis.shares.own.values()
    assert (first.name, first.contacts) == ("me with you", [JULIET])
    assert (second.name, second.contacts) == ("me with you", [NURSE])


def test_with_whom_is_to_be_known(shell, tmp_path):
    with pytest.raises(InvalidArgument, match="Nobody"):
        shell.types(f"/share {tmp_path} with Paris")
    with pytest.raises(InvalidArgument, match="with whom"):
        shell.types(f"/share {tmp_path} with ,")


def test_names_are_completed_after_the_path(shell):
    assert [each.text for each in complete(shell.live, "/share ~/x with hou")] == ["/share ~/x with Household"]
    assert "/share ~/x with Nurse, Household" in [
        each.text for each in complete(shell.live, "/share ~/x with Nurse, h")
    ]


def test_lists_are_opened(shell):
    assert shell.types("/transfers") == ("transfers",)
    assert shell.types("/shares") == ("shares",)
    assert shell.types("/files") == ("files", JULIET)
    assert shell.types("/files Nurse") == ("files", NURSE)
    assert [each.text for each in complete(shell.live, "/files nur")] == ["/files Nurse"]
    shell.peer = None
    with pytest.raises(InvalidArgument):
        shell.types("/files")
    shell.types(f"/join {ROOM} romeo")
    shell.peer = ROOM
    with pytest.raises(InvalidArgument, match="room"):
        shell.types("/files")
    assert {"transfers", "share", "shares", "files"} <= COMMANDS.keys()


def test_shares_in_words():
    share = Share("1", "/x/y\u202e", "y", [JULIET], ["A\nB"], True)
    assert sharing.share_line(share, str) == f"/x/y� (it is not there any more), with {JULIET}, the group A␤B"
    share = share._replace(groups=["A\nB", "C"], empty=["A\nB"])
    assert sharing.with_whom(share, str) == f"{JULIET}, the group A␤B (nobody is in it), the group C"


def test_folders_stand_first():
    listed = [Listed("b", "b"), Listed("z", "z", True), Listed("A", "A", size=5, type="text/x", description="n\nm")]
    assert [sharing.listed_name(each) for each in sharing.in_order(listed)] == ["z/", "A", "b"]
    assert sharing.listed_about(listed[2]) == ["5 bytes", "text/x", "n␤m"]
    assert sharing.listed_about(listed[1]) == []
    assert [sharing.parent(path) for path in ("", "a", "a/b", "a/b/c")] == ["", "", "a", "a/b"]


# -- being told ----------------------------------------------------------------------------------------------------


def test_who_offers_is_told_and_not_what(shell):
    offer = shell.apis.transfers.offered(JID(f"{JULIET}/window"), "secret.txt")
    assert offer_told(shell.live, offer) == "Juliet Capulet: offers a file"
    assert offer_worth_it(shell.live, offer)
    shell.types("/presence dnd")
    assert not offer_worth_it(shell.live, offer)
    shell.types("/presence online")
    shell.types("/notify never")
    assert not offer_worth_it(shell.live, offer)


def test_who_leaves_is_told_that_it_goes_on():
    assert goes_on(0) == ""
    assert goes_on(1).startswith("1 file is still on the way")
    assert "goes on with them" in goes_on(2)
