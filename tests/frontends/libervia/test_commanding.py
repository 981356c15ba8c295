"""User commands on the web: what is typed after a slash."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from sat.world.program import until

from .conftest import BOB, last, rows

CAROL = "/chat/carol@example.org"


def sent(server):
    return [call[1:3] for call in server.calls("messages") if call[0] == "send"]


# -- by forms alone ----------------------------------------------------------------------------------------------------


def test_command_is_carried_out_and_nothing_is_sent(client, server):
    answer = client.post(BOB, body="/away at <lunch>")
    assert answer.status == 200
    assert "Your state is now away" in answer.text
    assert ["set_presence", "away", "at <lunch>"] in server.calls("presence")
    assert not sent(server)


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("/settings", "/settings"),
        ("/search two words", "/search?q=two+words&peer=bob%40example.org"),
        ("/search -a words", "/search?q=words"),
        ("/query carol@example.org", f"{CAROL}#end"),
        ("/close", "/chat"),
        ("/timeline", "/timeline"),
        ("/blog carol@example.org", "/blog/view/carol@example.org"),
        ("/blog-drafts", "/blog/drafts"),
        ("/blog-discover", "/blog/discover"),
        ("/blog-discover blogs.example.org", "/blog/discover?service=blogs.example.org"),
        ("/transfers", "/files"),
        ("/shares", "/files"),
        ("/files", "/files/bob@example.org"),
    ],
)
def test_command_leads_to_a_page(client, server, line, where):
    answer = client.post(BOB, body=line)
    assert (answer.status, answer.header("Location")) == (303, where)
    assert not sent(server)


def test_unknown_command_says_which_was_meant_and_the_text_stays(client, server):
    answer = client.post(BOB, body="/serach <b>")
    assert answer.status == 400
    assert "There is no command /serach. Did you mean /search?" in answer.text
    assert "/serach &lt;b&gt;</textarea>" in answer.text
    assert not sent(server)


def test_two_slashes_begin_a_text_and_me_is_one(client, server):
    for body in ("//etc/hosts", "/me waves"):
        assert client.post(BOB, body=body).status == 303
    assert sent(server) == [["bob@example.org", "/etc/hosts"], ["bob@example.org", "/me waves"]]


def test_correction_is_a_text_whatever_it_begins_with(client, server):
    assert client.post(BOB, **{"for": "correction", "about": "m5", "body": "/etc"}).status == 303
    assert server.calls("correction") == [["correct", "m5", "/etc"]]


# -- live --------------------------------------------------------------------------------------------------------------


def enter(talk, text):
    composer = talk.get_by_label("Message to Bob")
    composer.fill(text)
    composer.press("Enter")
    return composer


def test_answer_is_shown_above_the_composer(talk, server):
    count = rows(talk).count()
    composer = enter(talk, "/help away")
    expect(talk.locator("#errors .answer")).to_have_text(
        "/away [TEXT]\nBe away; what you write is shown to your contacts.", use_inner_text=True
    )
    expect(composer).to_have_value("")
    assert rows(talk).count() == count
    enter(talk, "now a text")
    expect(last(talk)).to_contain_text("now a text")
    expect(talk.locator("#errors .answer")).to_have_count(0)
    assert until(lambda: sent(server) == [["bob@example.org", "now a text"]], 5)


def test_long_lines_of_an_answer_hang(talk):
    talk.set_viewport_size({"width": 360, "height": 640})
    enter(talk, "/help")
    line = talk.locator("#errors .answer span", has_text="/find-rooms")
    lefts = line.evaluate(
        """line => {
            const range = document.createRange()
            range.selectNodeContents(line)
            return [...range.getClientRects()].filter(each => each.width).map(each => each.left)
        }"""
    )
    assert len(lefts) > 1
    assert min(lefts[1:]) > lefts[0] + 20


def test_command_that_fails_stays_to_be_mended(talk, server):
    composer = enter(talk, "/serach x")
    expect(talk.locator("#errors")).to_contain_text("Did you mean /search?")
    expect(composer).to_have_value("/serach x")
    expect(composer).to_be_editable()
    assert not sent(server)


def test_action_and_text_with_a_slash_are_sent_once(talk, server):
    for text, shown in (("/me waves", "waves"), ("//etc", "/etc")):
        composer = enter(talk, text)
        expect(last(talk)).to_contain_text(shown)
        expect(composer).to_have_value("")
    assert until(lambda: sent(server) == [["bob@example.org", "/me waves"], ["bob@example.org", "/etc"]], 5)


def test_command_leads_elsewhere_live(talk, server):
    enter(talk, "/query carol@example.org")
    talk.wait_for_url(f"**{CAROL}#end")


def test_commands_are_completed(talk, server):
    composer = talk.get_by_label("Message to Bob")
    found = talk.locator("#completions button")
    composer.fill("/sea")
    expect(found).to_have_count(1)
    expect(found.first).to_contain_text("Search in this conversation")
    composer.fill("/que")
    composer.press("Tab")  # the list is still that of what stood there before
    expect(composer).to_have_value("/query ")
    found.filter(has_text="carol").click()
    expect(composer).to_have_value("/query carol@example.org ")
    composer.fill("no command")
    expect(found).to_have_count(0)
    composer.press("Tab")  # goes on, as everywhere
    expect(composer).not_to_be_focused()
