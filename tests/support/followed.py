"""What services of posts tell and are asked, for the tests of the timeline."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.posts import MICROBLOG, Place
from sat.plugins.blog import atom
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.roster.plugin import Roster
from sat.plugins.timeline import looking, plugin, wire
from sat.xmpp import pubsub
from sat.xmpp.times import format_stamp
from support.romeo import FULL, OWN, now

JULIET = JID("juliet@capulet.lit")
BLOG, MINE = Place(JULIET), Place(OWN)
CLUB = Place(JID("pubsub.verona.lit"), "club")
STRANGER = Place(JID("paris@verona.lit"))
LIST = wire.NODE


def befriend(romeo, jid, subscription=Subscription.BOTH):
    romeo.plugin(Roster).contacts[jid] = Contact(jid, "", subscription, [])


def goes_online(romeo, listed=""):
    romeo.goes_online()
    answer_list(romeo, listed)
    romeo.clock.advance(looking.FIRST[1])
    refuse_all(romeo)


def answer_list(romeo, listed=""):
    romeo.wire.answer(LIST, items(listed, LIST))
    info = f"<query xmlns='http://jabber.org/protocol/disco#info'><feature var='{pubsub.PUBLISH_OPTIONS}'/></query>"
    romeo.wire.answer(f"<iq to='{OWN}'", info)


def refuse_all(romeo):
    """Nobody has what they are asked for."""
    for _ in range(100):
        wanted = [each for each in asked(romeo) if "<items" in each]
        if not wanted:
            break
        for _ in wanted:
            romeo.wire.refuse("<items", "item-not-found")
        romeo.clock.advance(looking.PAUSE[1])
    romeo.clock.advance(1)


def items(inner, node=MICROBLOG, page=""):
    return f"<pubsub xmlns='{pubsub.NS}'><items node='{node}'>{inner}</items>{page}</pubsub>"


def item(id="1", text="Hello", ago=0.0, more="", at=1_750_000_000):
    entry = (
        f"<entry xmlns='{atom.NS}'><title>{text}</title><published>{format_stamp(at - ago)}</published>"
        f"<updated>{format_stamp(at - ago)}</updated>{more}</entry>"
    )
    return f"<item id='{id}'>{entry}</item>"


def event(romeo, place, inner, sender=None):
    romeo.hears(
        f"<message from='{sender or place.service}' to='{FULL}' type='headline'><event xmlns='{pubsub.NS_EVENT}'>"
        f"<items node='{place.node}'>{inner}</items></event></message>"
    )
    settle(romeo)


def asked(romeo):
    """What was asked of services of posts."""
    servers = [f"<iq to='{jid.domain}'" for jid in (OWN, JULIET)]  # these are asked what kind of server they are
    return [each for each in romeo.wire.asked if not each.startswith((*servers, "<iq type='get'")) or "items" in each]


def settle(romeo):
    romeo.clock.advance(plugin.SOON)
    romeo.clock.advance(plugin.SOON)


def texts(timeline, **how):
    return [each.text for each in now(timeline.get_timeline(**how))]


def started(work):
    """What a call that waits will give."""
    told = []
    Deferred.fromCoroutine(work).addCallbacks(told.append, lambda failure: told.append(failure.value))
    return told


def follow(romeo, timeline, node):
    told = started(timeline.follow(node))
    romeo.wire.answer("<subscribe")
    for each in asked(romeo):
        if "disco#info" in each and node.service in each:
            romeo.wire.refuse(each, "feature-not-implemented")
    assert told == [None]


def listed(place, title=""):
    title = f"<title>{title}</title>" if title else ""
    return (
        f"<item id='{wire.id_of(place, OWN)}'><subscription xmlns='{wire.NS}' server='{place.service}'"
        f" node='{place.node}'>{title}</subscription></item>"
    )
