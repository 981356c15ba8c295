"""What a person does with links and forms alone: log in, read, write, keep contacts, change settings, search."""

from __future__ import annotations

import hashlib
import re

import pytest

from .client import Client
from .world import PASSWORD

BOB = "/chat/bob@example.org"


# -- logging in ---------------------------------------------------------------------------------------------------


def test_first_page_invites_a_stranger_and_sends_who_is_logged_in_on(client, server):
    assert "Log in" in Client(server).get("/").text
    assert client.get("/").header("Location") == "/chat"


def test_private_page_asks_to_log_in_and_comes_back(server):
    client = Client(server)
    there = client.get(BOB).header("Location")
    assert there == "/login?next=%2Fchat%2Fbob%40example.org"
    form = client.page(there).form_with("password")
    assert client.log_in(next=form.fields["next"]).header("Location") == BOB


def test_logging_out_ends_the_session_on_the_server(client):
    key = client.cookie
    assert client.post("/logout").header("Set-Cookie").startswith(f"{client.cookie_name}=; ")
    client.cookie = key
    assert client.get("/chat").header("Location").startswith("/login")


def test_logging_out_everywhere_closes_every_browser(client, server):
    other = Client(server)
    other.log_in()
    assert "2 browsers are logged in" in client.get("/settings").text
    client.post("/logout", do="everywhere")
    assert other.get("/chat").header("Location").startswith("/login")


def test_going_online_is_one_click(client, server):
    server.connection("offline")
    assert "Go online" in client.get("/chat").text
    assert client.post("/chat", do="connect").header("Location") == "/chat"
    assert "Go online" not in client.get("/chat").text


def test_a_disk_that_fails_is_told_on_the_page(client, server):
    server.notice("StorageFailing", "ConfigIgnored")
    for path in ("/chat", "/contacts"):
        text = client.get(path).text
        assert "Nothing can be stored at the moment: the disk is full." in text
        assert "line 1" not in text, "sat.conf is no concern of who only visits"
    server.notice()
    assert "Nothing can be stored" not in client.get("/chat").text


def test_who_opens_a_page_is_looking(client, server):
    client.get("/chat")
    client.get("/chat")
    assert server.calls("client_state") == [["attend"]], "not each time"


def test_memory_of_conversations_is_bounded(client, server):
    for each in range(130):
        assert client.get(f"/chat/visitor{each}@example.org").status == 200
    assert server.open_chats() == 100


# -- reading and writing --------------------------------------------------------------------------------------------


def test_contacts_stand_in_their_groups_with_presence_in_words(client):
    text = client.get("/chat").text
    assert re.search(
        r"Friends.*Bob.*online.*Carol.*at lunch.*Ungrouped.*dave.*waiting for their answer", text, re.DOTALL
    )


def test_conversation_shows_days_senders_states_and_links(client):
    text = client.get(BOB).text
    assert re.search(r"Yesterday.*Hi Alice.*delivered.*Today.*Great indeed.*sent.*not sent", text, re.DOTALL)
    assert text.count('<p class="who">') == 5  # one for each group, and the one in the template
    assert '<a href="https://example.org/a?b=1" rel="noopener noreferrer nofollow"' in text


def test_sending_goes_back_to_the_conversation_and_marks_it_read(client, server):
    server.arrive("bob@example.org", "still there?")
    answer = client.post(BOB, body="line one\r\nline two & <b>")
    assert (answer.status, answer.header("Location")) == (303, f"{BOB}#end")
    assert ["send", "bob@example.org", "line one\nline two & <b>"] in server.calls("messages")
    assert ["mark_read", "bob@example.org", "0"] in server.calls("messages")
    assert "line one\nline two &amp; &lt;b&gt;" in client.get(BOB).text


def test_looking_marks_nothing_as_read(client, server):
    server.arrive("bob@example.org", "hello?")
    assert "1 new message" in client.get(BOB).text
    client.get("/chat")
    assert not [call for call in server.calls("messages") if call[0] == "mark_read"]


def test_a_message_that_cannot_be_stored_stays_in_the_composer(client, server):
    server.refuse("messages", "send")
    answer = client.post(BOB, body="precious")
    assert answer.status == 404
    assert "There is no room on the disk." in answer.text
    assert ">precious</textarea>" in answer.text


def test_nothing_to_send_is_said(client):
    assert "There is nothing to send." in client.post(BOB, body="  ").text


def test_failed_message_is_tried_again(client, server):
    form = next(each for each in client.page(BOB).forms if each.fields.get("do") == "retry")
    assert client.post(BOB, **{**form.fields, "id": "m6", "token": form.fields.pop("csrf")}).status == 303
    assert ["retry", "m6"] in server.calls("messages")


def test_older_messages_are_reached_by_links(client, server):
    server.fill("carol@example.org", 120)
    page = client.get("/chat/carol@example.org").text
    assert "line 119" in page
    assert "line 69" not in page
    seen = set(re.findall(r"line (\d+)", page))
    for _ in range(2):
        link = re.search(r'href="(/chat/carol@example.org\?before=\d+)"', page)[1]
        page = client.get(link).text
        seen |= set(re.findall(r"line (\d+)", page))
        assert "Newest messages" in page
    assert len(seen) == 120


def test_strange_addresses_are_refused_with_a_sentence(client):
    for path, also in (("/chat/a%20b@c@d", 'id="contacts"'), ("/blog/view/a%20b@c@d", 'value="a b@c@d"')):
        answer = client.get(path)
        assert answer.status == 400
        assert "is no XMPP address" in answer.text
        assert 'title="How you appear"' in answer.text, "the frame of all pages"
        assert also in answer.text


def test_what_takes_long_stands_beside_the_address(client, server):
    server.sync("syncing")
    assert "Fetching what you missed" in client.get(BOB).text
    server.sync("failed")
    assert "Fetching what you missed: failed" in client.get(BOB).text
    server.sync("complete")
    assert "Fetching" not in client.get(BOB).text


# -- contacts -------------------------------------------------------------------------------------------------------


def test_a_mere_name_is_no_contact(client, server):
    answer = client.post("/contacts", do="add", jid="erin")
    assert answer.status == 400
    assert "it has no @" in answer.text
    assert not any(call[0] == "add_contact" for call in server.calls("roster"))


def test_contact_is_added_changed_and_removed(client, server):
    client.post("/contacts", do="add", jid="erin@example.org", name="Erin", groups="Work, Friends,,Work")
    assert "erin@example.org is in your contact list, and was asked" in client.get("/contacts").text
    assert "is in your contact list" not in client.get("/contacts").text
    client.post("/contacts", do="edit", jid="erin@example.org", name="Erin B.", groups="")
    assert ["set_contact", "erin@example.org", "Erin B.", "[]"] in server.calls("roster")
    client.post("/contacts", do="remove", jid="erin@example.org")
    assert ["remove_contact", "erin@example.org"] in server.calls("roster")
    assert "/chat/erin@example.org" not in client.get("/contacts").text


def test_wrong_address_is_kept_in_the_form(client):
    answer = client.post("/contacts", do="add", jid="no address", name="X")
    assert answer.status == 400
    assert "is no XMPP address" in answer.text
    assert 'value="no address"' in answer.text


@pytest.mark.parametrize(("do", "call"), [("accept", "approve"), ("refuse", "refuse")])
def test_request_is_answered(client, server, do, call):
    server.request("mallory@example.org", "Please")
    assert "1 person asks" in client.get("/chat").text
    assert "Please" in client.get("/contacts").text
    client.post("/contacts", do=do, jid="mallory@example.org")
    assert [call, "mallory@example.org"] in server.calls("presence")
    assert "Please" not in client.get("/contacts").text


def test_who_writes_is_seen_in_the_longest_list(client, server):
    client.get("/chat")
    server.contacts(1000)
    server.arrive("c990@example.org", "hello from far down")
    server.present("c985@example.org/x", "away")
    text = client.get("/chat").text
    assert text.count('class="contact"') == 200
    people = re.findall(r'data-jid="([^"]+)"', text)
    assert {"bob@example.org", "c990@example.org", "c985@example.org"} <= set(people)
    assert people.index("c985@example.org") < people.index("c990@example.org")  # the list's own order
    assert re.search(r'c990@example.org"[^<]*<.*?>1<span class="vh"> unread', text, re.DOTALL)
    page = client.get("/contacts").text
    assert re.search(r'c990@example.org.*?>1<span class="vh"> unread', page, re.DOTALL)


def test_conversation_with_a_stranger_stays_and_offers_to_add_them(client, server):
    server.arrive("zoe@example.org", "hi, I am no contact")
    client.post("/chat/zoe@example.org", do="read")
    assert "Not in your contacts" in client.get("/chat").text
    page = client.get("/chat/zoe@example.org").text
    offered = client.page(re.search(r'href="(/contacts\?add=[^"]+)"', page)[1])
    form = next(each for each in offered.forms if "groups" in each.fields)
    assert form.fields["jid"] == "zoe@example.org"
    client.post("/contacts", do="add", jid=form.fields["jid"], name="Zoe", groups="")
    assert "/contacts?add=" not in client.get("/chat/zoe@example.org").text
    assert "/contacts?add=" not in client.get("/chat/alice@example.org").text  # oneself


def test_long_contact_lists_are_cut_and_can_be_filtered(client, server):
    server.contacts(1000)
    text = client.get("/chat").text
    assert text.count('class="contact"') < 201
    assert "All contacts" in text
    assert "903 more" in client.get("/contacts").text
    found = client.get("/contacts?q=contact+0777").text
    assert "c777@example.org" in found
    assert "c776@example.org" not in found


# -- settings and search --------------------------------------------------------------------------------------------


def test_settings_begin_with_the_account_and_end_with_what_experts_need(client):
    text = client.get("/settings").text
    tabs = re.findall(r'href="(/settings/[a-z-]+)"[^>]*>([^<]+)<', text)
    assert [name for _, name in tabs] == ["General", "Composition", "Blog page", "Mail Server", "Connection", "Debug"]
    assert text.index('href="/card"') < text.index('href="/account"') < text.index(tabs[0][0])
    assert {client.get(path).status for path, _ in tabs} == {200}


def test_tab_without_a_setting_is_not_offered(client):
    assert "/settings/misc" not in client.get("/settings").text
    assert "There is nothing to set here yet." in client.get("/settings/misc").text
    assert client.get("/settings/nowhere").status == 404


def test_settings_are_saved(client, server):
    token = client.token("/contacts")
    client.post("/settings/general", token, do="save", **{"away.after": "20"})  # a box that is not sent is not ticked
    calls = server.calls("settings")
    assert calls == [["set_setting", "receipts.send", "false"], ["set_setting", "away.after", "20"]]
    assert "Saved." in client.get("/settings/general").text


def test_how_the_server_is_reached_is_a_setting(client):
    entered = {"account.host": "xmpp.example.org", "account.port": "5223", "account.direct_tls": "true"}
    client.post("/settings/mail-server", client.token("/contacts"), do="save", **entered)
    page = client.get("/settings/mail-server").text
    assert "Saved." in page
    assert re.search(r'name="account.host" value="xmpp.example.org"', page)
    assert re.search(r'name="account.direct_tls" value="true" checked', page)
    assert not re.search(r'name="account.require_tls" value="true" checked', page)  # its box was not ticked


def test_cancel_saves_nothing(client, server):
    assert (
        client.post("/settings/general", client.token("/contacts"), do="cancel", **{"away.after": "20"}).status == 303
    )
    assert server.calls("settings") == []


def test_wrong_value_stays_with_what_is_wrong(client, server):
    answer = client.post("/settings/general", client.token("/contacts"), do="save", **{"away.after": "soon"})
    assert answer.status == 400
    assert 'value="soon"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert 'Not saved: <a href="#f-away.after">Away after, in minutes</a>.' in answer.text
    assert 'id="f-away.after"' in answer.text
    assert "soon" not in str(server.calls("settings"))
    assert "Not saved" not in client.get("/settings/general").text


def test_search_finds_leads_to_the_place_and_says_when_there_is_nothing(client):
    text = client.get("/search?q=great").text
    assert text.index("Great indeed") < text.index("Hi Alice")
    path = re.findall(r'href="(/chat/[^"]+)"', text)[-1]
    place = client.get(path.partition("#")[0]).text
    assert "Hi Alice" in place
    assert "Not yet." not in place
    assert "Nothing was found for “zebra”." in client.get("/search?q=zebra").text
    assert f"Nothing was found for “{'z' * 59}…”." in client.get(f"/search?q={'z' * 400}").text


def test_search_tells_its_filters_and_what_is_wrong_with_one(client, server):
    assert "from:NAME" in client.get("/search").text
    answer = client.get("/search?q=has:money")
    assert answer.status == 400
    assert "Nothing is known of that." in answer.text
    assert 'value="has:money"' in answer.text
    server.room()
    server.say("Tybalt", "a rare word")
    assert "<bdi>Tybalt</bdi>:" in client.get("/search?q=rare").text


def test_other_languages_of_a_message_are_told_and_read(client, server):
    extra = {"lang": "fr", "bodies": {"fr": "salut", "de": "<b>hallo"}, "subjects": {"de": "Fest"}}
    id = server.arrive("bob@example.org", "salut", "alice", {"extra": extra})
    assert f'<a href="/message/{id}#languages">also in de</a>' in client.get(BOB).text
    text = client.get(f"/message/{id}").text
    assert "&lt;b&gt;hallo" in text.partition('id="languages"')[2]
    assert "Fest" in text


# -- registering ----------------------------------------------------------------------------------------------------


def test_account_is_created_by_the_servers_own_form(server):
    client = Client(server)
    answer = client.post("/register", client.token("/register"), server="Example.ORG")
    assert "Be nice: <a href" in answer.text
    assert 'type="password"' in answer.text
    fields = {"f-username": "neo", "f-password": PASSWORD, "f-colour": "blue", "f-about": "one\r\ntwo"}
    answer = client.post("/register", client.token("/register"), do="register", server="example.org", **fields)
    assert (answer.status, answer.header("Location")) == (303, "/chat")
    assert "neo@example.org" in client.get("/chat").text


def test_who_cannot_be_reached_for_an_account_can_be_somewhere_else(server):
    client = Client(server)
    answer = client.post("/register", client.token("/register"), server="nowhere.example")
    assert "Check the address, or say where it is, under “The server is somewhere else”." in answer.text
    assert "in the settings" not in answer.text
    assert re.search(r"<details open>\s*<summary>The server is somewhere else", answer.text)
    assert "<details>" in client.get("/register").text


def test_name_of_an_invitation_is_filled_in(server):
    client = Client(server)
    invitation = "xmpp:romeo@example.org?register;preauth=T"
    answer = client.post("/register", client.token("/register"), server=invitation)
    assert re.search(r'name="f-username"[^>]* value="romeo"', answer.text)
    fields = {"f-username": "neo", "f-password": ""}
    answer = client.post("/register", client.token("/register"), do="register", server=invitation, **fields)
    assert re.search(r'name="f-username"[^>]* value="neo"', answer.text)


def test_name_that_is_taken_is_kept_to_be_changed(server):
    client = Client(server)
    fields = {"f-username": "taken", "f-password": PASSWORD}
    answer = client.post("/register", client.token("/register"), do="register", server="example.org", **fields)
    assert answer.status == 409
    assert "taken is taken on example.org. Choose another name, perhaps taken2." in re.sub("<[^>]+>", "", answer.text)
    assert 'value="taken"' in answer.text
    assert PASSWORD not in answer.text


def test_required_field_is_asked_for(server):
    client = Client(server)
    answer = client.post("/register", client.token("/register"), do="register", server="example.org")
    assert answer.status == 400
    assert 'aria-invalid="true"' in answer.text


# -- when the daemon is away ----------------------------------------------------------------------------------------


def test_missing_daemon_is_said_and_the_page_comes_back(client, server):
    server.go()
    answer = client.get(BOB)
    assert answer.status == 503
    assert "The daemon sat is not running." in answer.text
    assert "Who runs this server has to start it." in answer.text
    assert "sat start" not in answer.text
    assert answer.header("Refresh") == "10"
    for _ in range(3):  # nobody's fault, so nobody has to wait
        assert Client(server).log_in().status == 503
    server.come()
    assert Client(server).log_in().status == 303
    assert client.get(BOB).status == 200


def test_lost_server_is_said_with_what_to_do(client, server):
    server.connection("waiting", "ServerRefused", {"server": "example.org", "port": "5222"})
    text = client.get("/chat").text
    assert "trying again in 5 s" in text
    assert "example.org does not accept connections on port 5222." in text


def test_how_one_appears_is_chosen(client):
    token = client.token("/presence")
    answer = client.post("/presence", token, show="away", status="on the <balcony>")
    assert answer.header("Location") == "/presence"
    page = client.get("/presence").text
    assert re.search(r'<option value="away" selected>', page)
    assert 'value="on the &lt;balcony&gt;"' in page
    assert client.post("/presence", token, show="evil").status == 400


def test_contact_is_blocked_and_unblocked(client, server):
    client.post("/contacts", do="block", jid="bob@example.org")
    text = client.get("/contacts").text
    assert "<strong>blocked</strong>" in text
    assert "Block no longer" in text
    client.post("/contacts", do="block", jid="spam.example")
    assert "Others whom you block" in client.get("/contacts").text
    for jid in ("bob@example.org", "spam.example"):
        client.post("/contacts", do="unblock", jid=jid)
    text = client.get("/contacts").text
    assert "Others whom you block" not in text
    assert "<strong>blocked</strong>" not in text


def test_a_picture_is_shown_and_may_be_kept(client, server):
    server.picture("bob@example.org", "image/png", "bob's face")
    for page in ("/chat", BOB, "/contacts", "/search?q=great"):
        address = re.search(r'<img src="(/avatar/[^"]+)"', client.get(page).text)[1]
        assert (
            address
            == "/avatar/" + hashlib.sha1(b"bob's face", usedforsecurity=False).hexdigest() + "?of=bob%40example.org"
        )
    answer = client.get(address)
    assert (answer.status, answer.text) == (200, "bob's face")
    assert answer.header("Content-Type") == "image/png"
    assert answer.header("Cache-Control") == "private, max-age=31536000, immutable"
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert "sandbox" in answer.header("Content-Security-Policy")
    server.picture("bob@example.org", "image/png", "another face")
    assert client.get(address).status == 404, "an address stands for one picture"
    for wrong in (
        "/avatar",
        "/avatar/x",
        "/avatar/x?of=@@",
        "/avatar/x?of=nobody@example.org",
        "/avatar/%2e%2e?of=a@b",
    ):
        assert client.get(wrong).status == 404


def test_what_is_no_picture_is_not_served(client, server):
    server.picture("bob@example.org", "image/svg+xml", "<svg><script>alert(1)</script></svg>")
    address = re.search(r'<img src="(/avatar/[^"]+)"', client.get("/contacts").text)[1]
    assert client.get(address).status == 404


def test_pictures_are_private(client, server):
    server.picture("bob@example.org", "image/png", "bob's face")
    address = re.search(r'<img src="(/avatar/[^"]+)"', client.get("/contacts").text)[1]
    assert "bob's face" not in Client(server).get(address).text
