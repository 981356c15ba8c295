"""Blogs in libervia: reading, commenting, writing, and who can read."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from .client import Client
from .conftest import forbid_scripts, log_in
from .test_accessible import check_stretched
from .test_injection import PAYLOADS
from .test_injection import check as harmless
from .world import PASSWORD

BOB, ALICE, NODE = "bob@example.org", "alice@example.org", "urn%3Axmpp%3Amicroblog%3A0"
PNG = {"name": "rose.png", "mimeType": "image/png", "buffer": b""}


def path_of(place):
    return "/blog/view/" + "/".join(quote(each, safe="@") for each in place)


# -- reading ----------------------------------------------------------------------------------------------------------


def test_a_blog_of_anybody_is_read_and_followed(client, server):
    server.post("carol@example.org", "text", {"title": "Roses"})
    page = client.get("/blog/view/carol@example.org").text
    assert "Roses" in page
    assert "Blog of Carol" in page
    assert "carol@example.org" in page
    assert client.post("/blog/view/carol@example.org", do="follow").status == 303
    page = client.get("/blog/view/carol@example.org").text
    assert "What is published there comes to your timeline." in page
    assert "Roses" in client.get("/timeline").text
    assert client.post("/blog/view/carol@example.org", do="unfollow").status == 303
    assert "Roses" not in client.get("/timeline").text
    assert client.get("/blog/view/dave@example.org").status == 404
    assert client.get("/blog/view/@@").status == 400
    assert client.get("/blog/view").status == 404


def test_a_blog_goes_on_page_by_page(client, server):
    for number in range(25):
        server.post(BOB, "text", {"title": f"Title {number:02}"})
    page = client.get("/blog/view/bob@example.org").text
    assert "Title 24" in page
    assert "Title 04" not in page
    older = unescape(re.search(r'href="([^"]*)">Older posts', page)[1])
    assert "Title 04" in client.get(older).text


def test_our_blog_is_empty_at_first(client):
    assert client.get("/blog").header("Location") == "/blog/view/alice@example.org"
    assert "Nothing was published here yet." in client.get("/blog/view/alice@example.org").text


@pytest.mark.parametrize(
    ("node", "id"),
    [
        ("a/b", "c/d"),
        ("..", "."),
        ("node with space", "?#&%2F"),
        ("é", "x\\y"),
        ("line\nbreak", "tab\t"),
        ("<b>", '"><script>'),
    ],
)
def test_odd_addresses_lead_to_their_posts(page, server, node, id):
    server.post(BOB, "found it", {"node": node, "id": id, "service": "pubsub.example", "title": "Odd"})
    uri = f"xmpp:pubsub.example?;node={quote(node, safe='')};item={quote(id, safe='')}"
    log_in(page, server, f"/blog?at={quote(uri, safe='')}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Odd")
    page.get_by_role("button", name="Like").click()
    expect(page.get_by_role("button", name="Like 1")).to_be_visible()
    page.locator(".sheet > .line a").click()
    expect(page.get_by_role("article")).to_have_count(1)
    page.get_by_role("article").get_by_role("link", name="Odd", exact=True).click()
    expect(page.get_by_role("article").get_by_text("found it")).to_be_visible()


def test_comments_stand_below_what_they_answer(client, server):
    place = server.post(BOB, "text", {"title": "Roses"})
    first = server.comment(place, "carol@example.org", "first one")
    server.comment(place, "dave@example.org", "second one")
    server.comment(place, BOB, "an answer", {"answers": first})
    text = client.get(path_of(place)).text
    assert text.index("first one") < text.index("an answer") < text.index("second one")
    assert len(re.findall(r'<article class="card comment d1"', text)) == 1


def test_a_comment_is_written_and_answered_and_taken_back(page, server):
    place = server.post(BOB, "text", {"title": "Roses"})
    server.comment(place, "carol@example.org", "first one")
    log_in(page, server, path_of(place))
    page.get_by_label("Your comment").fill("So <b>nice</b>")
    page.get_by_role("button", name="Publish the comment").click()
    expect(page.get_by_role("status")).to_have_text("Your comment was published.")
    expect(page.locator(".comment").get_by_text("So <b>nice</b>")).to_be_in_viewport()
    page.get_by_role("link", name="Answer Carol").click()
    expect(page.get_by_text("In answer to first one")).to_be_visible()
    page.get_by_label("Your comment").fill("Yes")
    page.get_by_role("button", name="Publish the comment").click()
    assert server.calls("blog")[-3][0] == "comment" or any(
        call[0] == "comment" and call[2:] == ["Yes", "post-2"] for call in server.calls("blog")
    )
    mine = page.locator(".comment", has_text="So <b>nice</b>")
    mine.locator("summary").click()
    mine.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("It was taken back.")).to_be_visible()
    expect(page.locator(".comment").get_by_text("So <b>nice</b>")).to_have_count(0)


def test_a_comment_that_is_refused_stays_in_its_form(client, server):
    place = server.post(BOB, "text", {"title": "Roses"})
    server.refuse("blog", "comment")
    answer = client.post(path_of(place), do="comment", body="long\r\nand good")
    assert (answer.status, "There is no room on the disk." in answer.text) == (404, True)
    assert ">long\nand good</textarea>" in answer.text.replace("\r\n", "\n")


def test_where_nobody_can_comment_there_is_no_form(client, server):
    place = server.post(BOB, "text", {"comments": None})
    text = client.get(path_of(place)).text
    assert "Nobody can comment on this post" in text
    assert "Your comment" not in text
    assert "Like" not in text
    assert client.post(path_of(place), do="like").status == 403


def test_a_post_is_repeated_with_a_word_of_our_own(client, server):
    place = server.post(BOB, "text", {"title": "Roses"})
    assert client.post(path_of(place), do="repeat", body="Look: ").status == 303
    assert [
        re.sub(r"Place\(service='(.*?)', node='(.*?)', id='(.*?)'\)", r"('\1', '\2', '\3')", each)
        for each in server.calls("blog")[-2 if server.calls("blog")[-1][0] != "repeat" else -1][:2]
    ] == ["repeat", "('bob@example.org', 'urn:xmpp:microblog:0', 'post-1')"]
    own = client.get("/blog/view/alice@example.org").text
    assert "Repeated:" in own
    assert f'href="{path_of(place)}"' in own


def test_who_is_not_vouched_for_is_said_and_never_looks_like_a_contact(client, server):
    server.picture(BOB, "image/png", "bob's face")
    server.post("pubsub.example", "text", {"name": "Bob", "verified": False, "service": "pubsub.example", "node": "n"})
    text = client.get("/blog/view/pubsub.example/n").text
    assert "Only the post itself says that pubsub.example wrote it." in text
    assert "<img src" not in text.partition("<main")[2]


# -- writing ----------------------------------------------------------------------------------------------------------


def test_a_post_is_written_looked_at_and_published_without_scripts(page, server):
    forbid_scripts(page)
    log_in(page, server, "/blog/new")
    expect(page.get_by_text("Everybody can read it.")).to_be_visible()
    page.get_by_label("Title", exact=True).fill("My roses")
    page.get_by_label("Text, in Markdown").fill("They **grow**\n\n<script>x</script>")
    page.get_by_label("Tags").fill("garden, #roses")
    page.get_by_label("Language").fill("en")
    page.get_by_label("Its address").fill("my-roses")
    page.get_by_role("button", name="Preview", exact=True).last.click()
    look = page.get_by_label("How it will look.")
    expect(look.get_by_role("heading", name="My roses")).to_be_visible()
    expect(look).to_contain_text("<script>x</script>")
    assert server.posts() == []
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/blog/view/alice@example.org/**/my-roses")
    text = "They **grow**\n\n<script>x</script>"
    assert server.posts() == [{"id": "my-roses", "title": "My roses", "text": text, "tags": ["garden", "roses"]}]
    page.get_by_role("link", name="Edit").click()
    expect(page.get_by_label("Text, in Markdown")).to_have_value(text)
    expect(page.get_by_label("Tags")).to_have_value("garden, roses")
    page.get_by_label("Title", exact=True).fill("Our roses")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("It was changed.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Our roses")
    page.locator("summary", has_text="Take it back").click()
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("Nothing was published here yet.")).to_be_visible()


def test_the_longest_text_that_the_form_takes_is_published_whole(page, server):
    log_in(page, server, "/blog/new")
    page.get_by_label("Text, in Markdown").fill("水" * 60_000)
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/blog/view/**")
    assert [len(each["text"]) for each in server.posts()] == [60_000]


def test_enter_in_a_field_publishes_nothing(page, server):
    log_in(page, server, "/blog/new")
    page.get_by_label("Text, in Markdown").fill("half a")
    page.get_by_label("Title", exact=True).fill("Roses")
    page.get_by_label("Title", exact=True).press("Enter")
    expect(page.get_by_text("Nothing was published yet.")).to_be_visible()
    expect(page.get_by_label("Text, in Markdown")).to_have_value("half a")
    assert server.posts() == []


def test_nothing_is_lost_when_it_is_refused(client, server):
    server.post(ALICE, "old", {"id": "taken"})
    fields = {
        "title": 'A "title" <b>',
        "body": "long\r\n  and <good> &amp;",
        "tags": "one, two",
        "lang": "fr",
        "slug": "taken",
    }
    answer = client.post("/blog/new", do="publish", **fields)
    assert answer.status == 409
    assert "There is a post with the address “taken” already." in answer.text
    for value in ("A &#34;title&#34; &lt;b&gt;", "one, two", "fr", "taken"):
        assert f'value="{value}"' in answer.text
    assert ">long\n  and &lt;good&gt; &amp;amp;</textarea>" in answer.text
    assert 'name="comments" value="1">' in answer.text, "its box was not ticked"
    empty = client.post("/blog/new", do="publish", title="", body="")
    assert (empty.status, "The post is empty." in empty.text) == (400, True)
    server.refuse("blog", "preview")
    assert "and &lt;good&gt;" in client.post("/blog/new", do="preview", **fields).text


def comes_back(client, server, path, **fields):
    """Send a form after the session has ended, then log in: the page that one comes back to, and comes to later."""
    token = client.token(path)
    server.skip(31 * 60)
    answer = client.post(path, token, **fields)
    assert answer.status == 403
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', answer.text)
    form = {name: unescape(value) for name, value in found}
    answer = client.post("/login", **(form | {"body": fields["body"], "address": ALICE, "password": PASSWORD}))
    assert answer.header("Location") == path
    return client.get(path).text, client.get(path).text


def test_nothing_is_lost_when_the_session_ends_meanwhile(client, server):
    place = server.post(ALICE, "old", {"id": "one"})
    fields = {"title": "Roses", "body": "long\nand good", "tags": "a, b", "slug": "my-roses", "do": "publish"}
    for path in ("/blog/new", "/blog/edit/one"):
        page, later = comes_back(client, server, path, **fields)
        assert ">long\nand good</textarea>" in page
        for value in ("Roses", "a, b", *(["my-roses"] if path == "/blog/new" else [])):
            assert f'value="{value}"' in page
        assert 'name="comments" value="1">' in page, "its box was not ticked"
        assert "and good" not in later, "once"
    page, later = comes_back(client, server, path_of(place), do="comment", body="so nice")
    assert ">so nice</textarea>" in page
    assert "so nice" not in later
    assert [each["text"] for each in server.posts()] == ["old"]


def test_a_post_whose_source_is_not_to_be_had_cannot_be_edited(client, server):
    place = server.post(ALICE, "old", {"id": "one"})
    assert "old" in client.get(f"/blog/edit/{ALICE}/{NODE}/one").text
    assert "old" in client.get("/blog/edit/one").text
    server.refuse("blog", "source")
    assert client.get("/blog/edit/one").status == 404
    answer = client.post("/blog/edit/one", do="publish", body="mine")
    assert (answer.status, ">mine</textarea>" in answer.text) == (404, True)
    assert client.get("/blog/edit").status == 404
    assert place[2] == "one"


@pytest.fixture
def rose(tmp_path):
    from PIL import Image

    path = tmp_path / "rose.png"
    Image.new("RGB", (4, 4), "red").save(path)
    return path


def test_a_picture_is_put_on_the_server_and_into_the_text(page, server, rose):
    log_in(page, server, "/blog/new")
    page.get_by_label("Text, in Markdown").fill("Look:")
    page.locator("summary", has_text="Add a picture").click()
    page.get_by_label("Picture", exact=True).set_input_files(rose)
    page.get_by_role("button", name="Add the picture").click()
    expect(page.get_by_role("alert")).to_contain_text("Say what is in the picture")
    expect(page.get_by_label("Text, in Markdown")).to_have_value("Look:")
    page.locator("summary", has_text="Add a picture").click()
    page.get_by_label("Picture", exact=True).set_input_files(rose)
    page.get_by_label("What is in it").fill("A [red] rose")
    page.get_by_role("button", name="Add the picture").click()
    expect(page.get_by_label("Text, in Markdown")).to_have_value(
        "Look:\n\n![A \\[red\\] rose](<https://upload.localhost/1/rose.png>)\n"
    )
    assert [each[0] for each in server.uploaded()] == ["rose.png"]
    assert server.uploaded()[0][3] == "False", "its temporary file is gone"


def test_a_picture_can_be_dropped(page, server, rose):
    log_in(page, server, "/blog/new")
    page.locator("summary", has_text="Add a picture").click()
    field = page.get_by_label("Picture", exact=True)
    box = field.bounding_box()
    where = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    hand = page.context.new_cdp_session(page)
    for step in ("dragEnter", "dragOver", "drop"):
        what = {"items": [], "files": [str(rose)], "dragOperationsMask": 1}
        hand.send("Input.dispatchDragEvent", {"type": step, "data": what, **where})
    assert field.evaluate("field => field.files[0].name") == "rose.png"


def test_what_is_no_picture_is_refused(page, server, tmp_path):
    (tmp_path / "x.svg").write_text("<svg onload='x'/>")
    log_in(page, server, "/blog/new")
    page.get_by_label("Text, in Markdown").fill("Look:")
    page.locator("summary", has_text="Add a picture").click()
    page.get_by_label("Picture", exact=True).set_input_files(tmp_path / "x.svg")
    page.get_by_label("What is in it").fill("A rose")
    page.get_by_role("button", name="Add the picture").click()
    expect(page.get_by_role("alert")).to_contain_text("This is no picture that browsers show")
    expect(page.get_by_label("Text, in Markdown")).to_have_value("Look:")


def test_a_post_goes_into_a_community(client, server):
    server.post(BOB, "text", {"service": "pubsub.example", "node": "roses"})
    page = client.get("/blog/view/pubsub.example/roses").text
    path = unescape(re.search(r'href="(/blog/new[^"]*)"', page)[1])
    assert "In <bdi>roses at pubsub.example</bdi>" in client.get(path).text
    answer = client.post(path, do="publish", title="Mine", body="x")
    assert answer.header("Location").startswith("/blog/view/pubsub.example/roses/")
    assert client.get("/blog/new?at=nonsense").status == 400


# -- who can read -----------------------------------------------------------------------------------------------------


def test_who_can_read_our_blog_is_chosen(page, server):
    log_in(page, server, "/blog/access")
    page.get_by_label("Who can read it").select_option("Some groups of your contacts")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Say which groups of your contacts may read it.")
    page.get_by_label("Groups").select_option(["Friends"])
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Your contacts in Friends can read it.")
    page.goto(f"{server.url}/blog/new")
    expect(page.get_by_text("Your contacts in Friends can read it.")).to_be_visible()


def test_addresses_are_checked_and_stay(client, server):
    answer = client.post("/blog/access", audience="listed", listed="bob@example.org\r\n@@")
    assert answer.status == 400
    assert "bob@example.org\n@@</textarea>" in answer.text.replace("\r", "")
    assert client.post("/blog/access", audience="listed", listed="bob@example.org, carol@example.org").status == 303
    assert "Only bob@example.org, carol@example.org can read it." in client.get("/contacts").text
    assert client.post("/blog/access", audience="evil").status == 400


# -- how it looks, and what strangers try -----------------------------------------------------------------------------


def test_pages_can_be_read_by_everybody(open_page, server):
    html = (
        "<h1>One</h1><p>" + "x" * 300 + "</p><ul><li>a</li></ul><pre>" + "y" * 300 + "</pre><blockquote>b</blockquote>"
    )
    html += "<table><tr><td>" + "wide " * 40 + "</td></tr></table>"
    place = server.post(
        ALICE, "text", {"title": "Roses " * 20, "html": html, "tags": ["roses"], "url": "https://a.example/"}
    )
    first = server.comment(place, "carol@example.org", "first one")
    server.comment(place, ALICE, "an answer", {"answers": first})
    log_in(open_page, server)
    for path in (
        "/blog/view/alice@example.org",
        path_of(place),
        f"{path_of(place)}?answer={first[2]}",
        "/blog/edit/post-1",
    ):
        open_page.goto(server.url + path)
        for summary in open_page.locator("summary").all():
            summary.click()
        check_stretched(open_page)
    open_page.goto(f"{server.url}/blog/new")
    open_page.get_by_label("Title", exact=True).fill("Roses")
    open_page.get_by_label("Text, in Markdown").fill("# x")
    open_page.locator("summary", has_text="Add a picture").click()
    open_page.get_by_role("button", name="Preview", exact=True).last.click()
    expect(open_page.get_by_label("How it will look.")).to_be_visible()
    check_stretched(open_page)


def fill(server):
    """Everything that a post has is hostile, and the daemon has cleaned nothing of it."""
    for number, payload in enumerate(dict.fromkeys(PAYLOADS)):
        fields = {
            "title": payload,
            "html": payload,
            "name": payload,
            "lang": payload,
            "tags": [payload],
            "url": payload,
            "verified": bool(number % 2),
            "enclosures": [[payload, "image/png", payload], [f"https://a.example/{payload}", payload, payload]],
        }
        server.post(ALICE, payload, fields, True)
        place = server.post("carol@example.org", payload, fields | {"node": f"n{payload}", "id": payload})
        server.comment(place, "dave@example.org", payload, {"html": f"</div></article></section>{payload}"})


@pytest.fixture
def watched(open_page, server):
    """A page that opens no dialog and asks no stranger."""
    wrong = []
    open_page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
    open_page.on("request", lambda request: None if request.url.startswith(server.url) else wrong.append(request.url))
    yield open_page
    assert wrong == []


def test_hostile_posts_are_text(watched, server):
    fill(server)
    server.publish()
    log_in(watched, server)
    for path in ("/timeline", "/timeline?before=50", "/blog/view/alice@example.org", "/timeline?tag=%3Cb%3E"):
        watched.goto(server.url + path)
        assert watched.get_by_role("article").count() or "tag" in path
        harmless(watched)
        expect(watched.locator(".sheet")).to_have_count(1)
    for payload in PAYLOADS:
        node, id = quote(f"n{payload}", safe=""), quote(payload, safe="")
        uri = quote(f"xmpp:carol@example.org?;node={node};item={id}", safe="")
        watched.goto(f"{server.url}/blog?at={uri}")
        expect(watched.get_by_role("article")).to_have_count(2)
        harmless(watched)
    for number in range(1, 12):
        watched.goto(f"{server.url}/blog/edit/post-{3 * number - 2}")
        harmless(watched)


def test_nothing_in_a_post_runs_under_the_policy(page, server):
    """What the test before proves of the page, this proves of what a browser does with it."""
    server.post(BOB, "x", {"html": "<img src=x onerror='window.__pwned=1'><script>window.__pwned=1</script><p>end</p>"})
    log_in(page, server, "/timeline")
    expect(page.get_by_text("end", exact=True)).to_be_visible()
    assert page.evaluate("window.__pwned") is None
    assert page.locator("main img, main script").count() == 0


def test_eve_sees_nothing_of_alices_timeline(server):
    server.post(BOB, "for alice", {}, True)
    eve = Client(server)
    eve.log_in("eve@example.org")
    for path in ("/timeline", "/blog/view/bob@example.org"):
        assert "for alice" not in eve.get(path).text
