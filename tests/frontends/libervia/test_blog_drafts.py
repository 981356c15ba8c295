"""Posts that are not published yet, posts in several languages, and their addresses."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from .conftest import forbid_scripts, log_in
from .test_accessible import check_stretched
from .test_blog import ALICE, BOB, NODE, comes_back
from .test_injection import PAYLOADS
from .test_injection import check as harmless

OWN = [ALICE, "urn:xmpp:microblog:0", ""]
LATER = "2099-05-01T08:30"


def test_a_draft_is_kept_gone_on_with_and_published_without_scripts(page, server):
    forbid_scripts(page)
    log_in(page, server, "/blog/new")
    page.get_by_label("Title", exact=True).fill("My roses")
    page.get_by_label("Text, in Markdown").fill("They\n\ngrow")
    page.get_by_label("Tags").fill("garden")
    page.get_by_role("button", name="Keep as draft").click()
    page.wait_for_url("**/blog/drafts")
    expect(page.get_by_role("status")).to_have_text("It was kept as a draft.")
    assert [(each["title"], each["body"], each["tags"]) for each in server.kept()] == [
        ("My roses", "They\n\ngrow", ["garden"])
    ]
    page.get_by_role("link", name="My roses", exact=True).click()
    expect(page.get_by_label("Text, in Markdown")).to_have_value("They\n\ngrow")
    page.get_by_label("Title", exact=True).fill("Our roses")
    page.get_by_role("button", name="Keep as draft").click()
    page.wait_for_url("**/blog/drafts")
    assert [each["title"] for each in server.kept()] == ["Our roses"], "not a second one"
    page.get_by_role("link", name=re.compile("^Edit")).click()
    page.get_by_role("button", name="Publish", exact=True).click()
    page.wait_for_url("**/blog/view/**")
    assert ([each["title"] for each in server.posts()], server.kept()) == (["Our roses"], [])


def test_a_draft_is_published_and_deleted_from_the_list(client, server):
    server.keep("one", {}, {"body": "text", "title": "Roses"})
    server.keep("two", {"node": ["pubsub.example", "garden", ""]}, {"body": "Violets are\nblue"})
    page = client.get("/blog/drafts").text
    assert "Violets are blue" in page
    assert "garden at pubsub.example" in page
    answer = client.post("/blog/drafts", do="publish", id="one")
    assert answer.status == 303
    assert answer.header("Location").startswith(f"/blog/view/{ALICE}/")
    assert client.post("/blog/drafts", do="drop", id="two").header("Location") == "/blog/drafts"
    assert server.kept() == []
    assert "Nothing was kept." in client.get("/blog/drafts").text
    assert client.post("/blog/drafts", do="drop", id="two").status == 404
    assert client.post("/blog/drafts", do="evil", id="two").status == 400
    assert client.get("/blog/new?draft=two").status == 404


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/New_York"])
def test_it_is_published_later_by_the_clock_of_who_writes(client, server, zone):
    cookie = f"{client.cookie_name}={client.cookie}; sat-zone={zone}"
    answer = client.post("/blog/new", do="keep", body="text", title="Roses")
    assert answer.status == 303
    id = server.kept()[0]["id"]
    token, path = client.token("/contacts"), f"/blog/new?draft={id}"
    form = f"csrf={token}&do=later&body=text&title=Roses&due={LATER}".encode()
    kind = {"Content_Type": "application/x-www-form-urlencoded", "Origin": server.url}
    assert client.ask("POST", path, form, Cookie=cookie, **kind).status == 303
    due = datetime.fromisoformat(LATER).replace(tzinfo=ZoneInfo(zone)).timestamp()
    assert [each["due"] for each in server.kept()] == [due]
    page = client.get("/blog/drafts", Cookie=cookie).text
    assert datetime.fromtimestamp(due, UTC).isoformat().replace("+00:00", "Z") in page
    assert f'name="due" value="{LATER}"' in client.get(path, Cookie=cookie).text


@pytest.mark.parametrize(
    ("due", "why"),
    [
        ("", "Say when it is to be published."),
        ("tomorrow", "Say when it is to be published."),
        ("9999-99-99T00:00", "Say when it is to be published."),
        ("2020-01-01T00:00", "That time is over."),
    ],
)
def test_a_time_that_is_none_is_refused_and_nothing_is_lost(client, server, due, why):
    answer = client.post("/blog/new", do="later", body="long\nand good", title="Roses", due=due)
    assert (answer.status, why in answer.text) == (400, True)
    assert ">long\nand good</textarea>" in answer.text
    assert server.kept() == []


def test_what_came_of_a_due_draft_is_said(client, server):
    problem = {"problem": "PostExists", "details": {"slug": "roses"}, "due": time.time()}
    server.keep("one", problem, {"body": "text", "title": "Roses"})
    for path in ("/blog/drafts", "/blog/new?draft=one"):
        assert "There is a post with the address “roses” already." in client.get(path).text


def test_another_text_of_a_post_is_kept_and_saved(client, server):
    server.post(ALICE, "old", {"id": "one", "title": "Roses"})
    assert client.post("/blog/edit/one", do="keep", body="new", title="Roses", slug="one").status == 303
    assert server.kept()[0]["node"] == [ALICE, "urn:xmpp:microblog:0", "one"]
    assert "Another text of a post" in client.get("/blog/drafts").text
    page = client.get(f"/blog/new?draft={server.kept()[0]['id']}").text
    assert "Edit a post" in page
    assert client.post(f"/blog/new?draft={server.kept()[0]['id']}", do="publish", body="newer").status == 303
    assert [each["text"] for each in server.posts()] == ["newer"]
    assert server.kept() == []


def test_drafts_that_cannot_be_had_are_said(client, server):
    server.refuse("blog_drafts", "get_all")
    assert "There is no room on the disk." in client.get("/blog/drafts").text
    server.refuse("blog_drafts", "keep")
    answer = client.post("/blog/new", do="keep", body="long\nand good")
    assert ">long\nand good</textarea>" in answer.text


def test_a_post_gets_another_address(client, server):
    server.post(ALICE, "old", {"id": "one", "title": "Roses"})
    server.post(ALICE, "other", {"id": "taken"})
    assert 'name="slug" value="one"' in client.get("/blog/edit/one").text
    answer = client.post("/blog/edit/one", do="publish", title="Roses", body="old", slug="two")
    assert answer.header("Location") == f"/blog/view/{ALICE}/{NODE}/two"
    answer = client.post("/blog/edit/two", do="publish", title="Roses", body="old", slug="taken")
    assert (answer.status, "There is a post with the address “taken” already." in answer.text) == (409, True)
    assert client.post("/blog/edit/two", do="publish", title="Roses", body="old", slug="").status == 303
    assert sorted(each["id"] for each in server.posts()) == ["taken", "two"]


def test_a_post_is_written_in_several_languages(client, server):
    fields = {
        "lang": "en",
        "lang0": "fr",
        "title0": "Les roses",
        "body0": "Elles\n\npoussent",
        "lang1": "",
        "body1": "",
    }
    answer = client.post("/blog/new", do="keep", title="Roses", body="They grow", **fields)
    assert answer.status == 303
    assert server.kept()[0]["translations"] == [["fr", "Les roses", "Elles\n\npoussent"]]
    page = client.get(f"/blog/new?draft={server.kept()[0]['id']}").text
    assert 'name="title0" dir="auto" value="Les roses"' in page
    assert ">Elles\n\npoussent</textarea>" in page
    assert 'name="body1"' in page, "room for one more"
    more = {f"{name}{n}": "x" for n in range(9) for name in ("lang", "title", "body")}
    page = client.post("/blog/new", do="preview", title="Roses", body="They grow", **more).text
    assert len(re.findall(r'<textarea id="body\d"', page)) == 5


def test_translations_survive_the_end_of_the_session(client, server):
    fields = {"body": "They grow", "lang0": "fr", "body0": "Elles\n\npoussent", "due": LATER, "do": "later"}
    page, _ = comes_back(client, server, "/blog/new", **fields)
    assert ">Elles\n\npoussent</textarea>" in page.replace("\r", "")
    assert f'value="{LATER}"' in page


def test_a_post_leads_to_its_other_languages(client, server):
    versions = [["fr", "Les roses", "Elles poussent", "<p>Elles poussent</p>"]]
    server.post(BOB, "They grow", {"id": "roses", "title": "Roses", "lang": "en", "versions": versions})
    path = f"/blog/view/{BOB}/{NODE}/roses"
    text = client.get(path).text
    french = unescape(re.search(r'In <strong>en</strong> · <a href="([^"]*)">fr</a>', text)[1])
    text = client.get(french).text
    assert "Elles poussent" in text
    assert "They grow" not in text
    assert f'In <a href="{path}">en</a> · <strong>fr</strong>' in text
    assert "They grow" in client.get(f"{path}?lang=xx").text


def test_they_can_be_read_by_everybody(open_page, server):
    long = {"body": "word " * 50, "title": "A title " * 30}
    server.keep("one", {"due": 4_000_000_000.0, "problem": "PostExists", "details": {"slug": "roses"}}, long)
    server.keep("two", {"node": ["pubsub.example", "n" * 200, "x"]}, {"body": "text"})
    log_in(open_page, server)
    for path in ("/blog/drafts", "/blog/new?draft=one"):
        open_page.goto(server.url + path)
        for summary in open_page.locator("summary").all():
            if summary.is_visible():
                summary.click()
        check_stretched(open_page)


def test_hostile_drafts_are_text(open_page, server):
    for number, payload in enumerate(PAYLOADS):
        draft = {"body": payload, "title": payload, "tags": [payload], "lang": payload, "slug": payload}
        translations = [[payload, payload, payload]]
        problem = {"problem": payload, "details": {"slug": payload}, "node": ["pubsub.example", payload, ""]}
        server.keep(f"{number}{payload}", problem, draft | {"translations": translations})
    log_in(open_page, server, "/blog/drafts")
    harmless(open_page)
    paths = open_page.evaluate("[...document.querySelectorAll('h2 a')].map(a => a.href)")
    assert len(paths) == len(PAYLOADS)
    for path in paths[:12]:
        open_page.goto(path)
        expect(open_page.get_by_label("Text, in Markdown")).to_be_visible()
        harmless(open_page)
