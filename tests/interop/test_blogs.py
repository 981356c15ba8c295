"""Blogs at each kind of server: published by one profile, read and commented on by others, and by foreign clients."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from support.peer import Peer
from support.talk import faults, is_online, wait

from sat.api import JID
from sat.api.errors import FeatureMissing, InvalidArgument, NoComments, NotFound, PeerError, PostExists
from sat.api.places import to_uri
from sat.api.posts import HEART, MICROBLOG, NOWHERE, Audience, Draft, Enclosure, Place, Post, Translation
from sat.plugins.blog.api import Access
from sat.world import PASSWORD, Ejabberd, World
from sat.world.people import run

ATOM = "{http://www.w3.org/2005/Atom}"
PUBSUB = "http://jabber.org/protocol/pubsub"


def told(world: World) -> bool:
    """Whether the server tells who has published what, and lets them alone change it: Prosody 0.12 does not."""
    return isinstance(world.server, Ejabberd)


@pytest.fixture(scope="module")
def people(any_world: World, alice: Any) -> Iterator[tuple[Any, Any, Any]]:
    """alice, bob and carol in our daemon, which in the end has met no fault."""
    found = [alice]
    for name in ("bob", "carol"):
        any_world.enter_profile(name)
        found.append(any_world.bridge().profile(name))
    wait(lambda: all(map(is_online, found)), "all are online")
    yield tuple(found)
    assert not faults(any_world.daemon)


@pytest.fixture
def blog(any_world: World) -> Place:
    """alice's blog."""
    return Place(JID(any_world.jid("alice")))


@pytest.fixture
def foreign(any_world: World) -> Iterator[Peer]:
    """A foreign client of carol."""
    with Peer(any_world.jid("carol"), PASSWORD, any_world.server.port, any_world.server.ca_file) as peer:
        yield peer


def ask(peer: Peer, kind: str, to: JID, inside: str) -> ElementTree.Element:
    peer.send(f"<iq type='{kind}' id='asked' to='{to}'><pubsub xmlns='{PUBSUB}'>{inside}</pubsub></iq>")
    return peer.expect(lambda stanza: stanza.get("id") == "asked")


def single(profile: Any, place: Place) -> Post:
    (post,) = run(profile.blog.get(place)).posts
    return post


def may_read(profile: Any, node: Place) -> bool:
    try:
        run(profile.blog.get(node))
    except PeerError:
        return False
    return True


def reacts(profile: Any, place: Place, *emojis: str) -> bool:
    """Whether somebody could put these to a post: the place for it is made behind the post."""
    try:
        run(profile.blog.react(place, list(emojis)))
    except FeatureMissing:
        return False
    return True


def publish(profile: Any, node: Place, body: str, title: str = "", **more: Any) -> Place:
    place: Place = run(profile.blog.publish(Draft(body, title, **more), node))
    return place


def test_a_post_is_read_by_another_and_by_a_foreign_client(people: Any, blog: Place, foreign: Peer) -> None:
    alice, bob, _ = people
    draft = Draft(
        "Some *words* and\n[a link](https://example.org/).\n\n<script>alert(1)</script>",
        "The first post",
        lang="en",
        tags=["verona"],
        enclosures=[Enclosure("https://example.org/a.png", "image/png", "A picture", 9)],
    )
    place = run(alice.blog.publish(draft, blog))
    assert place.id.startswith("the-first-post-")
    post = single(bob, place)
    assert (post.author, post.verified, post.title) == (blog.service, True, "The first post")
    assert "<em>words</em>" in post.html
    assert "<script" not in post.html
    assert "&lt;script&gt;" in post.html
    assert (post.lang, post.tags, post.enclosures) == ("en", ["verona"], draft.enclosures)
    assert post.comments == Place(blog.service, f"{MICROBLOG}:comments/{place.id}")
    answer = ask(foreign, "get", blog.service, f"<items node='{MICROBLOG}'><item id='{place.id}'/></items>")
    (entry,) = answer.iter(f"{ATOM}entry")
    kinds = {each.get("type"): each for each in entry.iterfind(f"{ATOM}content")}
    assert set(kinds) == {"text", "xhtml"}
    assert {each.get("rel") for each in entry.iterfind(f"{ATOM}link")} == {"alternate", "enclosure", "replies"}
    assert entry.findtext(f"{ATOM}author/{ATOM}uri") == f"xmpp:{blog.service}"


def test_it_is_edited_and_taken_back(people: Any, blog: Place) -> None:
    alice, bob, _ = people
    place = publish(alice, blog, "Before", slug="changing")
    with pytest.raises(PostExists):
        publish(alice, blog, "Again", slug="changing")
    before = single(bob, place)
    run(bob.blog.comment(place, "I see"))
    source = run(alice.blog.source(place))
    assert source == Draft("Before", slug="changing")
    changed = run(alice.blog.edit(place, source._replace(body="**After**", title="New")))
    after = single(bob, place)
    assert after == changed._replace(said=1)
    assert (after.published, after.comments) == (before.published, before.comments)
    assert after.updated > before.updated
    assert (after.title, after.html) == ("New", "<p><strong>After</strong></p>")
    run(alice.blog.delete(place))
    for each in (place, after.comments):
        with pytest.raises(NotFound):
            run(bob.blog.get(each))


def test_it_gets_another_address_with_its_comments(people: Any, blog: Place) -> None:
    alice, bob, _ = people
    taken = publish(alice, blog, "I am here", slug="taken", comments=False)
    place = publish(alice, blog, "On *the* move", slug="before", published=1_500_000_000.0)
    run(bob.blog.comment(place, "Where to?"))
    before = single(bob, place)
    with pytest.raises(PostExists):
        run(alice.blog.rename(place, taken.id))
    after = run(alice.blog.rename(place, "after"))
    assert single(bob, after) == before._replace(place=after, said=1)
    assert before.published == 1_500_000_000.0
    assert run(alice.blog.source(after)) == Draft("On *the* move", slug="after")
    with pytest.raises(NotFound):
        run(bob.blog.get(place))
    run(bob.blog.comment(after, "I see"))
    assert [each.text for each in run(alice.blog.get_comments(after)).posts] == ["Where to?", "I see"]
    run(alice.blog.delete(after))
    with pytest.raises(NotFound):
        run(bob.blog.get(before.comments))


def test_it_says_the_same_in_several_languages(people: Any, blog: Place, foreign: Peer) -> None:
    alice, bob, _ = people
    others = [Translation("fr", "La lune", "Ne *jure* pas"), Translation("de", "", "Schwöre nicht")]
    draft = Draft("Swear *not*", "The moon", lang="en", translations=others, slug="moon")
    place = run(alice.blog.publish(draft, blog))
    post = single(bob, place)
    assert (post.lang, post.title, post.text) == ("en", "The moon", "Swear not")
    assert [(each.lang, each.title, each.text) for each in post.versions] == [
        ("fr", "La lune", "Ne jure pas"),
        ("de", "", "Schwöre nicht"),
    ]
    assert "<em>jure</em>" in post.versions[0].html
    assert run(alice.blog.source(place)) == draft
    answer = ask(foreign, "get", blog.service, f"<items node='{MICROBLOG}'><item id='moon'/></items>")
    (entry,) = answer.iter(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "The moon", "who reads one language reads this one"
    assert entry.findtext(f"{ATOM}content") == "Swear not"


def test_a_draft_is_published_when_it_is_due(people: Any, blog: Place) -> None:
    alice, bob, _ = people
    id = run(alice.blog_drafts.keep(Draft("Not yet", slug="due"), NOWHERE, due=time.time() + 3600))
    assert [each.id for each in run(alice.blog_drafts.get_all())] == [id]
    due = time.time() + 1
    run(alice.blog_drafts.keep(Draft("Not yet", slug="due"), NOWHERE, id, due))
    wait(lambda: not run(alice.blog_drafts.get_all()), "it is published")
    post = single(bob, blog._replace(id="due"))
    assert post.text == "Not yet"
    assert post.published >= due
    found = run(bob.blog.get(blog)).posts
    assert [each.place.id for each in found if each.text == "Not yet"] == ["due"]


def test_emojis_are_put_to_a_post(people: Any, blog: Place, any_world: World, foreign: Peer) -> None:
    alice, bob, carol = people
    place = publish(alice, blog, "What do you think?")
    wait(lambda: reacts(bob, place, "🔨", "❤️"), "there is a place for it")
    run(bob.blog.like(place))
    assert reacts(carol, place, "🔨")
    assert reacts(alice, place, "👷")
    post = single(bob, place)
    assert (post.reactions, post.reacted) == ({"🔨": 2, "👷": 1}, ["🔨", "❤️"])
    assert (post.likes, post.liked, post.said) == (1, True, 0)
    node = f"urn:xmpp:pubsub-attachments:1/{to_uri(place)}"
    put = "<reactions><reaction>🎉</reaction></reactions>"
    put = f"<attachments xmlns='urn:xmpp:pubsub-attachments:1'>{put}</attachments>"
    item = f"<item id='tybalt@{any_world.server.domain}'>{put}</item>"
    ask(foreign, "set", place.service, f"<publish node='{node}'>{item}</publish>")
    if told(any_world):
        assert single(bob, place).reactions == post.reactions, "carol has put it there for another"
    assert reacts(bob, place)
    after = single(alice, place)
    assert (after.reactions["🔨"], after.reacted) == (1, ["👷"])
    silent = publish(alice, blog, "Nothing", comments=False)
    assert not reacts(bob, silent, "🔨")
    run(alice.blog.delete(place))
    wait(lambda: not reacts(bob, place, "🔨"), "they are gone with the post")


def test_pages_go_from_the_newest_to_the_oldest(people: Any, any_world: World) -> None:
    _, bob, carol = people
    blog = Place(JID(any_world.jid("carol")))
    for number in range(5):
        publish(carol, blog, f"post {number}", comments=False)
    seen: list[list[str]] = []
    older = ""
    while True:
        page = run(bob.blog.get(blog, older, 2))
        seen.append([each.text for each in page.posts])
        older = page.older
        if not older:
            break
    assert seen == [["post 4", "post 3"], ["post 2", "post 1"], ["post 0"]]
    if told(any_world):
        assert page.total == 5
    with pytest.raises(NotFound):
        run(bob.blog.get(blog._replace(node="urn:example:none")))


def test_comments_and_likes_have_authors(people: Any, blog: Place, any_world: World) -> None:
    alice, bob, carol = people
    place = publish(alice, blog, "Say something")
    first = run(bob.blog.comment(place, "First\n\nhttps://example.org/"))
    run(carol.blog.comment(place, "Second", first.id))
    for _ in range(2):
        run(bob.blog.like(place))
    page = run(alice.blog.get_comments(place))
    assert [(each.author.local, each.text) for each in page.posts] == [
        ("bob", "First\n\nhttps://example.org/"),
        ("carol", "Second"),
    ]
    assert [each.verified for each in page.posts] == [told(any_world)] * 2
    assert page.posts[1].answers == first
    assert page.posts[0].answers == place
    assert (single(alice, place).likes, single(alice, place).said, single(alice, place).liked) == (1, 2, False)
    assert single(bob, place).liked
    if told(any_world):
        run(bob.blog.like(place, False))
        run(bob.blog.delete(first))
        assert (single(bob, place).likes, single(bob, place).said) == (0, 1)
    else:
        with pytest.raises(PeerError):  # there, only the owner of the blog can take a comment back
            run(bob.blog.like(place, False))
        run(alice.blog.delete(first))
        assert single(bob, place).said == 1


def test_a_post_without_a_place_for_comments_has_none(people: Any, blog: Place) -> None:
    alice, bob, _ = people
    place = publish(alice, blog, "Silence", comments=False)
    assert single(bob, place).comments == NOWHERE
    for work in (bob.blog.comment(place, "But"), bob.blog.like(place)):
        with pytest.raises(NoComments):
            run(work)
    assert run(bob.blog.get_comments(place)).posts == []


def test_who_claims_to_be_another_is_not_believed(people: Any, blog: Place, any_world: World, foreign: Peer) -> None:
    """carol's foreign client writes a comment in the name of bob."""
    alice, bob, _ = people
    place = publish(alice, blog, "Who is it?")
    comments = single(alice, place).comments
    author = f"<author><name>Bob</name><uri>xmpp:{any_world.jid('bob')}</uri></author>"
    html = "<div xmlns='http://www.w3.org/1999/xhtml'><p onclick='x()'>It is bob<script>alert(1)</script></p></div>"
    entry = (
        f"<entry xmlns='http://www.w3.org/2005/Atom'>{author}<title>&lt;script>alert(1)&lt;/script></title>"
        f"<content type='xhtml'>{html}</content><published>9999-12-31T23:59:59Z</published></entry>"
    )
    item = f"<item id='forged' publisher='{any_world.jid('bob')}'>{entry}</item>"
    ask(foreign, "set", comments.service, f"<publish node='{comments.node}'>{item}</publish>")
    (post,) = run(alice.blog.get_comments(place)).posts
    if told(any_world):
        assert (post.author, post.verified, post.name) == (any_world.jid("carol"), True, "")
    else:
        assert not post.verified
    assert (post.html, post.text) == ("<p>It is bob</p>", "It is bob")
    assert post.published < 4_000_000_000
    assert single(bob, place).said == 1


def test_a_post_is_repeated_with_its_author(people: Any, blog: Place, any_world: World) -> None:
    alice, bob, carol = people
    place = publish(alice, blog, "Worth *reading*", "Repeat me", tags=["good"])
    own = run(bob.blog.repeat(place, "Read **this**:"))
    post = single(carol, own)
    assert own.service == any_world.jid("bob")
    assert (post.author, post.via, post.title, post.tags) == (any_world.jid("bob"), place, "Repeat me", ["good"])
    assert post.html.startswith("<p>Read <strong>this</strong>:</p><blockquote><p><cite>")
    assert "<em>reading</em>" in post.html
    run(carol.blog.comment(own, "Indeed"))
    assert [each.text for each in run(alice.blog.get_comments(place)).posts] == ["Indeed"], "it is one discussion"


def test_only_those_who_may_can_read(people: Any, blog: Place, any_world: World) -> None:
    alice, bob, carol = people
    for each in (bob, carol):  # at ejabberd, where we subscribe to what is followed, subscribers go on reading
        run(each.timeline.follow(blog, False))
    assert run(alice.blog.get_access(blog)) == Access(Audience.EVERYBODY)
    listed = Access(Audience.LISTED, listed=[JID(any_world.jid("bob"))])
    run(alice.blog.set_access(blog, listed))
    assert run(alice.blog.get_access(blog)) == listed
    place = publish(alice, blog, "Between us")
    assert single(bob, place).text == "Between us"
    run(bob.blog.comment(place, "Yes"))
    wait(lambda: reacts(bob, place, "🔨"), "there is a place for reactions")
    put_to_it = Place(blog.service, f"urn:xmpp:pubsub-attachments:1/{to_uri(place)}")
    for at in (blog, place, Place(blog.service, f"{MICROBLOG}:comments/{place.id}"), put_to_it):
        with pytest.raises(PeerError):
            run(carol.blog.get(at))
    run(alice.blog.set_access(blog, Access(Audience.LISTED, listed=[JID(any_world.jid("carol"))])))
    assert single(carol, place).text == "Between us"
    assert [each.text for each in run(carol.blog.get_comments(place)).posts] == ["Yes"]
    assert reacts(carol, place, "👷")
    assert single(carol, place).reactions == {"🔨": 1, "👷": 1}
    for at in (blog, Place(blog.service, f"{MICROBLOG}:comments/{place.id}"), put_to_it):
        with pytest.raises(PeerError):
            run(bob.blog.get(at))
    friends = Access(Audience.GROUPS, ["Friends"])
    run(alice.blog.set_access(blog, friends))
    assert run(alice.blog.get_access(blog)) == friends
    assert run(bob.blog.get(blog)).posts
    with pytest.raises(PeerError):
        run(carol.blog.get(blog))
    run(alice.roster.set_contact(JID(any_world.jid("carol")), "", ["Work", "Friends"]))
    wait(lambda: may_read(carol, blog), "she is a friend now")
    run(alice.roster.set_contact(JID(any_world.jid("carol")), "", ["Work"]))
    wait(lambda: not may_read(carol, blog), "she was one")
    for audience in (Audience.CONTACTS, Audience.EVERYBODY):
        run(alice.blog.set_access(blog, Access(audience)))
        assert run(alice.blog.get_access(blog)) == Access(audience)
        assert run(carol.blog.get(blog)).posts


def test_a_community_is_written_by_several(people: Any, any_world: World, foreign: Peer) -> None:
    if not told(any_world):
        pytest.skip("the Prosody of the world has no service for nodes of nobody")
    alice, bob, carol = people
    node = Place(JID(f"pubsub.{any_world.server.domain}"), "verona")
    wanted = {"FORM_TYPE": f"{PUBSUB}#node_config", "pubsub#publish_model": "open", "pubsub#itemreply": "publisher"}
    fields = "".join(f"<field var='{key}'><value>{value}</value></field>" for key, value in wanted.items())
    form = f"<x xmlns='jabber:x:data' type='submit'>{fields}</x>"
    ask(foreign, "set", node.service, f"<create node='{node.node}'/><configure>{form}</configure>")
    place = publish(alice, node, "From alice", "News")
    other = publish(bob, node, "From bob")
    assert [(each.author.local, each.verified) for each in run(carol.blog.get(node)).posts] == [
        ("bob", True),
        ("alice", True),
    ]
    run(carol.blog.comment(place, "Good"))
    run(alice.blog.edit(place, Draft("From alice, again", "News")))
    assert (single(bob, place).text, single(bob, place).said) == ("From alice, again", 1)
    with pytest.raises(InvalidArgument):
        run(alice.blog.edit(other, Draft("Mine")))
    run(alice.blog.delete(place))
    assert [each.place for each in run(carol.blog.get(node)).posts] == [other]


def test_a_like_is_what_movim_and_converse_take_for_one(people: Any, blog: Place, foreign: Peer) -> None:
    alice, bob, _ = people
    place = publish(alice, blog, "Like me")
    run(bob.blog.like(place))
    comments = single(bob, place).comments
    answer = ask(foreign, "get", comments.service, f"<items node='{comments.node}'/>")
    (entry,) = answer.iter(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == HEART
    assert entry.find(f"{ATOM}content") is None
