"""Conversations as files."""

import json
import re

from .world import BALCONY


def test_conversation_is_had_as_text_and_as_json(client, server):
    server.arrive("bob@example.org", "a <b>bold</b> word")
    links = re.findall(r'href="(/export/[^"]+)" download', client.get("/contact/bob@example.org").text)
    assert len(links) == 2
    text, lines = map(client.get, links)
    assert text.text.splitlines()[-1].endswith(" bob@example.org: a <b>bold</b> word")
    assert text.header("Content-Type") == "text/plain; charset=utf-8"
    assert text.header("Content-Disposition") == "attachment; filename*=UTF-8''bob%40example.org.txt"
    assert json.loads(lines.text.splitlines()[-1])["body"] == "a <b>bold</b> word"


def test_room_has_the_links_and_the_command_leads_there(client, server):
    server.room()
    server.say("Tybalt", "Have at thee")
    links = re.findall(r'href="(/export/[^"]+)" download', client.get(f"/room/{BALCONY}").text)
    assert f"{BALCONY}/Tybalt: Have at thee" in client.get(links[0]).text
    answer = client.post(f"/chat/{BALCONY}", body="/export json")
    assert answer.header("Location") == links[1]


def test_nothing_of_another_is_had(client):
    assert client.get("/export/bob@@example.org").status == 400
    assert client.get("/export/nobody@example.org").text == ""
