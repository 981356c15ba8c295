"""The commands that look, and those that change, against the fake daemon."""

import json

import pytest


def ok(done):
    assert (done.code, done.err) == (0, "")
    return done.lines


def test_profiles_are_chosen_by_option_variable_or_default(jp):
    assert ok(jp("presence", "get", "me")) == ["alice@localhost/sat\tonline\t\t0"]
    assert jp("-p", "nobody", "roster", "list").code == 16
    done = jp("roster", "list", JP_PROFILE="nobody")
    assert done.err.startswith("jp: There is no profile nobody.\nhint: ")
    assert jp("roster", "list", "-p", "alice", JP_PROFILE="nobody").code == 0
    assert jp("-p", "vault", "roster", "list").code == 6


def test_status(jp):
    lines = ok(jp("status"))
    assert lines[0].startswith("alice\talice@localhost\tonline\t")
    assert ok(jp("status", "-p", "alice", "--format", "{profile} {state}")) == ["alice online"]
    assert ok(jp("status", "-p", "alice", "-f", "{{}} {profile:.2}|{state:>8}|{unread!r}")) == ["{} al|  online|'2'"]
    for nonsense in ("{nonsense}", "{profile.__class__}", "{profile[0]}", "{}", "{", "{state:{jid.local}}"):
        assert jp("status", "--format", nonsense).code == 17
    found = json.loads(jp("status", "-o", "json").out)
    assert found["daemon"]["ready"] is True
    assert {each["profile"]: each["state"] for each in found["profiles"]} == {"alice": "online", "vault": "locked"}


def test_doctor(jp):
    done = jp("doctor")
    assert done.code == 6
    assert "bad\tprofile\tThe profile vault is locked by its password.\tjp profile unlock vault" in done.lines
    assert [line.split("\t")[0] for line in done.lines].count("bad") == 1
    found = json.loads(jp("doctor", "-o", "json").out)
    assert {each["check"]: each["code"] for each in found if not each["ok"]} == {"profile": 6}
    assert {each["code"] for each in found if each["ok"]} == {0}
    shown = jp.on_terminal("doctor").end().out
    assert "✓ localhost answers in 12 ms." not in shown  # the mark is coloured
    assert "localhost answers in 12 ms." in shown


def test_info(jp):
    assert ok(jp("info", "version", "localhost"))[:2] == ["name\tProsody", "version\t0.12.3"]
    assert "feature\turn:xmpp:ping" in ok(jp("info", "disco", "localhost"))
    assert ok(jp("info", "disco", "localhost", "--items")) == ["rooms.localhost\t\tRooms"]
    assert ok(jp("ping", "localhost")) == ["12"]
    done = jp("ping", "example.org")
    assert (done.code, done.err) == (4, "jp: example.org answered: it is not known.\n")
    assert jp("ping", "@x").code == 17


def test_roster(own):
    jp, _ = own
    assert jp("roster", "add", "Dave@localhost", "--name", "Dave", "-g", "A", "-g", "B").code == 0
    assert "dave@localhost\tDave\tnone\tA,B\tyes" in ok(jp("roster", "list"))
    assert jp("roster", "add", "dave@localhost").err.endswith("was asked to show you their presence.\n")
    assert "dave@localhost\tDave\tnone\tA,B\tyes" in ok(jp("roster", "list"))
    assert jp("roster", "add", "bob@localhost").err.endswith("and shows you their presence.\n")
    assert "bob@localhost\tBob\tboth\tFriends,Work\tno" in ok(jp("roster", "list"))
    assert "it has no @" in jp("roster", "add", "Dave").err
    assert jp("roster", "set", "dave", "--name", "David").code == 0
    assert jp("roster", "set", "David", "--no-group").code == 0
    assert "dave@localhost\tDavid\tnone\t\tyes" in ok(jp("roster", "list"))
    assert jp("roster", "set", "david").code == 2
    assert jp("roster", "set", "nobody@localhost", "--name", "x").code == 16
    assert [line.split("\t")[0] for line in ok(jp("roster", "list", "--group", "Work"))] == ["bob@localhost"]
    assert [line.split("\t")[0] for line in ok(jp("roster", "list", "--online"))] == ["bob@localhost"]


def test_removing_asks(own):
    jp, _ = own
    done = jp("roster", "remove", "carol")
    assert done.code == 2
    assert "--yes" in done.err
    shown = jp.on_terminal("roster", "remove", "carol").expect("[y/N]").type("n\n").end()
    assert shown.code == 20
    assert "carol@localhost" in jp("roster", "list").out
    shown = jp.on_terminal("roster", "remove", "carol").expect("Remove carol@localhost").type("y\n").end()
    assert shown.code == 0
    assert "carol@localhost" not in jp("roster", "list").out
    assert jp("roster", "remove", "evil@localhost", "--yes").code == 0


def test_own_nickname(own):
    jp, _ = own
    assert ok(jp("profile", "nick")) == [""]
    assert jp("profile", "nick", " Alice L. ").code == 0
    assert ok(jp("profile", "nick")) == ["Alice L."]
    assert jp("profile", "nick", "").code == 0
    assert ok(jp("profile", "nick")) == [""]


def test_blocking(own):
    jp, _ = own
    assert ok(jp("roster", "blocked")) == []
    assert jp("roster", "block", "bob", "--text", "x").code == 2
    assert jp("roster", "block", "carol", "--report", "spam", "--text", "x").code == 0
    named = jp("roster", "block", "carol", "--report", "spam", "--message", "@carol")
    assert (named.code, named.err) == (
        16,
        "jp: There is no message of theirs among the last ones with carol@localhost.\n",
    )
    assert jp("roster", "block", "spam.example").code == 0
    assert ok(jp("roster", "blocked")) == ["carol@localhost", "spam.example"]
    assert jp("roster", "unblock", "carol").code == 0
    assert jp("roster", "unblock", "carol").code == 16
    assert json.loads(jp("roster", "blocked", "-o", "json").out) == ["spam.example"]


def test_pictures(own, tmp_path):
    jp, _ = own
    assert jp("roster", "avatar", "bob@localhost", "--file", tmp_path / "bob.png").code == 0
    assert (tmp_path / "bob.png").read_bytes() == b"\x89PNG bob"
    assert json.loads(jp("roster", "avatar", "bob@localhost", "-o", "json").out)["type"] == "image/png"
    assert jp("roster", "avatar", "carol").code == 16
    assert jp("roster", "avatar", "bob@localhost", "--file", tmp_path / "not" / "there").code == 2
    (tmp_path / "me.png").write_bytes(b"me")
    assert jp("profile", "avatar", tmp_path / "me.png").code == 0
    assert jp("roster", "avatar", "me").out == "me"
    assert jp("profile", "avatar", "--remove").code == 0
    assert jp("roster", "avatar", "me").code == 16
    (tmp_path / "me.png").write_bytes(bytes(256 * 1024 + 1))
    assert "more than 262144 bytes" in jp("profile", "avatar", tmp_path / "me.png").err
    for wrong in ((), (tmp_path / "none.png",), (tmp_path / "me.png", "--remove")):
        assert jp("profile", "avatar", *wrong).code == 2


def test_requests(own):
    jp, _ = own
    assert ok(jp("roster", "requests")) == ["dave@localhost\tIt is me, Dave"]
    assert jp("roster", "approve", "dave@localhost", "--add").code == 0
    assert ok(jp("roster", "requests")) == []
    assert "dave@localhost" in jp("roster", "list").out


def test_presence(own):
    jp, _ = own
    assert ok(jp("presence", "set", "dnd", "writing", "code")) == []
    assert ok(jp("presence", "get", "me"))[0].split("\t")[1:3] == ["dnd", "writing code"]
    assert ok(jp("presence", "get", "carol")) == ["carol@localhost\toffline\t\t0"]
    assert "Did you mean away?" in jp("presence", "set", "awya").err


def test_settings(own):
    jp, _ = own
    assert ok(jp("param", "get", "chat_states.send")) == ["true"]
    assert ok(jp("param", "set", "chat_states.send", "false")) == []
    assert ok(jp("param", "list", "--tab", "composition")) == [
        "chat_states.send\tfalse\ttrue\tComposition\tTell that I am typing"
    ]
    assert len(ok(jp("param", "list", "--changed"))) == 2
    done = jp("param", "set", "chat_states.send", "maybe")
    assert (done.code, done.err) == (17, "jp: “maybe” is not possible for chat_states.send: it is true or false.\n")
    assert jp("param", "get", "chat_states.sned").code == 16
    assert ok(jp("param", "get", "--daemon", "log.level")) == ["info"]


def test_profiles(own):
    jp, _ = own
    assert jp("profile", "create", "work", "alice@example.org", "--password-stdin", given="secret\n").code == 0
    assert jp("profile", "create", "work", "a@b.example", "--password-stdin", given="x\n").code == 19
    assert jp("profile", "default", "work").code == 0
    assert ok(jp("profile", "list"))[0] == "work\talice@example.org\tyes\tno\tyes\t"
    done = jp("profile", "connect")
    assert (done.code, done.err) == (
        0,
        "work is online as alice@example.org/sat (TLS 1.3, SCRAM-SHA-256-PLUS).\n",
    )
    assert "state\tonline" in ok(jp("profile", "info"))
    assert jp("logout").code == 0
    assert "state\toffline" in ok(jp("profile", "info", "work"))
    assert jp("profile", "delete", "work").code == 2
    assert jp("profile", "delete", "work", "--yes").code == 0
    assert jp("profile", "info", "work").code == 16


def account(jp, name):
    return dict(line.split("\t") for line in ok(jp("profile", "info", name)))


def test_how_the_server_is_reached_can_be_changed(own):
    jp, _ = own
    jp("profile", "create", "work", "alice@example.org", "--password-stdin", given="secret\n")
    done = jp("profile", "set", "work", "--host", "192.0.2.7", "--port=5223", "--direct-tls", "--resource", "laptop")
    assert (done.code, done.err) == (0, "The account of work was changed.\n")
    assert jp("profile", "set", "work", "--no-require-tls", "--no-autoconnect").code == 0
    assert (
        account(jp, "work").items()
        >= {
            "host": "192.0.2.7",
            "port": "5223",
            "direct TLS": "yes",
            "require TLS": "no",
            "resource": "laptop",
            "autoconnect": "no",
        }.items()
    )
    assert jp("profile", "set", "work", "--host=", "--port=0", "--no-direct-tls", "--require-tls").code == 0
    assert (
        account(jp, "work").items()
        >= {
            "host": "by DNS",
            "port": "by DNS",
            "direct TLS": "no",
            "require TLS": "yes",
            "resource": "laptop",
        }.items()
    )
    assert jp("profile", "set", "work").code == 2
    assert jp("profile", "set", "nobody", "--port", "5222").code == 16


def test_who_is_online_is_told_when_it_holds(own):
    jp, _ = own
    assert "jp profile disconnect alice; jp profile connect alice" in jp("profile", "set", "--port", "5222").err
    assert jp("profile", "set", "--autoconnect").err == "The account of alice was changed.\n"


def test_a_locked_profile_is_opened(own):
    jp, _ = own
    assert jp("profile", "unlock", "vault", "--password-stdin", given="wrong\n").code == 6
    assert jp("profile", "unlock", "vault", "--password-command", "echo open sesame").code == 0
    assert jp("-p", "vault", "profile", "info").code == 0


def test_a_lock_is_typed_by_a_person(jp):
    done = jp("profile", "lock", "alice")
    assert (done.code, "--password-stdin" in done.err, "on a terminal" in done.err) == (2, False, True)
    terminal = jp.on_terminal("profile", "lock", "alice").expect("Its password now").type("\n")
    terminal.expect("The new password: ").type("x\n").expect("Once more: ").type("x\n")
    assert terminal.end().code == 0


def test_any_method(jp):
    found = json.loads(jp("api", "messages.get_history", "bob@localhost", "0", "500").out)
    assert found[0]["body"] == "hello Alice"
    assert ok(jp("api", "manager.version"))[0].startswith("0.")
    assert ok(jp("api", "profile.jid")) == ["alice@localhost"]
    assert ok(jp("api", "-d", "settings.get_setting", "log.level", "-o", "json-raw"))[0].startswith(
        '{"key": "log.level"'
    )
    assert jp("api", "manager.check_lock", "alice", "x").code == 17
    assert jp("api", "manager.check_lock", "alice", "-", given="x\n").code == 0
    assert jp("api", "manager.unlock_profile", "vault", "-", given="x\n").code == 6
    assert jp("api", "roster.get_contatcs").code == 16
    assert jp("api", "rosette.get_contacts").code == 16
    assert {"interface", "methods", "signals", "properties", "values", "doc"} == set(
        json.loads(jp("api", "--introspect", "-o", "json").out)[0]
    )


def test_a_new_contact_is_completed_by_address_only(jp):
    assert jp("__complete", "--", "roster", "add", "Car").lines == []


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["roster", "remove", "ca"], "carol@localhost\tCarol"),
        (["roster", "list", "--group", "F"], "Friends\t"),
        (["-p", ""], "vault\tvault@localhost"),
        (["param", "get", "chat"], "chat_states.send\tTell that I am typing"),
        (["param", "get", "-d", ""], "log.level\tWhat is logged"),
        (["param", "set", "--daemon", "log"], "log.level\tWhat is logged"),
        (["roster", "add", ""], "carol@localhost\tCarol"),
        (["roster", "list", "--group=F"], "--group=Friends\t"),
        (["roster", "approve", ""], "dave@localhost\tIt is me, Dave"),
    ],
)
def test_completion_knows_what_the_daemon_knows(jp, words, offered):
    assert offered in jp("__complete", "--", *words).lines
    assert not any(line.startswith("Ev") for line in jp("__complete", "--", *words).lines)
