import base64
import hashlib
import struct

import pytest
from support.romeo import FULL, OWN, now
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import InvalidArgument, NotFound
from sat.core.pictures import Size, look
from sat.plugins.avatars import plugin
from sat.plugins.avatars.api import LARGEST, Picture, Shown
from sat.plugins.avatars.plugin import AT_ONCE, NS_DATA, NS_METADATA, Avatars
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.roster.plugin import Roster
from sat.xmpp import pubsub

JULIET, NURSE = JID("juliet@capulet.lit"), JID("nurse@capulet.lit")


def png(width=64, height=64, more=b""):
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"\x08\x06\0\0\0" + more


def sha(data):
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


FACE, OTHER = png(), png(more=b"other")
SOF = b"\xff\xc0" + struct.pack(">HBHH", 11, 8, 40, 30)
JPEG = b"\xff\xd8\xff\xe0" + struct.pack(">H", 4) + b"JF" + b"\xff" + SOF


def webp(kind, inner):
    return b"RIFF\0\0\0\0WEBP" + kind + b"\0\0\0\0" + inner


SIZES = [
    (FACE, Size("image/png", 64, 64)),
    (b"GIF89a" + struct.pack("<HH", 3, 5), Size("image/gif", 3, 5)),
    (JPEG, Size("image/jpeg", 30, 40)),
    (webp(b"VP8X", b"\0\0\0\0\x09\0\0\x13\0\0"), Size("image/webp", 10, 20)),
    (webp(b"VP8L", b"\x2f" + struct.pack("<I", 9 | 19 << 14)), Size("image/webp", 10, 20)),
    (webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 10, 20)), Size("image/webp", 10, 20)),
]


@pytest.mark.parametrize(("data", "size"), SIZES)
def test_a_picture_is_known_by_its_first_bytes(data, size):
    assert look(data) == size
    for end in range(len(data)):  # whatever is cut off
        try:
            assert look(data[:end]).type == size.type
        except ValueError:
            continue


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html>",
        b"BM" + bytes(60),
        png(50_000, 50_000),
        png(0, 9),
        b"\xff\xd8\xff" + b"\xff" * 1_000,
        b"RIFF\0\0\0\0WEBPVP8X",
    ],
)
def test_what_is_none_or_a_bomb_is_refused(data):
    with pytest.raises(ValueError, match="It"):
        look(data)


@pytest.fixture
def avatars(romeo):
    avatars = romeo.plug(Avatars)
    for jid in (JULIET, NURSE):
        romeo.plugin(Roster).contacts[jid] = Contact(jid, "", Subscription.BOTH, [])
    romeo.goes_online()
    return avatars


def told(romeo, inner, sender=JULIET):
    romeo.hears(
        f"<message from='{sender}' to='{FULL}' type='headline'><event xmlns='{pubsub.NS_EVENT}'>"
        f"<items node='{NS_METADATA}'><item id='1'><metadata xmlns='{NS_METADATA}'>{inner}</metadata></item></items>"
        "</event></message>"
    )


def info(data, **changes):
    attributes = {"bytes": len(data), "id": sha(data), "type": "image/png", **changes}
    return f"<info {' '.join(f'{name}={str(value)!r}' for name, value in attributes.items())}/>"


def give(romeo, data, id=""):
    inner = f"<item id='{id or sha(data)}'><data xmlns='{NS_DATA}'>{base64.b64encode(data).decode()}</data></item>"
    romeo.wire.answer(NS_DATA, f"<pubsub xmlns='{pubsub.NS}'><items node='{NS_DATA}'>{inner}</items></pubsub>")


def asked(romeo):
    return [each for each in romeo.wire.asked if NS_DATA in each or "<vCard" in each]


def test_a_picture_that_is_told_of_is_fetched_and_kept(romeo, avatars, record):
    changed = record(avatars.changed)
    told(romeo, info(FACE))
    (question,) = asked(romeo)
    assert f"to='{JULIET}'" in question
    assert f"<item id='{sha(FACE)}'/>" in question
    give(romeo, FACE)
    assert now(avatars.get_picture(JULIET)) == Picture(sha(FACE), "image/png", FACE)
    assert changed == [[Shown(JULIET, sha(FACE))]]
    told(romeo, info(FACE))
    assert asked(romeo) == [], "it is here"
    romeo._plugins.pop(Avatars).stop()
    assert now(romeo.plug(Avatars).get_picture(JULIET)).data == FACE


def test_one_that_is_shown_no_more_is_forgotten(romeo, avatars, record):
    told(romeo, info(FACE))
    give(romeo, FACE)
    changed = record(avatars.changed)
    told(romeo, "")
    assert changed == [[Shown(JULIET, "")]]
    with pytest.raises(NotFound):
        now(avatars.get_picture(JULIET))
    assert [key for key in now(avatars.store.all()) if key.startswith("picture")] == []


def test_the_same_picture_of_two_is_fetched_once(romeo, avatars):
    told(romeo, info(FACE))
    give(romeo, FACE)
    told(romeo, info(FACE), NURSE)
    assert asked(romeo) == []
    told(romeo, "")
    assert now(avatars.get_picture(NURSE)).data == FACE, "the other one still shows it"


@pytest.mark.parametrize(
    "inner",
    [
        info(FACE, url="http://127.0.0.1/x"),
        info(FACE, id="../../etc/passwd"),
        info(FACE, bytes=LARGEST + 1),
        info(FACE, bytes="-1"),
        info(FACE, bytes="9" * 5_000),
        info(FACE, id=""),
        "<pointer/>",
    ],
)
def test_what_cannot_be_fetched_from_the_node_is_not(romeo, avatars, inner):
    told(romeo, inner)
    assert asked(romeo) == []


@pytest.mark.parametrize(
    ("promised", "given", "id"),
    [
        (FACE, OTHER, sha(FACE)),
        (FACE, FACE, sha(OTHER)),
        (b"<svg/>", b"<svg/>", ""),
        (png(50_000, 50_000), png(50_000, 50_000), ""),
        (bytes(LARGEST + 3), bytes(LARGEST + 3), ""),
    ],
    ids=["another", "unasked", "svg", "bomb", "large"],
)
def test_what_is_not_as_promised_is_left_out(romeo, avatars, promised, given, id):
    told(romeo, info(promised, bytes=100))
    give(romeo, given, id)
    assert now(avatars.get_shown()) == []


def test_strangers_have_none(romeo, avatars):
    told(romeo, info(FACE), "paris@verona.lit")
    romeo.hears(f"<presence from='paris@verona.lit/x'>{update(FACE)}</presence>")
    assert asked(romeo) == []


def test_few_are_fetched_at_once(romeo, avatars):
    for number in range(20):
        jid = JID(f"c{number}@capulet.lit")
        romeo.plugin(Roster).contacts[jid] = Contact(jid, "", Subscription.BOTH, [])
        told(romeo, info(png(more=bytes([number]))), jid)
    assert len(asked(romeo)) == AT_ONCE
    for number in range(20):
        give(romeo, png(more=bytes([number])))
    assert len(now(avatars.get_shown())) == 20


def test_all_together_have_a_limit(romeo, avatars, monkeypatch):
    monkeypatch.setattr(plugin, "FULL", len(FACE) + len(OTHER) - 1)
    told(romeo, info(FACE))
    give(romeo, FACE)
    told(romeo, info(OTHER), NURSE)
    give(romeo, OTHER)
    assert now(avatars.get_shown()) == [Shown(NURSE, sha(OTHER))]


def update(data=None):
    photo = "" if data is None else f"<photo>{sha(data) if data else ''}</photo>"
    return f"<x xmlns='vcard-temp:x:update'>{photo}</x>"


def vcard(data):
    binval = base64.encodebytes(data).decode()
    return f"<vCard xmlns='vcard-temp'><PHOTO><TYPE>text/html</TYPE><BINVAL>{binval}</BINVAL></PHOTO></vCard>"


def test_older_programs_have_it_in_their_vcard(romeo, avatars):
    romeo.hears(f"<presence from='{JULIET}/old'>{update()}</presence>")
    assert asked(romeo) == [], "it is not ready to tell"
    romeo.hears(f"<presence from='{JULIET}/old'>{update(FACE)}</presence>")
    romeo.wire.answer("<vCard", vcard(FACE))
    assert now(avatars.get_picture(JULIET)).type == "image/png"
    romeo.hears(f"<presence from='{JULIET}/old'>{update(b'')}</presence>")
    assert now(avatars.get_shown()) == []


def test_the_node_counts_more_than_the_vcard(romeo, avatars):
    told(romeo, info(FACE))
    give(romeo, FACE)
    romeo.hears(f"<presence from='{JULIET}/old'>{update(OTHER)}</presence>")
    romeo.hears(f"<presence from='{JULIET}/old'>{update(b'')}</presence>")
    assert asked(romeo) == []
    assert now(avatars.get_picture(JULIET)).data == FACE


def test_our_own_is_published_data_first(romeo, avatars):
    work = Deferred.fromCoroutine(avatars.set_own(FACE))
    assert not any("<metadata" in each for each in romeo.wire.asked)
    romeo.wire.answer(f"<publish node='{NS_DATA}'>")
    (told,) = [each for each in romeo.wire.asked if "<metadata" in each]
    assert f"<info bytes='{len(FACE)}' id='{sha(FACE)}' type='image/png' width='64' height='64'/>" in told
    romeo.wire.answer("<metadata")
    now(work)
    assert now(avatars.get_picture(OWN)).data == FACE
    work = Deferred.fromCoroutine(avatars.set_own(b""))
    romeo.wire.answer(f"<metadata xmlns='{NS_METADATA}'/>")
    now(work)
    assert now(avatars.get_shown()) == []


@pytest.mark.parametrize("data", [b"<svg/>", png(9_999, 1), FACE + bytes(LARGEST)])
def test_what_nobody_would_take_is_not_published(romeo, avatars, data):
    with pytest.raises(InvalidArgument):
        now(avatars.set_own(data))
