"""Correcting, taking back, reacting, answering, and what was seen."""

import pytest
from support.romeo import FULL, OWN, now, parse

from sat.api import JID
from sat.api.errors import InvalidArgument, NotEditable
from sat.api.messages import PLAIN, Extra, MessageState, Reaction
from sat.core.emojis import is_emoji
from sat.core.session import Acknowledged
from sat.plugins.carbons.plugin import Carbons
from sat.plugins.correction.plugin import Correction
from sat.plugins.markers.plugin import Markers
from sat.plugins.messages.plugin import Messages
from sat.plugins.reactions.plugin import Reactions
from sat.plugins.replies.plugin import Replies
from sat.plugins.retraction.plugin import FALLBACK, Retraction
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.roster.plugin import Roster
from sat.plugins.styling.plugin import Styling
from sat.storage.messages import EditKind, NewEdit

JULIET = JID("juliet@capulet.lit")
REPLACE = "<replace xmlns='urn:xmpp:message-correct:0' id='{}'/>"
RETRACT = "<retract xmlns='urn:xmpp:message-retract:1' id='{}'/>"
MARKERS = "urn:xmpp:chat-markers:0"


@pytest.fixture
def messages(romeo):
    for kind in (Carbons, Correction, Retraction, Reactions, Replies, Markers):
        romeo.plug(kind)
    romeo.goes_online()
    romeo.plugin(Roster).contacts[JULIET] = Contact(JULIET, "", Subscription.BOTH, [])
    return romeo.plugin(Messages)


def hears(romeo, content, id="m1", sender=f"{JULIET}/balcony", kind="chat"):
    romeo.hears(f"<message from='{sender}' type='{kind}' id='{id}'>{content}</message>")
    romeo.turn()


def last(messages, peer=JULIET):
    return now(messages.get_history(peer))[-1]


def acknowledge(romeo, *ids):
    romeo.emit(Acknowledged(list(ids)))
    romeo.turn()


def id_of(xml):
    return parse(xml).attributes["id"]


def test_a_contact_corrects_what_they_wrote_and_nothing_is_added(romeo, messages, record):
    hears(romeo, "<body>Helo</body>")
    added, edited = record(messages.added), record(messages.edited)
    hears(romeo, f"<body>Hello</body>{REPLACE.format('m1')}", "m2")
    ((message,),) = edited
    assert (message.body, message.edited > 0) == ("Hello", True)
    assert added == []
    assert [each.body for each in now(messages.get_versions(message.id))] == ["Helo", "Hello"]


def test_another_contact_corrects_nothing(romeo, messages, record):
    hears(romeo, "<body>mine</body>")
    edited = record(messages.edited)
    hears(romeo, f"<body>stolen</body>{REPLACE.format('m1')}", "m2", "paris@verona.lit/x")
    hears(romeo, RETRACT.format("m1"), "m3", "paris@verona.lit/x")
    assert edited == []
    assert last(messages).body == "mine"
    assert last(messages, JID("paris@verona.lit")).body == "stolen", "it is not lost, but a message of its own"


def test_a_correction_of_what_is_not_there_is_a_message(romeo, messages):
    hears(romeo, f"<body>Hello</body>{REPLACE.format('lost')}", "m2")
    assert last(messages).body == "Hello"


def test_ours_is_corrected_here_at_once_and_there(romeo, messages, record):
    id = now(messages.send(JULIET, "Helo"))
    romeo.sent()
    edited = record(messages.edited)
    now(romeo.plugin(Correction).correct(id, "Hello"))
    romeo.turn()
    (xml,) = romeo.sent()
    assert ">Hello</body>" in xml
    assert REPLACE.format(id) in xml
    assert edited[-1][0].edit_state is MessageState.PENDING
    acknowledge(romeo, romeo.wire.tokens[-1])
    assert edited[-1][0].edit_state is MessageState.SENT


def test_a_correction_of_an_answer_is_an_answer_still(romeo, messages):
    hears(romeo, "<body>cake?</body>", "q")
    id = now(messages.send(JULIET, "Cake.", reply=last(messages).id))
    romeo.wire.up = False
    now(romeo.plugin(Correction).correct(id, "Tea."))
    romeo.wire.up = True
    romeo.goes_online()  # it leaves once the database is asked what waits
    xml = romeo.sent()[-1]
    assert "&gt; cake?\nTea.</body>" in xml
    assert "<body start='0' end='8'/>" in xml
    assert f"<reply xmlns='urn:xmpp:reply:0' to='{JULIET}/balcony' id='q'/>" in xml


def test_what_goes_with_a_text_goes_with_its_correction_too(romeo, messages):
    romeo.plug(Styling)
    unstyled = "<unstyled xmlns='urn:xmpp:styling:0'/>"
    id = now(messages.send(JULIET, "*x*", extra=Extra(unstyled=True)))
    now(romeo.plugin(Correction).correct(id, "*y*"))
    assert [unstyled in xml for xml in romeo.sent()] == [True, True]
    assert last(messages).extra.unstyled
    now(romeo.plugin(Retraction).retract(id))
    assert last(messages).extra == PLAIN, "nothing of it is left"


def test_a_contact_says_of_each_text_whether_it_is_styled(romeo, messages):
    romeo.plug(Styling)
    hears(romeo, "<body>*x*</body><unstyled xmlns='urn:xmpp:styling:0'/>")
    assert last(messages).extra.unstyled
    hears(romeo, f"<body>*y*</body>{REPLACE.format('m1')}", "m2")
    assert (last(messages).body, last(messages).extra) == ("*y*", PLAIN)


def test_what_goes_with_a_correction_waits_with_it_for_its_message(romeo, messages):
    romeo.plug(Styling)
    kept = romeo.messages
    change = NewEdit(
        JULIET, EditKind.CORRECT, "m1", "*y*", JULIET, False, 1_750_000_001.0, "m2", extra=Extra(unstyled=True)
    )
    now(kept.take_edit(change))
    hears(romeo, "<body>*x*</body>")
    assert (last(messages).body, last(messages).extra.unstyled) == ("*y*", True)


def test_a_correction_that_was_refused_is_shown_as_such(romeo, messages):
    id = now(messages.send(JULIET, "Helo"))
    now(romeo.plugin(Correction).correct(id, "Hello"))
    wire_id = id_of(romeo.sent()[-1])
    error = (
        "<error type='modify'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
        f"<body>Hello</body>{REPLACE.format(id)}"
    )
    hears(romeo, error, wire_id, kind="error")
    message = last(messages)
    assert (message.body, message.edit_state) == ("Hello", MessageState.FAILED)
    assert "not acceptable" in message.error


def test_what_is_changed_offline_leaves_behind_its_message_and_once(romeo, messages):
    romeo.wire.up = False
    id = now(messages.send(JULIET, "Helo"))
    now(romeo.plugin(Correction).correct(id, "Hello"))
    now(romeo.plugin(Reactions).react(id, ["👍"]))
    romeo.wire.up = True
    romeo.goes_online()
    sent = romeo.sent()
    assert [("replace" in xml, "reactions" in xml) for xml in sent] == [(False, False), (True, False), (False, True)]
    romeo.goes_online()  # another connection: none is known to have arrived
    assert [id_of(xml) for xml in romeo.sent()] == [id_of(xml) for xml in sent]
    acknowledge(romeo, *romeo.wire.tokens[-3:])
    romeo.goes_online()
    assert romeo.sent() == []


def test_only_ones_own_can_be_corrected_and_not_to_nothing(romeo, messages):
    hears(romeo, "<body>theirs</body>")
    correction = romeo.plugin(Correction)
    with pytest.raises(NotEditable):
        now(correction.correct(last(messages).id, "mine"))
    id = now(messages.send(JULIET, "Helo"))
    with pytest.raises(InvalidArgument):
        now(correction.correct(id, " "))


def test_taking_back(romeo, messages):
    id = now(messages.send(JULIET, "wrong window"))
    romeo.sent()
    now(romeo.plugin(Retraction).retract(id))
    (xml,) = romeo.sent()
    assert RETRACT.format(id) in xml
    assert FALLBACK in xml
    assert (last(messages).retracted, last(messages).body) == (True, "")
    hears(romeo, "<body>oops</body>", "m1")
    hears(romeo, f"{RETRACT.format('m1')}<body>fallback</body>", "m2")
    history = now(messages.get_history(JULIET))
    assert [(each.retracted, each.body) for each in history] == [(True, ""), (True, "")]


def test_reactions_of_both_sides(romeo, messages):
    id = now(messages.send(JULIET, "joke"))
    romeo.sent()
    put = "<reactions xmlns='urn:xmpp:reactions:0' id='{}'>{}</reactions>"
    hears(romeo, put.format(id, "<reaction>😀</reaction><reaction>not one</reaction>"))
    now(romeo.plugin(Reactions).react(id, ["😀", "👍"]))
    assert last(messages).reactions == [Reaction("😀", [JULIET], own=True), Reaction("👍", [], own=True)]
    (xml,) = romeo.sent()
    assert put.format(id, "<reaction>😀</reaction><reaction>👍</reaction>") in xml
    hears(romeo, put.format(id, ""), "m2")
    assert last(messages).reactions == [Reaction("😀", [], own=True), Reaction("👍", [], own=True)]
    with pytest.raises(InvalidArgument):
        now(romeo.plugin(Reactions).react(id, ["hello"]))


@pytest.mark.parametrize("text", ["👍", "👍🏽", "❤️", "🇫🇷", "👨‍👩‍👧", "1️⃣", "✓", "‼️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"])
def test_emojis(text):
    assert is_emoji(text)


@pytest.mark.parametrize("text", ["", "a", "1", "ok👍", "👍 👍", "👍" * 50, "\u202e", "\x1b[31m", "-"])
def test_no_emojis(text):
    assert not is_emoji(text)


def test_an_answer_quotes_and_names_what_it_answers(romeo, messages):
    hears(romeo, "<body>cake?\nor tea?</body>", "q")
    asked = last(messages)
    now(messages.send(JULIET, "Cake.", reply=asked.id))
    xml = romeo.sent()[-1]
    quote = "> cake?\n> or tea?\n"
    assert f"{quote.replace('>', '&gt;')}Cake." in xml
    assert f"start='0' end='{len(quote)}'" in xml
    assert f"<reply xmlns='urn:xmpp:reply:0' to='{JULIET}/balcony' id='q'/>" in xml
    message = last(messages)
    assert (message.body, message.reply, message.quote) == ("Cake.", asked.id, "cake?\nor tea?")


def answer(id, begin, end, body="&gt; cake?\nYes."):
    return (
        f"<body>{body}</body><reply xmlns='urn:xmpp:reply:0' to='{OWN}' id='{id}'/>"
        f"<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='{begin}' end='{end}'/></fallback>"
    )


def test_an_answer_of_the_contact_is_shown_without_the_quotation(romeo, messages):
    id = now(messages.send(JULIET, "A cake?"))
    hears(romeo, answer(id, 0, 8))
    message = last(messages)
    assert (message.body, message.reply, message.reply_to, message.quote) == ("Yes.", id, OWN, "A cake?")
    hears(romeo, answer("lost", 0, 8), "m2")
    message = last(messages)
    assert (message.body, message.reply, message.quote) == ("Yes.", "", "cake?")


@pytest.mark.parametrize("span", [(-1, 3), (0, 99), (5, 2), ("x", 3), (0, 12)])
def test_a_quotation_that_cannot_be_is_left_as_it_is(romeo, messages, span):
    hears(romeo, answer("lost", *span))
    assert last(messages).body == "> cake?\nYes."


def test_the_contact_has_seen_everything_up_to_there(romeo, messages, record):
    first, second = (now(messages.send(JULIET, text)) for text in ("one", "two"))
    assert all(f"<markable xmlns='{MARKERS}'/>" in xml for xml in romeo.sent())
    acknowledge(romeo, first, second)
    updated = record(messages.updated)
    hears(romeo, f"<displayed xmlns='{MARKERS}' id='{second}'/>", sender="paris@verona.lit/x")
    assert updated == []
    hears(romeo, f"<displayed xmlns='{MARKERS}' id='{second}'/>")
    assert [(each.id, each.state) for each in updated[0]] == [
        (first, MessageState.DISPLAYED),
        (second, MessageState.DISPLAYED),
    ]


MARKABLE = f"<body>read me</body><markable xmlns='{MARKERS}'/>"


def test_the_contact_hears_that_we_have_read(romeo, messages):
    hears(romeo, MARKABLE, "m1")
    hears(romeo, "<body>whatever</body>", "m2")
    assert romeo.sent() == []
    now(messages.mark_read(JULIET))
    (xml,) = romeo.sent()
    assert f"<displayed xmlns='{MARKERS}' id='m1'/>" in xml
    now(messages.mark_read(JULIET))
    assert romeo.sent() == []


def test_what_was_read_offline_is_told_later(romeo, messages):
    hears(romeo, MARKABLE)
    romeo.goes_offline()
    now(messages.mark_read(JULIET))
    assert romeo.sent() == []
    romeo.goes_online()
    assert any("displayed" in xml for xml in romeo.sent())


@pytest.mark.parametrize("setting", ["yes", "no"])
def test_nobody_hears_it_who_may_not(romeo, messages, setting):
    now(romeo.settings.set_setting("markers.send", setting))
    hears(romeo, MARKABLE, sender="paris@verona.lit/x")
    now(messages.mark_read(JID("paris@verona.lit")))
    hears(romeo, MARKABLE)
    now(messages.mark_read(JULIET))
    assert len(romeo.sent()) == (1 if setting == "yes" else 0)


def test_what_another_program_of_ours_has_shown_is_read(romeo, messages, record):
    hears(romeo, MARKABLE)
    counts = record(messages.unread_changed)
    romeo.hears(
        f"<message from='{OWN}' to='{FULL}'><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
        f"<message xmlns='jabber:client' from='{OWN}/phone' to='{JULIET}' type='chat'>"
        f"<displayed xmlns='{MARKERS}' id='m1'/></message></forwarded></sent></message>"
    )
    romeo.turn()
    assert [(each.peer, each.unread) for each in counts[0]] == [(JULIET, 0)]
    assert last(messages).state is MessageState.READ
