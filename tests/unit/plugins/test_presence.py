import pytest
from support.romeo import now

from sat.api import JID
from sat.plugins.presence.api import Presence, Request, Show
from sat.plugins.presence.plugin import TOGETHER, PresencePlugin
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.roster.plugin import Roster

JULIET = JID("juliet@capulet.lit")
STRANGER = JID("paris@verona.lit")


@pytest.fixture
def presence(romeo):
    presence = romeo.plug(Roster, PresencePlugin)
    romeo.plugin(Roster).contacts[JULIET] = Contact(JULIET, "Juliet", Subscription.BOTH, [])
    romeo.goes_online()
    return presence


def test_we_appear_with_our_priority_and_keep_what_was_chosen(romeo, presence):
    (xml,) = romeo.sent()
    assert "<priority>10</priority>" in xml
    now(presence.set_presence(Show.AWAY, "asleep"))
    assert "<show>away</show><status>asleep</status>" in romeo.sent()[0]
    romeo.goes_offline()
    romeo.goes_online()
    assert "<show>away</show><status>asleep</status>" in romeo.sent()[0]
    assert presence.own.value.show is Show.AWAY


def test_contacts_are_seen_together_strangers_not(romeo, presence, record):
    changed = record(presence.changed)
    romeo.hears(
        f"<presence from='{JULIET}/balcony'><show>dnd</show><status>go</status><priority>5</priority></presence>"
    )
    romeo.hears(f"<presence from='{JULIET}/bed'/>")
    romeo.hears(f"<presence from='{STRANGER}/x'/>")
    romeo.clock.advance(TOGETHER)
    assert changed == [
        [
            Presence(JID(f"{JULIET}/balcony"), Show.DND, "go", 5),
            Presence(JID(f"{JULIET}/bed"), Show.ONLINE),
        ]
    ]
    romeo.hears(f"<presence from='{JULIET}/bed' type='unavailable'/>")
    romeo.clock.advance(TOGETHER)
    assert changed[1] == [Presence(JID(f"{JULIET}/bed"), Show.OFFLINE)]
    assert [each.jid.resource for each in now(presence.get_presences())] == ["balcony"]


def test_a_request_waits_for_an_answer(romeo, presence, record):
    requested = record(presence.requested)
    romeo.sent()
    romeo.hears(f"<presence from='{STRANGER}' type='subscribe'><status>please</status></presence>")
    romeo.hears(f"<presence from='{STRANGER}' type='subscribe'/>")
    assert [(request.jid, request.status) for request in requested] == [(STRANGER, "please")]
    assert romeo.sent() == []
    now(presence.approve(STRANGER))
    (xml,) = romeo.sent()
    assert "type='subscribed'" in xml
    assert str(STRANGER) in xml
    assert now(presence.get_requests()) == []


def test_who_we_asked_may_see_us(romeo, presence, record):
    requested = record(presence.requested)
    romeo.plugin(Roster).contacts[STRANGER] = Contact(STRANGER, "", Subscription.NONE, [], asked=True)
    romeo.sent()
    romeo.hears(f"<presence from='{STRANGER}' type='subscribe'/>")
    assert "type='subscribed'" in romeo.sent()[0]
    assert requested == []


def test_invisible_before_anything_was_told_sends_nothing(romeo, presence):
    romeo.sent()
    now(presence.set_presence(Show.OFFLINE))
    (xml,) = romeo.sent()
    assert "type='unavailable'" in xml
    now(presence.set_presence(Show.OFFLINE))
    assert romeo.sent() == []


def test_many_requests_are_stored_together(romeo, presence):
    for number in range(1_200):
        romeo.hears(f"<presence from='s{number}@verona.lit' type='subscribe'/>")
    stored = romeo.store("presence")
    assert now(stored.get("requests", [])) == []
    romeo.clock.advance(1)
    assert len(now(stored.get("requests", []))) == len(now(presence.get_requests())) == 1_000


@pytest.mark.parametrize("wanted", [["awa", ""], ["away"], 5, None, {"show": "away"}])
def test_what_is_damaged_in_the_store_is_left_out(romeo, wanted):
    now(romeo.store("presence").set_many({"wanted": wanted, "requests": [["@", ""], [5], None, [STRANGER, "please"]]}))
    presence = romeo.plug(PresencePlugin)
    romeo.goes_online()
    assert presence.own.value.show is Show.ONLINE
    assert now(presence.get_requests()) == [Request(STRANGER, "please")]
