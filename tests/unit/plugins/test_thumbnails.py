"""Small pictures of files that are offered: made of ours, fetched from contacts; and what others try with them."""

import base64
import hashlib
import random
import re
import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image
from support.fake_jingle import PEER, Session
from support.files import JULIET, about_data, befriend, drain, is_there, latest, offered, only
from support.pictures import png
from support.romeo import now

from sat.api.errors import NotFound
from sat.api.transfers import TransferState
from sat.plugins.files import outgoing, wire
from sat.plugins.files.wire import About
from sat.plugins.thumbnails import making
from sat.plugins.thumbnails.plugin import INLINE, LARGEST, NS, TOLD
from sat.xmpp import bob, xml
from sat.xmpp.jingle import Condition
from sat.xmpp.stanzas import new_id

SMALL = png(64, 48)
STRANGER = "tybalt@capulet.lit/sword"


def picture(form="PNG", size=(400, 200), colour=(200, 40, 40), mode="RGB", **more):
    made = BytesIO()
    Image.new(mode, size, colour).save(made, form, **more)
    return made.getvalue()


def drawn(thumbnail):
    return Image.open(BytesIO(thumbnail.data))


def gets(romeo, name, sender=PEER):
    """What is answered to who asks for some data."""
    romeo.sent()
    romeo.hears(f"<iq type='get' id='{new_id()}' from='{sender}'><data xmlns='{bob.NS}' cid='{name}'/></iq>")
    (answer,) = romeo.sent()
    return answer


def told(session):
    """The small picture that an offer tells of, and what it is called."""
    file = wire.file_of(session.contents[0].description)
    (found,) = xml.elements(file, "thumbnail", NS)
    return found, found.attributes["uri"].removeprefix("cid:")


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(picture())
    return path


# -- ours ------------------------------------------------------------------------------------------------------------


def test_who_is_offered_a_picture_can_see_it_small(romeo, files, offers, photo):
    befriend(romeo)
    is_there(files)
    now(files.send(str(photo), JULIET))
    thumbnail, name = told(offers.sessions[0])
    about = dict(thumbnail.attributes)
    assert (about["media-type"], about["width"], about["height"]) == ("image/jpeg", "128", "64")
    text = re.search("<data[^>]*>([^<]+)</data>", gets(romeo, name))[1]
    data = base64.b64decode(text)
    assert bob.cid(data) == name
    assert len(data) <= 8 * 1024
    assert Image.open(BytesIO(data)).size == (128, 64)
    assert only(files).thumbnail is False  # it is for them


def test_nobody_else_can_and_nobody_when_it_is_over(romeo, files, offers, photo):
    befriend(romeo)
    is_there(files)
    now(files.send(str(photo), JULIET))
    _, name = told(offers.sessions[0])
    assert "<service-unavailable" in gets(romeo, name, STRANGER)
    assert "<item-not-found" in gets(romeo, name, JULIET.with_resource("other"))
    assert "<item-not-found" in gets(romeo, "sha1+" + 40 * "0" + "@bob.xmpp.org")
    assert "<data" in gets(romeo, name)
    offers.sessions[0].terminated(Condition.DECLINE)
    assert "<item-not-found" in gets(romeo, name)


def test_what_is_offered_twice_is_there_until_both_are_over(romeo, files, offers, photo):
    befriend(romeo)
    is_there(files)
    for _ in range(2):
        now(files.send(str(photo), JULIET))
    _, name = told(offers.sessions[0])
    offers.sessions[0].terminated(Condition.DECLINE)
    assert "<data" in gets(romeo, name)
    now(files.transfers.cancel(latest(files).id))
    assert "<item-not-found" in gets(romeo, name)


def offers_none(files, offers, path):
    now(files.send(str(path), JULIET))
    return xml.elements(wire.file_of(offers.sessions[-1].contents[0].description), "thumbnail", NS) == []


def test_what_is_no_picture_has_none(romeo, files, offers, plans, tmp_path):
    is_there(files)
    damaged, drawing = tmp_path / "damaged.png", tmp_path / "drawing.svg"
    damaged.write_bytes(picture()[:100])
    drawing.write_text("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")
    assert [offers_none(files, offers, each) for each in (plans, damaged, drawing)] == [True] * 3


def test_none_is_told_where_the_settings_say_so(romeo, files, offers, photo):
    is_there(files)
    now(romeo.settings.set_setting("thumbnails.send", "false"))
    assert offers_none(files, offers, photo)


def test_the_file_goes_whole_all_the_same(romeo, files, offers, photo, monkeypatch):
    """To look at it moves the place from which it is read."""
    monkeypatch.setattr(outgoing, "SMALL", 10)  # it is not read for its hash before
    is_there(files)
    now(files.send(str(photo), JULIET))
    assert drain(offers.sessions[0].contents[0].connect()) == photo.read_bytes()


# -- made ------------------------------------------------------------------------------------------------------------


def test_nothing_but_the_pixels_is_taken_over():
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "in the garden"  # to be turned; what is to be seen
    exif.get_ifd(0x8825)[1] = "N"
    made = making.of_data(picture("JPEG", exif=exif, comment=b"of romeo", icc_profile=b"x" * 200))
    assert (made.width, made.height) == (64, 128)
    assert b"garden" not in made.data
    assert b"romeo" not in made.data
    assert {"exif", "comment", "icc_profile"}.isdisjoint(drawn(made).info)


@pytest.mark.parametrize(
    ("form", "mode"),
    [("PNG", mode) for mode in ("RGB", "L", "RGBA", "P", "LA")]
    + [("JPEG", mode) for mode in ("RGB", "L", "CMYK")]
    + [("WEBP", mode) for mode in ("RGB", "RGBA")],
)
def test_sorts_of_pictures(form, mode):
    seen = Image.new("RGB", (300, 300), (200, 40, 40)).convert(mode)
    file = BytesIO()
    seen.save(file, form)
    made = making.of_data(file.getvalue())
    colour = drawn(made).getpixel((64, 64))
    expected = Image.new("RGB", (1, 1), (200, 40, 40)).convert(mode).convert("RGB").getpixel((0, 0))
    assert all(abs(one - other) < 12 for one, other in zip(colour, expected, strict=True))


def test_what_can_be_looked_through_is_white():
    made = making.of_data(picture("PNG", colour=(0, 0, 0, 0), mode="RGBA"))
    assert drawn(made).getpixel((5, 5)) == (255, 255, 255)


def test_a_small_picture_stays_as_small_as_it_is():
    assert making.of_data(png(3, 200))[1:3] == (2, 128)
    assert making.of_data(png(1, 1))[1:3] == (1, 1)


def test_what_cannot_be_made_smaller_is_not_large():
    noise = Image.frombytes("RGB", (128, 128), random.Random(1).randbytes(128 * 128 * 3))
    file = BytesIO()
    noise.save(file, "PNG")
    assert len(making.of_data(file.getvalue()).data) < 2 * making.LARGEST


def again(data, width, height):
    """A PNG with a second beginning, of another size."""
    head = b"IHDR" + struct.pack(">II", width, height) + data[24:29]
    chunk = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    return data[:33] + chunk + data[33:]


HOSTILE = {
    "nothing": b"",
    "a bomb": png(1100, 1000),
    "a wide one": png(20_000, 1),
    "a bomb that claims to be small": again(png(9, 9), 30_000, 30_000),
    "one that claims to be a bomb": png(9, 9, claims=(50_000, 50_000)),
    "one that is shorter than it says": png(9, 9, claims=(900, 900)),
    "one cut off": picture("JPEG", (900, 900))[:600],
    "a drawing": b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
    "a film": picture("GIF", mode="P", colour=3),
    "a page": b"%!PS-Adobe-3.0 EPSF-3.0\n",
    "a page in the skin of a picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR%!PS-Adobe-3.0 EPSF-3.0\n",
    "TIFF": picture("TIFF"),
    "ICO": picture("ICO", (16, 16)),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_small_picture_is_none(data):
    with pytest.raises(ValueError, match="It "):
        making.of_data(data)


# -- of others -------------------------------------------------------------------------------------------------------


def offer(romeo, files, *uris, about=None):
    """Juliet offers a file, and tells of these small pictures of it."""
    session = Session(romeo.clock, False)
    description = wire.description(about or about_data("photo.png"))
    for each in uris:
        xml.add(wire.file_of(description), "thumbnail", NS, uri=each, width="99999", height="-1")
    session.put(description)
    files.offered(session)
    romeo.turn()
    return session


def asked(romeo):
    """How often something was asked for."""
    return sum(bob.NS in each for each in romeo.wire.asked)


def answer(romeo, data, name="x"):
    text = base64.b64encode(data).decode()
    romeo.wire.answer(bob.NS, f"<data xmlns='{bob.NS}' cid='{name}' type='image/svg+xml'>{text}</data>")


def uri(data=SMALL):
    return "cid:" + bob.cid(data)


def test_what_a_contact_offers_is_seen_before_it_is_taken(romeo, files):
    befriend(romeo)
    changes = []
    files.transfers.changed.connect(changes.append)
    offer(romeo, files, "https://capulet.lit/photo.png", uri())
    assert asked(romeo) == 1
    (request,) = (each for each in romeo.wire.asked if bob.NS in each)
    assert f"to='{PEER}'" in request
    assert f"cid='{bob.cid(SMALL)}'" in request
    assert only(files).thumbnail is False
    answer(romeo, SMALL)
    assert only(files).asks
    assert only(files).is_pictured
    assert changes[-1].thumbnail
    found = now(files.get_thumbnail(only(files).id))
    assert found[:3] == ("image/jpeg", 64, 48)
    assert found.data != SMALL  # made anew
    now(files.decline(only(files).id))
    assert not only(files).is_pictured  # nobody wants to see it again
    now(files.transfers.forget([]))
    with pytest.raises(NotFound):
        now(files.get_thumbnail("x"))
    assert files.thumbnails._known == {}


def test_a_sha_256_is_one_too(romeo, files):
    befriend(romeo)
    offer(romeo, files, f"cid:sha-256+{hashlib.sha256(SMALL).hexdigest()}@bob.xmpp.org")
    answer(romeo, SMALL)
    assert only(files).thumbnail


def test_one_inside_the_offer_needs_no_question(romeo, files):
    befriend(romeo)
    offer(romeo, files, f"data:image/png;base64,{base64.b64encode(SMALL).decode()}")
    assert asked(romeo) == 0
    assert only(files).thumbnail


def test_a_stranger_makes_us_fetch_and_read_nothing(romeo, files):
    now(romeo.settings.set_setting("files.strangers", "true"))
    offer(romeo, files, uri())
    offer(romeo, files, f"data:image/png;base64,{base64.b64encode(SMALL).decode()}")
    assert asked(romeo) == 0
    assert [each.thumbnail for each in now(files.transfers.get_all())] == [False, False]


def test_nothing_is_fetched_where_the_settings_say_so(romeo, files):
    befriend(romeo)
    now(romeo.settings.set_setting("thumbnails.fetch", "false"))
    offer(romeo, files, uri())
    assert asked(romeo) == 0


@pytest.mark.parametrize(
    "address",
    [
        "https://capulet.lit/photo.png",
        "file:///etc/passwd",
        "cid:",
        "cid:photo@capulet.lit",
        "cid:md5+900150983cd24fb0d6963f7d28e17f72@bob.xmpp.org",
        "cid:sha1+../../x@bob.xmpp.org",
        "data:image/png,xxx",
        "data:image/png;base64,%%%",
        "data:image/svg+xml;base64,PHN2Zy8+",
        "data:text/html;base64,PHN2Zy8+",
        "data:image/png;base64," + "A" * (INLINE * 2),
        "",
    ],
)
def test_an_odd_address_leads_nowhere(romeo, files, address):
    befriend(romeo)
    offer(romeo, files, address)
    assert asked(romeo) == 0
    assert only(files).asks
    assert not only(files).thumbnail


@pytest.mark.parametrize("data", [png(64, 49), b"", *HOSTILE.values(), b"x" * 200_000, b"\0" * (LARGEST + 1)])
def test_a_false_answer_leaves_the_offer_as_it_is(romeo, files, data):
    befriend(romeo)
    offer(romeo, files, uri() if data == png(64, 49) else uri(data))
    answer(romeo, data)
    assert only(files).asks
    assert not only(files).thumbnail


@pytest.mark.parametrize("payload", ["", "<data xmlns='urn:xmpp:bob'>%%</data>", "<data xmlns='x'/>"])
def test_an_empty_answer_does_no_harm_either(romeo, files, payload):
    befriend(romeo)
    offer(romeo, files, uri())
    romeo.wire.answer(bob.NS, payload)
    assert (only(files).asks, only(files).thumbnail) == (True, False)


def test_who_has_none_says_so(romeo, files):
    befriend(romeo)
    offer(romeo, files, uri())
    romeo.wire.refuse(bob.NS, "item-not-found")
    assert (only(files).asks, only(files).thumbnail) == (True, False)


def test_many_are_told_and_one_is_fetched(romeo, files):
    befriend(romeo)
    offer(romeo, files, *[uri(bytes([each])) for each in range(100)])
    assert asked(romeo) == 1
    offer(romeo, files, *["https://x/"] * TOLD, uri())
    assert asked(romeo) == 1


def test_few_are_fetched_at_a_time_and_none_of_what_is_over(romeo, files):
    befriend(romeo)
    for each in range(8):
        offer(romeo, files, uri(SMALL), about=About(f"{each}.png", 9))
    assert asked(romeo) == 3
    waits = now(files.transfers.get_all())
    for each in waits[3:7]:
        now(files.decline(each.id))
    answer(romeo, SMALL)
    romeo.turn()
    assert asked(romeo) == 3  # of the eighth, the others wait for nothing any more
    now(files.decline(waits[1].id))
    answer(romeo, SMALL)  # too late
    seen = {each.name: each.thumbnail for each in now(files.transfers.get_all())}
    assert (seen["0.png"], seen["1.png"]) == (True, False)


def test_one_that_is_taken_meanwhile_is_seen_all_the_same(romeo, files):
    befriend(romeo)
    offer(romeo, files, uri())
    now(files.accept(only(files).id))
    answer(romeo, SMALL)
    assert only(files).state is TransferState.CONNECTING
    assert only(files).thumbnail
    now(files.transfers.cancel(only(files).id))
    romeo.turn()


def test_who_asks_for_a_file_tells_of_nothing(romeo, files):
    befriend(romeo)
    offered(romeo, files, About("plans.bin"), senders="responder")
    romeo.turn()
    assert asked(romeo) == 0
