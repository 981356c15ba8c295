"""Files in encrypted conversations of two profiles of ours, over a real server: what goes over the wire, what is at the
server, and what of it is believed. Another program of bob, without keys, looks on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, tostring

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from scenarios.web_host import WebHost, broken, endless, page
from support.peer import Peer
from support.pictures import png
from support.stage import jp
from support.talk import faults, history, wait

from sat.api import JID
from sat.api.errors import Cancelled, FileBroken, FileTooLarge, LocalAddress, WebError
from sat.api.messages import Message
from sat.plugins.attachments.links import new_link, read_link
from sat.world import World
from sat.world.people import run

ALICE, BOB = JID("alice@localhost"), JID("bob@localhost")
NEW, OLD = "urn:xmpp:omemo:2", "eu.siacs.conversations.axolotl"
KEY, IV = bytes(range(32)), bytes(range(12))
DATA = b"nobody else reads this"


@pytest.fixture(scope="module")
def bridge(world: World) -> Any:
    """The daemon, which writes into its log all it can."""
    world.daemon.stop()
    with world.daemon.config_file.open("a") as config:
        config.write("\n[log]\nlevel = debug\ntraffic = true\n")
    world.daemon.launch()
    world.daemon.wait_ready()
    for person in ("alice", "bob"):
        world.enter_profile(person)
    return world.bridge()


@pytest.fixture(scope="module")
def pair(bridge: Any) -> tuple[Any, Any]:
    """alice and bob with keys, encrypting what they write to each other."""
    alice, bob = bridge.profile("alice"), bridge.profile("bob")
    run(bob.encryption.get_keys(BOB))  # makes bob's
    run(alice.encryption.begin(BOB))
    run(bob.encryption.begin(ALICE))
    return alice, bob


@pytest.fixture
def host(world: World, tmp_path: Path) -> Iterator[WebHost]:
    """A web server whose certificate the daemon believes."""
    with WebHost(world.prosody.authority.issue("localhost").write(tmp_path, "web")) as host:
        yield host


def last(profile: Any, peer: JID, holds: Callable[[Message], object]) -> Message:
    wait(lambda: (found := history(profile, peer)) and holds(found[-1]), "it is there")
    return history(profile, peer)[-1]


def came(profile: Any, peer: JID, link: str) -> Message:
    return last(profile, peer, lambda each: each.attachments and each.attachments[0].url == link)


def sealed(stanza: Element, ns: str) -> bool:
    return any(each.tag == f"{{{ns}}}encrypted" for each in stanza.iter())


def picture(tmp_path: Path) -> Path:
    path = tmp_path / "à la plage.png"
    path.write_bytes(png(40, 30))
    return path


def goes(world: World, onlooker: Peer, path: Path, ns: str) -> tuple[str, Element]:
    """alice sends a file by jp; its link, and what was seen on the wire."""
    words = ("-p", "alice", "message", "send", BOB, "--attach", str(path), "-o", "json")
    done = jp(world.environment(), *words)
    assert (done.code, done.err) == (0, "")
    (told,) = json.loads(done.out)["attachments"]
    return told["url"], onlooker.expect(lambda stanza: sealed(stanza, ns))


def comes(world: World, pair: Any, link: str, path: Path) -> Message:
    """bob has it, and fetches it by jp."""
    alice, bob = pair
    message = came(bob, ALICE, link)
    assert (message.encrypted.method, message.body) == ("omemo", "")
    kept = path.with_name("kept.png")
    done = jp(world.environment(), "-p", "bob", "file", "get", f"@{ALICE}", "--file", str(kept))
    assert (done.code, done.err) == (0, "")
    assert kept.read_bytes() == path.read_bytes()
    fetched = run(bob.attachments.get_picture(message.id))
    assert (fetched.type, fetched.width, fetched.height) == ("image/png", 40, 30)
    assert run(alice.attachments.get_file(history(alice, BOB)[-1].id)).size == fetched.size
    shown = jp(world.environment(), "-p", "bob", "message", "history", ALICE).out
    assert ("aesgcm" in shown, message.attachments[0].name in shown) == (False, True)
    return message


def nothing_is_told(stanza: Element, link: str) -> None:
    text, opened = tostring(stanza, "unicode"), read_link(link)
    for told in (
        "plage",
        "image/png",
        "urn:xmpp:sfs",
        "jabber:x:oob",
        "aesgcm",
        opened.url.rpartition("/")[2],
        opened.key.hex(),
    ):
        assert told not in text


def test_a_picture_with_version_2(world: World, pair: Any, onlooker: Peer, tmp_path: Path) -> None:
    path = picture(tmp_path)
    link, stanza = goes(world, onlooker, path, NEW)
    nothing_is_told(stanza, link)
    (about,) = comes(world, pair, link, path).attachments
    assert (about.name, about.type, about.width, about.height) == ("à la plage.png", "image/png", 40, 30)
    assert (list(about.hashes), list(about.sealed)) == (["sha-256"], ["sha-256"])


def test_the_server_has_a_file_of_which_it_knows_nothing(world: World, pair: Any, tmp_path: Path) -> None:
    alice, _ = pair
    path = tmp_path / "plans.txt"
    path.write_bytes(DATA)
    begun = run(alice.upload.upload(str(path), BOB))
    (about,) = run(alice.transfers.finish(begun.id)).attachment
    link = read_link(about.url)
    assert re.fullmatch(r"https://localhost:\d+/[\w-]+/[\w-]{22}\.txt", link.url.replace("/file_share", "", 1))
    fetched = Path(run(alice.attachments.get_url(link.url)).path).read_bytes()
    assert fetched != DATA
    assert AESGCM(link.key).decrypt(link.iv, fetched, None) == DATA


def test_the_tag_counts(pair: Any, tmp_path: Path) -> None:
    alice, _ = pair
    limit = run(alice.upload.get_storage()).limit
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(limit - 15)
    with pytest.raises(FileTooLarge):
        run(alice.upload.upload(str(path), BOB))
    run(alice.upload.upload(str(path)))  # in clear, for nobody


def test_one_file_in_clear(world: World, pair: Any, tmp_path: Path) -> None:
    _, bob = pair
    words = (
        "-p",
        "alice",
        "message",
        "send",
        BOB,
        "--attach",
        str(picture(tmp_path)),
        "--encrypt",
        "none",
        "-o",
        "json",
    )
    done = jp(world.environment(), *words)
    assert (done.code, done.err) == (0, "")
    (told,) = json.loads(done.out)["attachments"]
    assert told["url"].startswith("https://")
    assert not came(bob, ALICE, told["url"]).encrypted.method


def test_a_large_file_is_encrypted_without_filling_the_memory(world: World, pair: Any, tmp_path: Path) -> None:
    alice, bob = pair
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(9 * 1024 * 1024)

    def memory() -> int:
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{world.daemon.pid}/status").read_text())
        assert found is not None
        return int(found[1])

    before = memory()
    (about,) = run(alice.transfers.finish(run(alice.upload.upload(str(path), BOB)).id)).attachment
    assert run(bob.attachments.get_file(came(bob, ALICE, about.url).id)).size == 9 * 1024 * 1024
    assert memory() - before < 6 * 1024


def test_it_can_be_given_up_while_it_is_encrypted(world: World, pair: Any, tmp_path: Path) -> None:
    alice, _ = pair
    path = tmp_path / "given up.bin"
    with path.open("wb") as file:
        file.truncate(9 * 1024 * 1024)
    begun = run(alice.upload.upload(str(path), BOB))
    run(alice.transfers.cancel(begun.id))
    with pytest.raises(Cancelled):
        run(alice.transfers.finish(begun.id))
    assert all(each.attachments[0].name != "given up.bin" for each in history(alice, BOB) if each.attachments)
    assert not faults(world.daemon)


def test_a_picture_with_the_old_version(world: World, pair: Any, onlooker: Peer, tmp_path: Path) -> None:
    alice, bob = pair
    run(bob.profile.disconnect())  # else his program puts its list right
    onlooker.send(
        "<iq type='set' id='gone'><pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>"
        f"<delete node='{NEW}:devices'/></pubsub></iq>"
    )
    onlooker.expect(lambda stanza: stanza.get("id") == "gone" and stanza.get("type") == "result")
    run(alice.profile.disconnect())
    run(alice.profile.connect())  # what it has heard counts until then
    path = picture(tmp_path)
    link, stanza = goes(world, onlooker, path, OLD)
    assert not sealed(stanza, NEW)
    nothing_is_told(stanza, link)
    run(bob.profile.connect())
    (about,) = comes(world, pair, link, path).attachments
    assert re.fullmatch(r"[\w-]{22}\.png", about.name)  # the link is all that the old version has


def test_in_clear_it_is_a_text(pair: Any, onlooker: Peer) -> None:
    alice, _ = pair
    link = str(new_link("https://files.example/x.png", KEY[::-1], IV))
    onlooker.send(f"<message to='{ALICE}' type='chat'><body>{link}</body></message>")
    message = last(alice, BOB, lambda each: each.body == link)
    assert (message.attachments, message.encrypted.method, message.text) == ([], "", link)


# -- what others send to do harm -------------------------------------------------------------------------------------


def sent(pair: Any, link: object) -> Message:
    """bob writes the link to alice, encrypted."""
    alice, bob = pair
    run(bob.messages.send(ALICE, str(link)))
    return came(alice, BOB, str(link))


def leftovers(world: World) -> list[Path]:
    return [*(world.folder / "home" / "cache" / "sat" / "attachments").glob("*.part")]


def encrypted(data: bytes = DATA) -> bytes:
    return AESGCM(KEY).encrypt(IV, data, None)


@pytest.mark.parametrize(
    ("number", "answer", "error", "sentence"),
    [
        (1, page(b"\0" + encrypted()[1:]), FileBroken, r"1\.png is not what was sent.*: it was changed on its way"),
        (2, page(encrypted()[:-1]), FileBroken, "it was changed on its way, or its key is of another file"),
        (3, page(encrypted()[:10]), FileBroken, "it breaks off"),
        (4, page(encrypted() + b"more"), FileBroken, "it was changed"),
        (5, broken, WebError, "its answer broke off"),
        (6, endless, FileTooLarge, "more than 100 MB"),
        (7, page(b"", 302, Location="http://localhost/"), WebError, "where nothing is encrypted"),
    ],
)
def test_what_is_not_what_was_sent_is_not_kept(
    world: World, pair: Any, host: WebHost, number: int, answer: Any, error: type[Exception], sentence: str
) -> None:
    alice, _ = pair
    path = f"/{number}.png"
    host.pages = {path: answer}
    message = sent(pair, new_link(host.url(path, "localhost"), KEY, IV))
    with pytest.raises(error, match=sentence):
        run(alice.attachments.get_file(message.id))
    assert leftovers(world) == []
    host.pages = {path: page(encrypted())}  # nothing of before was kept
    assert Path(run(alice.attachments.get_file(message.id)).path).read_bytes() == DATA


def test_what_a_picture_is_its_first_bytes_say(pair: Any, host: WebHost) -> None:
    alice, _ = pair
    host.pages = {"/x.png": page(encrypted(b"<svg onload='alert(1)'/>"), kind="image/png")}
    message = sent(pair, new_link(host.url("/x.png", "localhost"), KEY, IV))
    assert run(alice.attachments.get_file(message.id)).type == "application/octet-stream"


def test_the_name_leads_nowhere(pair: Any, host: WebHost) -> None:
    message = sent(pair, new_link(host.url("/%2e%2e%2f%2e%2e%2f.bashrc", "localhost"), KEY, IV))
    assert message.attachments[0].name == "bashrc"


def test_the_local_network_is_left_alone(pair: Any, host: WebHost) -> None:
    alice, _ = pair
    run(alice.settings.set_setting("attachments.local", "false"))
    try:
        message = sent(pair, new_link(host.url("/secret", "localhost"), KEY, IV))
        with pytest.raises(LocalAddress):
            run(alice.attachments.get_file(message.id))
    finally:
        run(alice.settings.set_setting("attachments.local", "true"))
    assert host.asked == []


def test_a_key_of_the_wrong_length_is_told(pair: Any) -> None:
    alice, bob = pair
    run(bob.messages.send(ALICE, str(new_link("https://files.example/x", KEY, IV))[:-2]))
    message = last(alice, BOB, lambda each: each.error)
    assert (message.attachments, message.body) == ([], "")
    assert message.error == (
        "A file came with this message, and cannot be fetched: its key has not the length that it must have."
    )


# -- off the record --------------------------------------------------------------------------------------------------


def test_nothing_of_a_file_off_the_record_is_on_the_disk(world: World, pair: Any, tmp_path: Path) -> None:
    alice, bob = pair
    run(bob.settings.set_setting("otr.begin", "asked"))
    run(alice.encryption.begin(BOB, "otr"))
    path = tmp_path / "quicksilver.txt"
    path.write_bytes(b"quicksilver " * 1000)
    (about,) = run(alice.transfers.finish(run(alice.upload.upload(str(path), BOB)).id)).attachment
    message = came(bob, ALICE, about.url)
    assert message.encrypted.method == "otr"
    fetched = Path(run(bob.attachments.get_file(message.id)).path)
    assert fetched.read_bytes() == path.read_bytes()
    assert fetched.is_relative_to(world.folder / "home" / "run")
    home = world.folder / "home"
    for each in home.rglob("*"):
        if each.is_file() and not each.is_relative_to(home / "run"):
            assert b"quicksilver" not in each.read_bytes(), each
    run(alice.encryption.end(BOB))


def test_no_key_is_told_to_a_server_or_the_log(world: World, pair: Any, host: WebHost) -> None:
    host.pages = {"/a.txt": page(encrypted())}
    alice, _ = pair
    assert run(alice.attachments.get_url(str(new_link(host.url("/a.txt", "localhost"), KEY, IV)))).size == len(DATA)
    ((method, path, headers, body),) = host.asked
    assert (method, path, body) == ("GET", "/a.txt", b"")
    assert {name.lower() for name, _ in headers} <= {"host", "user-agent", "connection"}
    log = world.daemon.log.read_text()
    assert len(log) > 10_000
    files = [each.attachments[0] for each in history(alice, BOB) if each.attachments]
    keys = {read_link(each.url).key for each in files if each.is_encrypted}
    assert len(keys) > 2
    for key in keys:
        assert key.hex() not in log
    assert not faults(world.daemon)
