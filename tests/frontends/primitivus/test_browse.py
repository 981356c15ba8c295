"""Browse mode and search."""

from __future__ import annotations

from world import BOB, CAROL, NOON, Console, Messages

from sat.api import JID
from sat.api.errors import InvalidArgument
from sat.api.messages import Extra, MessageKind, MessageState, Reaction


def open_bob(console: Console) -> Console:
    return console.press("meta g").type("bob").press("enter")


def test_a_message_is_quoted(open_console, messages: Messages):
    messages.put(BOB, "one\ntwo")
    console = open_bob(open_console()).press("esc", "q")
    assert console.app.input.text == "> one\n> two\n"


def test_an_answer_quotes_what_it_answers(open_console, messages: Messages):
    asked = messages.put(BOB, "cake?")
    messages.put(BOB, "or tea?")
    console = open_bob(open_console()).press("esc", "k", "r")
    assert " Answering: cake?" in console.lines[-2]
    console.type("cake").press("enter")
    assert messages.stored[BOB][-1].reply == asked.id
    assert "Answering" not in console.text
    row = console.find("│ cake?")[1]
    assert console.lines[row + 1][25:].split()[0] == "cake"


def test_esc_makes_it_a_new_message_again(open_console, messages: Messages):
    messages.put(BOB, "cake?")
    console = open_bob(open_console()).press("esc", "r").type("yes").press("esc")
    assert "Answering" not in console.text
    assert console.lines[-1] == "› yes"
    console.press("enter")
    assert messages.stored[BOB][-1].reply == ""


def test_the_last_message_is_corrected(open_console, messages: Messages):
    messages.put(BOB, "helo", True)
    messages.put(BOB, "what?")
    console = open_bob(open_console()).type("half").press("ctrl up")
    assert "Correcting: helo" in console.text
    assert console.lines[-1] == "› helo"
    console.press("ctrl u").type("hello").press("enter")
    assert "hello (corrected)" in console.text
    assert console.lines[-1] == "› half"
    assert len(messages.stored[BOB]) == 2


def test_only_ones_own_is_corrected_or_taken_back(open_console, messages: Messages):
    messages.put(BOB, "theirs")
    console = open_bob(open_console()).press("esc", "e")
    assert "Only a message of yours can be corrected." in console.text
    console.press("x")
    assert "Only a message of yours can be taken back" in console.text


def test_taking_back_asks_and_leaves_nothing(open_console, messages: Messages):
    messages.put(BOB, "wrong window", True)
    console = open_bob(open_console()).press("esc", "x")
    assert "Who has read it has read it." in console.text
    console.press("tab", "enter")
    assert "(taken back)" in console.text
    assert "wrong window" not in console.text


def test_a_reaction_is_picked_and_taken_away_again(open_console, messages: Messages):
    messages.put(BOB, "joke", True, reactions=[Reaction("😀", [BOB, CAROL])])
    console = open_bob(open_console())
    assert console.lines[console.find("joke")[1] + 1][25:].split() == ["😀", "2"]
    console.press("esc", "+").type("thumbs up").press("enter")
    assert "👍" in console.lines[console.find("joke")[1] + 1]
    console.press("+")
    assert "take it away" in console.text
    console.press("enter")
    assert "👍" not in console.text


def test_a_change_that_was_refused_says_so(with_bob: Console, messages: Messages):
    with_bob.type("hello").press("enter")
    id = messages.stored[BOB][-1].id
    messages.edits(id, edited=1.0, edit_state=MessageState.FAILED, error="Not here.", state=MessageState.SENT)
    with_bob.settle()
    assert "✗ This change was refused. Not here." in with_bob.text


def test_a_message_is_copied(open_console, messages: Messages):
    messages.put(BOB, "first")
    messages.put(BOB, "second")
    console = open_bob(open_console()).press("esc", "k", "y")
    assert console.screen.copied == ["first"]


def test_info_says_who_when_and_how_far(open_console, messages: Messages):
    messages.put(BOB, "mine", True)
    console = open_bob(open_console()).press("esc", "i")
    assert "From: alice@example.org" in console.text
    assert "the contact's program has it" in console.text
    assert "Encryption: none, the servers could read it" in console.text


def test_a_letter_that_is_not_bound_is_written(open_console, messages: Messages):
    messages.put(BOB, "hello")
    console = open_bob(open_console()).press("esc").type("what")
    assert console.lines[-1] == "› what"


def test_colon_opens_the_command_line(with_bob: Console, messages: Messages):
    with_bob.press("esc", ":")
    assert with_bob.lines[-1] == "› /"


def test_find_goes_up_and_down(open_console, messages: Messages):
    for number in range(30):
        messages.put(BOB, f"apple {number}." if number % 10 == 0 else f"pear {number}.", time=NOON + number * 400)
    console = open_bob(open_console()).press("esc", "/").type("apple").press("enter")

    def selected() -> str:
        return console.app.conversation.selected.body

    assert selected() == "apple 20."
    assert [console.press("n") and selected(), console.press("n") and selected()] == ["apple 10.", "apple 0."]
    console.press("n")
    assert "Not found in what is loaded" in console.text
    console.press("N")
    assert selected() == "apple 10."


def test_search_lists_what_is_found_and_enter_jumps(open_console, messages: Messages):
    messages.put(CAROL, "the needle is here", time=NOON)
    for number in range(120):
        messages.put(CAROL, f"hay {number}.", time=NOON + number * 400)
    messages.put(BOB, "another needle", time=NOON)
    console = open_console()
    console.press("meta /").type("needle")
    console.settle(0.3)
    assert "Carol  the needle is here" in console.text
    assert "Bob  another needle" in console.text
    console.press("down", "enter")
    assert console.lines[0].startswith(" Carol")
    assert "the needle is here" in console.text
    assert console.app.conversation.selected.body == "the needle is here"


def test_search_finds_nothing(open_console, messages: Messages):
    console = open_console().press("meta /").type("needle")
    console.settle(0.3)
    assert "Nothing was found." in console.text
    console.press("enter", "esc")
    assert "Nothing was found." not in console.text


def test_search_tells_its_filters_and_what_is_wrong_with_one(open_console, messages: Messages, monkeypatch):
    async def search(text: str, *more: object) -> list[object]:
        raise InvalidArgument(reason=f"Nothing is known of {text}.")

    console = open_console().press("meta /")
    assert "from:NAME (a contact, a nick in rooms, me)" in console.text
    monkeypatch.setattr(messages, "search", search)
    console.type("has:mon")
    console.settle(0.3)
    assert "Nothing is known of has:mon." in console.text
    assert "has:picture" in console.text
    assert console.app.root.depth == 1


def test_search_says_who_wrote_in_a_room(open_console, messages: Messages, daemon):
    room = JID("balcony@rooms.localhost")
    messages.put(room, "a needle", kind=MessageKind.GROUPCHAT, time=NOON)
    console = open_console().press("meta /").type("needle")
    console.settle(0.3)
    assert "laptop → balcony" in console.text


def test_the_search_command(open_console, messages: Messages):
    messages.put(BOB, "a needle")
    console = open_console().type("/search needle").press("enter")
    console.settle(0.3)
    assert "Bob  a needle" in console.text


def test_the_wheel_scrolls_the_messages(open_console, messages: Messages):
    for number in range(60):
        messages.put(BOB, f"number {number}.", time=NOON + number * 400)
    console = open_bob(open_console())
    for _turn in range(10):
        console.click(50, 10, button=4)
    assert "number 59." not in console.text
    for _turn in range(20):
        console.click(50, 10, button=5)
    assert "number 59." in console.text
    console.type("x")
    assert console.lines[-1] == "› x"


def test_mark_unread_from_a_message_on(open_console, messages: Messages):
    for number in range(4):
        messages.put(BOB, f"number {number}.", time=NOON + number * 400)
    console = open_bob(open_console()).press("esc", "k", "m")
    assert messages.counts[BOB] == 2
    assert "2 new messages" in console.text
    assert "Unread again, until you come back" in console.text
    assert console.app.live.contacts.unread(BOB) == 2
    console.press("meta g").type("carol").press("enter")
    assert messages.counts[BOB] == 2
    console.press("meta g").type("bob").press("enter")
    assert messages.counts[BOB] == 0


def test_where_they_wrote_nothing_mark_unread_says_so(open_console, messages: Messages):
    messages.put(BOB, "Hello?", outgoing=True)
    console = open_bob(open_console()).press("esc", "m")
    assert "There is no message of bob@" in console.text


def test_a_conversation_is_written_to_a_file(open_console, messages: Messages, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    messages.put(BOB, "one\ntwo")
    console = open_bob(open_console()).type("/export").press("enter").press("enter")
    path = tmp_path / "bob@example.org.txt"
    assert path.read_text().splitlines()[1:] == ["    two"]
    assert "1 message was written to" in console.text
    console.type("/export").press("enter").press("enter")
    assert "exists already; nothing was written." in " ".join(console.text.replace("│", " ").split())


def test_other_languages_are_told_and_read(open_console, messages: Messages):
    extra = Extra(lang="fr", bodies={"fr": "salut", "de": "hallo\nBob"}, subjects={"de": "Fest"})
    messages.put(BOB, "salut", extra=extra)
    console = open_bob(open_console())
    assert "salut (also in de)" in console.text
    console.press("esc", "i")
    shown = [line.replace("│", " ").strip() for line in console.lines]
    assert shown[shown.index("In de:") :][1:4] == ["Fest", "hallo", "Bob"]
