import pytest
from support.romeo import OWN, now
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import NotConnected, NotFound
from sat.core.plugin import DomainsWanted
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.roster.plugin import Roster

JULIET = JID("juliet@capulet.lit")
NURSE = JID("nurse@capulet.lit")
ITEMS = f"""<query xmlns='jabber:iq:roster'>
  <item jid='{JULIET}' name='Juliet' subscription='both'><group>Loved</group><group> Capulet </group></item>
  <item jid='{NURSE}' ask='subscribe'/>
</query>"""


@pytest.fixture
def roster(romeo):
    roster = romeo.plug(Roster)
    romeo.goes_online()
    romeo.wire.answer("jabber:iq:roster", ITEMS)
    return roster


def push(item, sender=None):
    origin = f"from='{sender}'" if sender else ""
    return f"<iq type='set' id='p' {origin}><query xmlns='jabber:iq:roster'>{item}</query></iq>"


def test_the_list_comes_on_connecting(romeo, roster):
    assert now(roster.get_contacts()) == [
        Contact(JULIET, "Juliet", Subscription.BOTH, ["Capulet", "Loved"]),
        Contact(NURSE, "", Subscription.NONE, [], asked=True),
    ]


def test_the_domains_of_contacts_are_told_to_who_looks_for_one(romeo, roster):
    wanted = DomainsWanted()
    romeo.emit(wanted)
    assert wanted.found == {"capulet.lit"}


def test_a_push_changes_and_removes(romeo, roster, record):
    changed, removed = record(roster.changed), record(roster.removed)
    romeo.hears(push(f"<item jid='{NURSE}' name='Nurse' subscription='to'/>"))
    romeo.hears(push(f"<item jid='{JULIET}' subscription='remove'/>", sender=OWN))
    assert changed == [[Contact(NURSE, "Nurse", Subscription.TO, [])]]
    assert removed == [[JULIET]]
    assert all("type='result'" in xml for xml in romeo.sent())


@pytest.mark.parametrize("stranger", ["paris@verona.lit", "montague.lit", "romeo@montague.lit.evil.lit", "@@"])
def test_a_push_from_a_stranger_changes_nothing(romeo, roster, record, stranger):
    changed = record(roster.changed)
    romeo.hears(push("<item jid='evil@verona.lit' name='Evil' subscription='both'/>", sender=stranger))
    assert changed == []
    assert roster.find(JID("evil@verona.lit")) is None


def test_the_list_is_there_offline_too(romeo, roster):
    romeo.clock.advance(1)
    romeo._plugins.pop(Roster).stop()
    again = romeo.plug(Roster)
    assert {contact.jid for contact in now(again.get_contacts())} == {JULIET, NURSE}


def test_a_contact_with_an_impossible_address_is_left_out(romeo, roster, record):
    changed = record(roster.changed)
    romeo.hears(push("<item jid='a@@b' name='x'/>"))
    assert changed == []
    assert "bad-request" in romeo.sent()[-1]


def test_adding_asks_to_see_them(romeo, roster):
    work = Deferred.fromCoroutine(roster.add_contact(JID("paris@verona.lit"), "Paris", ["Verona"]))
    (asked,) = romeo.wire.asked
    assert "name='Paris'" in asked
    assert "<group>Verona</group>" in asked
    romeo.wire.answer("paris@verona.lit")
    now(work)
    assert any("type='subscribe'" in xml for xml in romeo.sent())


def test_who_is_added_is_waited_for_at_once_until_they_refuse(romeo, roster, record):
    paris, changed = JID("paris@verona.lit"), record(roster.changed)
    work = Deferred.fromCoroutine(roster.add_contact(paris, "Paris"))
    romeo.wire.answer(paris)
    now(work)
    assert changed[-1] == [Contact(paris, "Paris", Subscription.NONE, [], asked=True)]
    romeo.hears(push(f"<item jid='{paris}' name='Paris' subscription='none'/>"))  # what came before our question
    assert roster.find(paris).asked
    romeo.hears(push(f"<item jid='{paris}' name='Paris' subscription='none' ask='subscribe'/>"))
    romeo.hears(push(f"<item jid='{paris}' name='Paris' subscription='none'/>"))
    assert not roster.find(paris).asked


def test_adding_a_contact_again_keeps_the_name_and_groups(romeo, roster):
    romeo.sent()
    now(roster.add_contact(JULIET))
    assert romeo.wire.asked == []
    assert romeo.sent() == []  # they show their presence already


def test_adding_a_contact_again_changes_what_is_given(romeo, roster):
    work = Deferred.fromCoroutine(roster.add_contact(JULIET, "Capulet's daughter"))
    (asked,) = romeo.wire.asked
    assert "name='Capulet&apos;s daughter'" in asked
    assert "<group>Capulet</group><group>Loved</group>" in asked
    romeo.wire.answer(JULIET)
    now(work)


def test_who_has_not_answered_is_asked_again(romeo, roster):
    romeo.sent()
    now(roster.add_contact(NURSE))
    assert [NURSE in xml and "type='subscribe'" in xml for xml in romeo.sent()] == [True]
    romeo.wire.up = False
    with pytest.raises(NotConnected):
        now(roster.add_contact(NURSE))


def test_removing_somebody_who_is_not_there_is_told(romeo, roster):
    with pytest.raises(NotFound, match="paris"):
        now(roster.remove_contact(JID("paris@verona.lit")))


def test_a_damaged_row_of_the_stored_list_is_left_out(romeo):
    good = [JULIET, "Juliet", "both", ["Loved"], False]
    bad = [[NURSE, "Nurse", "bath", [], False], [NURSE, "Nurse"], [5, "", "both", [], False], [NURSE, "", "both", 5, 0]]
    now(romeo.store("roster").set("contacts", [*bad, good]))
    roster = romeo.plug(Roster)
    assert now(roster.get_contacts()) == [Contact(JULIET, "Juliet", Subscription.BOTH, ["Loved"])]


def test_who_is_approved_before_they_ask_is_told_and_kept(romeo, roster):
    romeo.hears(push(f"<item jid='{NURSE}' approved='true'/>"))
    romeo.clock.advance(1)
    romeo._plugins.pop(Roster).stop()
    assert {each.jid: each.approved for each in now(romeo.plug(Roster).get_contacts())} == {JULIET: False, NURSE: True}
