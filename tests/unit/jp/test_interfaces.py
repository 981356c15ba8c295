import pytest

from sat.api import JID, SatError
from sat.api.contract import describe
from sat.api.manager import ManagerApi
from sat.api.profile import Account, ProfileApi
from sat.plugins.messages.api import MessageKind, MessagesApi
from sat.plugins.presence.api import PresenceApi, Show
from sat.plugins.registration.api import RegistrationApi
from sat.plugins.roster.api import RosterApi
from sat_frontends.jp.failure import Failure
from sat_frontends.jp.interfaces import arguments, find, interfaces, introspected, schema, signature


def given(api, name, *words):
    return arguments(describe(api).methods[name], list(words))


def test_every_interface_is_known():
    assert {"manager", "profile", "settings", "messages", "roster", "chat_states"} <= set(interfaces())


@pytest.mark.parametrize(
    "text", ["messages.get_history", "Messages.GetHistory", "org.salutatoi.SAT1.Messages.GetHistory"]
)
def test_finds_a_method_however_it_is_called(text):
    assert find(text) == (MessagesApi, "get_history")


@pytest.mark.parametrize(
    ("text", "hint"), [("mesages.send", "messages"), ("messages.sned", "send"), ("send", "jp api")]
)
def test_says_what_was_perhaps_meant(text, hint):
    with pytest.raises(Failure) as caught:
        find(text)
    assert caught.value.code == 16
    assert hint in caught.value.hint


def test_arguments_in_order_and_by_name():
    assert given(MessagesApi, "get_history", "Bob@localhost", "limit=5") == {"peer": "bob@localhost", "limit": 5}
    assert given(MessagesApi, "send", "bob@localhost", "kind=chat", "a=b") == {
        "peer": "bob@localhost",
        "kind": MessageKind.CHAT,
        "body": "a=b",
    }
    assert given(PresenceApi, "set_presence", "away") == {"show": Show.AWAY}


def test_lists_records_and_dicts_are_json():
    assert given(RosterApi, "add_contact", "bob@localhost", "Bob", '["Friends"]')["groups"] == ["Friends"]
    account = given(ProfileApi, "set_account", '{"jid": "alice@localhost", "port": 5222}')["account"]
    assert account == Account(JID("alice@localhost"), port=5222)


@pytest.mark.parametrize(
    ("api", "name", "words", "told"),
    [
        (MessagesApi, "get_history", [], "needs peer too"),
        (MessagesApi, "get_history", ["bob@localhost", "x"], "before is no whole number"),
        (MessagesApi, "get_history", ["bob@localhost", "1", "2", "3"], "at most 3"),
        (MessagesApi, "get_history", ["bob@localhost", "peer=a@b"], "given twice"),
        (PresenceApi, "set_presence", ["asleep"], "show is no Show"),
        (RosterApi, "add_contact", ["bob@localhost", "", '["a", 1]'], "groups is no list of text"),
        (ProfileApi, "set_account", ['{"jid": "a@b", "nonsense": 1}'], "account is no Account"),
        (RegistrationApi, "register", ["localhost", "{}", "hunter2"], "password is secret"),
    ],
)
def test_says_what_is_wrong_with_arguments(api, name, words, told):
    with pytest.raises(SatError) as caught:
        given(api, name, *words)
    assert told in str(caught.value)
    assert caught.value.exit_code == 17
    assert "hunter2" not in str(caught.value)


def test_explains_an_interface():
    text = introspected(MessagesApi)
    assert "get_history(peer: JID, before: whole number = 0, limit: whole number = 50) → list of Message" in text
    assert "  signal added: list of Message\n      What was just stored" in text
    assert "  property unread: whole number\n      How many" in text
    assert schema(MessagesApi)["methods"]["get_history"]["returns"] == "list of Message"


def test_explains_the_values_of_an_interface():
    text = introspected(PresenceApi)
    assert "\n  Presence\n      The presence of one resource" in text
    assert '\n      - show: Show\n      - status: text = ""\n' in text
    assert "\n      - chat, online, away, xa, dnd, offline" in text
    values = schema(PresenceApi)["values"]
    assert values["Presence"]["fields"]["show"] == "Show"
    assert values["Presence"]["defaults"] == {"status": "", "priority": 0, "idle_since": 0}
    assert values["Show"]["choices"] == ["chat", "online", "away", "xa", "dnd", "offline"]
    assert schema(PresenceApi)["signals"]["changed"]["type"] == "list of Presence"


def test_a_secret_is_not_shown_as_a_default():
    assert "lock: Secret = …" not in signature(describe(ManagerApi).methods["create_profile"])
    assert "lock" not in schema(ManagerApi)["methods"]["create_profile"]["defaults"]
