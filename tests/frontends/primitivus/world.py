"""A daemon in memory for primitivus: every api as a plain object, and the program on a screen without a terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import urwid
from support import fake_absent, fake_files, fakes
from support.fake_blog import Blog, BlogDrafts, Blogs, Timeline
from support.fake_encryption import Encryption
from support.fake_people import EntityTimes, LastActivities, RoomAvatars, Vcard, Versions
from support.fake_rooms import Bookmarks
from support.fake_services import AdHoc, Disco, HttpAuth, Invitations, Services
from support.fake_transfers import carrying
from urwid.testing import ScriptedScreen

from sat.api import JID, SatError, Secret, Signal
from sat.api.errors import AuthFailed, CertificateSelfSigned, NotFound, WrongProfilePassword
from sat.api.forms import Field, FieldKind, Form
from sat.api.manager import ManagerApi, PluginStatus, ProfileInfo
from sat.api.messages import PLAIN, Extra, Message, MessageChange, MessageKind, MessageState, Version
from sat.api.posts import Place
from sat.api.profile import Account, Connection, ConnectionState, ProfileApi
from sat.api.settings import Setting, SettingChange, SettingKind, SettingsApi, Tab
from sat.plugins.archive.api import ArchiveApi
from sat.plugins.chat_states.api import ChatState, ChatStatesApi, PeerState
from sat.plugins.client_state.api import ClientStateApi
from sat.plugins.messages.api import Conversation, MessagesApi, Unread
from sat.plugins.presence.api import Presence, PresenceApi, Request, Show
from sat.plugins.registration.api import RegistrationApi
from sat.plugins.roster.api import Contact, RosterApi, Subscription
from sat_frontends.primitivus.app import App
from sat_frontends.primitivus.config import Config
from sat_frontends.primitivus.frame import Frame

ME = JID("alice@example.org")
BOB = JID("bob@example.org")
CAROL = JID("carol@example.org")
DAVE = JID("dave@example.org")
NOBODY = JID("")
NO_LOCK = Secret("")
NOON = 1_763_812_800.0  # 22 November 2025, 12:00 UTC

CONTACTS = [
    Contact(BOB, "Bob", Subscription.BOTH, ["Friends"]),
    Contact(CAROL, "Carol", Subscription.BOTH, ["Friends"]),
    Contact(DAVE, "Dave", Subscription.TO, ["Work"]),
]
PRESENCES = [
    Presence(JID("bob@example.org/laptop"), Show.ONLINE),
    Presence(JID("carol@example.org/phone"), Show.AWAY, "at lunch"),
]


class Roster(RosterApi):
    def __init__(self, contacts: Iterable[Contact]) -> None:
        self.contacts = {contact.jid: contact for contact in contacts}
        self.refuse: SatError | None = None

    async def get_contacts(self) -> list[Contact]:
        return list(self.contacts.values())

    async def add_contact(self, jid: JID, name: str = "", groups: list[str] = []) -> None:  # noqa: B006 - as the bus knows it, never changed
        await self._put(Contact(jid, name, Subscription.NONE, groups, True))

    async def set_contact(self, jid: JID, name: str, groups: list[str]) -> None:
        await self._put(self.contacts[jid]._replace(name=name, groups=groups))

    async def _put(self, contact: Contact) -> None:
        if self.refuse:
            raise self.refuse
        self.contacts[contact.jid] = contact
        self.changed.emit([contact])

    async def remove_contact(self, jid: JID) -> None:
        del self.contacts[jid]
        self.removed.emit([jid])


class Presences(PresenceApi):
    def __init__(self, presences: Iterable[Presence]) -> None:
        self.presences = list(presences)
        self.requests: list[Request] = []
        self.told: list[tuple[str, JID]] = []
        self.own.set(Presence(JID(f"{ME}/here"), Show.ONLINE))

    async def set_presence(self, show: Show, status: str = "") -> None:
        self.own.set(Presence(JID(f"{ME}/here"), show, status))

    async def get_presences(self) -> list[Presence]:
        return list(self.presences)

    async def get_requests(self) -> list[Request]:
        return list(self.requests)

    async def subscribe(self, jid: JID) -> None:
        self.told.append(("subscribe", jid))

    async def unsubscribe(self, jid: JID) -> None:
        self.told.append(("unsubscribe", jid))

    async def approve(self, jid: JID) -> None:
        self.told.append(("approve", jid))

    async def refuse(self, jid: JID) -> None:
        self.told.append(("refuse", jid))


class Messages(MessagesApi):
    def __init__(self) -> None:
        self.stored: dict[JID, list[Message]] = {}
        self.order = 0
        self.refuse: SatError | None = None
        self.counts: dict[JID, int] = {}

    def put(self, peer: JID, body: str, outgoing: bool = False, time: float = NOON, **more: Any) -> Message:
        """A message in the store, without a signal."""
        self.order += 1
        state = MessageState.DELIVERED if outgoing else MessageState.READ
        more.setdefault("state", state)
        sender = ME if outgoing else JID(f"{peer}/laptop")
        message = Message(f"m{self.order}", self.order, peer, sender, outgoing, body, time, **more)
        self.stored.setdefault(peer, []).append(message)
        return message

    def arrive(self, peer: JID, body: str, time: float = NOON, **more: Any) -> Message:
        """A message from a contact comes in."""
        message = self.put(peer, body, time=time, state=MessageState.UNREAD, **more)
        self._count(peer, self.counts.get(peer, 0) + 1)
        self.added.emit([message])
        return message

    def _count(self, peer: JID, count: int) -> None:
        self.counts[peer] = count
        self.unread.set(sum(self.counts.values()))
        self.unread_changed.emit([Unread(peer, count)])

    def change(self, message: Message, state: MessageState, error: str = "") -> None:
        """A message has come further, or has failed."""
        stored = self.stored[message.peer]
        stored[stored.index(message)] = message._replace(state=state, error=error)
        self.updated.emit([MessageChange(message.id, message.peer, state, error)])

    def edits(self, id: str, **fields: Any) -> None:
        """A message says something else now."""
        for stored in self.stored.values():
            for index, message in enumerate(stored):
                if message.id == id:
                    stored[index] = message._replace(**fields)
                    self.edited.emit([stored[index]])

    async def get_versions(self, id: str) -> list[Version]:
        return []

    async def send(
        self,
        peer: JID,
        body: str,
        kind: MessageKind = MessageKind.CHAT,
        subject: str = "",
        reply: str = "",
        extra: Extra = PLAIN,
        encrypt: str = "",
    ) -> str:
        if self.refuse:
            raise self.refuse
        quote = (await self.get_message(reply)).body if reply else ""
        message = self.put(peer, body, True, state=MessageState.PENDING, reply=reply, quote=quote, extra=extra)
        self.added.emit([message])
        return message.id

    async def retry(self, id: str) -> None:
        self.change(await self.get_message(id), MessageState.PENDING)

    async def get_message(self, id: str) -> Message:
        found = [each for messages in self.stored.values() for each in messages if each.id == id]
        if not found:
            raise NotFound(what="message")
        return found[0]

    async def get_history(self, peer: JID, before: int = 0, limit: int = 50) -> list[Message]:
        messages = self.stored.get(peer, [])
        return [each for each in messages if not before or each.order < before][-limit:]

    async def search(self, text: str, peer: JID = NOBODY, before: int = 0, limit: int = 50) -> list[Message]:
        words = text.lower().split()
        found = [
            each
            for messages in self.stored.values()
            for each in messages
            if (not peer or each.peer == peer) and all(word in each.body.lower() for word in words)
        ]
        return sorted(found, key=lambda each: -each.order)[:limit]

    async def get_conversations(self, limit: int = 100) -> list[Conversation]:
        return [Conversation(peer, self.counts.get(peer, 0), each[-1]) for peer, each in self.stored.items()]

    async def mark_read(self, peer: JID, order: int = 0) -> None:
        self._count(peer, 0)

    async def mark_unread(self, peer: JID, order: int = 0) -> None:
        theirs = [each for each in self.stored.get(peer, []) if not each.outgoing and each.order >= order]
        if not theirs:
            raise NotFound(what=f"message of {peer}")
        for each in theirs:
            self.change(each, MessageState.UNREAD)
        self._count(peer, len(theirs))


class ChatStates(ChatStatesApi):
    def __init__(self) -> None:
        self.told: list[tuple[JID, bool]] = []

    async def set_typing(self, peer: JID, typing: bool) -> None:
        self.told.append((peer, typing))

    def hear(self, peer: JID, state: ChatState, nick: str = "") -> None:
        """A contact types, or somebody in a room, or stops."""
        self.changed.emit(PeerState(peer, state, nick))


class ClientState(ClientStateApi):
    def __init__(self) -> None:
        self.told = 0

    async def attend(self) -> None:
        self.told += 1


class Archive(ArchiveApi):
    async def fetch_older(self, peer: JID) -> int:
        return 0


class Profile(ProfileApi):
    def __init__(self, jid: JID) -> None:
        self.jid.set(jid)
        self.password = "right"
        self.connection.set(Connection(ConnectionState.ONLINE, JID(f"{jid}/here")))
        self.account = Account(jid)
        self.certificate = ""  # the fingerprint of one that no authority vouches for

    async def connect(self) -> None:
        if self.certificate not in ("", self.account.pin):
            raise CertificateSelfSigned(server=self.jid.value.domain, fingerprint=self.certificate)
        if self.password != "right":
            raise AuthFailed(server=self.jid.value.domain, user=self.jid.value.local)
        self.connection.set(Connection(ConnectionState.ONLINE, JID(f"{self.jid.value}/here")))

    async def log_in(self, password: Secret) -> None:
        await self.set_password(password)
        await self.connect()

    async def disconnect(self) -> None:
        self.connection.set(Connection())

    async def get_account(self) -> Account:
        return self.account

    async def set_account(self, account: Account) -> None:
        self.account = account

    async def set_password(self, password: Secret) -> None:
        self.password = str(password)

    async def change_password(self, password: Secret) -> None:
        self.password = str(password)

    async def delete_account(self) -> None:
        self.connection.set(Connection())

    async def set_lock(self, old: Secret, new: Secret) -> None: ...
    async def check_password(self, password: Secret) -> None: ...
    async def forget_security(self) -> None: ...


class Settings(SettingsApi):
    def __init__(self, *settings: Setting) -> None:
        self.settings = {setting.key: setting for setting in settings}

    async def get_settings(self) -> list[Setting]:
        return list(self.settings.values())

    async def get_setting(self, key: str) -> Setting:
        return self.settings[key]

    async def set_setting(self, key: str, value: str) -> None:
        self.settings[key] = self.settings[key]._replace(value=value)
        self.changed.emit(SettingChange(key, value))


class Registration(RegistrationApi):
    def __init__(self) -> None:
        self.refuse: SatError | None = None
        self.refuse_form: SatError | None = None
        self.registered: list[dict[str, str]] = []

    async def get_form(self, server: str, host: str = "", port: int = 0, token: str = "", pin: str = "") -> Form:
        if self.refuse_form:
            raise self.refuse_form
        return Form(
            "Account",
            "Choose a name and a password.",
            [
                Field("username", FieldKind.TEXT, "Name", [], True),
                Field("password", FieldKind.PASSWORD, "Password", [], True),
            ],
        )

    async def register(
        self,
        server: str,
        fields: dict[str, str],
        password: Secret,
        host: str = "",
        port: int = 0,
        token: str = "",
        pin: str = "",
    ) -> None:
        if self.refuse:
            raise self.refuse
        self.registered.append(fields)


class ProfileClients:
    """The apis of one profile."""

    def __init__(self, jid: JID, contacts: Iterable[Contact] = (), presences: Iterable[Presence] = ()) -> None:
        self.profile = Profile(jid)
        self.roster = Roster(contacts)
        self.presence = Presences(presences)
        self.blocking = fakes.Blocking()
        self.blogs = Blogs(jid)
        self.blog, self.timeline = Blog(self.blogs), Timeline(self.blogs, [Place(contact.jid) for contact in contacts])
        self.blog_drafts = BlogDrafts(self.blog)
        self.avatars = fakes.Avatars()
        self.rooms = fake_absent.NoRooms()
        self.bookmarks = Bookmarks()
        self.ad_hoc, self.disco, self.services = AdHoc(), Disco(), Services()
        self.invitations = Invitations()
        self.http_auth = HttpAuth()
        self.notify_settings = fakes.NotifySettings()
        self.vcard, self.version = Vcard(), Versions()
        self.room_avatars = RoomAvatars()
        self.entity_time, self.last_activity = EntityTimes(), LastActivities()
        self.messages = Messages()
        self.chat_states = ChatStates()
        self.encryption = Encryption(jid)
        self.client_state = ClientState()
        self.drafts = fakes.Drafts()
        self.attention = fakes.Attention(self.messages)
        self.archive = Archive()
        self.correction = fakes.Correction(self.messages)
        self.retraction = fakes.Retraction(self.messages)
        self.attachments = fake_files.Attachments(self.messages)
        self.transfers, self.files, self.shares, self.pipes = carrying()
        self.upload = fake_files.Upload(self.messages, self.attachments, self.transfers)
        self.reactions = fakes.Reactions(self.messages)
        self.settings = Settings(
            Setting("chat_states.send", "Tell others when I type", SettingKind.BOOL, "true", "true", Tab.COMPOSITION),
        )


class Manager(ManagerApi):
    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self.infos: dict[str, ProfileInfo] = {}

    async def list_profiles(self) -> list[ProfileInfo]:
        return list(self.infos.values())

    async def create_profile(self, name: str, jid: JID, password: Secret, lock: Secret = NO_LOCK) -> ProfileInfo:
        info = self.daemon.add_profile(name, jid)
        self.daemon.clients[name].profile.password = str(password)
        self.daemon.clients[name].profile.connection.set(Connection())
        self.daemon.clients[name].profile.certificate = self.daemon.certificate
        self.profile_added.emit(info)
        return info

    async def delete_profile(self, name: str) -> None:
        del self.infos[name]
        self.profile_removed.emit(name)

    async def set_default_profile(self, name: str) -> None: ...

    async def unlock_profile(self, name: str, lock: Secret) -> None:
        if self.daemon.key_away:
            raise self.daemon.key_away
        if lock != ("open" if self.infos[name].locked else ""):
            raise WrongProfilePassword(profile=name)
        self.infos[name] = self.infos[name]._replace(locked=False, error="", details={})
        self.profile_changed.emit(self.infos[name])

    async def check_lock(self, name: str, lock: Secret) -> None: ...

    async def list_plugins(self) -> list[PluginStatus]:
        return []

    async def shutdown(self) -> None: ...


class Daemon:
    """What the bridge gives: the clients of the root object and of the profiles."""

    def __init__(self) -> None:
        self.daemon_gone: Signal[None] = Signal()
        self.bus_changed: Signal[bool] = Signal()
        self.on_bus = True
        self.resync: Signal[None] = Signal()
        self.manager = Manager(self)
        self.registration = Registration()
        self.settings = Settings(
            Setting("general.language", "Language", SettingKind.CHOICE, "en", "en", Tab.GENERAL, ["en", "fr"]),
            Setting("debug.traffic", "Write the traffic down", SettingKind.BOOL, "false", "false", Tab.DEBUG),
        )
        self.clients: dict[str, ProfileClients] = {}
        self.key_away: SatError | None = None
        self.certificate = ""  # of the server of every new profile; see Profile

    def add_profile(self, name: str, jid: JID = ME, locked: bool = False, **more: Any) -> ProfileInfo:
        self.clients[name] = ProfileClients(jid, **more)
        info = self.manager.infos[name] = ProfileInfo(name, jid, locked, True, not self.manager.infos)
        return info

    def profile(self, name: str) -> ProfileClients:
        return self.clients[name]

    def close(self) -> None: ...


class Screen(ScriptedScreen):
    """A screen that is fed by hand only, and remembers what is asked of a terminal."""

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__(size=size)
        self.title = ""
        self.written: list[str] = []
        self.copied: list[str] = []

    def hook_event_loop(self, event_loop: Any, callback: Any) -> None: ...

    def set_title(self, title: str) -> None:
        self.title = title

    def write(self, data: str) -> None:
        self.written.append(data)

    def copy_to_clipboard(self, text: str) -> None:
        self.copied.append(text)


class Console:
    """primitivus on a screen that is only remembered: press keys, read what is shown."""

    def __init__(self, daemon: Daemon, size: tuple[int, int] = (80, 24), config: Config | None = None) -> None:
        self.daemon = daemon
        self.asyncio = asyncio.new_event_loop()
        self.screen = Screen(size)
        self.fail: SatError | None = None
        self.frame = Frame(self.screen, self.asyncio, config or Config())
        self.app = App(self.frame, self._connect)
        self.faults: list[BaseException] = []
        self.app.loop.faulted = self.faults.append
        self.app.loop.urwid.start()
        self.draw()

    async def _connect(self) -> Any:
        if self.fail:
            raise self.fail
        return self.daemon

    def start(self) -> Console:
        """Connect to the daemon."""
        self.app.loop.spawn(self.app.begin())
        self.settle()
        return self

    def settle(self, seconds: float = 0.0) -> None:
        """Let everything happen that is to happen now, or within some seconds."""

        async def wait() -> None:
            if seconds:
                await asyncio.sleep(seconds)
            for _turn in range(5):
                while self.app.loop.tasks:
                    await asyncio.wait(self.app.loop.tasks)
                await asyncio.sleep(0)

        self.asyncio.run_until_complete(wait())
        for fault in self.faults:
            raise fault
        self.draw()

    def turn(self) -> None:
        """Let happen what can at once, without waiting for what takes longer."""

        async def turns() -> None:
            for _turn in range(20):
                await asyncio.sleep(0)

        self.asyncio.run_until_complete(turns())

    def draw(self) -> None:
        self.app.loop.urwid.draw_screen()

    def press(self, *keys: str) -> Console:
        """Press keys by their urwid names."""
        for key in keys:
            self.app.loop.urwid.process_input([key])
        self.settle()
        return self

    def tell(self, *keys: str) -> Console:
        """What the terminal sends beside keys: pasted text, the focus."""
        self.app.loop.urwid._update(list(keys), [])
        self.settle()
        return self

    def type(self, text: str) -> Console:
        """Type a text, a key for each letter."""
        return self.press(*text)

    def click(self, column: int, row: int, button: int = 1) -> Console:
        """Press a button of the mouse."""
        self.app.loop.urwid.process_input([("mouse press", button, column, row)])
        self.settle()
        return self

    def resize(self, columns: int, rows: int) -> Console:
        """The terminal has another size now."""
        self.screen.size = (columns, rows)
        self.app.loop.urwid.screen_size = None
        self.draw()
        return self

    @property
    def lines(self) -> list[str]:
        """What is on the screen."""
        return [line.rstrip() for line in self.screen.last_text]

    @property
    def text(self) -> str:
        """What is on the screen, as one text."""
        return "\n".join(self.lines)

    def find(self, text: str) -> tuple[int, int]:
        """Column and row where a text stands."""
        for row, line in enumerate(self.screen.last_text):
            if text in line:
                return line.index(text), row
        raise AssertionError(f"“{text}” is not on the screen:\n{self.text}")

    def close(self) -> None:
        self.app.loop.urwid.stop()
        self.app.session.close()
        self.asyncio.close()
        urwid.CanvasCache.clear()  # it keeps each widget that was drawn, and with it all of this
