"""The desktop tells of what nobody has read."""

import pytest
from support.romeo import now

from sat.api import JID
from sat.api.messages import Message, MessageKind, MessageState
from sat.plugins.attachments.plugin import Attachments
from sat.plugins.messages.plugin import Messages
from sat.plugins.notifications.plugin import AT_ONCE, LONG, LOOK, MOST, Notifications
from sat.plugins.notify_settings.api import Notify
from sat.plugins.notify_settings.plugin import NotifySettings
from sat.plugins.presence.api import Show
from sat.plugins.presence.plugin import PresencePlugin
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.roster.plugin import Roster
from sat.plugins.spoilers.plugin import Spoilers

JULIET = JID("juliet@capulet.lit")


class Desktop:
    """Notes what it is to show."""

    def __init__(self):
        self.shown = {}
        self.closed = []
        self._last = 0

    async def notify(self, replaces, summary, body):
        self._last = replaces or self._last + 1
        self.shown[self._last] = (summary, body)
        return self._last

    async def close(self, number):
        self.closed.append(number)
        del self.shown[number]


@pytest.fixture
def desktop(romeo):
    desktop = romeo.desktop = Desktop()
    romeo.plug(PresencePlugin)
    romeo.plug(Notifications)
    romeo.plugin(Roster).contacts[JULIET] = Contact(JULIET, "Juliet", Subscription.BOTH, [])
    romeo.goes_online()
    return desktop


def writes(romeo, body, sender=JULIET, id="m1", kind="chat"):
    romeo.hears(f"<message type='{kind}' id='{id}' from='{sender}/b'><body>{body}</body></message>")
    romeo.clock.advance(0.1)


def later(romeo):
    romeo.clock.advance(LOOK)
    romeo.clock.advance(0.1)


def test_what_nobody_reads_is_shown_after_a_moment_and_goes_when_it_is_read(romeo, desktop):
    writes(romeo, "Art thou <there>?".replace("<", "&lt;"))
    assert desktop.shown == {}
    later(romeo)
    assert desktop.shown == {1: ("Juliet", "Art thou <there>?")}
    writes(romeo, "Hello?", id="m2")
    later(romeo)
    assert desktop.shown == {1: ("Juliet", "Hello?")}
    now(romeo.plugin(Messages).mark_read(JULIET))
    romeo.clock.advance(1)
    assert (desktop.shown, desktop.closed) == ({}, [1])


def test_what_is_read_at_once_is_not_shown(romeo, desktop):
    writes(romeo, "Here?")
    now(romeo.plugin(Messages).mark_read(JULIET))
    romeo.clock.advance(1)
    later(romeo)
    assert desktop.shown == {}


def test_what_comes_together_is_told_together(romeo, desktop):
    for number in range(3):
        writes(romeo, f"line {number}", id=f"m{number}")
    later(romeo)
    assert desktop.shown == {1: ("Juliet", "3 new messages. line 2")}


def test_many_conversations_are_one_notification(romeo, desktop):
    for number in range(AT_ONCE + 2):
        writes(romeo, "hello", JID(f"n{number}@capulet.lit"))
    later(romeo)
    assert list(desktop.shown.values()) == [
        ("5 new messages", "n0@capulet.lit, n1@capulet.lit, n2@capulet.lit and 2 more")
    ]


def test_flood_is_not_held(romeo, desktop):
    plugin = romeo.plugin(Notifications)
    for number in range(MOST + 50):
        peer = JID(f"n{number}@capulet.lit")
        body = "x" * 50_000
        plugin._added([Message(f"m{number}", number, peer, peer, False, body, 0.0, MessageState.UNREAD)])
    assert len(plugin._unread) == MOST
    assert max(len(each.text) for each in plugin._unread.values()) <= 4 * LONG
    later(romeo)
    assert len(desktop.shown) == 1


def test_do_not_disturb(romeo, desktop):
    now(romeo.plugin(PresencePlugin).set_presence(Show.DND, ""))
    writes(romeo, "Wake up")
    later(romeo)
    assert desktop.shown == {}


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("notifications.chats", "false", {}),
        ("notifications.text", "false", {1: ("Juliet", "A new message")}),
    ],
)
def test_what_is_shown_is_the_persons_choice(romeo, desktop, key, value, shown):
    now(romeo.settings.set_setting(key, value))
    writes(romeo, "psst")
    later(romeo)
    assert desktop.shown == shown


def test_what_was_chosen_for_a_conversation_is_told(romeo, desktop):
    plugin, room = romeo.plugin(Notifications), JID("balcony@rooms.lit")

    def said(number, mention=False):
        fields = {"kind": MessageKind.GROUPCHAT, "mention": mention}
        sender = room.with_resource("Nurse")
        plugin._added(
            [Message(f"g{number}", number, room, sender, False, "Romeo, come", 0.0, MessageState.UNREAD, **fields)]
        )
        later(romeo)
        return list(desktop.shown.values())

    choose = romeo.plugin(NotifySettings).choose
    now(choose(room, Notify.MENTION))
    assert said(1) == []
    assert said(2, mention=True) == [("balcony@rooms.lit", "Nurse: Romeo, come")]
    desktop.shown.clear()
    now(choose(room, Notify.NEVER))
    assert said(3, mention=True) == []
    now(choose(room, Notify.ALWAYS))
    now(romeo.settings.set_setting("notifications.rooms", "false"))
    assert said(4) == []
    now(choose(JULIET, Notify.NEVER))
    writes(romeo, "psst")
    later(romeo)
    assert desktop.shown == {}


def test_nothing_of_a_text_moves_or_turns_anything_and_it_is_bounded(romeo, desktop):
    writes(romeo, "a\u202eb&#10;c " + "x" * 5000)
    later(romeo)
    ((_, body),) = desktop.shown.values()
    assert body.startswith("a b c xxx")
    assert len(body) == LONG


@pytest.mark.parametrize(
    ("inside", "shown"),
    [
        ("<body>They die.</body><spoiler xmlns='urn:xmpp:spoiler:0'>the end</spoiler>", "Spoiler: the end"),
        ("<body>They die.</body><spoiler xmlns='urn:xmpp:spoiler:0'/>", "Spoiler"),
        (
            "<body>https://x.lit/a/cat.png</body><x xmlns='jabber:x:oob'><url>https://x.lit/a/cat.png</url></x>",
            "cat.png",
        ),
    ],
)
def test_what_is_hidden_stays_so_and_files_are_named(romeo, desktop, inside, shown):
    romeo.plug(Spoilers, Attachments)
    romeo.hears(f"<message type='chat' id='m' from='{JULIET}/b'>{inside}</message>")
    romeo.clock.advance(0.1)
    later(romeo)
    assert desktop.shown == {1: ("Juliet", shown)}


def test_our_own_messages_and_errors_are_not_told(romeo, desktop):
    romeo.hears(f"<message type='error' id='e' from='{JULIET}'><body>x</body><error type='cancel'/></message>")
    later(romeo)
    assert desktop.shown == {}
