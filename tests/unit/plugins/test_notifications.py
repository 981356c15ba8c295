"""The desktop tells of what nobody has read."""

import pytest
from support.romeo import FULL, OWN, now

from sat.api import JID
from sat.api.messages import Message, MessageKind, MessageState
from sat.api.posts import Draft, Place, Post
from sat.plugins.attachments.plugin import Attachments
from sat.plugins.blog_drafts.api import Kept
from sat.plugins.blog_drafts.events import NotPublished
from sat.plugins.client_state.plugin import ClientState
from sat.plugins.http_auth.plugin import HttpAuth
from sat.plugins.messages.plugin import Messages
from sat.plugins.notifications.plugin import AT_ONCE, LONG, LOOK, MOST, Notifications
from sat.plugins.notify_settings.api import Notify
from sat.plugins.notify_settings.plugin import NotifySettings
from sat.plugins.presence.api import Show
from sat.plugins.presence.plugin import PresencePlugin
from sat.plugins.rooms.plugin import Rooms
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.roster.plugin import Roster
from sat.plugins.spoilers.plugin import Spoilers
from sat.plugins.timeline.events import Answered, Mentioned
from sat.plugins.transfers.api import Direction, Transfer, TransferState
from sat.plugins.transfers.plugin import Transfers

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


POST = Post(Place(JID("romeo@montague.lit"), id="1"), JID("romeo@montague.lit"), title="A dream\u202e", text="…")


def answer(romeo, *texts, post=POST):
    comments = [Post(Place(JULIET, "comments", str(number)), JULIET, text=text) for number, text in enumerate(texts)]
    romeo.emit(Answered(post, comments))


def test_what_could_not_be_published_is_told(romeo, desktop):
    romeo.emit(NotPublished(Kept("1", Draft("*Too* late"), Place(OWN)), "There is no blog."))
    romeo.turn()
    assert list(desktop.shown.values()) == [("“*Too* late” was not published", "There is no blog.")]


def test_answers_to_our_posts_are_told(romeo, desktop):
    answer(romeo, "♥")
    later(romeo)
    assert list(desktop.shown.values()) == [("Juliet", "likes “A dream”")]
    answer(romeo, "What was\nit?")
    answer(romeo, "I see", "♥")
    later(romeo)
    assert list(desktop.shown.values()) == [("Juliet", "3 answers. The last one on “A dream”: I see")]


def test_answers_to_many_posts_are_told_as_one(romeo, desktop):
    for number in range(AT_ONCE + 1):
        answer(romeo, "♥", post=POST._replace(place=POST.place._replace(id=str(number))))
    later(romeo)
    assert list(desktop.shown.values()) == [(f"{AT_ONCE + 1} answers to your posts", "")]


def test_answers_are_told_as_is_chosen(romeo, desktop):
    now(romeo.settings.set_setting("notifications.text", "false"))
    answer(romeo, "psst")
    later(romeo)
    assert list(desktop.shown.values()) == [("An answer to your post", "")]
    desktop.shown.clear()
    now(romeo.settings.set_setting("notifications.posts", "false"))
    answer(romeo, "psst")
    later(romeo)
    assert desktop.shown == {}


def test_a_flood_of_answers_is_not_held(romeo, desktop):
    for number in range(MOST + 50):
        answer(romeo, "♥", post=POST._replace(place=POST.place._replace(id=str(number))))
    later(romeo)
    assert list(desktop.shown.values()) == [(f"{MOST} answers to your posts", "")]


def test_posts_that_mention_us_are_told(romeo, desktop):
    romeo.emit(Mentioned([POST._replace(author=JULIET)]))
    later(romeo)
    assert list(desktop.shown.values()) == [("Juliet", "mentions you in “A dream”")]
    now(romeo.settings.set_setting("notifications.text", "false"))
    romeo.emit(Mentioned([POST._replace(author=JULIET)]))
    later(romeo)
    assert list(desktop.shown.values()) == [("A post mentions you", "")]
    now(romeo.settings.set_setting("notifications.posts", "false"))
    romeo.emit(Mentioned([POST._replace(place=POST.place._replace(id="another"))]))
    later(romeo)
    assert len(desktop.shown) == 1


# -- who waits for an answer -------------------------------------------------------------------------------------------

CONFIRM = "<confirm xmlns='http://jabber.org/protocol/http-auth' id='7' method='GET' url='https://site.lit/{}'/>"
ROOM = JID("balcony@rooms.capulet.lit")


@pytest.fixture
def requests(romeo):
    """Somebody may ask."""
    desktop = romeo.desktop = Desktop()
    for kind in (PresencePlugin, Rooms, HttpAuth, Notifications):
        romeo.plug(kind)
    romeo.goes_online()
    return desktop


def ask(romeo):
    romeo.hears("<presence type='subscribe' from='paris@verona.lit'/>")
    romeo.hears(f"<iq type='get' id='c' from='site.lit' to='{FULL}'>{CONFIRM.format(1)}</iq>")


def test_who_waits_for_an_answer_is_shown_until_they_have_one(romeo, requests):
    ask(romeo)
    invite = "<x xmlns='http://jabber.org/protocol/muc#user'><invite from='paris@verona.lit/x'/></x>"
    romeo.hears(f"<message from='{ROOM}'>{invite}</message>")
    later(romeo)
    assert sorted(requests.shown.values()) == [
        ("balcony@rooms.capulet.lit", "says that paris@verona.lit invites you"),
        ("paris@verona.lit", "asks to see when you are online"),
        ("site.lit", "asks whether it is you who wants to log in"),
    ]
    now(romeo.plugin(PresencePlugin).refuse(JID("paris@verona.lit")))
    romeo.plugin(Rooms).invitations.decline(ROOM, "")
    (site,) = now(romeo.plugin(HttpAuth).get_confirmations())
    now(romeo.plugin(HttpAuth).answer(site.number, False))
    romeo.clock.advance(0.1)
    assert requests.shown == {}


def test_who_has_an_answer_at_once_is_not_shown(romeo, requests):
    romeo.hears("<presence type='subscribe' from='paris@verona.lit'/>")
    now(romeo.plugin(PresencePlugin).refuse(JID("paris@verona.lit")))
    later(romeo)
    assert requests.shown == {}


def test_who_waits_is_not_shown_where_that_is_not_wanted(romeo, requests):
    romeo.plugin(Notifications).options.requests = False
    ask(romeo)
    later(romeo)
    assert requests.shown == {}


def test_many_who_wait_are_one_notification(romeo, requests):
    for number in range(AT_ONCE + 1):
        romeo.hears(f"<presence type='subscribe' from='p{number}@verona.lit'/>")
    later(romeo)
    assert list(requests.shown.values()) == [(f"{AT_ONCE + 1} wait for an answer", "")]


# -- files that are offered --------------------------------------------------------------------------------------------


@pytest.fixture
def offers(romeo):
    """What is on its way; nobody has looked at any frontend for long."""
    desktop = romeo.desktop = Desktop()
    transfers = romeo.plug(Transfers)
    romeo.plug(ClientState).active.set(False)
    romeo.plug(Notifications)
    romeo.plugin(Roster).contacts[JULIET] = Contact(JULIET, "Juliet", Subscription.BOTH, [])
    transfers.desktop = desktop
    return transfers


def offered(transfers, id="t1", **fields):
    fields = {"state": TransferState.OFFERED, "peer": JULIET.with_resource("b"), **fields}
    transfers.note(Transfer(id, Direction.RECEIVE, "rose\u202e.png", **fields))


def test_what_is_offered_where_nobody_looks_is_shown_until_it_is_decided(romeo, offers):
    offered(offers)
    later(romeo)
    assert offers.desktop.shown == {1: ("Juliet", "offers rose .png")}
    offered(offers, moved=0)
    later(romeo)
    assert list(offers.desktop.shown) == [1]
    offered(offers, state=TransferState.CANCELLED)
    romeo.clock.advance(0.1)
    assert (offers.desktop.shown, offers.desktop.closed) == ({}, [1])


def test_what_is_offered_is_told_by_a_frontend_that_is_looked_at(romeo, offers):
    now(romeo.plugin(ClientState).attend())
    offered(offers)
    later(romeo)
    assert offers.desktop.shown == {}


def test_what_is_decided_at_once_or_not_wanted_is_not_shown(romeo, offers):
    offered(offers)
    offered(offers, state=TransferState.DONE)
    romeo.plugin(Notifications).options.files = False
    offered(offers, "t2")
    later(romeo)
    assert offers.desktop.shown == {}


def test_many_files_are_one_notification(romeo, offers):
    for number in range(AT_ONCE + 1):
        offered(offers, f"t{number}")
    later(romeo)
    assert [summary for summary, _ in offers.desktop.shown.values()] == [f"{AT_ONCE + 1} files are offered to you"]
