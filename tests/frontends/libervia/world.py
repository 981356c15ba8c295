"""A daemon in memory for the web server: two profiles, and what a test lets happen to them."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from typing import Any

from frontends.libervia.blog_world import BlogWorld
from frontends.libervia.files_world import FilesWorld
from support import fake_files, fakes
from support.fake_blog import Blog, BlogDrafts, Blogs, Timeline
from support.fake_encryption import Encryption, fingerprint
from support.fake_people import EntityTimes, LastActivities, RoomAvatars, Vcard, Versions
from support.fake_rooms import Bookmarks, Rooms
from support.fake_services import AdHoc, Disco, HttpAuth, Invitations, Services
from support.fake_transfers import carrying

from libervia.server import http
from libervia.server.app import FREE_TRIES, PUBLIC_PAGES, App
from libervia.server.public import SETTING, PublicBlogs
from libervia.server.ratelimit import Allowance, Backoff
from libervia.server.session import Sessions
from sat.api import JID, Secret, Signal
from sat.api.errors import (
    AuthFailed,
    InvalidArgument,
    NoDaemon,
    NotFound,
    ProfileExists,
    ProfileKeyMissing,
    ServerNotFound,
    UsernameTaken,
    WrongProfilePassword,
)
from sat.api.forms import Choice, Field, FieldKind, Form
from sat.api.manager import Notice, ProfileInfo
from sat.api.messages import (
    Extra,
    LinkMetadata,
    MessageKind,
    MessageState,
    Reaction,
    Secured,
    Trust,
    Version,
)
from sat.api.posts import Place
from sat.api.profile import Connection, ConnectionState
from sat.api.settings import Setting, SettingKind, Tab
from sat.plugins.archive.api import SyncState
from sat.plugins.avatars.api import Picture
from sat.plugins.chat_states.api import ChatState, PeerState
from sat.plugins.encryption.api import ComparisonState
from sat.plugins.notify_settings.api import Choice as Chosen
from sat.plugins.notify_settings.api import Notify
from sat.plugins.presence.api import Presence, Request, Show
from sat.plugins.rooms.api import Affiliation, Invitation, Occupant, PublicRoom, Role, Room, RoomState
from sat.plugins.roster.api import Contact, Subscription

ALICE, BOB, CAROL, DAVE = (JID(f"{name}@example.org") for name in ("alice", "bob", "carol", "dave"))
BALCONY = JID("balcony@rooms.localhost")
NOBODY = JID("")
PASSWORD = "correct horse"

NOWHERE = ServerNotFound(server="nowhere.example", suggestion="Did you mean somewhere.example?")
FORM = Form(
    "Join us",
    "Choose a name.\nBe nice: https://example.org/rules",
    [
        Field("username", FieldKind.TEXT, "Name", [], required=True),
        Field("password", FieldKind.PASSWORD, "Password", [], required=True),
        Field("colour", FieldKind.CHOICE, "Colour", ["red"], choices=[Choice("red", "Red"), Choice("blue", "Blue")]),
        Field("news", FieldKind.BOOLEAN, "Send me news", ["1"]),
        Field("about", FieldKind.LINES, "About you", []),
    ],
)
SETTINGS = [
    Setting(
        "receipts.send", "Tell others that their message has arrived", SettingKind.BOOL, "true", "true", Tab.GENERAL
    ),
    Setting("away.after", "Away after, in minutes", SettingKind.INT, "10", "5", Tab.GENERAL, help="0 is never."),
    Setting("log.level", "How much is logged", SettingKind.CHOICE, "info", "info", Tab.DEBUG, ["info", "debug"]),
    Setting(SETTING, "Show my blog to everybody on the web", SettingKind.BOOL, "false", "false", Tab.BLOG_PAGE),
    Setting("files.folder", "Folder for received files", SettingKind.TEXT, "", "", Tab.COMPOSITION),
    Setting("connection.host", "Server to connect to", SettingKind.TEXT, "", "", Tab.CONNECTION),
]


class Profile(fakes.Profile):
    def __init__(self, name: str, jid: JID, password: str) -> None:
        super().__init__(name, jid, online=True)
        self.password = password
        self.at_server = PASSWORD
        self.ready = asyncio.Event()
        self.ready.set()

    async def check_password(self, password: Secret) -> None:
        if str(password) != self.password:
            raise AuthFailed(server=self.jid.value.domain, user=self.jid.value.local)

    async def log_in(self, password: Secret) -> None:
        await self._ask(str(password))
        self.password = str(password)

    async def connect(self) -> None:
        if self.connection.value.state is ConnectionState.ONLINE:
            return
        await self._ask(self.password)
        self.connection.set(Connection(ConnectionState.ONLINE, self.jid.value.with_resource("x")))

    async def _ask(self, password: str) -> None:
        self.calls.append(("ask", password))
        await self.ready.wait()
        if self.jid.value.domain == "nowhere.example":
            raise NOWHERE
        if password != self.at_server:
            raise AuthFailed(server=self.jid.value.domain, user=self.jid.value.local)


class Messages(fakes.Messages):
    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, list[Version]] = {}

    async def search(self, text: str, peer: JID = NOBODY, before: int = 0, limit: int = 50) -> list[fakes.Message]:
        if text.startswith("has:"):
            raise InvalidArgument(reason="Nothing is known of that.")
        found = [each for each in self.stored.values() if text.lower() in each.body.lower()]
        fitting = [each for each in found if (not peer or each.peer == peer) and (not before or each.order < before)]
        return sorted(fitting, key=lambda each: -each.order)[:limit]

    async def retry(self, id: str) -> None:
        await self.get_message(id)
        await super().retry(id)

    async def send(self, peer: JID, body: str, *more: Any, reply: str = "", extra: fakes.Extra = fakes.PLAIN) -> str:
        await self.called("send", peer, body)
        new = put(self, peer, body, outgoing=True, state=MessageState.PENDING, extra=extra)
        if reply:
            answered = self.stored[reply]
            new = new._replace(reply=reply, reply_to=answered.sender, quote=answered.body[:300])
        self.arrives(new)
        return new.id

    def edits(self, id: str, **fields: Any) -> None:
        before = self.stored[id]
        said = self.said.setdefault(id, [Version(before.time, before.body)])
        super().edits(id, **fields)
        if "body" in fields:
            said.append(Version(self.stored[id].edited, fields["body"]))

    async def get_versions(self, id: str) -> list[Version]:
        return self.said[id]


def put(messages: fakes.Messages, peer: JID, body: str, **fields: Any) -> fakes.Message:
    """A message after all others, now."""
    order = max((each.order for each in messages.stored.values()), default=0) + 1
    fields.setdefault("time", time.time())
    new = fakes.message(order, body, peer=peer, **fields)
    return new._replace(sender=ALICE if new.outgoing else peer.with_resource("laptop"))


class Apis(fakes.Apis):
    def __init__(self, name: str, jid: JID, password: str) -> None:
        super().__init__()
        self.profile = Profile(name, jid, password)
        self.messages = Messages()
        self.archive, self.attention = fakes.Archive(self.messages), fakes.Attention(self.messages)
        self.correction, self.retraction = fakes.Correction(self.messages), fakes.Retraction(self.messages)
        self.attachments = fake_files.Attachments(self.messages)
        self.transfers, self.files, self.shares, self.pipes = carrying()
        self.upload = fake_files.Upload(self.messages, self.attachments, self.transfers)
        self.reactions = fakes.Reactions(self.messages)
        self.settings = fakes.Settings(*SETTINGS)
        self.encryption = Encryption(jid)
        self.encryption.put(BOB, "a", label="ph\x1b[31mone <b>")
        self.encryption.put(BOB, "b", Trust.UNDECIDED, id="7")
        self.rooms = Rooms()
        self.bookmarks = Bookmarks()
        self.ad_hoc, self.disco, self.services = AdHoc(), Disco(), Services()
        self.invitations = Invitations()
        self.http_auth = HttpAuth()
        self.vcard, self.version = Vcard(), Versions()
        self.room_avatars = RoomAvatars()
        self.entity_time, self.last_activity = EntityTimes(), LastActivities()
        self.blogs = Blogs(jid)
        self.blog, self.timeline = Blog(self.blogs), Timeline(self.blogs, [Place(jid), Place(BOB)])
        self.blog_drafts = BlogDrafts(self.blog)
        self.presence.own.value = Presence(jid.with_resource("x"), Show.ONLINE)


class Registration(fakes.Registration):
    async def get_form(self, server: str, *more: Any, **other: Any) -> Form:
        if server == "nowhere.example":
            raise NOWHERE
        return await super().get_form(server, *more, **other)

    async def register(self, server: str, fields: dict[str, str], password: Secret, *more: Any, **other: Any) -> None:
        if fields["username"] == "taken":
            raise UsernameTaken(user="taken", server=server, suggestion="taken2")
        await super().register(server, fields, password, **other)


class Manager(fakes.Manager):
    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world

    async def create_profile(self, name: str, jid: JID, password: Secret, *more: Any) -> ProfileInfo:
        if name in self.infos:
            raise ProfileExists(profile=name)
        self.world.apis[name] = Apis(name, jid, str(password))
        self.world.apis[name].profile.connection.value = Connection()
        self.world.apis[name].profile.ready = self.world.servers
        info = self.infos[name] = ProfileInfo(name, jid)
        return info

    async def check_lock(self, name: str, lock: Secret) -> None:
        if str(lock) != "lock":
            raise WrongProfilePassword(profile=name)

    async def unlock_profile(self, name: str, lock: Secret) -> None:
        if name in self.world.keyless:
            raise ProfileKeyMissing(profile=name, place="the file /secret/key")
        if str(lock) != ("lock" if self.infos[name].locked else ""):
            raise WrongProfilePassword(profile=name)
        self.infos[name] = self.infos[name]._replace(error="", details={})
        await super().unlock_profile(name, lock)


class World(BlogWorld, FilesWorld):
    """The daemon, as ``libervia.server.daemon`` wants it, and the strings that pull at it."""

    app: App

    def __init__(self) -> None:
        self.gone: Signal[None] = Signal()
        self.back: Signal[None] = Signal()
        self.reset()

    def reset(self) -> None:
        """As at the start, for the next test."""
        if hasattr(self, "app"):
            for desk in list(self.app._desks.values()):
                self.app._forget(desk.name, desk)
            self.app.sessions = Sessions()
            self.app.public.close()
            self.calm()
            removed = self.manager.profile_removed  # what the app listens to
            self._fresh()
            vars(self.manager)["_signal_profile_removed"] = removed
            self.app.public = PublicBlogs(self)
        else:
            self._fresh()

    def _fresh(self) -> None:
        self.away = False
        self.keyless: set[str] = set()
        self.servers = asyncio.Event()
        self.servers.set()
        self.manager = Manager(self)
        self.registration = Registration(FORM)
        self.settings = fakes.Settings()
        self.apis: dict[str, Apis] = {}
        for name, jid in (("alice", ALICE), ("eve", JID("eve@example.org"))):
            self.manager.infos[name] = ProfileInfo(name, jid, default=name == "alice")
            self.apis[name] = Apis(name, jid, PASSWORD)
        self.manager.infos["locked"] = ProfileInfo("locked", JID("locked@example.org"), locked=True)
        self.apis["locked"] = Apis("locked", JID("locked@example.org"), "another")
        self._fill(self.apis["alice"])

    def _fill(self, apis: Apis) -> None:
        apis.roster.contacts = {
            BOB: Contact(BOB, "Bob", Subscription.BOTH, ["Friends"]),
            CAROL: Contact(CAROL, "Carol", Subscription.BOTH, ["Friends", "Work"]),
            DAVE: Contact(DAVE, "", Subscription.NONE, [], asked=True),
        }
        apis.presence.there = [
            Presence(BOB.with_resource("laptop"), Show.ONLINE),
            Presence(CAROL.with_resource("phone"), Show.AWAY, "at lunch"),
        ]
        now = time.time()
        today = now - now % 86400  # it may be a moment after midnight, or before
        yesterday = min(now - 86400, today - 100)
        for body, outgoing, moment, state in (
            ("Hi Alice, have you seen https://example.org/a?b=1 (it is great)?", False, yesterday, MessageState.READ),
            ("Not yet.", True, yesterday + 60, MessageState.DELIVERED),
            ("I will look at it tonight.\n\nPromise!", True, yesterday + 70, MessageState.DELIVERED),
            ("How was it?", False, max(today, now - 3000), MessageState.READ),
            ("Great indeed 👍", True, max(today + 1, now - 600), MessageState.SENT),
            ("This one is lost", True, max(today + 2, now - 590), MessageState.FAILED),
        ):
            new = put(apis.messages, BOB, body, outgoing=outgoing, time=moment, state=state)
            apis.messages.stored[new.id] = new._replace(error="The server refused it." if state == "failed" else "")

    # -- as the server sees it --------------------------------------------------------------------------------------

    async def follow(self, apis: Apis) -> None:
        await self.check()

    def leave(self, apis: Apis) -> None: ...

    async def check(self) -> None:
        if self.away:
            raise NoDaemon

    def profile(self, name: str) -> Apis:
        if name not in self.apis:
            raise NotFound(what=f"profile {name}")
        return self.apis[name]

    async def close(self) -> None: ...

    # -- as a test moves it -----------------------------------------------------------------------------------------

    def arrive(self, peer: str, body: str, profile: str = "alice", fields: dict[str, Any] | None = None) -> str:
        """A message comes in; ``extra`` among its fields is a dictionary of fields."""
        messages = self.apis[profile].messages
        more = {"state": MessageState.UNREAD, **(fields or {})}
        if "encrypted" in more:
            method, trust, key = more["encrypted"]
            more["encrypted"] = Secured(method, Trust(trust), key)
        extra = Extra(**more.get("extra", {}))
        extra = extra._replace(links=[LinkMetadata(*each) for each in extra.links])
        new = put(messages, JID(peer), body, **{**more, "extra": extra})
        messages.arrives(new)
        return new.id

    def secured(self, peer: str, body: str, trust: str) -> str:
        """A message comes that is encrypted with a key of which that is thought."""
        return self.arrive(peer, body, fields={"encrypted": ["omemo", trust, fingerprint("a")]})

    def new_key(self, peer: str, digit: str, label: str) -> None:
        """Somebody has a new device."""
        self.apis["alice"].encryption.comes(JID(peer), digit, label=label)

    def encrypts(self, peer: str) -> None:
        """It was chosen elsewhere, and nobody was told."""
        encryption = self.apis["alice"].encryption
        encryption.states[JID(peer)] = encryption._state(JID(peer), "omemo", True)

    def asks(self, peer: str) -> None:
        """Somebody would like to talk with OTR."""
        self.apis["alice"].encryption.asks(JID(peer))

    def compares(self, peer: str, state: str, question: str = "") -> None:
        """Comparing secrets has come so far."""
        self.apis["alice"].encryption.compares(JID(peer), ComparisonState(state), question)

    def secrets(self) -> list[list[str]]:
        """What alice has given to be compared, and how."""
        return [list(each) for each in self.apis["alice"].encryption.secrets]

    def trusts(self, peer: str) -> list[str]:
        """What alice thinks of somebody's keys."""
        return [key.trust.value for key in self.apis["alice"].encryption.keys[JID(peer)]]

    def method(self, peer: str) -> str:
        """How alice encrypts for somebody."""
        states = self.apis["alice"].encryption.states
        return states[JID(peer)].method if JID(peer) in states else ""

    def begin(self, peer: str, text: str) -> None:
        """Alice begins a text in another frontend."""
        self.apis["alice"].drafts.sets(JID(peer), text)

    def edit(self, id: str, fields: dict[str, Any]) -> None:
        """A message says something else now; ``reactions`` are lists of an emoji, addresses, and whether it is ours."""
        if "reactions" in fields:
            put = [Reaction(emoji, [JID(each) for each in senders], own) for emoji, senders, own in fields["reactions"]]
            fields = fields | {"reactions": put}
        for name, kind in (("edit_state", MessageState), ("state", MessageState), ("reply_to", JID)):
            if name in fields:
                fields = fields | {name: kind(fields[name])}
        self.apis["alice"].messages.edits(id, **fields)

    def stored(self, id: str) -> dict[str, Any]:
        """What alice has of a message."""
        message = self.apis["alice"].messages.stored[id]
        ours = [each.emoji for each in message.reactions if each.own]
        return {"body": message.body, "retracted": message.retracted, "reply": message.reply, "ours": ours}

    def fill(self, peer: str, count: int) -> None:
        """Many old messages."""
        for number in range(count):
            new = put(self.apis["alice"].messages, JID(peer), f"line {number}", time=1_700_000_000 + 60 * number)
            self.apis["alice"].messages.stored[new.id] = new

    def state(self, id: str, state: str) -> None:
        """A message of ours has come further."""
        self.apis["alice"].messages.changes(
            id, MessageState(state), "The server refused it." if state == "failed" else ""
        )

    def typing(self, peer: str, state: str, nick: str = "") -> None:
        self.apis["alice"].chat_states.changed.emit(PeerState(JID(peer), ChatState(state), nick))

    def present(self, jid: str, show: str, status: str = "") -> None:
        self.apis["alice"].presence.changed.emit([Presence(JID(jid), Show(show), status)])

    def request(self, jid: str, status: str = "") -> None:
        request = Request(JID(jid), status)
        self.apis["alice"].presence.asked.append(request)
        self.apis["alice"].presence.requested.emit(request)

    def contact(self, jid: str, name: str, groups: list[str]) -> None:
        self.apis["alice"].roster.sets(Contact(JID(jid), name, Subscription.BOTH, groups))

    def room(self, fields: dict[str, Any] | None = None, name: str = "balcony") -> None:
        """Alice is in a room; its ``fields`` are these now."""
        jid = JID(f"{name}@rooms.localhost")
        rooms = self.apis["alice"].rooms
        known = rooms.rooms.get(jid, Room(jid, "alice", RoomState.JOINED, role=Role.PARTICIPANT))
        kinds: dict[str, Callable[[Any], Any]] = {"role": Role, "affiliation": Affiliation, "state": RoomState}
        room = known._replace(**{name: kinds.get(name, str)(value) for name, value in (fields or {}).items()})
        rooms.put(room, *(each for each in rooms.there.get(jid, []) if not each.own))

    def occupant(self, nick: str, role: str = "participant", fields: dict[str, Any] | None = None) -> None:
        """Somebody comes into the balcony, or is there in another way."""
        more = {name: JID(value) if name == "jid" else value for name, value in (fields or {}).items()}
        affiliation = Affiliation(more.pop("affiliation", "none"))
        self.apis["alice"].rooms.comes(BALCONY, Occupant(nick, Role(role), affiliation, **more))

    def say(self, nick: str, body: str) -> None:
        """Somebody writes in the balcony."""
        new = put(self.apis["alice"].messages, BALCONY, body, state=MessageState.READ, kind=MessageKind.GROUPCHAT)
        self.apis["alice"].messages.arrives(new._replace(sender=BALCONY.with_resource(nick)))

    def goes(self, nick: str) -> None:
        """Somebody leaves the balcony."""
        self.apis["alice"].rooms.goes(BALCONY, nick)

    def choose(self, peer: str, notify: str) -> None:
        """Alice chooses elsewhere of what she is told in a conversation."""
        self.apis["alice"].notify_settings.chosen.emit([Chosen(JID(peer), Notify(notify))])

    def invitation(self, room: str, sender: str, reason: str = "") -> None:
        """Somebody wants alice in a room."""
        self.apis["alice"].rooms.invites(Invitation(JID(room), JID(sender), reason, direct=True))

    def voice(self, number: str, nick: str) -> None:
        """A visitor of the balcony wants to write."""
        self.apis["alice"].rooms.asks(number, BALCONY, nick)

    def site(self, number: str, url: str, sender: str) -> None:
        """A web site asks whether it is alice."""
        self.apis["alice"].http_auth.asks(number, url, sender)

    def public(self, jid: str, name: str = "", count: int = -1) -> None:
        """A service lists a room."""
        self.apis["alice"].rooms.public.append(PublicRoom(JID(jid), name, count))

    def no_search(self) -> None:
        """Nobody searches for rooms."""
        self.apis["alice"].rooms.searches = False

    def contacts(self, count: int) -> None:
        """Many contacts at once."""
        new = [
            Contact(JID(f"c{each}@example.org"), f"Contact {each:04}", Subscription.BOTH, ["Crowd"])
            for each in range(count)
        ]
        self.apis["alice"].roster.contacts |= {each.jid: each for each in new}
        self.apis["alice"].roster.changed.emit(new)

    def setting(self, key: str, label: str, help: str) -> None:
        self.apis["alice"].settings.settings[key] = Setting(
            key, label, SettingKind.TEXT, label, "", Tab.GENERAL, help=help
        )

    def form(self, text: str) -> None:
        """A server whose form is full of this text."""
        fields = [Field("username", FieldKind.TEXT, text, [text], help=text), Field("x", FieldKind.FIXED, text, [text])]
        self.registration.forms = [Form(text, text, fields, text)]

    def connection(self, state: str, error: str = "", details: dict[str, str] | None = None) -> None:
        jid = ALICE.with_resource("x") if state == "online" else JID("")
        connection = Connection(ConnectionState(state), jid, error, details or {}, 5.0 if state == "waiting" else 0.0)
        self.apis["alice"].profile.connection.set(connection)

    def sync(self, state: str) -> None:
        """How the catching up with the archive stands."""
        self.apis["alice"].archive.sync.set(SyncState(state))

    def notice(self, *errors: str) -> None:
        """What is wrong with the daemon, each for a reason of its own."""
        self.manager.notices.set(
            [Notice(each, {"reason": "the disk is full", "kept": "x", "line": "1"}) for each in errors]
        )

    def lose_key(self, name: str, lost: bool = True) -> None:
        """The key of a profile is away, or back; who asks finds out."""
        (self.keyless.add if lost else self.keyless.discard)(name)
        self.manager.infos[name] = self.manager.infos[name]._replace(error="ProfileKeyMissing")

    def go(self) -> None:
        """The daemon ends."""
        self.away = True
        self.gone.emit(None)

    def come(self) -> None:
        """The daemon is back."""
        self.away = False
        self.back.emit(None)

    def refuse(self, api: str, method: str, refused: bool = True, what: str = "room on the disk") -> None:
        """Calls of a method fail."""
        fails = getattr(self.apis["alice"], api).fails
        fails.pop(method, None)
        if refused:
            fails[method] = NotFound(what=what)

    def picture(self, jid: str, type: str, text: str) -> None:
        """Somebody shows this picture."""
        picture = Picture(hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest(), type, text.encode())
        self.apis["alice"].avatars.sets(JID(jid), picture)

    def calls(self, api: str, profile: str = "alice") -> list[list[str]]:
        """What was asked of an interface."""
        return [[str(part) for part in call] for call in getattr(self.apis[profile], api).calls]

    def open_chats(self) -> int:
        """How many conversations alice's models hold."""
        return len(self.app._desks["alice"].live.chats)

    def change_password(self, password: str, profile: str = "alice") -> None:
        """The account's password is another one at its server."""
        self.apis[profile].profile.at_server = password

    def cut_off(self, profile: str = "alice") -> None:
        """The account's server cannot be found any more."""
        self.apis[profile].profile.jid.value = JID(f"{profile}@nowhere.example")

    def hold(self, held: bool) -> None:
        """Servers of new accounts do not answer, or do again."""
        (self.servers.clear if held else self.servers.set)()

    def asked(self) -> int:
        """How many new accounts' servers were asked."""
        return sum(apis.profile.count("ask") for name, apis in self.apis.items() if "@" in name)

    def delete(self, profile: str) -> None:
        """Somebody deletes a profile elsewhere."""
        del self.manager.infos[profile]
        self.manager.profile_removed.emit(profile)

    def profiles(self) -> list[str]:
        return sorted(self.manager.infos)

    def skip(self, seconds: float) -> None:
        """Time passes for the sessions."""
        sessions = self.app.sessions
        before = sessions._clock
        sessions._clock = lambda: before() + seconds
        sessions.sweep()

    def idle(self, profile: str = "alice") -> float:
        """Seconds in which nobody was seen at a profile's browsers."""
        sessions = self.app.sessions
        return min(sessions._clock() - session.seen for session in sessions.of_profile(profile))

    def forget_sessions(self) -> None:
        """As after a restart."""
        self.app.sessions = Sessions()

    def break_search(self) -> None:
        """A fault of the program."""

        async def search(*arguments: Any) -> list[fakes.Message]:
            raise ZeroDivisionError("secret")

        self.apis["alice"].messages.search = search

    def calm(self) -> None:
        """Nobody has to wait for earlier tries."""
        self.app.account_limit, self.app.address_limit = Backoff(), Backoff(free=FREE_TRIES)
        self.app.public_limit = Allowance(*PUBLIC_PAGES)

    def hurry(self, seconds: float) -> None:
        """Requests must come in faster."""
        http.TIMEOUT = seconds

    def drop(self) -> None:
        """Every WebSocket is cut."""
        for protocol in list(self.app.sockets):
            protocol.transport.abortConnection()
