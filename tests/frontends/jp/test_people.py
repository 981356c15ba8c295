"""What people tell of themselves, on the command line."""

from __future__ import annotations

import json

from support.pictures import png


def test_card_of_a_contact(jp):
    done = jp("roster", "card", "bob@localhost")
    assert done.lines[:3] == [
        "Full name\tBob ␛[31mred\ufffd",
        "Organisation\t<script>alert(1)</script>",
        "E-mail\tbob@example.org",
    ]
    assert done.lines[-1] == "About\ttwo\\nlines ␛]0;title␇"
    assert json.loads(jp("roster", "card", "bob@localhost", "-o", "json").out)["emails"] == ["bob@example.org"]


def test_card_with_nothing_in_it(jp):
    terminal = jp.on_terminal("roster", "card", "carol", "--color=never")
    assert "Nothing is told." in "\n".join(terminal.end().lines)


def test_own_card_is_shown_and_changed(own):
    jp, _ = own
    assert jp("profile", "card").lines == ["Full name\tAlice", "Phone\t1", "Phone\t2"]
    done = jp("profile", "card", "--set", "phones=3", "-s", "phones=4", "-s", "title=Dr. ", "-s", "name=")
    assert (done.code, done.err) == (0, "Your card was changed.\n")
    assert jp("profile", "card").lines == ["Title\tDr.", "Phone\t3", "Phone\t4"]
    done = jp("profile", "card", "-s", "phone=1")
    assert (done.code, "There is no “phone”" in done.err) == (2, True)


def test_time_and_last_activity(jp):
    assert jp("info", "time", "localhost").lines == ["Saturday 22 November 2025 15:03 (UTC+02:00)"]
    assert jp("info", "last", "bob@localhost").lines == ["seconds\t7300", "status\tgood ␛[31mnight"]
    assert jp("info", "last", "carol@localhost").code != 0


def test_requests_that_were_sent_and_approval_in_advance(jp):
    assert jp("roster", "requests", "--sent").lines == ["evil@localhost\tEv␛[31mil\ufffdgnp.exe\\ttab"]
    assert "as soon as they ask" in jp("roster", "approve", "carol@localhost").err
    done = jp("roster", "withdraw", "evil@localhost")
    assert (done.code, done.err) == (0, "evil@localhost is no longer asked for their presence.\n")


def test_room_is_given_a_picture(jp, tmp_path):
    (tmp_path / "view.png").write_bytes(png(4, 4))
    assert jp("room", "avatar", "balcony@rooms.localhost", str(tmp_path / "view.png")).code == 0
    assert "shows no picture" in jp("room", "avatar", "balcony@rooms.localhost", "--remove").err
    assert jp("room", "avatar", "balcony@rooms.localhost").code == 2
    assert "avatar" in json.loads(jp("room", "list", "-o", "json").out)[0]


def test_of_what_to_be_told(own):
    jp, _ = own
    assert jp("roster", "notify", "carol").lines == ["default"]
    assert jp("roster", "notify", "carol", "never").code == 0
    assert jp("roster", "notify", "carol").lines == ["never"]
    done = jp("roster", "notify", "carol", "sometimes")
    assert (done.code, "always, mention, never" in done.err) == (2, True)
