"""One profile, live: its apis wired to the models."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from enum import StrEnum

from sat.api import JID, SatError, Signal
from sat.api.messages import PLAIN, Extra, Message, MessageChange, MessageKind, MessageState
from sat.api.profile import Connection, ConnectionState
from sat.plugins.chat_states.api import ChatState, PeerState
from sat.plugins.messages.api import Unread
from sat.plugins.presence.api import Presence, Request, Show
from sat_frontends.quick_frontend.apis import ProfileApis
from sat_frontends.quick_frontend.archive import ShownArchive
from sat_frontends.quick_frontend.chat import Chat
from sat_frontends.quick_frontend.confirming import Confirmations
from sat_frontends.quick_frontend.contacts import ContactList
from sat_frontends.quick_frontend.drafts import Drafts
from sat_frontends.quick_frontend.encrypting import Encrypting
from sat_frontends.quick_frontend.jobs import Jobs
from sat_frontends.quick_frontend.loop import Later, Spawn, never
from sat_frontends.quick_frontend.notifying import Notifying
from sat_frontends.quick_frontend.profiles import connection_error
from sat_frontends.quick_frontend.programs import Programs
from sat_frontends.quick_frontend.rooms import Rooms
from sat_frontends.quick_frontend.timeline import Following
from sat_frontends.quick_frontend.times import no_offset
from sat_frontends.quick_frontend.transfers import Transfers
from sat_frontends.quick_frontend.typing_heard import TypingHeard
from sat_frontends.quick_frontend.voices import Voices

_CONVERSATIONS = 500  # more than anybody reads, and one page
ATTENDING = 60.0  # seconds between two times that the daemon is told that somebody is looking


class LiveChange(StrEnum):
    """What changed, beside the contact list and the conversations, which tell by themselves."""

    CONNECTION = "connection"
    OWN_PRESENCE = "own-presence"
    UNREAD = "unread"  # of this profile or of one of its conversations
    REQUESTS = "requests"
    INVITATIONS = "invitations"
    CHATS = "chats"  # which conversations are open
    ENCRYPTION = "encryption"  # how a conversation is encrypted, or whose keys are trusted
    FOLLOWING = "following"  # what is followed, or how much of it was not seen
    TRANSFERS = "transfers"  # files and pipes on their way
    JOBS = "jobs"  # what takes long: one began, went on or is over
    ERROR = "error"


class LiveProfile:
    """A profile with its contacts and conversations, kept up to date."""

    def __init__(
        self,
        name: str,
        apis: ProfileApis,
        *,
        spawn: Spawn,
        later: Later = never,
        offset: Callable[[float], int] = no_offset,
    ) -> None:
        self.changed: Signal[LiveChange] = Signal()
        self.arrived: Signal[list[Message]] = Signal()
        """Messages of others that just came and are not being looked at, or ask for attention: to notify of."""
        self.name = name
        self.apis = apis
        self.contacts = ContactList()
        self.chats: dict[JID, Chat] = {}
        """The open conversations, in the order they were opened."""
        self.jobs = Jobs()
        """What takes long now, to be shown."""
        self.archive = ShownArchive(apis.archive, self.jobs)
        self.rooms = Rooms(apis.rooms, self.contacts, self.chats)
        self.confirmations = Confirmations(apis.http_auth)
        self.voices = Voices(apis.rooms)
        self.following = Following(apis.timeline)
        self.transfers = Transfers(apis.transfers, apis.files)
        self.notifying = Notifying(apis.notify_settings, self.contacts)
        self.encrypting = Encrypting(apis.encryption, self.contacts, self.chats, lambda: self.jid, spawn)
        self.programs = Programs(apis.disco, self.contacts, self.chats, spawn)
        self.requests: list[Request] = []
        """Who asked to see our presence and has no answer yet."""
        self.error: SatError | None = None
        """What went wrong last in the background."""
        self._spawn, self._later, self._offset = spawn, later, offset
        self.drafts = Drafts(apis.drafts, self.contacts, self.chats, spawn=spawn, later=later)
        self._typing = TypingHeard(self.contacts, self.chats, later)
        self._disconnects: list[Callable[[], None]] = []
        self._attended = False  # told, not long ago

    # -- looking --------------------------------------------------------------------------------------------------

    @property
    def jid(self) -> JID:
        """The account's bare address."""
        return self.apis.profile.jid.value.bare

    @property
    def connection(self) -> Connection:
        """The connection as it is now."""
        return self.apis.profile.connection.value

    @property
    def connection_error(self) -> SatError | None:
        """What ended the last connection, as an error with its sentence and advice."""
        return connection_error(self.connection)

    @property
    def online(self) -> bool:
        """Whether we are online."""
        return self.connection.state is ConnectionState.ONLINE

    @property
    def own(self) -> Presence:
        """Our own presence."""
        return self.apis.presence.own.value

    @property
    def unread(self) -> int:
        """How many messages are unread in all conversations, of those that the person wants to be told of."""
        return max(0, self.apis.messages.unread.value - self.contacts.counts.ignored)

    @property
    def waiting(self) -> int:
        """The same, with the files that are offered: what a title counts."""
        return self.unread + len(self.transfers.asking)

    def next_unread(self, after: JID | None = None) -> JID | None:
        """The next conversation with something unread, going round the list."""
        unread = self.contacts.with_unread()
        if after in unread:
            unread = unread[unread.index(after) + 1 :] + unread[: unread.index(after)]
        return unread[0] if unread else None

    # -- being there ----------------------------------------------------------------------------------------------

    def attend(self) -> None:
        """Somebody is looking, or does something. Call it as often as you like."""
        if not self._attended:
            self._attended = True
            self._later(ATTENDING, self._attend_again)
            self._spawn(self._attend())

    def _attend_again(self) -> None:
        self._attended = False

    async def _attend(self) -> None:
        with suppress(SatError):  # the daemon is away, or has this switched off: nothing that a person has to know
            await self.apis.client_state.attend()

    # -- its life -------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Hear everything from now on, and load the contacts, presences, requests, unread counts, and the
        conversations that were open when it was closed before."""
        if not self._disconnects:
            self._listen()
        await self._load()

    def close(self) -> None:
        """Hear nothing any more. ``start`` takes it up again, with its conversations and drafts."""
        for stop in self._disconnects:
            stop()
        self._disconnects.clear()
        self._typing.close()

    async def resync(self) -> None:
        """The daemon was away and is back: load everything again."""
        await self._load()
        self._typing.nobody()
        for change in (LiveChange.CONNECTION, LiveChange.OWN_PRESENCE, LiveChange.UNREAD):
            self.changed.emit(change)

    def lose_sight(self) -> None:
        """The daemon is away: nothing is known of who is there and what they do."""
        self.contacts.nobody()
        self._typing.nobody()

    def _listen(self) -> None:
        apis = self.apis
        self._disconnects += [
            apis.profile.connection.changed.connect(self._connection_changed),
            apis.roster.changed.connect(self.contacts.update),
            apis.roster.removed.connect(self.contacts.remove),
            apis.avatars.changed.connect(self.contacts.set_pictures),
            apis.blocking.changed.connect(self.contacts.set_blocked),
            apis.presence.changed.connect(self._presences_changed),
            apis.presence.own.changed.connect(lambda own: self.changed.emit(LiveChange.OWN_PRESENCE)),
            apis.presence.requested.connect(self._requested),
            apis.presence.settled.connect(self._answered),
            apis.messages.added.connect(self._messages_added),
            apis.messages.edited.connect(self._messages_edited),
            apis.messages.updated.connect(self._messages_updated),
            apis.messages.unread_changed.connect(self._unread_changed),
            apis.messages.unread.changed.connect(lambda count: self.changed.emit(LiveChange.UNREAD)),
            apis.chat_states.changed.connect(self._state_changed),
            *self.rooms.listen(),
            self.notifying.listen(),
            apis.notify_settings.chosen.connect(lambda _: self.changed.emit(LiveChange.UNREAD)),
            *self.encrypting.listen(),
            apis.rooms.occupants_changed.connect(self.encrypting.occupants_changed),
            self.encrypting.changed.connect(lambda _: self.changed.emit(LiveChange.ENCRYPTION)),
            self.rooms.invitations_changed.connect(lambda _: self.changed.emit(LiveChange.INVITATIONS)),
            self.drafts.listen(),
            self.programs.listen(),
            *self.confirmations.listen(),
            self.confirmations.changed.connect(lambda _: self.changed.emit(LiveChange.REQUESTS)),
            *self.voices.listen(),
            self.voices.changed.connect(lambda _: self.changed.emit(LiveChange.REQUESTS)),
            *self.following.listen(),
            self.following.changed.connect(lambda _: self.changed.emit(LiveChange.FOLLOWING)),
            *self.transfers.listen(),
            self.transfers.changed.connect(lambda _: self.changed.emit(LiveChange.TRANSFERS)),
            apis.archive.sync.changed.connect(self.archive.show),
            self.jobs.changed.connect(lambda id: self.changed.emit(LiveChange.JOBS)),
        ]

    async def _load(self) -> None:
        """Load what is shown at once. What cannot be loaded stays as it was, and the rest is loaded all the same."""
        self.archive.show(self.apis.archive.sync.value)
        try:
            contacts = await self.apis.roster.get_contacts()
            self.contacts.replace(contacts, await self.apis.presence.get_presences())
        except SatError as error:
            self._fail(error)
        with suppress(SatError):  # this can be switched off in the daemon: then nobody shows any
            self.contacts.set_pictures(await self.apis.avatars.get_shown(), whole=True)
        with suppress(SatError):  # the server or the daemon has no blocking: then nobody is blocked
            self.contacts.set_blocked(await self.apis.blocking.get_blocked())
        with suppress(SatError):  # switched off in the daemon: then each frontend has its own
            await self.drafts.load()
        await self.confirmations.load()
        await self.voices.load()
        await self.following.load()
        await self.transfers.load()
        await self.notifying.load()
        await self.encrypting.load()
        try:
            await self.rooms.load()
        except SatError as error:
            self._fail(error)
        try:
            self.requests = await self.apis.presence.get_requests()
            self.changed.emit(LiveChange.REQUESTS)
        except SatError as error:
            self._fail(error)
        try:
            conversations = await self.apis.messages.get_conversations(_CONVERSATIONS)
            counts = {peer: Unread(peer, 0) for peer in self.contacts.with_unread()}
            counts.update((each.peer, Unread(each.peer, each.unread, each.mentions)) for each in conversations)
            self.contacts.add_conversations(each.peer for each in conversations)
            self._unread_changed(list(counts.values()))
        except SatError as error:
            self._fail(error)
        for chat in tuple(self.chats.values()):
            await chat.resync()

    def _fail(self, error: SatError) -> None:
        self.error = error
        self.changed.emit(LiveChange.ERROR)

    # -- conversations --------------------------------------------------------------------------------------------

    def chat(self, peer: JID) -> Chat:
        """The conversation with somebody, or of a room; it is opened and loaded if it is not yet."""
        peer = self.contacts.conversation(peer)
        chat = self.chats.get(peer)
        if chat is None:
            chat = self.chats[peer] = Chat(
                peer,
                self.apis.messages,
                self.apis.chat_states,
                self.archive,
                self.apis,
                spawn=self._spawn,
                offset=self._offset,
            )
            self.drafts.opened(chat)
            chat.unread = self.contacts.unread(peer)
            self._typing.opened(chat)
            self._spawn(chat.load())
            self.encrypting.opened(peer)
            self.programs.look(peer)
            if self.contacts.room(peer) is not None:
                self._spawn(self.rooms.look(peer))
            self.changed.emit(LiveChange.CHATS)
        return chat

    def close_chat(self, peer: JID) -> None:
        """Close a conversation. Its draft is kept."""
        chat = self.chats.pop(self.contacts.conversation(peer), None)
        if chat is not None:
            chat.look(False)
            self.drafts.closed(chat)
            chat.stop_typing()
            self.changed.emit(LiveChange.CHATS)

    async def send(self, peer: JID, text: str, reply: str = "", extra: Extra = PLAIN) -> str:
        """Send a text to somebody, perhaps in answer to a message; its id. An open conversation keeps it as its draft
        on failure. Raises SatError."""
        peer = self.contacts.conversation(peer)
        chat = self.chats.get(peer)
        if chat is None:
            return await self.apis.messages.send(peer, text, reply=reply, extra=extra)
        id = await chat.send(text, reply, extra)
        if not id and chat.error is not None:
            raise chat.error
        return id

    # -- who asks to see us ---------------------------------------------------------------------------------------

    async def accept(self, jid: JID) -> None:
        """Let somebody see our presence; if they have asked, add them, too. Raises SatError."""
        asked = any(request.jid.bare == jid.bare for request in self.requests)
        await self.apis.presence.approve(jid.bare)
        if not asked:
            return
        self._answered([jid.bare])
        contact = self.contacts.contact(jid)
        if contact is None:
            await self.apis.roster.add_contact(jid.bare)
        elif not contact.shows_presence and not contact.asked:
            await self.apis.presence.subscribe(jid.bare)

    async def refuse(self, jid: JID) -> None:
        """Do not let somebody see our presence. Raises SatError."""
        await self.apis.presence.refuse(jid.bare)
        self._answered([jid.bare])

    def _answered(self, jids: Iterable[JID]) -> None:
        gone = set(jids)
        left = [request for request in self.requests if request.jid.bare not in gone]
        if len(left) != len(self.requests):
            self.requests = left
            self.changed.emit(LiveChange.REQUESTS)

    def _requested(self, request: Request) -> None:
        others = [each for each in self.requests if each.jid.bare != request.jid.bare]
        self.requests = [*others, request]
        self.changed.emit(LiveChange.REQUESTS)

    # -- what the daemon tells ------------------------------------------------------------------------------------

    def _connection_changed(self, connection: Connection) -> None:
        if connection.state is not ConnectionState.ONLINE:  # who is there is told anew when that is known
            self._typing.nobody()
        self.changed.emit(LiveChange.CONNECTION)

    def _presences_changed(self, presences: list[Presence]) -> None:
        self.contacts.present(presences)
        for presence in presences:
            if presence.show is Show.OFFLINE:
                self._typing.stop_all(presence.jid.bare)

    def _messages_added(self, messages: list[Message]) -> None:
        by_peer: dict[JID, list[Message]] = {}
        for message in messages:
            by_peer.setdefault(message.peer, []).append(message)
        self.contacts.add_conversations(by_peer)
        arrived: list[Message] = []
        for peer, theirs in by_peer.items():
            chat = self.chats.get(peer)
            if chat is not None:
                chat.hear_messages(theirs)
            for each in theirs:
                if not each.outgoing and not each.delayed:
                    nick = each.sender.resource if each.kind is MessageKind.GROUPCHAT else ""
                    self._typing.hear(peer, ChatState.ACTIVE, nick)
            seen = chat is not None and chat.watched
            arrived += [
                each for each in theirs if each.state is MessageState.UNREAD and (not seen or each.extra.attention)
            ]
        if arrived:
            self.arrived.emit(arrived)

    def _messages_edited(self, messages: list[Message]) -> None:
        for message in messages:
            chat = self.chats.get(message.peer)
            if chat is not None:
                chat.hear_edits([message])

    def _messages_updated(self, changes: list[MessageChange]) -> None:
        for change in changes:
            chat = self.chats.get(change.peer)
            if chat is not None:
                chat.hear_changes([change])

    def _unread_changed(self, counts: list[Unread]) -> None:
        self.contacts.set_unread(counts)
        for each in counts:
            if each.peer in self.chats:
                self.chats[each.peer].hear_unread(each.unread)
        self.changed.emit(LiveChange.UNREAD)

    def _state_changed(self, state: PeerState) -> None:
        self._typing.hear(self.contacts.conversation(state.peer), state.state, state.nick)
