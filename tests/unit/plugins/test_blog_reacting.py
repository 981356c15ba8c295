"""Emojis that are put to posts: by us, and by others who can be believed (XEP-0470)."""

from __future__ import annotations

from typing import Any

import pytest
from support.blogging import HERS, JULIET, NONE, OURS, PUBSUB, SERVICE, asked, begin, items, ready, replies
from support.parsing import parse
from support.romeo import OWN, Profile, now

from sat.api import JID
from sat.api.errors import FeatureMissing, InvalidArgument, NotFound, PeerError
from sat.api.posts import HEART, Audience, Draft, Place
from sat.core.plugin import Hook
from sat.plugins.blog import reacting
from sat.plugins.blog.api import Access
from sat.plugins.blog.events import Put
from sat.plugins.blog.nodes import COMMENTS
from sat.plugins.blog.plugin import Blog
from sat.storage.post_rows import NOTHING, Attached
from sat.xmpp.pubsub import Item

POST = HERS._replace(id="1")
NODE = f"{reacting.NS}/xmpp:juliet@capulet.lit?;node=urn%3Axmpp%3Amicroblog%3A0;item=1"
INFO = "http://jabber.org/protocol/disco#info"
NURSE = JID("nurse@capulet.lit")


def reactions(*emojis: str, more: str = "") -> str:
    told = "".join(f"<reaction>{each}</reaction>" for each in emojis)
    return (
        f"<attachments xmlns='{reacting.NS}'>{more}{f'<reactions>{told}</reactions>' if emojis else ''}</attachments>"
    )


def put(*found: tuple[str, str, str]) -> str:
    """An answer with items: id, publisher, payload."""
    inside = "".join(f"<item id='{id}' publisher='{who}'>{payload}</item>" for id, who, payload in found)
    return f"<pubsub xmlns='{PUBSUB}'><items node='x'>{inside}</items></pubsub>"


def read(*found: tuple[str, str, str]) -> Attached:
    return reacting.read([Item(id, parse(payload), publisher) for id, publisher, payload in found], OWN)


# -- what others put there -----------------------------------------------------------------------------------------


def test_reactions_are_counted_by_people() -> None:
    noticed = "<noticed timestamp='2022-07-11T12:07:24Z'/>"
    assert read(
        (OWN, f"{OWN}/garden", reactions("🔨", "❤️", "🔨", more=noticed)),
        (JULIET, "", reactions("🔨", "♥")),
        (NURSE, NURSE, reactions(more=noticed)),
        ("capulet.lit", "", reactions("👷")),
    ) == Attached([OWN, JULIET], {"🔨": 2, "👷": 1}, ["🔨", "❤️"], 1)


@pytest.mark.parametrize(
    ("id", "publisher", "payload"),
    [
        (JULIET, NURSE, reactions("🔨")),
        (f"{JULIET}/x", f"{JULIET}/x", reactions("🔨")),
        ("@@", "", reactions("🔨")),
        (JULIET, "@@", reactions("🔨")),
        (JULIET, JULIET, reactions("🔨").replace(reacting.NS, "urn:x")),
        (JULIET, JULIET, reactions("some text", "x" * 100, "")),
        (JULIET, JULIET, "<x xmlns='urn:x'/>"),
    ],
)
def test_what_cannot_be_theirs_is_not_counted(id: str, publisher: str, payload: str) -> None:
    assert read((id, publisher, payload)) == NOTHING


def test_reactions_are_bounded() -> None:
    emojis = [chr(0x1F300 + number) for number in range(400)]
    people = [(f"x{number}@y.lit", "", reactions(*emojis[number * 20 : number * 20 + 300])) for number in range(20)]
    found = read(*people)
    assert len(found.reactions) == reacting.KINDS
    assert set(found.reactions.values()) == {1}


def test_a_post_tells_who_likes_it_and_what_else_is_put_to_it(romeo: Profile, blog: Blog) -> None:
    events: list[Any] = []
    forget = romeo.hook(Hook("event", Put), events.append, "test")
    told = begin(blog.get(POST))
    romeo.wire.answer("<item id='1'/>", items(("1", "", f"<title>x</title>{replies(JULIET, '1')}")))
    heart = f"<title>{HEART}</title>"
    romeo.wire.answer(f"node='{COMMENTS}", items(("a", str(JULIET), heart), ("b", str(NURSE), heart)))
    attached = put((OWN, OWN, reactions("❤", "🔨")), (JULIET, JULIET, reactions("♥")))
    assert f"node='{NODE}'" in asked(romeo, NODE)
    romeo.wire.answer(NODE, attached)
    (post,) = told[0].posts
    assert (post.likes, post.liked, post.reactions, post.reacted) == (3, True, {"🔨": 1}, ["❤", "🔨"])
    assert events == [Put(POST, Attached([OWN, JULIET], {"🔨": 1}, ["❤", "🔨"]))]
    forget()


# -- what we put there ---------------------------------------------------------------------------------------------


def test_what_we_do_not_know_of_ours_stays(romeo: Profile, blog: Blog) -> None:
    told = begin(blog.react(POST, ["🔨", "👷", "🔨"]))
    assert f"<item id='{OWN}'/>" in asked(romeo, "<items")
    known = "<noticed timestamp='2022-07-11T12:07:24Z'/><x xmlns='urn:x'>y</x>"
    romeo.wire.answer("<items", put((OWN, OWN, reactions("🎉", more=known))))
    sent = asked(romeo, "<publish")
    assert f"<publish node='{NODE}'><item id='{OWN}'><attachments xmlns='{reacting.NS}'>" in sent
    assert known in sent
    stamp = "2025-06-15T15:06:40.000Z"
    assert f"<reactions timestamp='{stamp}'><reaction>🔨</reaction><reaction>👷</reaction></reactions>" in sent
    romeo.wire.answer("<publish")
    romeo.wire.answer("<items", put())
    assert told == [None]


def test_all_are_taken_back(romeo: Profile, blog: Blog) -> None:
    for known in ("", "<x xmlns='urn:x'/>"):
        told = begin(blog.react(POST, []))
        romeo.wire.answer("<items", put((OWN, OWN, reactions("🎉", more=known))))
        assert "reaction" not in asked(romeo, "<publish")
        romeo.wire.answer("<publish")
        romeo.wire.answer("<items", put())
        assert told == [None]
    told = begin(blog.react(POST, []))
    romeo.wire.answer("<items", put())
    assert told == [None]


def test_where_there_is_no_place_for_it_is_told(romeo: Profile, blog: Blog) -> None:
    for condition, kind in (("item-not-found", FeatureMissing), ("internal-server-error", PeerError)):
        told = begin(blog.react(POST, ["🔨"]))
        romeo.wire.refuse("<items", "item-not-found")
        assert "<create" not in str(romeo.wire.asked), "it would be ours"
        romeo.wire.refuse("<publish", condition)
        assert isinstance(told[0], kind)
    told = begin(blog.react(POST, ["🔨"]))
    romeo.wire.refuse("<items", "internal-server-error")
    assert isinstance(told[0], PeerError)


@pytest.mark.parametrize("emojis", [["text"], [""], [chr(0x1F300 + number) for number in range(21)]])
def test_what_is_no_reaction_is_told(blog: Blog, emojis: list[str]) -> None:
    with pytest.raises(InvalidArgument):
        now(blog.react(POST, emojis))


def test_nothing_is_put_to_a_whole_blog(blog: Blog) -> None:
    with pytest.raises(InvalidArgument):
        now(blog.react(HERS, ["🔨"]))


def test_who_likes_it_no_longer_takes_a_heart_back_too(romeo: Profile, blog: Blog) -> None:
    told = begin(blog.like(POST, False))
    romeo.wire.answer("<items", put((OWN, OWN, reactions("❤️", "🔨"))))
    sent = asked(romeo, "<publish")
    assert "🔨" in sent
    assert "❤" not in sent
    romeo.wire.answer("<publish")
    romeo.wire.answer("<items", put())
    romeo.wire.answer("<items", items(("1", "", "<title>x</title>")))  # it has no comments
    assert told == [None]


# -- a place for it ------------------------------------------------------------------------------------------------


def published(romeo: Profile, blog: Blog, access: str = "open") -> None:
    told = begin(blog.publish(Draft("x", slug="x"), OURS))
    romeo.wire.answer("<item id='x'/>", NONE)
    ready(romeo, access)
    romeo.wire.answer("<create")
    if access == "whitelist":
        listed(romeo)
    romeo.wire.answer("<publish")
    assert told == [OURS._replace(id="x")], "it does not wait for that"


def listed(romeo: Profile) -> None:
    member = f"<affiliation jid='{JULIET}' affiliation='member'/>"
    romeo.wire.answer("<affiliations", f"<pubsub xmlns='{PUBSUB}#owner'><affiliations>{member}</affiliations></pubsub>")
    assert member in asked(romeo, "<affiliations")
    romeo.wire.answer("<affiliations")


def features(romeo: Profile, *names: str) -> None:
    told = "".join(f"<feature var='{each}'/>" for each in names)
    romeo.wire.answer(f"<iq to='{OWN}'", f"<query xmlns='{INFO}'>{told}</query>")


@pytest.mark.parametrize("access", ["open", "presence", "whitelist"])
def test_our_posts_have_a_place_for_it_for_those_who_can_read_them(romeo: Profile, blog: Blog, access: str) -> None:
    published(romeo, blog, access)
    features(romeo)
    made = asked(romeo, "<create")
    assert f"<create node='{reacting.NS}/xmpp:{OWN}?;node=urn%3Axmpp%3Amicroblog%3A0;item=x'/>" in made
    assert f"<field var='pubsub#access_model'><value>{access}</value></field>" in made
    assert "<field var='pubsub#publish_model'><value>open</value></field>" in made
    romeo.wire.answer("<create")
    if access == "whitelist":
        listed(romeo)


def test_a_service_that_makes_it_is_left_to_do_so(romeo: Profile, blog: Blog) -> None:
    published(romeo, blog)
    features(romeo, reacting.NS)
    assert not [each for each in romeo.wire.asked if "<create" in each]


def test_it_is_for_others_than_before_with_the_post(romeo: Profile, blog: Blog) -> None:
    told = begin(blog.set_access(OURS, Access(Audience.CONTACTS)))
    ready(romeo)
    romeo.wire.answer("<configure")
    romeo.wire.answer("<items", items(("1", "", "<title>x</title>")))
    changed = asked(romeo, reacting.NS)
    assert "<field var='pubsub#access_model'><value>presence</value></field>" in changed
    romeo.wire.refuse("<configure", "item-not-found")
    assert told == [None]


def test_it_goes_with_the_post(romeo: Profile, blog: Blog) -> None:
    told = begin(blog.delete(OURS._replace(id="1")))
    romeo.wire.answer("<item id='1'/>", items(("1", "", "<title>x</title>")))
    romeo.wire.answer("<retract")
    assert told == [None]
    assert f"<delete node='{reacting.NS}/xmpp:{OWN}?" in asked(romeo, "<delete")
    romeo.wire.refuse("<delete", "item-not-found")


def test_to_an_older_post_of_ours_a_place_is_made_first(romeo: Profile, blog: Blog) -> None:
    told = begin(blog.react(OURS._replace(id="1"), ["🔨"]))
    romeo.wire.refuse("<items", "item-not-found")
    romeo.wire.answer("<items", NONE)
    assert isinstance(told[0], NotFound), "there is no such post"
    begin(blog.react(OURS._replace(id="1"), ["🔨"]))
    romeo.wire.refuse("<items", "item-not-found")
    romeo.wire.answer("<items", items(("1", "", "<title>x</title>")))
    features(romeo)
    ready(romeo)
    romeo.wire.answer("<create")
    assert asked(romeo, "<publish")


def test_in_a_community_it_is_not_ours_to_make(romeo: Profile, blog: Blog) -> None:
    begin(blog.publish(Draft("x"), Place(SERVICE, "verona")))
    romeo.wire.answer("<create")
    romeo.wire.answer("<publish")
    assert not [each for each in romeo.wire.asked if reacting.NS in each or INFO in each]
