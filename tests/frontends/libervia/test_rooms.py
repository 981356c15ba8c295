"""Rooms on the web: by links and forms alone, then live."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from support.chromium import live

from .conftest import last, log_in, until

BALCONY = "balcony@rooms.localhost"
CHAT, ABOUT = f"/chat/{BALCONY}", f"/room/{BALCONY}"
OWNER = {"role": "moderator", "affiliation": "owner", "takes_back": "1"}


def said(answer):
    """The text of a page, without its tags."""
    return " ".join(re.sub("<[^>]+>", " ", answer.text).split())


def calls(server, name):
    return [call for call in server.calls("rooms") if call[0] == name]


# -- going there and away ---------------------------------------------------------------------------------------------


def test_room_is_joined_by_a_form(client, server):
    server.public(BALCONY)
    form = next(each for each in client.page("/rooms").forms if "nick" in each.fields)
    assert form.fields["room"] == ""
    answer = client.post("/rooms", do="join", room=BALCONY, nick="Al", password="")
    assert (answer.status, answer.header("Location")) == (303, f"{CHAT}#end")
    assert calls(server, "join") == [["join", BALCONY, "Al"]]
    page = client.get(CHAT).text
    assert "1 there" in page
    assert "open to everybody; others see your nick only" in page
    assert 'href="/rooms" aria-current="page"' in client.get("/rooms").text


def test_name_is_a_room_of_ones_own_server(client, server):
    server.public(BALCONY)
    assert client.post("/rooms", do="join", room="balcony").header("Location") == f"{CHAT}#end"


def test_refusal_is_said_and_what_was_entered_stays_but_for_the_password(client, server):
    answer = client.post("/rooms", do="join", room="cauldron@rooms.localhost", nick="Al", password="not the one")
    assert answer.status >= 400
    assert "cauldron@rooms.localhost asks for a password, and this is not it." in said(answer)
    assert 'value="cauldron@rooms.localhost"' in answer.text
    assert 'value="Al"' in answer.text
    assert "not the one" not in answer.text
    assert client.post("/rooms", do="join", room="cauldron", password="cauldron").status == 303
    assert client.post("/rooms", do="join", room="a@b@c").status == 400
    assert client.post("/rooms", do="dance", room=BALCONY).status == 400


def test_rooms_of_many_servers_are_found_by_words(client, server):
    server.public("globe@far.example", "The <globe>")
    server.public("rose@far.example", "The rose")
    page = client.get("/rooms?find=The")
    assert "Found at search.localhost" in said(page)
    assert "The &lt;globe&gt;" in page.text
    assert "rose@far.example" not in page.text
    further = re.search('href="(/rooms[?]find=[^"#]+)', page.text)[1].replace("&amp;", "&")
    assert "rose@far.example" in client.get(further).text
    assert calls(server, "search")[-1] == ["search", "The", "search.localhost", "1"]
    assert "nothing." in said(client.get("/rooms?find=nowhere&at=other.example"))
    assert calls(server, "search")[-1] == ["search", "nowhere", "other.example", ""]
    wrong = client.get("/rooms?find=x&at=a@b@c")
    assert wrong.status == 400
    assert wrong.text.index('id="searching"') < wrong.text.index('role="alert"') < wrong.text.index('id="directory"')
    assert 'action="/rooms#searching"' in wrong.text


def test_rooms_of_the_own_server_are_found_where_nobody_searches(client, server):
    server.no_search()
    server.public(BALCONY, "The balcony")
    page = said(client.get("/rooms?find=balcony"))
    assert "Only the rooms that rooms.localhost lists were searched: your server has no search for those of" in page
    assert f"The balcony {BALCONY}" in page
    assert "None has these words in its name." in said(client.get("/rooms?find=nowhere"))


def test_two_ways_to_find_rooms_are_told_apart(client):
    page = client.get("/rooms").text
    headings = re.findall(r"<h2[^>]*>([^<]*)</h2>\s*<p class=\"hint\">([^<]*)", page)
    assert headings[-2:] == [
        ("Search many servers for rooms", "When you know what a room is about, but not where it is."),
        ("See the rooms of one server", "All that a server shows in its list, on your own server or another."),
    ]


def test_room_is_left(client, server):
    server.room({"subject": "Roses"})
    assert "Roses" in said(client.get("/rooms"))
    assert client.post("/rooms", do="leave", room=BALCONY).header("Location") == "/rooms"
    assert calls(server, "leave") == [["leave", BALCONY, ""]]
    assert "You have left balcony." in client.get("/rooms").text
    assert client.get(ABOUT).header("Location") == f"/rooms?join={BALCONY}"
    assert f'value="{BALCONY}"' in client.get(f"/rooms?join={BALCONY}").text


def test_room_that_put_us_out_says_why_and_can_be_joined_again(client, server):
    server.public(BALCONY)
    server.room({"state": "left", "error": "Tybalt put you out."})
    for path in (CHAT, ABOUT, "/rooms"):
        assert "Tybalt put you out." in said(client.get(path))
    assert client.post("/rooms", do="join", room=BALCONY).status == 303
    assert "Tybalt" not in said(client.get(CHAT))


def test_directory_of_a_service(client, server):
    server.public(BALCONY, "The balcony", 3)
    server.public("orchard@rooms.localhost", "The orchard", 9)
    server.room()
    page = client.get("/rooms").text
    assert "The orchard" not in page
    text = client.get("/rooms?service=&q=").text
    assert re.search(r"The orchard.*9 there.*The balcony.*3 there.*Open", text, re.DOTALL)
    assert "The balcony" not in client.get("/rooms?service=rooms.localhost&q=orch").text
    assert "No room is listed with “zebra”" in said(client.get("/rooms?service=&q=zebra"))
    wrong = client.get("/rooms?service=@@")
    assert wrong.status == 400
    assert wrong.text.index('id="directory"') < wrong.text.index('role="alert"')
    assert 'action="/rooms#directory"' in wrong.text


def test_long_directory_is_cut(client, server):
    for number in range(230):
        server.public(f"r{number}@rooms.localhost")
    text = client.get("/rooms?service=").text
    assert text.count("r1") > 5
    assert "30 more" in text


# -- invitations ------------------------------------------------------------------------------------------------------


def test_invitation_is_told_accepted_and_declined(client, server):
    server.public(BALCONY)
    server.invitation(BALCONY, "bob@example.org", "come and see")
    server.invitation("orchard@rooms.localhost", "carol@example.org")
    assert "You are invited to 2 rooms" in client.get("/chat").text
    assert f"bob@example.org invites you to {BALCONY} : come and see" in said(client.get("/rooms"))
    assert client.post("/rooms", do="decline", room="orchard@rooms.localhost").status == 303
    assert calls(server, "decline") == [["decline", "orchard@rooms.localhost", ""]]
    assert client.post("/rooms", do="join", room=BALCONY).status == 303
    assert "invited" not in client.get("/rooms").text
    assert client.post("/rooms", do="decline", room=BALCONY).status == 404


def test_somebody_is_invited(client, server):
    server.room()
    answer = client.post(ABOUT, do="invite", jid="Bob", text="come")
    assert (answer.status, answer.header("Location")) == (303, ABOUT)
    assert calls(server, "invite") == [["invite", BALCONY, "bob@example.org", "come", "False"]]
    assert "Bob is invited." in client.get(ABOUT).text
    answer = client.post(ABOUT, do="invite", jid="nobody")
    assert "Nobody in your contacts is called “nobody”" in said(answer)
    assert 'value="nobody"' in answer.text


# -- who is there -----------------------------------------------------------------------------------------------------


def test_who_is_there_stands_beside_the_conversation_in_words(client, server):
    server.room(OWNER)
    server.occupant("Juliet", "visitor", {"hats": ["Capulet"]})
    server.occupant("Romeo", "participant", {"affiliation": "member", "jid": "romeo@example.org"})
    for path in (CHAT, ABOUT):
        text = said(client.get(path))
        pattern = (
            "Moderators 1 .*alice you, owner.*Participants 1 .*Romeo member.*Visitors, who may only read 1 .*Capulet"
        )
        assert re.search(pattern, text), text
    assert "romeo@example.org" in client.get(ABOUT).text
    assert "romeo@example.org" not in client.get(CHAT).text


def test_full_room_is_cut_beside_the_conversation(client, server):
    server.room()
    for number in range(120):
        server.occupant(f"guest {number:03}")
    assert "21 more" in client.get(CHAT).text
    assert "guest 119" in client.get(ABOUT).text


def test_very_full_room_is_cut_on_its_own_page_too_and_can_be_filtered(client, server):
    server.room()
    for number in range(210):
        server.occupant(f"guest {number:03}")
    assert "11 more: filter to see them." in client.get(ABOUT).text
    text = client.get(f"{ABOUT}?q=GUEST+209").text
    assert "Write to guest 209 alone" in text
    assert "guest 001" not in text
    assert "Nobody there is called “zebra”." in said(client.get(f"{ABOUT}?q=zebra"))


def test_private_conversation_with_an_occupant(client, server):
    server.room()
    server.occupant("Juliet & co")
    path = re.search(r'href="([^"#]+)#end" title="Write to Juliet &amp; co alone"', client.get(CHAT).text)[1]
    assert "Message to Juliet &amp; co (balcony)" in client.get(path).text
    assert client.post(path, body="only you").status == 303
    assert ["send", f"{BALCONY}/Juliet & co", "only you"] in server.calls("messages")
    assert "only you" in client.get(path).text
    assert "only you" not in client.get(CHAT).text
    assert re.search(rf'href="{CHAT}#end">To the room<', client.get(path).text)


def test_topic_and_nick(client, server):
    server.room()
    assert client.post(ABOUT, do="topic", text="Lilies").status == 303
    assert "Lilies" in client.get(CHAT).text
    assert client.post(ABOUT, do="nick", text="Al").status == 303
    assert "You are called Al here" in client.get(ABOUT).text
    server.refuse("rooms", "set_subject", True, "right to do that")
    answer = client.post(ABOUT, do="topic", text="Thorns")
    assert "There is no right to do that" in said(answer)
    assert 'value="Thorns"' in answer.text


def test_hostile_nicks_cannot_be_taken_for_others(client, server):
    server.room(OWNER)
    server.occupant("Bob\u202e<b>")
    for path in (CHAT, ABOUT):
        text = client.get(path).text
        assert "Bob\ufffd&lt;b&gt;" in text
        assert "\u202e" not in text
        assert "Write to Bob" not in text, "the address would have to hold what deceives"
    form = next(each for each in client.page(ABOUT).forms if each.fields.get("nick", "").startswith("Bob"))
    assert client.post(ABOUT, do="kick", nick=form.fields["nick"]).status == 303
    assert calls(server, "kick") == [["kick", BALCONY, "Bob\u202e<b>", ""]]


# -- moderating -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deed", "call"),
    [
        ("kick", ["kick", BALCONY, "Tybalt", "no fighting"]),
        ("ban", ["ban", BALCONY, "tybalt@example.org", "no fighting"]),
        ("mute", ["set_role", BALCONY, "Tybalt", "visitor", "no fighting"]),
        ("moderator", ["set_role", BALCONY, "Tybalt", "moderator", "no fighting"]),
    ],
)
def test_what_an_owner_does(client, server, deed, call):
    server.room(OWNER)
    server.occupant("Tybalt", "participant", {"jid": "tybalt@example.org"})
    form = next(each for each in client.page(ABOUT).forms if each.fields.get("nick") == "Tybalt")
    answer = client.post(ABOUT, do=deed, nick=form.fields["nick"], text="no fighting")
    assert answer.status == 303
    assert server.calls("rooms")[-1] == call
    assert "Tybalt" in said(client.get(ABOUT))


def test_ban_is_lifted(client, server):
    server.room(OWNER)
    server.occupant("Tybalt", "participant", {"jid": "tybalt@example.org"})
    client.post(ABOUT, do="ban", nick="Tybalt", text="no fighting")
    assert "tybalt@example.org no fighting" in said(client.get(ABOUT))
    assert client.post(ABOUT, do="forgive", jid="tybalt@example.org").status == 303
    assert server.calls("rooms")[-1] == ["set_affiliation", BALCONY, "tybalt@example.org", "none", ""]
    assert "tybalt@example.org is banned no longer." in client.get(ABOUT).text
    assert "no fighting" not in client.get(ABOUT).text
    server.room({"affiliation": "member"})
    server.refuse("rooms", "get_affiliations")
    assert client.get(ABOUT).status == 200


def test_what_cannot_be_done_in_a_room_that_is_gone_is_said(client, server):
    answer = client.post("/room/elsewhere@rooms.localhost", do="nonsense")
    assert answer.status == 303
    assert "asks for nothing that is known" in client.get(answer.header("Location")).text


def test_room_that_we_are_not_in_says_so_and_can_be_joined(client, server):
    path = client.get("/room/elsewhere@rooms.localhost").header("Location")
    page = client.get(path)
    assert "You are not in the room elsewhere@rooms.localhost" in said(page)
    assert 'value="elsewhere@rooms.localhost"' in page.text
    server.room()
    for own in ("/rooms", f"/rooms?join={BALCONY}", "/rooms?join=%40%40"):
        assert "You are not in" not in client.get(own).text


def test_who_is_no_moderator_is_offered_nothing(client, server):
    server.room()
    server.occupant("Tybalt")
    assert "Moderate" not in client.get(ABOUT).text


def test_no_moderator_is_offered_what_the_room_cannot_do(client, server):
    server.room({"role": "moderator", "affiliation": "owner"})
    server.occupant("Tybalt")
    server.say("Tybalt", "Have at thee")
    page = client.get(CHAT).text
    assert "#retract" not in page
    id = re.search(r'href="/message/([^"#]+)#react"', page)[1]
    assert 'name="moderate"' not in client.get(f"/message/{id}").text


def test_moderator_takes_back_what_another_wrote(client, server):
    server.room()
    server.occupant("Tybalt")
    server.say("Tybalt", "Have at thee")
    assert "#retract" not in client.get(CHAT).text
    server.room(OWNER)
    path = re.search(r'href="(/message/[^"]+)#retract"', client.get(CHAT).text)[1]
    form = next(each for each in client.page(path).forms if "text" in each.fields)
    assert form.action == "/message"
    answer = client.post("/message", moderate=path.rpartition("/")[2], text="no fighting")
    assert answer.status == 303
    assert calls(server, "moderate") == [["moderate", path.rpartition("/")[2], "no fighting"]]


def test_refusal_of_the_room_is_said(client, server):
    server.room(OWNER)
    server.occupant("Tybalt")
    server.refuse("rooms", "kick", True, "power to put out Tybalt")
    answer = client.post(ABOUT, do="kick", nick="Tybalt")
    assert answer.status == 404
    assert "There is no power to put out Tybalt" in said(answer)
    assert client.post(ABOUT, do="kick", nick="Mercutio").status == 404
    assert client.post(ABOUT, do="dance", nick="Tybalt").status == 400


def test_visitor_asks_to_write_and_is_let(client, server):
    server.room({"role": "visitor"})
    assert "You may only read here." in said(client.get(ABOUT))
    assert client.post(ABOUT, do="ask-voice").status == 303
    assert calls(server, "ask_voice") == [["ask_voice", BALCONY]]
    assert "The moderators are asked" in said(client.get(ABOUT))
    server.room(OWNER)
    assert "You may only read here." not in said(client.get(ABOUT))
    server.voice("1", "Nurse <b>")
    server.voice("2", "Paris")
    assert "2 visitors ask to write in a room" in said(client.get("/chat"))
    page = client.get("/rooms")
    assert "<bdi>Nurse &lt;b&gt;</bdi>" in page.text
    assert client.post("/rooms", do="voice", number="1").status == 303
    assert client.post("/rooms", do="no-voice", number="2").status == 303
    assert calls(server, "answer_voice") == [["answer_voice", "1", "True"], ["answer_voice", "2", "False"]]
    assert "They may not write there." in said(client.get("/rooms"))
    assert client.post("/rooms", do="voice", number="1").status == 404


# -- live -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def room(page, server):
    server.room(OWNER)
    server.say("Juliet", "what light")
    page.set_viewport_size({"width": 1440, "height": 800})
    log_in(page, server, CHAT)
    return live(page)


def test_who_comes_and_goes_is_told_in_one_line_below_the_last_message(room, server):
    for nick in ("Anna", "Bob", "Carol", "Dave"):
        server.occupant(nick)
    passage = last(room).locator(".passage")
    expect(passage).to_have_text("Anna and 3 others came")
    there = room.get_by_role("complementary", name="Who is in the room")
    expect(there.get_by_text("Dave")).to_be_visible()
    expect(room.locator("#peer")).to_contain_text("5 there")
    server.goes("Dave")
    expect(passage).to_have_text("Anna and 2 others came")
    expect(there.get_by_text("Dave")).to_have_count(0)
    server.say("Juliet", "soft")
    server.goes("Anna")
    expect(passage).to_have_text("Anna left")
    expect(room.locator(".passage")).to_have_count(2)
    room.reload()
    expect(live(room).locator(".passage")).to_have_text(["Anna and 2 others came", "Anna left"])


def test_who_comes_while_the_page_starts_is_not_missed(page, server):
    server.room()
    came = []

    def start_late(route):
        if not came:
            came.append(server.occupant("Anna"))
            page.wait_for_timeout(1000)  # longer than changes are collected
        route.continue_()

    page.route("**/start.py", start_late)
    live(log_in(page, server, CHAT))
    assert came
    expect(page.locator("#there")).to_contain_text("Anna")


def test_who_is_there_is_right_after_the_daemon_was_away(room, server):
    server.occupant("Anna")
    expect(room.locator("#there")).to_contain_text("Anna")
    server.go()
    expect(room.locator("#banner")).to_be_visible()
    server.occupant("Bob")
    server.come()
    expect(room.locator("#there")).to_contain_text("Bob")


def test_those_who_type_are_named(room, server):
    server.typing(BALCONY, "composing", "Anna")
    server.typing(BALCONY, "composing", "<b>Ben")
    expect(room.locator("#typing")).to_have_text("Anna, <b>Ben are typing…")
    server.typing(BALCONY, "gone", "Anna")
    expect(room.locator("#typing")).to_have_text("<b>Ben is typing…")
    room.get_by_label("Message to balcony").fill("h")
    until(lambda: ["set_typing", BALCONY, "True"] in server.calls("chat_states"), room)


def test_what_is_not_wanted_is_dim_and_in_no_total(page, server):
    server.room()
    log_in(page, server, "/chat")
    live(page)
    server.arrive(BALCONY, "what light")
    badge = page.locator(".contact", has_text="balcony").locator(".badge")
    expect(badge).to_have_class("badge quiet")
    expect(page).not_to_have_title(re.compile(r"^\("))
    server.choose(BALCONY, "always")
    expect(badge).to_have_class("badge")
    expect(page).to_have_title(re.compile(r"^\(1\)"))
    server.choose(BALCONY, "never")
    expect(badge).to_have_class("badge quiet")
    expect(page).not_to_have_title(re.compile(r"^\("))


def test_invitation_is_told_at_once(room, server):
    server.invitation("orchard@rooms.localhost", "bob@example.org")
    expect(room.get_by_role("link", name="You are invited to a room")).to_be_visible()


def test_private_conversation_is_live(page, server):
    server.room()
    server.occupant("Juliet")
    log_in(page, server, f"/chat/{BALCONY}%2FJuliet")
    live(page)
    server.arrive(f"{BALCONY}/Juliet", "psst")
    expect(last(page)).to_contain_text("psst")
    page.get_by_label("Message to Juliet (balcony)").fill("aye")
    page.keyboard.press("Enter")
    expect(last(page)).to_contain_text("aye")
    expect(page.locator("#messages > li.pending")).to_have_count(0)
    assert ["send", f"{BALCONY}/Juliet", "aye"] in server.calls("messages")
