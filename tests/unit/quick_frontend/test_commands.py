from __future__ import annotations

import pytest
from support.fake_blog import Blog, Blogs, Timeline
from support.fake_encryption import Encryption
from support.fake_rooms import Bookmarks
from support.fake_services import Invitations
from support.fakes import JULIET, NURSE, ROMEO, TYBALT, Apis, Loop

from sat.api import JID
from sat.api.errors import InvalidAddress, InvalidArgument, NoInvitation, StorageFull
from sat.plugins.blocking.api import Report
from sat.plugins.presence.api import Request, Show
from sat.plugins.roster.api import Contact, Subscription
from sat_frontends.quick_frontend import addressees, commands
from sat_frontends.quick_frontend.commands import COMMANDS, Completion, complete, enter, help_text, parse
from sat_frontends.quick_frontend.live import LiveProfile

BOTH = Subscription.BOTH
NORA = JID("nora@capulet.lit")


class Shell:
    """A frontend that notes what it is told."""

    def __init__(self, rooms=None):
        self.loop = Loop()
        self.apis = Apis(
            Contact(JULIET, "Juliet Capulet", BOTH, []),
            Contact(NURSE, "Nurse", BOTH, []),
            Contact(NORA, "Nora", BOTH, []),
            Contact(TYBALT, "Nora", BOTH, []),
        )
        self.apis.rooms = rooms or self.apis.rooms
        self.apis.bookmarks = Bookmarks()
        self.apis.encryption = Encryption(ROMEO)
        self.apis.invitations = Invitations()
        self.blogs = Blogs(ROMEO)
        self.apis.timeline, self.apis.blog = Timeline(self.blogs), Blog(self.blogs)
        self.live = LiveProfile("romeo", self.apis, spawn=self.loop.spawn)
        self.loop.now(self.live.start())
        self.peer = None
        self.done: list[tuple] = []

    def show(self, text):
        self.done.append(("show", text))

    def open_chat(self, peer):
        self.done.append(("open", peer))

    def close_chat(self, peer):
        self.done.append(("close", peer))

    def open_search(self, text, peer):
        self.done.append(("search", text, peer))

    def open_export(self, peer, as_json):
        self.done.append(("export", peer, as_json))

    def open_room_settings(self, room):
        self.done.append(("room settings", room))

    def open_timeline(self):
        self.done.append(("timeline",))

    def open_blog(self, place):
        self.done.append(("blog", place))

    def open_blog_drafts(self):
        self.done.append(("blog drafts",))

    def open_blog_discovery(self, service):
        self.done.append(("blog discovery", service))

    def open_about(self, jid):
        self.done.append(("about", jid))

    def open_card(self):
        self.done.append(("card",))

    def open_found_rooms(self, words):
        self.done.append(("found rooms", words))

    def open_services(self, jid):
        self.done.append(("services", jid))

    def open_settings(self):
        self.done.append(("settings",))

    def open_transfers(self):
        self.done.append(("transfers",))

    def open_shares(self):
        self.done.append(("shares",))

    def open_files(self, peer):
        self.done.append(("files", peer))

    def quit(self):
        self.done.append(("quit",))

    def types(self, line):
        """What happens, and what is said of it last."""
        self.done.clear()
        self.loop.now(enter(self, line))
        return self.done[0] if self.done else None

    @property
    def said(self):
        return [done[1] for done in self.done if done[0] == "show"]


@pytest.fixture
def shell():
    return Shell()


def test_who_is_shown_is_reported(shell):
    with pytest.raises(InvalidArgument, match="No conversation is open"):
        shell.types("/report spam")
    shell.peer = TYBALT
    shell.types("/report Spam sells swords")
    assert shell.said == [f"{TYBALT} is blocked, and reported to the administrator of your server."]
    assert shell.apis.blocking.calls[-1] == ("block", TYBALT, Report.SPAM, "sells swords")
    with pytest.raises(InvalidArgument, match="“boredom” is none of spam, abuse"):
        shell.types("/report boredom")
    assert [each.text for each in complete(shell.live, "/report a")] == ["/report abuse "]


def test_a_text_is_sent_in_several_languages(shell):
    shell.peer = JULIET
    shell.types("/in en Hello there | fr Salut")
    shell.types("/in fr Oui")
    first, second = sorted(shell.apis.messages.stored.values(), key=lambda each: each.order)
    assert (first.body, first.extra.lang, first.extra.bodies) == (
        "Hello there",
        "en",
        {"en": "Hello there", "fr": "Salut"},
    )
    assert (second.body, second.extra.lang, second.extra.bodies) == ("Oui", "fr", {})
    with pytest.raises(InvalidArgument, match="Say the language"):
        shell.types("/in en Hello | fr")


def test_a_conversation_is_exported(shell):
    shell.peer = JULIET
    assert shell.types("/export") == ("export", JULIET, False)
    assert shell.types("/export json") == ("export", JULIET, True)
    with pytest.raises(InvalidArgument, match="/export json"):
        shell.types("/export pdf")


# -- reading a line ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "text"), [("salut", "salut"), ("//etc/motd", "/etc/motd"), ("/me waves", "/me waves"), (" /x", " /x")]
)
def test_texts(line, text):
    assert parse(line) == (None, text)


@pytest.mark.parametrize("line", ["/away  lunch ", "/AWAY lunch", "/away\nlunch"])
def test_commands(line):
    assert parse(line) == (COMMANDS["away"], "lunch")


def test_did_you_mean():
    with pytest.raises(InvalidArgument) as caught:
        parse("/conect x")
    assert str(caught.value) == "There is no command /conect. Did you mean /connect?"
    with pytest.raises(InvalidArgument, match="/help"):
        parse("/")


def test_names_are_taken_once():
    async def run(shell, text): ...

    for name in ("away", "q"):
        with pytest.raises(TypeError):
            commands.command(name, "", "")(run)


def test_every_command_says_what_it_does():
    for command in COMMANDS.values():
        assert command.help.endswith("."), command.name
        assert command.synopsis in help_text(command.name)
        assert command.help in help_text()
    assert max(map(len, help_text().splitlines())) <= 110


def test_help_of_an_unknown_command():
    with pytest.raises(InvalidArgument, match="/query"):
        help_text("/qery")


# -- completing --------------------------------------------------------------------------------------------------


def test_names_are_completed(shell):
    assert complete(shell.live, "/conn") == [Completion("/connect", COMMANDS["connect"].help)]
    assert complete(shell.live, "/ms") == [Completion("/msg ", COMMANDS["msg"].help)]
    assert len(complete(None, "/")) == len(COMMANDS)
    assert complete(shell.live, "con") == []
    assert complete(shell.live, "//con") == []


def test_contacts_are_completed_by_label_and_address(shell):
    assert complete(shell.live, "/msg jul") == [Completion("/msg Juliet Capulet ", JULIET)]
    assert complete(shell.live, "/msg nurse@") == [Completion(f"/msg {NURSE} ", "Nurse")]


def test_a_label_that_two_have_is_completed_to_the_address(shell):
    assert [each.text for each in complete(shell.live, "/msg nor")] == [f"/msg {NORA} ", f"/msg {TYBALT} "]


def test_a_hostile_label_is_not_typed_for_the_person(shell):
    shell.live.contacts.update([Contact(NURSE, "Nu\u202erse", BOTH, [])])
    assert complete(shell.live, "/msg nu") == [Completion(f"/msg {NURSE} ", "Nu�rse")]


def test_other_arguments_are_completed(shell):
    assert [each.text for each in complete(shell.live, "/presence d")] == ["/presence dnd "]
    shell.live.requests = [Request(TYBALT, "let me in")]
    assert complete(shell.live, "/accept ") == [Completion(f"/accept {TYBALT}", "let me in")]
    assert "/help away" in [each.text for each in complete(shell.live, "/help a")]
    assert complete(shell.live, "/quit ") == []


# -- whom --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "jid"),
    [
        ("juliet capulet", JULIET),
        ("Jul", JULIET),
        ("Paris@Verona.lit", "paris@verona.lit"),
        (f"{NURSE}/x", NURSE),
        ("nurse", NURSE),
    ],
)
def test_whom_a_person_means(shell, text, jid):
    assert addressees.resolve(shell.live.contacts, text) == jid


def test_several_or_nobody(shell):
    with pytest.raises(InvalidArgument) as caught:
        addressees.resolve(shell.live.contacts, "nora")
    assert str(caught.value) == f"“nora” may be Nora ({NORA}) or Nora ({TYBALT})."
    with pytest.raises(InvalidArgument, match="Did you mean Nurse"):
        addressees.resolve(shell.live.contacts, "nuse")
    with pytest.raises(InvalidAddress):
        addressees.resolve(shell.live.contacts, "a@b@c d")


def test_a_label_may_hold_spaces(shell):
    assert addressees.split(shell.live.contacts, "juliet capulet  good night") == (JULIET, "good night")
    assert addressees.split(shell.live.contacts, f"{NURSE} go  now") == (NURSE, "go  now")
    with pytest.raises(InvalidArgument):
        addressees.split(shell.live.contacts, " ")


# -- what they do ------------------------------------------------------------------------------------------------


def test_a_text_is_sent_to_who_is_shown(shell):
    shell.peer = JULIET
    shell.types("//shrug")
    assert shell.apis.messages.calls[-1][:3] == ("send", JULIET, "/shrug")
    shell.types("  ")
    assert shell.apis.messages.count("send") == 1


def test_a_text_for_nobody(shell):
    with pytest.raises(InvalidArgument):
        shell.types("salut")


def test_a_text_that_cannot_be_sent(shell):
    shell.peer = JULIET
    shell.live.chat(JULIET)
    shell.apis.messages.fails["send"] = StorageFull()
    with pytest.raises(StorageFull):
        shell.types("salut")
    assert shell.live.chats[JULIET].draft == "salut"


def test_talking(shell):
    assert shell.types("/query jul") == ("open", JULIET)
    shell.types("/q juliet capulet good night")
    assert shell.apis.messages.calls[-1] == ("send", JULIET, "good night")
    shell.types("/msg nurse go")
    assert shell.apis.messages.calls[-1] == ("send", NURSE, "go")
    with pytest.raises(InvalidArgument):
        shell.types("/msg nurse")


def test_a_draft_is_not_lost_by_a_message_from_elsewhere(shell):
    shell.live.chat(NURSE).write("half a thought")
    shell.types("/msg nurse go")
    assert shell.live.chats[NURSE].draft == "half a thought"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/msg nurse go", "Your message to Nurse is on its way."),
        (
            "/add paris@verona.lit",
            "paris@verona.lit is in your contact list, and was asked to show you their presence.",
        ),
        ("/rename nurse Angelica", f"{NURSE} is called Angelica now."),
        ("/remove nurse", "Nurse was removed from your contacts."),
        ("/close nurse", "The conversation with Nurse is closed; nothing was deleted."),
        ("/presence dnd", "Your state is now dnd: do not disturb."),
        ("/away", "Your state is now away: away for a moment."),
        ("/connect", "You are online."),
        ("/disconnect", "You are offline, until you /connect."),
        (f"/accept {TYBALT}", f"{TYBALT} sees when you are there as soon as they ask."),
        (f"/withdraw {TYBALT}", f"{TYBALT} is no longer asked to show you when they are there."),
        (f"/refuse {TYBALT}", f"{TYBALT} does not see when you are there."),
    ],
)
def test_what_was_done_is_said(shell, line, said):
    shell.types(line)
    assert shell.said == [said]


def test_what_is_seen_is_not_said(shell):
    shell.peer = NURSE
    shell.types("/msg nurse go")
    assert shell.said == []


@pytest.mark.parametrize(("line", "command"), [("/add", "add"), ("/msg", "msg"), ("/presence", "presence")])
def test_what_is_missing_is_told_by_how_it_is_typed(shell, line, command):
    with pytest.raises(InvalidArgument) as caught:
        shell.types(line)
    assert str(caught.value) == f"Something is missing: {COMMANDS[command].synopsis}"


@pytest.mark.parametrize("line", ["/connect now", "/disconnect 5", "/settings keys", "/quit please"])
def test_what_is_too_much_is_not_ignored(shell, line):
    with pytest.raises(InvalidArgument, match="takes nothing more: what does"):
        shell.types(line)
    assert shell.done == []


def test_searching(shell):
    shell.peer = JULIET
    assert shell.types("/search rose thorn") == ("search", "rose thorn", JULIET)
    assert shell.types("/search -a rose") == ("search", "rose", None)
    for line in ("/search", "/search -a"):
        with pytest.raises(InvalidArgument):
            shell.types(line)


def test_closing(shell):
    with pytest.raises(InvalidArgument):
        shell.types("/close")
    shell.peer = JULIET
    assert shell.types("/close") == ("close", JULIET)
    assert shell.types("/close nurse") == ("close", NURSE)


@pytest.mark.parametrize(
    ("line", "show", "status"),
    [
        ("/away at lunch", Show.AWAY, "at lunch"),
        ("/online", Show.ONLINE, ""),
        ("/back", Show.ONLINE, ""),
        ("/presence DND writing", Show.DND, "writing"),
        ("/presence invisible", Show.OFFLINE, ""),
    ],
)
def test_being_there(shell, line, show, status):
    shell.types(line)
    assert shell.apis.presence.calls[-1] == ("set_presence", show, status)


def test_an_unknown_state(shell):
    with pytest.raises(InvalidArgument, match="invisible"):
        shell.types("/presence lunch")


def test_connecting(shell):
    shell.types("/disconnect")
    assert not shell.live.online
    shell.types("/connect")
    assert shell.live.online


def test_the_contact_list(shell):
    shell.types("/add paris@verona.lit County Paris")
    assert shell.apis.roster.calls[-1] == ("add_contact", "paris@verona.lit", "County Paris")
    shell.types("/rename county paris The County")
    assert shell.live.contacts.label(JID("paris@verona.lit")) == "The County"
    shell.types("/remove the county")
    assert shell.apis.roster.calls[-1] == ("remove_contact", "paris@verona.lit")


@pytest.mark.parametrize("line", ["/add nurse", "/add", "/remove", "/remove nurse nora", "/rename nurse"])
def test_nothing_is_changed_by_guessing(shell, line):
    shell.peer = JULIET
    before = list(shell.apis.roster.calls)
    with pytest.raises((InvalidArgument, InvalidAddress)):
        shell.types(line)
    assert shell.apis.roster.calls == before


def test_who_asked(shell):
    with pytest.raises(InvalidArgument):
        shell.types("/accept")
    shell.live.requests = [Request(JID("paris@verona.lit"))]
    shell.types("/accept")
    assert shell.apis.presence.calls[-1] == ("approve", "paris@verona.lit")
    shell.live.requests = [Request(JID("a@verona.lit")), Request(JID("b@verona.lit"))]
    with pytest.raises(InvalidArgument, match="b@verona"):
        shell.types("/refuse")
    shell.types("/refuse b@verona.lit")
    assert shell.apis.presence.calls[-1] == ("refuse", "b@verona.lit")


def test_the_program(shell):
    assert shell.types("/settings") == ("settings",)
    assert shell.types("/help away") == ("show", help_text("away"))
    assert shell.types("/quit") == ("quit",)


def test_blocking(shell):
    shell.types("/block paris@verona.lit")
    assert shell.apis.blocking.blocked == ["paris@verona.lit"]
    assert shell.live.contacts.is_blocked(JID("paris@verona.lit/x"))
    shell.peer = JULIET
    shell.types("/block")
    assert shell.live.contacts.blocked == [JULIET, "paris@verona.lit"]
    shell.types("/unblock")
    shell.apis.blocking.sets(JID("verona.lit"))
    assert [each.text for each in complete(shell.live, "/unblock v")] == ["/unblock verona.lit"]
    shell.types("/unblock verona.lit")
    assert shell.live.contacts.blocked == []


def test_link_of_an_invitation_is_made_and_followed(shell):
    shell.types("/invitation")
    (said,) = [what for kind, what in shell.done if kind == "show"]
    assert said.split("\n") == [
        "xmpp:alice@localhost?roster;preauth=abc",
        "Give this to one person: who follows it becomes your contact. It is good for 7 days.",
    ]
    shell.types("/add xmpp:paris@verona.lit?roster;preauth=t%201;name=Count+Paris")
    assert shell.apis.invitations.calls[-1] == ("follow", JID("paris@verona.lit"), "t 1", "Count Paris", [])
    with pytest.raises(NoInvitation):
        shell.types("/add xmpp:paris@verona.lit?dance")
