"""Logging in and registering."""

import json


def test_login_asks_for_the_password_without_showing_it(own):
    jp, _ = own
    shown = jp.on_terminal("login", "bob@localhost").expect("Password of bob@localhost: ").type("secret\n").end()
    assert shown.code == 0
    assert "secret" not in shown.out
    assert "bob is online as bob@localhost/sat (TLS 1.3, SCRAM-SHA-256-PLUS)." in shown.out
    assert "bob\tbob@localhost" in jp("profile", "list").out


def test_a_mistyped_password_is_asked_again(own):
    jp, _ = own
    terminal = jp.on_terminal("login", "bob@localhost").expect("Password of").type("wrong\n")
    terminal.expect("did not accept this password for bob").expect("Password: ").type("secret\n")
    assert terminal.end().code == 0


def test_login_takes_the_password_from_elsewhere(own):
    jp, _ = own
    done = jp("login", "bob@localhost", "--password-stdin", "-o", "json", given="secret\n")
    assert json.loads(done.out)["state"] == "online"
    assert jp("login", "carol@localhost", "--password-command", "echo secret").code == 0
    assert jp("login", "dave@localhost", "--password-command", "exit 3").code == 4
    assert jp("login", "dave@localhost", "--password-stdin", given="").code == 2
    done = jp("login", "dave@localhost")
    assert done.code == 2
    assert "--password-stdin" in done.err


def test_a_failed_login_leaves_nothing(own):
    jp, _ = own
    before = jp("profile", "list").out
    done = jp("login", "bob@localhost", "--password-stdin", given="wrong\n")
    assert (done.code, done.err) == (
        6,
        "jp: The server localhost did not accept this password for bob.\n"
        "hint: Try again. Forgotten? Ask the server's administrator.\n",
    )
    done = jp("login", "bob@nowhere.example", "--password-stdin", given="secret\n")
    assert done.code == 4
    assert "No XMPP server was found at nowhere.example." in done.err
    assert jp("profile", "list").out == before


def test_logging_in_again_updates_the_password(own):
    jp, _ = own
    jp("login", "bob@localhost", "--password-stdin", given="secret\n")
    assert jp("login", "bob@localhost", "--password-stdin", given="wrong\n").code == 6
    assert "state\toffline" in jp("-p", "bob", "profile", "info").lines
    assert (
        jp("login", "bob@localhost", "--password-stdin", "--host", "127.0.0.1", "--port", "5222", given="secret\n").code
        == 0
    )
    assert "host\t127.0.0.1" in jp("-p", "bob", "profile", "info").lines
    assert jp("profile", "list").out.count("bob@localhost") == 1


def test_names_of_profiles(own):
    jp, _ = own
    jp("login", "alice@example.org", "--password-stdin", given="secret\n")
    jp("login", "bob@example.org", "--password-stdin", "--name", "work", given="secret\n")
    names = {line.split("\t")[0] for line in jp("profile", "list").lines}
    assert names == {"alice", "alice@example.org", "work", "vault"}


def test_what_makes_no_sense(jp):
    assert jp("login", "example.org", "--password-stdin", given="x\n").code == 17
    assert jp("login", "a@example.org", "--port", "5222", "--password-stdin", given="x\n").code == 2
    assert jp("login", "a@example.org", "--host", "h", "--port", "99999", "--password-stdin", given="x\n").code == 2
    assert jp("login").code == 2


def test_a_profile_whose_key_is_away_is_neither_unknown_nor_locked(own):
    jp, _ = own
    sentence = "The stored passwords of the profile keyless cannot be read: their key is not in the desktop's keyring."
    assert jp("profile", "create", "keyless", "k@localhost", "--password-stdin", given="secret\n").code == 0
    done = jp("profile", "connect", "keyless")
    assert (done.code, done.err.splitlines()[0]) == (6, f"jp: {sentence}")
    assert f"keyless\tk@localhost\tclosed\t0\t{sentence}" in jp("status").lines
    assert f"keyless\tk@localhost\tno\tno\tyes\t{sentence}" in jp("profile", "list").lines
    assert f"error\t{sentence}" in jp("profile", "info", "keyless").lines
    advice = "Unlock the desktop's keyring or put the key file back, then try again."
    assert f"bad\tprofile\t{sentence}\t{advice}" in jp("doctor").lines
    assert jp("profile", "unlock", "keyless").code == 0
    assert jp("profile", "connect", "keyless").code == 0


# -- registering ---------------------------------------------------------------------------------------------


def test_registering_asks_for_the_fields(own):
    jp, _ = own
    terminal = jp.on_terminal("register", "localhost").expect("An account on ␛[1mthis server").expect("Be kind.")
    terminal.expect("User name: ").type("erin\n").expect("Password: ").type("secret\n")
    terminal.expect("Once more: ").type("secret\n").expect("2 Blue").expect("Colour (optional) [red]: ").type("2\n")
    shown = terminal.end()
    assert shown.code == 0
    assert "The account erin@localhost was created." in shown.out
    assert "erin is online" in shown.out


def test_registering_in_a_script(own):
    jp, _ = own
    done = jp("register", "localhost", "-f", "username=erin", "--password-stdin", given="secret\n")
    assert done.code == 0
    assert "erin\terin@localhost" in jp("profile", "list").out


def test_a_name_that_is_taken_is_asked_again(own):
    jp, _ = own
    assert jp("register", "localhost", "-f", "username=taken", "--password-stdin", given="secret\n").code == 19
    terminal = jp.on_terminal("register", "localhost", "-f", "username=taken", "-f", "colour=blue")
    terminal.expect("Password: ").type("secret\n").expect("Once more: ").type("secret\n")
    terminal.expect("taken is taken on localhost.").expect("User name [taken]: ").type("erin\n")
    shown = terminal.end()
    assert shown.code == 0
    assert "erin is online" in shown.out


def test_servers_that_let_nobody_in(jp):
    def register(*words):
        done = jp("register", *words, "-f", "username=erin", "--password-stdin", given="secret\n")
        return done.code, done.err.splitlines()[0]

    assert register("closed.example") == (4, "jp: closed.example does not let programs create accounts.")
    assert register("captcha.example") == (
        4,
        "jp: captcha.example asks a question that only its web page shows: https://captcha.example/new.",
    )
    assert register("invited.example") == (4, "jp: invited.example needs an invitation.")
    assert register("xmpp:invited.example?message") == (
        17,
        "jp: “xmpp:invited.example?message” is no invitation.",
    )


def test_an_invitation(own):
    jp, _ = own
    link = "xmpp:invited.example?register;preauth=welcome"
    assert jp("register", link, "-f", "username=erin", "--password-stdin", given="secret\n").code == 0
    terminal = jp.on_terminal("register", "invited.example").expect("needs an invitation.")
    terminal.expect("The invitation's link: ").type(f"{link}\n").expect("User name: ")
    assert terminal.interrupt().code == 130


def test_fields_that_are_wrong(jp):
    def register(*fields):
        words = [word for field in fields for word in ("-f", field)]
        return jp("register", "localhost", "--password-stdin", *words, given="secret\n")

    assert "Did you mean username?" in register("usrname=x").err
    assert "User name" in register().err
    assert register("username=x", "colour=green").code == 2
    assert register("username=x", "password=y").code == 2
    assert register("username").code == 2
    assert jp("register", "localhost", "--form").lines[2].startswith("username\ttext-single\tyes")
