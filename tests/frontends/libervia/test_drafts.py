"""What was begun and not sent, on the web and elsewhere."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from .conftest import BOB, last, log_in, until

LATE = """
const Real = WebSocket;
window.WebSocket = function (url) {
    const late = { readyState: 0, send() {} };
    window.letIn = () => {
        const real = new Real(url);
        late.send = text => real.send(text);
        real.onopen = event => { late.readyState = 1; late.onopen(event); };
        real.onmessage = event => { late.onmessage(event); window.letIn.heard = true; };
        real.onclose = event => { late.readyState = 3; late.onclose(event); };
    };
    return late;
};
"""
"""Has the live connection of a page open when ``letIn`` is called."""


def test_what_was_begun_elsewhere_stands_in_the_composer(client, server):
    server.begin("bob@example.org", "Dear <Bob>,\nhow")
    text = client.get(BOB).text
    assert ">Dear &lt;Bob&gt;,\nhow</textarea>" in text
    assert "not sent yet" in text
    client.post(BOB, body="Dear Bob, how are you?")
    assert ["set_draft", "bob@example.org", ""] in server.calls("drafts")
    assert "not sent yet" not in client.get(BOB).text


def test_without_scripts_a_text_can_be_kept(client, server):
    assert 'name="keep" value="1"' in client.get(BOB).text
    answer = client.post(BOB, do="send", keep="1", body="later\r\nperhaps")
    assert (answer.status, answer.header("Location")) == (303, f"{BOB}#end")
    assert ">later\nperhaps</textarea>" in client.get(BOB).text
    client.post(BOB, do="send", keep="1", body="")
    assert "></textarea>" in client.get(BOB).text


def test_an_open_page_follows_unless_somebody_writes_there(talk, server):
    body = talk.get_by_label("Message to Bob")
    talk.locator("h1").click()
    server.begin("bob@example.org", "begun in the terminal")
    expect(body).to_have_value("begun in the terminal")
    expect(talk.locator(".contact", has_text="Bob").first).to_contain_text("not sent yet")
    body.fill("mine")
    server.begin("bob@example.org", "theirs")
    until(lambda: ["set_draft", "bob@example.org", "mine"] in server.calls("drafts"), talk)
    expect(body).to_have_value("mine")
    talk.keyboard.press("Enter")
    expect(last(talk)).to_contain_text("mine")
    until(lambda: server.calls("drafts")[-1] == ["set_draft", "bob@example.org", ""], talk)


def test_what_was_sent_before_the_page_was_live_is_no_draft(page: Page, client, server):
    """The form goes its usual way; then the live connection opens, before the page is another."""
    posts: list[int] = []

    def post(route: Route) -> None:
        if route.request.method == "POST":
            posts.append(client.post(BOB, body="on its way").status)
            route.fulfill(status=204)  # the page stays, as it does for a while before an answer comes
        else:
            route.continue_()

    page.add_init_script(LATE)
    page.route(f"**{BOB}", post)
    log_in(page, server, BOB)
    until(lambda: page.evaluate("'letIn' in window"), page)
    page.get_by_label("Message to Bob").fill("on its way")
    page.keyboard.press("Enter")
    until(lambda: posts, page)
    page.evaluate("letIn()")
    until(lambda: page.evaluate("letIn.heard"), page)
    page.wait_for_timeout(300)
    assert "></textarea>" in client.get(BOB).text
