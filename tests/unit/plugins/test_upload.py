"""Putting files on the server's storage: finding it, the slot, what is refused before anything is sent."""

import os
import re
from base64 import b64encode
from functools import partial
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from support.parsing import parse
from support.romeo import now
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import (
    CannotEncrypt,
    FeatureMissing,
    FileTooLarge,
    FileUnreadable,
    InvalidArgument,
    NotFound,
    PeerError,
    StorageFull,
    TooManyTransfers,
    UploadLater,
    UploadRefused,
    WebRefused,
)
from sat.api.values import ANYBODY
from sat.plugins.attachments.links import read_link
from sat.plugins.messages.plugin import Messages
from sat.plugins.transfers.api import TransferState
from sat.plugins.upload.api import Purpose, Storage
from sat.plugins.upload.plugin import AT_ONCE, NS, NS_PURPOSE, Upload
from sat.xmpp import web
from sat.xmpp.stanzas import stanza_error
from sat.xmpp.times import format_stamp

SERVICE = JID("upload.montague.lit")
JULIET = JID("juliet@capulet.lit")
ITEMS = f"<query xmlns='http://jabber.org/protocol/disco#items'><item jid='{SERVICE}'/></query>"
LIMIT = (
    f"<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'><value>{NS}</value></field>"
    "<field var='max-file-size'><value>{}</value></field></x>"
)
INFO = f"<query xmlns='http://jabber.org/protocol/disco#info'><feature var='{NS}'/>{{}}</query>"
PUT, GET = "https://up.montague.lit/1/a.txt", "https://down.montague.lit/1/a.txt"
SLOT = f"<slot xmlns='{NS}'><put url='{PUT}'>{{}}</put><get url='{GET}'/></slot>"


@pytest.fixture
def upload(romeo, threadless, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    plugin = romeo.plug(Upload)
    romeo.goes_online()
    romeo.sent()
    romeo.wire.answer("jabber:iq:roster", "<query xmlns='jabber:iq:roster'/>")
    return plugin


class Put:
    """The web server: ``ends`` is what it answers."""

    def __init__(self, monkeypatch):
        self.got = []
        self.ends = Deferred()
        monkeypatch.setattr(web.Web, "put", self._put)

    async def _put(self, url, headers, pieces, length, kind, sent):
        data = b"".join([each async for each in pieces])
        assert len(data) == length
        self.got.append((url, headers, data, kind))
        sent(3)
        await self.ends


@pytest.fixture
def put(monkeypatch):
    return Put(monkeypatch)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("hello")
    return path


def begin(work):
    return work if isinstance(work, Deferred) else Deferred.fromCoroutine(work)


def answers(romeo, limit="1000"):
    romeo.wire.answer("disco#items", ITEMS)
    romeo.wire.answer(SERVICE, INFO.format(LIMIT.format(limit) if limit else ""))


def started(romeo, upload, file, peer=ANYBODY, headers="", **more):
    work = begin(upload.upload(str(file), peer, **more))
    answers(romeo)
    romeo.wire.answer("<request", SLOT.format(headers))
    return now(work)


def test_the_storage_is_found_among_what_the_server_has(romeo, upload):
    asked = begin(upload.get_storage())
    answers(romeo, "5242880")
    assert now(asked) == Storage(SERVICE, 5242880)


@pytest.mark.parametrize("limit", ["", "x", "-1", "9" * 30, "²"])
def test_a_storage_that_does_not_say_how_much_it_takes(romeo, upload, limit):
    asked = begin(upload.get_storage())
    answers(romeo, limit)
    assert now(asked).limit == 0


def test_a_server_without_storage_is_named(romeo, upload):
    asked = begin(upload.get_storage())
    romeo.wire.answer("disco#items", "<query xmlns='http://jabber.org/protocol/disco#items'/>")
    romeo.wire.answer("disco#info", "<query xmlns='http://jabber.org/protocol/disco#info'/>")
    with pytest.raises(FeatureMissing, match=r"montague\.lit does not support sending files"):
        now(asked)


def test_a_file_goes_and_a_message_tells_of_it(romeo, upload, put, file, record):
    told = record(upload.transfers.changed)
    transfer = started(romeo, upload, file, JULIET)
    assert (transfer.state, transfer.size, transfer.name) == (TransferState.RUNNING, 5, "a.txt")
    assert put.got == [(PUT, [], b"hello", "text/plain")]
    finished = begin(upload.transfers.finish(transfer.id))
    assert romeo.sent() == []  # not before it is there
    romeo.clock.advance(1)
    assert told[-1].moved == 3
    put.ends.callback(None)
    (xml,) = romeo.sent()
    assert f"<body>{GET}</body>" in xml
    assert f"<x xmlns='jabber:x:oob'><url>{GET}</url></x>" in xml
    done = now(finished)
    assert (done.state, done.attachment[0].url, told[-1]) == (TransferState.DONE, GET, done)
    assert done.attachment[0].hashes == {"sha-256": b64encode(sha256(b"hello").digest()).decode()}
    assert now(romeo.plugin(Messages).get_message(done.message)).attachments == done.attachment


def test_a_file_for_nobody_is_only_put_there(romeo, upload, put, file):
    transfer = started(romeo, upload, file)
    put.ends.callback(None)
    assert now(upload.transfers.finish(transfer.id)).attachment[0].url == GET
    assert romeo.sent() == []


def test_the_slot_is_asked_for_with_name_size_and_type(romeo, upload, file):
    begin(upload.upload(str(file), name="../très\u202e cool.jpg"))
    answers(romeo)
    (asked,) = romeo.wire.asked
    for part in ("filename='très cool.jpg'", "size='5'", "content-type='image/jpeg'"):
        assert part in asked


def test_what_is_too_large_is_told_before_anything_is_sent(romeo, upload, file):
    file.write_bytes(b"x" * 3000)
    work = begin(upload.upload(str(file)))
    answers(romeo, "2048")
    with pytest.raises(FileTooLarge, match=r"a\.txt is 2\.9 KB; upload\.montague\.lit takes 2\.0 KB at most"):
        now(work)
    assert romeo.wire.asked == []


def test_a_server_that_gives_no_slot_is_quoted(romeo, upload, file):
    work = begin(upload.upload(str(file)))
    answers(romeo)
    romeo.wire.refuse("<request", "internal-server-error", "Oh")
    with pytest.raises(PeerError):
        now(work)


ERROR = (
    "<iq type='error' from='{service}'><error xmlns='jabber:client' type='wait'><{condition}"
    " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Why</text>"
    "{more}</error></iq>"
)
LARGE = f"<file-too-large xmlns='{NS}'><max-file-size>{{}}</max-file-size></file-too-large>"


@pytest.mark.parametrize(
    ("condition", "more", "kind", "sentence"),
    [
        (
            "not-acceptable",
            LARGE.format(3),
            FileTooLarge,
            "is 5 bytes; upload.montague.lit takes 3 bytes at most. Make it smaller, or send it in parts.",
        ),
        ("not-acceptable", LARGE.format("x"), PeerError, "montague.lit answered: not-acceptable."),
        (
            "resource-constraint",
            "RETRY 270",
            UploadLater,
            "upload.montague.lit takes no more files from you for now: “Why”. Try again in 5 minutes.",
        ),
        ("policy-violation", "RETRY 3601", UploadLater, "Try again in 2 hours."),
        ("resource-constraint", "RETRY 86401", UploadLater, "Try again in 2 days."),
        ("resource-constraint", "RETRY -5", UploadLater, "Try again in 1 minute."),
        ("resource-constraint", "RETRY 999999999", UploadLater, "Try again later."),
        ("resource-constraint", f"<retry xmlns='{NS}' stamp='soon'/>", UploadLater, "Try again later."),
        ("resource-constraint", "", UploadLater, "Try again later."),
        (
            "forbidden",
            "",
            UploadRefused,
            "upload.montague.lit does not take files from you: “Why”. Ask those who run your server.",
        ),
    ],
)
def test_what_a_service_refuses_is_told_with_what_can_be_done(romeo, upload, file, condition, more, kind, sentence):
    if more.startswith("RETRY"):
        more = f"<retry xmlns='{NS}' stamp='{format_stamp(romeo.now() + int(more.split()[1]))}'/>"
    work = begin(upload.upload(str(file)))
    answers(romeo)
    details = stanza_error(parse(ERROR.format(service=SERVICE, condition=condition, more=more))).details
    told = {name: value for name, value in details.items() if name not in ("peer", "reason", "condition", "text")}
    romeo.wire.refuse("<request", condition, details["text"], **told)
    with pytest.raises(kind) as caught:
        now(work)
    assert f"{caught.value} {caught.value.advice}".strip().endswith(sentence)


def knows(romeo, *purposes):
    romeo.wire.answer("disco#items", ITEMS)
    features = "".join(f"<feature var='{NS_PURPOSE}#{each}'/>" for each in purposes)
    romeo.wire.answer(SERVICE, INFO.format(features))


@pytest.mark.parametrize(
    ("purpose", "seconds", "element"),
    [
        (Purpose.MESSAGE, 0, "<message xmlns='{}'/>"),
        (Purpose.PROFILE, 0, "<profile xmlns='{}'/>"),
        (Purpose.PERMANENT, 0, "<permanent xmlns='{}'/>"),
        (Purpose.EPHEMERAL, 60, "<ephemeral expire-before='UNTIL' xmlns='{}'/>"),
    ],
)
def test_the_purpose_goes_with_the_request(romeo, upload, file, purpose, seconds, element):
    begin(upload.upload(str(file), purpose=purpose, seconds=seconds))
    knows(romeo, *Purpose)
    (asked,) = romeo.wire.asked
    wanted = parse(element.format(NS_PURPOSE).replace("UNTIL", format_stamp(romeo.now() + seconds)))
    (found,) = parse(asked).firstChildElement().elements()
    assert (found.name, found.uri, found.attributes) == (wanted.name, wanted.uri, wanted.attributes)


def test_a_service_that_knows_no_purposes_is_told_none(romeo, upload, file):
    work = begin(upload.upload(str(file)))
    knows(romeo)
    assert NS_PURPOSE not in romeo.wire.asked[0]
    romeo.wire.refuse("<request", "forbidden")
    with pytest.raises(UploadRefused):
        now(work)
    work = begin(upload.upload(str(file), purpose=Purpose.PERMANENT))
    romeo.wire.answer("disco#items", ITEMS)
    with pytest.raises(FeatureMissing, match="does not support permanent files"):
        now(work)


@pytest.mark.parametrize(
    ("purpose", "seconds"), [(Purpose.EPHEMERAL, 0), (Purpose.MESSAGE, 5), (Purpose.EPHEMERAL, -1)]
)
def test_only_ephemeral_files_have_an_end(romeo, upload, file, purpose, seconds):
    with pytest.raises(InvalidArgument):
        now(begin(upload.upload(str(file), purpose=purpose, seconds=seconds)))


def test_a_slot_without_place(romeo, upload, file):
    work = begin(upload.upload(str(file)))
    answers(romeo)
    romeo.wire.answer("<request", f"<slot xmlns='{NS}'/>")
    with pytest.raises(PeerError, match="names no place"):
        now(work)


@pytest.mark.parametrize("bad", ["javascript:alert(1)", "file:///etc/passwd", "https://a@b.lit/"])
def test_a_place_that_others_could_not_read_is_told_to_nobody(romeo, upload, put, file, bad):
    work = begin(upload.upload(str(file), JULIET))
    answers(romeo)
    romeo.wire.answer("<request", SLOT.format("").replace(GET, bad))
    put.ends.callback(None)
    with pytest.raises(PeerError):
        now(upload.transfers.finish(now(work).id))
    assert romeo.sent() == []


def test_a_failure_is_told_with_its_sentence(romeo, upload, put, file, record):
    transfer = started(romeo, upload, file, JULIET)
    finished = begin(upload.transfers.finish(transfer.id))
    put.ends.errback(WebRefused(host="up.montague.lit", reason="413 too large"))
    with pytest.raises(WebRefused, match="413 too large"):
        now(finished)
    assert romeo.sent() == []


def test_it_can_be_given_up(romeo, upload, put, file):
    transfer = started(romeo, upload, file, JULIET)
    now(upload.transfers.cancel(transfer.id))
    with pytest.raises(Exception, match="Cancelled"):
        now(upload.transfers.finish(transfer.id))
    assert romeo.sent() == []
    with pytest.raises(NotFound):
        now(upload.transfers.cancel("another"))


def test_only_some_go_at_once(romeo, upload, put, file):
    for _ in range(AT_ONCE):
        work = begin(upload.upload(str(file)))
        romeo.wire.answer("disco#items", ITEMS)
        if "disco#info" in romeo.wire.asked[0]:  # the answer is kept
            romeo.wire.answer(SERVICE, INFO.format(""))
        romeo.wire.answer("<request", SLOT.format(""))
        now(work)
    with pytest.raises(TooManyTransfers):
        now(upload.upload(str(file)))


def test_what_cannot_be_read_is_told(upload, tmp_path):
    empty = tmp_path / "empty"
    empty.touch()
    os.mkfifo(tmp_path / "pipe")
    for path, reason in (
        ("a.txt", "whole path"),
        (str(tmp_path / "none"), "no such file"),
        (str(tmp_path), "it is"),
        (str(empty), "is empty: there is nothing"),
        (str(tmp_path / "pipe"), "it is no file"),
        ("/dev/zero", "it is no file"),
        ("/a\0b", "null"),
    ):
        with pytest.raises(FileUnreadable, match=reason):
            now(upload.upload(path))


def test_a_picture_is_described(romeo, upload, put, file):
    png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x1e\0\0\0\x28"
    file.write_bytes(png)
    transfer = started(romeo, upload, file)
    put.ends.callback(None)
    about = now(upload.transfers.finish(transfer.id)).attachment[0]
    assert (about.type, about.width, about.height) == ("image/png", 30, 40)


def test_what_is_on_its_way_ends_with_the_plugin(romeo, upload, put, file, record):
    told = record(upload.transfers.changed)
    started(romeo, upload, file, JULIET)
    upload.stop()
    assert (told[-1].state, told[-1].error) == (TransferState.CANCELLED, "Cancelled")
    assert romeo.sent() == []


# -- encrypted -------------------------------------------------------------------------------------------------------


class Secures:
    """How what is written is encrypted now."""

    def __init__(self, romeo, monkeypatch):
        self.method = "omemo"
        romeo.plugin(Messages).secures = self._secures
        self.sent = []

        async def send(peer, body, *, reply, encrypt, attachments):
            self.sent.append((peer, body, attachments, encrypt))
            return "m1"

        monkeypatch.setattr(romeo.plugin(Messages), "send", send)

    async def _secures(self, peer, wanted):
        return wanted or self.method


@pytest.fixture
def secures(romeo, upload, monkeypatch):
    return Secures(romeo, monkeypatch)


def test_an_encrypted_file_is_put_there_under_a_name_that_tells_nothing(romeo, upload, put, file, secures):
    work = begin(upload.upload(str(file), JULIET, name="secret plans.TXT"))
    answers(romeo)
    (asked,) = romeo.wire.asked
    assert re.search(r"filename='[\w-]{22}\.txt'", asked)
    assert "size='21'" in asked
    assert "content-type='application/octet-stream'" in asked
    romeo.wire.answer("<request", SLOT.format(""))
    transfer = now(work)
    assert (transfer.name, transfer.size) == ("secret plans.TXT", 5)
    ((url, headers, data, kind),) = put.got
    assert (url, headers, kind) == (PUT, [], "application/octet-stream")
    put.ends.callback(None)
    done = now(upload.transfers.finish(transfer.id))
    ((peer, body, (about,), method),) = secures.sent
    assert (peer, body, method, [about]) == (JULIET, "", "omemo", done.attachment)
    assert (about.name, about.type, about.size) == ("secret plans.TXT", "text/plain", 5)
    link = read_link(about.url)
    assert link.url == GET
    assert AESGCM(link.key).decrypt(link.iv, data, None) == b"hello"
    assert about.sealed == {"sha-256": b64encode(sha256(data).digest()).decode()}
    assert about.hashes == {"sha-256": b64encode(sha256(b"hello").digest()).decode()}


def test_where_the_disk_is_full_that_is_said(romeo, upload, put, file, secures, monkeypatch):
    """The encrypted file lies there for a while."""
    monkeypatch.setattr(upload.attachments, "scratch", partial(open, "/dev/full", "w+b"))
    work = begin(upload.upload(str(file), JULIET))
    answers(romeo)
    romeo.wire.answer("<request", SLOT.format(""))
    with pytest.raises(StorageFull, match="The disk is full"):
        now(upload.transfers.finish(now(work).id))
    assert put.got == []


def test_no_two_files_have_one_key(romeo, upload, put, file, secures):
    for _ in range(2):
        work = begin(upload.upload(str(file), JULIET))
        romeo.wire.answer("disco#items", ITEMS)
        if "disco#info" in romeo.wire.asked[0]:  # the answer is kept
            romeo.wire.answer(SERVICE, INFO.format(""))
        romeo.wire.answer("<request", SLOT.format(""))
        now(work)
    put.ends.callback(None)
    links = [read_link(about.url) for _, _, (about,), _ in secures.sent]
    assert links[0].key != links[1].key
    assert links[0].iv != links[1].iv


@pytest.mark.parametrize(("name", "ending"), [("a", ""), ("a.plan2024", ""), (".bashrc", ""), ("x.y.JPG", ".jpg")])
def test_only_an_ending_that_many_files_have_is_told(romeo, upload, file, secures, name, ending):
    begin(upload.upload(str(file), JULIET, name=name))
    answers(romeo)
    assert re.search(rf"filename='[\w-]{{22}}{re.escape(ending)}'", romeo.wire.asked[0])


def test_the_tag_counts_where_a_file_is_limited(romeo, upload, file, secures):
    file.write_bytes(b"x" * 1000)
    work = begin(upload.upload(str(file), JULIET))
    answers(romeo, "1015")
    with pytest.raises(FileTooLarge):
        now(work)
    begin(upload.upload(str(file)))  # for nobody: not encrypted
    romeo.wire.answer("disco#items", ITEMS)
    assert "size='1000'" in romeo.wire.asked[0]


def test_one_file_can_be_encrypted_where_texts_are_not(romeo, upload, put, file, secures):
    secures.method = ""
    transfer = started(romeo, upload, file, JULIET, encrypt="otr")
    put.ends.callback(None)
    assert now(upload.transfers.finish(transfer.id)).attachment[0].is_encrypted
    assert secures.sent[0][3] == "otr"


def test_what_was_put_there_in_clear_is_not_told_where_encryption_has_begun(romeo, upload, put, file, secures):
    secures.method = ""
    transfer = started(romeo, upload, file, JULIET)
    secures.method = "omemo"
    put.ends.callback(None)
    with pytest.raises(CannotEncrypt, match="the encryption began when it was on its way already"):
        now(upload.transfers.finish(transfer.id))
    assert secures.sent == []


def test_what_was_encrypted_stays_so_where_encryption_has_ended(romeo, upload, put, file, secures):
    transfer = started(romeo, upload, file, JULIET)
    secures.method = ""
    put.ends.callback(None)
    now(upload.transfers.finish(transfer.id))
    assert secures.sent[0][3] == "omemo"


def test_a_place_that_is_asked_in_clear_is_none_for_encrypted_files(romeo, upload, put, file, secures):
    work = begin(upload.upload(str(file), JULIET))
    answers(romeo)
    romeo.wire.answer("<request", SLOT.format("").replace("https:", "http:"))
    with pytest.raises(PeerError, match="asked over HTTPS"):
        now(upload.transfers.finish(now(work).id))
    assert put.got == []
