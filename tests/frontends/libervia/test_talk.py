"""What a conversation shows and says in Chromium: what is new below, what is too long, when it was."""

from __future__ import annotations

import re

from playwright.sync_api import expect
from support.chromium import live

from .conftest import BOB, last, log_in, rows, until

# -- what is new, below ------------------------------------------------------------------------------------------------


def scroll_up(page):
    page.locator("#log").evaluate("log => log.scrollTo({top: 0, behavior: 'instant'})")


def in_view(page):
    return page.locator("#log").evaluate("log => log.scrollHeight - log.scrollTop - log.clientHeight < 80")


def test_a_picture_that_comes_late_leaves_the_end_in_view(page, server):
    server.fill("carol@example.org", 50)
    log_in(page, server, "/chat/carol@example.org")
    live(page)
    page.locator("#messages").evaluate("""messages => {
        const picture = new Image(400, 900);
        picture.src = document.querySelector("link[rel=icon]").href;
        messages.append(picture);
    }""")
    page.wait_for_function("document.getElementById('messages').lastElementChild.complete")
    until(lambda: in_view(page), page)


def test_what_comes_below_is_counted_and_one_click_away(page, server):
    page.set_viewport_size({"width": 320, "height": 480})
    server.fill("carol@example.org", 50)
    log_in(page, server, "/chat/carol@example.org")
    live(page)
    assert in_view(page)
    below = page.locator("#below")
    expect(below).to_be_hidden()
    scroll_up(page)
    for number in (1, 2):
        server.arrive("carol@example.org", f"news {number}")
        expect(below).to_have_text(f"{number} new ↓")
    expect(last(page)).not_to_be_in_viewport()
    below.click()
    expect(last(page)).to_be_in_viewport()
    expect(below).to_be_hidden()
    server.arrive("carol@example.org", "news 3")
    expect(last(page)).to_contain_text("news 3")
    expect(below).to_be_hidden()


def test_count_goes_when_one_scrolls_down(page, server):
    server.fill("carol@example.org", 50)
    log_in(page, server, "/chat/carol@example.org")
    live(page)
    scroll_up(page)
    server.arrive("carol@example.org", "news")
    expect(page.locator("#below")).to_be_visible()
    page.locator("#log").evaluate("log => log.scrollTo({top: log.scrollHeight, behavior: 'instant'})")
    expect(page.locator("#below")).to_be_hidden()


def test_what_comes_while_an_older_part_is_shown_is_counted(page, server):
    log_in(page, server, f"{BOB}?before=3")
    live(page)
    server.arrive("bob@example.org", "news")
    page.get_by_role("button", name="1 new").click()
    page.wait_for_url(f"**{BOB}#end")
    expect(last(page)).to_contain_text("news")


# -- what cannot be sent -----------------------------------------------------------------------------------------------


def test_text_that_is_too_long_stays_and_that_is_said_once(talk, server):
    composer = talk.get_by_label("Message to Bob")
    text = "é" * 50_001
    count = rows(talk).count()
    composer.fill(text)
    composer.press("Enter")
    sentence = "The message is too long: 100002 bytes, and 100000 are possible."
    expect(talk.get_by_text(sentence)).to_have_count(1)
    expect(composer).to_have_value(text)
    assert rows(talk).count() == count
    composer.fill(text[:-1])
    composer.press("Enter")
    expect(rows(talk)).to_have_count(count + 1)
    expect(talk.get_by_text(sentence)).to_have_count(0)
    expect(talk.locator("#banner")).to_be_hidden()  # nor was it too much for the connection
    assert [len(call[2]) for call in server.calls("messages") if call[0] == "send"] == [50_000]


def test_long_text_of_simple_letters_fits(talk, server):
    composer = talk.get_by_label("Message to Bob")
    composer.fill("x" * 90_000)
    composer.press("Enter")
    expect(talk.locator("#messages > li.pending")).to_have_count(0)
    assert [len(call[2]) for call in server.calls("messages") if call[0] == "send"] == [90_000]


def test_error_of_a_message_is_said_once(talk, server):
    server.refuse("messages", "send")
    talk.get_by_label("Message to Bob").fill("Important")
    talk.keyboard.press("Enter")
    expect(last(talk).locator(".why")).to_contain_text("There is no room on the disk.")
    expect(talk.get_by_text("There is no room on the disk.")).to_have_count(1)


# -- when it was -------------------------------------------------------------------------------------------------------

MIDNIGHT = 1_763_996_400.0  # 2025-11-24 15:00 UTC: midnight in Tokyo
SHOWN = "times => times.map(time => [time.textContent, time.title])"


def written(server, *moments):
    for number, moment in enumerate(moments):
        server.arrive("carol@example.org", f"at {number}", "alice", {"time": moment})


def times(page, selector):
    return page.locator(selector).evaluate_all(SHOWN)


def test_times_and_days_are_those_of_the_browser(chromium, server):
    written(server, MIDNIGHT - 60, MIDNIGHT + 60)
    context = chromium.new_context(timezone_id="Asia/Tokyo", locale="en")
    page = context.new_page()
    log_in(page, server, "/chat/carol@example.org")
    live(page)
    expect(page.locator(".m .day")).to_have_count(2)
    assert times(page, ".m .day time") == [
        ["Monday 24 November 2025", "Monday 24 November 2025 23:59 (UTC+09:00)"],
        ["Tuesday 25 November 2025", "Tuesday 25 November 2025 00:01 (UTC+09:00)"],
    ]
    assert [clock for clock, _ in times(page, ".m .meta time")] == ["23:59", "00:01"]
    written(server, MIDNIGHT + 86_400)
    expect(page.locator(".m .day time").last).to_have_text("Wednesday 26 November 2025")
    page.goto(f"{server.url}/search?q=at&peer=carol@example.org")
    assert [clock for clock, _ in times(page, ".hits time")] == [
        "26 Nov 2025 00:00",
        "25 Nov 2025 00:01",
        "24 Nov 2025 23:59",
    ]
    assert "Times are those of the server" not in page.content()
    page.goto(f"{server.url}/files")
    server.offer("bob@example.org", "cv.pdf")  # drawn for all pages at once
    expect(page.locator("#moving time")).to_have_attribute("title", re.compile(r"\(UTC\+09:00\)$"))
    context.close()


def test_days_that_only_the_server_has_are_not_shown(chromium, server):
    written(server, MIDNIGHT + 9 * 3600 - 60, MIDNIGHT + 9 * 3600 + 60)  # midnight UTC, where the server is in tests
    context = chromium.new_context(timezone_id="America/New_York", locale="en")
    page = context.new_page()
    log_in(page, server)
    context.clear_cookies(name="sat-zone")
    page.goto(f"{server.url}/chat/carol@example.org")
    live(page)
    assert [day for day, _ in times(page, ".m .day time")] == ["Monday 24 November 2025"]
    assert [clock for clock, _ in times(page, ".m .meta time")] == ["18:59", "19:01"]
    context.close()


def test_without_scripts_it_is_said_whose_times_these_are(client, server):
    written(server, MIDNIGHT)
    for path in ("/search?q=at", "/chat/carol@example.org"):
        text = client.get(path).text
        assert re.search(r"Times are those of the server \(UTC[^)]*\)", text)
        assert re.search(r'<time datetime="2025-11-24T15:00:00Z"[^>]* title="[^"]+ \(UTC[^)]*\)"', text)
    for odd in ("Nowhere/Atall", "../../etc/passwd", "/etc/localtime", "America", "x" * 500, "Europe//Paris"):
        cookie = f"{client.cookie_name}={client.cookie}; sat-zone={odd}"
        assert "Times are those of the server" in client.get("/search?q=at", Cookie=cookie).text
    cookie = f"{client.cookie_name}={client.cookie}; sat-zone=Asia/Kolkata"
    assert "24 Nov 2025 20:30" in client.get("/search?q=at", Cookie=cookie).text
