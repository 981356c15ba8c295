"""Invitations: made, followed, good once (XEP-0379, XEP-0401)."""

import re

import pytest
from support.romeo import now
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import FeatureMissing, InvalidArgument
from sat.plugins.invitations.plugin import GOOD_FOR, INVITE, NS, OPEN, Invitations
from sat.plugins.presence.plugin import PresencePlugin

JULIET = JID("juliet@capulet.lit")
ITEMS, COMMANDS = "http://jabber.org/protocol/disco#items", "http://jabber.org/protocol/commands"
RESULT = (
    f"<command xmlns='{COMMANDS}' node='x' status='completed'><x xmlns='jabber:x:data' type='result'>"
    "<field var='uri'><value>{}</value></field><field var='landing-url'><value>{}</value></field>"
    "<field var='expire'><value>2025-07-06T02:56:15Z</value></field></x></command>"
)


@pytest.fixture
def invitations(romeo):
    invitations = romeo.plug(Invitations)
    romeo.goes_online()
    romeo.wire.answer("jabber:iq:roster", "<query xmlns='jabber:iq:roster'/>")
    return invitations


def asks(romeo, work, *nodes):
    """The server has these commands."""
    items = "".join(f"<item jid='montague.lit' node='{node}'/>" for node in nodes)
    romeo.wire.answer(ITEMS, f"<query xmlns='{ITEMS}'>{items}</query>")
    return work


def own(romeo, invitations):
    invite = now(asks(romeo, Deferred.fromCoroutine(invitations.invite())))
    return invite, re.search("preauth=(.+)", invite.uri)[1]


def comes(romeo, token, sender=JULIET):
    romeo.sent()
    romeo.hears(f"<presence type='subscribe' from='{sender}'><preauth xmlns='{NS}' token='{token}'/></presence>")
    return "".join(romeo.sent())


def test_link_of_ours_is_good_once(romeo, invitations):
    invite, token = own(romeo, invitations)
    assert invite.uri.startswith("xmpp:romeo@montague.lit?roster;preauth=")
    assert invite.expires == romeo.clock.seconds() + GOOD_FOR
    assert f"<presence to='{JULIET}' type='subscribed'" in comes(romeo, token)
    assert f"jid='{JULIET}'" in romeo.wire.asked[-1]  # she is added, too
    romeo.wire.answer("jabber:iq:roster")
    assert f"<presence to='{JULIET}' type='subscribe'" in "".join(romeo.sent())
    assert "subscribed" not in comes(romeo, token, "tybalt@capulet.lit")
    assert [each.jid for each in now(romeo.plugin(PresencePlugin).get_requests())] == ["tybalt@capulet.lit"]


@pytest.mark.parametrize("token", ["", "guessed", "x" * 100_000])
def test_who_has_no_invitation_only_asks(romeo, invitations, token):
    own(romeo, invitations)
    assert "subscribed" not in comes(romeo, token)
    assert len(now(romeo.plugin(PresencePlugin).get_requests())) == 1


def test_link_of_ours_ends(romeo, invitations):
    _, token = own(romeo, invitations)
    romeo.clock.advance(GOOD_FOR + 1)
    assert "subscribed" not in comes(romeo, token)


def test_links_outlive_the_daemon_and_are_bounded(romeo, invitations):
    first = own(romeo, invitations)[1]
    for _ in range(OPEN):
        token = own(romeo, invitations)[1]
    assert token not in str(now(invitations.store.get("open")))  # only who has the link can follow it
    invitations._open.clear()
    now(invitations.load())
    assert "subscribed" not in comes(romeo, first)
    assert "subscribed" in comes(romeo, token)


def test_server_makes_the_link_where_it_can(romeo, invitations):
    work = asks(romeo, Deferred.fromCoroutine(invitations.invite()), INVITE)
    romeo.wire.answer(INVITE, RESULT.format("xmpp:romeo@montague.lit?roster;preauth=T;ibr=y", "https://m.lit/i#T"))
    invite = now(work)
    assert invite[:2] == ("xmpp:romeo@montague.lit?roster;preauth=T;ibr=y", "https://m.lit/i#T")
    assert (invite.account, invite.expires) == (True, 1751770575.0)


@pytest.mark.parametrize("uri", ["javascript:alert(1)", "", "xmpp:" + "x" * 5000])
def test_what_is_no_link_is_not_told(romeo, invitations, uri):
    work = asks(romeo, Deferred.fromCoroutine(invitations.invite()), INVITE)
    romeo.wire.answer(INVITE, RESULT.format(uri, "javascript:alert(2)"))
    assert now(work).uri.startswith("xmpp:romeo@montague.lit?roster;preauth=")


def test_accounts_only_where_the_server_does_that(romeo, invitations):
    work = asks(romeo, Deferred.fromCoroutine(invitations.invite_account("dora")), INVITE)
    with pytest.raises(FeatureMissing):
        now(work)


def test_invitation_of_another_is_followed(romeo, invitations):
    work = Deferred.fromCoroutine(invitations.follow(JULIET, "a'<b", "Juliet"))
    (first, *_) = [each for each in romeo.sent() if "subscribe" in each]
    assert f"<preauth xmlns='{NS}' token='a&apos;&lt;b'/>" in first
    romeo.wire.answer("jabber:iq:roster")
    now(work)
    with pytest.raises(InvalidArgument, match="your own"):
        now(invitations.follow(JID("romeo@montague.lit"), "t"))
