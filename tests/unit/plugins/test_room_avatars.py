import base64
import hashlib

import pytest
from support.muc import ROOM, enter
from support.pictures import png
from support.romeo import now
from twisted.internet.defer import Deferred

from sat.api.errors import FeatureMissing, InvalidArgument, NotFound, PeerError
from sat.plugins.avatars.plugin import NS_VCARD, Avatars
from sat.plugins.room_avatars.plugin import RoomAvatars
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.roster.plugin import Roster

VIEW, OTHER = png(8, 8), png(4, 4)


@pytest.fixture
def pictures(romeo, rooms):
    return romeo.plug(RoomAvatars)


def sha(data):
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def form(data):
    hash = f"<field var='muc#roominfo_avatarhash'><value>{data}</value></field>"
    return f"<x xmlns='jabber:x:data' type='result'>{hash}</x>"


def vcard(data):
    return f"<vCard xmlns='{NS_VCARD}'><PHOTO><BINVAL>{base64.b64encode(data).decode()}</BINVAL></PHOTO></vCard>"


def shown(romeo):
    return {each.jid: each.id for each in now(romeo.plugin(Avatars).get_shown())}


def test_picture_of_a_room_is_fetched_and_kept(romeo, pictures, host, rooms):
    enter(host, info=form(sha(VIEW)))
    romeo.clock.advance(1)
    assert now(rooms.get_rooms())[0].avatar == sha(VIEW)
    romeo.wire.answer(host.asked(NS_VCARD), vcard(VIEW))
    assert now(romeo.plugin(Avatars).get_picture(ROOM)).data == VIEW


@pytest.mark.parametrize("claimed", [sha(OTHER), sha(b"none")])
def test_room_that_lies_shows_nothing(romeo, pictures, host, claimed):
    enter(host, info=form(claimed))
    romeo.clock.advance(1)
    romeo.wire.answer(host.asked(NS_VCARD), vcard(VIEW))
    assert shown(romeo) == {}


@pytest.mark.parametrize("hash", ["", "../../etc/passwd", "a" * 39, "Z" * 40])
def test_hash_that_is_none_is_not_asked_for(romeo, pictures, host, hash):
    enter(host, info=form(hash))
    romeo.clock.advance(1)
    assert not [each for each in romeo.wire.asked if NS_VCARD in each]


def test_room_that_has_none_any_more(romeo, pictures, host):
    enter(host, info=form(sha(VIEW)))
    romeo.clock.advance(1)
    romeo.wire.answer(host.asked(NS_VCARD), vcard(VIEW))
    assert shown(romeo) == {ROOM: sha(VIEW)}
    host.says("<x xmlns='http://jabber.org/protocol/muc#user'><status code='104'/></x>")
    host.tells_info()
    romeo.clock.advance(1)
    assert shown(romeo) == {}


def test_contact_is_not_shown_with_the_picture_of_a_room(romeo, pictures, host):
    romeo.plugin(Roster).contacts[ROOM] = Contact(ROOM, "", Subscription.BOTH, [])
    enter(host, info=form(sha(VIEW)))
    romeo.clock.advance(1)
    assert not [each for each in romeo.wire.asked if NS_VCARD in each]


def begun(work):
    return Deferred.fromCoroutine(work)


def test_picture_is_set_and_the_rest_of_the_card_stays(romeo, pictures, host):
    work = begun(pictures.set_room_picture(ROOM, VIEW))
    old = f"<vCard xmlns='{NS_VCARD}'><FN>Balcony</FN><PHOTO><BINVAL>b2xk</BINVAL></PHOTO></vCard>"
    romeo.wire.answer(host.asked(NS_VCARD), old)
    written = host.asked(NS_VCARD)
    assert "<FN>Balcony</FN><PHOTO><TYPE>image/png</TYPE>" in written
    assert base64.b64encode(VIEW).decode() in written
    assert "b2xk" not in written
    romeo.wire.answer(written)
    now(work)
    work = begun(pictures.set_room_picture(ROOM, b""))
    romeo.wire.refuse(host.asked(NS_VCARD), "item-not-found")
    assert "PHOTO" not in host.asked(NS_VCARD)
    romeo.wire.refuse(host.asked(NS_VCARD), "forbidden")
    with pytest.raises(PeerError):
        now(work)


def test_picture_that_is_none_and_service_that_has_none(romeo, pictures, host):
    with pytest.raises(InvalidArgument):
        now(pictures.set_room_picture(ROOM, b"<svg/>"))
    work = begun(pictures.set_room_picture(ROOM, VIEW))
    romeo.wire.refuse(host.asked(NS_VCARD), "service-unavailable")
    with pytest.raises(FeatureMissing):
        now(work)
    with pytest.raises(NotFound):
        now(romeo.plugin(Avatars).get_picture(ROOM))
