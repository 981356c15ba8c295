import pytest
from support.romeo import now

from sat.api import JID
from sat.api.errors import FeatureMissing, NotConnected
from sat.plugins.presence.api import Presence, Request, Show
from sat.plugins.presence.plugin import KEEP_AFTER, TOGETHER, TOLD_AGAIN, PresencePlugin
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.roster.plugin import Roster
from sat.xmpp.inline import Told

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


def test_a_request_that_is_taken_back_is_gone(romeo, presence, record):
    settled = record(presence.settled)
    romeo.hears(f"<presence from='{STRANGER}' type='subscribe'/>")
    romeo.hears(f"<presence from='{JULIET}' type='unsubscribe'/>")
    assert settled == []
    romeo.hears(f"<presence from='{STRANGER}/x' type='unsubscribe'/>")
    assert settled == [[STRANGER]]
    assert now(presence.get_requests()) == []
    romeo.clock.advance(KEEP_AFTER)
    assert now(romeo.store("presence").get("requests")) == []


@pytest.mark.parametrize("subscription", ["from", "both", "none", "to"])
def test_a_request_that_another_program_has_granted_is_gone(romeo, presence, record, subscription):
    settled = record(presence.settled)
    romeo.hears(f"<presence from='{STRANGER}' type='subscribe'/>")
    item = f"<item jid='{STRANGER}' subscription='{subscription}'/>"
    romeo.hears(f"<iq type='set' id='p'><query xmlns='jabber:iq:roster'>{item}</query></iq>")
    granted = subscription in ("from", "both")
    assert settled == ([[STRANGER]] if granted else [])
    assert now(presence.get_requests()) == ([] if granted else [Request(STRANGER)])


def test_answering_settles_a_request(romeo, presence, record):
    settled = record(presence.settled)
    romeo.hears(f"<presence from='{STRANGER}' type='subscribe'/>")
    now(presence.refuse(STRANGER))
    assert settled == [[STRANGER]]


def test_what_the_server_does_not_tell_again_is_no_request_any_more(romeo, presence, record):
    """RFC 6121 §3.1.3: it tells at each log-in who has no answer yet."""
    other = JID("benvolio@verona.lit")
    for jid in (STRANGER, other):
        romeo.hears(f"<presence from='{jid}' type='subscribe'/>")
    requested, settled = record(presence.requested), record(presence.settled)
    romeo.goes_offline(resumable=True)
    romeo.goes_online(resumed=True)
    romeo.clock.advance(TOLD_AGAIN)
    assert settled == []
    romeo.goes_offline()
    romeo.goes_online()
    assert len(now(presence.get_requests())) == 2, "it has not told yet"
    romeo.hears(f"<presence from='{other}' type='subscribe'/>")
    romeo.clock.advance(TOLD_AGAIN)
    assert (requested, settled) == ([], [[STRANGER]])
    assert now(presence.get_requests()) == [Request(other)]


def test_nothing_is_forgotten_while_we_are_invisible(romeo, presence):
    """The server tells those only who appear."""
    romeo.hears(f"<presence from='{STRANGER}' type='subscribe'/>")
    now(presence.set_presence(Show.OFFLINE))
    romeo.goes_offline()
    romeo.goes_online()
    romeo.clock.advance(TOLD_AGAIN)
    assert now(presence.get_requests()) == [Request(STRANGER)]
    now(presence.set_presence(Show.ONLINE))
    romeo.clock.advance(TOLD_AGAIN)
    assert now(presence.get_requests()) == []


def test_offline_nobody_is_there(romeo, presence, record):
    romeo.hears(f"<presence from='{JULIET}/b'/>")
    romeo.clock.advance(TOGETHER)
    changed = record(presence.changed)
    romeo.goes_offline()
    assert presence.own.value.show is Show.OFFLINE
    assert now(presence.get_presences()) == []
    romeo.clock.advance(TOGETHER)
    assert changed == [[Presence(JID(f"{JULIET}/b"), Show.OFFLINE)]]


def test_a_short_cut_changes_nothing(romeo, presence, record):
    romeo.hears(f"<presence from='{JULIET}/b'/>")
    romeo.clock.advance(TOGETHER)
    changed, own = record(presence.changed), record(presence.own.changed)
    romeo.goes_offline(resumable=True)
    romeo.goes_online(resumed=True)
    romeo.clock.advance(60)
    assert (changed, own) == ([], [])
    assert presence.own.value.show is Show.ONLINE
    assert len(now(presence.get_presences())) == 1


@pytest.mark.parametrize("end", ["gives up", "begins anew"])
def test_after_a_long_cut_nobody_is_there(romeo, presence, end):
    romeo.hears(f"<presence from='{JULIET}/b'/>")
    romeo.goes_offline(resumable=True)
    assert len(now(presence.get_presences())) == 1
    if end == "gives up":
        romeo.goes_offline()  # the next try fails too, and the session is too old now
        assert presence.own.value.show is Show.OFFLINE
    else:
        romeo.goes_online()
        assert presence.own.value.show is Show.ONLINE
    assert now(presence.get_presences()) == []


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


@pytest.mark.parametrize(
    ("since", "told"),
    [
        ("2025-06-15T15:00:00Z", 1_749_999_600),
        ("2099-01-01T00:00:00Z", 0),
        ("yesterday", 0),
        ("0001-01-01T00:00:00Z", 0),
    ],
)
def test_since_when_a_program_is_not_used_is_told(romeo, presence, since, told):
    romeo.hears(f"<presence from='{JULIET}/balcony'><idle xmlns='urn:xmpp:idle:1' since='{since}'/></presence>")
    assert [each.idle_since for each in now(presence.get_presences())] == [told]


def test_who_has_not_asked_is_approved_where_the_server_can(romeo, presence):
    with pytest.raises(FeatureMissing):
        now(presence.approve(STRANGER))
    now(presence.approve(JULIET))  # she sees us already: nothing changes
    romeo.goes_offline()
    romeo.goes_online(told=Told(frozenset({"urn:xmpp:features:pre-approval"})))
    romeo.sent()
    now(presence.approve(STRANGER))
    assert f"to='{STRANGER}' type='subscribed'" in romeo.sent()[0]
    romeo.goes_offline()
    romeo.wire.up = False
    with pytest.raises(NotConnected):
        now(presence.approve(STRANGER))
