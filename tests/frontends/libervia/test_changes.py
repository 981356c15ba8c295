"""Messages that are corrected, taken back, reacted to, answered and seen, by links and forms."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from .conftest import BOB

THUMB, NOT_YET, HOW, GREAT = "👍", "m2", "m4", "m5"
CORRECTED = 1_763_996_400.0


def row(text, id):
    """A message on the page."""
    return re.search(rf'<li [^>]*data-id="{id}".*?(?=<li class="m |</ol>\n)', text, re.DOTALL)[0]


# -- seeing -----------------------------------------------------------------------------------------------------------


def test_seen_is_told_from_delivered(client, server):
    server.edit(GREAT, {"state": "displayed"})
    assert "seen" in row(client.get(BOB).text, GREAT)
    assert "delivered" not in row(client.get(BOB).text, GREAT)


def test_corrected_message_says_when_and_leads_to_what_it_said(client, server):
    server.edit(GREAT, {"body": "Greatly <indeed>", "edited": CORRECTED})
    shown = row(client.get(BOB).text, GREAT)
    assert "Greatly &lt;indeed&gt;" in shown
    link = re.search(r'<a href="([^"]+)"><time [^>]*title="([^"]+)">corrected</time></a>', shown)
    assert "24 November 2025" in link[2]
    text = client.get(link[1].partition("#")[0]).text
    assert 'id="versions"' in text
    earlier = text[text.index('id="versions"') :]
    assert f"Great indeed {THUMB}" in earlier
    assert "Greatly" not in earlier


def test_of_what_was_taken_back_nothing_is_left(client, server):
    server.edit(HOW, {"body": "", "retracted": True, "edited": CORRECTED})
    shown = row(client.get(BOB).text, HOW)
    assert "This message was taken back." in shown
    assert "popover" not in shown
    assert "corrected" not in shown
    text = client.get(f"/message/{HOW}").text
    assert "This message was taken back." in text
    assert '<form method="post" action="/message"' not in text


def test_change_that_waits_or_was_refused_says_so(client, server):
    server.edit(GREAT, {"body": "Greater", "edited": CORRECTED, "edit_state": "pending"})
    assert "the change is waiting to be sent" in row(client.get(BOB).text, GREAT)
    server.edit(GREAT, {"edit_state": "failed", "error": "The server refused it."})
    assert "This change was refused. The server refused it." in row(client.get(BOB).text, GREAT)
    assert "Try again" not in row(client.get(BOB).text, GREAT)


def test_reactions_are_counted_and_their_people_named(client, server):
    many = [f"p{number}@example.org" for number in range(998)]
    server.edit(HOW, {"reactions": [[THUMB, ["bob@example.org", *many], True], ["🎉", ["carol@example.org"], False]]})
    shown = row(client.get(BOB).text, HOW)
    thumb, party = re.findall(r"<button form=.act. class=.reaction.*?</button>", shown)
    assert f'name="unreact" value="{HOW} {quote(THUMB)}" title="You, Bob, p0@example.org' in thumb
    assert 'and 990 more" aria-pressed="true"' in thumb
    assert "<b>1000</b>" in thumb
    assert f'name="react" value="{HOW} {quote("🎉")}" title="Carol" aria-pressed="false"' in party


def test_many_reactions_of_many_people_stay_a_small_page(client, server):
    faces = [chr(0x1F600 + number) for number in range(20)]
    people = [f"somebody.with.a.long.name.{number}@chat.example.org" for number in range(1000)]
    server.edit(HOW, {"reactions": [[face, people, False] for face in faces]})
    for path, most in ((BOB, 60_000), (f"/message/{HOW}", 300_000)):
        text = client.get(path).text
        assert all(face in text for face in faces)
        assert len(text) < most


def test_answer_shows_what_it_answers_and_leads_there(client, server):
    server.fill("carol@example.org", 120)
    answered = [f"m{number}" for number in (10, 125)]
    for id in answered:
        new = server.arrive("carol@example.org", "that one")
        server.edit(new, {"reply": id, "reply_to": "alice@example.org/x", "quote": "the <first>\n words"})
        shown = row(client.get("/chat/carol@example.org").text, new)
        assert "<bdi>You</bdi>" in shown
        assert "the &lt;first&gt; words" in shown
        link = re.search(rf'<a href="([^"]+)" data-to="{id}"', shown)[1]
        answer = client.get(link)
        assert answer.status == 303
        path, _, anchor = answer.header("Location").partition("#")
        assert anchor == id
        assert f'id="{anchor}"' in client.get(path).text


def test_answer_to_what_was_taken_back_leads_nowhere(client, server):
    new = server.arrive("bob@example.org", "why?")
    server.edit(new, {"reply": HOW, "reply_to": "bob@example.org"})
    shown = row(client.get(BOB).text, new)
    assert "A message that was taken back" in shown
    assert "data-to" not in shown


def test_what_others_choose_stays_text_and_deceives_nobody(client, server):
    server.contact("bob@example.org", "B\u202eob<i>", [])
    odd = "<b>\u202e\u0007"
    new = server.arrive("bob@example.org", "x")
    server.edit(
        new, {"reply": odd, "reply_to": "bob@example.org", "quote": odd, "reactions": [[odd, ["bob@example.org"], 0]]}
    )
    for path in (BOB, f"/message/{new}"):
        text = client.get(path).text
        assert not set(text) & set("\u202e\u0007")
        assert "<b>\ufffd" not in text
        assert "<i>" not in text


# -- doing ------------------------------------------------------------------------------------------------------------


def test_reaction_is_put_and_taken_away_once(client, server):
    for name, ours in (("react", [THUMB]), ("react", [THUMB]), ("unreact", []), ("unreact", [])):
        answer = client.post("/message", **{name: f"{HOW} {quote(THUMB)}"})
        assert (answer.status, answer.header("Location")) == (303, f"{BOB}#{HOW}")
        assert server.stored(HOW)["ours"] == ours
    assert len([call for call in server.calls("reactions") if call[0] == "react"]) == 2


def test_emojis_are_found_by_name(client):
    text = client.get(f"/message/{HOW}?q=rocket").text
    assert f'value="{HOW} {quote("🚀")}"' in text
    assert "No emoji has a name with “zebraffe”." in client.get(f"/message/{HOW}?q=zebraffe").text
    assert f'value="{HOW} {quote("🇫🇷")}"' in client.get(f"/message/{HOW}?q={quote('🇫🇷')}").text


def test_answer_by_a_form(client, server):
    client.post(BOB, do="draft", body="begun")
    text = client.get(f"{BOB}?answer={HOW}").text
    assert "Answer to <bdi>Bob</bdi>: <q>How was it?</q>" in text
    assert ">begun</textarea>" in text
    answer = client.post(BOB, body="Good", **{"for": "answer", "about": HOW})
    assert (answer.status, answer.header("Location")) == (303, f"{BOB}#end")
    assert server.stored("m7") == {"body": "Good", "retracted": False, "reply": HOW, "ours": []}
    assert "></textarea>" in client.get(BOB).text


def test_correction_by_a_form(client, server):
    client.post(BOB, do="draft", body="begun")
    text = client.get(f"{BOB}?correct={GREAT}").text
    assert "Correct your message: <q>" in text
    assert f">Great indeed {THUMB}</textarea>" in text
    answer = client.post(BOB, body="Greater\r\nindeed", **{"for": "correction", "about": GREAT})
    assert (answer.status, answer.header("Location")) == (303, f"{BOB}#end")
    assert ["correct", GREAT, "Greater\nindeed"] in server.calls("correction")
    assert ">begun</textarea>" in client.get(BOB).text


@pytest.mark.parametrize(
    ("purpose", "about", "api"), [("correction", GREAT, "correction"), ("answer", HOW, "messages")]
)
def test_what_fails_stays_in_the_composer_for_what_it_was_written(client, server, purpose, about, api):
    client.post(BOB, do="draft", body="begun")
    server.refuse(api, "correct" if api == "correction" else "send")
    answer = client.post(BOB, body="precious", **{"for": purpose, "about": about})
    assert answer.status == 404
    assert "There is no room on the disk." in answer.text
    assert ">precious</textarea>" in answer.text
    assert f'name="for" value="{purpose}"' in answer.text
    assert f'name="about" value="{about}"' in answer.text
    assert f">{'begun' if purpose == 'correction' else 'precious'}</textarea>" in client.get(BOB).text


def test_taking_back_asks_first(client, server):
    text = client.get(f"/message/{GREAT}").text
    assert "Who has read it has read it." in text
    assert not server.stored(GREAT)["retracted"]
    answer = client.post("/message", retract=GREAT)
    assert (answer.status, answer.header("Location")) == (303, f"{BOB}#{GREAT}")
    assert server.stored(GREAT)["retracted"]


# -- what must not be done --------------------------------------------------------------------------------------------


def test_only_messages_of_this_conversation_are_answered_and_corrected(client, server):
    other = server.arrive("carol@example.org", "secret plan")
    for purpose in ("answer", "correction"):
        answer = client.post(BOB, body="hm", **{"for": purpose, "about": other})
        assert answer.status == 404
        assert "secret plan" not in answer.text
        assert ">hm</textarea>" in answer.text
    for query in (f"answer={other}", f"correct={other}", f"to={other}", "to=nothing", "answer=%00"):
        assert client.get(f"{BOB}?{query}").status == 404
    assert server.calls("correction") == []
    assert not [call for call in server.calls("messages") if call[0] == "send"]


def test_messages_of_other_profiles_do_not_exist(client, server):
    id = [server.arrive("bob@example.org", f"for eve {number}", "eve") for number in range(9)][-1]
    assert client.get(f"/message/{id}").status == 404
    for fields in ({"react": f"{id} {quote(THUMB)}"}, {"unreact": f"{id} x"}, {"retract": id}, {"react": ""}, {}):
        assert client.post("/message", **fields).status == 404
    assert client.post(BOB, body="hm", **{"for": "answer", "about": id}).status == 404
    assert server.calls("reactions", "eve") == server.calls("retraction", "eve") == []


def test_what_cannot_be_changed_is_refused_with_its_sentence(client, server):
    answer = client.post(BOB, body="I said so", **{"for": "correction", "about": HOW})
    assert answer.status == 409
    assert "The message cannot be changed: it was written by somebody else." in answer.text
    server.edit(GREAT, {"body": "", "retracted": True})
    for purpose in ("answer", "correction"):
        answer = client.post(BOB, body="hm", **{"for": purpose, "about": GREAT})
        assert answer.status == 409
        assert "it was taken back" in answer.text
    assert client.post(BOB, body="hm", **{"for": "nonsense", "about": GREAT}).status == 400
    assert server.calls("correction") == []


@pytest.mark.parametrize("field", ["react", "unreact", "retract"])
def test_nothing_is_changed_without_the_forms_token(client, server, field):
    for token in ("", "0" * 64):
        assert client.post("/message", token, **{field: f"{GREAT} x"}).status == 403
    assert client.post("/message", origin="https://evil.example", **{field: f"{GREAT} x"}).status == 403
    assert server.calls("reactions") == server.calls("retraction") == []
