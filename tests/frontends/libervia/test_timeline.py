"""The timeline in libervia."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from support.chromium import live, violations

from .client import Client
from .conftest import BOB as CHAT
from .conftest import forbid_scripts, log_in
from .test_accessible import check_stretched
from .test_injection import PAYLOADS
from .test_injection import check as harmless

BOB = "bob@example.org"


def headings(text):
    return re.findall(r"<h2[^>]*><a [^>]*>([^<]*)</a></h2>", text)


def test_posts_come_the_newest_first_and_page_by_page(client, server):
    for number in range(23):
        server.post(BOB, f"text {number}", {"title": f"Title {number}"})
    first = client.get("/timeline").text
    assert headings(first) == [f"Title {number}" for number in range(22, 2, -1)]
    older = re.search(r'href="([^"]*)">Older posts', first)[1]
    second = client.get(older).text
    assert headings(second) == ["Title 2", "Title 1", "Title 0"]
    assert "Older posts" not in second


def test_only_what_was_not_seen_or_has_a_tag(client, server):
    server.post(BOB, "seen", {"title": "Seen", "tags": ["roses"]})
    server.post(BOB, "new", {"title": "New", "tags": ["a&b/c é"]}, True)
    assert headings(client.get("/timeline?unread=1").text) == ["New"]
    assert headings(client.get("/timeline?tag=roses").text) == ["Seen"]
    path = re.search(r'class="tag" href="([^"]*)">#<bdi>a&amp;b', client.get("/timeline").text)[1]
    assert headings(client.get(path).text) == ["New"]
    assert "Nothing with this tag" in client.get("/timeline?tag=zebra").text


def test_what_was_said_to_us_leads_to_what_it_is_about(client, server):
    assert "Nobody has said anything yet." in client.get("/timeline?answers=1").text
    for number in range(21):
        server.answers(BOB, f"<b>Said</b> {number}")
    assert 'href="/timeline?answers=1"' in client.get("/timeline").text
    page = client.get("/timeline?answers=1").text
    assert "&lt;b&gt;Said&lt;/b&gt; 20" in page
    assert "on “A post”" in page
    assert re.search(r'href="/blog/view/alice@example.org[^"]*a-post"><bdi>on “A post”', page)
    assert "Said&lt;/b&gt; 0<" not in page
    older = re.search(r'href="([^"]*)">Older ones', page)[1].replace("&amp;", "&")
    assert "Said&lt;/b&gt; 0<" in client.get(older).text


def test_the_menu_counts_and_all_is_marked_as_read(client, server):
    client.get("/timeline")
    assert 'class="badge"' not in client.get("/contacts").text
    server.post(BOB, "new", {"title": "New"}, True)
    page = client.get("/contacts").text
    assert re.search(r'<a href="/timeline">Timeline <span data-topic="timeline"><span class="badge">1<', page)
    assert "<title>(1) Timeline" in client.get("/timeline").text
    answer = client.post("/timeline", do="read")
    assert (answer.status, answer.header("Location")) == (303, "/timeline")
    assert 'class="badge"' not in client.get("/contacts").text
    assert "You have seen everything." in client.get("/timeline?unread=1").text


def test_a_post_is_liked_where_it_is_read(client, server):
    place = server.post(BOB, "text", {"title": "Roses", "tags": ["roses"]}, True)
    page = client.get("/timeline?tag=roses").text
    action, back = re.search(r'action="(/blog/view[^"]*)">.*?name="back" value="([^"]*)"', page, re.DOTALL).groups()
    answer = client.post(action, do="like", back=back)
    assert (answer.status, answer.header("Location")) == (303, "/timeline?tag=roses")
    page = client.get("/timeline").text
    assert re.search(
        r'value="unlike" aria-pressed="true"><span aria-hidden="true">♥</span> Like <span class="count">1<', page
    )
    assert "new</strong>" not in page, "who likes a post has seen it"
    assert client.post(action, do="unlike", back=back).status == 303
    assert 'aria-pressed="false"' in client.get("/timeline").text
    assert place[2] == "post-1"


def test_what_cannot_be_asked_for_is_said(client, server):
    server.refuse("timeline", "get_timeline")
    answer = client.get("/timeline")
    assert (answer.status, "There is no room on the disk." in answer.text) == (404, True)
    server.refuse("timeline", "get_timeline", False)
    server.refuse("timeline", "mark_read")
    assert "There is no room on the disk." in client.post("/timeline", do="read").text
    assert client.post("/timeline", do="evil").status == 400


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/timeline\\evil", "/logout", "/timelineé"]
)
def test_a_form_leads_to_pages_of_posts_only(client, server, back):
    server.post(BOB, "text", {"id": "one"})
    path = "/blog/view/bob@example.org/urn%3Axmpp%3Amicroblog%3A0/one"
    assert client.post(path, do="like", back=back).header("Location") == path


def test_what_is_followed_is_listed_and_any_address_is_opened(client, server):
    assert re.search(r'<a href="/blog/view/bob@example.org"><bdi>bob@example.org</bdi>', client.get("/timeline").text)
    for text, path in (
        ("carol@example.org", "/blog/view/carol@example.org"),
        ("xmpp:pubsub.example?;node=a%2Fb;item=c", "/blog/view/pubsub.example/a%2Fb/c"),
        ("xmpp:pubsub.example?;node=..;item=c", "/blog/view/pubsub.example?node=..&id=c"),
    ):
        assert client.get(f"/blog?at={text.replace('%', '%25').replace(';', '%3B')}").header("Location") == path
    for wrong, sentence in (
        ("@@", "is no XMPP address"),
        ("romeo", "“romeo” is no address of a blog: that is one like"),
    ):
        answer = client.get(f"/blog?at={wrong}")
        assert answer.status == 400
        assert sentence in answer.text
        assert f'value="{wrong}"' in answer.text
    assert client.get("/blog?at=example.org").header("Location") == "/blog/view/example.org"


def test_new_posts_count_in_the_menu_of_the_live_page(talk, server):
    server.post(BOB, "text", {}, True)
    server.post(BOB, "text", {}, True)
    expect(talk.locator("[data-topic=timeline]")).to_have_text("2 unread")
    talk.get_by_role("link", name="Timeline").click()
    talk.wait_for_url("**/timeline")
    expect(talk.get_by_role("article")).to_have_count(2)


def test_the_menu_of_the_live_page_is_right_after_an_interruption(talk, server):
    server.go()
    expect(talk.locator("#banner")).to_be_visible()
    server.post(BOB, "text", {}, True)
    server.come()
    expect(talk.locator("[data-topic=timeline]")).to_have_text("1 unread")


def test_new_posts_are_counted_and_come_when_they_are_wanted(page, server):
    server.post(BOB, "text", {"title": "Old"}, True)
    live(log_in(page, server, "/timeline"))
    link = page.locator("#newest")
    expect(link).to_have_text("Look for new posts")
    gone = server.post(BOB, "text", {"title": "Gone"}, True)
    server.post(BOB, "text", {"title": "New"}, True)
    expect(link).to_have_text("2 new posts")
    expect(page.get_by_role("article")).to_have_count(1)
    server.goes_away(gone)
    expect(link).to_have_text("1 new post")
    link.click()
    expect(page.get_by_role("article")).to_have_count(2)
    expect(link).to_have_text("Look for new posts")


def test_what_is_said_of_a_post_comes_to_the_page(page, server):
    place = server.post(BOB, "text", {"title": "Roses"}, True)
    old = server.post(BOB, "text", {"title": "Violets"}, True)
    live(log_in(page, server, "/timeline"))
    roses = page.get_by_role("article").filter(has_text="Roses")
    server.tell(server.comment(place, "carol@example.org", "nice"))
    expect(roses.get_by_role("link", name=re.compile("^Comment 1"))).to_be_visible()
    server.tell(server.comment(place, "carol@example.org", "♥"))
    expect(roses.get_by_role("button", name=re.compile("Like 1"))).to_be_visible()
    expect(roses.get_by_text("new", exact=True)).to_be_visible()
    server.seen(place)
    expect(roses.get_by_text("new", exact=True)).to_have_count(0)
    server.goes_away(old)
    expect(page.get_by_role("article")).to_have_count(1)
    roses.get_by_role("button", name=re.compile("Like 1")).click()
    expect(roses.get_by_role("button", name=re.compile("Like 2"))).to_have_attribute("aria-pressed", "true")


def test_the_live_timeline_is_right_after_an_interruption(page, server):
    place = server.post(BOB, "text", {"title": "Roses"}, True)
    live(log_in(page, server, "/timeline"))
    server.go()
    expect(page.locator("#banner")).to_contain_text("The daemon sat is not running.")
    server.post(BOB, "text", {"title": "New"}, True)
    server.comment(place, "carol@example.org", "nice")
    server.come()
    expect(page.locator("#newest")).to_have_text("1 new post")
    expect(page.get_by_role("link", name=re.compile("^Comment 1"))).to_be_visible()
    expect(page.locator("#banner")).to_be_hidden()
    server.forget_sessions()
    server.drop()
    page.wait_for_url("**/login?next=%2Ftimeline")


def test_what_others_publish_and_put_to_posts_is_text_on_the_live_page(open_page, server):
    place = server.post(BOB, "text", {"title": "Roses"}, True)
    live(log_in(open_page, server, "/timeline"))
    for payload in PAYLOADS:
        server.post(BOB, payload, {"title": payload, "name": payload}, True)
    server.react(place, dict.fromkeys(("<b>x</b>", "\"'><svg>", "🎉"), 1))
    expect(open_page.get_by_role("button", name=re.compile("🎉 1"))).to_be_visible()
    expect(open_page.locator("#newest")).to_have_text(f"{len(PAYLOADS)} new posts")
    harmless(open_page)


def test_it_works_without_scripts(page, server):
    forbid_scripts(page)
    server.post(BOB, "First text", {"title": "Roses"}, True)
    log_in(page, server, "/timeline")
    page.get_by_role("button", name=re.compile("^Like *: Roses")).click()
    expect(page.get_by_role("button", name=re.compile("^Like 1 *: Roses"))).to_have_attribute("aria-pressed", "true")
    server.post(BOB, "Second text", {"title": "Violets"}, True)
    page.get_by_role("link", name="Look for new posts").click()
    expect(page.get_by_role("article")).to_have_count(2)
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_text("new", exact=True)).to_have_count(0)
    page.get_by_role("link", name=re.compile("^Comment *: Violets")).click()
    expect(page.get_by_label("Your comment")).to_be_in_viewport()


def test_it_can_be_read_by_everybody(open_page, server):
    server.post(BOB, "text " * 300, {"title": "A title " * 30, "tags": ["x" * 200, "roses"]}, True)
    server.post(BOB, "no title", {"verified": False, "name": "Mallory " * 20}, True)
    server.post("alice@example.org", "mine", {"enclosures": [["https://a.example/x.png", "image/png", "A rose"]]})
    log_in(open_page, server, "/timeline")
    for summary in open_page.locator("summary").all():
        summary.click()
    check_stretched(open_page)


def test_picture_servers_are_not_asked_until_the_person_wants_it(page, server):
    html = '<p>text</p><img src="https://tracker.example/a.png" alt="A rose"/>'
    server.post(BOB, "text", {"html": html, "title": "Roses"})
    asked = []
    page.on("request", lambda request: None if request.url.startswith(server.url) else asked.append(request.url))
    page.route("https://tracker.example/**", lambda route: route.fulfill(body=b"", content_type="image/png"))
    log_in(page, server, "/timeline")
    expect(page.get_by_role("link", name="Picture: A rose")).to_be_visible()
    assert asked == []
    page.get_by_role("link", name="Show them").click()
    expect(page.get_by_role("img", name="A rose")).to_be_attached()
    assert violations(page) == []
    page.get_by_role("img", name="A rose").scroll_into_view_if_needed()
    assert asked == ["https://tracker.example/a.png"]


def test_a_profile_without_a_timeline_has_its_other_pages(server):
    client = Client(server)
    server.refuse("timeline", "get_following")
    assert client.log_in().status == 303
    assert client.get("/contacts").status == 200
    assert client.get(CHAT).status == 200
