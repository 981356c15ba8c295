"""Blogs for everybody: what strangers see, and what they do not."""

from __future__ import annotations

import gzip
import re
from html import unescape
from xml.etree import ElementTree

import feedparser
import pytest
from playwright.sync_api import expect
from support.atom_schema import faults

from libervia.server.app import PUBLIC_PAGES
from libervia.server.public import SETTING
from sat.core.settings import Entry
from sat.plugins.public_blog.plugin import Options
from sat_frontends.quick_frontend.post_words import harmless as harmless_address

from .client import Client, Server
from .test_accessible import check_stretched
from .test_blog import ALICE, BOB, fill
from .test_injection import check as harmless
from .test_security import check_headers
from .world import PASSWORD

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def stranger(server):
    """Nobody is logged in; alice's blog is for everybody."""
    server.publish()
    return Client(server)


def policy(answer):
    return answer.header("Content-Security-Policy")


# -- who sees what ----------------------------------------------------------------------------------------------------


def test_nobody_sees_a_blog_that_was_not_opened(server):
    server.post(ALICE, "text", {"title": "Roses", "id": "roses"})
    stranger = Client(server)
    for path in ("/u/alice", "/u/alice/roses", "/u/alice/atom.xml", "/u/alice/tag/x", "/u/locked", "/u/nobody", "/u"):
        answer = stranger.get(path)
        assert answer.status == 404, path
        assert "This page does not exist." in answer.text
        check_headers(answer)
    server.publish()
    assert stranger.get("/u/alice").status == 200
    server.publish(False)
    assert stranger.get("/u/alice").status == 404


@pytest.mark.parametrize("audience", ["contacts", "groups", "listed"])
def test_only_what_everybody_may_read_is_shown(stranger, server, audience):
    server.post(ALICE, "text", {"id": "roses"})
    server.access(audience, ["Friends"])
    for path in ("/u/alice", "/u/alice/roses", "/u/alice/atom.xml"):
        assert stranger.get(path).status == 404


def test_the_setting_is_one_of_the_daemon_and_off():
    assert Entry("public_blog", Options, "shown", bool, Options().shown).key == SETTING
    assert Options().shown is False


def test_strangers_learn_nothing_of_what_is_wrong(stranger, server):
    server.refuse("blog", "get_access", True, "secret")
    answer = stranger.get("/u/alice")
    assert (answer.status, "secret" in answer.text) == (503, False)
    assert "This blog cannot be read now." in answer.text
    server.refuse("blog", "get_access", False)
    server.go()
    assert stranger.get("/u/alice").status == 503
    server.come()
    assert stranger.get("/u/alice").status == 200


def test_a_post_that_is_not_there_is_said(stranger, server):
    answer = stranger.get("/u/alice/none")
    assert (answer.status, "There is no such post." in answer.text) == (404, True)
    assert stranger.get("/u/alice/tag/none").status == 404
    assert stranger.get("/u/alice/a/b").status == 404
    assert stranger.get("/u/alice/tag/a/b").status == 404


def test_posts_of_others_cannot_be_asked_for(stranger, server):
    server.post(BOB, "text", {"id": "bobs"})
    assert stranger.get("/u/alice/bobs").status == 404
    assert stranger.get("/u/alice?id=bobs").status == 404


# -- what is there ----------------------------------------------------------------------------------------------------


def test_the_newest_come_first_and_page_by_page(stranger, server):
    for number in range(12):
        server.post(ALICE, "text", {"title": f"Title {number:02}"})
    text = stranger.get("/u/alice").text
    assert text.index("Title 11") < text.index("Title 02")
    assert "Title 01" not in text
    older = unescape(re.search(r'rel="next" href="([^"]*)"', text)[1])
    text = stranger.get(older).text
    assert "Title 01" in text
    assert "Title 02" not in text


def test_a_post_has_its_comments_and_tells_other_sites_what_it_is(stranger, server):
    picture = ["https://a.example/rose.png", "image/png", "A rose"]
    fields = {
        "title": "My <roses>",
        "id": "roses",
        "tags": ["garden", "a/b ..", ".."],
        "lang": "en",
        "enclosures": [picture],
    }
    place = server.post(ALICE, 'They "grow" well', fields)
    first = server.comment(place, "carol@example.org", "first one")
    server.comment(place, "dave@example.org", "an answer", {"answers": first})
    text = stranger.get("/u/alice/roses").text
    assert text.count("<h1") == 1
    assert text.index("first one") < text.index("an answer")
    assert '<meta property="og:title" content="My &lt;roses&gt;">' in text
    assert '<meta property="og:description" content="They &#34;grow&#34; well">' in text
    assert f'<meta property="og:url" content="{server.url}/u/alice/roses">' in text
    assert '<meta property="og:image" content="https://a.example/rose.png">' in text
    assert '<img src="https://a.example/rose.png" alt="A rose" loading="lazy">' in text
    assert '<link rel="alternate" type="application/atom+xml" href="/u/alice/atom.xml"' in text
    paths = [unescape(each) for each in re.findall(r'class="tag" href="([^"]*)"', text)]
    assert paths == ["/u/alice/tag/garden", "/u/alice/tag/a%2Fb%20..", "/u/alice?tag=.."]
    for path in paths:
        assert "My &lt;roses&gt;" in stranger.get(path).text
    for form in ("<form", "<button", "csrf", "<script"):
        assert form not in text.partition("<main")[2]


@pytest.mark.parametrize("id", ["a/b", "..", "atom.xml", "tag", "é ?#&", "x\\y"])
def test_odd_ids_lead_to_their_posts(stranger, server, id):
    server.post(ALICE, "found it", {"id": id, "title": "Odd"})
    path = unescape(re.search(r'<h2 dir="auto"><a href="([^"]*)"', stranger.get("/u/alice").text)[1])
    assert "found it" in stranger.get(path).text
    assert "<h1" in stranger.get(path).text


def test_pictures_in_comments_are_not_fetched(stranger, server):
    place = server.post(ALICE, "text", {"id": "roses", "html": '<p><img src="https://a.example/r.png" alt="r"/></p>'})
    server.comment(place, BOB, "text", {"html": '<p><img src="https://tracker.example/r.png" alt="t"/></p>'})
    text = stranger.get("/u/alice/roses").text
    assert '<img src="https://a.example/r.png"' in text
    assert '<img src="https://tracker' not in text
    assert "img-src 'self' data: https:;" in policy(stranger.get("/u/alice/roses"))


# -- the same for everybody -------------------------------------------------------------------------------------------


def test_it_is_the_same_for_everybody_and_can_be_kept(client, stranger, server):
    server.post(ALICE, "text", {"id": "roses", "title": "Roses"})
    for path in ("/u/alice", "/u/alice/roses", "/u/alice/atom.xml"):
        answer = stranger.get(path)
        assert client.get(path, Cookie=f"{client.cookie_name}={client.cookie}; sat-theme=dark").raw == answer.raw
        assert answer.header("Cache-Control") == "public, max-age=60"
        assert answer.header("Set-Cookie") == ""
        assert "script-src 'none'" in policy(answer)
        again = stranger.get(path, If_None_Match=answer.header("ETag"))
        assert (again.status, again.raw) == (304, b"")
        assert stranger.get(path, If_None_Match=f'"x", {answer.header("ETag").removeprefix("W/")}').status == 304
        assert stranger.get(path, If_None_Match='"x"').status == 200


def test_many_visitors_ask_the_daemon_once(stranger, server):
    server.post(ALICE, "text", {"id": "roses"})
    for _ in range(5):
        assert stranger.get("/u/alice/roses").status == 200
    assert stranger.get("/u/alice/roses?utm=1").raw == stranger.get("/u/alice/roses").raw
    assert [call[0] for call in server.calls("blog")].count("get") == 1


def test_a_change_is_seen_at_once(client, stranger, server):
    place = server.post(ALICE, "first text", {"id": "roses", "title": "Roses"}, True)
    paths = ("/u/alice", "/u/alice/roses", "/u/alice/atom.xml")
    tags = [stranger.get(path).header("ETag") for path in paths]
    assert client.post("/blog/edit/roses", do="publish", title="Violets", body="second text").status == 303
    server.tell(place)
    for path, tag in zip(paths, tags, strict=True):
        answer = stranger.get(path, If_None_Match=tag)
        assert (answer.status, "Violets" in answer.text) == (200, True), path
    server.comment(place, BOB, "nice one")
    server.tell(place)
    assert "nice one" in stranger.get("/u/alice/roses").text
    server.goes_away(place)
    assert stranger.get("/u/alice/roses").status == 404
    assert "Violets" not in stranger.get("/u/alice").text


def test_what_others_publish_costs_nothing(stranger, server):
    server.post(ALICE, "text", {"id": "roses"})
    stranger.get("/u/alice/roses")
    server.post(BOB, "text", {}, True)
    stranger.get("/u/alice/roses")
    assert [call[0] for call in server.calls("blog")].count("get") == 1


def test_who_may_read_it_is_seen_at_once(client, stranger, server):
    server.post(ALICE, "text", {"id": "roses"})
    paths = ("/u/alice", "/u/alice/roses", "/u/alice/atom.xml")
    assert [stranger.get(path).status for path in paths] == [200, 200, 200]
    assert client.post("/blog/access", audience="contacts").status == 303
    assert [stranger.get(path).status for path in paths] == [404, 404, 404]
    assert client.post("/blog/access", audience="everybody").status == 303
    assert [stranger.get(path).status for path in paths] == [200, 200, 200]
    server.publish(False)
    assert [stranger.get(path).status for path in paths] == [404, 404, 404]
    server.publish()
    server.delete("alice")
    assert [stranger.get(path).status for path in paths] == [404, 404, 404]


def test_it_is_sent_packed_to_who_takes_that(stranger, server):
    server.post(ALICE, "text", {"id": "roses"})
    for _ in range(2):
        plain, packed = stranger.get("/u/alice"), stranger.get("/u/alice", Accept_Encoding="br, gzip")
        assert (plain.header("Content-Encoding"), packed.header("Content-Encoding")) == ("", "gzip")
        assert gzip.decompress(packed.raw) == plain.raw
        assert plain.header("Vary") == packed.header("Vary") == "Accept-Encoding"
        assert plain.header("ETag") == packed.header("ETag")
        check_headers(packed)


def test_another_name_of_the_server_is_no_way_to_a_page(stranger, server):
    server.post(ALICE, "text", {"id": "roses"})
    assert stranger.get("/u/alice").status == 200
    assert stranger.get("/u/alice", Host="evil.example").status == 421


def test_nothing_of_who_asks_is_kept(client, stranger, server):
    server.post(ALICE, "text", {"id": "roses"})
    server.post(BOB, "text", {}, True)
    text = client.get("/u/alice").text
    assert stranger.get("/u/alice").text == text
    assert client.token("/contacts") not in text
    for private in ("Log out", "csrf", "unread", "Contacts"):
        assert private not in text
    stranger.get("/timeline")
    assert stranger.get("/timeline").status == 303, "a private page is never kept"


def test_who_asks_for_very_much_has_to_wait(stranger, server):
    server.post(ALICE, "text", {"id": "roses"})
    kept = stranger.get("/u/alice")
    for number in range(PUBLIC_PAGES[0] + 10):
        answer = stranger.get(f"/u/alice/none-{number}")
        if answer.status == 429:
            break
    assert (answer.status, answer.header("Retry-After")) == (429, "1")
    check_headers(answer)
    assert stranger.get("/u/alice").raw == kept.raw, "what is there already costs nothing"
    server.calm()


def test_the_operator_can_have_none():
    server = Server("--no-public-blogs")
    server.publish()
    server.post(ALICE, "text", {"id": "roses"})
    client = Client(server)
    assert [client.get(path).status for path in ("/u/alice", "/u/alice/roses", "/u/alice/atom.xml")] == [404] * 3
    client.log_in()
    for path in ("/blog/access", "/blog/view/alice@example.org"):
        page = client.get(path)
        assert (page.status, "/u/alice" in page.text, "page for everybody" in page.text) == (200, False, False)
    assert server.stop() == 0


def test_who_logs_in_to_comment_comes_to_the_form(page, server):
    server.publish()
    server.post(ALICE, "text", {"id": "roses", "title": "Roses"})
    page.goto(f"{server.url}/u/alice/roses")
    page.get_by_role("link", name="Log in to comment").click()
    page.get_by_label("XMPP address").fill("eve@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    page.wait_for_url("**/blog/view/alice@example.org/*/roses#comment")


def test_a_post_in_several_languages_leads_to_each(stranger, server):
    versions = [
        ["fr", "Les roses", "Elles poussent", "<p>Elles poussent</p>"],
        ['"><b>', "x", "x", "<script>x</script>"],
    ]
    server.post(ALICE, "They grow", {"id": "roses", "title": "Roses", "lang": "en", "versions": versions})
    text = stranger.get("/u/alice/roses").text
    assert "They grow" in text
    assert 'In <strong>en</strong> · <a href="/u/alice/roses?lang=fr">fr</a>' in text
    french = stranger.get("/u/alice/roses?lang=fr").text
    assert "Elles poussent" in french
    assert '<h1 dir="auto" lang="fr">Les roses</h1>' in french
    assert 'In <a href="/u/alice/roses">en</a> · <strong>fr</strong>' in french
    assert "They grow" in stranger.get("/u/alice/roses?lang=xx").text
    assert "<script" not in stranger.get("/u/alice/roses?lang=%22%3E%3Cb%3E").text


# -- feeds ------------------------------------------------------------------------------------------------------------


def test_the_feed_is_valid_and_says_everything(stranger, server):
    picture = ["https://a.example/rose.png", "image/png", "A rose"]
    fields = {"title": "My <roses>", "id": "roses", "tags": ["garden"], "lang": "en", "enclosures": [picture]}
    place = server.post(
        ALICE, "text", fields | {"html": "<p>They <strong>grow</strong></p>", "updated": 1_760_000_000.0}
    )
    server.comment(place, "carol@example.org", "nice")
    server.post(ALICE, "no title", {"comments": None})
    answer = stranger.get("/u/alice/atom.xml")
    assert answer.header("Content-Type") == "application/atom+xml; charset=utf-8"
    found = feedparser.parse(answer.raw, response_headers={"content-type": answer.header("Content-Type")})
    assert (found.bozo, found.version) == (False, "atom10")
    assert (found.feed.title, found.feed.author) == ("Blog of alice", "alice")
    assert {each.rel: each.href for each in found.feed.links} == {
        "alternate": f"{server.url}/u/alice",
        "self": f"{server.url}/u/alice/atom.xml",
        "first": f"{server.url}/u/alice/atom.xml",
    }
    plain, entry = found.entries
    assert (plain.title, plain.author) == ("no title", "Alice")
    assert "replies" not in [each.rel for each in plain.links]
    assert entry.id == "xmpp:alice@example.org?;node=urn%3Axmpp%3Amicroblog%3A0;item=roses"
    assert entry.title == "My <roses>"
    assert entry.content[0].value == "<p>They <strong>grow</strong></p>"
    assert (entry.published, entry.updated) == ("2025-06-15T15:07:40Z", "2025-10-09T08:53:20Z")
    assert found.feed.updated == "2025-10-09T08:53:20Z"
    assert [each.term for each in entry.tags] == ["garden"]
    assert {each.rel: each.href for each in entry.links} == {
        "alternate": f"{server.url}/u/alice/roses",
        "replies": f"{server.url}/u/alice/roses#comments",
        "enclosure": "https://a.example/rose.png",
    }
    assert entry.links[1]["thr:count"] == "1"
    assert faults(answer.raw) == []


def test_the_feed_goes_on_page_by_page_and_back(stranger, server):
    for number in range(25):
        server.post(ALICE, f"text {number}")
    path, titles, paths = "/u/alice/atom.xml", [], [""]
    while path:
        found = feedparser.parse(stranger.get(path).raw)
        titles += [each.title for each in found.entries]
        links = {each.rel: each.href.removeprefix(server.url) for each in found.feed.links}
        assert (links["self"], links["first"]) == (path, "/u/alice/atom.xml")
        assert links.get("previous", "") == paths[-1]
        paths.append(path)
        path = links.get("next", "")
    assert titles == [f"text {number}" for number in reversed(range(25))]
    assert len(paths) == 4


def test_an_empty_feed_is_one(stranger):
    found = feedparser.parse(stranger.get("/u/alice/atom.xml").raw)
    assert (found.bozo, found.entries) == (False, [])


def test_hostile_posts_do_no_harm_in_feeds(stranger, server):
    fill(server)
    older = "/u/alice/atom.xml"
    for _ in range(4):
        raw = stranger.get(older).raw
        assert faults(raw) == []
        root = ElementTree.fromstring(raw)
        for link in root.iter(f"{ATOM}link"):
            assert harmless_address(link.get("href")), link.get("href")
        for content in root.iter(f"{ATOM}content"):
            assert not re.search(r"<(script|iframe|svg|base|form|meta|body)|<[^>]*\son\w+=", content.text or "")
        older = next(each.get("href") for each in root.findall(f"{ATOM}link") if each.get("rel") in ("next", "self"))
        older = older.removeprefix(server.url)


# -- in a browser -----------------------------------------------------------------------------------------------------


def test_hostile_posts_are_text(open_page, stranger, server):
    fill(server)
    open_page.route(lambda url: not url.startswith(server.url), lambda route: route.abort())
    page, other = open_page, open_page.context.new_page()
    page.goto(f"{server.url}/u/alice")
    while True:
        expect(page.locator(".sheet")).to_have_count(1)
        harmless(page)
        for path in page.evaluate("[...document.querySelectorAll('h2 a')].map(a => a.href)"):
            other.goto(path)
            expect(other.locator(".sheet > article")).not_to_have_count(0)
            harmless(other)
        if not page.get_by_role("link", name="Older posts").count():
            break
        page.get_by_role("link", name="Older posts").click()


def test_pages_can_be_read_by_everybody(open_page, stranger, server):
    html = "<h1>One</h1><p>" + "x" * 300 + "</p><pre>" + "y" * 300 + "</pre><ol><li>a</li></ol>"
    place = server.post(ALICE, "text", {"title": "Roses " * 20, "html": html, "tags": ["roses"], "id": "roses"})
    server.comment(place, "carol@example.org", "first one", {"verified": False})
    server.post(ALICE, "no title")
    for path in ("/u/alice", "/u/alice/roses", "/u/alice/tag/roses", "/u/alice/none"):
        open_page.goto(server.url + path)
        check_stretched(open_page)


def test_a_page_is_small(stranger, server):
    for number in range(10):
        server.post(ALICE, f"text {number}", {"title": f"Title {number}"})
    assert len(stranger.get("/u/alice").raw) < 10_000
