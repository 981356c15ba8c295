"""A post, from a shell to the screens of a contact and to strangers: everything real."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from support.chromium import PATIENCE
from support.stage import jp, log_in, primitivus

from sat.api import JID
from sat.world import World, until
from sat.world.demo import Libervia
from sat.world.people import run

ALICE, BOB = JID("alice@localhost"), JID("bob@localhost")
EVIL = "<img src=x onerror=alert(1)> **bold** <script>document.title='owned'</script> café"


def test_a_post_is_read_answered_and_liked_everywhere(
    libervia: Libervia, world: World, chromium: Browser, tmp_path: Path
) -> None:
    env = world.environment()
    said = ("--title", "A walk", "--tag", "verona", "--slug", "a-walk")
    sent = jp(env, "-p", "bob", "blog", "set", *said, EVIL)
    assert (sent.code, sent.err) == (0, "")
    alice = world.bridge().profile("alice")
    assert until(lambda: run(alice.timeline.get_timeline()))

    page = log_in(chromium.new_page(), libervia.url, ALICE, "/timeline")
    page.set_default_timeout(PATIENCE)
    post = page.get_by_role("article").filter(has_text="A walk")
    expect(post).to_be_visible()
    expect(post.locator("strong", has_text="bold")).to_be_visible()
    assert page.title() != "owned"
    page.goto(f"{libervia.url}/blog/view/{BOB}/urn:xmpp:microblog:0/a-walk")
    page.get_by_role("button", name=re.compile("Like")).first.click()
    page.get_by_label("Your comment").fill("Where did you walk to?")
    page.get_by_role("button", name="Publish the comment").click()
    expect(page.get_by_role("main")).to_contain_text("Where did you walk to?")
    page.screenshot(path=str(tmp_path / "post.png"), full_page=True)
    page.close()

    shown = jp(env, "-p", "bob", "blog", "comments", "me//a-walk", "-o", "json")
    assert (shown.code, shown.err) == (0, "")
    assert "Where did you walk to?" in [each["text"] for each in _all(shown.out)]

    with primitivus(env, "-p", "alice", columns=100, rows=30) as terminal:
        terminal.shows("Bob")
        terminal.press("F4")
        terminal.shows("A walk")
        terminal.press("Enter")
        terminal.shows("Where did you walk to?")
        (tmp_path / "screen.txt").write_text(terminal.text)
    deleted = jp(env, "-p", "bob", "blog", "delete", "me//a-walk", "--yes")
    assert (deleted.code, deleted.err) == (0, "")
    assert until(lambda: not run(alice.timeline.get_timeline()))


def _all(out: str) -> list[dict[str, str]]:
    found = json.loads(out)
    return found if isinstance(found, list) else found["posts"]


def test_strangers_read_what_is_public(libervia: Libervia, world: World, chromium: Browser) -> None:
    address = f"{libervia.url}/u/bob"
    env = world.environment()
    sent = jp(env, "-p", "bob", "blog", "set", "--title", "For all", "--slug", "for-all", EVIL)
    assert (sent.code, sent.err) == (0, "")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{libervia.url}/u/alice")  # she has not said so
    assert jp(env, "-p", "bob", "param", "set", "public_blog.shown", "true").code == 0
    page = chromium.new_page()
    page.goto(address)
    expect(page.get_by_role("article").filter(has_text="For all")).to_be_visible()
    expect(page.locator("strong", has_text="bold").first).to_be_visible()
    assert page.locator("script").count() == 0
    assert page.title() != "owned"
    page.close()
    with urllib.request.urlopen(f"{address}/atom.xml") as feed:
        assert feed.headers["Content-Type"].startswith("application/atom+xml")
        assert b"For all" in feed.read()
