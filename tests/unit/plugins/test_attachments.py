"""Files that come with messages: how they are told, kept, and when they are fetched unasked."""

from pathlib import Path

import pytest
from support.romeo import OWN, now
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import Cancelled, InvalidArgument, NotFound, PictureHidden, SatError, StorageFull, WebError
from sat.api.messages import Attachment
from sat.api.transfers import Direction, TransferState, Way
from sat.plugins.attachments.api import LARGEST, LARGEST_PICTURE
from sat.plugins.attachments.names import LONGEST, name_of, safe_name
from sat.plugins.attachments.plugin import AT_ONCE, Attachments
from sat.plugins.attachments.telling import MOST, NS
from sat.plugins.carbons.plugin import Carbons
from sat.plugins.messages.plugin import Messages
from sat.plugins.retraction.plugin import Retraction
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.roster.plugin import Roster

JULIET = JID("juliet@capulet.lit")
pytestmark = pytest.mark.usefixtures("threadless")

URL = "https://files.capulet.lit/x7/tr%C3%A8s%20cool.png"


@pytest.fixture
def messages(romeo, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    romeo.plug(Attachments, Carbons, Retraction)
    romeo.goes_online()
    romeo.plugin(Roster).contacts[JULIET] = Contact(JULIET, "", Subscription.BOTH, [])
    return romeo.plugin(Messages)


def oob(*urls, body=None):
    text = f"<body>{body}</body>" if body is not None else ""
    return text + "".join(f"<x xmlns='{NS}'><url>{url}</url></x>" for url in urls)


def hears(romeo, content, sender=f"{JULIET}/balcony", id="m1"):
    romeo.hears(f"<message from='{sender}' type='chat' id='{id}'>{content}</message>")
    romeo.turn()


def last(messages, peer=JULIET):
    return now(messages.get_history(peer))[-1]


def test_a_file_that_comes_is_told_with_its_name_and_not_twice(romeo, messages):
    hears(romeo, oob(URL, URL, body=URL))
    message = last(messages)
    assert message.attachments == [Attachment(URL, "très cool.png")]
    assert (message.body, message.text) == (URL, "")


def test_a_text_beside_the_file_is_read(romeo, messages):
    hears(romeo, oob(URL, body="look at this"))
    assert last(messages).text == "look at this"


def test_a_file_without_any_text_is_a_message(romeo, messages):
    hears(romeo, oob(URL))
    assert [each.url for each in last(messages).attachments] == [URL]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "https://",
        "https://romeo:secret@files.capulet.lit/x",
        "https://files.capulet.lit/a b",
        "https://files.capulet.lit/\u202egnp.exe",
        "https://files.capulet.lit:99999/x",
        "https://[::1/x",
        f"https://files.capulet.lit/{'x' * 2000}",
    ],
)
def test_what_is_no_web_address_is_no_file(romeo, messages, url):
    hears(romeo, oob(url, body="hi"))
    assert (last(messages).attachments, last(messages).text) == ([], "hi")
    with pytest.raises(InvalidArgument):
        now(romeo.plugin(Attachments).get_url(url))


def test_files_of_one_message_are_bounded(romeo, messages):
    hears(romeo, oob(*(f"{URL}?{number}" for number in range(50)), body="many"))
    assert len(last(messages).attachments) == MOST


def test_a_copy_from_another_device_has_its_file(romeo, messages):
    inner = f"<message xmlns='jabber:client' from='{OWN}/phone' to='{JULIET}' type='chat' id='c'>{oob(URL)}</message>"
    forwarded = f"<forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded>"
    romeo.hears(f"<message from='{OWN}'><sent xmlns='urn:xmpp:carbons:2'>{forwarded}</sent></message>")
    romeo.turn()
    assert (last(messages).outgoing, last(messages).attachments) == (True, [Attachment(URL, "très cool.png")])


def test_one_of_ours_says_where_the_file_is(romeo, messages):
    about = Attachment(URL, "très cool.png", "image/png", 4000, "", 30, 40)
    id = now(messages.send(JULIET, URL, attachments=[about]))
    (xml,) = romeo.sent()
    assert f"<x xmlns='{NS}'><url>{URL}</url></x>" in xml
    assert f"<body>{URL}</body>" in xml
    assert now(messages.get_message(id)).attachments == [about]


def test_what_is_taken_back_leaves_no_file(romeo, messages):
    hears(romeo, oob(URL, body=URL))
    hears(romeo, "<retract xmlns='urn:xmpp:message-retract:1' id='m1'/>", id="m2")
    message = last(messages)
    assert (message.retracted, message.attachments) == (True, [])


# -- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/", "file"),
        ("..", "file"),
        (".bashrc", "bashrc"),
        ("-rf", "rf"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\x00b\x1b[31m\n.png", "ab[31m.png"),
        ("  many   spaces .png ", "many spaces .png"),
        ("\U0001f600.png", "\U0001f600.png"),
    ],
)
def test_a_name_has_no_folder_and_nothing_unseen(name, safe):
    assert safe_name(name) == safe


def test_a_long_name_keeps_its_ending_and_fits_into_a_folder():
    assert safe_name("é" * 500 + ".png").endswith(".png")
    assert len(safe_name("a" * 500 + ".png")) <= LONGEST
    assert len(safe_name("日" * 500 + ".png").encode()) <= 255


def test_the_name_at_an_address_is_made_safe():
    assert name_of("https://files.capulet.lit/x/%2e%2e%2f%2e%2e%2fpasswd") == "passwd"
    assert name_of("https://files.capulet.lit/") == "file"
    assert name_of("https://files.capulet.lit/%ff%00.png?x=/y.exe#z") == "\ufffd.png"


# -- shown unasked ---------------------------------------------------------------------------------------------------


class Fetching(SatError):
    """It would be fetched now."""


@pytest.fixture
def attachments(romeo, messages, monkeypatch):
    async def fetch(*_):
        raise Fetching

    plugin = romeo.plugin(Attachments)
    monkeypatch.setattr(plugin, "_download", fetch)
    return plugin


def is_shown(romeo, messages, attachments, sender):
    hears(romeo, oob(URL), sender=f"{sender}/x")
    with pytest.raises((Fetching, PictureHidden)) as seen:
        now(attachments.get_picture(last(messages, sender).id))
    return seen.type is Fetching


@pytest.mark.parametrize(
    ("show", "contact", "stranger"), [("contacts", True, False), ("always", True, True), ("never", False, False)]
)
def test_pictures_are_shown_as_the_setting_says(romeo, messages, attachments, show, contact, stranger):
    now(romeo.settings.set_setting("attachments.show", show))
    assert is_shown(romeo, messages, attachments, JULIET) is contact
    assert is_shown(romeo, messages, attachments, JID("paris@verona.lit")) is stranger


@pytest.mark.parametrize(
    ("show", "shown"),
    [("contacts", [OWN, JULIET]), ("always", [OWN, JULIET, "paris@verona.lit", ""]), ("never", [OWN])],
)
def test_pictures_of_posts_are_shown_as_the_setting_says(romeo, attachments, show, shown):
    now(romeo.settings.set_setting("attachments.show", show))
    fetched = []
    for author in (OWN, JULIET, "paris@verona.lit", ""):
        with pytest.raises((Fetching, PictureHidden)) as seen:
            now(attachments.get_picture_of(JID(author), URL))
        fetched += [author] * (seen.type is Fetching)
    assert fetched == shown
    with pytest.raises(InvalidArgument):
        now(attachments.get_picture_of(JULIET, "file:///etc/passwd"))


def test_a_person_may_fetch_what_is_not_shown(romeo, messages, attachments):
    hears(romeo, oob(URL), sender="paris@verona.lit/x")
    with pytest.raises(Fetching):
        now(attachments.get_file(last(messages, JID("paris@verona.lit")).id))


def test_what_a_person_fetches_is_seen_on_its_way(romeo, messages, monkeypatch, record, tmp_path):
    attachments = romeo.plugin(Attachments)
    hears(romeo, oob(URL))
    came, moved = Deferred(), []

    async def download(*given):
        moved.append(given[-1])
        return await came

    monkeypatch.setattr(attachments, "_download", download)
    told = record(attachments.transfers.changed)
    message = last(messages)
    fetched = Deferred.fromCoroutine(attachments.get_file(message.id))
    moved[0](3, 10)
    romeo.clock.advance(1)
    seen = told[-1]
    assert (seen.direction, seen.way, seen.state) == (Direction.RECEIVE, Way.DOWNLOAD, TransferState.RUNNING)
    assert (seen.moved, seen.size, seen.message, seen.peer) == (3, 10, message.id, message.peer)
    path = tmp_path / "here"
    path.write_bytes(b"0123456789")
    came.callback(path)
    assert now(fetched).path == told[-1].path == str(path)
    assert told[-1].state is TransferState.DONE


def test_what_a_person_fetches_can_be_given_up(romeo, messages, monkeypatch, record):
    attachments = romeo.plugin(Attachments)
    hears(romeo, oob(URL))
    monkeypatch.setattr(attachments, "_download", lambda *_: Deferred())
    told = record(attachments.transfers.changed)
    fetched = Deferred.fromCoroutine(attachments.get_file(last(messages).id))
    now(attachments.transfers.cancel(told[-1].id))
    with pytest.raises(Cancelled):
        now(fetched)
    assert told[-1].state is TransferState.CANCELLED


def test_a_file_that_the_message_does_not_have(romeo, messages, attachments):
    hears(romeo, oob(URL))
    for number in (-1, 1):
        with pytest.raises(NotFound):
            now(attachments.get_file(last(messages).id, number))


def test_what_the_history_does_not_keep_goes_with_the_session(romeo, messages, monkeypatch, tmp_path):
    messages.keeps = lambda method: False
    plugin = romeo.plugin(Attachments)

    async def download(key, about, limit, seconds, cache, moved):
        file, end = cache.begin(key)
        file.write(b"off the record")
        return end(True)

    monkeypatch.setattr(plugin, "_download", download)
    hears(romeo, oob(URL))
    path = Path(now(plugin.get_file(last(messages).id)).path)
    assert path.is_relative_to(tmp_path / "run")
    now(plugin.load())  # the next run finds what this one left when it was killed
    assert not path.exists()


# -- fetching several ------------------------------------------------------------------------------------------------


class Downloads:
    """What is being fetched: the limits, and what ends each."""

    def __init__(self, plugin, monkeypatch):
        self.limits, self.ends = [], []

        async def download(key, about, limit, seconds, cache, moved):
            self.limits.append(limit)
            self.ends.append(Deferred())
            return await self.ends[-1]

        monkeypatch.setattr(plugin, "_download", download)


@pytest.fixture
def downloads(romeo, messages, monkeypatch):
    return Downloads(romeo.plugin(Attachments), monkeypatch)


def begin(work):
    return Deferred.fromCoroutine(work)


def test_a_full_disk_is_told_as_such(romeo, messages, downloads):
    hears(romeo, oob(URL))
    asked = begin(romeo.plugin(Attachments).get_picture(last(messages).id))
    downloads.ends[0].errback(OSError(28, "No space left on device"))
    with pytest.raises(StorageFull):
        now(asked)


def test_who_wants_the_same_waits_for_it(romeo, messages, downloads, tmp_path):
    plugin = romeo.plugin(Attachments)
    asked = [begin(plugin.get_url(URL)) for _ in range(3)]
    assert len(downloads.ends) == 1
    (tmp_path / "x").write_bytes(b"here")
    downloads.ends[0].callback(tmp_path / "x")
    assert [now(each).size for each in asked] == [4, 4, 4]


def test_who_may_have_more_does_not_wait_for_who_may_have_less(romeo, messages, downloads):
    hears(romeo, oob(URL))
    plugin, id = romeo.plugin(Attachments), last(messages).id
    asked = [begin(plugin.get_picture(id)), begin(plugin.get_file(id))]
    assert downloads.limits == [LARGEST_PICTURE, LARGEST]
    for each in downloads.ends:
        each.errback(WebError(host="files.capulet.lit", reason="it went"))
    for each in asked:
        with pytest.raises(WebError):
            now(each)


def test_many_wait_their_turn(romeo, messages, downloads, tmp_path):
    plugin = romeo.plugin(Attachments)
    asked = [begin(plugin.get_url(f"{URL}?{number}")) for number in range(AT_ONCE + 2)]
    assert len(downloads.ends) == AT_ONCE
    (tmp_path / "x").write_bytes(b"here")
    for number in range(AT_ONCE + 2):
        downloads.ends[number].callback(tmp_path / "x")
    assert all(now(each).size == 4 for each in asked)
