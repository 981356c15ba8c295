"""Files over a real server: put there, told, fetched, in rooms and through copies and archive."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from scenarios.web_host import WebHost, endless, page
from support.peer import Peer
from support.pictures import png
from support.talk import wait

from sat.api import JID
from sat.api.errors import FileBroken, FileTooLarge, FileUnreadable, PictureHidden, WebError
from sat.api.messages import Message, MessageState
from sat.world import PASSWORD, World
from sat.world.people import run

BOB, ALICE = JID("bob@localhost"), JID("alice@localhost")
OOB = "jabber:x:oob"


@pytest.fixture
def host() -> Iterator[WebHost]:
    with WebHost() as host:
        yield host


def last(profile, peer: JID) -> Message:
    found = run(profile.messages.get_history(peer, limit=1))
    return found[0] if found else Message("", 0, peer, peer, False, "", 0.0, MessageState.READ)


def send(profile, path: Path, peer: JID) -> Message:
    transfer = run(profile.transfers.finish(run(profile.upload.upload(str(path), peer)).id))
    return run(profile.messages.get_message(transfer.message))


def written(bob: Peer, url: str, body: str = "") -> None:
    bob.send(
        f"<message to='{ALICE}' type='chat'><body>{body or url}</body><x xmlns='{OOB}'><url>{url}</url></x></message>"
    )


def test_a_picture_goes_to_a_contact_and_is_fetched_there(both, tmp_path: Path) -> None:
    alice, bob = both
    path = tmp_path / "../à la plage.png"
    path.write_bytes(png(40, 30))
    sent = send(alice, path, BOB)
    (about,) = sent.attachments
    assert (about.name, about.type, about.size, about.width, about.height) == (
        "à la plage.png", "image/png", path.stat().st_size, 40, 30,
    )  # fmt: skip
    wait(lambda: last(bob, ALICE).body == about.url, "it arrives")
    came = last(bob, ALICE)
    assert (came.text, came.attachments) == ("", [about])
    assert about.hashes == {"sha-256": b64encode(sha256(path.read_bytes()).digest()).decode()}
    fetched = run(bob.attachments.get_picture(came.id))
    assert Path(fetched.path).read_bytes() == path.read_bytes()
    assert (fetched.type, fetched.width, fetched.height) == ("image/png", 40, 30)
    assert run(bob.attachments.get_file(came.id)) == fetched


def test_a_large_file_is_carried_without_filling_the_memory(both, world: World, tmp_path: Path) -> None:
    alice, _ = both
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(9 * 1024 * 1024)

    def memory() -> int:
        text = Path(f"/proc/{world.daemon.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+)", text)
        assert found is not None
        return int(found[1])

    before = memory()
    assert send(alice, path, BOB).attachments[0].size == 9 * 1024 * 1024
    assert memory() - before < 5 * 1024


def test_what_the_server_does_not_take_is_told_before(both, tmp_path: Path) -> None:
    alice, _ = both
    path = tmp_path / "huge.bin"
    with path.open("wb") as file:
        file.truncate(11 * 1024 * 1024)
    with pytest.raises(FileTooLarge, match=r"huge\.bin is 11 MB; upload\.localhost takes 10 MB at most"):
        run(alice.upload.upload(str(path), BOB))
    with pytest.raises(FileUnreadable):
        run(alice.upload.upload(str(tmp_path / "none"), BOB))


def test_another_program_sees_the_file_and_writes_one(both, world: World, bob: Peer, tmp_path: Path) -> None:
    alice, _ = both
    path = tmp_path / "notes.txt"
    path.write_text("notes")
    with Peer(world.jid("carol"), PASSWORD, world.prosody.port, world.prosody.ca_file) as carol:
        carol.available()
        url = send(alice, path, JID(world.jid("carol"))).attachments[0].url
        stanza = carol.expect_body(url)
    assert stanza.findtext(f"{{{OOB}}}x/{{{OOB}}}url") == url
    written(bob, "https://files.example/a%20b.png")
    wait(lambda: last(alice, BOB).attachments[:1] and last(alice, BOB).attachments[0].name == "a b.png", "it arrives")
    assert last(alice, BOB).text == ""


def test_a_file_in_a_room(both, tmp_path: Path) -> None:
    alice, bob = both
    room = JID("pictures@rooms.localhost")
    run(alice.rooms.create(room, "alice", {}))
    run(bob.rooms.join(room, "bob"))
    path = tmp_path / "room.png"
    path.write_bytes(png(4, 4))
    sent = send(alice, path, room)
    wait(lambda: last(bob, room).attachments, "it arrives")
    came = last(bob, room)
    with pytest.raises(PictureHidden):
        run(bob.attachments.get_picture(came.id))
    run(bob.settings.set_setting("attachments.show_in_rooms", "true"))
    assert run(bob.attachments.get_picture(came.id)).width == 4
    assert run(alice.messages.get_message(sent.id)).attachments[0].width == 4


def test_what_the_archive_has_comes_with_its_file(both, world: World) -> None:
    alice, _ = both
    run(alice.profile.disconnect())
    with Peer(world.jid("bob"), PASSWORD, world.prosody.port, world.prosody.ca_file) as bob:
        written(bob, "https://files.example/missed.png")
    run(alice.profile.connect())
    wait(lambda: last(alice, BOB).attachments[:1] and last(alice, BOB).attachments[0].name == "missed.png", "it comes")


# -- what others send to do harm ---------------------------------------------------------------------------------------


def test_a_picture_that_would_fill_the_memory_is_none(both, bob: Peer, host: WebHost) -> None:
    alice, _ = both
    host.pages = {"/bomb.png": page(png(100, 100, claims=(60_000, 60_000)), kind="image/png")}
    written(bob, host.url("/bomb.png"))
    wait(lambda: last(alice, BOB).body == host.url("/bomb.png"), "it arrives")
    with pytest.raises(PictureHidden):
        run(alice.attachments.get_picture(last(alice, BOB).id))
    assert run(alice.attachments.get_file(last(alice, BOB).id)).type == "application/octet-stream"


def test_what_a_file_is_says_neither_its_name_nor_its_server(both, bob: Peer, host: WebHost) -> None:
    alice, _ = both
    host.pages = {"/x.png": page(b"<svg onload='alert(1)'/>", kind="image/png")}
    written(bob, host.url("/x.png"))
    wait(lambda: last(alice, BOB).body == host.url("/x.png"), "it arrives")
    assert run(alice.attachments.get_file(last(alice, BOB).id)).type == "application/octet-stream"


def test_another_file_than_was_told_is_refused(both, bob: Peer, host: WebHost) -> None:
    """Who keeps a file cannot give another one for it."""
    alice, _ = both
    host.pages = {"/told.txt": page(b"not what was told")}
    bob.send(
        f"<message to='{ALICE}' type='chat'><reference xmlns='urn:xmpp:reference:0' type='data'>"
        "<media-sharing xmlns='urn:xmpp:sims:1'><file xmlns='urn:xmpp:jingle:apps:file-transfer:5'>"
        "<media-type>text/plain</media-type><name>told.txt</name><size>17</size>"
        f"<hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>{b64encode(sha256(b'what was told').digest()).decode()}</hash>"
        "</file><sources><reference xmlns='urn:xmpp:reference:0' type='data' "
        f"uri='{host.url('/told.txt')}'/></sources></media-sharing></reference></message>"
    )
    wait(lambda: last(alice, BOB).attachments[:1] and last(alice, BOB).attachments[0].name == "told.txt", "it comes")
    with pytest.raises(FileBroken, match="hash"):
        run(alice.attachments.get_file(last(alice, BOB).id))


def test_an_endless_picture_is_cut_off(both, bob: Peer, host: WebHost, world: World) -> None:
    alice, _ = both
    host.pages = {"/endless.png": endless}
    written(bob, host.url("/endless.png"))
    wait(lambda: last(alice, BOB).body == host.url("/endless.png"), "it arrives")
    with pytest.raises(FileTooLarge):
        run(alice.attachments.get_picture(last(alice, BOB).id))
    assert host.hung_up.wait(10)
    assert not list((world.folder / "home" / "cache" / "sat" / "attachments").glob("*.part"))


def test_the_local_network_is_left_alone_unless_the_setting_says_so(both, bob: Peer, host: WebHost) -> None:
    alice, _ = both
    host.pages = {"/secret": page(b"secret")}
    written(bob, host.url("/secret"))
    wait(lambda: last(alice, BOB).body == host.url("/secret"), "it arrives")
    run(alice.settings.set_setting("attachments.local", "false"))
    try:
        with pytest.raises(WebError, match="local network"):
            run(alice.attachments.get_file(last(alice, BOB).id))
        assert host.asked == []
    finally:
        run(alice.settings.set_setting("attachments.local", "true"))
    assert run(alice.attachments.get_file(last(alice, BOB).id)).size == 6
