"""The conversation: what is drawn, what follows what, and where the person is in it."""

from __future__ import annotations

from world import BOB, CAROL, ME, NOON, Console, Messages

from sat.api import JID
from sat.api.errors import StorageFull
from sat.api.messages import Extra, LinkMetadata, Mention, MessageKind, MessageState
from sat.plugins.chat_states.api import ChatState
from sat_frontends.primitivus.message_row import Style, markup
from sat_frontends.primitivus.symbols import UNICODE


def open_bob(console: Console) -> Console:
    return console.press("meta g").type("bob").press("enter")


def test_shows_the_messages_with_time_name_and_day(open_console, messages: Messages):
    messages.put(BOB, "first", time=NOON)
    messages.put(BOB, "mine", True, time=NOON + 60)
    console = open_bob(open_console())
    assert "22 November" in console.text
    assert any(line.endswith("12:00 Bob   first") for line in console.lines)
    assert any("12:01 alice mine" in line and line.endswith("✓✓") for line in console.lines)


def test_messages_of_one_sender_stand_under_one_name(open_console, messages: Messages):
    messages.put(BOB, "one", time=NOON)
    messages.put(BOB, "two", time=NOON + 30)
    messages.put(BOB, "later", time=NOON + 3600)
    console = open_bob(open_console())
    row = console.find("Bob   one")[1]
    assert console.lines[row][25:] == "12:00 Bob   one"
    assert console.lines[row + 1][25:] == "            two"
    assert "13:00 Bob   later" in console.text


def test_what_stands_below_a_file_on_its_way_has_its_name(open_console, daemon, messages: Messages):
    """It may be of somebody else than the file."""
    messages.put(BOB, "one", outgoing=True, time=NOON)
    messages.put(BOB, "two", outgoing=True, time=NOON + 50)
    transfers = daemon.profile("alice").transfers
    offered = transfers.offered(JID(f"{BOB}/laptop"), "talk.pdf", 2048, begun=NOON + 20)
    console = open_bob(open_console())
    assert "12:00 alice two" in console.text
    transfers.end(offered.id)
    del transfers.known[offered.id]
    transfers.forgotten.emit([offered.id])
    console.settle()
    assert "12:00 alice two" not in console.text


def test_each_day_has_its_line(open_console, messages: Messages):
    messages.put(BOB, "old", time=NOON - 86400)
    messages.put(BOB, "new", time=NOON)
    console = open_bob(open_console())
    assert console.text.count("November") == 2


def test_a_sent_message_appears_and_its_receipt_follows(with_bob: Console, messages: Messages):
    with_bob.type("hello bob").press("enter")
    assert messages.stored[BOB][-1].body == "hello bob"
    assert with_bob.lines[with_bob.find("hello bob")[1]].endswith("·")
    messages.change(messages.stored[BOB][-1], MessageState.SENT)
    with_bob.settle()
    assert with_bob.lines[with_bob.find("hello bob")[1]].endswith(" ✓")
    messages.change(messages.stored[BOB][-1], MessageState.DELIVERED)
    with_bob.settle()
    assert with_bob.lines[with_bob.find("hello bob")[1]].endswith("✓✓")


def test_a_failed_message_says_why_and_is_sent_again(with_bob: Console, messages: Messages):
    with_bob.type("hello").press("enter")
    messages.change(messages.stored[BOB][-1], MessageState.FAILED, "The server does not know bob.")
    with_bob.settle()
    assert "✗ The server does not know bob." in with_bob.text
    with_bob.press("esc", "R")
    assert messages.stored[BOB][-1].state is MessageState.PENDING


def test_what_could_not_be_stored_is_back_in_the_input(with_bob: Console, messages: Messages):
    messages.refuse = StorageFull()
    with_bob.type("precious").press("enter")
    assert "The disk is full" in with_bob.text
    assert with_bob.lines[-1] == "› precious"


def test_follows_new_messages_at_the_end(open_console, messages: Messages):
    for number in range(60):
        messages.put(BOB, f"number {number}", time=NOON + number * 400)
    console = open_bob(open_console())
    messages.arrive(BOB, "the newest", NOON + 60 * 400)
    console.settle()
    assert "the newest" in console.lines[console.find("1 Bob")[1] - 1]


def test_shows_the_end_of_a_message_that_is_higher_than_the_screen(open_console, messages: Messages):
    console = open_bob(open_console())
    for end in ("the end", "another end"):
        messages.arrive(BOB, "\n".join(["many lines"] * 60 + [end]))
        console.settle()
        assert end in console.lines[console.find("1 Bob")[1] - 1]


def test_stays_where_the_person_reads_and_says_what_came_below(open_console, messages: Messages):
    for number in range(60):
        messages.put(BOB, f"number {number}.", time=NOON + number * 400)
    console = open_bob(open_console())
    console.press("page up", "page up")
    seen = [line[25:] for line in console.lines if "number" in line]
    messages.arrive(BOB, "the newest", NOON + 60 * 400)
    console.settle()
    assert "the newest" not in console.text
    assert [line[25:] for line in console.lines if "number" in line][: len(seen) - 1] == seen[:-1]
    assert "↓ 1 new message below" in console.text
    console.press("esc", "G")
    assert "the newest" in console.text
    assert "below" not in console.text


def test_loads_older_messages_at_the_top(open_console, messages: Messages):
    for number in range(200):
        messages.put(BOB, f"number {number}.", time=NOON + number * 400)
    console = open_bob(open_console())
    for _page in range(20):
        console.press("page up")
    assert "number 0." in console.text


def test_what_is_unread_has_a_line_above_it(open_console, messages: Messages):
    messages.put(BOB, "read before")
    console = open_console()
    messages.arrive(BOB, "one")
    messages.arrive(BOB, "two")  # while the history is still being loaded
    console.settle()
    open_bob(console)
    row = console.find("2 new messages")[1]
    assert "┄ 2 new messages ┄" in console.lines[row]
    assert "one" in console.lines[row + 1]
    assert messages.counts[BOB] == 0, "what is looked at is read"


def test_a_conversation_in_the_background_is_not_read(with_bob: Console, messages: Messages):
    with_bob.press("meta g").type("carol").press("enter")
    messages.arrive(BOB, "are you there?")
    with_bob.settle()
    assert messages.counts[BOB] == 1
    assert "1 Bob 1" in with_bob.text


def test_says_who_is_typing(with_bob: Console, daemon):
    states = daemon.clients["alice"].chat_states
    states.hear(BOB, ChatState.COMPOSING)
    with_bob.settle()
    assert "Bob is typing…" in with_bob.text
    states.hear(BOB, ChatState.PAUSED)
    with_bob.settle()
    assert "typing" not in with_bob.text


def test_tells_that_we_type(with_bob: Console, daemon):
    with_bob.type("h")
    assert (BOB, True) in daemon.clients["alice"].chat_states.told


def test_controls_of_others_never_reach_the_terminal(open_console, messages: Messages):
    messages.put(BOB, "evil \x1b[31m\x0e\u202egnp.exe\x07 end")
    console = open_bob(open_console())
    shown = "".join(console.screen.last_text)
    assert "evil" in shown
    assert "end" in shown
    for control in "\x1b\x0e\u202e\x07":
        assert control not in shown


def test_a_huge_message_is_shortened_and_can_be_read_whole(open_console, messages: Messages):
    messages.put(BOB, "word " * 5000 + "the very end")
    console = open_bob(open_console())
    assert "shows all of it" in console.text
    console.press("esc", "i")
    for _page in range(40):
        if "the very end" in console.text:
            break
        for _line in range(12):
            console.app.loop.urwid.process_input(["page down"])
        console.draw()
    assert "the very end" in console.text


def test_quotes_and_actions_are_drawn(open_console, messages: Messages):
    messages.put(BOB, "/me waves")
    console = open_bob(open_console())
    assert "* Bob waves" in console.text


def test_a_narrow_conversation_has_the_name_on_its_own_line(open_console, messages: Messages):
    messages.put(BOB, "hello there")
    console = open_bob(open_console(size=(40, 10)))
    row = console.find("12:00 Bob")[1]
    assert console.lines[row + 1].strip() == "hello there"


def test_drafts_stay_with_their_conversation(with_bob: Console):
    with_bob.type("half a thou").press("meta g").type("carol").press("enter")
    assert with_bob.lines[-1] == "›"
    with_bob.press("meta 1")
    assert with_bob.lines[-1] == "› half a thou"


def test_resizing_keeps_the_newest_message_in_view(open_console, messages: Messages):
    for number in range(60):
        messages.put(BOB, f"number {number}.", time=NOON + number * 400)
    console = open_bob(open_console())
    for size in ((40, 10), (120, 30), (60, 12), (80, 24)):
        console.resize(*size)
        assert "number 59." in console.text


def test_messages_for_others_do_not_move_this_conversation(with_bob: Console, messages: Messages):
    before = with_bob.lines[1:20]
    messages.arrive(CAROL, "hi")
    with_bob.settle()
    assert [line[25:] for line in with_bob.lines[1:20]] == [line[25:] for line in before]


def scrolled_up(open_console, messages: Messages) -> Console:
    for number in range(60):
        messages.put(BOB, f"number {number}.", time=NOON + number * 400)
    return open_bob(open_console()).press("page up", "page up")


def test_what_one_writes_is_followed_to_the_end(open_console, messages: Messages):
    console = scrolled_up(open_console, messages)
    messages.arrive(BOB, "the newest", NOON + 60 * 400)
    console.type("my answer").press("enter")
    assert "my answer" in console.lines[console.find("1 Bob")[1] - 1]
    assert "below" not in console.text


def test_so_is_what_a_command_sends(open_console, messages: Messages):
    console = scrolled_up(open_console, messages)
    console.type("/msg bob my answer").press("enter")
    assert "my answer" in console.text


def test_what_one_writes_elsewhere_is_not_new(open_console, messages: Messages):
    console = scrolled_up(open_console, messages)
    messages.added.emit([messages.put(BOB, "from my phone", True, NOON + 60 * 400)])
    console.settle()
    assert "below" not in console.text
    messages.arrive(BOB, "hm", NOON + 61 * 400)
    console.settle()
    assert "↓ 1 new message below" in console.text


def test_end_goes_to_the_newest_where_the_cursor_can_go_no_further(open_console, messages: Messages):
    console = scrolled_up(open_console, messages)
    messages.arrive(BOB, "the newest", NOON + 60 * 400)
    console.settle()
    assert "below (End)" in console.text
    console.press("end")
    assert "the newest" in console.text
    assert messages.counts[BOB] == 0, "it is seen now"
    console.press("page up", "page up").type("text").press("home", "end")
    assert "the newest" not in console.text, "the cursor went to the end of the line"
    console.press("end")
    assert "the newest" in console.text
    assert console.lines[-1] == "› text"


def test_the_line_above_what_is_new_stays_under_a_dialog(open_console, messages: Messages):
    messages.put(BOB, "read before")
    console = open_console()
    messages.arrive(BOB, "one")
    open_bob(console)
    assert "1 new message" in console.text
    console.press("f1", "esc", "page up")
    assert "1 new message" in console.text
    console.press("meta g").type("carol").press("enter", "meta z")
    assert "1 new message" not in console.text, "it was left"


def test_styles_of_a_text_are_shown(messages: Messages):
    message = messages.put(BOB, "a *strong* word\n> quoted\n```\nx = *1*\n```")
    assert markup(message, Style(UNICODE, "alice", "Bob", found="word")) == [
        ("body", "a "),
        ("strong", "*"),
        ("strong", "strong"),
        ("strong", "*"),
        ("body", " "),
        ("found", "word"),
        ("quote", "\n> quoted"),
        ("quote", "\n"),
        ("code", "```"),
        ("quote", "\n"),
        ("code", "x = *1*"),
        ("quote", "\n"),
        ("code", "```"),
    ]


def test_what_is_not_to_be_styled_is_as_it_was_typed(messages: Messages):
    message = messages.put(BOB, "2 *3* 4\n> 5", extra=Extra(unstyled=True))
    assert markup(message, Style(UNICODE, "alice", "Bob")) == [("body", "2 *3* 4"), ("quote", "\n"), ("body", "> 5")]


def test_who_asks_for_attention_is_heard_even_where_one_looks(with_bob: Console, messages: Messages):
    messages.arrive(BOB, "hello")
    with_bob.settle()
    assert with_bob.screen.written == []
    messages.arrive(BOB, "", extra=Extra(attention=True))
    with_bob.settle()
    assert "Bob wants your attention." in with_bob.text
    assert with_bob.screen.written == ["\a"]
    with_bob.type("/buzz").press("enter")
    assert "You asked for the attention of Bob." in with_bob.text


def test_a_spoiler_is_hidden_until_a_key_and_again(open_console, messages: Messages):
    messages.put(BOB, "They both die.", extra=Extra(spoiler=True, hint="the \x1b[1mend"))
    console = open_console().press("meta g").type("bob").press("enter")
    assert "Spoiler: the ␛[1mend (Esc, h shows it)" in console.text
    assert "They both die." not in console.text
    console.press("esc", "h")
    assert "They both die." in console.text
    console.press("h")
    assert "They both die." not in console.text


def test_what_is_told_of_a_link_stands_below(messages: Messages):
    extra = Extra(links=[LinkMetadata("https://a.example/", "A \x1b page", "great " * 100)])
    parts = markup(messages.put(BOB, "https://a.example/", extra=extra), Style(UNICODE, "alice", "Bob"))
    assert parts[-1][1].startswith("\n│ A ␛ page: great great")
    assert parts[-1][1].endswith("…")


def test_a_spoiler_is_sent(with_bob: Console, messages: Messages):
    with_bob.type("/spoiler the end | They | both die.").press("enter")
    sent = messages.stored[BOB][-1]
    assert (sent.body, sent.extra) == ("They | both die.", Extra(spoiler=True, hint="the end"))
    with_bob.type("/spoiler They die.").press("enter")
    assert messages.stored[BOB][-1].extra == Extra(spoiler=True)
    with_bob.type("/spoiler").press("enter")
    assert "The text is missing" in with_bob.text


def test_who_is_named_is_set_off(messages: Messages):
    extra = Extra(mentions=[Mention(4, 9, ME, own=True), Mention(10, 13, BOB)])
    message = messages.put(BOB, "/me alice bob", extra=extra)
    style = Style(UNICODE, "alice", "Bob")
    parts = [("body", "* Bob "), ("mention own", "alice"), ("body", " "), ("mention", "bob")]
    assert markup(message, style) == parts
    assert markup(message._replace(body="\x1b alice bob"), style) == [("body", "␛ alice bob")]


def test_a_text_can_be_sent_as_it_is(with_bob: Console, messages: Messages):
    with_bob.type("/plain 2 *3* 4").press("enter")
    assert messages.stored[BOB][-1].body == "2 *3* 4"
    assert messages.stored[BOB][-1].extra.unstyled


def test_in_a_room_who_writes_is_named_as_there(messages: Messages):
    message = messages.put(BOB, "hi")._replace(
        kind=MessageKind.GROUPCHAT, sender=JID("balcony@rooms.example.org/nurse\x1b[31m")
    )
    style = Style(UNICODE, "alice", "balcony")
    assert style.name(message)[1] == "nurse␛[31m"
    assert style.name(message._replace(outgoing=True))[0] == "nick own"
    assert style.name(message._replace(outgoing=True, sender=BOB)) == ("nick own", "alice")
