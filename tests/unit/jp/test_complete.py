import pytest

from sat_frontends.jp.complete import FILES, _harmless, possibilities, split


def words(before, last=""):
    return [word for word, _ in possibilities(before, last)]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("jp ", [""]),
        ("jp ro", ["ro"]),
        ("jp roster ", ["roster", ""]),
        ("jp message send 'bob b", ["message", "send", "'bob", "b"]),
        ("jp message send bob\\ b", ["message", "send", "bob b"]),
    ],
)
def test_splits_a_line_as_a_shell_does(line, found):
    assert split(line) == found


def test_commands_then_verbs_then_values():
    assert "roster" in words([])
    assert "list" in words(["roster"])
    assert words(["presence", "set"]) == ["chat", "online", "away", "xa", "dnd", "offline"]
    assert words(["completion"]) == ["bash", "zsh", "fish"]


def test_values_of_options():
    assert words(["-o"]) == ["simple", "json", "json-raw"]
    assert words(["message", "send", "bob", "--wait"]) == ["sent", "delivered", "displayed"]
    assert "Mail Server" in words(["param", "list", "--tab"])
    assert words(["message", "history", "bob", "-n"]) == []


def test_values_of_options_behind_an_equals_sign():
    assert words([], "--output=js") == ["--output=simple", "--output=json", "--output=json-raw"]
    assert "--kind=chat" in words(["message", "send", "bob"], "--kind=c")
    assert words(["roster", "remove"], "--yes=") == []


def test_what_help_explains():
    assert {"roster", "exit-codes"} <= set(words(["help"]))
    assert words(["help", "info"]) == ["disco", "version", "time", "last"]
    assert words(["help", "ping"]) == words(["help", "exit-codes"]) == words(["help", "info", "disco"]) == []


def test_options_are_offered_after_a_dash():
    assert "--wait" in words(["message", "send"], "-")
    assert "--version" in words([], "--")
    assert "--version" not in words(["roster", "list"], "--")


def test_files_come_before_the_contact_and_what_is_shared_after_what_is_done():
    assert possibilities(["file", "send"], "") == FILES
    assert possibilities(["file", "send", "--tar"], "a") == FILES
    assert words(["file", "share"]) == ["list", "add", "remove"]
    assert possibilities(["file", "share", "add"], "") == FILES
    assert words(["file", "share", "list"]) == []


def test_nothing_after_a_mistake():
    assert words(["rooster"]) == []
    assert words(["roster", "requests"]) == []


def test_methods():
    assert "messages.get_history" in words(["api"])
    assert possibilities(["api"], "") != FILES


@pytest.mark.parametrize("word", ["$(reboot)", "a b", "`x`", "-rf", "a;b", "a\nb", "~", "a*", "'", "\x1b"])
def test_what_a_shell_would_act_on_is_not_offered(word):
    assert not _harmless(word)


@pytest.mark.parametrize("word", ["bob@localhost", "日本", "Élodie", "a.b-c_d+e%f/g"])
def test_names_and_addresses_are_offered(word):
    assert _harmless(word)
