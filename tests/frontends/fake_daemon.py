"""A daemon without XMPP: the real bridge on a real bus, with small plugins in memory behind it.

Run as a program on the bus of DBUS_SESSION_BUS_ADDRESS, it prints ``ready``. Addresses decide what happens:

- messages to ``echo@localhost`` come back; those to ``fails@localhost`` fail; to ``silent@localhost`` stay pending; all
  others are sent and then delivered;
- the password of every account is ``secret``; ``nowhere.example`` is no server;
- the key of a profile called ``keyless`` is away until it is unlocked;
- ``taken`` is no free user name; ``closed.example``, ``invited.example`` (token ``welcome``) and ``captcha.example``
  are servers with their own ways to register;
- for files and pipes see ``support.fake_moving``.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from typing import Any

from support import fake_files, fakes
from support.fake_blog import Blog, BlogDrafts, Blogs, Timeline
from support.fake_encryption import Encryption
from support.fake_moving import moving
from support.fake_people import EntityTimes, LastActivities, RoomAvatars, Vcard
from support.fake_pubsub import FakePubsub
from support.fake_rooms import Bookmarks, Rooms
from support.fake_services import AdHoc, HttpAuth, Invitations, Services
from twisted.internet.defer import Deferred

from sat import __version__
from sat.api import JID, Api, SatError, Secret, contract, method, prop
from sat.api.errors import (
    AuthFailed,
    CaptchaRequired,
    InvalidArgument,
    InvalidSetting,
    InvitationRequired,
    NoKeys,
    NotFound,
    PeerError,
    ProfileExists,
    ProfileKeyMissing,
    ProfileNotFound,
    RegistrationClosed,
    ServerNotFound,
    UnknownSetting,
    UsernameTaken,
    WrongProfilePassword,
)
from sat.api.forms import Choice, Field, FieldKind, Form
from sat.api.manager import ManagerApi, PluginState, PluginStatus, ProfileInfo
from sat.api.messages import IN_CLEAR, PLAIN, Extra, Message, MessageKind, MessageState, Secured, Trust
from sat.api.names import ROOT, profile_path
from sat.api.posts import Draft, Enclosure, Place
from sat.api.posts import Version as PostVersion
from sat.api.profile import Connection, ConnectionState, ProfileApi
from sat.api.settings import Setting, SettingKind, SettingsApi, Tab
from sat.api.values import ANYBODY, NO_SECRET
from sat.bridge.dbus import DBusBridge
from sat.plugins.ad_hoc.api import AdHocApi
from sat.plugins.archive.api import ArchiveApi
from sat.plugins.attachments.api import AttachmentsApi
from sat.plugins.attention.api import AttentionApi
from sat.plugins.avatars.api import AvatarsApi, Picture
from sat.plugins.blocking.api import BlockingApi
from sat.plugins.blog.api import BlogApi
from sat.plugins.blog_drafts.api import BlogDraftsApi
from sat.plugins.bookmarks.api import Bookmark, BookmarksApi
from sat.plugins.chat_states.api import ChatStatesApi
from sat.plugins.correction.api import CorrectionApi
from sat.plugins.disco.api import DiscoApi, Identity, Info, Item
from sat.plugins.drafts.api import DraftsApi
from sat.plugins.encryption.api import ComparisonState, EncryptionApi
from sat.plugins.entity_time.api import EntityTimeApi
from sat.plugins.files.api import FilesApi
from sat.plugins.http_auth.api import HttpAuthApi
from sat.plugins.invitations.api import InvitationsApi
from sat.plugins.last_activity.api import LastActivityApi
from sat.plugins.messages.api import MessagesApi
from sat.plugins.nickname.api import NicknameApi
from sat.plugins.notify_settings.api import NotifySettingsApi
from sat.plugins.ping.api import PingApi
from sat.plugins.pipes.api import PipesApi
from sat.plugins.presence.api import Presence, PresenceApi, Request, Show
from sat.plugins.pubsub.api import PubsubApi
from sat.plugins.reactions.api import ReactionsApi
from sat.plugins.registration.api import RegistrationApi
from sat.plugins.retraction.api import RetractionApi
from sat.plugins.room_avatars.api import RoomAvatarsApi
from sat.plugins.rooms.api import (
    Affiliation,
    Invitation,
    Occupant,
    PublicRoom,
    Role,
    Room,
    RoomsApi,
    RoomState,
    VoiceRequest,
)
from sat.plugins.roster.api import Contact, RosterApi, Subscription
from sat.plugins.services.api import ServicesApi
from sat.plugins.shares.api import SharesApi
from sat.plugins.timeline.api import Found, Response, TimelineApi
from sat.plugins.transfers.api import TransfersApi
from sat.plugins.upload.api import UploadApi
from sat.plugins.vcard.api import VcardApi
from sat.plugins.version.api import Software, VersionApi

ALICE = JID("alice@localhost")
BOB = JID("bob@localhost")
EVIL = JID("evil@localhost")
SECRETIVE = JID("robert@example.org")
BALCONY = JID("balcony@rooms.localhost")
VERONA = Place(JID("blogs.localhost"), "verona")
SENSORS = Place(JID("nodes.localhost"), "sensors")
MIXED = Place(JID("nodes.localhost"), "mixed")
PASSWORD = "secret"
LOCK = "open sesame"

CONTACTS = (
    Contact(BOB, "Bob", Subscription.BOTH, ["Friends", "Work"]),
    Contact(JID("carol@localhost"), "Carol", Subscription.TO, ["Friends"]),
    Contact(JID("robert@example.org"), "bob", Subscription.NONE, []),
    Contact(EVIL, "Ev\x1b[31mil\u202egnp.exe\ttab", Subscription.NONE, [], asked=True),
    Contact(JID("日本@localhost"), "日本語", Subscription.FROM, ["友達"]),
)

Later = Callable[[float, Callable[[], object]], object]


class Messages(fakes.Messages):
    """See the module's docstring."""

    def __init__(self, later: Later) -> None:
        super().__init__()
        self.later = later
        self.secures: Encryption

    def put(self, peer: JID, body: str, *, outgoing: bool = False, **fields: Any) -> Message:
        order = len(self.stored) + 1
        values = {"time": 1_700_000_000.0 + 60 * order, "state": MessageState.UNREAD, **fields}
        sender = values.pop("sender", ALICE if outgoing else peer)
        new = Message(f"id-{order}", order, peer, sender, outgoing, body, **values)
        self.arrives(new)
        return new

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
        more = {"reply": reply, "quote": self.stored[reply].body} if reply else {}
        more |= {"encrypted": await self._secured(peer, encrypt), "subject": subject, "extra": extra}
        new = self.put(peer, body, outgoing=True, state=MessageState.PENDING, kind=kind, **more)
        self._goes(new)
        return new.id

    async def _secured(self, peer: JID, method: str) -> Secured:
        """How a message is encrypted, and nothing else is."""
        if method and method != "omemo":
            raise InvalidArgument(reason=f"There is no way to encrypt that is called “{method}”.")
        if method and not self.secures.keys.get(peer):
            raise NoKeys(who=peer, method="OMEMO")
        return Secured(method, Trust.VERIFIED) if method else IN_CLEAR

    def _goes(self, new: Message) -> None:
        if new.peer.local == "fails":
            self.later(0.02, lambda: self.changes(new.id, MessageState.FAILED, "There is no such account."))
        elif new.peer.local != "silent":
            self.later(0.02, lambda: self.changes(new.id, MessageState.SENT))
            self.later(0.05, lambda: self.changes(new.id, MessageState.DELIVERED))
        if new.peer.local == "echo":
            self.later(0.03, lambda: self.put(new.peer, new.body))

    async def retry(self, id: str) -> None:
        self.changes(id, MessageState.PENDING)

    async def search(self, text: str, peer: JID = ANYBODY, before: int = 0, limit: int = 50) -> list[Message]:
        words = text.casefold().split()
        found = [each for each in self.stored.values() if all(word in each.body.casefold() for word in words)]
        return [each for each in reversed(found) if peer in ("", each.peer)][:limit]


class Roster(fakes.Roster):
    """Knows whom it does not have."""

    def _must_have(self, jid: JID) -> None:
        if jid not in self.contacts:
            raise NotFound(what=f"{jid} in your contact list")

    async def set_contact(self, jid: JID, name: str, groups: list[str]) -> None:
        self._must_have(jid)
        await super().set_contact(jid, name, groups)

    async def remove_contact(self, jid: JID) -> None:
        self._must_have(jid)
        await super().remove_contact(jid)


class Presences(fakes.Presences):
    """Forgets who was answered."""

    async def approve(self, jid: JID) -> None:
        self.asked = [each for each in self.asked if each.jid != jid]

    async def refuse(self, jid: JID) -> None:
        await self.approve(jid)


class Profile(fakes.Profile):
    """Connects where the password is right."""

    async def connect(self) -> None:
        error: SatError | None = None
        if self.jid.value.domain == "nowhere.example":
            error = ServerNotFound(server="nowhere.example")
        elif self.passwords[-1:] != [PASSWORD]:
            error = AuthFailed(server=self.jid.value.domain, user=self.jid.value.local)
        if error is not None:
            self.connection.set(Connection(error=type(error).__name__, details=error.details))
            raise error
        full = self.jid.value.with_resource("sat")
        self.connection.set(Connection(ConnectionState.ONLINE, full, security="TLS 1.3, SCRAM-SHA-256-PLUS"))

    async def check_password(self, password: Secret) -> None:
        if self.passwords[-1:] != [str(password)]:
            raise AuthFailed(server=self.jid.value.domain, user=self.jid.value.local)


class TellingBlog(Blog):
    """What is published is new in the timeline, as if somebody else had written it."""

    def __init__(self, blogs: Blogs, timeline: Timeline) -> None:
        super().__init__(blogs)
        self.timeline = timeline

    async def publish(self, draft: Draft, node: Place) -> Place:
        place = await super().publish(draft, node)
        self.timeline.arrive(self.blogs.find(place))
        return place


class Avatars(fakes.Avatars):
    def __init__(self) -> None:
        super().__init__()
        self.pictures[BOB] = Picture("b" * 40, "image/png", b"\x89PNG bob")

    async def set_own(self, data: bytes) -> None:
        self.sets(ALICE, Picture("a" * 40, "image/png", data) if data else None)


class Nickname(NicknameApi):
    async def set_own(self, name: str) -> None:
        self.own.set(name.strip())


class Ping(PingApi):
    async def ping(self, jid: JID) -> float:
        if jid.domain != "localhost":
            raise PeerError(peer=jid, reason="it is not known")
        return 0.0123


class Version(VersionApi):
    async def get_version(self, jid: JID) -> Software:
        return Software("Prosody", "0.12.3", "Linux")


class Disco(DiscoApi):
    async def get_info(self, jid: JID, node: str = "") -> Info:
        return Info([Identity("server", "im", "Prosody")], ["urn:xmpp:ping", "urn:xmpp:mam:2"])

    async def get_items(self, jid: JID, node: str = "") -> list[Item]:
        return [Item(JID("rooms.localhost"), "", "Rooms")]


class Settings(fakes.Settings):
    def __init__(self, *, daemon: bool = False) -> None:
        if daemon:
            super().__init__(Setting("log.level", "What is logged", SettingKind.CHOICE, "info", "info", Tab.DEBUG))
        else:
            super().__init__(
                Setting("chat_states.send", "Tell that I am typing", SettingKind.BOOL, "true", "true", Tab.COMPOSITION),
                Setting("presence.priority", "Priority", SettingKind.INT, "5", "0", Tab.CONNECTION, help="-128 to 127"),
            )

    async def get_setting(self, key: str) -> Setting:
        if key not in self.settings:
            raise UnknownSetting(key=key, suggestion="Did you mean chat_states.send?")
        return self.settings[key]

    async def set_setting(self, key: str, value: str) -> None:
        setting = await self.get_setting(key)
        if setting.kind is SettingKind.BOOL and value not in ("true", "false"):
            raise InvalidSetting(key=key, value=value, reason="it is true or false")
        await super().set_setting(key, value)


class Registration(RegistrationApi):
    async def get_form(self, server: str, host: str = "", port: int = 0, token: str = "", pin: str = "") -> Form:
        if server == "closed.example":
            raise RegistrationClosed(server=server)
        if server == "captcha.example":
            raise CaptchaRequired(server=server, url="https://captcha.example/new")
        if server == "invited.example" and token != "welcome":
            raise InvitationRequired(server=server)
        fields = [
            Field("", FieldKind.FIXED, "", ["Be kind."]),
            Field("FORM_TYPE", FieldKind.HIDDEN, "", ["jabber:iq:register"]),
            Field("username", FieldKind.TEXT, "User name", [], required=True),
            Field("password", FieldKind.PASSWORD, "Password", [], required=True),
            Field(
                "colour", FieldKind.CHOICE, "Colour", ["red"], choices=[Choice("red", "Red"), Choice("blue", "Blue")]
            ),
        ]
        return Form("An account on \x1b[1mthis server", "Fill it in.", fields)

    async def register(
        self, server: str, fields: dict[str, str], password: Secret, host: str = "", port: int = 0, token: str = ""
    ) -> None:
        if fields["username"] == "taken":
            raise UsernameTaken(user="taken", server=server, suggestion="taken2")
        assert fields["FORM_TYPE"] == "jabber:iq:register"


class GuestApi(Api):
    """What a plugin brings that the frontends do not know."""

    doubled = contract.signal(Item)
    words = prop(int, 0)

    @method
    async def double(self, number: int, words: list[str]) -> list[str]:
        """The words so many times."""


class Guest(GuestApi):
    async def double(self, number: int, words: list[str]) -> list[str]:
        self.words.set(self.words.value + number * len(words))
        self.doubled.emit(Item(ALICE, *words))
        return words * number


class Manager(fakes.Manager):
    """Profiles whose interfaces come and go with them."""

    def __init__(self, daemon: Daemon) -> None:
        super().__init__()
        self.daemon = daemon

    async def create_profile(self, name: str, jid: JID, password: Secret, lock: Secret = NO_SECRET) -> ProfileInfo:
        if name in self.infos:
            raise ProfileExists(profile=name)
        info = self.infos[name] = ProfileInfo(name, jid, default=not self.infos)
        if name == "keyless":
            away = ProfileKeyMissing(profile=name, place="the desktop's keyring")
            info = self.infos[name] = info._replace(error=type(away).__name__, details=away.details)
        else:
            self.daemon.open(info, str(password))
        self.profile_added.emit(info)
        return info

    def _must_have(self, name: str) -> None:
        if name not in self.infos:
            raise ProfileNotFound(profile=name)

    async def delete_profile(self, name: str) -> None:
        await super().delete_profile(name)
        self.daemon.close(name)

    async def set_default_profile(self, name: str) -> None:
        self._must_have(name)
        await super().set_default_profile(name)

    async def unlock_profile(self, name: str, lock: Secret) -> None:
        self._must_have(name)
        if lock != (LOCK if self.infos[name].locked else ""):
            raise WrongProfilePassword(profile=name)
        await super().unlock_profile(name, lock)
        self.infos[name] = self.infos[name]._replace(error="", details={})
        self.daemon.open(self.infos[name], PASSWORD)

    async def list_plugins(self) -> list[PluginStatus]:
        return [PluginStatus("roster", PluginState.ENABLED, "The contact list."), *self.daemon.plugins]

    async def shutdown(self) -> None:
        self.daemon.loop.call_soon(self.daemon.stop)


class Daemon:
    """The fake daemon on a bus."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.ended = loop.create_future()
        self.bridge = DBusBridge(loop)
        self.bridge.missing = self._missing
        self.manager = Manager(self)
        self.plugins: list[PluginStatus] = []
        self.undo: dict[str, list[Callable[[], None]]] = {}
        self.manager.version.set(__version__)
        self.manager.ready.set(True)
        roots: tuple[tuple[type[Api], Api], ...] = (
            (ManagerApi, self.manager),
            (SettingsApi, Settings(daemon=True)),
            (RegistrationApi, Registration()),
        )
        for api, implementation in roots:
            self.bridge.publish(ROOT, api, implementation)

    def open(self, info: ProfileInfo, password: str) -> None:
        """Publish what a profile has."""
        profile = Profile(info.name, info.jid)
        profile.passwords.append(password)
        messages = Messages(self.loop.call_later)
        presence = Presences()
        rooms, sites = Rooms(), HttpAuth()
        rooms.searches = info.name != "lonely"
        sites.asks()
        encryption = Encryption(info.jid)
        for digit, trust in (("a", Trust.BLIND), ("b", Trust.UNDECIDED)):
            encryption.put(JID("fails@localhost"), digit, trust)
            encryption.put(BOB, digit, trust, label="Bob's \x1b[31mphone", id="7")
        encryption.put(encryption.own, "f", Trust.DISTRUSTED, own=True, label="old \x1b[31mphone")
        encryption.compares(JID("carol@localhost"), ComparisonState.ASKED, "Who \x1b[31mraised you?")
        encryption.asks(JID("otto@localhost"))
        messages.secures = encryption
        self.manager.profiles[info.name] = profile
        blogs = Blogs(info.jid)
        timeline = Timeline(blogs, [Place(BOB), VERONA, Place(info.jid.bare)])
        blog = TellingBlog(blogs, timeline)
        pubsub = FakePubsub(info.jid)
        files = fake_files.Attachments(messages)
        transfers, direct, shares, pipes = moving(self.loop.call_later)
        apis: tuple[tuple[type[Api], Api], ...] = (
            (ProfileApi, profile),
            (RosterApi, Roster(*CONTACTS)),
            (PresenceApi, presence),
            (MessagesApi, messages),
            (ChatStatesApi, fakes.ChatStates()),
            (EncryptionApi, encryption),
            (DraftsApi, fakes.Drafts()),
            (AttentionApi, fakes.Attention(messages)),
            (CorrectionApi, fakes.Correction(messages)),
            (RetractionApi, fakes.Retraction(messages)),
            (ReactionsApi, fakes.Reactions(messages)),
            (ArchiveApi, fakes.Archive(messages)),
            (SettingsApi, Settings()),
            (RoomsApi, rooms),
            (BookmarksApi, Bookmarks(Bookmark(BALCONY, "Her window"))),
            (DiscoApi, Disco()),
            (AdHocApi, AdHoc()),
            (ServicesApi, Services()),
            (InvitationsApi, Invitations()),
            (HttpAuthApi, sites),
            (BlockingApi, fakes.Blocking()),
            (BlogApi, blog),
            (BlogDraftsApi, BlogDrafts(blog)),
            (TimelineApi, timeline),
            (PubsubApi, pubsub),
            (AvatarsApi, Avatars()),
            (AttachmentsApi, files),
            (UploadApi, fake_files.Upload(messages, files, transfers)),
            (TransfersApi, transfers),
            (FilesApi, direct),
            (SharesApi, shares),
            (PipesApi, pipes),
            (NicknameApi, Nickname()),
            (VcardApi, Vcard()),
            (NotifySettingsApi, fakes.NotifySettings()),
            (RoomAvatarsApi, RoomAvatars()),
            (EntityTimeApi, EntityTimes()),
            (LastActivityApi, LastActivities()),
            (PingApi, Ping()),
            (VersionApi, Version()),
            (GuestApi, Guest()),
        )
        path = profile_path(info.name)
        self.undo[info.name] = [self.bridge.publish(path, api, implementation) for api, implementation in apis]
        if info.name == "alice":
            self._furnish(messages, presence)
            self._furnish_rooms(rooms, messages)
            self._furnish_blogs(blogs, timeline)
            self._furnish_pubsub(pubsub)

    def _furnish_blogs(self, blogs: Blogs, timeline: Timeline) -> None:
        window = Enclosure("https://localhost/window.png", "image/png", "her \x1b[31mwindow", 2048)
        light = blogs.put(BOB, "But soft,\nwhat \x1b[31mlight", "What light", id="what-light", enclosures=[window])
        first = blogs.say(light, EVIL, "It is\u202e the east", verified=False, name="Ev\x1b[31mil", id="c1")
        blogs.say(light, BOB, "And Juliet", id="c2", answers=first.place)
        blogs.say(light, BOB, "♥")
        blogs.put(BOB, "No title, but a tag", id="tagged", tags=["balcony", "ni\x1b[31mght"], lang="en")
        own = blogs.put(ALICE, "Of *mine*", "Own", id="own")
        blogs.drafts[own.place] = Draft("Of *mine*", "Own", lang="en", tags=["a, b"])
        town = blogs.put(EVIL, "Peace", "In \x1b[31mtown", service=VERONA.service, node=VERONA.node, id="peace")
        timeline.unread.add(town.place)
        nurse = JID("carol@localhost")
        french = [PostVersion("fr", "Au \x1b[31mmarché", "Du poisson", "<p>Du poisson</p>")]
        blogs.put(
            nurse, "Fish", "At the market", id="fish", lang="en", versions=french,
            reactions={"👍": 2, "🎉": 1}, reacted=["👍"], noticed=3,
        )  # fmt: skip
        timeline.found = [
            Found(VERONA, "Ver\x1b[31mona", "Two households", True, [BOB, nurse]), Found(Place(nurse), "Carol")
        ]  # fmt: skip
        story = blogs.put(nurse, "Today \x1b[31monly", id="story", node="urn:xmpp:pubsub-social-feed:stories:0")
        timeline.stories = [story._replace(unread=True)]
        said = blogs.put(nurse, "Well \x1b[31msaid", id="said", node="urn:xmpp:microblog:0:comments/own")
        timeline.responses = [Response(said, "What light", light.place), Response(story)]

    def _furnish_pubsub(self, pubsub: FakePubsub) -> None:
        entry = "<entry xmlns='http://www.w3.org/2005/Atom'><title>What \x9b31mlight</title><author><name>Bob</name>"
        entry += "</author><published>2025-06-15T15:07:00Z</published><content>But soft</content></entry>"
        form = "<x xmlns='jabber:x:data' type='result'><title>A form</title><field var='h' type='hidden'/>"
        form += "<field var='where' label='Where'><value>Verona</value><value>Mantua</value></field></x>"
        for id, xml in (("post", entry), ("form", form), ("bare", "")):
            pubsub.put(MIXED, id, xml, str(BOB))
        for number in range(5):
            pubsub.put(SENSORS, f"s{number}", f"<t xmlns='urn:t' unit='C'><value>{20 + number}</value></t>")
        pubsub.titles[SENSORS] = "Sen\x1b[31msors"
        pubsub.closed.add(MIXED)
        pubsub.public[BOB] = [SENSORS]

    def _furnish_rooms(self, rooms: Rooms, messages: Messages) -> None:
        rooms.visitors = [VoiceRequest("1", BALCONY, "Nurse"), VoiceRequest("2", BALCONY, "Paris", JID("paris@x.lit"))]
        rooms.public = [PublicRoom(BALCONY, "The balcony"), PublicRoom(JID("play@rooms.localhost"), "A \x1b[31mplay")]
        juliet = Occupant("Juliet", Role.PARTICIPANT, Affiliation.MEMBER, jid=JID("juliet@localhost"), hats=["Capulet"])
        evil = Occupant("ev\u202eil", Role.VISITOR, Affiliation.NONE, status="\x1b[31mred")
        rooms.put(Room(BALCONY, "alice", RoomState.JOINED, name="The balcony", subject="views"), juliet, evil)
        rooms.waiting.append(Invitation(JID("play@rooms.localhost"), BOB, "come \x1b[31m!"))
        fields = {"kind": MessageKind.GROUPCHAT, "state": MessageState.READ}
        messages.put(BALCONY, "what light", sender=BALCONY.with_resource("Juliet"), **fields)

    def _furnish(self, messages: Messages, presence: Presences) -> None:
        presence.own.set(Presence(ALICE.with_resource("sat"), Show.ONLINE))
        presence.there.append(Presence(BOB.with_resource("phone"), Show.AWAY, "lunch\x1b]0;title\x07"))
        presence.asked.append(Request(JID("dave@localhost"), "It is me, Dave"))
        messages.put(BOB, "hello Alice", state=MessageState.READ)
        messages.put(BOB, "hello Bob", outgoing=True, state=MessageState.DELIVERED)
        messages.put(BOB, "two lines:\nthe\tsecond \\ one")
        messages.put(EVIL, "red \x1b[31m alert \u202e drow")
        distrusted = Secured("omemo", Trust.DISTRUSTED, "ab" * 32)
        messages.put(SECRETIVE, "is it me?", state=MessageState.READ, encrypted=distrusted)
        messages.put(
            SECRETIVE, "", state=MessageState.READ, error="This message was encrypted, and cannot be read here."
        )

    def close(self, name: str) -> None:
        """Take a profile's interfaces away."""
        for undo in self.undo.pop(name, []):
            undo()

    def stop(self) -> None:
        """End the program."""
        if not self.ended.done():
            self.ended.set_result(None)

    async def _missing(self, path: str) -> SatError | None:
        for info in self.manager.infos.values():
            if profile_path(info.name) == path:
                return info.obstacle
        return ProfileNotFound(profile=path.rpartition("/")[2])

    async def run(self) -> None:
        """Serve until told to end."""
        start: asyncio.Future[None] = Deferred.fromCoroutine(self._start()).asFuture(self.loop)
        await start
        print("ready", flush=True)
        await self.ended
        self.bridge.stop()

    async def _start(self) -> None:
        await self.manager.create_profile("alice", ALICE, Secret(PASSWORD))
        await self.manager.profiles["alice"].connect()
        self.manager.infos["vault"] = ProfileInfo("vault", JID("vault@localhost"), locked=True)
        await self.bridge.start()


async def main() -> None:
    """Run as a program."""
    loop = asyncio.get_running_loop()
    daemon = Daemon(loop)
    loop.add_signal_handler(signal.SIGTERM, daemon.stop)
    await daemon.run()


if __name__ == "__main__":
    asyncio.run(main())
