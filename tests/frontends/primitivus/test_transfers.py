"""Files on their way: offered, taken, seen in the conversation, in the bar and in the list; shares."""

from __future__ import annotations

from pathlib import Path

import pytest
from world import BOB, CAROL, NOON, Console, Messages

from sat.api import JID
from sat.api.errors import CannotReceive, FeatureMissing, NoSpace, TransferBroken
from sat.api.transfers import Direction, Transfer, Way
from sat.plugins.notify_settings.api import Notify
from sat.plugins.presence.api import Show
from sat.plugins.shares.api import Listed
from sat_frontends.primitivus import file_acts, transfer_acts
from sat_frontends.primitivus.config import Config

LAPTOP = JID(f"{BOB}/laptop")


@pytest.fixture
def bob(with_bob: Console) -> Console:
    return with_bob


def offer(transfers, name="talk.pdf", **fields) -> Transfer:
    fields.setdefault("begun", NOON + 60)
    return transfers.offered(LAPTOP, name, 2048, type="application/pdf", **fields)


def ended(transfers, name="talk.pdf", error=None, **fields) -> Transfer:
    return transfers.end(offer(transfers, name).id, error, **fields)


def said(console: Console) -> str:
    """What is on the right of the contacts, or in a dialog, in one line."""
    parts = [line.strip("│ ").rpartition("│")[2] for line in console.lines]
    return " ".join(" ".join(parts).split())


def calls(fake, name) -> list[tuple]:
    return [call for call in fake.calls if call[0] == name]


@pytest.fixture
def opener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A program that notes what it is to open; what it was given."""
    program, note = tmp_path / "opener", tmp_path / "opened"
    program.write_text(f'#!/bin/sh\nprintf "%s|" "$@" > {tmp_path}/made\nmv {tmp_path}/made {note}\n')
    program.chmod(0o700)
    monkeypatch.setattr(file_acts, "OPENER", str(program))

    def opened(console: Console) -> str:
        for _ in range(100):
            if note.exists():
                return note.read_text()
            console.settle(0.05)
        raise AssertionError("nothing was opened")

    return opened


# -- what is offered -----------------------------------------------------------------------------------------------


def test_an_offer_stands_in_the_conversation(bob: Console, transfers):
    offer(transfers, description="the slides\x1b[31m")
    bob.settle()
    assert "12:01 Bob   ⇣ talk.pdf  application/pdf" in bob.text
    assert "│ the slides␛[31m" in bob.text
    assert "offered · 2.0 KB" in bob.text
    assert "Esc: a takes it · A elsewhere · d declines" in bob.text
    assert "1 file offered (F6)" in bob.lines[-2]


def test_it_is_taken_by_a_key(bob: Console, apis):
    one = offer(apis.transfers)
    bob.settle()
    bob.press("esc", "a")
    assert calls(apis.files, "accept") == [("accept", one.id, "")]
    assert "connecting" in bob.text
    assert "offered (F6)" not in bob.text
    assert "Only what is offered to you can be taken." in bob.press("a").text


def test_it_is_put_elsewhere(bob: Console, apis, tmp_path: Path):
    (tmp_path / "some folder").mkdir()
    one = offer(apis.transfers)
    bob.settle()
    bob.press("esc", "A").type(f"{tmp_path}/so").press("tab")
    assert "some folder/" in "".join(line.strip("│ ") for line in bob.lines)
    bob.press("enter")
    assert calls(apis.files, "accept") == [("accept", one.id, f"{tmp_path}/some folder")]
    assert not bob.app.root.depth


def test_where_it_cannot_be_put_the_question_stays(bob: Console, apis):
    offer(apis.transfers)
    bob.settle()
    apis.files.fails["accept"] = NoSpace(name="talk.pdf", size="2 KB", free="1 KB", folder="/x")
    bob.press("esc", "A", "enter")
    assert "There is no room for talk.pdf" in said(bob)
    assert bob.app.root.depth == 1


def test_it_is_declined(bob: Console, apis):
    one = offer(apis.transfers)
    bob.settle()
    bob.press("esc", "d")
    assert calls(apis.files, "decline") == [("decline", one.id)]
    assert "declined" in bob.text


def test_the_letters_of_files_are_text_where_a_message_is_selected(bob: Console, messages: Messages, apis):
    messages.arrive(BOB, "hi")
    offer(apis.transfers)
    bob.settle()
    bob.press("esc", "k", "a")
    assert calls(apis.files, "accept") == []
    assert bob.app.input.text == "a"


def test_one_who_offers_is_heard(console: Console, transfers):
    console.app.config = Config(osc9=True)
    offer(transfers)
    console.settle()
    assert " 1 Bob " in console.text
    assert "Bob offers talk.pdf (2.0 KB). F6 answers." in console.text
    assert console.screen.written == ["\a\x1b]9;Bob: offers a file\x1b\\"]
    console.press("f6", "d")
    assert "F6 answers" not in console.text


@pytest.mark.parametrize("busy", [True, False])
def test_who_wants_no_sound_is_told_quietly(console: Console, apis, busy: bool):
    if busy:
        console.app.loop.spawn(apis.presence.set_presence(Show.DND))
    else:
        console.app.loop.spawn(apis.notify_settings.choose(BOB, Notify.NEVER))
    console.settle()
    offer(apis.transfers)
    console.settle()
    assert "Bob offers talk.pdf" in console.text
    assert console.screen.written == []


def test_what_is_looked_at_does_not_ring(bob: Console, transfers):
    offer(transfers)
    bob.settle()
    assert bob.screen.written == []
    assert "F6 answers" not in bob.text


def test_what_was_offered_before_is_there_after_the_start(open_console, transfers):
    offer(transfers)
    console = open_console()
    assert "1 file offered (F6)" in console.text
    assert "⇣ talk.pdf" in console.press("meta g").type("bob").press("enter").text


# -- between the messages ------------------------------------------------------------------------------------------


def test_it_stands_where_it_began(bob: Console, messages: Messages, transfers):
    messages.arrive(BOB, "first", time=NOON)
    offer(transfers, "one.txt", begun=NOON + 10)
    offer(transfers, "two.txt", begun=NOON + 20)
    messages.arrive(BOB, "last", time=NOON + 30)
    bob.settle()
    rows = [bob.find(each)[1] for each in ("first", "one.txt", "two.txt", "last")]
    assert rows == sorted(rows)
    bob.press("esc", "k", "k")
    assert bob.app.conversation.selected_file.name == "one.txt"
    bob.press("k")
    assert bob.app.conversation.selected.body == "first"
    bob.press("j", "j", "j")
    assert bob.app.conversation.selected.body == "last"
    assert bob.press("g", "G").app.conversation.selected.body == "last"


def test_what_is_selected_stays_when_more_comes(bob: Console, messages: Messages, transfers):
    messages.arrive(BOB, "first", time=NOON)
    one = offer(transfers, "one.txt", begun=NOON + 10)
    messages.arrive(BOB, "last", time=NOON + 30)
    bob.settle()
    bob.press("esc", "k")
    offer(transfers, "two.txt", begun=NOON + 40)
    messages.arrive(BOB, "between", time=NOON + 50)
    bob.settle()
    assert bob.app.conversation.selected_file.id == one.id
    bob.press("d").press("D")
    assert one.id not in transfers.known
    assert bob.app.conversation.selected.body == "first"


def test_the_last_one_is_followed(bob: Console, messages: Messages, transfers):
    for number in range(40):
        messages.arrive(BOB, f"number {number}", time=NOON)
    one = offer(transfers)
    bob.settle()
    assert "d declines" in bob.text
    transfers.end(one.id, path="/srv/x/talk.pdf", description="one\nmore line")
    bob.settle()
    assert "o opens it" in bob.text


def test_there_may_be_no_message_at_all(bob: Console, transfers):
    one = offer(transfers)
    bob.settle()
    bob.press("esc", "g", "k", "j", "n")
    assert bob.app.conversation.selected_file.id == one.id


def test_an_old_one_that_is_over_does_not_come_before_what_is_not_loaded(bob: Console, messages: Messages, transfers):
    ended(transfers, "old.txt", begun=NOON - 1000)
    offer(transfers, "waits.txt", begun=NOON - 1000)
    for number in range(120):
        messages.put(BOB, f"number {number}", time=NOON + number)
    console = bob.press("meta w", "meta g").type("bob").press("enter", "esc", "g")
    walker = console.app.conversation.walker
    assert walker.chat.has_older
    assert [each.name for each in walker.between.files.values()] == ["waits.txt"]


def test_what_a_message_tells_of_is_not_told_twice(bob: Console, apis, tmp_path: Path):
    (tmp_path / "talk.txt").write_text("hello")
    bob.type(f"/attach {tmp_path}/talk.txt").press("enter")
    assert "▤ talk.txt" in bob.text
    assert "⇡ talk.txt" not in bob.text


# -- how far it is -------------------------------------------------------------------------------------------------


def test_progress_is_in_the_row_and_in_the_bar(bob: Console, transfers):
    one = offer(transfers)
    transfers.move(one.id, 1024)
    bob.settle()
    assert "━━━━━┄┄┄┄┄ receiving · 1.0 KB of 2.0 KB · 50%" in said(bob)
    assert "over a connection of its own" in said(bob)
    assert " ⇣ talk.pdf 50% " in bob.lines[-2]
    transfers.end(one.id, path="/srv/x/talk.pdf")
    bob.settle()
    assert "50%" not in bob.text
    assert "received · 2.0 KB" in bob.text
    assert "→ /srv/x/talk.pdf" in bob.text


def test_an_upload_is_in_the_bar_once(bob: Console, apis):
    transfer = Transfer("t1", Direction.SEND, "big.iso", 100, moved=42, way=Way.UPLOAD, peer=BOB)
    apis.transfers.put(transfer)
    bob.settle()
    assert bob.lines[-2].count("big.iso") == 1
    assert "⇡ big.iso 42%" in bob.lines[-2]


@pytest.mark.parametrize(("size", "words"), [((80, 24), "⇣ c.txt 50%  +2"), ((40, 12), "⇡⇣3"), ((120, 24), "b.txt")])
def test_the_bar_shows_as_many_as_fit(open_console, transfers, size, words):
    for name in ("a.txt", "b.txt", "c.txt"):
        transfers.move(offer(transfers, name).id, 1024)
    console = open_console(size=size)
    assert words in console.lines[-2]


def test_what_stands_still_gets_slower(bob: Console, transfers, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(transfer_acts, "AGAIN", 0.02)
    seconds = [0.0]
    bob.app.live.transfers._clock = lambda: seconds[0]
    one = offer(transfers)
    transfers.move(one.id, 100)
    seconds[0] = 1.0
    transfers.move(one.id, 1124)
    bob.settle()
    assert "1.0 KB/s" in said(bob)
    seconds[0] = 4.0
    for _ in range(100):
        bob.settle(0.02)
        if "256 bytes/s" in said(bob):
            return
    raise AssertionError(bob.text)


def test_it_is_stopped_by_a_key(bob: Console, transfers):
    one = offer(transfers)
    transfers.move(one.id, 1024)
    bob.settle()
    bob.press("esc", "x")
    assert calls(transfers, "cancel") == [("cancel", one.id)]
    assert "cancelled" in bob.text
    assert "It is over; D takes it out of the list." in bob.press("x").text


def test_leaving_says_that_the_daemon_goes_on(bob: Console, transfers):
    assert bob.press("ctrl x").app.exit_notice == ""
    transfers.move(offer(transfers).id, 10)
    bob.settle()
    assert "sat goes on with it" in bob.press("ctrl x").app.exit_notice


# -- what has come -------------------------------------------------------------------------------------------------


def test_what_has_come_is_opened_by_its_path(bob: Console, transfers, opener, tmp_path: Path):
    ended(transfers, path=str(tmp_path / "$(x) talk.pdf"))
    bob.settle()
    bob.press("esc", "o")
    assert opener(bob) == f"{tmp_path}/$(x) talk.pdf|"


def test_its_folder_is_opened_and_its_path_copied(bob: Console, transfers, opener, tmp_path: Path):
    ended(transfers, path=str(tmp_path / "talk.pdf"))
    bob.settle()
    bob.press("esc", "y", "O")
    assert bob.screen.copied == [f"{tmp_path}/talk.pdf"]
    assert opener(bob) == f"{tmp_path}|"


def test_what_could_be_run_is_not_opened(bob: Console, transfers, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(file_acts, "OPENER", "/none")
    ended(transfers, "run.sh", path="/srv/x/quarantine/run.sh", quarantined=True)
    bob.settle()
    assert "received, put apart as it could be run" in said(bob)
    bob.press("esc", "o")
    assert "is not opened here; O opens its folder." in said(bob)
    assert "/none" not in bob.text


def test_what_is_not_here_is_not_opened(bob: Console, transfers):
    offer(transfers)
    bob.settle()
    for key in ("o", "O", "y"):
        assert "It is not here, or not whole." in bob.press("esc", key).text


def test_what_broke_off_says_why_and_goes_on(bob: Console, apis):
    one = ended(apis.transfers, error=TransferBroken(peer=BOB, reason="the cable"), partial=True)
    bob.settle()
    text = said(bob)
    assert "✗ The transfer with" in text
    assert "A part is here" in bob.text
    bob.press("esc", "R")
    assert calls(apis.files, "resume") == [("resume", one.id)]
    assert "connecting" in bob.text
    assert "nothing here that could be gone on with" in bob.press("R").text


def test_a_part_is_forgotten_after_a_question(bob: Console, transfers):
    one = ended(transfers, error=TransferBroken(peer=BOB, reason="the cable"), partial=True)
    bob.settle()
    bob.press("esc", "D")
    assert one.id in transfers.known
    assert "is deleted, too." in bob.text
    bob.press("tab", "enter")
    assert one.id not in transfers.known
    assert "talk.pdf" not in bob.text


def test_what_goes_on_is_not_forgotten(bob: Console, transfers):
    one = offer(transfers)
    bob.settle()
    assert "It is not over; d stops it." in bob.press("esc", "D").text
    assert one.id in transfers.known


def test_all_about_one(bob: Console, transfers):
    ended(transfers, path="/srv/x/talk.pdf", hashes={"sha-256": "abc="}, description="the slides")
    bob.settle()
    bob.press("esc", "i")
    for line in ("talk.pdf from Bob", f"Address: {LAPTOP}", "Size: 2.0 KB (2048 bytes)", "They say: the slides"):
        assert line in bob.text
    assert "sha-256: abc=" in bob.text


# -- the list ------------------------------------------------------------------------------------------------------


def test_all_are_in_the_list(bob: Console, transfers):
    ended(transfers, "old.txt", path="/srv/x/old.txt")
    transfers.put(Transfer("s", Direction.SEND, "mine.txt", 10, 5, peer=CAROL, way=Way.IN_BAND))
    offer(transfers, "new.txt")
    bob.press("f6")
    rows = [bob.find(each)[1] for each in ("⇣ new.txt  from Bob", "⇡ mine.txt  to Carol", "⇣ old.txt  from Bob")]
    assert rows == sorted(rows)
    assert "new.txt  from Bob · application/pdf · 22 Nov 2025 12:01" in bob.text
    assert "old.txt  from Bob · application/pdf · 22 Nov 2025 12:02" in bob.text, "when it ended"
    assert "a takes it · A elsewhere · d declines · i tells more · Esc closes" in bob.text
    bob.press("j")
    assert "d stops it" in bob.text
    bob.press("d").press("j", "j").press("D")
    assert calls(transfers, "cancel") == [("cancel", "s")]
    assert "old.txt" not in bob.text
    assert not bob.press("esc").app.root.depth


def test_the_list_hears_what_happens(bob: Console, transfers):
    bob.type("/transfers").press("enter")
    assert "Nothing is on its way. Ctrl-t sends a file." in bob.text
    one = offer(transfers)
    bob.settle()
    assert "⇣ talk.pdf" in bob.text
    transfers.move(one.id, 1024)
    bob.settle()
    assert "1.0 KB of 2.0 KB · 50%" in bob.text
    bob.press("esc")
    transfers.move(one.id, 2048)
    bob.settle()


def test_what_is_selected_in_the_list_stays(bob: Console, transfers):
    offer(transfers, "one.txt")
    offer(transfers, "two.txt")
    bob.press("f6", "down")
    offer(transfers, "three.txt")
    bob.settle()
    bob.press("i")
    assert "one.txt from Bob" in bob.text


@pytest.mark.parametrize("size", [(80, 24), (40, 10)])
def test_a_terminal_of_ascii_sees_it_too(open_console, transfers, messages: Messages, size):
    console = open_console(config=Config(ascii=True), size=size)
    transfers.move(offer(transfers, "moves.txt").id, 1024)
    ended(transfers, path="/srv/x/talk.pdf", description="slides")
    console.press("meta g").type("bob").press("enter")
    for keys in ((), ("f6",), ("esc", "ctrl t"), ("esc",)):
        console.press(*keys)
        assert all(line.isascii() for line in console.lines), console.text
    assert "v moves.txt" in console.press("esc", "f6", "up", "up").text


# -- sending -------------------------------------------------------------------------------------------------------


@pytest.fixture
def rose(tmp_path: Path) -> Path:
    path = tmp_path / "a rose.txt"
    path.write_text("red")
    return path


def test_a_key_asks_for_a_file_and_the_way(bob: Console, apis, rose: Path):
    bob.press("ctrl t")
    assert "Send a file to Bob" in bob.text
    assert "< By the server >  < Straight to them >" in bob.text
    bob.type(f"{rose.parent}/a").press("tab", "enter")
    assert calls(apis.upload, "upload") == [("upload", str(rose), BOB, "")]
    assert "▤ a rose.txt" in bob.text


def test_it_goes_straight_with_what_is_said_of_it(bob: Console, apis, rose: Path):
    bob.press("ctrl t").type(str(rose)).press("down").type("smell it").press("down", "right", "enter")
    assert calls(apis.files, "send") == [("send", str(rose), BOB, "", "smell it", "")]
    assert "⇡ a rose.txt" in bob.text


def test_what_is_said_of_it_follows_by_the_server(bob: Console, apis, rose: Path):
    bob.press("ctrl t").type(str(rose)).press("down").type("smell it").press("enter")
    assert bob.find("▤ a rose.txt")[1] < bob.find("smell it")[1]
    apis.upload.got.clear()
    rose.unlink()
    bob.press("ctrl t").type(str(rose)).press("down").type("again").press("enter")
    assert "cannot be read" in said(bob)
    assert [each.body for each in apis.messages.stored[BOB]][-1] == "smell it"


def test_what_the_server_does_not_take_is_said_before(bob: Console, apis, tmp_path: Path):
    with (tmp_path / "big").open("wb") as file:
        file.truncate((1 << 20) + 1)
    bob.press("ctrl t").type(f"{tmp_path}/big").press("enter")
    assert "Your server takes nothing larger than 1.0 MB: send it straight to Bob." in said(bob)
    assert apis.upload.got == []
    assert bob.app.root.depth == 1


def test_without_storage_it_goes_straight(bob: Console, apis, rose: Path):
    apis.upload.get_storage = lambda: apis.upload.called("get_storage")
    apis.upload.fails["get_storage"] = FeatureMissing(who=BOB, feature="files")
    bob.press("ctrl t").type(str(rose)).press("enter")
    assert "Your server takes no files: send it straight to Bob." in said(bob)
    bob.press("down", "down", "right", "enter")
    assert [call[1] for call in calls(apis.files, "send")] == [str(rose)]


def test_a_file_is_to_be_named(bob: Console):
    assert "Say which file." in bob.press("ctrl t", "enter").text


def test_nobody_gets_what_is_sent_to_nobody(console: Console):
    assert "No conversation is open" in console.press("ctrl t").text


def test_why_it_was_not_sent_is_told(bob: Console, apis, rose: Path):
    apis.files.without.add(BOB)
    bob.type(f"/send --direct {rose}").press("enter")
    assert str(CannotReceive(who=BOB, what="files")) in said(bob)


def test_a_dropped_file_is_offered_to_be_sent(bob: Console, apis, rose: Path):
    bob.tell("begin paste", *f"'{rose}'", "end paste")
    assert "This is a file; Ctrl-t sends it." in bob.text
    assert bob.app.input.text == f"'{rose}'", "it may be meant as a text"
    bob.press("ctrl t", "enter")
    assert calls(apis.upload, "upload") == [("upload", str(rose), BOB, "")]
    assert bob.app.input.text == ""


def test_a_pasted_text_is_a_text(bob: Console):
    bob.tell("begin paste", *"hello", "end paste")
    assert "Ctrl-t" not in bob.text


# -- shares --------------------------------------------------------------------------------------------------------


@pytest.fixture
def shared(apis):
    apis.shares.folders[BOB] = {
        "": [Listed("a.txt", "a.txt", size=5, type="text/plain", modified=NOON), Listed("music", "music", True)],
        "music": [Listed("music/x.ogg", "x.ogg", size=2048, description="live\x07")],
    }
    return apis.shares


def test_somebody_s_files_are_looked_into_and_fetched(bob: Console, shared):
    bob.type("/files").press("enter")
    assert bob.find("music/")[1] < bob.find("a.txt")[1]
    assert "a.txt  5 bytes · text/plain · 22 Nov 2025 12:00" in bob.text
    bob.press("enter")
    assert "Files of Bob: /music" in bob.text
    assert "x.ogg  2.0 KB · live␇" in bob.text
    bob.type("xo").press("enter")
    assert calls(shared, "fetch") == [("fetch", BOB, "music/x.ogg", "", "")]
    assert "x.ogg is being fetched" in bob.text
    assert bob.app.root.depth == 1, "more may be wanted"
    bob.press("ctrl u", "enter")
    assert "a.txt  5 bytes" in bob.text
    assert not bob.press("esc").app.root.depth
    assert "⇣ x.ogg" in bob.text


def test_a_whole_folder_is_fetched(bob: Console, shared, apis):
    bob.type("/files").press("enter").press("enter")
    assert "Fetch the whole folder  with all that is in the folders in it" in bob.text
    bob.press("down", "enter")
    assert calls(shared, "fetch_folder") == [("fetch_folder", BOB, "music", "", "")]
    assert "music/ is being fetched" in bob.text
    (begun,) = apis.transfers.known.values()
    apis.transfers.put(begun, came=3, known=1, failed=1, files=9, moved=1024)
    bob.press("esc")
    assert "⇣ music/" in bob.text
    assert "4 of 9 files · 1 was here before · 1 failed · 1.0 KB of 2.0 KB" in said(bob)
    bob.type("/files").press("enter")
    assert "Fetch the whole folder" not in bob.text, "all that somebody shares is not fetched by a slip"


def test_who_shares_nothing(bob: Console, shared):
    shared.folders[BOB] = {"": []}
    assert "Bob shares nothing with you." in bob.type("/files bob").press("enter").text
    bob.type("/files carol").press("enter")
    assert "carol@example.org" in bob.text
    assert not bob.app.root.depth


def test_what_is_shared_is_listed_and_ended(bob: Console, apis, tmp_path: Path):
    bob.type(f"/share {tmp_path} with Friends, Dave").press("enter")
    assert "is shared" in bob.text
    bob.type("/shares").press("enter")
    assert tmp_path.name[:20] in bob.text
    bob.press("enter")
    assert "with Dave, the group Friends no longer?" in said(bob)
    bob.press("tab", "enter")
    assert apis.shares.own == {}
    assert "is shared no longer." in said(bob)
    bob.type("/shares").press("enter").press("enter")
    assert bob.app.input.text == "/share "
