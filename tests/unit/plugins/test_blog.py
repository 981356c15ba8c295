"""Blogs, with a service that the test plays. What real ones do with it: tests/interop/test_blogs.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support.blogging import HERS, JULIET, NONE, OURS, PUBSUB, SERVICE, asked, begin, items, ready, replies, settings
from support.romeo import OWN, Profile, now

from sat.api import JID
from sat.api.errors import FeatureMissing, InvalidArgument, NoComments, NotFound, PeerError, PostExists
from sat.api.posts import HEART, MICROBLOG, NOWHERE, Audience, Draft, Enclosure, Place, Translation
from sat.plugins.blog import cleaning, writing
from sat.plugins.blog.api import Access
from sat.plugins.blog.nodes import COMMENTS, FEED
from sat.plugins.blog.plugin import SOON, Blog
from sat.plugins.blog.reacting import NS as ATTACHED

# -- publishing ----------------------------------------------------------------------------------------------------


def test_a_blog_is_made_as_others_expect_it(romeo: Profile, blog: Blog) -> None:
    told = begin(blog.publish(Draft("Hello"), OURS))
    romeo.wire.refuse("<configure", "item-not-found")
    made = asked(romeo, "<create")
    for name, value in {
        "access_model": "open",
        "persist_items": "true",
        "max_items": "max",
        "notify_retract": "true",
        "send_last_published_item": "never",
        "itemreply": "publisher",
        "type": MICROBLOG,
        "title": "romeo",
    }.items():
        assert f"<field var='pubsub#{name}'><value>{value}</value></field>" in made
    romeo.wire.answer("<create")
    comments = asked(romeo, "<create")
    assert f"<create node='{COMMENTS}/hello-" in comments
    assert "<field var='pubsub#publish_model'><value>open</value></field>" in comments
    romeo.wire.answer("<create")
    entry = asked(romeo, "<publish")
    assert "publish-options" not in entry
    assert "rel='replies' title='comments'" in entry
    romeo.wire.answer("<publish")
    (place,) = told
    assert place._replace(id="") == OURS
    assert FEED in romeo.features


def test_the_next_post_costs_two_questions(romeo: Profile, blog: Blog) -> None:
    begin(blog.publish(Draft("First", comments=False), OURS))
    ready(romeo)
    romeo.wire.answer("<publish")
    told = begin(blog.publish(Draft("Second"), OURS))
    romeo.wire.answer("<create")
    romeo.wire.answer("<publish")
    assert told
    told = begin(blog.publish(Draft("Third", comments=False), OURS))
    romeo.wire.answer("<publish")
    assert told


def test_another_session_looks_again(romeo: Profile, blog: Blog) -> None:
    begin(blog.publish(Draft("First", comments=False), OURS))
    ready(romeo)
    romeo.wire.answer("<publish")
    romeo.goes_offline()
    romeo.goes_online()
    begin(blog.publish(Draft("Second", comments=False), OURS))
    assert asked(romeo, "<configure")


def test_a_blog_that_keeps_one_post_is_changed_first(romeo: Profile, blog: Blog) -> None:
    begin(blog.publish(Draft("First", comments=False), OURS))
    romeo.wire.answer("<configure", settings(access_model="presence", max_items="1", persist_items="1"))
    changed = asked(romeo, "type='set'")
    assert "<field var='pubsub#max_items'><value>max</value></field>" in changed
    assert "access_model" not in changed, "who can read it is not ours to change"
    romeo.wire.answer("<configure")
    assert asked(romeo, "<publish")


@pytest.mark.parametrize("condition", ["not-acceptable", "bad-request", "resource-constraint"])
def test_a_server_that_knows_fewer_settings_is_asked_for_fewer(romeo: Profile, blog: Blog, condition: str) -> None:
    begin(blog.publish(Draft("Hello"), OURS))
    romeo.wire.refuse("<configure", "item-not-found")
    romeo.wire.refuse("<create", condition)
    made = asked(romeo, "<create")
    assert "itemreply" not in made
    assert "persist_items" in made
    romeo.wire.answer("<create")
    assert "itemreply" not in asked(romeo, "<create"), "that is remembered"


def test_where_nobody_may_comment_the_post_says_so(romeo: Profile, blog: Blog) -> None:
    told = begin(blog.publish(Draft("Hello"), OURS))
    ready(romeo)
    romeo.wire.refuse("<create", "not-acceptable")
    romeo.wire.refuse("<create", "not-acceptable")
    assert "rel='replies'" not in asked(romeo, "<publish")
    romeo.wire.answer("<publish")
    assert told


def test_comments_are_for_those_who_can_read_the_post(romeo: Profile, blog: Blog) -> None:
    begin(blog.publish(Draft("Hello"), OURS))
    ready(romeo, "whitelist")
    assert "<field var='pubsub#access_model'><value>whitelist</value></field>" in asked(romeo, "<create")
    romeo.wire.answer("<create")
    listed = f"<affiliation jid='{JULIET}' affiliation='member'/><affiliation jid='{OWN}' affiliation='owner'/>"
    romeo.wire.answer("<affiliations", f"<pubsub xmlns='{PUBSUB}#owner'><affiliations>{listed}</affiliations></pubsub>")
    let_in = asked(romeo, "<affiliations")
    assert f"<affiliation jid='{JULIET}' affiliation='member'/>" in let_in
    assert str(OWN) not in let_in
    assert not [each for each in romeo.wire.asked if "<publish" in each], "not before they are let in"


def test_groups_that_another_program_has_chosen_are_those_who_comment(romeo: Profile, blog: Blog) -> None:
    begin(blog.publish(Draft("Hello"), OURS))
    groups = "<field var='pubsub#roster_groups_allowed'><value>Friends</value><value>Work</value></field>"
    form = settings(access_model="roster", persist_items="1").replace("</x>", f"{groups}</x>")
    romeo.wire.answer("<configure", form)
    assert groups in asked(romeo, "<create")
    told = begin(blog.get_access(OURS))
    romeo.wire.answer(f"<pubsub xmlns='{PUBSUB}#owner'>", form)
    assert told == [Access(Audience.GROUPS, ["Friends", "Work"])]


def test_a_slug_is_the_address_unless_it_is_taken(romeo: Profile, blog: Blog) -> None:
    told = begin(blog.publish(Draft("Hello", slug=" hello ", comments=False), OURS))
    romeo.wire.answer("<item id='hello'/>", items(("hello", "", "<title>x</title>")))
    assert isinstance(told[0], PostExists)
    told = begin(blog.publish(Draft("Hello", slug="hello", comments=False), OURS))
    romeo.wire.answer("<item id='hello'/>", NONE)
    ready(romeo)
    romeo.wire.answer("<publish")
    assert told == [OURS._replace(id="hello")]


def test_a_community_is_not_made_and_its_comments_are_at_our_account(romeo: Profile, blog: Blog) -> None:
    told = begin(blog.publish(Draft("Hello"), Place(SERVICE, "verona")))
    comments = asked(romeo, "<create")
    assert " to=" not in comments
    assert "<field var='pubsub#access_model'><value>open</value></field>" in comments
    romeo.wire.answer("<create")
    assert f"to='{SERVICE}'" in asked(romeo, "<publish")
    romeo.wire.refuse("<publish", "forbidden")
    romeo.wire.answer(f"<delete node='{COMMENTS}/hello-")  # nothing is left behind
    assert isinstance(told[0], PeerError)
    told = begin(blog.publish(Draft("Hello", comments=False), Place(SERVICE, "mantua")))
    romeo.wire.refuse("<publish", "item-not-found")
    assert isinstance(told[0], NotFound)


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        (Draft(" \n"), "empty"),
        (Draft("x" * 300_000), "at most"),
        (Draft("ü" * 120_000), "too long"),
        (Draft("x", "t" * 501), "at most"),
        (Draft("x", tags=["t"] + [f"{n}" for n in range(60)]), "tags"),
        (Draft("x", tags=["t" * 101]), "tags"),
        (Draft("x", enclosures=[Enclosure("file:///etc/passwd")]), "https://"),
        (Draft("x", slug="a b"), "spaces"),
        (Draft("x", slug="0"), "not 0"),
        (Draft("x", slug="x" * 300), "at most"),
        (Draft("x", lang="so it is"), "language"),
        (Draft("x", published=1_750_000_100.0), "now"),
        (Draft("x", published=-1.0), "now"),
        (Draft("x", translations=[Translation("so it is", "y")]), "language"),
        (Draft("x", translations=[Translation("", "y")]), "language"),
        (Draft("x", translations=[Translation("fr", " ")]), "empty"),
        (Draft("x", translations=[Translation("fr", "y" * 501)]), "too long"),
        (Draft("x", lang="FR", translations=[Translation("fr", "y")]), "once"),
        (Draft("x", translations=[Translation("fr", "y"), Translation("Fr", "y")]), "once"),
        (Draft("x", translations=[Translation(f"x-{n}", "y") for n in range(20)]), "at most"),
        (Draft("x", published=float("nan")), "now"),
    ],
)
def test_what_cannot_be_published_is_told(romeo: Profile, blog: Blog, draft: Draft, words: str) -> None:
    romeo.wire.asked.clear()
    told = begin(blog.publish(draft._replace(comments=False), Place(SERVICE, "verona")))
    assert isinstance(told[0], InvalidArgument)
    assert words in str(told[0])
    assert not [each for each in romeo.wire.asked if "<publish" in each]


def test_what_was_published_elsewhere_keeps_its_date(romeo: Profile, blog: Blog) -> None:
    begin(blog.publish(Draft("x", slug="old", comments=False, published=1_000_000_000.0), Place(SERVICE, "verona")))
    romeo.wire.answer("<item id='old'/>", NONE)
    sent = asked(romeo, "<publish")
    assert "<published>2001-09-09T01:46:40.000Z</published><updated>2001-09-09T01:46:40.000Z</updated>" in sent
    assert f"<id>tag:{OWN.domain},2001-09-09:posts-old</id>" in sent


def test_nothing_is_published_nowhere(blog: Blog) -> None:
    for node in (NOWHERE, Place(OWN, "")):
        with pytest.raises(InvalidArgument):
            now(blog.publish(Draft("x"), node))


# -- what is written -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("*a* **b** `<c>`", "<p><em>a</em> <strong>b</strong> <code>&lt;c&gt;</code></p>"),
        ("<b>a</b><script>b</script>", "<p>&lt;b&gt;a&lt;/b&gt;&lt;script&gt;b&lt;/script&gt;</p>"),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>"),
        ("~~a~~", "<p><s>a</s></p>"),
        ("| a |\n|---|", "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n</table>"),
        ("![a cat](https://x.test/a.png)", '<p><img src="https://x.test/a.png" alt="a cat" loading="lazy" '
                                           'referrerpolicy="no-referrer"/></p>'),
        ("![a cat](http://x.test/a.png)", "<p>a cat</p>"),
    ],
)  # fmt: skip
def test_markdown_becomes_harmless_xhtml(blog: Blog, body: str, html: str) -> None:
    post = now(blog.preview(Draft(body)))
    assert post.html == html
    assert post.place == NOWHERE
    assert (post.author, post.verified, post.published) == (OWN, True, post.updated)


def test_addresses_in_markdown_are_links_once() -> None:
    html = writing.html_of("see https://x.test/a_b_c and [https://y.test/](https://z.test/)", False)
    assert html.count("<a ") == html.count("</a>") == 2
    assert '<a href="https://x.test/a_b_c"' in html
    assert '<a href="https://z.test/"' in html


def test_xhtml_is_taken_as_it_is_but_harmless(blog: Blog) -> None:
    post = now(blog.preview(Draft("<p>a<script>b</script><em>c</p>", xhtml=True)))
    assert (post.html, post.text) == ("<p>a<em>c</em></p>", "ac")


@pytest.mark.parametrize(
    ("title", "begin"),
    [("Été à Vérone!", "ete-a-verone-"), ("ロミオ", "ロミオ-"), ("", ""), ("?!", ""), ("x" * 200, f"{'x' * 60}-")],
)
def test_an_address_is_made_from_the_title(title: str, begin: str) -> None:
    slug = writing.slug_for(title)
    assert slug.startswith(begin)
    assert len(slug) == len(begin) + 6
    assert writing.slug_for(title) != slug


# -- editing -------------------------------------------------------------------------------------------------------

FIRST = (
    f"<title>Before</title><content>old</content><id>tag:x</id><published>2025-01-01T00:00:00Z</published>"
    f"{replies(OWN, 'first')}<geoloc xmlns='urn:geo'/>"
)


def test_an_edited_post_keeps_what_is_not_in_the_draft(romeo: Profile, blog: Blog) -> None:
    place = OURS._replace(id="first")
    told = begin(blog.edit(place, Draft("new", "After")))
    romeo.wire.answer("<item id='first'/>", items(("first", "", FIRST)))
    sent = asked(romeo, "<publish")
    assert "<id>tag:x</id><published>2025-01-01T00:00:00.000Z</published>" in sent
    assert "<geoloc xmlns='urn:geo'/>" in sent
    romeo.wire.answer("<publish")
    (post,) = told
    assert (post.place, post.title, post.text) == (place, "After", "new")
    assert post.comments == Place(OWN, f"{COMMENTS}/first")
    assert post.updated > post.published


def test_only_ones_own_is_edited(romeo: Profile, blog: Blog) -> None:
    told = begin(blog.edit(Place(SERVICE, "verona", "hers"), Draft("mine")))
    romeo.wire.answer("<item id='hers'/>", items(("hers", str(JULIET), "<title>x</title>")))
    assert isinstance(told[0], InvalidArgument)


def test_the_source_is_what_was_written_until_it_is_changed_elsewhere(romeo: Profile, blog: Blog) -> None:
    others = [Translation("fr", "Le T", "des *mots*"), Translation("de", "", "Wort")]
    draft = Draft("some *words*", "T", lang="en", slug="first", tags=["a"], comments=False, translations=others)
    begin(blog.publish(draft, Place(SERVICE, "verona")))
    romeo.wire.answer("<item id='first'/>", NONE)
    sent = asked(romeo, "<publish")
    romeo.wire.answer("<publish")
    entry = sent[sent.index("<author") : sent.index("</entry>")].replace("<title type", "<title xml:lang='en' type", 1)
    entry = entry.replace("<content type", "<content xml:lang='en' type", 2)
    place = Place(SERVICE, "verona", "first")
    told = begin(blog.source(place))
    romeo.wire.answer("<items", items(("first", str(OWN), entry)))
    assert told == [draft]
    told = begin(blog.source(place))
    elsewhere = entry.replace("2025-06-15T", "2025-06-14T")
    assert elsewhere != entry
    romeo.wire.answer("<items", items(("first", str(OWN), elsewhere)))
    assert told == [
        draft._replace(
            body="<p>some <em>words</em></p>",
            xhtml=True,
            translations=[Translation("fr", "Le T", "<p>des <em>mots</em></p>"), Translation("de", "", "<p>Wort</p>")],
        )
    ]


def test_what_is_taken_back_takes_its_comments_with_it(romeo: Profile, blog: Blog) -> None:
    told = begin(blog.delete(OURS._replace(id="first")))
    romeo.wire.answer("<item id='first'/>", items(("first", "", FIRST)))
    romeo.wire.answer("<retract")
    assert f"<delete node='{COMMENTS}/first'/>" in asked(romeo, "<delete")
    romeo.wire.refuse("<delete", "item-not-found")
    assert told == [None]


@pytest.mark.parametrize(
    ("publisher", "link"),
    [
        (JULIET, replies(OWN, "first")),  # hers, that names ours
        (OWN, f"<link rel='replies' href='xmpp:{OWN}?;node=urn:xmpp:microblog:0'/>"),
        (OWN, replies(OWN, "other")),
        (OWN, replies(JULIET, "first")),
    ],
)
def test_only_comments_on_that_very_post_of_ours_are_deleted(
    romeo: Profile, blog: Blog, publisher: JID, link: str
) -> None:
    told = begin(blog.delete(Place(SERVICE, "verona", "first")))
    romeo.wire.answer("<item id='first'/>", items(("first", str(publisher), f"<title>x</title>{link}")))
    romeo.wire.answer("<retract")
    assert told == [None]
    assert not [each for each in romeo.wire.asked if "<delete" in each]


# -- reading -------------------------------------------------------------------------------------------------------


def dated(*ids: int) -> list[tuple[str, str, str]]:
    return [(str(n), "", f"<title>{n}</title><published>2025-01-0{n}T00:00:00Z</published>") for n in ids]


def page_of(
    romeo: Profile, blog: Blog, older: str, *answers: str, count: int = 2, read: Callable[..., Any] | None = None
) -> Any:
    told = begin((read or blog.get)(HERS, older, count))
    for each in answers:
        romeo.wire.answer("<items", each)
    (page,) = told
    return page


def ids(page: Any) -> list[str]:
    return [each.place.id for each in page.posts]


def test_services_that_count_from_the_oldest_are_read_from_the_end(romeo: Profile, blog: Blog) -> None:
    page = page_of(romeo, blog, "", items(*dated(2, 3), page="<first>s2</first><last>s3</last><count>3</count>"))
    assert (ids(page), page.older, page.total) == (["3", "2"], "<s2", 3)
    told = begin(blog.get(HERS, page.older, 2))
    assert "<before>s2</before>" in asked(romeo, "<items")
    romeo.wire.answer("<items", items(*dated(1), page="<first>s1</first><last>s1</last><count>3</count>"))
    assert (ids(told[0]), told[0].older) == (["1"], "")


def test_services_that_count_from_the_newest_are_read_from_the_beginning(romeo: Profile, blog: Blog) -> None:
    wrong = items(*dated(2, 1), page="<first>2</first><last>1</last><count>3</count>")
    right = items(*dated(3, 2), page="<first>3</first><last>2</last><count>3</count>")
    page = page_of(romeo, blog, "", wrong, right)
    assert (ids(page), page.older) == (["3", "2"], ">2")
    told = begin(blog.get(HERS, page.older, 2))
    assert "<after>2</after>" in asked(romeo, "<items")
    romeo.wire.answer("<items", items(*dated(1), page="<first>1</first><last>1</last><count>3</count>"))
    assert (ids(told[0]), told[0].older) == (["1"], "")


def test_services_without_pages_give_all_and_a_part_is_shown(romeo: Profile, blog: Blog) -> None:
    page = page_of(romeo, blog, "", items(*dated(2, 3)))
    assert (ids(page), page.older, page.total) == (["3", "2"], "=2", -1)
    page = page_of(romeo, blog, page.older, items(*dated(1, 2, 3)))
    assert (ids(page), page.older) == (["1"], "")
    assert ids(page_of(romeo, blog, "=gone", items(*dated(1, 2)))) == []


@pytest.mark.parametrize(("older", "count"), [("x", 2), ("<", 2), ("", 0), ("", 501)])
def test_what_is_no_page_is_told(romeo: Profile, blog: Blog, older: str, count: int) -> None:
    with pytest.raises(InvalidArgument):
        now(blog.get(HERS, older, count))


def test_what_is_not_there_is_told(romeo: Profile, blog: Blog) -> None:
    for place, answer in ((HERS, None), (HERS._replace(id="1"), None), (HERS._replace(id="1"), NONE)):
        told = begin(blog.get(place))
        if answer is None:
            romeo.wire.refuse("<items", "item-not-found")
        else:
            romeo.wire.answer("<items", answer)
        assert isinstance(told[0], NotFound)
    told = begin(blog.get(HERS))
    romeo.wire.refuse("<items", "forbidden")
    assert isinstance(told[0], PeerError)


def test_a_single_post_is_counted_by_people(romeo: Profile, blog: Blog) -> None:
    told = begin(blog.get(HERS._replace(id="1")))
    romeo.wire.answer("<item id='1'/>", items(("1", "", f"<title>x</title>{replies(JULIET, '1')}")))
    heart = f"<title>{HEART}</title>"
    said = [("a", str(OWN), heart), ("b", f"{OWN}/x", heart), ("c", str(JULIET), heart), ("d", "", "<title>no</title>")]
    romeo.wire.answer(f"node='{COMMENTS}", items(*said))
    romeo.wire.refuse(ATTACHED, "item-not-found")
    (page,) = told
    assert [(each.likes, each.liked, each.said) for each in page.posts] == [(2, True, 1)]


def test_posts_of_a_page_are_counted_as_far_as_it_is_known(romeo: Profile, blog: Blog) -> None:
    entries = items(("1", "", f"<title>x</title>{replies(JULIET, '1')}"), ("2", "", "<title>y</title>"))
    (first,) = [each for each in page_of(romeo, blog, "", entries).posts if each.text == "x"]
    now(blog.session.posts.add(HERS, [first]))
    said = [("a", HEART), ("b", "no"), ("c", "yes")]
    comments = [first._replace(place=first.comments._replace(id=id), author=OWN, text=text) for id, text in said]
    now(blog.session.posts.add(first.comments, comments, listed=False))
    page = page_of(romeo, blog, "", entries)
    assert {each.text: (each.likes, each.liked, each.said) for each in page.posts} == {
        "x": (1, True, 2),
        "y": (0, False, 0),
    }


def test_a_post_is_shown_though_its_comments_are_not(romeo: Profile, blog: Blog) -> None:
    told = begin(blog.get(HERS._replace(id="1")))
    romeo.wire.answer("<item id='1'/>", items(("1", "", f"<title>x</title>{replies(JULIET, '1')}")))
    romeo.wire.refuse(f"node='{COMMENTS}", "forbidden")
    romeo.wire.refuse(ATTACHED, "item-not-found")
    assert [each.text for each in told[0].posts] == ["x"]


def test_comments_come_oldest_first_and_without_likes(romeo: Profile, blog: Blog) -> None:
    page_of(romeo, blog, "", items(("1", "", f"<title>x</title>{replies(JULIET, '1')}")))
    told = begin(blog.get_comments(HERS._replace(id="1")))
    romeo.wire.answer(COMMENTS, items(*dated(1), ("l", "", f"<title>{HEART}</title>"), *dated(2)))
    assert ids(told[0]) == ["1", "2"]
    told = begin(blog.get_comments(HERS._replace(id="1")))
    romeo.wire.refuse(COMMENTS, "item-not-found")
    assert told[0].posts == []


# -- what we say ---------------------------------------------------------------------------------------------------


def test_unliking_takes_back_ones_own_likes_whoever_made_them(romeo: Profile, blog: Blog) -> None:
    page_of(romeo, blog, "", items(("1", "", f"<title>x</title>{replies(JULIET, '1')}")))
    told = begin(blog.like(HERS._replace(id="1"), False))
    romeo.wire.refuse(ATTACHED, "item-not-found")
    heart = f"<title>{HEART}</title>"
    romeo.wire.answer(
        COMMENTS, items(("a", str(JULIET), heart), ("b", str(OWN), heart), ("c", str(OWN), "<title>x</title>"))
    )
    assert "<item id='b'/>" in asked(romeo, "<retract")
    romeo.wire.answer("<retract")
    assert told == [None]


def test_a_comment_where_nobody_can_is_told(romeo: Profile, blog: Blog) -> None:
    page_of(romeo, blog, "", items(("1", "", f"<title>x</title>{replies(JULIET, '1')}"), ("2", "", "<title>y</title>")))
    with pytest.raises(NoComments):
        now(blog.comment(HERS._replace(id="2"), "hi"))
    with pytest.raises(InvalidArgument):
        now(blog.comment(HERS._replace(id="1"), "  "))
    told = begin(blog.comment(HERS._replace(id="1"), "hi"))
    romeo.wire.refuse("<publish", "item-not-found")
    assert isinstance(told[0], NoComments)
    told = begin(blog.comment(HERS._replace(id="1"), "hi"))
    romeo.wire.refuse("<publish", "forbidden")
    assert isinstance(told[0], PeerError)


def test_what_is_repeated_names_its_author_and_is_harmless(romeo: Profile, blog: Blog) -> None:
    told = begin(blog.repeat(Place(SERVICE, "verona", "1")))
    evil = (
        "<title>T</title><author><name>J&lt;b></name></author><content type='html'>a&lt;script>b&lt;/script></content>"
    )
    romeo.wire.answer("<items", items(("1", JULIET, f"<title>T</title><author><name>J&lt;b></name></author>{evil}")))
    ready(romeo)
    sent = asked(romeo, "<publish")
    assert f"<author><name>J&lt;b&gt;</name><uri>xmpp:{JULIET}</uri></author>" in sent
    assert f"<link rel='via' href='xmpp:{SERVICE}?;node=verona;item=1'/>" in sent
    assert "script" not in sent
    assert "<cite><a href='xmpp:pubsub.capulet.lit?;node=verona;item=1'" in sent
    romeo.wire.answer("<publish")
    assert told[0].service == OWN


# -- who can read --------------------------------------------------------------------------------------------------


def test_a_server_that_cannot_close_a_blog_is_told(romeo: Profile, blog: Blog) -> None:
    told = begin(blog.set_access(OURS, Access(Audience.CONTACTS)))
    ready(romeo)
    romeo.wire.refuse("<configure", "not-acceptable")
    assert isinstance(told[0], FeatureMissing)
    for access in (Access(Audience.GROUPS, [" "]), Access(Audience.LISTED, listed=[JID(f"{n}@x") for n in range(600)])):
        with pytest.raises(InvalidArgument):
            now(blog.set_access(OURS, access))


def test_an_unknown_way_to_close_it_is_no_open_one(romeo: Profile, blog: Blog) -> None:
    told = begin(blog.get_access(OURS))
    ready(romeo, "authorize")
    romeo.wire.answer("<affiliations", f"<pubsub xmlns='{PUBSUB}#owner'><affiliations/></pubsub>")
    assert told == [Access(Audience.LISTED)]


def test_a_blog_that_is_not_there_would_be_for_everybody(romeo: Profile, blog: Blog) -> None:
    for node, condition in ((OURS, "item-not-found"), (HERS, "item-not-found"), (HERS, "forbidden")):
        told = begin(blog.get_access(node))
        romeo.wire.refuse("<configure", condition)
        if node == OURS:
            assert told == [Access(Audience.EVERYBODY)]
        else:
            assert isinstance(told[0], NotFound if condition == "item-not-found" else PeerError)


def test_words_of_everything_can_be_read(blog: Blog) -> None:
    assert cleaning.words(now(blog.preview(Draft("# a\n\nb\n\n- c\n- d"))).html) == "a\n\nb\n\nc\nd"


def test_people_are_let_in_before_others_are_shut_out(romeo: Profile, blog: Blog) -> None:
    told = begin(blog.set_access(OURS, Access(Audience.LISTED, listed=[JULIET])))
    ready(romeo)
    affiliated = "".join(
        f"<affiliation jid='{jid}' affiliation='{what}'/>"
        for jid, what in (("tybalt@capulet.lit", "member"), ("@@", "member"), (OWN, "owner"), ("x.lit", "publisher"))
    )
    romeo.wire.answer("<aff", f"<pubsub xmlns='{PUBSUB}#owner'><affiliations>{affiliated}</affiliations></pubsub>")
    changes = asked(romeo, "<affiliations")
    assert changes.count("<affiliation ") == 2
    assert "<affiliation jid='tybalt@capulet.lit' affiliation='none'/>" in changes
    assert f"<affiliation jid='{JULIET}' affiliation='member'/>" in changes
    romeo.wire.answer("<affiliations")
    assert "<value>whitelist</value>" in asked(romeo, "<configure")
    romeo.wire.answer("<configure")
    subscribed = "".join(
        f"<subscription jid='{jid}' subscription='subscribed'/>" for jid in (JULIET, OWN, "tybalt@capulet.lit/x")
    )
    told_of = f"<pubsub xmlns='{PUBSUB}#owner'><subscriptions>{subscribed}</subscriptions></pubsub>"
    romeo.wire.answer("<subscriptions", told_of)
    ended = asked(romeo, "<subscriptions")  # some servers let subscribers read
    assert ended.count("<subscription ") == 1
    assert "<subscription jid='tybalt@capulet.lit/x' subscription='none'/>" in ended
    romeo.wire.answer("<subscriptions")
    romeo.wire.answer(
        "<items", items(("1", "", f"<title>x</title>{replies(OWN, '1')}"), ("2", "", replies(JULIET, "2")))
    )
    romeo.wire.answer("<aff", f"<pubsub xmlns='{PUBSUB}#owner'><affiliations/></pubsub>")
    assert f"node='{COMMENTS}/1'" in asked(romeo, "<affiliations")
    romeo.wire.answer("<affiliations")
    romeo.wire.answer("<configure")
    for id in ("1", "2"):
        romeo.wire.refuse(f"node='{ATTACHED}/xmpp:{OWN}?;node=urn%3Axmpp%3Amicroblog%3A0;item={id}'", "item-not-found")
    assert told == [None]


def test_a_group_is_who_is_in_it(romeo: Profile, blog: Blog) -> None:
    roster = "<query xmlns='jabber:iq:roster'>{}</query>"
    juliet = f"<item jid='{JULIET}' subscription='both'><group>Friends</group></item>"
    romeo.wire.answer("jabber:iq:roster", roster.format(juliet))
    begin(blog.set_access(OURS, Access(Audience.GROUPS, ["Friends", " Friends"])))
    ready(romeo)
    members = f"<affiliation jid='{JULIET}' affiliation='member'/>"
    nobody = f"<pubsub xmlns='{PUBSUB}#owner'><affiliations/></pubsub>"
    romeo.wire.answer("<affiliations", nobody)
    assert members in asked(romeo, "<affiliations")
    for each in ("<affiliations", "<configure"):
        romeo.wire.answer(each)
    romeo.wire.refuse("<subscriptions", "feature-not-implemented")
    romeo.wire.answer("<items")
    told = begin(blog.get_access(OURS))
    ready(romeo, "whitelist")
    assert told == [Access(Audience.GROUPS, ["Friends"])]
    nurse = "<item jid='nurse@capulet.lit' subscription='both'><group>Friends</group></item>"
    romeo.hears(f"<iq type='set' id='p' from='{OWN}'>{roster.format(nurse)}</iq>")
    romeo.clock.advance(SOON)
    listed = nobody.replace("<affiliations/>", f"<affiliations>{members}</affiliations>")
    romeo.wire.answer("<affiliations", listed)
    change = asked(romeo, "<affiliations")
    assert "<affiliation jid='nurse@capulet.lit' affiliation='member'/>" in change
    assert str(JULIET) not in change
