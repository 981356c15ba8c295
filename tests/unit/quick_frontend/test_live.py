from __future__ import annotations

import pytest
from support.fake_rooms import Rooms
from support.fake_transfers import Transfers
from support.fakes import JULIET, NURSE, TYBALT, Apis, Loop, message

from sat.api import JID
from sat.api.errors import ConnectionLost, FeatureMissing, NotConnected, StorageFull
from sat.api.messages import MessageKind, MessageState
from sat.api.posts import Place
from sat.api.profile import Connection, ConnectionState
from sat.plugins.archive.api import SyncState
from sat.plugins.avatars.api import Picture
from sat.plugins.chat_states.api import ChatState, PeerState
from sat.plugins.notify_settings.api import Notify
from sat.plugins.presence.api import Presence, Request, Show
from sat.plugins.rooms.api import Room, RoomState
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.timeline.api import Followed
from sat_frontends.quick_frontend.contact_rows import ROOMS, ContactRow, GroupRow
from sat_frontends.quick_frontend.live import ATTENDING, LiveChange, LiveProfile
from sat_frontends.quick_frontend.typing_heard import NICK, TYPING_BELIEVED, typing

UNREAD = MessageState.UNREAD
BALCONY = JID("balcony@rooms.capulet.lit")
ONLINE = Presence(JULIET.with_resource("balcony"), Show.ONLINE)


class Scene:
    def __init__(self, *rooms: Room):
        self.apis, self.loop = Apis(Contact(JULIET, "Juliet", Subscription.BOTH, [])), Loop()
        if rooms:
            self.apis.rooms = Rooms()
            for room in rooms:
                self.apis.rooms.put(room)
        self.apis.presence.there = [ONLINE]
        self.apis.transfers = Transfers()
        self.live = LiveProfile("romeo", self.apis, spawn=self.loop.spawn, later=self.loop.later)
        self.told: list[LiveChange] = []
        self.live.changed.connect(self.told.append)

    def starts(self):
        self.loop.now(self.live.start())
        self.told.clear()
        return self


@pytest.fixture
def scene():
    return Scene()


def test_everything_is_loaded(scene):
    scene.apis.messages.arrives(message(1, state=UNREAD), message(2, peer=TYBALT, state=UNREAD))
    scene.apis.presence.asked = [Request(NURSE)]
    scene.starts()
    live = scene.live
    assert live.contacts.presence(JULIET) == ONLINE
    assert live.contacts.with_unread() == [TYBALT, JULIET]
    assert (live.unread, live.requests, live.jid, live.online) == (2, [Request(NURSE)], "romeo@montague.lit", True)


def test_who_was_written_with_stays_in_the_list(scene):
    def listed():
        return [row.jid for row in scene.live.contacts.rows if isinstance(row, ContactRow)]

    scene.apis.messages.arrives(message(1, peer=TYBALT))
    scene.starts()
    assert listed() == [JULIET, TYBALT]
    scene.apis.messages.arrives(message(2, peer=NURSE, state=UNREAD))
    assert listed() == [NURSE, TYBALT, JULIET]
    scene.loop.now(scene.apis.messages.mark_read(NURSE))
    assert listed() == [JULIET, NURSE, TYBALT]


def test_what_cannot_be_loaded_does_not_stop_the_rest(scene):
    scene.apis.roster.fails["get_contacts"] = StorageFull()
    scene.apis.presence.asked = [Request(NURSE)]
    scene.loop.now(scene.live.start())
    assert scene.live.error == StorageFull()
    assert scene.live.requests == [Request(NURSE)]


def test_a_closed_profile_hears_nothing(scene):
    scene.starts()
    scene.live.close()
    scene.apis.roster.sets(Contact(NURSE, "Nurse", Subscription.BOTH, []))
    scene.apis.profile.connection.set(Connection())
    assert scene.live.contacts.contact(NURSE) is None
    assert scene.told == []


def test_a_closed_profile_is_taken_up_again_with_its_conversations_and_drafts(scene):
    scene.apis.messages.arrives(message(1))
    scene.starts()
    scene.live.chat(JULIET).write("O Juliet")
    scene.live.close()
    scene.apis.messages.arrives(message(2, state=UNREAD))
    scene.loop.now(scene.live.start())
    chat = scene.live.chats[JULIET]
    assert (chat.draft, chat.unread) == ("O Juliet", 1)
    assert [row.message.id for row in chat.rows()] == ["m1", "m2"]
    scene.apis.messages.arrives(message(3))
    assert len(chat.rows()) == 3


def test_without_the_daemon_nobody_is_seen(scene):
    scene.starts()
    chat = scene.live.chat(JULIET)
    scene.apis.chat_states.changed.emit(PeerState(JULIET.with_resource("balcony"), ChatState.COMPOSING))
    scene.live.lose_sight()
    assert (scene.live.contacts.online, chat.typing) == (0, False)


def test_the_contact_list_lives(scene):
    scene.starts()
    scene.apis.roster.sets(Contact(NURSE, "Nurse", Subscription.BOTH, []))
    assert scene.live.contacts.contact(NURSE) is not None
    scene.loop.now(scene.apis.roster.remove_contact(NURSE))
    assert scene.live.contacts.contact(NURSE) is None


def test_a_short_cut_hides_nobody_but_who_types(scene):
    scene.starts()
    chat = scene.live.chat(JULIET)
    scene.apis.chat_states.changed.emit(PeerState(JULIET.with_resource("balcony"), ChatState.COMPOSING))
    assert (chat.typing, scene.live.contacts.typing(JULIET)) == (True, True)
    lost = Connection(ConnectionState.WAITING, error="ConnectionLost", details={"server": "montague.lit"})
    scene.apis.profile.connection.set(lost)
    assert scene.live.contacts.online == 1
    assert (chat.typing, scene.live.contacts.typing(JULIET)) == (False, False)
    assert scene.live.connection_error == ConnectionLost(server="montague.lit")
    scene.apis.profile.connection.set(Connection(ConnectionState.ONLINE))
    assert scene.live.connection_error is None


def test_who_is_there_no_longer_is_told_by_the_daemon(scene):
    scene.starts()
    scene.apis.profile.connection.set(Connection())
    scene.apis.presence.changed.emit([ONLINE._replace(show=Show.OFFLINE)])
    assert scene.live.contacts.online == 0


def test_a_conversation_is_opened_once_and_loaded(scene):
    scene.apis.messages.arrives(message(1))
    scene.starts()
    chat = scene.live.chat(JULIET.with_resource("balcony"))
    assert scene.live.chat(JULIET) is chat
    assert len(chat.rows()) == 1
    assert scene.told == [LiveChange.CHATS]


def test_messages_find_their_conversation(scene):
    scene.starts()
    chat, other = scene.live.chat(JULIET), scene.live.chat(NURSE)
    scene.apis.messages.arrives(message(1, state=UNREAD))
    scene.apis.messages.changes("m1", MessageState.READ)
    assert [row.message.state for row in chat.rows()] == [MessageState.READ]
    assert other.rows() == []


def test_only_what_nobody_looks_at_is_notified(scene, record):
    scene.starts()
    arrived = record(scene.live.arrived)
    chat = scene.live.chat(JULIET)
    scene.apis.messages.arrives(message(1, state=UNREAD), message(2, outgoing=True))
    chat.look(True)
    scene.apis.messages.arrives(message(3, state=UNREAD), message(4, peer=NURSE, state=UNREAD))
    assert [[each.id for each in batch] for batch in arrived] == [["m1"], ["m4"]]


def test_a_draft_outlives_its_conversation(scene):
    scene.starts()
    scene.live.chat(JULIET).write("O Juliet")
    scene.live.close_chat(JULIET)
    assert scene.live.chats == {}
    assert scene.apis.chat_states.calls[-1] == ("set_typing", JULIET, False)
    assert scene.live.chat(JULIET).draft == "O Juliet"


def test_the_next_unread_goes_round(scene):
    scene.apis.messages.arrives(*[message(n, peer=peer, state=UNREAD) for n, peer in enumerate((JULIET, NURSE), 1)])
    scene.starts()
    first, second = scene.live.contacts.with_unread()
    assert scene.live.next_unread() == first
    assert scene.live.next_unread(first) == second
    assert scene.live.next_unread(second) == first
    assert scene.live.next_unread(TYBALT) == first


def test_who_asks_is_let_in_and_added(scene):
    scene.starts()
    scene.apis.presence.requested.emit(Request(NURSE, "it is me"))
    scene.apis.presence.requested.emit(Request(NURSE, "me again"))
    assert scene.live.requests == [Request(NURSE, "me again")]
    scene.loop.now(scene.live.accept(NURSE))
    assert scene.apis.presence.calls[-1] == ("approve", NURSE)
    assert scene.apis.roster.calls[-1] == ("add_contact", NURSE, "")
    assert scene.live.requests == []


def test_who_is_a_contact_is_only_asked_back(scene):
    scene.apis.roster.contacts[NURSE] = Contact(NURSE, "", Subscription.NONE, [])
    scene.starts()
    scene.apis.presence.requested.emit(Request(NURSE))
    scene.loop.now(scene.live.accept(NURSE))
    assert scene.apis.presence.calls[-1] == ("subscribe", NURSE)
    assert scene.apis.roster.count("add_contact") == 0


def test_who_has_not_asked_is_approved_and_asked_nothing(scene):
    scene.starts()
    scene.loop.now(scene.live.accept(NURSE))
    assert scene.apis.presence.calls[-1] == ("approve", NURSE)
    assert scene.apis.roster.count("add_contact") == 0


def test_a_request_that_failed_stays(scene):
    scene.starts()
    scene.apis.presence.requested.emit(Request(NURSE))
    scene.apis.presence.fails["refuse"] = NotConnected(profile="romeo")
    with pytest.raises(NotConnected):
        scene.loop.now(scene.live.refuse(NURSE))
    assert scene.live.requests == [Request(NURSE)]


def test_a_request_that_is_settled_goes(scene):
    scene.starts()
    scene.apis.presence.requested.emit(Request(NURSE))
    scene.apis.presence.requested.emit(Request(TYBALT))
    scene.apis.presence.settled.emit([NURSE])
    assert scene.live.requests == [Request(TYBALT)]
    assert scene.told == [LiveChange.REQUESTS] * 3


def test_changes_of_the_profile_are_told(scene):
    scene.starts()
    scene.apis.archive.sync.set(SyncState.SYNCING)
    scene.loop.now(scene.apis.presence.set_presence(Show.AWAY))
    assert scene.told == [LiveChange.JOBS, LiveChange.OWN_PRESENCE]
    assert scene.live.own.show is Show.AWAY


def jobs(scene):
    return [each.text for each in scene.live.jobs]


def test_catching_up_is_a_job(scene):
    scene.apis.archive.sync.value = SyncState.SYNCING
    scene.starts()
    assert jobs(scene) == ["Fetching what you missed"]
    scene.apis.archive.sync.set(SyncState.FAILED)
    assert jobs(scene) == ["Fetching what you missed: failed"]
    scene.apis.archive.sync.set(SyncState.SYNCING)
    assert jobs(scene) == ["Fetching what you missed"]
    scene.apis.archive.sync.set(SyncState.COMPLETE)
    assert jobs(scene) == []


def test_fetching_older_messages_is_a_job(scene):
    scene.starts()
    scene.live.chat(JULIET)
    scene.apis.archive.gate.closed = True
    scene.loop.spawn(scene.live.chat(JULIET).load_older())
    assert jobs(scene) == ["Fetching older messages"]
    scene.apis.archive.gate.open(scene.loop)
    assert jobs(scene) == []
    scene.apis.archive.fails["fetch_older"] = ConnectionLost(server="montague.lit")
    scene.loop.now(scene.live.chat(NURSE).load_older())
    assert scene.live.chat(NURSE).error is not None
    assert jobs(scene) == []


def test_after_the_daemon_was_away_all_is_loaded_again(scene):
    scene.starts()
    chat = scene.live.chat(JULIET)
    scene.apis.messages.stored["m1"] = message(1, state=UNREAD)
    scene.apis.roster.contacts[NURSE] = Contact(NURSE, "", Subscription.NONE, [])
    scene.apis.presence.asked = [Request(TYBALT)]
    scene.loop.now(scene.live.resync())
    assert len(chat.rows()) == 1
    assert chat.unread == 1
    assert scene.live.contacts.contact(NURSE) is not None
    assert scene.live.requests == [Request(TYBALT)]


def test_what_was_read_while_we_did_not_hear_is_read(scene):
    scene.apis.messages.arrives(message(1, state=UNREAD))
    scene.starts()
    chat = scene.live.chat(JULIET)
    scene.apis.messages.stored["m1"] = message(1, state=MessageState.READ)
    scene.loop.now(scene.live.resync())
    assert scene.live.contacts.unread(JULIET) == 0
    assert chat.unread == 0


def test_an_unread_conversation_that_is_gone_is_not_counted(scene):
    scene.apis.messages.arrives(message(1, state=UNREAD), message(2, peer=NURSE, state=UNREAD))
    scene.starts()
    del scene.apis.messages.stored["m1"]
    scene.loop.now(scene.live.resync())
    assert scene.live.contacts.with_unread() == [NURSE]


def test_sending_needs_no_open_conversation(scene):
    scene.starts()
    scene.loop.now(scene.live.send(NURSE, "go"))
    assert scene.live.chats == {}
    scene.live.chat(NURSE)
    scene.apis.messages.fails["send"] = StorageFull()
    with pytest.raises(StorageFull):
        scene.loop.now(scene.live.send(NURSE, "come"))
    assert scene.live.chats[NURSE].draft == "come"


def test_our_own_other_program_is_no_contact(scene):
    scene.starts()
    scene.apis.presence.changed.emit([Presence(JID("romeo@montague.lit/phone"), Show.ONLINE)])
    assert scene.live.contacts.online == 1
    assert len(scene.live.contacts) == 1


# -- who types: the list and the conversation say the same ---------------------------------------------------------


def types(scene, state=ChatState.COMPOSING):
    scene.apis.chat_states.changed.emit(PeerState(JULIET.with_resource("balcony"), state))


def types_now(scene):
    return scene.live.contacts.typing(JULIET), scene.live.chat(JULIET).typing


def test_nobody_types_for_ever(scene):
    scene.starts().live.chat(JULIET)
    types(scene)
    scene.loop.advance(TYPING_BELIEVED - 1)
    types(scene)  # is believed anew
    scene.loop.advance(TYPING_BELIEVED - 1)
    assert types_now(scene) == (True, True)
    scene.loop.advance(1)
    assert types_now(scene) == (False, False)


def test_nobody_types_for_ever_where_no_conversation_is_open(scene):
    types(scene.starts())
    scene.loop.advance(TYPING_BELIEVED)
    assert not scene.live.contacts.typing(JULIET)


def test_a_conversation_that_is_opened_knows_who_types(scene):
    types(scene.starts())
    assert types_now(scene) == (True, True)
    scene.loop.advance(TYPING_BELIEVED)
    assert types_now(scene) == (False, False)


@pytest.mark.parametrize("delayed", [False, True])
def test_a_message_ends_the_typing(scene, delayed):
    scene.starts().live.chat(JULIET)
    types(scene)
    scene.apis.messages.arrives(message(1, state=UNREAD, delayed=delayed))
    assert types_now(scene) == (delayed, delayed)  # what was written before says nothing about now
    types(scene, ChatState.PAUSED)
    assert types_now(scene) == (False, False)


def test_after_the_daemon_was_away_nobody_types(scene):
    scene.starts().live.chat(JULIET)
    types(scene)
    scene.loop.now(scene.live.resync())
    assert types_now(scene) == (False, False)


def test_a_closed_profile_has_no_timer_left(scene):
    types(scene.starts())
    scene.live.close()
    scene.loop.advance(TYPING_BELIEVED)
    assert scene.live.contacts.typing(JULIET)  # as it was: nobody looks any more


def test_in_a_room_each_of_those_who_type_is_named():
    scene = Scene(Room(BALCONY, "romeo", RoomState.JOINED))

    def hears(nick, state=ChatState.COMPOSING):
        scene.apis.chat_states.changed.emit(PeerState(BALCONY, state, nick))

    chat = scene.starts().live.chat(BALCONY)
    hears("nurse")
    scene.loop.advance(TYPING_BELIEVED - 1)
    hears("paris")
    assert (chat.typists, scene.live.contacts.typing(BALCONY)) == (("nurse", "paris"), True)
    scene.loop.advance(1)
    assert chat.typists == ("paris",)
    hears("paris", ChatState.GONE)
    assert (chat.typing, scene.live.contacts.typing(BALCONY)) == (False, False)
    hears("nurse")
    said = message(1, peer=BALCONY, kind=MessageKind.GROUPCHAT)
    scene.apis.messages.arrives(said._replace(sender=BALCONY.with_resource("nurse")))
    assert not chat.typing


def test_those_who_type_are_named_in_a_sentence():
    assert typing(("",), "Juliet\x07") == (["Juliet␇"], "is typing")
    assert typing(("anna", "ben"), "Room") == (["anna", "ben"], "are typing")
    assert typing(("a", "b", "c", "d", "e"), "Room") == (["a", "b", "c"], "and 2 more are typing")
    assert typing(("n" * 900,), "Room").names == ["n" * (NICK - 1) + "…"]


# -- what is unread, and wanted ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("notify", "private", "worth"),
    [
        (Notify.DEFAULT, False, 1),
        (Notify.DEFAULT, True, 3),
        (Notify.ALWAYS, False, 3),
        (Notify.MENTION, True, 1),
        (Notify.NEVER, True, 0),
    ],
)
def test_in_totals_counts_what_the_person_wants_to_be_told_of(notify, private, worth):
    scene = Scene(Room(BALCONY, "romeo", RoomState.JOINED, private=private)).starts()
    scene.loop.now(scene.apis.notify_settings.choose(BALCONY, notify))
    written = [
        message(number, peer=BALCONY, kind=MessageKind.GROUPCHAT, state=UNREAD, mention=number == 2)
        for number in (1, 2, 3)
    ]
    scene.apis.messages.arrives(message(4, state=UNREAD), *written)
    live = scene.live
    (row,) = [each for each in live.contacts.rows if isinstance(each, ContactRow) and each.jid == BALCONY]
    (head,) = [each for each in live.contacts.rows if isinstance(each, GroupRow) and each.name == ROOMS]
    assert (live.unread, head.unread, row.unread, row.quiet) == (1 + worth, worth, 3, not worth)
    scene.loop.now(live.resync())
    assert live.unread == 1 + worth


def test_what_is_chosen_changes_the_totals_at_once(scene):
    scene.apis.messages.arrives(message(1, state=UNREAD))
    scene.starts()
    seen = []
    scene.live.contacts.changed.connect(seen.append)
    scene.loop.now(scene.apis.notify_settings.choose(JULIET, Notify.NEVER))
    assert (scene.live.unread, seen, scene.told) == (0, [{JULIET}], [LiveChange.UNREAD])
    assert scene.live.contacts.with_unread() == [JULIET], "it is there to be read all the same"


def test_that_somebody_is_looking_is_told_once_a_minute(scene):
    scene.starts()
    told = scene.apis.client_state.calls
    scene.live.attend()
    scene.live.attend()
    assert len(told) == 1
    scene.loop.advance(ATTENDING)
    scene.live.attend()
    assert len(told) == 2


def test_who_cannot_be_told_is_no_problem(scene):
    scene.starts()
    scene.apis.client_state.fails["attend"] = FeatureMissing(who="The daemon", feature="client_state")
    scene.live.attend()
    assert scene.live.error is None


def test_who_is_blocked_is_marked(scene):
    def marked():
        return [row.jid for row in scene.live.contacts.rows if isinstance(row, ContactRow) and row.blocked]

    scene.apis.blocking.blocked = [JULIET]
    scene.starts()
    assert marked() == [JULIET]
    scene.apis.blocking.sets()
    assert marked() == []


def test_a_server_that_knows_no_blocking_is_no_trouble(scene):
    scene.apis.blocking.fails["get_blocked"] = FeatureMissing(who="example.org", feature="blocking")
    scene.starts()
    assert scene.live.error is None
    assert scene.live.contacts.blocked == []


def test_pictures_are_in_the_rows(scene):
    def shown():
        return [row.picture for row in scene.live.contacts.rows if isinstance(row, ContactRow)]

    scene.apis.avatars.pictures[JULIET] = Picture("1", "image/png", b"")
    scene.starts()
    assert shown() == ["1"]
    scene.apis.avatars.sets(JULIET, Picture("2", "image/png", b""))
    assert shown() == ["2"]
    scene.apis.avatars.pictures.clear()
    scene.loop.now(scene.live.resync())
    assert shown() == [""]


def test_what_is_followed_is_told(scene):
    scene.starts()
    scene.apis.timeline.following_changed.emit([Followed(Place(JULIET), "Juliet's", 2)])
    assert scene.live.following.unread == 2
    assert scene.told[-1] is LiveChange.FOLLOWING


def test_what_is_on_its_way_is_kept_up_to_date(scene):
    scene.apis.transfers.offered(JULIET, "before")
    scene.starts()
    scene.apis.transfers.offered(JULIET, "now")
    assert [each.name for each in scene.live.transfers.asking] == ["before", "now"]
    assert scene.told == [LiveChange.TRANSFERS]
