"""Rooms on the command line."""

import json

ROOM = "balcony@rooms.localhost"


def test_shows_rooms_and_who_is_there(jp):
    assert jp("room", "list").lines == [f"{ROOM}\tThe balcony\talice\tjoined\t3\tviews"]
    assert jp("room", "occupants", "balcony").lines == [
        "alice\tnone\tnone\tonline\t\t\t",
        "ev�il\tvisitor\tnone\tonline\t\t\t␛[31mred",
        "Juliet\tparticipant\tmember\tonline\tjuliet@localhost\tCapulet\t",
    ]
    shown = "\n".join(jp.on_terminal("room", "occupants", "the balcony", "--color=never").end().lines)
    assert "Juliet" in shown
    assert "\x1b[31m" not in shown
    assert "\u202e" not in shown
    assert json.loads(jp("room", "occupants", ROOM, "-o", "json").out)[1]["nick"] == "ev\u202eil"
    assert jp("room", "subject", "balcony").lines == ["views"]
    assert jp("room", "occupants", "nowhere").code == 16


def test_messages_of_a_room_tell_who_wrote_them(jp):
    assert jp("message", "history", "balcony").lines[0].split("\t")[1:] == [
        f"{ROOM}/Juliet",
        "in",
        "what light",
        "read",
    ]
    shown = jp.on_terminal("message", "history", ROOM, "--color=never").end().lines
    assert shown[1].endswith("Juliet (balcony): what light")


def test_somebody_in_a_room_is_written_to_privately(own):
    jp, _ = own
    assert jp("message", "send", f"{ROOM}/Juliet", "psst").code == 0
    assert jp("message", "send", f"{ROOM}", "all").code == 0
    peers = {each["last"]["body"]: each["peer"] for each in json.loads(jp("message", "list", "-o", "json").out)}
    assert (peers["psst"], peers["all"]) == (f"{ROOM}/Juliet", ROOM)


def test_entering_and_leaving(own):
    jp, _ = own
    done = jp("room", "join", "play", "--nick", "Romeo")
    assert (done.code, done.err) == (0, "You are Romeo in play@rooms.localhost; 1 person is there.\n")
    assert jp("room", "nick", "play", "R").code == 0
    assert jp("room", "subject", "play", "a", "tale").code == 0
    rooms = {each["jid"]: each for each in json.loads(jp("room", "list", "-o", "json").out)}
    assert (rooms["play@rooms.localhost"]["nick"], rooms["play@rooms.localhost"]["subject"]) == ("R", "a tale")
    assert jp("room", "leave", "play").code == 0
    assert len(jp("room", "list").lines) == 1
    assert jp("room", "leave", "play").code == 16
    assert jp("room", "join", "nowhere@rooms.localhost").code == 16


def test_a_password_comes_from_stdin_a_command_or_the_person(own):
    jp, _ = own
    done = jp("room", "join", "cauldron")
    assert done.code == 6
    assert "--password-stdin" in done.err
    assert jp("room", "join", "cauldron", "--password-stdin", given="wrong\n").code == 6
    assert jp("room", "join", "cauldron", "--password-stdin", given="cauldron\n").code == 0
    assert jp("room", "join", "cauldron", "--password-command", "echo cauldron").code == 0
    shown = jp.on_terminal("room", "join", "cauldron").expect("Password of cauldron@rooms.localhost: ")
    assert shown.type("cauldron\n").end().code == 0


def test_invitations(own):
    jp, _ = own
    assert jp("room", "invitations").lines == ["play@rooms.localhost\tbob@localhost\tno\tcome ␛[31m!"]
    assert jp("room", "decline", "play@rooms.localhost", "--reason", "no time").code == 0
    assert jp("room", "invitations").lines == []
    assert jp("room", "decline", "play@rooms.localhost").code == 16
    assert jp("room", "invite", "balcony", "carol", "--direct").code == 0


def test_moderating(own):
    jp, _ = own
    done = jp("room", "set-role", "balcony", "Juliet", "king")
    assert done.code == 2
    assert "visitor, participant, moderator" in done.err
    assert jp("room", "set-role", "balcony", "Juliet", "moderator").code == 0
    assert jp("room", "set-affiliation", "balcony", "Juliet", "prince").code == 2
    assert jp("room", "set-affiliation", "balcony", "Juliet", "admin").code == 0
    assert jp("room", "affiliations", "balcony").lines == ["juliet@localhost\tadmin\tJuliet\t"]
    assert jp("room", "ban", "balcony", "ev\u202eil").code == 16
    assert jp("room", "ban", "balcony", "evil@localhost").code == 0
    assert jp("room", "kick", "balcony", "Juliet", "-r", "late").code == 0
    assert "Juliet" not in jp("room", "occupants", "balcony").out
    assert jp("room", "moderate", "id-1").code == 0


def test_owning(own):
    jp, _ = own
    assert jp("room", "create", "garden", "--set", "name=The garden").code == 0
    assert jp("room", "create", "garden").code == 19
    assert '"private": true' in jp("room", "create", "attic", "--private", "-o", "json").out
    assert jp("room", "create", "x", "--set", "name").code == 2
    assert jp("room", "config", "garden").lines == [
        "name\tThe balcony\ttext-single\tIts name",
        "secret\t…\ttext-private\tIts password",
        "whois\tmoderators\tanyone\tWho sees addresses",
    ]
    assert jp("room", "config", "the garden", "-s", "name=Garden").code == 0
    assert "garden@rooms.localhost\tGarden" in jp("room", "list").out
    assert jp("room", "destroy", "garden", "--no-input").code == 2
    assert jp("room", "destroy", "garden", "--yes").code == 0
    assert "left" in jp("room", "list").out


def test_finding(jp):
    assert jp("room", "search").lines[0].startswith(f"{ROOM}\tThe balcony\t")
    assert len(jp("room", "search", "--service", "rooms.localhost", "--match", "PLAY").lines) == 1
    assert jp("room", "search", "--service", "elsewhere.example").lines == []


def test_finding_by_words(jp):
    every = [line.split("\t")[0] for line in jp("room", "search", "").lines]
    assert len(every) > 1, "one after another"
    assert len(jp("room", "search", "", "-n", "1").lines) == 1
    assert jp("room", "search", "The", "balcony").lines == [f"{ROOM}\tThe balcony\t\t"]
    assert jp("room", "search", "nowhere", "to be found").lines == []


def test_finding_by_words_where_nobody_searches(own):
    jp, _ = own
    assert jp("profile", "create", "lonely", "l@localhost", "--password-stdin", given="secret\n").code == 0
    done = jp("-p", "lonely", "room", "search", "balcony")
    assert done.err == (
        "Only the rooms that rooms.localhost lists were searched: your server has no search for those of others.\n"
    )


def test_bookmarks(own):
    jp, _ = own
    assert jp("bookmarks", "list").lines == [f"{ROOM}\tHer window\t\tno\tno"]
    assert jp("bookmarks", "add", "her window", "--nick", "Romeo", "--autojoin").code == 0
    assert jp("bookmarks", "add", "balcony", "--name", "ev\u202eil", "--password-stdin", given="sesame\n").code == 0
    assert json.loads(jp("bookmarks", "list", "-o", "json").out) == [
        {"room": ROOM, "name": "ev\u202eil", "nick": "Romeo", "autojoin": True, "password": True}
    ]
    assert "\u202e" not in "\n".join(jp.on_terminal("bookmarks", "list", "--color=never").end().lines)
    done = jp("bookmarks", "add", "play", "--name", "The play")
    assert (done.code, done.err) == (0, "play@rooms.localhost is remembered.\n")
    assert jp("bookmarks", "add", ROOM, "--no-autojoin", "--name", "", "--nick", "").code == 0
    assert jp("bookmarks", "list").lines == [f"{ROOM}\t\t\tno\tyes", "play@rooms.localhost\tThe play\t\tno\tno"]
    assert "play@rooms.localhost" in jp("__complete", "--", "bookmarks", "remove", "").out
    assert "play@rooms.localhost" in jp("__complete", "--", "room", "join", "").out
    assert jp("room", "join", "the play").code == 0
    assert jp("bookmarks", "remove", "The play").code == 0
    assert jp("bookmarks", "remove", "The play").code == 16
    assert jp("bookmarks", "remove", "balcony").code == 0
    shown = jp.on_terminal("bookmarks", "list").end().lines
    assert "jp bookmarks add" in shown[-1]


def test_voice(own):
    jp, _ = own
    assert jp("voice", "ask", "balcony").err == "The moderators are asked.\n"
    assert jp("voice", "list").lines == [
        "1\tbalcony@rooms.localhost\tNurse\t",
        "2\tbalcony@rooms.localhost\tParis\tparis@x.lit",
    ]
    assert jp("voice", "allow", "1").code == 0
    assert jp("voice", "deny", "2").code == 0
    assert jp("voice", "list").lines == []
    assert jp("voice", "deny", "2").code == 16
