"""Posts get other addresses: nothing of them is lost, whatever happens in between."""

from __future__ import annotations

from support.blogging import NONE, SERVICE, asked, begin, items, ready, replies
from support.romeo import OWN, Profile

from sat.api import JID
from sat.api.errors import InvalidArgument, PeerError, PostExists
from sat.api.posts import Draft, Place
from sat.plugins.blog.nodes import COMMENTS
from sat.plugins.blog.plugin import Blog
from sat.plugins.blog.reacting import node_of

OURS = Place(OWN)
OLD, NEW = OURS._replace(id="old"), OURS._replace(id="new")
ENTRY = (
    f"<title>T</title><id>tag:x</id><published>2025-01-01T00:00:00Z</published>{replies(OWN, 'old')}"
    f"<link rel='alternate' href='xmpp:{OWN}?;node=urn%3Axmpp%3Amicroblog%3A0;item=old'/><x xmlns='urn:x'/>"
)
THERE = items(("old", "", ENTRY))


def test_it_is_published_there_and_then_taken_back(romeo: Profile, blog: Blog) -> None:
    told = begin(blog.rename(OLD, " new "))
    romeo.wire.answer("<item id='old'/>", THERE)
    romeo.wire.answer("<item id='new'/>", NONE)
    assert not [each for each in romeo.wire.asked if "<retract" in each]
    sent = asked(romeo, "<publish")
    assert "<item id='new'>" in sent
    assert "<id>tag:x</id><published>2025-01-01T00:00:00Z</published>" in sent
    assert "<x xmlns='urn:x'/>" in sent
    assert replies(OWN, "old") in sent
    assert "item=new'/>" in sent
    romeo.wire.answer("<publish")
    assert "<item id='old'/>" in asked(romeo, "<retract")
    romeo.wire.answer("<retract")
    assert told == [NEW]
    assert asked(romeo, f"<delete node='{node_of(OLD)}'/>")


def renamed(romeo: Profile, blog: Blog) -> None:
    begin(blog.rename(OLD, "new"))
    romeo.wire.answer("<item id='old'/>", THERE)
    romeo.wire.answer("<item id='new'/>", NONE)
    romeo.wire.answer("<publish")
    romeo.wire.answer("<retract")


def test_its_comments_go_with_it_when_it_is_deleted(romeo: Profile, blog: Blog) -> None:
    renamed(romeo, blog)
    begin(blog.delete(NEW))
    romeo.wire.answer("<item id='new'/>", items(("new", "", ENTRY)))
    romeo.wire.answer("<retract")
    assert asked(romeo, f"<delete node='{COMMENTS}/old'/>")


def test_a_new_post_at_the_old_address_has_comments_of_its_own(romeo: Profile, blog: Blog) -> None:
    renamed(romeo, blog)
    begin(blog.publish(Draft("x", slug="old"), OURS))
    romeo.wire.answer("<item id='old'/>", NONE)
    ready(romeo)
    assert f"<create node='{COMMENTS}/old-" in asked(romeo, "<create")


def test_its_source_moves(romeo: Profile, blog: Blog) -> None:
    node = Place(SERVICE, "verona")
    begin(blog.publish(Draft("some *words*", slug="old", comments=False), node))
    romeo.wire.answer("<item id='old'/>", NONE)
    sent = asked(romeo, "<publish")
    romeo.wire.answer("<publish")
    entry = sent[sent.index("<author") : sent.index("</entry>")]
    begin(blog.rename(node._replace(id="old"), "new"))
    romeo.wire.answer("<item id='old'/>", items(("old", str(OWN), entry)))
    romeo.wire.answer("<item id='new'/>", NONE)
    romeo.wire.answer("<publish")
    romeo.wire.answer("<retract")
    told = begin(blog.source(node._replace(id="new")))
    romeo.wire.answer("<item id='new'/>", items(("new", str(OWN), entry)))
    assert told == [Draft("some *words*", slug="new", comments=False)]


def test_who_failed_in_between_can_try_again(romeo: Profile, blog: Blog) -> None:
    told = begin(blog.rename(OLD, "new"))
    romeo.wire.answer("<item id='old'/>", THERE)
    romeo.wire.answer("<item id='new'/>", NONE)
    romeo.wire.answer("<publish")
    romeo.wire.refuse("<retract", "internal-server-error")
    assert isinstance(told[0], PeerError)
    told = begin(blog.rename(OLD, "new"))
    romeo.wire.answer("<item id='old'/>", THERE)
    romeo.wire.answer("<item id='new'/>", items(("new", "", ENTRY)))
    assert not [each for each in romeo.wire.asked if "<publish" in each]
    romeo.wire.refuse("<retract", "item-not-found")
    assert told == [NEW]


def test_an_address_that_another_post_has_is_taken(romeo: Profile, blog: Blog) -> None:
    for other in (ENTRY.replace("tag:x", "tag:y"), ENTRY.replace("<id>tag:x</id>", "")):
        told = begin(blog.rename(OLD, "new"))
        romeo.wire.answer("<item id='old'/>", THERE)
        romeo.wire.answer("<item id='new'/>", items(("new", "", other)))
        assert isinstance(told[0], PostExists)


def test_what_cannot_be_renamed_is_told(romeo: Profile, blog: Blog) -> None:
    for slug in ("", "0", "a b"):
        assert isinstance(begin(blog.rename(OLD, slug))[0], InvalidArgument)
    told = begin(blog.rename(Place(SERVICE, "verona", "old"), "new"))
    romeo.wire.answer("<item id='old'/>", items(("old", str(JID("juliet@capulet.lit")), ENTRY)))
    assert isinstance(told[0], InvalidArgument)
    told = begin(blog.rename(OLD, "old"))
    romeo.wire.answer("<item id='old'/>", THERE)
    assert told == [OLD]
