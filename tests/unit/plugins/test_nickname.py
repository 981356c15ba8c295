import pytest
from support.romeo import FULL, OWN, now
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.plugins.nickname.plugin import LONGEST, NS, Nickname
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.roster.plugin import Roster

JULIET = JID("juliet@capulet.lit")
NURSE = JID("nurse@capulet.lit")


@pytest.fixture
def nickname(romeo):
    nickname = romeo.plug(Nickname)
    for jid, name in ((JULIET, ""), (NURSE, "Angelica")):
        romeo.plugin(Roster).contacts[jid] = Contact(jid, name, Subscription.BOTH, [])
    romeo.goes_online()
    return nickname


def call(romeo, sender, name, inner=None):
    inner = f"<item id='current'><nick xmlns='{NS}'>{name}</nick></item>" if inner is None else inner
    romeo.hears(
        f"<message from='{sender}' to='{FULL}' type='headline'><event xmlns='http://jabber.org/protocol/pubsub#event'>"
        f"<items node='{NS}'>{inner}</items></event></message>"
    )


def contact(romeo, jid=JULIET):
    return romeo.plugin(Roster).find(jid)


def test_a_contact_without_a_name_is_called_as_they_call_themselves(romeo, nickname, record):
    changed = record(romeo.plugin(Roster).changed)
    call(romeo, JULIET, " Jule \n Capulet ")
    call(romeo, JULIET, "Jule Capulet")
    assert contact(romeo).label == "Jule Capulet"
    assert changed == [[contact(romeo)]]
    call(romeo, NURSE, "Nan")
    assert contact(romeo, NURSE).label == "Angelica"
    assert contact(romeo, NURSE).nickname == "Nan"


def test_it_stays_when_the_contact_list_comes_again_and_offline(romeo, nickname):
    call(romeo, JULIET, "Jule")
    romeo.wire.answer(
        "jabber:iq:roster", f"<query xmlns='jabber:iq:roster'><item jid='{JULIET}' subscription='to'/></query>"
    )
    assert (contact(romeo).nickname, contact(romeo).subscription) == ("Jule", Subscription.TO)
    romeo.clock.advance(1)
    romeo._plugins.pop(Nickname).stop()
    romeo._plugins.pop(Roster).stop()
    assert now(romeo.plug(Roster).get_contacts())[0].nickname == "Jule"


@pytest.mark.parametrize("inner", ["<retract id='current'/>", f"<item id='current'><nick xmlns='{NS}'/></item>"])
def test_it_can_be_taken_back(romeo, nickname, inner):
    call(romeo, JULIET, "Jule")
    call(romeo, JULIET, "", inner)
    assert contact(romeo).label == "juliet"


@pytest.mark.parametrize("name", ["angelica", "ANGELICA", "nurse", "boss@example.org"])
def test_nobody_passes_for_another(romeo, nickname, name):
    call(romeo, JULIET, "Jule")
    call(romeo, JULIET, name)
    assert contact(romeo).label == "juliet"


def test_it_is_bounded_and_strangers_change_nothing(romeo, nickname):
    call(romeo, "paris@verona.lit", "Paris")
    assert contact(romeo, JID("paris@verona.lit")) is None
    call(romeo, JULIET, "x" * 5_000)
    assert len(contact(romeo).label) == LONGEST
    call(romeo, JULIET, "", "<item id='1'><nick xmlns='urn:other'>Evil</nick></item>")
    assert len(contact(romeo).label) == LONGEST, "that was no nickname"


def test_our_own_is_published_and_kept(romeo, nickname, record):
    changed = record(nickname.own.changed)
    work = Deferred.fromCoroutine(nickname.set_own("  The  Romeo "))
    assert f"<item id='current'><nick xmlns='{NS}'>The Romeo</nick></item>" in romeo.wire.asked[-1]
    romeo.wire.answer(NS)
    now(work)
    romeo._plugins.pop(Nickname).stop()
    assert romeo.plug(Nickname).own.value == "The Romeo"
    assert changed == ["The Romeo"]
    with pytest.raises(InvalidArgument):
        now(nickname.set_own("x" * 101))


def test_our_own_is_heard_from_our_account_alone(romeo, nickname):
    call(romeo, OWN, "Romeo M.")
    call(romeo, f"{OWN}/evil", "Evil")
    assert nickname.own.value == "Romeo M."
