import pytest
from support.romeo import OWN, now
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import FeatureMissing, InvalidArgument, NotFound
from sat.api.messages import MessageState
from sat.plugins.blocking.api import Report
from sat.plugins.blocking.plugin import NS, NS_REPORTING, Blocking
from sat.plugins.presence.api import Presence, Show
from sat.plugins.presence.plugin import PresencePlugin
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.roster.plugin import Roster
from sat.storage.messages import NewMessage

PARIS, TYBALT, JULIET = JID("paris@verona.lit"), JID("tybalt@capulet.lit"), JID("juliet@capulet.lit")


@pytest.fixture
def blocking(romeo):
    blocking = romeo.plug(Blocking)
    for jid in (JULIET, TYBALT):
        romeo.plugin(Roster).contacts[jid] = Contact(jid, "", Subscription.BOTH, [])
    romeo.goes_online()
    romeo.wire.answer("<blocklist", f"<blocklist xmlns='{NS}'><item jid='{PARIS}'/><item jid='a@@b'/></blocklist>")
    return blocking


def push(way, *jids, sender=None):
    origin = f"from='{sender}'" if sender else ""
    items = "".join(f"<item jid='{jid}'/>" for jid in jids)
    return f"<iq type='set' id='p' {origin}><{way} xmlns='{NS}'>{items}</{way}></iq>"


def doing(romeo, work, holds, answer=""):
    work = Deferred.fromCoroutine(work)
    asked = next(each for each in romeo.wire.asked if holds in each)
    romeo.wire.answer(holds, answer)
    now(work)
    return asked


def test_the_list_comes_on_connecting_and_is_kept(romeo, blocking):
    assert now(blocking.get_blocked()) == [PARIS]
    romeo._plugins.pop(Blocking).stop()
    assert now(romeo.plug(Blocking).get_blocked()) == [PARIS]


def test_what_other_devices_do_is_pushed(romeo, blocking, record):
    changed = record(blocking.changed)
    romeo.hears(push("block", TYBALT))
    romeo.hears(push("unblock", PARIS, sender=OWN))
    romeo.hears(push("unblock"))
    assert changed == [[PARIS, TYBALT], [TYBALT], []]


@pytest.mark.parametrize("stranger", [PARIS, "capulet.lit", f"{OWN}.evil.lit", f"{OWN}/evil", "montague.lit"])
@pytest.mark.parametrize("way", ["block", "unblock"])
def test_a_push_from_a_stranger_changes_nothing(romeo, blocking, record, stranger, way):
    changed = record(blocking.changed)
    romeo.sent()
    romeo.hears(push(way, JULIET, PARIS, sender=stranger))
    romeo.hears(push(way, sender=stranger))
    assert changed == []
    assert all("service-unavailable" in each for each in romeo.sent())


def test_nonsense_unblocks_nobody(romeo, blocking):
    romeo.sent()
    romeo.hears(push("unblock", "a@@b"))
    romeo.hears(push("block"))
    assert ["bad-request" in each for each in romeo.sent()] == [True, True]
    assert now(blocking.get_blocked()) == [PARIS]


def test_blocking_and_unblocking(romeo, blocking, record):
    changed = record(blocking.changed)
    asked = doing(romeo, blocking.block(JID(f"{TYBALT}/sword")), "<block ")
    assert f"<block xmlns='{NS}'><item jid='{TYBALT}'/></block>" in asked
    romeo.hears(push("block", TYBALT))  # the server tells us, too
    asked = doing(romeo, blocking.unblock(TYBALT), "<unblock ")
    assert f"<item jid='{TYBALT}'/>" in asked
    assert changed == [[PARIS, TYBALT], [PARIS]]
    with pytest.raises(NotFound, match="tybalt"):
        now(blocking.unblock(TYBALT))


@pytest.mark.parametrize("jid", [OWN, JID("montague.lit")])
def test_nobody_blocks_themselves(romeo, blocking, jid):
    with pytest.raises(InvalidArgument):
        now(blocking.block(jid))


def test_who_is_blocked_is_not_there(romeo, blocking, record):
    for sender in (f"{TYBALT}/a", f"{JULIET}/b"):
        romeo.hears(f"<presence from='{sender}'/>")
    romeo.clock.advance(1)
    changed = record(romeo.plugin(PresencePlugin).changed)
    romeo.hears(push("block", TYBALT))
    romeo.clock.advance(1)
    assert changed == [[Presence(JID(f"{TYBALT}/a"), Show.OFFLINE)]]
    romeo.hears(push("block", "capulet.lit"))
    romeo.clock.advance(1)
    assert now(romeo.plugin(PresencePlugin).get_presences()) == []


def info(*features):
    inner = "".join(f"<feature var='{each}'/>" for each in features)
    return f"<query xmlns='http://jabber.org/protocol/disco#info'>{inner}</query>"


def test_a_report_says_why(romeo, blocking):
    work = Deferred.fromCoroutine(blocking.block(TYBALT, Report.SPAM, " Buy swords! "))
    romeo.wire.answer("disco#info", info(NS_REPORTING))
    (asked,) = [each for each in romeo.wire.asked if "<block " in each]
    assert "reason='urn:xmpp:reporting:spam'><text>Buy swords!</text></report>" in asked
    romeo.wire.answer("<block ")
    now(work)
    with pytest.raises(InvalidArgument):
        now(blocking.block(TYBALT, Report.ABUSE, "x" * 5_000))


def test_a_report_names_messages_that_our_archive_has(romeo, blocking):
    archive = romeo.messages
    sword, other = JID(f"{TYBALT}/sword"), JID("archive.elsewhere.lit")
    kept, apart, none, mine = now(
        archive.add(
            [
                NewMessage(TYBALT, sword, False, "swords", 1.0, MessageState.UNREAD, archive=OWN, archive_id="a1"),
                NewMessage(TYBALT, sword, False, "cheap", 2.0, MessageState.UNREAD, archive=other, archive_id="x"),
                NewMessage(TYBALT, sword, False, "buy", 3.0, MessageState.UNREAD),
                NewMessage(TYBALT, OWN, True, "no", 4.0, MessageState.SENT),
            ]
        )
    )
    ids = [kept.id, apart.id, none.id]
    work = Deferred.fromCoroutine(blocking.block(TYBALT, Report.SPAM, "", ids))
    romeo.wire.answer("disco#info", info(NS_REPORTING))
    (asked,) = [each for each in romeo.wire.asked if "<block " in each]
    assert asked.count("<stanza-id") == 1
    assert f"<stanza-id xmlns='urn:xmpp:sid:0' by='{OWN}' id='a1'/></report>" in asked
    romeo.wire.answer("<block ")
    now(work)
    for id, error in ((mine.id, InvalidArgument), ("nothing", NotFound)):
        with pytest.raises(error):
            now(blocking.block(TYBALT, Report.SPAM, "", [id]))
    with pytest.raises(InvalidArgument, match="report only"):
        now(blocking.block(TYBALT, messages=ids))
    with pytest.raises(InvalidArgument, match="at most"):
        now(blocking.block(TYBALT, Report.SPAM, "", ids * 7))


def test_a_report_that_nobody_would_read_is_not_made(romeo, blocking):
    work = Deferred.fromCoroutine(blocking.block(TYBALT, Report.ABUSE))
    romeo.wire.answer("disco#info", info())
    with pytest.raises(FeatureMissing, match="reports"):
        now(work)
    assert not any("<block " in each for each in romeo.wire.asked)


def test_a_server_without_is_told(romeo):
    blocking = romeo.plug(Blocking)
    romeo.goes_online()
    romeo.wire.refuse("<blocklist", "service-unavailable")
    for work in (blocking.get_blocked(), blocking.block(TYBALT), blocking.unblock(TYBALT)):
        with pytest.raises(FeatureMissing, match="support blocking"):
            now(work)


def test_it_may_lack_it_only_for_us(romeo, blocking):
    work = Deferred.fromCoroutine(blocking.block(TYBALT))
    romeo.wire.refuse("<block ", "feature-not-implemented")
    with pytest.raises(FeatureMissing):
        now(work)
    assert now(blocking.get_blocked()) == [PARIS]


def test_who_is_blocked_no_longer_is_looked_for(romeo, blocking):
    romeo.hears(push("block", TYBALT))
    romeo.sent()
    romeo.hears(push("unblock", TYBALT))
    assert [each for each in romeo.sent() if "probe" in each] == [f"<presence to='{TYBALT}' type='probe'/>"]


def test_who_is_blocked_asks_no_more(romeo, blocking):
    romeo.hears(f"<presence from='{PARIS.replace('paris', 'count')}' type='subscribe'/>")
    romeo.hears(push("block", "count@verona.lit"))
    assert now(romeo.plugin(PresencePlugin).get_requests()) == []
