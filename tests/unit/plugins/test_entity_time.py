import pytest
from support.muc import failure
from support.romeo import FULL, now
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import NotFound, NotTold, PeerError
from sat.plugins.client_state.plugin import ClientState
from sat.plugins.entity_time.api import EntityTime
from sat.plugins.entity_time.plugin import NS, EntityTimePlugin
from sat.plugins.last_activity.api import Activity
from sat.plugins.last_activity.plugin import NS as LAST
from sat.plugins.last_activity.plugin import LastActivity
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.roster.plugin import Roster

JULIET = JID("juliet@capulet.lit/balcony")
PARIS = JID("paris@verona.lit/x")


@pytest.fixture
def plugins(romeo):
    for kind in (EntityTimePlugin, LastActivity):
        romeo.plug(kind)
    for jid, subscription in ((JULIET, Subscription.FROM), (PARIS, Subscription.TO)):
        romeo.plugin(Roster).contacts[jid.bare] = Contact(jid.bare, "", subscription, [])
    romeo.goes_online()
    romeo.sent()
    return romeo


def asks(romeo, sender, payload):
    romeo.hears(f"<iq type='get' id='a' from='{sender}' to='{FULL}'>{payload}</iq>")
    return romeo.sent()[-1]


@pytest.mark.parametrize("sender", [JULIET, FULL.replace("garden", "phone")])
def test_time_is_told_to_who_may_see_us(plugins, sender):
    answer = asks(plugins, sender, f"<time xmlns='{NS}'/>")
    assert "<utc>2025-06-15T15:06:40.000Z</utc>" in answer
    assert "<tzo>" in answer


@pytest.mark.parametrize("sender", [PARIS, JID("tybalt@capulet.lit/x"), JID("capulet.lit")])
def test_others_learn_nothing(plugins, sender):
    now(plugins.settings.set_setting("last_activity.tell", "true"))
    for payload in (f"<time xmlns='{NS}'/>", f"<query xmlns='{LAST}'/>"):
        assert "<service-unavailable" in asks(plugins, sender, payload)


def test_last_activity_is_told_where_the_option_allows_it(plugins):
    query = f"<query xmlns='{LAST}'/>"
    assert "<service-unavailable" in asks(plugins, JULIET, query)
    now(plugins.settings.set_setting("last_activity.tell", "true"))
    now(plugins.plugin(ClientState).attend())
    plugins.clock.advance(70)
    assert "seconds='70'" in asks(plugins, JULIET, query)


def answered(romeo, work, ns, payload):
    begun = Deferred.fromCoroutine(work)
    romeo.wire.answer(ns, payload)
    return now(begun)


def test_time_is_asked(plugins):
    api = plugins.plugin(EntityTimePlugin)
    payload = f"<time xmlns='{NS}'><tzo>-06:30</tzo><utc>2006-12-19T17:58:35Z</utc></time>"
    assert answered(plugins, api.get_time(JULIET), NS, payload) == EntityTime(1_166_551_115.0, -23_400)
    payload = payload.replace("-06:30", "Z")
    assert answered(plugins, api.get_time(JULIET), NS, payload).offset == 0


@pytest.mark.parametrize("zone", ["", "+99:00", "+01:00:00", "evil"])
def test_time_that_is_none(plugins, zone):
    api = plugins.plugin(EntityTimePlugin)
    with pytest.raises(NotFound):
        answered(plugins, api.get_time(JULIET), NS, f"<time xmlns='{NS}'><tzo>{zone}</tzo><utc>now</utc></time>")
    with pytest.raises(NotFound):
        answered(plugins, api.get_time(JULIET), NS, "")
    if zone:
        payload = f"<time xmlns='{NS}'><tzo>{zone}</tzo><utc>2006-12-19T17:58:35Z</utc></time>"
        with pytest.raises(NotFound):
            answered(plugins, api.get_time(JULIET), NS, payload)


def test_last_activity_is_asked(plugins):
    api = plugins.plugin(LastActivity)
    payload = f"<query xmlns='{LAST}' seconds='903'> Heading \n home </query>"
    assert answered(plugins, api.get_last(JULIET.bare), LAST, payload) == Activity(903, "Heading home")
    for seconds in ("", "-1", "1e9", "9" * 40, "٣"):
        with pytest.raises(NotFound):
            answered(plugins, api.get_last(JULIET), LAST, f"<query xmlns='{LAST}' seconds='{seconds}'/>")


@pytest.mark.parametrize(
    ("jid", "condition", "kind"),
    [
        (JULIET.bare, "service-unavailable", NotTold),
        (JULIET, "forbidden", NotTold),
        (JULIET, "item-not-found", PeerError),
        (JID("capulet.lit"), "service-unavailable", PeerError),
    ],
)
def test_who_does_not_tell_when_they_were_there_has_to_switch_it_on(plugins, jid, condition, kind):
    work = Deferred.fromCoroutine(plugins.plugin(LastActivity).get_last(jid))
    plugins.wire.refuse(LAST, condition)
    error = failure(work)
    assert type(error) is kind
    assert ("switch that on" in error.advice) == (kind is NotTold)
