import pytest
from support.romeo import FULL, OWN, now
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import FeatureMissing, InvalidArgument, PeerError
from sat.plugins.pubsub.plugin import Pubsub, payload_of
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.roster.plugin import Roster
from sat.xmpp import pubsub as wire
from sat.xmpp import xml

JULIET = JID("juliet@capulet.lit")
NODE = "urn:example:mood"


@pytest.fixture
def pubsub(romeo):
    pubsub = romeo.plug(Pubsub)
    romeo.plugin(Roster).contacts[JULIET] = Contact(JULIET, "", Subscription.BOTH, [])
    romeo.goes_online()
    return pubsub


@pytest.fixture
def events(romeo, pubsub):
    heard = []
    pubsub.undo(pubsub.listen(NODE, heard.append, "test"))
    return heard


def event(sender, inner="<item id='1'><mood xmlns='urn:example:mood'>glad</mood></item>", node=NODE, kind="headline"):
    return (
        f"<message from='{sender}' to='{FULL}' type='{kind}'><event xmlns='{wire.NS_EVENT}'>"
        f"<items node='{node}'>{inner}</items></event></message>"
    )


def asking(work):
    """A question, and what came of it."""
    told = []
    Deferred.fromCoroutine(work).addCallbacks(told.append, lambda failure: told.append(failure.value))
    return told


def items(*ids, page=""):
    inner = "".join(f"<item id='{id}'><mood xmlns='{NODE}'/></item>" for id in ids)
    return f"<pubsub xmlns='{wire.NS}'><items node='{NODE}'>{inner}</items>{page}</pubsub>"


@pytest.mark.parametrize("owner", [JULIET, OWN])
def test_the_owner_of_a_node_is_heard(romeo, events, owner):
    romeo.hears(event(owner))
    (heard,) = events
    assert heard.owner == owner
    assert xml.text_of(payload_of(heard, "mood", NODE)) == "glad"
    assert payload_of(heard, "mood", "urn:other") is None


@pytest.mark.parametrize(
    "forger", ["paris@verona.lit", "capulet.lit", "montague.lit", f"{OWN}.evil.lit", f"{JULIET}/b", f"{OWN}/evil"]
)
def test_nobody_else_is(romeo, events, forger):
    romeo.hears(event(forger))
    assert events == []


def test_only_who_listens_is_told_and_of_what_is_new(romeo, events):
    romeo.hears(event(JULIET, node="urn:example:other"))
    romeo.hears(event(JULIET, kind="error"))
    assert events == []


def test_what_is_gone_is_told(romeo, events):
    romeo.hears(event(JULIET, "<retract id='1'/><retract id='2'/>"))
    romeo.hears(event(JULIET).replace("<items", "<purge").replace("</items", "</purge"))
    assert [each.news.retracted for each in events] == [["1", "2"], []]
    assert [each.news.gone for each in events] == [False, True]
    assert payload_of(events[0], "mood", NODE) is None


def test_listening_is_announced_until_it_ends(romeo, pubsub):
    undo = pubsub.listen(NODE, print, "test")
    assert f"{NODE}+notify" in romeo.features
    undo()
    assert f"{NODE}+notify" not in romeo.features


def test_one_who_fails_is_not_in_the_way_of_others(romeo, pubsub, events, caplog):
    def fails(heard):
        raise ValueError

    undo = pubsub.listen(NODE, fails, "bad")
    romeo.hears(event(JULIET))
    undo()
    assert len(events) == 1
    assert "the plugin bad failed" in caplog.text


def test_a_flood_of_items_is_bounded(romeo, events):
    romeo.hears(event(JULIET, "<item id='x'/>" * 2_000 + "<retract id='y'/>" * 2_000))
    assert len(events[0].news.items) == len(events[0].news.retracted) == wire.MOST


def test_items_come_in_pages(romeo, pubsub):
    first = asking(pubsub.items(JULIET, NODE, most=2))
    (asked,) = [each for each in romeo.wire.asked if NODE in each]
    assert f"to='{JULIET}'" in asked
    assert "max_items='2'" in asked
    assert "<max>2</max>" in asked
    page = "<set xmlns='http://jabber.org/protocol/rsm'><last>b</last><count>9</count></set>"
    romeo.wire.answer(NODE, items("a", "b", "c", page=page))
    assert [each.id for each in first[0].items] == ["a", "b"], "no more than was asked for"
    assert (first[0].page.last, first[0].page.count) == ("b", 9)
    asking(pubsub.items(JULIET, NODE, most=2, after="b"))
    (asked,) = [each for each in romeo.wire.asked if NODE in each]
    assert "<after>b</after>" in asked
    assert "max_items" not in asked


def test_the_last_page_has_the_newest_also_where_nobody_knows_pages(romeo, pubsub):
    told = asking(pubsub.items(JULIET, NODE, most=2, before=""))
    (asked,) = [each for each in romeo.wire.asked if NODE in each]
    assert "max_items='2'" in asked
    assert "<before/>" in asked
    romeo.wire.answer(NODE, items("a", "b", "c"))
    assert [each.id for each in told[0].items] == ["b", "c"]


def test_single_items_can_be_asked_for(romeo, pubsub):
    asking(pubsub.items(None, NODE, ids=["x"]))
    assert f"<items node='{NODE}'><item id='x'/></items>" in romeo.wire.asked[-1]
    assert " to=" not in romeo.wire.asked[-1], "our own account"


def test_the_newest_is_nothing_where_there_is_none(romeo, pubsub):
    told = [asking(pubsub.newest(JULIET, NODE)) for _ in range(3)]
    romeo.wire.refuse(NODE, "item-not-found")
    romeo.wire.answer(NODE, items())
    romeo.wire.refuse(NODE, "forbidden")
    assert told[:2] == [[None], [None]]
    assert isinstance(told[2][0], PeerError)


def test_publishing_says_what_the_node_has_to_be_like(romeo, pubsub):
    told = asking(pubsub.publish(None, NODE, xml.element("mood", NODE), options={"pubsub#access_model": "open"}))
    asked = romeo.wire.asked[-1]
    assert f"<publish node='{NODE}'><item><mood xmlns='{NODE}'/></item></publish>" in asked
    assert "<value>http://jabber.org/protocol/pubsub#publish-options</value>" in asked
    assert "<field var='pubsub#access_model'><value>open</value></field>" in asked
    romeo.wire.answer(NODE, f"<pubsub xmlns='{wire.NS}'><publish node='{NODE}'><item id='9'/></publish></pubsub>")
    assert told == ["9"]


def test_a_node_of_ours_that_is_not_so_is_changed_first(romeo, pubsub):
    told = asking(pubsub.publish(None, NODE, None, id="current", options={"pubsub#access_model": "open"}))
    romeo.wire.refuse(NODE, "conflict", specific="precondition-not-met")
    romeo.wire.answer("configure")
    romeo.wire.answer("<publish ")
    assert told == ["current"]


def test_a_server_that_does_not_know_a_setting_while_publishing_has_the_node_made_first(romeo, pubsub):
    """ejabberd before 23.04 and max_items. What is private stays so: the node is there before the item is."""
    told = asking(pubsub.publish(None, NODE, None, id="current", options={"pubsub#max_items": "max"}))
    romeo.wire.refuse(NODE, "resource-constraint")
    assert "<create " in romeo.wire.asked[-1]
    romeo.wire.refuse("<create ", "conflict")  # it is there already
    assert "<value>max</value>" in romeo.wire.asked[-1]
    romeo.wire.answer("<configure ")
    assert "publish-options" not in romeo.wire.asked[-1]
    romeo.wire.answer("<publish ")
    assert told == ["current"]


def test_a_node_of_others_is_left_as_it_is(romeo, pubsub):
    told = asking(pubsub.publish(JID("pubsub.lit"), NODE, None, options={"pubsub#access_model": "open"}))
    romeo.wire.refuse(NODE, "conflict", specific="precondition-not-met")
    assert [type(each) for each in told] == [PeerError]


def test_a_server_without_is_told(romeo, pubsub):
    told = asking(pubsub.publish(None, NODE, None))
    romeo.wire.refuse(NODE, "service-unavailable")
    assert told == [FeatureMissing(who="montague.lit", feature="personal nodes (PEP)")]
    with pytest.raises(InvalidArgument):
        now(pubsub.publish(None, "x" * 2_000, None))


def test_nodes_and_items_are_looked_after(romeo, pubsub):
    service = JID("pubsub.lit")
    for work in (
        pubsub.create(service, NODE, {"pubsub#max_items": "5"}),
        pubsub.retract(service, NODE, "7"),
        pubsub.configure(service, NODE, {"pubsub#max_items": "6"}),
        pubsub.delete(service, NODE),
    ):
        asking(work)
    created, retracted, configured, deleted = romeo.wire.asked[-4:]
    assert f"<create node='{NODE}'/><configure>" in created
    assert f"<retract node='{NODE}' notify='true'><item id='7'/></retract>" in retracted
    assert f"<pubsub xmlns='{wire.NS_OWNER}'><configure node='{NODE}'>" in configured
    assert f"<delete node='{NODE}'/>" in deleted
