"""Services that want to know us, and directories (XEP-0077, XEP-0100, XEP-0055)."""

import pytest
from support.romeo import now
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import FeatureMissing, InvalidArgument, PeerError
from sat.plugins.services.plugin import NS_SEARCH, Services
from sat.xmpp.register import NS

GATE = JID("irc.localhost")
PLAIN = f"<query xmlns='{NS}'><instructions>Who?</instructions><registered/><username>rom</username><password/></query>"
FORM = (
    f"<query xmlns='{NS}'><x xmlns='jabber:x:data' type='form'><field var='key' type='hidden'><value>k</value></field>"
    "<field var='nick' type='text-single'/></x></query>"
)


@pytest.fixture
def services(romeo):
    services = romeo.plug(Services)
    romeo.goes_online()
    return services


def asked(romeo, ns):
    return [each for each in romeo.wire.asked if f"'{ns}'" in each]


def test_plain_form_is_filled_in_with_what_is_known(romeo, services):
    work = Deferred.fromCoroutine(services.get_registration(GATE))
    romeo.wire.answer(NS, PLAIN)
    form = now(work)
    assert form.instructions == "Who?"
    assert [(each.name, each.values) for each in form.fields] == [("username", ["rom"]), ("password", [])]
    work = Deferred.fromCoroutine(services.register(GATE, {"username": "romeo", "password": "<&"}))
    romeo.wire.answer(NS, PLAIN)
    (xml,) = asked(romeo, NS)
    assert f"to='{GATE}'" in xml
    assert "<username>romeo</username><password>&lt;&amp;</password>" in xml
    romeo.wire.answer(NS)
    now(work)


def test_what_a_form_hides_goes_back(romeo, services):
    work = Deferred.fromCoroutine(services.register(GATE, {"nick": "Rom"}))
    romeo.wire.answer(NS, FORM)
    (xml,) = asked(romeo, NS)
    assert "<value>k</value>" in xml
    assert "<value>Rom</value>" in xml
    romeo.wire.refuse(NS, "not-acceptable", "No such nick.")
    with pytest.raises(PeerError, match="not-acceptable"):
        now(work)


def test_service_forgets_us(romeo, services):
    work = Deferred.fromCoroutine(services.unregister(GATE))
    (xml,) = asked(romeo, NS)
    assert "<remove/>" in xml
    romeo.wire.answer(NS)
    now(work)


@pytest.mark.parametrize("jid", ["montague.lit", "montague.lit/x", "romeo@montague.lit", "romeo@montague.lit/x", ""])
def test_our_own_server_is_never_asked_to_forget_us(romeo, services, jid):
    for work in (services.unregister, services.get_registration, lambda jid: services.register(jid, {})):
        with pytest.raises(InvalidArgument, match="the server of your account"):
            now(work(JID(jid)))
    assert not asked(romeo, NS)


@pytest.mark.parametrize("ask", ["get_registration", "get_search"])
def test_who_has_no_such_thing(romeo, services, ask):
    for end in (lambda: romeo.wire.refuse("jabber:iq", "service-unavailable"), lambda: romeo.wire.answer("jabber:iq")):
        work = Deferred.fromCoroutine(getattr(services, ask)(GATE))
        while asked(romeo, "jabber:iq:roster"):
            romeo.wire.answer("jabber:iq:roster")
        end()
        with pytest.raises(FeatureMissing):
            now(work)


def test_directory_is_searched_by_plain_fields(romeo, services):
    form = f"<query xmlns='{NS_SEARCH}'><first/><nick/></query>"
    work = Deferred.fromCoroutine(services.get_search(GATE))
    romeo.wire.answer(NS_SEARCH, form)
    assert [each.label for each in now(work).fields] == ["First name", "Nickname"]
    work = Deferred.fromCoroutine(services.search(GATE, {"first": "Juliet", "nick": ""}))
    romeo.wire.answer(NS_SEARCH, form)
    (xml,) = asked(romeo, NS_SEARCH)
    assert f"<query xmlns='{NS_SEARCH}'><first>Juliet</first></query>" in xml
    romeo.wire.answer(
        NS_SEARCH, f"<query xmlns='{NS_SEARCH}'><item jid='juliet@capulet.lit'><first>Juliet</first></item></query>"
    )
    found = now(work)
    assert found.columns[:2] == ["Address", "First name"]
    assert found.rows == [["juliet@capulet.lit", "Juliet", "", "", ""]]


def test_directory_is_searched_by_its_form(romeo, services):
    form = f"<query xmlns='{NS_SEARCH}'><x xmlns='jabber:x:data' type='form'><field var='q'/></x></query>"
    work = Deferred.fromCoroutine(services.search(GATE, {"q": "Juliet"}))
    romeo.wire.answer(NS_SEARCH, form)
    romeo.wire.answer(
        NS_SEARCH,
        f"<query xmlns='{NS_SEARCH}'><x xmlns='jabber:x:data' type='result'><reported><field var='jid' label='Who'/>"
        "</reported><item><field var='jid'><value>juliet@capulet.lit</value></field></item></x></query>",
    )
    assert now(work).rows == [["juliet@capulet.lit"]]
