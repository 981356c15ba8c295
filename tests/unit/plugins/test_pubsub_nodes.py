"""Nodes and items for people and scripts: what is asked, what is told, what is kept."""

import pytest
from support.romeo import FULL, OWN, now
from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import InvalidArgument, NotFound, PeerError
from sat.api.posts import NOWHERE, Place
from sat.plugins.pubsub import public
from sat.plugins.pubsub.api import EventKind, Hit, Node, Stored, Subscription
from sat.plugins.pubsub_nodes import keeping, pages
from sat.plugins.pubsub_nodes.plugin import PubsubNodes
from sat.plugins.roster.api import Contact
from sat.plugins.roster.api import Subscription as Bond
from sat.plugins.roster.plugin import Roster
from sat.xmpp import pubsub as wire

SERVICE = JID("pubsub.verona.lit")
NODE = Place(SERVICE, "sensors")
MINE = Place(OWN, "notes")
JULIET = JID("juliet@capulet.lit")
RSM = "http://jabber.org/protocol/rsm"


@pytest.fixture
def nodes(romeo):
    nodes = romeo.plug(PubsubNodes)
    romeo.told = []
    nodes.undo(nodes.happened.connect(romeo.told.append))
    romeo.goes_online()
    return nodes


def started(work):
    told = []
    Deferred.fromCoroutine(work).addCallbacks(told.append, lambda failure: told.append(failure.value))
    return told


def item(id, text="warm", more=""):
    return f"<item id='{id}'{more}><t xmlns='urn:t'>{text}</t></item>"


def items(*inner, page=""):
    return f"<pubsub xmlns='{wire.NS}'><items node='sensors'>{''.join(inner)}</items>{page}</pubsub>"


def page(first, last, count):
    return f"<set xmlns='{RSM}'><first>{first}</first><last>{last}</last><count>{count}</count></set>"


def event(romeo, inner, owner=SERVICE, node="sensors", kind="items"):
    romeo.hears(
        f"<message from='{owner}' to='{FULL}' type='headline'><event xmlns='{wire.NS_EVENT}'>"
        f"<{kind} node='{node}'>{inner}</{kind}></event></message>"
    )
    romeo.turn()


def ids(page):
    return [each.id for each in page.items]


def subscribe(romeo, nodes, node=NODE):
    told = started(nodes.subscribe(node))
    romeo.wire.answer("<subscribe")
    return told


def stored(nodes, node=NODE):
    return ids(now(nodes.get_stored(node)))


def sync(romeo, nodes, *inner, page=""):
    told = started(nodes.sync(NODE))
    romeo.wire.answer("<subscribe")
    romeo.wire.answer("<items", items(*inner, page=page))
    return told


# -- items -------------------------------------------------------------------------------------------------------


def test_the_newest_page_says_where_it_goes_on(romeo, nodes):
    told = started(nodes.get_items(NODE, [], count=2))
    assert "<max>2</max><before/>" in romeo.wire.asked[-1]
    romeo.wire.answer("<items", items(item("b", "&lt;x/>"), item("c"), page=page("B", "C", 3)))
    (found,) = told
    assert (ids(found), found.first, found.last, found.total) == (["b", "c"], "B", "", 3)
    assert found.items[0].xml == "<t xmlns='urn:t'>&lt;x/&gt;</t>"
    told = started(nodes.get_items(NODE, [], before="B", count=2))
    romeo.wire.answer("<before>B</before>", items(item("a"), page=page("A", "A", 3)))
    assert (ids(told[0]), told[0].first, told[0].last) == (["a"], "", "A")


def test_the_oldest_page_goes_forward(romeo, nodes):
    told = started(nodes.get_items(NODE, [], count=2, oldest=True))
    assert "<before" not in romeo.wire.asked[-1]
    romeo.wire.answer("<items", items(item("a"), item("b"), page=page("A", "B", 3)))
    assert (ids(told[0]), told[0].first, told[0].last) == (["a", "b"], "", "B")
    told = started(nodes.get_items(NODE, [], after="B", count=2))
    romeo.wire.answer("<after>B</after>", items(item("c"), page=page("C", "C", 3)))
    assert (ids(told[0]), told[0].first, told[0].last) == (["c"], "C", "")


def test_all_in_one_page_leads_nowhere(romeo, nodes):
    told = started(nodes.get_items(NODE, [], count=2))
    romeo.wire.answer("<items", items(item("a"), item("b"), page=page("A", "B", 2)))
    assert (told[0].first, told[0].last) == ("", "")


def test_a_service_that_knows_no_pages_is_asked_for_all(romeo, nodes):
    every = items(*map(item, "abcde"))
    told = started(nodes.get_items(NODE, [], count=2))
    romeo.wire.answer("<items", items(item("d"), item("e")))
    assert (ids(told[0]), told[0].first, told[0].total) == (["d", "e"], "d", -1)
    seen = []
    for where in ({"before": "d"}, {"before": "b"}, {"oldest": True}, {"after": "b"}, {"after": "e"}):
        told = started(nodes.get_items(NODE, [], count=2, **where))
        for _ in range(2):
            romeo.wire.answer("<items", every)
        seen.append((ids(told[0]), told[0].first, told[0].last, told[0].total))
    assert seen == [
        (["b", "c"], "b", "c", 5),
        (["a"], "", "a", 5),
        (["a", "b"], "", "b", 5),
        (["c", "d"], "c", "d", 5),
        ([], "", "", 5),
    ]
    told = started(nodes.get_items(NODE, [], after="gone", count=2))
    for _ in range(2):
        romeo.wire.answer("<items", every)
    assert isinstance(told[0], InvalidArgument)


def test_single_items_are_those_that_were_asked_for(romeo, nodes):
    told = started(nodes.get_items(NODE._replace(id="a"), ["b"]))
    assert "<item id='a'/><item id='b'/>" in romeo.wire.asked[-1]
    romeo.wire.answer("<items", items(item("b", more=" publisher='juliet@capulet.lit'"), item("z")))
    assert [each[::2] for each in told[0].items] == [("b", JULIET)]
    for answer in (items(), None):
        told = started(nodes.get_items(NODE, ["a"]))
        if answer is None:
            romeo.wire.refuse("<items", "item-not-found")
        else:
            romeo.wire.answer("<items", answer)
        assert isinstance(told[0], NotFound)
        assert "item a" in str(told[0])


@pytest.mark.parametrize(
    "how", [{"count": 0}, {"count": 501}, {"after": "a", "before": "b"}, {"after": "a", "oldest": True}]
)
def test_what_is_no_page_is_not_asked_for(romeo, nodes, how):
    with pytest.raises(InvalidArgument):
        now(nodes.get_items(NODE, [], **how))
    with pytest.raises(InvalidArgument):
        now(nodes.get_items(NOWHERE, []))
    with pytest.raises(InvalidArgument):
        now(nodes.get_items(NODE, ["x" * 2000]))
    assert not any("<items" in each for each in romeo.wire.asked)


def test_what_was_short_in_a_stanza_may_not_become_long(romeo, nodes):
    spaces = f"xmlns:p='{'u' * 500}' xmlns:q='{'v' * 500}'"
    told = started(nodes.get_items(NODE, []))
    romeo.wire.answer(
        "<items", items(f"<item id='a'><t xmlns='urn:t' {spaces}>{'<p:a/><q:a/>' * 2000}</t></item>", item("b"))
    )
    assert [bool(each.xml) for each in told[0].items] == [False, True]


def test_an_item_is_published_as_it_was_written(romeo, nodes):
    told = started(nodes.publish(NODE, " <t xmlns='urn:t' a='1'>ä &amp; <b/></t>\n", {"pubsub#access_model": ["open"]}))
    asked = romeo.wire.asked[-1]
    assert "<publish node='sensors'><item><t xmlns='urn:t' a='1'>ä &amp; <b/></t></item></publish>" in asked
    assert "<field var='pubsub#access_model'><value>open</value></field>" in asked
    answer = f"<pubsub xmlns='{wire.NS}'><publish node='sensors'><item id='made'/></publish></pubsub>"
    romeo.wire.answer("<publish", answer)
    assert told == [NODE._replace(id="made")]
    told = started(nodes.publish(NODE._replace(id="mine"), "", {}))
    assert "<item id='mine'/>" in romeo.wire.asked[-1]
    romeo.wire.answer("<publish")
    assert told == [NODE._replace(id="mine")]


def test_a_node_of_ours_is_not_changed_by_what_a_publication_wants(romeo, nodes):
    told = started(nodes.publish(MINE, "<t xmlns='urn:t'/>", {"pubsub#access_model": ["open"]}))
    romeo.wire.refuse("<publish", "conflict", specific="precondition-not-met")
    assert str(told[0]) == "The node is not as it was to be, so nothing was published."
    assert not any("publish" in each or "configure" in each for each in romeo.wire.asked)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<t>", "it is not well-formed XML"),
        ("words", "it is not one element"),
        ("<a xmlns='u'/><b xmlns='u'/>", "it is not one element"),
        ("<t/>", "is in no namespace"),
        ("<!DOCTYPE t [<!ENTITY x 'y'>]><t xmlns='u'>&x;</t>", "it is not well-formed XML"),
        ("<t xmlns='u'>&x;</t>", "it is not well-formed XML"),
        ("<t xmlns='u'><!-- c --></t>", "it holds a comment"),
        ("<t xmlns='u'><?php x?></t>", "it holds a processing instruction"),
        ("<t xmlns='u'>" + "<a>" * 200 + "</a>" * 200 + "</t>", "too many elements"),
        (f"<t xmlns='u'>{'x' * pages.LARGEST}</t>", "too long"),
        ("</text><text>", "it is not"),
    ],
)
def test_what_is_no_xml_is_told_in_a_sentence(romeo, nodes, text, said):
    with pytest.raises(InvalidArgument) as caught:
        now(nodes.publish(NODE, text, {}))
    assert said in str(caught.value)
    assert not any("<publish" in each for each in romeo.wire.asked)


def test_items_are_taken_back_one_by_one(romeo, nodes):
    told = started(nodes.retract([NODE._replace(id="a"), MINE._replace(id="b")], False))
    assert "<retract node='sensors' notify='false'><item id='a'/>" in romeo.wire.asked[-1]
    romeo.wire.answer("<retract")
    romeo.wire.refuse("<item id='b'/>", "item-not-found")
    assert str(told[0]) == "There is no item b."
    with pytest.raises(InvalidArgument):
        now(nodes.retract([NODE]))


def test_an_item_is_renamed_where_the_new_id_is_free(romeo, nodes):
    told = started(nodes.rename(NODE._replace(id="a"), "b"))
    romeo.wire.answer("<item id='a'/>", items(item("a", "cold")))
    romeo.wire.answer("<item id='b'/>", items())
    assert "<item id='b'><t xmlns='urn:t'>cold</t></item>" in romeo.wire.asked[-1]
    romeo.wire.answer("<publish")
    romeo.wire.answer("<retract")
    assert told == [NODE._replace(id="b")]
    told = started(nodes.rename(NODE._replace(id="a"), "b"))
    romeo.wire.answer("<item id='a'/>", items(item("a")))
    romeo.wire.answer("<item id='b'/>", items(item("b")))
    assert str(told[0]) == "The item b exists already."
    for place, id in ((NODE, "b"), (NODE._replace(id="a"), ""), (NODE._replace(id="a"), "a")):
        with pytest.raises(InvalidArgument):
            now(nodes.rename(place, id))


# -- nodes -------------------------------------------------------------------------------------------------------


def test_nodes_are_listed_made_emptied_and_deleted(romeo, nodes):
    told = started(nodes.get_nodes(SERVICE))
    found = f"<item jid='{SERVICE}' node='a' name='A'/><item jid='chat.verona.lit'/>"
    romeo.wire.answer("disco#items", f"<query xmlns='http://jabber.org/protocol/disco#items'>{found}</query>")
    assert told == [[Node(SERVICE, "a", "A")]]
    told = started(nodes.create_node(NODE, {"pubsub#max_items": ["9"]}))
    assert "<create node='sensors'/><configure>" in romeo.wire.asked[-1]
    romeo.wire.answer("<create")
    assert told == [NODE]
    told = started(nodes.create_node(Place(SERVICE, ""), {}))
    romeo.wire.answer("<create/>", f"<pubsub xmlns='{wire.NS}'><create node='x1'/></pubsub>")
    assert told == [Place(SERVICE, "x1")]
    told = started(nodes.create_node(NODE, {}))
    romeo.wire.refuse("<create", "conflict")
    assert str(told[0]) == "The node sensors of pubsub.verona.lit exists already."
    for work, holds in ((nodes.purge_node(NODE), "<purge"), (nodes.delete_node(NODE), "<delete")):
        told = started(work)
        romeo.wire.answer(f"{holds} node='sensors'/>")
        assert told == [None]


def configuration(name="configure"):
    form = "<x xmlns='jabber:x:data' type='form'><field var='FORM_TYPE' type='hidden'><value>n</value></field>"
    form += "<field var='pubsub#title' label='A title'><value>Old</value></field></x>"
    return f"<pubsub xmlns='{wire.NS_OWNER}'><{name}>{form}</{name}></pubsub>"


def test_settings_are_a_form_and_are_changed_one_by_one(romeo, nodes):
    for node, holds, name in ((NODE, "<configure node=", "configure"), (Place(SERVICE, ""), "<default/>", "default")):
        told = started(nodes.get_configuration(node))
        romeo.wire.answer(holds, configuration(name))
        assert [(each.name, each.label, each.values) for each in told[0].fields][1] == (
            "pubsub#title", "A title", ["Old"],
        )  # fmt: skip
    told = started(nodes.set_configuration(NODE, {"pubsub#title": ["New"]}))
    romeo.wire.answer("<configure", configuration())
    assert "<field var='pubsub#title'><value>New</value></field>" in romeo.wire.asked[-1]
    romeo.wire.answer("<configure")
    assert told == [None]
    told = started(nodes.set_configuration(NODE, {"pubsub#titel": ["New"]}))
    romeo.wire.answer("<configure", configuration())
    assert str(told[0]) == "The node has no setting “pubsub#titel”."
    for wrong in ({"": ["x"]}, {"FORM_TYPE": ["x"]}, {"x": ["y"] * 999}):
        with pytest.raises(InvalidArgument):
            now(nodes.set_configuration(NODE, wrong))


def test_who_is_what_at_a_node(romeo, nodes):
    told = started(nodes.get_affiliations(NODE))
    inner = f"<affiliation jid='{JULIET}' affiliation='owner'/><affiliation jid='@' affiliation='member'/>"
    romeo.wire.answer("<affiliations", f"<pubsub xmlns='{wire.NS_OWNER}'><affiliations>{inner}</affiliations></pubsub>")
    assert told == [{JULIET: "owner"}]
    told = started(nodes.set_affiliations(NODE, {JULIET: "none"}))
    romeo.wire.answer(f"<affiliation jid='{JULIET}' affiliation='none'/>")
    assert told == [None]
    with pytest.raises(InvalidArgument):
        now(nodes.set_affiliations(NODE, {JULIET: "king"}))
    told = started(nodes.get_own_affiliations(SERVICE))
    inner = "<affiliation node='a' affiliation='owner'/><affiliation affiliation='member'/>"
    romeo.wire.answer("<affiliations/>", f"<pubsub xmlns='{wire.NS}'><affiliations>{inner}</affiliations></pubsub>")
    assert told == [{"a": "owner"}]


# -- subscriptions -----------------------------------------------------------------------------------------------


def subscription(node="sensors", jid=OWN, more=""):
    return f"<subscription node='{node}' jid='{jid}' subscription='subscribed'{more}/>"


def test_what_is_told_of_a_subscription(romeo, nodes):
    told = started(nodes.subscribe(NODE))
    pending = subscription(more=" subid='7'").replace("'subscribed'", "'pending'")
    romeo.wire.answer("<subscribe", f"<pubsub xmlns='{wire.NS}'>{pending}</pubsub>")
    assert told == [Subscription("sensors", OWN, "pending", "7")]
    told = started(nodes.get_own_subscriptions(SERVICE))
    inner = subscription() + subscription("b", "paris@verona.lit")
    romeo.wire.answer("<subscriptions/>", f"<pubsub xmlns='{wire.NS}'><subscriptions>{inner}</subscriptions></pubsub>")
    assert told == [[Subscription("sensors", OWN, "subscribed")]]
    told = started(nodes.get_subscriptions(NODE))
    inner = f"<subscription jid='{JULIET}' subscription='subscribed'/><subscription jid='@'/>"
    romeo.wire.answer(
        "<subscriptions",
        f"<pubsub xmlns='{wire.NS_OWNER}'><subscriptions node='sensors'>{inner}</subscriptions></pubsub>",
    )
    assert told == [[Subscription("sensors", JULIET, "subscribed")]]
    told = started(nodes.set_subscriptions(NODE, {JULIET: "none"}))
    romeo.wire.answer(f"<subscription jid='{JULIET}' subscription='none'/>")
    assert told == [None]
    with pytest.raises(InvalidArgument):
        now(nodes.set_subscriptions(NODE, {JULIET: "owner"}))


def test_a_service_that_wants_the_id_of_a_subscription_gets_it(romeo, nodes):
    told = started(nodes.unsubscribe(NODE))
    romeo.wire.refuse("<unsubscribe", "bad-request", specific="subid-required")
    inner = subscription(more=" subid='7'") + subscription("other", more=" subid='8'")
    romeo.wire.answer("<subscriptions/>", f"<pubsub xmlns='{wire.NS}'><subscriptions>{inner}</subscriptions></pubsub>")
    romeo.wire.answer("subid='7'")
    assert told == [None]


def test_what_somebody_tells_of_their_subscriptions(romeo, nodes):
    told = started(nodes.get_public_subscriptions(JULIET))
    listed = "".join(
        f"<item id='{number}'><subscription xmlns='urn:xmpp:pps:0' {attributes}/></item>"
        for number, attributes in enumerate((f"jid='{SERVICE}' node='a'", "jid='@' node='a'", f"jid='{SERVICE}'"))
    )
    romeo.wire.answer("urn:xmpp:pps:subscriptions:0", items(listed))
    older = f"<item id='x'><subscription xmlns='{list(public.LISTS)[1]}:0' server='{SERVICE}' node='b'/></item>"
    romeo.wire.answer("urn:xmpp:pubsub:subscription", items(older, older.replace("'b'", "'a'")))
    assert told == [[Place(SERVICE, "a"), Place(SERVICE, "b")]]
    told = started(nodes.get_public_subscriptions(JULIET))
    for _ in range(2):
        romeo.wire.refuse("<items", "forbidden")
    assert told == [[]]


# -- events ------------------------------------------------------------------------------------------------------


def test_events_of_what_we_have_subscribed_to_are_told(romeo, nodes):
    subscribe(romeo, nodes)
    event(romeo, item("a") + "<retract id='b'/>")
    event(romeo, "", kind="purge")
    event(romeo, "", kind="delete")
    assert [(each.node, each.kind, [one.id for one in each.items]) for each in romeo.told] == [
        (NODE, EventKind.PUBLISHED, ["a"]),
        (NODE, EventKind.RETRACTED, ["b"]),
        (NODE, EventKind.PURGED, []),
        (NODE, EventKind.DELETED, []),
    ]
    assert romeo.told[0].items[0].xml == "<t xmlns='urn:t'>warm</t>"


def test_events_of_our_own_account_are_told(romeo, nodes):
    event(romeo, item("a"), OWN, "notes")
    assert [each.node for each in romeo.told] == [MINE]


@pytest.mark.parametrize("sender", [JULIET, "paris@verona.lit", "verona.lit", f"{SERVICE}/x", f"{OWN}/evil"])
def test_what_others_send_unasked_is_not(romeo, nodes, sender):
    romeo.plugin(Roster).contacts[JULIET] = Contact(JULIET, "", Bond.BOTH, [])
    subscribe(romeo, nodes)
    nodes.undo(nodes.pubsub.listen("mood", print, "test"))
    event(romeo, item("a"), sender)
    event(romeo, item("a"), sender, "mood")
    event(romeo, item("a"), SERVICE, "another")
    assert romeo.told == []


def test_who_unsubscribes_is_told_no_more_and_that_is_remembered(romeo, nodes):
    subscribe(romeo, nodes)
    again = PubsubNodes.start(romeo)
    now(again.load())
    assert NODE in again._subscribed
    again.stop()
    told = started(nodes.unsubscribe(NODE))
    romeo.wire.answer("<unsubscribe")
    assert told == [None]
    event(romeo, item("a"))
    assert romeo.told == []
    again = PubsubNodes.start(romeo)
    now(again.load())
    assert not again._subscribed
    again.stop()


def test_subscriptions_of_other_programs_are_learned(romeo, nodes):
    started(nodes.get_own_subscriptions(SERVICE))
    romeo.wire.answer(
        "<subscriptions/>", f"<pubsub xmlns='{wire.NS}'><subscriptions>{subscription()}</subscriptions></pubsub>"
    )
    event(romeo, item("a"))
    assert len(romeo.told) == 1


# -- what is kept ------------------------------------------------------------------------------------------------


def test_a_node_is_kept_and_found_without_a_connection(romeo, nodes):
    assert sync(romeo, nodes, item("a", "cold night"), item("b")) == [2]
    romeo.goes_offline()
    assert stored(nodes) == ["b", "a"]
    (hit,) = now(nodes.search("nig", []))
    assert (hit.place, hit.item.xml) == (NODE._replace(id="a"), "<t xmlns='urn:t'>cold night</t>")
    assert isinstance(hit, Hit)
    assert now(nodes.search("cold", [MINE])) == []
    assert ids(now(nodes.get_stored(NODE._replace(id="a")))) == ["a"]
    assert now(nodes.get_stored_nodes()) == [Stored(NODE, 2)]
    newest = now(nodes.get_stored(NODE, 1))
    assert ids(now(nodes.get_stored(NODE, 1, newest.last))) == ["a"]
    for place in (MINE, NODE._replace(id="z")):
        with pytest.raises(NotFound):
            now(nodes.get_stored(place))
    with pytest.raises(InvalidArgument):
        now(nodes.get_stored(NODE, 1, "x"))


def test_events_keep_it_fresh(romeo, nodes):
    sync(romeo, nodes, item("a"), item("b"))
    event(romeo, item("c") + item("a", "hot"))
    assert stored(nodes) == ["a", "c", "b"]
    event(romeo, "<retract id='c'/>")
    assert stored(nodes) == ["a", "b"]
    event(romeo, item("d"), node="other")
    event(romeo, item("d"), "paris@verona.lit")
    assert stored(nodes) == ["a", "b"]
    event(romeo, "<item id='e'/>")
    romeo.wire.answer("<items", items(item("b"), item("e"), page=page("B", "E", 2)))
    romeo.wire.answer("<items", items(item("b"), item("e"), page=page("B", "E", 2)))
    assert stored(nodes) == ["e", "b"]
    event(romeo, "", kind="purge")
    assert stored(nodes) == []
    romeo.clock.advance(keeping.PAUSE[1])


def test_what_was_missed_is_fetched_after_a_new_log_in(romeo, nodes):
    sync(romeo, nodes, item("a"), item("b"))
    romeo.goes_offline()
    romeo.goes_online()
    romeo.clock.advance(keeping.FIRST[1])
    romeo.wire.answer("<items", items(item("c"), page=page("C", "C", 3)))
    assert stored(nodes) == ["c", "b", "a"], "nothing else is missing"
    assert not any("<items" in each for each in romeo.wire.asked)
    romeo.clock.advance(keeping.PAUSE[1])
    romeo.goes_offline()
    romeo.goes_online()
    romeo.clock.advance(keeping.FIRST[1])
    romeo.wire.answer("<items", items(item("d"), page=page("D", "D", 3)))
    romeo.wire.answer("<items", items(item("a"), item("b"), item("d"), page=page("A", "D", 3)))
    assert stored(nodes) == ["d", "b", "a"]
    romeo.clock.advance(keeping.PAUSE[1])


def test_a_node_that_is_gone_or_closed_is_kept_quietly(romeo, nodes, caplog):
    sync(romeo, nodes, item("a"))
    for condition, left in (("forbidden", ["a"]), ("item-not-found", [])):
        romeo.goes_offline()
        romeo.goes_online()
        romeo.clock.advance(keeping.FIRST[1])
        romeo.wire.refuse("<items", condition)
        romeo.clock.advance(keeping.PAUSE[1])
        assert stored(nodes) == left


def test_it_is_forgotten_and_the_service_told(romeo, nodes):
    sync(romeo, nodes, item("a"))
    told = started(nodes.forget([]))
    romeo.wire.answer("<unsubscribe")
    assert told == [1]
    assert now(nodes.get_stored_nodes()) == []
    event(romeo, item("b"))
    assert romeo.told == []


def test_what_a_person_has_subscribed_to_is_told_on(romeo, nodes):
    subscribe(romeo, nodes)
    sync(romeo, nodes, item("a"))
    assert now(nodes.forget([NODE])) == 1
    assert not any("<unsubscribe" in each for each in romeo.wire.asked)
    event(romeo, item("b"))
    assert len(romeo.told) == 1


def test_only_what_is_old_is_forgotten(romeo, nodes):
    sync(romeo, nodes, item("a"))
    romeo.clock.advance(100)
    event(romeo, item("b"))
    assert now(nodes.forget([NODE], romeo.now() - 50)) == 1
    assert stored(nodes) == ["b"]


def test_what_cannot_be_fetched_is_not_kept(romeo, nodes):
    told = started(nodes.sync(NODE))
    romeo.wire.answer("<subscribe")
    romeo.wire.refuse("<items", "forbidden")
    romeo.wire.answer("<unsubscribe")
    assert isinstance(told[0], PeerError)
    assert now(nodes.get_stored_nodes()) == []


def test_as_many_nodes_as_there_is_room_for(romeo, nodes, monkeypatch):
    monkeypatch.setattr(keeping, "NODES", 1)
    sync(romeo, nodes, item("a"))
    with pytest.raises(InvalidArgument):
        now(nodes.sync(MINE))
