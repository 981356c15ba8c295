"""Blogs as files on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import feedparser
from support.atom_schema import faults


def fields(line):
    return line.split("\t")


def test_export_and_import(own, tmp_path):
    jp, _ = own
    assert jp("blog", "set", "--slug", "../../etc", "Climb").code == 0
    done = jp("blog", "export", "--to", str(tmp_path / "out"))
    assert (done.code, done.err) == (0, "2 posts.\n")
    names = sorted(path.name[11:] for path in (tmp_path / "out").iterdir())
    assert names == ["etc.md", "own.md"]
    (own_file,) = (tmp_path / "out").glob("*own.md")
    assert own_file.read_text().startswith(
        '---\ntitle: Own\ntags: ["a, b"]\nlanguage: en\ncomments: yes\nslug: own\ndate: 2025-06-15T'
    )
    assert jp("blog", "export", "--to", str(tmp_path / "out")).code == 19
    assert jp("blog", "export", "--to", str(tmp_path / "out"), "--replace").code == 0
    done = jp("blog", "import", str(tmp_path / "out"))
    assert (done.code, done.err.splitlines()[-1]) == (0, "0 posts published, 2 there already.")
    jp("blog", "delete", "me//own", "--yes")
    assert jp("blog", "import", str(tmp_path / "out")).code == 0
    (post,) = json.loads(jp("blog", "get", "me//own", "-o", "json").out)
    assert (post["title"], post["tags"]) == ("Own", ["a, b"])
    lines = jp("blog", "export", "bob@localhost", "--format", "lines").lines
    assert [json.loads(line)["place"]["id"] for line in lines] == ["tagged", "what-light"]


def test_import_of_other_programs(own, tmp_path):
    jp, _ = own
    (tmp_path / "b.md").write_text(
        "---\nlayout: post\nauthor:\n  name: Al\n  since: 1597\ncategories:\n  - x\n"
        "title: Newer\ndate: 2025-02-01\ntags:\n  - a\n  - 'b c'\n---\nTwo"
    )
    (tmp_path / "a.md").write_text("---\ntitle: Older\ndate: 2024-02-01\n---\nOne")
    assert jp("blog", "import", str(tmp_path), "--dry-run").lines == ["Older", "Newer"]
    assert fields(jp("blog", "list").lines[0])[4] == "Own"
    assert jp("blog", "import", str(tmp_path)).code == 0
    newest = fields(jp("blog", "list").lines[0])
    assert newest[4:7] == ["Newer", "Two", "a,b c"]
    assert jp("blog", "import", str(tmp_path / "none.md")).code == 2
    (tmp_path / "secret.conf").write_text("password = x")
    done = jp("blog", "import", str(tmp_path / "secret.conf"))  # what is no post is not published by a slip
    assert (done.code, "Markdown ends in .md" in done.err) == (17, True)
    assert fields(jp("blog", "list").lines[0]) == newest


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
<entry><title>Second</title><published>2025-02-01T00:00:00Z</published><category term="night"/>
<content type="html">&lt;p>A &lt;b>bold&lt;/b>&lt;br>line</content></entry>
<entry><title>First</title><updated>2024-01-01T00:00:00Z</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Old</p></div></content></entry></feed>"""
RSS = """<rss version="2.0"><channel><language>fr</language><item><title>Un</title><description>&lt;p>mot&lt;/p>
</description><pubDate>Wed, 01 Jan 2025 00:00:00 GMT</pubDate></item></channel></rss>"""
BOMB = '<!DOCTYPE f [<!ENTITY x SYSTEM "file:///etc/hostname">]><rss><channel><item><title>&x;</title></item></channel></rss>'


def test_import_of_feeds(own, tmp_path):
    jp, _ = own
    (tmp_path / "f.atom").write_text(ATOM)
    assert jp("blog", "import", str(tmp_path / "f.atom")).code == 0
    newest, before = map(fields, jp("blog", "list").lines[:2])
    assert (newest[4], newest[6], before[4]) == ("Second", "night", "First")
    assert "<b>bold</b><br/>line" in newest[5]
    assert "<p>Old</p>" in before[5]
    (tmp_path / "f.rss").write_text(RSS)
    assert jp("blog", "import", str(tmp_path / "f.rss")).code == 0
    assert json.loads(jp("blog", "list", "-n", "1", "-o", "json").out)[0]["lang"] == "fr"
    (tmp_path / "bomb.xml").write_text(BOMB)
    done = jp("blog", "import", "--dry-run", str(tmp_path / "bomb.xml"))
    assert (done.code, done.out, "has a document type" in done.err) == (17, "", True)
    (tmp_path / "no.xml").write_text("<html/>")
    assert jp("blog", "import", str(tmp_path / "no.xml")).code == 17
    (tmp_path / "no.xml").write_text("<html")
    assert jp("blog", "import", str(tmp_path / "no.xml")).code == 17


# -- there and back ----------------------------------------------------------------------------------------------


def test_our_own_files_give_the_same_posts_back(own, tmp_path):
    jp, _ = own
    assert jp("blog", "delete", "me//own", "--yes").code == 0  # its draft says other things than it
    page = tmp_path / "post.md"
    page.write_text(
        '---\ntitle: "All: of it"\nlang: en\ntags: [\'a, b\', "c"]\nslug: all\ncomments: no\ndate: 2020-02-29T12:00Z\n'
        "files: ['https://x.lit/a.png image/png 12 a window']\n---\n\nOne\n\n---\n\\--- lang: x\n\n"
        "--- lang: fr\ntitle: Tout\n---\n\nUn\n"
    )
    for words in (
        ["--file", str(page)],
        ["--xhtml", "--slug", "x", "<p>soft &amp; <b>bold</b></p>"],
        ["--slug", "日本", "x"],
    ):
        assert jp("blog", "set", *words).code == 0
    before = json.loads(jp("blog", "list", "-o", "json").out)
    assert jp("blog", "export", "--to", str(tmp_path / "out")).code == 0
    for post in before:
        assert jp("blog", "delete", f"me//{post['place']['id']}", "--yes").code == 0
    assert jp("blog", "import", str(tmp_path / "out")).code == 0
    after = json.loads(jp("blog", "list", "-o", "json").out)
    kept = [{key: each[key] for key in each if key not in ("order", "updated")} for each in before]
    found = [{key: each[key] for key in each if key not in ("order", "updated")} for each in after]
    assert sorted(found, key=lambda each: each["place"]["id"]) == sorted(kept, key=lambda each: each["place"]["id"])
    assert [each["published"] for each in after] == sorted((each["published"] for each in before), reverse=True)
    assert len(kept) == 3


WORDPRESS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:wp="http://wordpress.org/export/1.2/"><channel><language>en-US</language>
<item><title>Light</title><content:encoded><![CDATA[But soft

what <script>x</script>]]></content:encoded><wp:post_id>1</wp:post_id>
<wp:post_date_gmt>2020-02-29 12:00:00</wp:post_date_gmt>
<wp:post_name>light</wp:post_name><wp:status>publish</wp:status><wp:post_type>post</wp:post_type>
<category domain="post_tag" nicename="night">Night</category>
<wp:comment><wp:comment_id>1</wp:comment_id></wp:comment></item>
<item><title>Not yet</title><wp:post_name></wp:post_name><wp:post_date_gmt>0000-00-00 00:00:00</wp:post_date_gmt>
<wp:status>draft</wp:status><wp:post_type>post</wp:post_type></item>
<item><title>About</title><wp:status>publish</wp:status><wp:post_type>page</wp:post_type></item></channel></rss>"""


def test_import_of_wordpress(own, tmp_path):
    jp, _ = own
    path = str(tmp_path / "w.xml")
    Path(path).write_text(WORDPRESS)
    done = jp("blog", "import", path, "--dry-run", "--drafts")
    assert (done.code, done.lines) == (0, ["Not yet", "Light"])
    said = "1 post would be published, 1 draft would be kept, 1 that are no posts left out.\n"
    assert done.err == said + "1 comment not imported: they would all be yours.\n"
    assert jp("blog", "drafts").lines == []
    done = jp("blog", "import", path)
    assert "1 post published, 1 draft left out (--drafts keeps them)" in done.err
    (post,) = json.loads(jp("blog", "get", "me//light", "-o", "json").out)
    assert (post["tags"], post["lang"], post["published"]) == (["Night"], "en-US", 1_582_977_600.0)
    for _ in range(2):
        done = jp("blog", "import", path, "--drafts")
    assert done.err.startswith("0 posts published, 2 there already, 1 that are")
    assert [line.split("\t")[2] for line in jp("blog", "drafts").lines] == ["Not yet"]


def test_what_is_refused_does_not_hold_up_the_others(own, tmp_path):
    jp, _ = own
    feed = "<rss><channel><item><link>http://x/{}</link>{}</item><item><title>Good</title></item></channel></rss>"
    path = tmp_path / "f.rss"
    path.write_text(feed.format("empty", "<title> </title>"))
    done = jp("blog", "import", str(path))
    assert (done.code, "“empty” is not taken: The post is empty." in done.err) == (17, True)
    assert done.err.endswith("1 post published, 1 refused.\n")


# -- for the web -------------------------------------------------------------------------------------------------


def test_a_feed_for_news_readers(jp, tmp_path):
    path = tmp_path / "bob.atom"
    done = jp("blog", "export", "bob@localhost", "--format", "atom", "--to", str(path), "--title", "Bob's")
    assert (done.code, done.out, done.err) == (0, "", "2 posts.\n")
    found = feedparser.parse(path.read_bytes())
    assert faults(path.read_bytes()) == []
    assert (found.bozo, found.version, found.feed.title) == (False, "atom10", "Bob's")
    first, light = found.entries
    assert (light.title, light.author, light.content[0].value) == (
        "What light",
        "Bob",
        "<p>But soft,\nwhat ␛[31mlight</p>",
    )
    assert [each.term for each in first.tags] == ["balcony", "ni␛[31mght"]
    assert light.enclosures[0].href == "https://localhost/window.png"
    assert light.id == "xmpp:bob@localhost?;node=urn%3Axmpp%3Amicroblog%3A0;item=what-light"
    assert jp("blog", "export", "bob@localhost", "--format", "atom", "--to", str(path)).code == 19
    assert jp("blog", "import", str(path), "--dry-run").lines == ["What light", "No title, but a tag"]


def test_a_json_feed(jp):
    feed = json.loads(jp("blog", "export", "bob@localhost", "--format", "json", "--url", "https://b.lit/").out)
    assert (feed["version"], feed["title"]) == ("https://jsonfeed.org/version/1.1", "Blog of bob@localhost")
    assert feed["home_page_url"] == "https://b.lit"
    first, light = feed["items"]
    assert (first["language"], first["tags"]) == ("en", ["balcony", "ni\x1b[31mght"])
    assert light["date_published"] == "2025-06-15T15:07:40Z"
    assert light["attachments"] == [
        {
            "url": "https://localhost/window.png",
            "mime_type": "image/png",
            "title": "her \x1b[31mwindow",
            "size_in_bytes": 2048,
        }
    ]


def test_a_site(jp, tmp_path):
    done = jp("blog", "export", "bob@localhost", "--format", "site", "--to", str(tmp_path / "site"))
    assert (done.code, done.err) == (0, "2 posts.\n")
    files = {path.name: path.read_text() for path in (tmp_path / "site").iterdir()}
    assert set(files) == {
        "index.html", "atom.xml", "style.css", "tag-balcony.html", "tag-ni--31mght.html",
        "2025-06-15-what-light.html", "2025-06-15-tagged.html",
    }  # fmt: skip
    assert "It is� the east" in files["2025-06-15-what-light.html"]
    assert feedparser.parse(files["atom.xml"]).entries[1].link == "2025-06-15-what-light.html"
    assert jp("blog", "export", "bob@localhost", "--format", "site", "--to", str(tmp_path / "site")).code == 19
    again = ("blog", "export", "bob@localhost", "--format", "site", "--to", str(tmp_path / "site"), "--replace")
    assert jp(*again, "--no-comments").code == 0
    assert "the east" not in (tmp_path / "site/2025-06-15-what-light.html").read_text()


def test_words_that_do_not_fit_together(jp):
    for words in (
        ["--format", "site"],
        ["--title", "x"],
        ["--format", "json", "--pictures"],
        ["--format", "atom", "--no-comments"],
        ["--format", "atom", "--url", "javascript:x"],
    ):
        assert jp("blog", "export", "bob@localhost", *words).code == 2
