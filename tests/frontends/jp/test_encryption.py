"""Encryption on the command line."""

from __future__ import annotations

import json

A0, B0 = "a0" * 32, "b0" * 32


def history(jp, contact):
    return json.loads(jp("message", "history", contact, "-o", "json").out)


def test_methods(jp):
    assert jp("encryption", "methods").lines == ["omemo\tOMEMO\tno\tno\tyes", "otr\tOTR\tno\tyes\tno"]
    assert json.loads(jp("encryption", "methods", "-o", "json").out)[0]["name"] == "omemo"


def test_a_conversation_is_encrypted_and_no_longer(jp):
    assert jp("encryption", "get", "bob@localhost").lines[0] == "Encryption\tnone"
    done = jp("encryption", "start", "bob@localhost")
    assert (done.code, "is encrypted with OMEMO from now on" in done.err) == (0, True)
    found = json.loads(jp("encryption", "get", "bob@localhost", "-o", "json").out)
    assert (found["method"], found["trust"], found["chosen"]) == ("omemo", "blind", True)
    done = jp("encryption", "stop", "bob@localhost")
    assert (done.code, "the servers can read it" in done.err) == (0, True)
    assert json.loads(jp("encryption", "get", "bob@localhost", "-o", "json").out)["method"] == ""
    done = jp("encryption", "start", "carol")
    assert (done.code, "has no keys for OMEMO" in done.err) == (18, True)
    assert jp("encryption", "start", "bob@localhost", "--method", "rot13").code == 17


def test_what_they_ask_for_is_refused(jp):
    done = jp("encryption", "refuse", "bob@localhost")
    assert (done.code, "bob@localhost does not ask for anything" in done.err) == (16, True)
    assert "Asked for\tOTR" in jp("encryption", "get", "otto@localhost").lines
    done = jp("encryption", "refuse", "otto@localhost")
    assert (done.code, "OTR with otto@localhost is not begun" in done.err) == (0, True)
    assert jp("encryption", "get", "otto@localhost").lines[-1] == "Note\t"


def test_keys_and_what_is_thought_of_them(jp):
    lines = jp("encryption", "keys", "bob@localhost").lines
    assert [line.split("\t")[:4] for line in lines] == [
        ["omemo", A0, "blind", "yes"],
        ["omemo", B0, "undecided", "yes"],
    ]
    assert lines[0].endswith("phone\t7")
    assert "\x1b" not in lines[0]
    assert jp("encryption", "trust", "bob@localhost", "B0 b0").code == 0
    assert [line.split("\t")[2] for line in jp("encryption", "keys", "bob@localhost").lines] == ["blind", "verified"]
    assert jp("encryption", "trust", "bob@localhost", "b", "--as", "undecided").code == 0
    assert jp("encryption", "trust", "bob@localhost", "c").code == 16
    assert jp("encryption", "trust", "bob@localhost", "b", "--as", "nonsense").code == 2
    shown = jp.on_terminal("encryption", "keys", "bob@localhost", "--color=never").end().out
    assert "trusted, not compared" in shown
    assert "\x1b" not in shown.replace("\x1b[0m", "")


def test_own_keys_as_an_address_and_as_a_code(jp):
    assert jp("encryption", "keys").lines[0].split("\t")[:3] == ["omemo", "e0" * 32, "verified"]
    address = jp("encryption", "uri").out.strip()
    assert address == f"xmpp:alice@localhost?omemo-sid-14={'e0' * 32}"
    code = jp("encryption", "uri", "--qr").out
    assert set(code) <= set("█▀▄ \n")
    assert jp("encryption", "uri", "--qr", "--color=always").out.count("\x1b[38;5;231;48;5;16m") == code.count("\n")
    assert json.loads(jp("encryption", "uri", "--qr", "-o", "json").out) == address


def test_keys_are_verified_by_an_address(jp):
    address = jp("encryption", "uri", "bob@localhost").out.strip()
    done = jp("encryption", "verify", address, "-o", "json")
    assert (done.code, [each["trust"] for each in json.loads(done.out)]) == (0, ["verified", "verified"])
    assert jp("encryption", "verify", address.replace("0", "1")).code == 16
    assert jp("encryption", "verify", "https://example.org").code == 17
    jp("encryption", "trust", "bob@localhost", "a", "--as", "blind")
    jp("encryption", "trust", "bob@localhost", "b", "--as", "undecided")


def test_a_device_is_taken_off_the_list(own):
    jp, _ = own
    asked = jp("encryption", "remove", "f0f0")
    assert (asked.code, "nobody to ask" in asked.err) == (2, True)
    done = jp.on_terminal("encryption", "remove", "f0f0", "--color=never").expect("[y/N]").type("n\r").end()
    assert done.code == 20
    assert [line.split("\t")[3] for line in jp("encryption", "keys").lines] == ["yes", "yes"]
    done = jp("encryption", "remove", "F0 f0", "--yes")
    assert (done.code, done.err) == (
        0, "The OMEMO old ␛[31mphone is off your account's list; if it still runs, it puts itself back.\n",
    )  # fmt: skip
    assert [line.split("\t")[3] for line in jp("encryption", "keys").lines] == ["yes", "no"]
    done = jp("encryption", "remove", "e0", "--yes")
    assert (done.code, "the key of this program" in done.err) == (17, True)
    assert jp("encryption", "remove", "d0", "--yes").code == 16


def test_it_begins_anew(jp):
    assert jp("encryption", "repair", "bob@localhost").code == 0
    assert jp("encryption", "repair", "carol").code == 18


def test_one_message_is_encrypted_and_the_conversation_stays_as_it_is(jp):
    assert jp("message", "send", "bob@localhost", "--encrypt", "omemo", "only for you").code == 0
    last = history(jp, "bob@localhost")[-1]
    assert (last["body"], last["encrypted"]["method"]) == ("only for you", "omemo")
    assert json.loads(jp("encryption", "get", "bob@localhost", "-o", "json").out)["method"] == ""
    assert "(encrypted with OMEMO)" in jp.on_terminal("message", "history", "bob@localhost", "--color=never").end().out


def test_what_cannot_be_encrypted_is_not_sent(jp, tmp_path):
    before = len(history(jp, "carol"))
    done = jp("message", "send", "carol", "-e", "omemo", "secret")
    assert (done.code, "carol@localhost has no keys for OMEMO" in done.err) == (18, True)
    assert jp("message", "send", "carol", "-e", "rot13", "secret").code == 17
    (tmp_path / "plan.txt").write_text("plan")
    done = jp("message", "send", "carol", "-e", "omemo", "-a", str(tmp_path / "plan.txt"))
    assert (done.code, "carol@localhost has no keys for OMEMO" in done.err) == (18, True)
    assert len(history(jp, "carol")) == before


def test_a_refusal_on_the_way_is_told(jp):
    """As where all keys are distrusted."""
    jp("encryption", "keys", "bob@localhost")
    done = jp("message", "send", "fails@localhost", "-e", "omemo", "x")
    assert (done.code, "There is no such account." in done.err) == (4, True)


def test_messages_tell_how_they_came(jp):
    doubtful, lost = history(jp, "robert@example.org")
    assert doubtful["encrypted"] == {"method": "omemo", "trust": "distrusted", "key": "ab" * 32, "whole": False}
    assert (lost["body"], lost["error"]) == ("", "This message was encrypted, and cannot be read here.")
    shown = jp.on_terminal("message", "history", "robert@example.org", "--color=never").end().out
    assert "(! OMEMO, with a key that you distrust)" in shown
    assert "This message was encrypted, and cannot be read here." in shown
    piped = jp("message", "history", "robert@example.org").lines[-1].split("\t")
    assert piped[3:] == ["This message was encrypted, and cannot be read here.", "read"]
    assert jp("message", "list").out.count("\tThis message was encrypted, and cannot be read here.") == 1


def test_watching_tells_how_they_came(own):
    jp, _ = own
    watching = jp.start("message", "watch", "-o", "json", "--count", "1", "-v", "--timeout", "20")
    assert "Watching" in watching.stderr.readline()
    jp("message", "send", "bob@localhost", "-e", "omemo", "only for you")
    out, _ = watching.communicate(timeout=30)
    assert json.loads(out)["encrypted"]["method"] == "omemo"


def test_a_secret_is_compared(jp):
    done = jp("encryption", "compare", "bob@localhost", given="nurse\n")
    assert (done.code, "waits to be compared" in done.err) == (0, True)
    assert "bob@localhost\twaiting\t" in jp("encryption", "comparisons").lines
    assert jp("encryption", "abort", "bob@localhost").code == 0
    assert "bob@localhost" not in jp("encryption", "comparisons").out
    asks = ("encryption", "compare", "bob@localhost", "--question", "Who raised you?", "--wait", "5")
    done = jp(*asks, given="nurse\n")
    assert (done.code, "their key is verified" in done.err) == (0, True)
    done = jp(*asks, given="friar\n")
    assert (done.code, "Nothing is verified" in done.err) == (1, True)
    done = jp("encryption", "compare", "bob@localhost", "--wait", "0.1", given="nurse\n")
    assert (done.code, "has not answered in time" in done.err) == (1, True)
    assert jp("encryption", "compare", "bob@localhost", given="").code == 2
    jp("encryption", "abort", "bob@localhost")


def test_a_question_is_answered(jp):
    done = jp("encryption", "answer", "bob@localhost", given="nurse\n")
    assert (done.code, "has asked nothing" in done.err) == (16, True)
    (line,) = jp("encryption", "comparisons").lines
    assert line.startswith("carol@localhost\tasked\tWho ")
    assert "\x1b" not in line
    done = jp("encryption", "answer", "carol@localhost", given="nurse\n")
    assert (done.code, "They ask: “Who " in done.err, "\x1b" in done.err) == (0, True, False)
    assert jp("encryption", "comparisons").lines == []
