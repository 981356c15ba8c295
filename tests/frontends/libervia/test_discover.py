"""What there is to follow, stories, and emojis that are put to posts."""

from __future__ import annotations

import re
from urllib.parse import quote

from playwright.sync_api import expect

from .conftest import forbid_scripts, log_in
from .test_accessible import check_stretched
from .test_blog import BOB, path_of
from .test_injection import PAYLOADS
from .test_injection import check as harmless

CAROL = "carol@example.org"
BLOG = "urn:xmpp:microblog:0"
GARDEN = ["pubsub.example", "garden"]


def test_what_contacts_publish_and_follow_is_found_and_followed(page, server):
    server.find([CAROL, BLOG], "", "", [BOB])
    server.find(GARDEN, "The garden", "All about <b>roses</b>", [f"c{n}@example.org" for n in range(9)])
    log_in(page, server, "/timeline")
    page.get_by_role("link", name="Discover").click()
    expect(page.get_by_role("article")).to_have_count(2)
    carol = page.get_by_role("article").filter(has_text="Blog of carol@example.org")
    expect(carol).to_contain_text("Followed by Bob")
    garden = page.get_by_role("article").filter(has_text="The garden")
    expect(garden).to_contain_text("All about <b>roses</b>")
    expect(garden).to_contain_text("and 4 more")
    garden.get_by_role("button", name=re.compile("^Follow")).click()
    expect(page.get_by_role("status")).to_have_text("What is published there comes to your timeline.")
    garden.get_by_role("button", name=re.compile("^Follow it no longer")).click()
    expect(garden.get_by_role("button", name=re.compile("^Follow *:"))).to_be_visible()


def test_what_is_at_an_address_is_found(client, server):
    server.find(GARDEN, "The garden")
    server.find([CAROL, BLOG], "Carol's")
    page = client.get("/blog/discover?service=pubsub.example").text
    assert "The garden" in page
    assert "Carol&#39;s" not in page
    answer = client.post("/blog/discover", do="follow", at="xmpp:pubsub.example?;node=garden", service="pubsub.example")
    assert answer.header("Location") == "/blog/discover?service=pubsub.example"
    assert "garden" in client.get("/timeline").text
    assert "There is nothing to follow." in client.get("/blog/discover?service=nowhere.example").text
    assert client.get("/blog/discover?service=@@").status == 400
    assert client.post("/blog/discover", do="follow", at="nonsense").status == 400
    assert client.post("/blog/discover", do="evil", at="xmpp:pubsub.example?;node=garden").status == 400
    server.refuse("timeline", "discover")
    assert "There is no room on the disk." in client.get("/blog/discover").text


def test_stories_stand_above_all_and_their_pictures_wait(page, server):
    picture = ["https://tracker.example/rose.png", "image/png", "A rose"]
    server.story(server.post(BOB, "look at this", {"node": "stories", "enclosures": [picture]}))
    server.post(BOB, "text", {"title": "Roses"})
    asked = []
    page.on("request", lambda request: None if request.url.startswith(server.url) else asked.append(request.url))
    page.route("https://tracker.example/**", lambda route: route.fulfill(body=b"", content_type="image/png"))
    log_in(page, server, "/timeline")
    stories = page.get_by_role("region", name="Stories")
    expect(stories).to_contain_text("look at this")
    expect(stories.get_by_role("link", name="A rose")).to_be_visible()
    assert asked == []
    page.get_by_role("link", name="Show them").click()
    expect(stories.get_by_role("img", name="A rose")).to_be_attached()
    page.goto(f"{server.url}/timeline?unread=1")
    expect(stories).to_have_count(0)


def test_a_timeline_without_stories_is_one(client, server):
    server.post(BOB, "text", {"title": "Roses"})
    server.refuse("timeline", "get_stories")
    page = client.get("/timeline")
    assert (page.status, "Roses" in page.text, "Stories" in page.text) == (200, True, False)


def test_who_opens_a_post_has_seen_it(client, server):
    place = server.post(BOB, "text", {"title": "Roses"}, True)
    assert "new</strong>" in client.get("/timeline").text
    assert client.ask("HEAD", path_of(place)).status == 200
    assert "new</strong>" in client.get("/timeline").text
    client.get(path_of(place))
    page = client.get("/timeline").text
    assert "new</strong>" not in page
    assert 'class="badge"' not in page


def test_an_emoji_is_put_to_a_post_and_taken_back_without_scripts(page, server):
    forbid_scripts(page)
    server.post(BOB, "text", {"title": "Roses", "reactions": {"🎉": 2, "👍": 1}})
    log_in(page, server, "/timeline")
    page.get_by_role("button", name="🎉 2").click()
    expect(page.get_by_role("button", name="🎉 3")).to_have_attribute("aria-pressed", "true")
    page.locator("summary", has_text="React").click()
    page.get_by_role("button", name="😂").click()
    expect(page.get_by_role("button", name="😂 1")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="🎉 3").click()
    expect(page.get_by_role("button", name="🎉 2")).to_have_attribute("aria-pressed", "false")
    assert page.url.endswith("/timeline")


def test_nothing_is_put_to_a_post_twice(client, server):
    place = server.post(BOB, "text", {"reactions": {"👍": 1}, "reacted": ["👍"]})
    assert client.post(path_of(place), react=quote("👍")).status == 303
    assert client.post(path_of(place), react="%20").status == 400
    assert client.post(path_of(place), unreact=quote("🎉")).status == 303
    assert [call for call in server.calls("blog") if call[0] == "react"] == []
    server.refuse("blog", "react")
    assert "There is no room on the disk." in client.post(path_of(place), react=quote("🎉")).text


def test_they_can_be_read_by_everybody(open_page, server):
    server.find([CAROL, "n" * 200], "A title " * 30, "x" * 300, [BOB])
    many = {chr(0x1F600 + n): n + 1 for n in range(20)} | {"x" * 300: 7}
    place = server.post(BOB, "text", {"title": "Roses", "reactions": many, "reacted": ["😀"]}, True)
    server.story(place)
    log_in(open_page, server)
    for path in ("/blog/discover", "/timeline", path_of(place)):
        open_page.goto(server.url + path)
        for summary in open_page.locator("summary").all():
            summary.click()
        check_stretched(open_page)


def test_what_strangers_say_there_is_text(open_page, server):
    for payload in PAYLOADS:
        server.find([f"{BOB}", payload], payload, payload, [CAROL])
    place = server.post(BOB, "text", {"title": "x", "reactions": dict.fromkeys(PAYLOADS, 1), "reacted": PAYLOADS[:9]})
    server.story(server.post(BOB, PAYLOADS[1], {"title": PAYLOADS[0], "html": PAYLOADS[2], "node": PAYLOADS[3]}))
    log_in(open_page, server)
    for path in ("/blog/discover", "/timeline", path_of(place)):
        open_page.goto(server.url + path)
        harmless(open_page)
