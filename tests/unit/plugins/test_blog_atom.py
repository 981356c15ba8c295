"""Entries as other programs write them, and as we do."""

from __future__ import annotations

from typing import Any

import pytest
from support.parsing import parse

from sat.api import JID
from sat.api.places import from_uri, to_uri
from sat.api.posts import MICROBLOG, NOWHERE, Enclosure, Place, Post, Version
from sat.plugins.blog import atom, cleaning
from sat.xmpp import xml
from sat.xmpp.pubsub import Item

ROMEO, JULIET, TYBALT = JID("romeo@montague.lit"), JID("juliet@capulet.lit"), JID("tybalt@capulet.lit")
SERVICE = JID("pubsub.capulet.lit")
NOW = 1_790_000_000.0
COMMENTS = Place(JULIET, f"{MICROBLOG}:comments/balcony")

# An article as Movim's users publish it: both contents, a picture, a place for comments, an address on the web.
MOVIM = """<entry xmlns='http://www.w3.org/2005/Atom'>
  <title>On the balcony</title>
  <author><name>Juliet  Capulet</name><uri>xmpp:juliet@capulet.lit</uri></author>
  <link rel='enclosure' title='The moon' href='https://capulet.lit/moon.jpg' type='image/jpeg' length='4096'/>
  <link rel='alternate' type='text/html' href='https://capulet.lit/blog/balcony'/>
  <link rel='alternate' href='xmpp:juliet@capulet.lit?;node=urn:xmpp:microblog:0;item=balcony'/>
  <link rel='replies' title='comments'
    href='xmpp:juliet@capulet.lit?;node=urn%3Axmpp%3Amicroblog%3A0%3Acomments%2Fbalcony'/>
  <category term='love'/><category term='#moon'/><category term='love'/>
  <content type='text'>Swear not by the **moon**.</content>
  <content type='xhtml'>
    <div xmlns='http://www.w3.org/1999/xhtml'><p>Swear not by the <strong>moon</strong>.</p></div>
  </content>
  <published>2026-06-01T20:00:00Z</published><updated>2026-06-01t21:30:00+01:00</updated>
  <id>tag:capulet.lit,2026-06-01:posts-balcony</id>
</entry>"""
# A short post as Converse has them: its title is all that it says.
CONVERSE = """<entry xmlns='http://www.w3.org/2005/Atom' xml:lang='en'>
  <title type='text'>What's in a name? https://capulet.lit/rose.</title>
  <author><name>Juliet</name><uri>xmpp:juliet@capulet.lit</uri></author>
  <id>tag:capulet.lit,2026-06-02:posts-rose</id>
  <published>2026-06-02T08:00:00.000Z</published><updated>2026-06-02T08:00:00.000Z</updated>
</entry>"""
HEART = """<entry xmlns='http://www.w3.org/2005/Atom'><title>♥</title>
  <author><uri>xmpp:romeo@montague.lit</uri></author><published>2026-06-03T00:00:00Z</published></entry>"""


def read(entry: str, publisher: str = "", service: JID = JULIET, node: str = MICROBLOG) -> Post:
    found = atom.read(Item("balcony", parse(entry), publisher), service, node, NOW)
    assert found is not None
    return found


def entry(inside: str) -> str:
    return f"<entry xmlns='http://www.w3.org/2005/Atom'>{inside}</entry>"


def test_an_article_is_read() -> None:
    post = read(MOVIM, "juliet@capulet.lit/balcony")
    assert post == Post(
        Place(JULIET, MICROBLOG, "balcony"),
        JULIET,
        "Juliet Capulet",
        True,
        "On the balcony",
        "Swear not by the moon.",
        "<p>Swear not by the <strong>moon</strong>.</p>",
        published=1_780_344_000.0,
        updated=1_780_345_800.0,
        tags=["love", "moon"],
        enclosures=[Enclosure("https://capulet.lit/moon.jpg", "image/jpeg", "The moon", 4096)],
        url="https://capulet.lit/blog/balcony",
        comments=COMMENTS,
    )


def test_a_short_post_is_text_without_a_title() -> None:
    post = read(CONVERSE)
    url = "https://capulet.lit/rose"
    rel = "noopener noreferrer nofollow"
    assert (post.title, post.text, post.lang) == ("", f"What's in a name? {url}.", "en")
    assert post.html == f'<p>What\'s in a name? <a href="{url}" rel="{rel}">{url}</a>.</p>'
    assert read(HEART, str(ROMEO), node=COMMENTS.node).text == "♥"


@pytest.mark.parametrize(
    ("title", "text", "shown"),
    [("Hello", "Hello\n\nmore", ""), ("Hello…", "Hello world", ""), ("Hello", "Hello world", "Hello")],
)
def test_a_title_that_only_repeats_the_text_is_none(title: str, text: str, shown: str) -> None:
    post = read(entry(f"<title>{title}</title><content>{text}</content>"))
    assert (post.title, post.text) == (shown, text)


@pytest.mark.parametrize(
    ("publisher", "service", "node", "author", "verified"),
    [
        (str(JULIET), JULIET, MICROBLOG, JULIET, True),
        (f"{TYBALT}/sword", JULIET, MICROBLOG, TYBALT, True),  # the entry says it was juliet
        (str(TYBALT), SERVICE, "verona", TYBALT, True),
        ("", JULIET, MICROBLOG, JULIET, True),  # nobody else can publish there
        ("", SERVICE, "verona", JULIET, False),
        ("", TYBALT, f"{MICROBLOG}:comments/1", JULIET, False),  # everybody can
        ("", JID("evil.test"), MICROBLOG, JULIET, False),  # no account
        ("a b@c", SERVICE, "verona", JULIET, False),
    ],
)
def test_the_publisher_is_believed_and_the_entry_is_not(
    publisher: str, service: JID, node: str, author: JID, verified: bool
) -> None:
    post = read(MOVIM, publisher, service, node)
    assert (post.author, post.verified) == (author, verified)
    assert post.name == ("Juliet Capulet" if author == JULIET else "")  # nobody has the name of another


def test_a_comment_of_nobody_is_of_the_service_as_far_as_we_know() -> None:
    post = read(entry("<title>x</title><author><uri>xmpp:a b@c</uri></author>"), "", SERVICE, "x")
    assert (post.author, post.verified) == (SERVICE, False)


@pytest.mark.parametrize(
    ("published", "updated", "read_as"),
    [
        ("2026-06-01T20:00:00Z", "", (1_780_344_000.0, 1_780_344_000.0)),
        ("", "2026-06-01T20:00:00Z", (1_780_344_000.0, 1_780_344_000.0)),
        ("2026-06-01T20:00:00Z", "2020-01-01T00:00:00Z", (1_780_344_000.0, 1_780_344_000.0)),
        ("9999-12-31T23:59:59Z", "2026-06-01T20:00:00Z", (NOW, NOW)),
        ("nan", "inf", (0.0, 0.0)),
        ("1492-10-12T00:00:00Z", "", (0.0, 0.0)),
    ],
)
def test_times_are_such_as_can_be(published: str, updated: str, read_as: tuple[float, float]) -> None:
    post = read(entry(f"<title>x</title><published>{published}</published><updated>{updated}</updated>"))
    assert (post.published, post.updated) == read_as


def test_everything_is_within_bounds() -> None:
    tags = "".join(f"<category term='{'t' * 300}{n}'/><category term='{n}'/>" for n in range(200))
    link = "<link rel='enclosure' href='https://x.test/{}' title='{}' length='{}'/>"
    links = "".join(link.format(n, "x" * 2000, "9" * 40) for n in range(100))
    post = read(entry(f"<title>{'a' * 10_000}</title><content>b</content>{tags}{links}"))
    assert post.title == f"{'a' * (atom.TITLE - 1)}…"
    assert len(post.tags) == len(post.enclosures) == atom.MOST
    assert max(map(len, post.tags)) == atom.TAG
    assert len(post.enclosures[0].title) == atom.TITLE
    assert post.enclosures[0].size == 0


def test_a_text_of_a_mebibyte_is_cut() -> None:
    post = read(entry(f"<title>{'b ' * 2**19}</title>"[: 2**20 - 400] + "</title>"))
    assert post.title == ""
    assert len(post.text) == cleaning.LONGEST
    assert post.text.endswith("…")
    assert len(post.html) < 2 * cleaning.LONGEST


@pytest.mark.parametrize(
    "link",
    [
        "<link rel='enclosure' href='javascript:alert(1)'/>",
        "<link rel='alternate' href='data:text/html,x'/>",
        "<link rel='enclosure' href='https://x.test/a b'/>",
        f"<link rel='enclosure' href='https://x.test/{'a' * 5000}'/>",
        "<link rel='replies' href='https://x.test/'/>",
        "<link rel='replies' href='xmpp:a b@c?;node=x'/>",
        f"<link rel='replies' href='xmpp:a@b?;node={'x' * 1024}'/>",
        "<link rel='via' href='xmpp:a@b?;node=x'/>",
        "<in-reply-to xmlns='http://purl.org/syndication/thread/1.0' href='http://x.test/' ref='tag:x'/>",
    ],
)
def test_links_to_what_cannot_be_are_left_out(link: str) -> None:
    assert read(entry(f"<title>x</title>{link}")) == read(entry("<title>x</title>"))


@pytest.mark.parametrize(
    "payload", [None, "<feed xmlns='http://www.w3.org/2005/Atom'/>", "<entry xmlns='urn:x'/>"], ids=str
)
def test_what_is_no_entry_is_no_post(payload: str | None) -> None:
    assert atom.read(Item("0", None if payload is None else parse(payload)), JULIET, MICROBLOG, NOW) is None


def test_an_item_without_an_id_is_no_post() -> None:
    assert atom.read(Item("", parse(CONVERSE)), JULIET, MICROBLOG, NOW) is None


def ours(**values: Any) -> Post:
    text = values.setdefault("text", "Hello\nworld")
    values.setdefault("html", cleaning.from_text(text))
    known = {"place": Place(ROMEO, MICROBLOG, "first"), "author": ROMEO, "name": "Romeo", "verified": True}
    return Post(**{**known, "published": NOW - 60, "updated": NOW - 30, **values})


@pytest.mark.parametrize(
    "post",
    [
        ours(),
        ours(text="Short"),
        ours(text="♥"),
        ours(text="x" * 1000),
        ours(title="A title", text="A title of its own", lang="de-CH"),
        ours(title="Only a title & <nothing>", text="", html=""),
        ours(
            title="All",
            html='<p>Hello<br/><em>world</em></p><img src="https://x.test/a.png" alt="a" loading="lazy" '
            'referrerpolicy="no-referrer"/>',
            text="Hello\nworld\n\na",
            tags=["a b", "ü"],
            enclosures=[Enclosure("https://x.test/a?b=c&d", "image/png", 'a "b"', 7), Enclosure("https://x.test/b")],
            url="https://x.test/blog",
            comments=Place(ROMEO, f"{MICROBLOG}:comments/first"),
            via=Place(SERVICE, "ver;ona=1", "a/b ü"),
            answers=Place(JULIET, MICROBLOG, "balcony"),
        ),
    ],
)
def test_what_is_written_is_read_as_it_was(post: Post) -> None:
    sent = parse(xml.to_text(atom.write(post)))
    found = atom.read(Item("first", sent, "romeo@montague.lit/garden"), ROMEO, MICROBLOG, NOW)
    if not post.text:  # nothing but a title is how short posts look
        post = post._replace(title="", text=post.title, html=cleaning.from_text(post.title))
    assert found == post


def test_a_changed_entry_keeps_its_id_and_what_we_do_not_know() -> None:
    known = parse(entry("<title>x</title><id>tag:x,2000:1</id><geoloc xmlns='urn:geo'><lat>1</lat></geoloc>"))
    made = xml.to_text(atom.write(ours(), known))
    assert "<id>tag:x,2000:1</id>" in made
    assert "<geoloc xmlns='urn:geo'><lat>1</lat></geoloc>" in made
    assert made.count("<title") == 1
    assert "<id>tag:montague.lit,2026-09-21:posts-first</id>" in xml.to_text(atom.write(ours()))


def test_a_like_is_a_title_and_nothing_more() -> None:
    made = atom.write(ours(text="♥"))
    assert xml.text_of(xml.child(made, "title")) == "♥"
    assert xml.child(made, "content") is None


def test_a_place_is_an_address() -> None:
    place = Place(ROMEO, MICROBLOG, "a;b=c/d ü")
    uri = "xmpp:romeo@montague.lit?;node=urn%3Axmpp%3Amicroblog%3A0;item=a%3Bb%3Dc%2Fd%20%C3%BC"
    assert to_uri(place) == uri
    assert from_uri(uri) == place
    assert from_uri("XMPP:pubsub.x.test?pubsub;action=retrieve;node=a") == Place(JID("pubsub.x.test"), "a")
    assert from_uri("xmpp://me@x.test/romeo@x.test?;node=a") is None
    assert from_uri("xmpp:romeo@x.test") is None
    assert NOWHERE.node == ""


# -- languages -----------------------------------------------------------------------------------------------------

LANGUAGES = (
    "<title type='text'>Moon</title><content type='text'>Swear not</content>"
    "<title xml:lang='fr' type='text'>Lune</title><content xml:lang='FR' type='text'>Ne jure pas</content>"
    "<content xml:lang='fr' type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>Ne <b>jure</b> pas"
    "<script>x()</script></p></div></content><title xml:lang='de'>Schwöre nicht</title>"
)


def test_a_post_says_the_same_in_several_languages() -> None:
    post = read(entry(LANGUAGES).replace("<entry", "<entry xml:lang='en'"))
    assert (post.lang, post.title, post.text, post.html) == ("en", "Moon", "Swear not", "<p>Swear not</p>")
    assert post.versions == [
        Version("fr", "Lune", "Ne jure pas", "<p>Ne <b>jure</b> pas</p>"),
        Version("de", "", "Schwöre nicht", "<p>Schwöre nicht</p>"),
    ]


@pytest.mark.parametrize(
    ("inside", "lang", "title", "text"),
    [
        ("<title>T</title><content xml:lang='fr'>C</content>", "fr", "T", "C"),
        ("<title xml:lang='fr'>T</title><content>C</content>", "fr", "T", "C"),
        ("<title xml:lang='fr'>T</title><title xml:lang='e'>U</title><content xml:lang='e'>C</content>", "fr", "", "T"),
        ("<content xml:lang='fr'>C</content>", "fr", "", "C"),
        ("<title xml:lang='so it is'>T</title>", "", "", "T"),
        ("", "", "", ""),
    ],
)
def test_the_first_language_is_the_main_one(inside: str, lang: str, title: str, text: str) -> None:
    post = read(entry(inside))
    assert (post.lang, post.title, post.text) == (lang, title, text)


def test_what_is_written_in_several_languages_begins_as_if_there_was_one() -> None:
    html = "<p>Swear <b>not</b></p>"
    plain = Post(Place(JULIET, id="x"), JULIET, "", True, "Moon", "Swear not", html, "en", 1.0, 2.0)
    versions = [Version("fr", "Lune", "Ne jure pas", "<p>Ne jure pas</p>"), Version("de", "", "Nein", "<p>Nein</p>")]
    post = plain._replace(versions=versions)
    alone, written = xml.to_text(atom.write(plain)), xml.to_text(atom.write(post))
    assert written.startswith(alone[: alone.index("<id>")])
    assert read(written)._replace(place=post.place) == post


def test_languages_are_bounded() -> None:
    many = "".join(f"<title xml:lang='x-{number}'>T</title>" for number in range(500))
    assert len(read(entry(many)).versions) == atom.VERSIONS - 1
