"""Posts of other programs, read from files."""

from __future__ import annotations

import tracemalloc
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sat.api.errors import InvalidArgument
from sat.api.posts import Enclosure
from sat_frontends.jp.moving.feeds import read_feed
from sat_frontends.jp.moving.incoming import Found, harmless_slug, plain, slug_of
from sat_frontends.jp.moving.markup import of_wordpress, well_formed

WXR = (
    '<rss xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/">'
    "<channel>{}</channel></rss>"
)
ITEM = "<item><title>{title}</title><wp:post_id>{id}</wp:post_id><wp:post_type>{type}</wp:post_type>{more}</item>"


def read(text):
    found = Found()
    read_feed(BytesIO(text if isinstance(text, bytes) else text.encode()), "x.xml", found)
    return found


def wordpress(*items):
    return read(WXR.format("".join(items)))


def item(title="T", id="1", type="post", status="publish", more=""):
    return ITEM.format(title=title, id=id, type=type, more=f"<wp:status>{status}</wp:status>{more}")


def content(html):
    return f"<content:encoded><![CDATA[{html}]]></content:encoded>"


# -- feeds -------------------------------------------------------------------------------------------------------


def test_an_entry_keeps_its_date_address_and_files():
    found = read(
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>tag:1</id><title>Light</title>'
        '<link href="https://b.lit/2020/what-light.html"/><published>2020-02-29T12:00:00Z</published>'
        '<link rel="enclosure" href="https://b.lit/a.ogg" type="audio/ogg" length="7" title="a"/>'
        '<link rel="enclosure" href="file:///etc/passwd"/></entry></feed>'
    )
    ((draft, unfinished),) = found.posts
    assert (draft.slug, draft.published, unfinished) == ("what-light", 1_582_977_600.0, False)
    assert draft.enclosures == [Enclosure("https://b.lit/a.ogg", "audio/ogg", "a", 7)]


def test_an_entry_of_xhtml_is_what_is_in_its_frame():
    entry = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><content type="xhtml">'
        '<h:div xmlns:h="http://www.w3.org/1999/xhtml">a &lt; <h:b>b</h:b> c</h:div></content></entry></feed>'
    )
    assert read(entry).posts[0].draft.body == "a &lt; <b>b</b> c"


def test_the_same_slug_is_made_again():
    rss = "<rss><channel>{}</channel></rss>"
    one = "<item><title>Ünd so: weiter!</title><link>https://b.lit/?p=12</link><guid>a</guid></item>"
    other = "<item><title>x</title><link>https://b.lit/2021/same</link><guid>{}</guid></item>"
    text = rss.format(one + other.format("b") + other.format("c"))
    slugs = [each.draft.slug for each in read(text).posts]
    assert slugs == [each.draft.slug for each in read(text).posts]
    assert slugs[0].startswith("und-so-weiter-")
    assert slugs[1] == "same"
    assert slugs[2].startswith("same-")


@pytest.mark.parametrize(
    ("link", "title", "slug"),
    [
        ("https://b.lit/a/The%20Light.php", "", "the-light"),
        ("https://b.lit/日本/", "", "日本"),
        ("https://[b.lit/a", "T", "t-"),
        ("", "", "post-"),
    ],
)
def test_slugs_of_links(link, title, slug):
    assert slug_of(link, title, "id").startswith(slug)


def test_slugs_of_others_are_harmless():
    assert harmless_slug("%e6%97%a5-x") == "日-x"
    assert harmless_slug("a/../b c") == "a-b-c"
    assert (harmless_slug("0"), plain("-0-")) == ("", "")
    assert len(harmless_slug("x" * 300)) == 60


# -- WordPress ---------------------------------------------------------------------------------------------------


def test_what_is_published_and_what_is_not():
    date = "<wp:post_date>2020-02-29 12:00:00</wp:post_date>"
    found = wordpress(
        item("A", "1"),
        item("B", "2", status="private", more=date),
        item("C", "3", status="future", more=date),
        item("D", "4", status="trash"),
        item("E", "5", type="nav_menu_item"),
        item("F", "6", more="<wp:post_password>x</wp:post_password>"),
        item("G", "7", status="inherit", type="revision"),
    )
    assert [(each.draft.title, each.unfinished) for each in found.posts] == [("A", False), ("B", True), ("C", True)]
    assert [bool(each.draft.published) for each in found.posts] == [False, True, False]
    assert (found.others, found.locked) == (3, 1)


def test_what_a_post_is_made_of():
    more = (
        "<wp:post_name>caf%c3%a9</wp:post_name><wp:post_date_gmt>2020-02-29 12:00:00</wp:post_date_gmt>"
        "<wp:comment_status>closed</wp:comment_status>"
        '<category domain="category" nicename="uncategorized">Uncategorized</category>'
        '<category domain="category" nicename="a">A &amp; B</category><category domain="post_tag">#x</category>'
        '<category domain="post_format">post-format-aside</category>'
    )
    ((draft, _),) = wordpress(item(more=more + content("<b>a</b>"))).posts
    assert (draft.slug, draft.tags, draft.comments) == ("café", ["A & B", "x"], False)
    assert (draft.published, draft.xhtml, draft.body) == (1_582_977_600.0, True, "<p><b>a</b></p>")


def test_files_go_with_their_post_unless_they_stand_in_it():
    url = "<wp:post_parent>1</wp:post_parent><wp:attachment_url>https://b.lit/{}</wp:attachment_url>"
    found = wordpress(
        item("Window", "2", "attachment", "inherit", url.format("window.png")),
        item("T", "1", more=content('<img src="https://b.lit/window-300x200.png">')),
        item("A\n talk", "3", "attachment", "inherit", url.format("talk.mp3")),
        item("Bad", "4", "attachment", "inherit", url.format("x").replace("https", "file")),
    )
    ((draft, _),) = found.posts
    assert draft.enclosures == [Enclosure("https://b.lit/talk.mp3", "audio/mpeg", "A talk")]
    assert '<img src="https://b.lit/window-300x200.png"' in draft.body


@pytest.mark.parametrize(
    ("text", "xhtml"),
    [
        ("one\n\ntwo\r\nlines", "<p>one</p><p>two<br/>lines</p>"),
        ("<h2>a</h2>\n\nb", "<h2>a</h2><p>b</p>"),
        ("a\n\n<pre>b\n\nc</pre>\n\nd", "<p>a</p><pre>b\n\nc</pre><p>d</p>"),
        ("<!-- wp:paragraph --><p>a</p>\n\n<!-- /wp:paragraph -->", "<p>a</p>\n\n"),
        ('[caption id="a" width="1"]<img src="https://x/a.png"> b[/caption]', '<p><img src="https://x/a.png"/> b</p>'),
        ("", ""),
    ],
)
def test_paragraphs(text, xhtml):
    assert of_wordpress(text) == xhtml


# -- what is hostile ---------------------------------------------------------------------------------------------


BOMB = (
    '<!DOCTYPE rss [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
    + "]><rss><channel><item><title>&m;</title></item></channel></rss>"
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        BOMB.replace("<rss>", '<rss version="&m;">'),
        '<!DOCTYPE rss SYSTEM "http://b.lit/x.dtd"><rss><channel/></rss>',
        '<!DOCTYPE f [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><item>&x;</item></channel></rss>',
        "<html/>",
        "<language/>",
        "<rss><channel>",
        "",
        "<rss><channel><item><title>&x;</title></item></channel></rss>",
        "<rss>" + "<a>" * 5000 + "</a>" * 5000 + "</rss>",
    ],
)
def test_what_is_refused(text):
    with pytest.raises(InvalidArgument):
        read(text)


def test_a_text_that_is_too_large_is_refused():
    with pytest.raises(InvalidArgument):
        read(b"<rss><channel><item><title>" + b"x" * (11 << 20) + b"</title></item></channel></rss>")


def test_titles_and_tags_are_cut():
    tags = "".join(f"<category>{n}{'x' * 500}</category>" for n in range(200))
    ((draft, _),) = read(f"<rss><channel><item><title>{'x ' * 100_000}</title>{tags}</item></channel></rss>").posts
    assert (len(draft.title), len(draft.tags), len(draft.tags[0])) == (300, 50, 100)


def test_what_is_no_post_is_not_kept():
    """A large export is mostly comments and revisions."""
    size = 4 << 20
    revision = item(type="revision", more=content("x" * 10_000))
    text = WXR.format(revision * (size // len(revision))).encode()
    tracemalloc.start()
    found = read(text)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.others > 300
    assert most < size / 4


PIECES = [
    "<p>", "</p>", "<script>", "</script>", "<pre>", "</pre>", "<!--", "-->", "<![CDATA[", "]]>", "&lt;", "&#0;", "&x;",
    "\n\n", "[caption", "]", "<a href='", "'>", "<x:y>", "<p <b>", "=", "\x00", "\ud800", "é", "<svg/onload=1>", "</",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=20).map("".join))
def test_any_markup_becomes_something(text):
    assert isinstance(well_formed(text), str)
    assert isinstance(of_wordpress(text), str)


@given(
    st.binary(max_size=60)
    | st.text(max_size=40).map(lambda text: f"<rss><channel><item>{text}".encode("utf-8", "replace"))
)
def test_any_file_is_read_or_refused(data):
    said, posts = "", []
    try:
        posts = read(data).posts
    except InvalidArgument as error:
        said = str(error)
    assert said.startswith("x.xml ") or all(each.draft.slug for each in posts)
