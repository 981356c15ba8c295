import pytest
from support.romeo import FULL, OWN, now, parse

from sat.api import JID
from sat.api.errors import InvalidArgument, MessageTooLong
from sat.api.messages import MessageState
from sat.core.pipeline import Arrival
from sat.core.session import Acknowledged
from sat.plugins.carbons.plugin import Carbons
from sat.plugins.messages.api import LONGEST
from sat.plugins.messages.plugin import Messages
from sat.xmpp.stanzas import Message

JULIET = JID("juliet@capulet.lit")
CLIENT = "xmlns='jabber:client'"


@pytest.fixture
def messages(romeo):
    return romeo.plug(Messages)


def acknowledge(romeo, *ids):
    romeo.emit(Acknowledged(list(ids)))
    romeo.turn()


def test_a_message_is_stored_then_sent_and_told(romeo, messages, record):
    added, updated = record(messages.added), record(messages.updated)
    romeo.goes_online()
    id = now(messages.send(JULIET, "soft!"))
    (xml,) = romeo.sent()
    assert ">soft!</body>" in xml
    assert f"id='{id}'" in xml
    ((message,),) = added
    assert (message.id, message.body, message.state, message.outgoing) == (id, "soft!", MessageState.PENDING, True)
    acknowledge(romeo, id)
    ((change,),) = updated
    assert (change.id, change.state) == (id, MessageState.SENT)


def test_the_ids_of_messages_are_words_for_commands(romeo, messages):
    """Not options, as what begins with a hyphen: ``jp message react ID``."""
    romeo.goes_online()
    ids = [now(messages.send(JULIET, "soft!")) for _ in range(100)]
    assert all(each.isalnum() for each in ids)


def test_what_is_written_offline_leaves_in_order_and_once_when_online(romeo, messages):
    romeo.wire.up = False
    ids = [now(messages.send(JULIET, text)) for text in ("one", "two", "three")]
    assert romeo.sent() == []
    romeo.wire.up = True
    romeo.goes_online()
    sent = romeo.sent()
    assert [id in xml for id, xml in zip(ids, sent, strict=True)] == [True, True, True]
    assert romeo.sent() == []


def to_ourselves(id, sender=FULL):
    origin = f"<origin-id xmlns='urn:xmpp:sid:0' id='{id}'/>"
    archived = f"<stanza-id xmlns='urn:xmpp:sid:0' by='{OWN}' id='a-{id}'/>"
    return f"<message from='{sender}' to='{OWN}' type='chat' id='{id}'><body>a note</body>{origin}{archived}</message>"


def test_what_we_write_to_ourselves_is_one_message_and_not_unread(romeo, messages, record):
    added, updated = record(messages.added), record(messages.updated)
    romeo.goes_online()
    id = now(messages.send(OWN, "a note"))
    romeo.hears(to_ourselves(id))
    romeo.turn()
    (message,) = now(messages.get_history(OWN))
    assert (message.id, message.outgoing, message.state) == (id, True, MessageState.SENT)
    assert [len(each) for each in added] == [1]
    assert [(each.id, each.state) for (each,) in updated] == [(id, MessageState.SENT)]
    assert messages.unread.value == 0


def test_what_another_device_of_ours_writes_to_us_is_ours(romeo, messages):
    romeo.plug(Carbons)
    romeo.goes_online()
    note = to_ourselves("n", f"{OWN}/phone")
    forwarded = f"<forwarded xmlns='urn:xmpp:forward:0'>{note}</forwarded>".replace("<message", f"<message {CLIENT}")
    romeo.hears(note)
    romeo.hears(f"<message from='{OWN}'><received xmlns='urn:xmpp:carbons:2'>{forwarded}</received></message>")
    romeo.turn()
    (message,) = now(messages.get_history(OWN))
    assert (message.outgoing, message.state, messages.unread.value) == (True, MessageState.SENT, 0)


def test_an_error_for_what_we_wrote_to_ourselves_is_told(romeo, messages):
    romeo.goes_online()
    id = now(messages.send(OWN, "a note"))
    error = "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
    romeo.hears(f"<message from='{OWN}' type='error' id='{id}'>{error}</message>")
    assert now(messages.get_message(id)).state is MessageState.FAILED


def test_what_was_not_acknowledged_is_sent_again_with_the_same_id(romeo, messages):
    romeo.goes_online()
    first, second = now(messages.send(JULIET, "one")), now(messages.send(JULIET, "two"))
    romeo.sent()
    acknowledge(romeo, first)
    romeo.goes_offline()
    romeo.goes_online()
    (xml,) = romeo.sent()
    assert second in xml
    romeo.goes_offline()
    romeo.goes_online(resumed=True)  # the stream itself takes care of it then
    assert romeo.sent() == []


def test_a_heard_message_is_stored_told_and_unread(romeo, messages, record):
    added, unread = record(messages.added), record(messages.unread_changed)
    romeo.hears(f"<message from='{JULIET}/balcony' type='chat' id='a'><body>ay me</body></message>")
    romeo.turn()
    ((message,),) = added
    assert (message.peer, message.body, message.state, message.outgoing) == (
        JULIET,
        "ay me",
        MessageState.UNREAD,
        False,
    )
    assert unread == [[(JULIET, 1, 0)]]
    assert messages.unread.value == 1
    now(messages.mark_read(JULIET))
    romeo.turn()
    assert unread[-1] == [(JULIET, 0, 0)]
    assert now(messages.get_history(JULIET))[0].state is MessageState.READ
    now(messages.mark_unread(JID(f"{JULIET}/balcony")))
    romeo.turn()
    assert unread[-1] == [(JULIET, 1, 0)]
    assert messages.unread.value == 1
    assert now(messages.get_history(JULIET))[0].state is MessageState.UNREAD


def test_a_domain_that_only_looks_alike_has_its_own_conversation(romeo, messages):
    romeo.goes_online()
    for number, sender in enumerate(["boss@fass.de", "boss@faß.de", "boss@xn--fa-hia.de"]):
        romeo.hears(f"<message from='{sender}/x' type='chat' id='{number}'><body>from {sender}</body></message>")
    assert [each.body for each in now(messages.get_history(JID("boss@fass.de")))] == ["from boss@fass.de"]
    assert len(now(messages.get_history(JID("boss@faß.de")))) == 2


def test_names_that_others_choose_are_cut(romeo, messages):
    """A page of history has many of them."""
    long = "x" * 500_000
    romeo.hears(f"<message from='{JULIET}' id='{long}'><body>hi</body><thread>{long}</thread></message>")
    (message,) = now(messages.get_history(JULIET))
    assert message.thread == long[:1_000]


def test_the_same_message_is_shown_once(romeo, messages, record):
    added = record(messages.added)
    xml = f"<message from='{JULIET}/balcony' type='chat' id='a'><body>ay me</body></message>"
    romeo.hears(xml)
    romeo.hears(xml)
    romeo.turn()
    assert len(added) == 1


def test_a_burst_is_told_together(romeo, messages, record):
    added = record(messages.added)
    for number in range(20):
        romeo.hears(f"<message from='{JULIET}/b' type='chat' id='{number}'><body>{number}</body></message>")
    romeo.turn()
    (batch,) = added
    assert [message.body for message in batch] == [str(number) for number in range(20)]


def test_an_error_marks_the_message_failed_only_from_who_it_went_to(romeo, messages):
    romeo.goes_online()
    id = now(messages.send(JULIET, "soft!"))
    error = "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
    romeo.hears(f"<message from='paris@verona.lit' type='error' id='{id}'>{error}</message>")
    assert now(messages.get_message(id)).state is MessageState.PENDING
    romeo.hears(f"<message from='{JULIET}' type='error' id='{id}'>{error}</message>")
    failed = now(messages.get_message(id))
    assert failed.state is MessageState.FAILED
    assert str(JULIET) in failed.error
    romeo.sent()
    now(messages.retry(id))
    (again,) = romeo.sent()
    assert id in again


def test_what_another_device_of_ours_cannot_take_is_no_error_of_our_message(romeo, messages):
    """A contact knows the id of our message, and could give one of theirs the same."""
    romeo.plug(Carbons)
    romeo.goes_online()
    id = now(messages.send(JULIET, "soft!"))
    inner = f"<message xmlns='jabber:client' from='{OWN}/phone' to='{JULIET}/b' type='error' id='{id}'/>"
    forward = f"<forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded>"
    romeo.hears(f"<message from='{OWN}'><sent xmlns='urn:xmpp:carbons:2'>{forward}</sent></message>")
    assert now(messages.get_message(id)).state is MessageState.PENDING


def test_an_archive_id_is_believed_only_from_our_own_server(romeo, messages):
    message = "<message from='juliet@capulet.lit/b'><stanza-id xmlns='urn:xmpp:sid:0' by='{}' id='7'/></message>"
    own, other = (Arrival(Message(parse(message.format(by))), JULIET) for by in (OWN, "capulet.lit"))
    assert (messages.archive_id(own), messages.archive_id(other)) == ("7", "")


@pytest.mark.parametrize("body", ["", "   \n"])
def test_an_empty_message_is_refused(romeo, messages, body):
    with pytest.raises(InvalidArgument):
        now(messages.send(JULIET, body))


def test_a_message_that_is_too_long_is_refused_with_the_limit(romeo, messages):
    with pytest.raises(MessageTooLong, match=str(LONGEST)):
        now(messages.send(JULIET, "é" * LONGEST))
    assert romeo.sent() == []


def test_control_characters_do_not_break_the_stream(romeo, messages):
    romeo.goes_online()
    now(messages.send(JULIET, "a\x1b[31m\x00b\ud800<&>"))
    (xml,) = romeo.sent()
    assert "\x1b" not in xml
    assert "&lt;&amp;&gt;" in xml


def test_search_finds_words_and_their_beginnings(romeo, messages):
    for number, text in enumerate(("the lark sings", "the nightingale sang", "a lantern")):
        romeo.hears(f"<message from='{JULIET}/b' type='chat' id='s{number}'><body>{text}</body></message>")
    assert [message.body for message in now(messages.search("the la"))] == ["the lark sings"]
    assert [message.body for message in now(messages.search('"nightin'))] == ["the nightingale sang"]
