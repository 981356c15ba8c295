"""Sending, looking back, watching."""

import json
import signal

import pytest


def test_sends_and_says_nothing(jp):
    done = jp("message", "send", "carol", "hi", "there")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert jp("message", "history", "carol").lines[-1].rpartition("\t")[0].endswith("\tcarol@localhost\tout\thi there")


def test_a_text_can_be_sent_as_it_is(jp):
    assert jp("message", "send", "carol", "--unstyled", "2 *3* 4").code == 0
    last = json.loads(jp("message", "history", "carol", "-o", "json").out)[-1]
    assert (last["body"], last["extra"]["unstyled"]) == ("2 *3* 4", True)


def test_a_spoiler_is_hidden_from_who_only_looks(jp):
    assert jp("message", "send", "carol", "--spoiler", "the end", "--lang", "en", "They both die.").code == 0
    last = json.loads(jp("message", "history", "carol", "-o", "json").out)[-1]
    assert (last["body"], last["extra"]) == (
        "They both die.",
        {**last["extra"], "spoiler": True, "hint": "the end", "lang": "en"},
    )
    shown = jp.on_terminal("message", "history", "carol").end().out
    assert "(Spoiler: the end; with -o json it is shown)" in shown
    assert "They both die" not in shown


def test_attention_is_asked_for(jp):
    assert jp("message", "attention", "carol").code == 0
    assert json.loads(jp("message", "history", "carol", "-o", "json").out)[-1]["extra"]["attention"] is True
    assert "(You asked for the attention of Carol.)" in jp.on_terminal("message", "history", "carol").end().out


def test_what_was_begun_is_kept_shown_and_forgotten(jp):
    assert jp("message", "draft", "carol").code == 16
    assert jp("message", "draft", "carol", "Dear", "Carol,").code == 0
    assert jp("message", "draft", "carol").out == "Dear Carol,\n"
    assert json.loads(jp("message", "draft", "carol", "-o", "json").out)["text"] == "Dear Carol,"
    (line,) = jp("message", "draft").lines
    assert line.startswith("carol@localhost\t")
    assert jp("message", "draft", "carol", "--clear", "too").code == 2
    assert jp("message", "draft", "carol", "--clear").code == 0
    assert jp("message", "draft").out == ""


def test_text_comes_from_a_pipe(jp):
    assert jp("message", "send", "me", given="a\nb\n").code == 0
    assert jp("message", "send", "me", "-", given="c\n\n").code == 0
    bodies = [each["body"] for each in json.loads(jp("message", "history", "me", "-o", "json").out)]
    assert bodies[-2:] == ["a\nb", "c\n"]


def test_what_cannot_be_sent(jp):
    assert jp("message", "send", "carol", given="").code == 2
    assert jp("message", "send", "carol", " ").code == 2
    assert jp("message", "send", "carol", given=b"\xff\xfe").code == 17
    assert jp("message", "send", "carol", given="x" * (1 << 20) + "y").code == 17
    assert jp("message", "send", "nobody", "hi").code == 16
    done = jp("message", "send", "bob", "hi")
    assert done.code == 2
    assert "bob@localhost" in done.err
    assert "robert@example.org" in done.err


def test_on_a_terminal_it_says_that_it_waits(jp):
    shown = (
        jp.on_terminal("message", "send", "carol")
        .expect("Type the message, end with Ctrl-D.")
        .type("typed\n\x04")
        .end()
    )
    assert shown.code == 0
    assert jp("message", "history", "carol").lines[-1].split("\t")[3] == "typed"


def test_waits_until_it_has_come_far_enough(jp):
    done = jp("message", "send", "carol", "hi", "--wait", "delivered", "-o", "json")
    assert json.loads(done.out)["state"] == "delivered"
    done = jp("message", "send", "--wait", "sent", "fails@localhost", "hi", "-v")
    assert (done.code, done.out) == (4, "")
    assert "There is no such account." in done.err
    assert "hint: jp message retry id-" in done.err
    assert jp("message", "history", "fails@localhost").lines[-1].endswith("\tout\thi\tfailed")
    done = jp("message", "send", "--wait=sent", "--timeout", "0.2", "silent@localhost", "hi")
    assert done.code == 4
    assert "is stored; within 0.2 s it was not sent" in done.err


def test_who_is_offline_is_told(own):
    jp, _ = own
    jp("logout")
    done = jp("message", "send", "carol", "hi", "-v")
    assert (done.code, done.out.startswith("id-")) == (0, True)
    assert "alice is not online: the message is stored" in done.err


def test_history_pages(own):
    jp, _ = own
    found = json.loads(jp("message", "history", "bob@localhost", "-n", "2", "-o", "json").out)
    assert [each["body"] for each in found] == ["hello Bob", "two lines:\nthe\tsecond \\ one"]
    older = jp("message", "history", "bob@localhost", "--before", str(found[0]["order"]))
    assert older.lines == ["2023-11-14T22:14:20+00:00\tbob@localhost\tin\thello Alice\tread"]
    assert (
        jp("message", "history", "bob@localhost", "-n", "1").lines[0].split("\t")[3]
        == r"two lines:\nthe\tsecond \\ one"
    )
    shown = jp.on_terminal("message", "history", "bob@localhost", "--color=never").end().lines
    assert shown[0] == "── Tuesday 14 November 2023 ──"
    assert shown[1:] == [
        "22:14 Bob: hello Alice",
        "22:15 → Bob: hello Bob ✓✓",
        "22:16 Bob: two lines:",
        "      the    second \\ one",
    ]


def test_search(own):
    jp, _ = own
    assert [line.split("\t")[3] for line in jp("message", "search", "hello").lines] == ["hello Bob", "hello Alice"]
    assert jp("message", "search", "hello", "--with", "evil@localhost").lines == []


def test_reading(own):
    jp, _ = own
    assert [line.split("\t")[:2] for line in jp("message", "list", "--unread").lines] == [
        ["bob@localhost", "1"],
        ["evil@localhost", "1"],
    ]
    assert jp("message", "read", "bob@localhost").code == 0
    assert jp("api", "messages.unread").lines == ["1"]
    assert jp("message", "read", "--all").code == 0
    assert jp("api", "messages.unread").lines == ["0"]
    assert jp("message", "read").code == 2


def test_unread_again(own):
    jp, _ = own
    jp("message", "read", "--all")
    assert jp("message", "unread", "bob@localhost").code == 0
    assert [line.split("\t")[:2] for line in jp("message", "list", "--unread").lines] == [["bob@localhost", "1"]]
    assert jp("message", "unread", "bob@localhost", "--from", "1").code == 0
    assert jp("message", "unread", "nobody@localhost").code == 16


@pytest.mark.parametrize(
    "words",
    [
        ("message", "list", "-n", "99999999999999999999"),
        ("message", "history", "bob@localhost", "--before", "-99999999999999999999"),
        ("api", "messages.get_history", "bob@localhost", "99999999999999999999999"),
        ("api", "guest.double", "99999999999999999999", "[]"),
        ("api", "profile.set_account", '{"jid": "alice@localhost", "port": 99999999999999999999}'),
    ],
)
def test_numbers_too_big_for_the_bus(jp, words):
    done = jp(*words)
    assert (done.code, done.out) == (17, "")
    assert done.err.startswith("jp: a number is too big")


@pytest.mark.parametrize("seconds", ["99999999999999999999", "inf"])
def test_no_time_is_too_long_to_wait(jp, seconds):
    done = jp("message", "send", "carol@localhost", "hi", "--wait", "delivered", "--timeout", seconds)
    assert (done.code, done.err) == (0, "")


def test_retry(jp):
    jp("message", "send", "--wait", "sent", "fails@localhost", "again")
    id = json.loads(jp("message", "history", "fails@localhost", "-o", "json").out)[-1]["id"]
    assert jp("message", "retry", id).code == 0
    assert jp("message", "retry", id).code == 17
    assert jp("message", "retry", "nonsense").code == 16


# -- watching ------------------------------------------------------------------------------------------------


@pytest.fixture
def watching(own):
    """Start ``jp message watch``; it says on stderr when it has begun."""
    jp, daemon = own
    started = []

    def start(*words):
        process = jp.start("message", "watch", "-v", *words)
        started.append(process)
        assert "Watching alice." in process.stderr.readline()
        return process

    yield jp, daemon, start
    for process in started:
        process.kill()
        process.communicate()


def test_watch_shows_both_sides_at_once(watching):
    jp, _, start = watching
    process = start("-o", "json")
    jp("message", "send", "echo@localhost", "one\ntwo")
    first, second = (json.loads(process.stdout.readline()) for _ in range(2))
    assert (first["outgoing"], first["body"]) == (True, "one\ntwo")
    assert (second["outgoing"], second["peer"]) == (False, "echo@localhost")


def test_watch_one_contact_and_only_what_comes_in(watching):
    jp, _, start = watching
    process = start("echo@localhost", "--incoming", "--count", "1")
    jp("message", "send", "carol", "not shown")
    jp("message", "send", "echo@localhost", "one\ntwo")
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert [line.split("\t")[1:] for line in out.splitlines()] == [["echo@localhost", "in", r"one\ntwo", "unread"]]


def test_watch_ends_with_ctrl_c(watching):
    _, _, start = watching
    process = start()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "")


def test_watch_ends_quietly_when_nobody_reads(watching):
    jp, _, start = watching
    process = start()
    process.stdout.close()
    jp("message", "send", "carol", "hi")
    assert process.wait(30) == 141
    assert process.stderr.read() == ""
    process.stdout = None


def test_watch_ends_in_time(watching):
    _, _, start = watching
    process = start("--timeout", "0.3")
    process.wait(timeout=30)
    assert (process.returncode, process.stderr.read()) == (4, "jp: No message came in time.\n")


def test_watch_waits_for_the_daemon(watching):
    jp, daemon, start = watching
    process = start("--count", "1")
    daemon.stop()
    assert "The daemon sat is not running. Waiting for it" in process.stderr.readline()
    daemon.start()
    assert "Watching alice." in process.stderr.readline()
    assert "The daemon is back." in process.stderr.readline()
    jp("message", "send", "carol", "hi again")
    out, _ = process.communicate(timeout=30)
    assert out.split("\t")[3:] == ["hi again", "pending\n"]


def test_watch_need_not_wait_for_the_daemon(watching):
    _, daemon, start = watching
    process = start("--no-wait")
    daemon.stop()
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err.splitlines()[0]) == (5, "jp: The daemon sat is not running.")


def test_watch_on_a_terminal_is_one_line_a_message(own):
    jp, _ = own
    shown = jp.on_terminal("message", "watch", "-v", "--count=2", "--color=never").expect("Watching alice.")
    jp("message", "send", "echo@localhost", "one\n\x1b[2Jtwo")
    lines = [line for line in shown.end().lines if "one" in line]
    assert len(lines) == 2
    assert all("one␤␛[2Jtwo" in line for line in lines)


def test_what_only_the_daemon_knows_can_be_used(own):
    jp, _ = own
    process = jp.start("api", "guest.doubled", "-v")
    try:
        assert process.stderr.readline() == "Listening to Doubled.\n"
        assert json.loads(jp("api", "guest.double", "2", '["a", "b"]').out) == ["a", "b"] * 2
        assert json.loads(process.stdout.readline())[0] == "alice@localhost"
    finally:
        process.kill()
        process.communicate()
    assert jp("api", "guest.words").lines == ["4"]
    assert jp("api", "guest.words", "2").code == 2
    assert jp("api", "guest.nothing").code == 16


def test_any_signal_can_be_watched(own):
    jp, _ = own
    process = jp.start("api", "messages.updated", "-v")
    try:
        assert process.stderr.readline() == "Listening to updated.\n"
        jp("message", "send", "carol", "hi", "--wait", "delivered")
        states = [json.loads(process.stdout.readline())[0]["state"] for _ in range(2)]
    finally:
        process.kill()
        process.communicate()
    assert states == ["sent", "delivered"]


def last(jp, contact):
    return json.loads(jp("message", "history", contact, "-n", "1", "-o", "json").out)[0]


def test_corrects_takes_back_and_shows_versions(own):
    jp, _ = own
    jp("message", "send", "carol", "helo")
    assert jp("message", "edit", "@carol", "hello").code == 0
    assert (last(jp, "carol")["body"], last(jp, "carol")["edited"] > 0) == ("hello", True)
    shown = jp.on_terminal("message", "history", "carol", "--color=never").end().lines
    assert shown[-1].endswith("→ Carol: hello (corrected) ✓✓")
    assert jp("message", "versions", last(jp, "carol")["id"]).lines[-1].endswith("\thello")
    assert jp("message", "edit", "@carol", given=" ").code == 2
    done = jp("message", "retract", "@carol")
    assert done.code == 2  # nobody can be asked
    assert "--yes" in done.err
    assert jp("message", "retract", "@carol", "--yes").code == 0
    assert last(jp, "carol")["retracted"] is True
    assert "(taken back)" in jp.on_terminal("message", "history", "carol", "--color=never").end().lines[-1]
    done = jp("message", "edit", "@carol", "more")
    assert (done.code, "no message of yours" in done.err) == (16, True)


def test_reacts_and_answers(own):
    jp, _ = own
    assert jp("message", "react", "@bob@localhost", "👍", "🎉").code == 0
    history = json.loads(jp("message", "history", "bob@localhost", "-o", "json").out)
    (reacted,) = [each for each in history if each["reactions"]]
    assert reacted["outgoing"] is False
    assert [each["emoji"] for each in reacted["reactions"]] == ["👍", "🎉"]
    assert jp("message", "react", "@bob@localhost").code == 2
    assert jp("message", "react", "@bob@localhost", "--none").code == 0
    assert jp("message", "send", "bob@localhost", "--reply", "@bob@localhost", "so do I").code == 0
    assert last(jp, "bob@localhost")["reply"] == reacted["id"]
    shown = jp.on_terminal("message", "history", "bob@localhost", "--color=never").end().lines
    assert any(f"“{reacted['body'][:5]}" in line for line in shown)
    assert jp("message", "send", "bob@localhost", "--reply", "nonsense", "x").code == 16


def test_watch_tells_what_was_changed(watching):
    jp, _, start = watching
    jp("message", "send", "carol", "helo", "--wait", "delivered")
    process = start("--changes", "--count", "1", "-o", "json-raw")
    jp("message", "edit", "@carol", "hello")
    out, _ = process.communicate(timeout=20)
    assert json.loads(out)["body"] == "hello"


def test_exports_a_conversation(own, tmp_path):
    jp, _ = own
    jp("message", "send", "carol", "one\ntwo")
    jp("message", "retract", "@carol", "--yes")
    jp("message", "send", "carol", "three\nfour")
    lines = jp("message", "export", "carol").lines
    assert lines[0].endswith(" alice@localhost: (taken back)")
    assert lines[1].endswith(" alice@localhost: three")
    assert lines[2] == "    four"
    path = tmp_path / "talk.jsonl"
    assert jp("message", "export", "bob@localhost", "--json", "--file", str(path)).code == 0
    found = [json.loads(line) for line in path.read_text().splitlines()]
    history = json.loads(jp("message", "history", "bob@localhost", "-n", "500", "-o", "json").out)
    assert [each["id"] for each in found] == [each["id"] for each in history]
    done = jp("message", "export", "bob@localhost", "--file", str(path))
    assert (done.code, "exists already" in done.err) == (19, True)
    assert jp("message", "export", "bob@localhost", "--file", "/nowhere/x").code == 4
