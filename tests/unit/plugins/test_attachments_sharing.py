"""Files as messages tell them in full, and links to encrypted ones: what is read, what leaves, and what of it where."""

from __future__ import annotations

import pytest
from support.parsing import parse
from support.romeo import now

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.api.messages import Attachment, Secured, Trust
from sat.core.pipeline import Stage
from sat.core.plugin import Plugin, on_message, on_sending
from sat.plugins.attachments import media, sharing
from sat.plugins.attachments.plugin import Attachments
from sat.plugins.attachments.telling import MOST
from sat.plugins.messages.plugin import Messages
from sat.plugins.omemo import content
from sat.plugins.omemo.names import NEW, OLD
from sat.plugins.replies.plugin import Replies
from sat.xmpp import fallback, sce, xml
from sat.xmpp.stanzas import Message

JULIET = JID("juliet@capulet.lit")
OMEMO = Secured("omemo", Trust.BLIND, "abc")
KEY, IV = bytes(range(32)), bytes(range(100, 112))
PLACE = "https://files.capulet.lit/x7/abc.png"
LINK = f"aesgcm://files.capulet.lit/x7/abc.png#{IV.hex()}{KEY.hex()}"
ABOUT = Attachment(
    LINK, "à la plage.png", "image/png", 4000, "the beach", 30, 40, {"sha-256": "aGFzaA=="}, {"sha-256": "c2VhbA=="}
)
SHARED = (
    "<file-sharing xmlns='urn:xmpp:sfs:0' disposition='inline'><file xmlns='urn:xmpp:file:metadata:0'>"
    "<media-type>image/png</media-type><name>à la plage.png</name><size>4000</size><width>30</width><height>40</height>"
    "<desc>the beach</desc><hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>aGFzaA==</hash></file><sources>"
    "<encrypted xmlns='urn:xmpp:esfs:0' cipher='urn:xmpp:ciphers:aes-256-gcm-nopadding:0'>"
    "<key>AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=</key><iv>ZGVmZ2hpamtsbW5v</iv>"
    "<hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>c2VhbA==</hash><sources xmlns='urn:xmpp:sfs:0'>"
    f"<url-data xmlns='http://jabber.org/protocol/url-data' target='{PLACE}'/></sources></encrypted></sources>"
    "</file-sharing>"
)
FALLBACK = "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:sfs:0'><body/></fallback>"
IN_CLEAR = (
    "<file-sharing xmlns='urn:xmpp:sfs:0'><file xmlns='urn:xmpp:file:metadata:0'><name>a.txt</name><size>7</size>"
    "<hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>aGFzaA==</hash></file><sources>"
    "<url-data xmlns='http://jabber.org/protocol/url-data' target='https://files.capulet.lit/7'/></sources>"
    "</file-sharing>"
)
UNUSABLE = "A file came with this message, and cannot be fetched: {}."


def test_a_file_is_told_in_full():
    assert xml.to_text(sharing.write(ABOUT)) == xml.to_text(parse(SHARED))
    assert sharing.read(parse(SHARED)) == ABOUT


def test_what_is_told_falsely_is_left_out():
    told = SHARED.replace("à la plage.png", "../../.bashrc").replace("image/png", "text/html;x").replace("4000", "-1")
    told = told.replace("<width>30", f"<width>{'9' * 30}").replace("the beach", "x" * 5000)
    about = sharing.read(parse(told))
    assert (about.name, about.type, about.size, about.width, about.height) == ("bashrc", "", 0, 0, 40)
    assert len(about.description) == sharing.LONG


def test_without_a_name_it_has_that_of_its_place():
    assert sharing.read(parse(SHARED.replace("<name>à la plage.png</name>", ""))).name == "abc.png"


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("aes-256-gcm-nopadding", "aes-256-cbc-pkcs7", "it is encrypted in a way that is not known here"),
        ("<iv>ZGVmZ2hpamtsbW5v</iv>", "", "its key has not the length that it must have"),
        ("ZGVmZ2hpamtsbW5v", "é", "its key is missing, or is none"),
        ("AAECAwQF", "", "its key has not the length that it must have"),
        (PLACE, "http://files.capulet.lit/x", "it is not at a place that is asked over HTTPS"),
        (PLACE, "https://files.capulet.lit/x#y", "its address has a part that servers are not told"),
        (PLACE, "file:///etc/passwd", "it is not at a place that is asked over HTTPS"),
        ("url-data", "jinglepub", "it does not say where it is"),
    ],
)
def test_what_cannot_be_fetched_says_why(romeo, messages, old, new, why):
    hears(romeo, SHARED.replace(old, new))
    message = last(messages)
    assert (message.body, message.attachments, message.error) == ("", [], UNUSABLE.format(why))


def test_a_source_that_is_not_known_stands_in_nobodys_way():
    both = SHARED.replace("<sources><encrypted", "<sources><jinglepub xmlns='urn:xmpp:jinglepub:1'/><encrypted", 1)
    assert sharing.read(parse(both)) == ABOUT


# -- what comes ------------------------------------------------------------------------------------------------------


class Lock(Plugin):
    """Stands for encryption: what holds a lock came encrypted, and what is to be encrypted is in ``left``."""

    def __init__(self, session):
        super().__init__(session)
        self.left = []

    @on_message(Stage.DECRYPT, "lock")
    def _open(self, arrival):
        arrival.encrypted = OMEMO

    @on_sending(Stage.UNWRAP)
    def _seal(self, departure):
        if departure.method:
            self.left.append(Message(parse(xml.to_text(departure.message.element))))
            departure.work = self._nothing()

    async def _nothing(self):
        pass


@pytest.fixture
def messages(romeo, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    romeo.plug(Attachments, Replies, Lock)
    romeo.goes_online()
    return romeo.plugin(Messages)


def hears(romeo, inner):
    """An encrypted message comes."""
    clear(romeo, f"<lock xmlns='lock'/>{inner}")


def clear(romeo, inner):
    romeo.hears(f"<message from='{JULIET}/x' type='chat' id='m1'>{inner}</message>")
    romeo.turn()


def last(messages):
    return now(messages.get_history(JULIET))[-1]


def test_an_encrypted_link_is_a_file_and_no_text(romeo, messages):
    hears(romeo, f"<body>{LINK}</body>")
    message = last(messages)
    assert (message.attachments, message.body) == ([Attachment(LINK, "abc.png")], "")
    assert message.attachments[0].is_encrypted


def test_a_preview_is_not_shown(romeo, messages):
    hears(romeo, f"<body>{LINK}\ndata:image/jpeg,/9j/4AAQ</body>")
    assert (last(messages).attachments, last(messages).text) == ([Attachment(LINK, "abc.png")], "")


@pytest.mark.parametrize("text", [f"look: {LINK}", f"{LINK} look", f"{LINK}\nlook", "aesgcm:", "aesgcm:// is odd"])
def test_a_link_among_other_words_is_text(romeo, messages, text):
    hears(romeo, f"<body>{text}</body>")
    assert (last(messages).attachments, last(messages).body) == ([], text)


def test_a_link_in_clear_is_text(romeo, messages):
    clear(romeo, f"<body>{LINK}</body>")
    message = last(messages)
    assert (message.attachments, message.text, message.encrypted.method) == ([], LINK, "")


def test_a_link_that_opens_nothing_says_why(romeo, messages):
    hears(romeo, f"<body>{LINK[:-2]}</body>")
    message = last(messages)
    assert (message.attachments, message.body) == ([], "")
    assert message.error == UNUSABLE.format("its key has not the length that it must have")


def test_what_is_told_in_full_is_one_file_with_its_link(romeo, messages):
    hears(romeo, f"{SHARED}{FALLBACK}<body>{LINK}</body>")
    assert (last(messages).attachments, last(messages).body) == ([ABOUT], "")


def test_a_text_that_is_no_stand_in_is_read(romeo, messages):
    hears(romeo, f"{SHARED}<body>look at this</body>")
    assert (last(messages).attachments, last(messages).text) == ([ABOUT], "look at this")


def test_a_file_in_clear_is_told_in_full_too(romeo, messages):
    url = "https://files.capulet.lit/7"
    oob = f"<x xmlns='jabber:x:oob'><url>{url}</url></x>"
    clear(romeo, f"{oob}{IN_CLEAR}{FALLBACK}<body>{url}</body>")
    assert last(messages).attachments == [Attachment(url, "a.txt", size=7, hashes={"sha-256": "aGFzaA=="})]
    assert last(messages).text == ""


MEDIA = (
    "<reference xmlns='urn:xmpp:reference:0' type='data'><media-sharing xmlns='urn:xmpp:sims:1'>"
    "<file xmlns='urn:xmpp:jingle:apps:file-transfer:5'><media-type>image/jpeg</media-type><name>summit.jpg</name>"
    "<size>3032449</size><desc>from the top</desc><hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>aGFzaA==</hash></file>"
    "<sources><reference xmlns='urn:xmpp:reference:0' type='data' uri='https://files.capulet.lit/s.jpg'/></sources>"
    "</media-sharing></reference>"
)
SUMMIT = Attachment(
    "https://files.capulet.lit/s.jpg",
    "summit.jpg",
    "image/jpeg",
    3032449,
    "from the top",
    hashes={"sha-256": "aGFzaA=="},
)


def test_a_file_is_told_as_older_programs_do():
    assert xml.to_text(media.write(SUMMIT)) == xml.to_text(parse(MEDIA))
    assert media.read(parse(MEDIA)) == SUMMIT


@pytest.mark.parametrize(
    "about",
    [ABOUT, SUMMIT._replace(hashes={}), SUMMIT._replace(size=0), SUMMIT._replace(type="")],
    ids=["encrypted", "no hash", "no size", "no type"],
)
def test_what_cannot_be_told_so_is_not(about):
    assert media.can_be(SUMMIT)
    assert not media.can_be(about)


def test_a_reference_to_a_file_is_one_beside_the_text(romeo, messages):
    """Whatever else is referred to, and where a program is asked directly before the web is."""
    other = "<reference xmlns='urn:xmpp:reference:0' type='mention' begin='0' end='4' uri='xmpp:mercutio@capulet.lit'/>"
    direct = "<reference xmlns='urn:xmpp:reference:0' type='data' uri='xmpp:romeo@montague.lit/x?jingle;id=9'/>"
    clear(romeo, other + MEDIA.replace("<sources>", f"<sources>{direct}") + "<body>Look at the view.</body>")
    assert (last(messages).attachments, last(messages).text) == ([SUMMIT], "Look at the view.")


def test_what_is_told_in_several_ways_is_one_file(romeo, messages):
    shared = IN_CLEAR.replace("https://files.capulet.lit/7", SUMMIT.url)
    oob = f"<x xmlns='jabber:x:oob'><url>{SUMMIT.url}</url></x>"
    clear(romeo, f"{MEDIA}{oob}{shared}{FALLBACK}<body>{SUMMIT.url}</body>")
    assert [each.name for each in last(messages).attachments] == ["a.txt"]
    assert last(messages).text == ""


@pytest.mark.parametrize(
    "place", ["file:///etc/passwd", "xmpp:romeo@montague.lit/x?jingle;id=9", "javascript:alert(1)"]
)
def test_a_reference_to_nothing_that_can_be_fetched_says_so(romeo, messages, place):
    clear(romeo, MEDIA.replace("https://files.capulet.lit/s.jpg", place))
    assert last(messages).attachments == []
    assert last(messages).error.startswith(UNUSABLE.partition("{")[0])


def test_references_of_one_message_are_bounded(romeo, messages):
    clear(romeo, "".join(MEDIA.replace("lit/s.jpg", f"lit/{number}") for number in range(50)))
    assert len(last(messages).attachments) == MOST


def test_files_of_one_message_are_bounded(romeo, messages):
    clear(romeo, "".join(IN_CLEAR.replace("lit/7", f"lit/{number}") for number in range(50)))
    assert len(last(messages).attachments) == MOST


def test_a_link_by_itself_is_checked_before_anybody_is_asked(romeo, messages):
    for url in (LINK[:-2], LINK.partition("#")[0], "aesgcm://"):
        with pytest.raises(InvalidArgument, match="no link to an encrypted file") as caught:
            now(romeo.plugin(Attachments).get_url(url))
        assert IV.hex() not in str(caught.value)


# -- what leaves -----------------------------------------------------------------------------------------------------


def leaving(romeo, **more):
    """The message of a file as it is before it is encrypted."""
    now(romeo.plugin(Messages).send(JULIET, "", encrypt="omemo", attachments=[ABOUT], **more))
    romeo.turn()
    (message,) = romeo.plugin(Lock).left
    return message


def test_a_file_leaves_in_full_inside_and_as_a_link_for_the_old_version(romeo, messages):
    message = leaving(romeo)
    assert message.body == LINK  # all that the old version and OTR encrypt
    inside = sce.read(content.envelope(message, JID("romeo@montague.lit"), 0.0).encode())
    assert [each.name for each in inside.content] == ["body", "file-sharing", "fallback"]
    for versions in ([NEW], [OLD], [NEW, OLD]):
        sealed = Message(parse(xml.to_text(message.element)))
        content.seal(sealed, [xml.element("encrypted", each) for each in versions])
        text = xml.to_text(sealed.element)
        for told in ("sfs", "oob", "file", "plage", "aesgcm", PLACE, IV.hex()):
            assert told not in text, versions


def test_an_answer_with_a_file_is_its_link_alone(romeo, messages):
    hears(romeo, "<body>show me</body>")
    message = leaving(romeo, reply=last(messages).id)
    assert message.body == LINK
    assert {each.name for each in message.children()} >= {"reply", "file-sharing"}


def test_the_key_never_leaves_in_clear(romeo, messages):
    now(romeo.plugin(Messages).send(JULIET, "", attachments=[ABOUT]))
    (text,) = romeo.sent()
    for told in ("aesgcm", "AAECAwQF", IV.hex(), "plage"):
        assert told not in text


def test_a_file_in_clear_is_told_for_programs_of_all_ages(romeo, messages):
    now(romeo.plugin(Messages).send(JULIET, SUMMIT.url, attachments=[SUMMIT]))
    (text,) = romeo.sent()
    sent = Message(parse(text))
    assert sent.body == SUMMIT.url
    assert fallback.is_all(sent, sharing.NS)
    (shared,), (reference,) = sent.children(sharing.NS), sent.children(fallback.NS_REFERENCE)
    assert sharing.read(shared) == media.read(reference) == SUMMIT


def test_our_file_is_in_the_history_without_text(romeo, messages):
    leaving(romeo)
    assert (last(messages).attachments, last(messages).body) == ([ABOUT], "")
