"""Answering, correcting, taking back and reacting in one conversation."""

from support.conversation import Scene
from support.fakes import message

from sat.api.errors import StorageFull
from sat.api.messages import Reaction
from sat_frontends.quick_frontend.amending import Purpose, toggled
from sat_frontends.quick_frontend.chat import ChatChange, What
from sat_frontends.quick_frontend.emojis import find_emojis


def scene(*messages):
    return Scene(*messages).loads()


def test_a_change_replaces_one_row():
    told = scene(message(1))
    told.messages.edits("m1", body="better", edited=2.0)
    position = told.chat.find("m1")
    assert told.told == [ChatChange(What.UPDATED, position, position + 1)]
    assert told.chat.row(position).message.body == "better"


def test_an_answer_goes_with_what_is_sent_next_and_only_that():
    talk = scene(message(1))
    assert talk.chat.answer("m1")
    assert talk.chat.composing.purpose is Purpose.ANSWER
    talk.loop.now(talk.chat.send("yes"))
    talk.loop.now(talk.chat.send("and more"))
    assert [each.reply for each in talk.messages.stored.values()] == ["", "m1", ""]
    assert talk.chat.composing.purpose is Purpose.NEW


def test_an_answer_that_could_not_be_sent_is_still_one():
    talk = scene(message(1))
    talk.chat.answer("m1")
    talk.messages.fails["send"] = StorageFull()
    talk.loop.now(talk.chat.send("yes"))
    assert (talk.chat.draft, talk.chat.composing.id) == ("yes", "m1")


def test_a_correction_begins_with_the_old_text_and_gives_back_what_was_being_written():
    talk = scene(message(1, outgoing=True), message(2))
    talk.chat.write("half a sent")
    assert talk.chat.correct()
    assert (talk.chat.draft, talk.chat.composing.id) == ("message 1", "m1")
    talk.chat.write("message one")
    talk.chat.entered()
    talk.loop.now(talk.chat.send("message one"))
    assert talk.correction.calls == [("correct", "m1", "message one")]
    assert talk.chat.draft == "half a sent"
    assert len(talk.messages.stored) == 2


def test_a_correction_that_could_not_be_stored_is_not_lost():
    talk = scene(message(1, outgoing=True))
    talk.chat.correct("m1")
    talk.correction.fails["correct"] = StorageFull()
    talk.loop.now(talk.chat.send("one"))
    assert (talk.chat.draft, talk.chat.composing.purpose) == ("one", Purpose.CORRECTION)
    assert isinstance(talk.chat.error, StorageFull)


def test_what_cannot_be_changed_is_refused():
    talk = scene(message(1), message(2, outgoing=True, retracted=True))
    assert not talk.chat.correct()
    assert not talk.chat.correct("m1")
    assert not talk.chat.answer("m2")
    assert not talk.chat.answer("nothing")


def test_a_text_for_a_message_that_was_taken_back_is_a_new_one():
    talk = scene(message(1))
    talk.chat.answer("m1")
    talk.messages.edits("m1", body="", retracted=True)
    assert talk.chat.composing.purpose is Purpose.NEW


def test_reactions_are_put_and_taken_away():
    joke = message(1, reactions=[Reaction("😀", [], own=True), Reaction("🎉", [])])
    assert toggled(joke, "👍") == ["😀", "👍"]
    assert toggled(joke, "😀") == []
    talk = scene(joke)
    assert talk.loop.now(talk.chat.amending.react(joke, "👍"))
    assert talk.reactions.calls == [("react", "m1", ["😀", "👍"])]


def test_who_keeps_the_purpose_elsewhere_names_the_answered_message():
    talk = scene(message(1))
    talk.loop.now(talk.chat.send("yes", "m1"))
    assert talk.messages.stored["m2"].reply == "m1"
    talk.messages.fails["send"] = StorageFull()
    talk.loop.now(talk.chat.send("and more", "m1"))
    assert (talk.chat.draft, talk.chat.composing.purpose) == ("and more", Purpose.NEW)


def test_emojis_are_found_by_the_words_of_their_names():
    assert find_emojis("Face ZEBRA") == [("🦓", "zebra face")]
    assert len(find_emojis("face", 7)) == 7
    assert find_emojis("zebraffe") == find_emojis("  ") == []


def test_what_is_typed_as_an_emoji_is_found_as_it_is():
    for emoji in ("🦓", "👩‍🚀", "🇫🇷"):
        assert find_emojis(emoji)[0][0] == emoji
    assert find_emojis("été") == []
