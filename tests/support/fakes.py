"""The daemon in memory: small implementations of the Apis, and an event loop that the test turns by hand."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator, Sequence
from contextlib import suppress
from typing import Any

from sat.api import JID, SatError, Secret
from sat.api.errors import NotFound, ProfileNotFound
from sat.api.forms import Form
from sat.api.manager import ManagerApi, PluginStatus, ProfileInfo
from sat.api.messages import PLAIN, Extra, Message, MessageChange, MessageKind, MessageState, Reaction, Version
from sat.api.profile import Account, Connection, ConnectionState, ProfileApi
from sat.api.settings import Setting, SettingChange, SettingsApi
from sat.api.values import ANYBODY, NO_SECRET
from sat.plugins.archive.api import ArchiveApi
from sat.plugins.attention.api import AttentionApi
from sat.plugins.avatars.api import AvatarsApi, Picture, Shown
from sat.plugins.blocking.api import BlockingApi, Report
from sat.plugins.chat_states.api import ChatStatesApi
from sat.plugins.client_state.api import ClientStateApi
from sat.plugins.correction.api import CorrectionApi
from sat.plugins.drafts.api import Draft, DraftsApi
from sat.plugins.messages.api import Conversation, MessagesApi, Unread
from sat.plugins.notify_settings.api import Choice, Notify, NotifySettingsApi
from sat.plugins.presence.api import Presence, PresenceApi, Request, Show
from sat.plugins.reactions.api import ReactionsApi
from sat.plugins.registration.api import RegistrationApi
from sat.plugins.retraction.api import RetractionApi
from sat.plugins.roster.api import Contact, RosterApi, Subscription
from support import fake_absent

ROMEO = JID("romeo@montague.lit")
JULIET = JID("juliet@capulet.lit")
NURSE = JID("nurse@capulet.lit")
TYBALT = JID("tybalt@capulet.lit")


class Gate:
    """Open at first. A closed gate holds every coroutine that comes to it until it is opened."""

    def __init__(self) -> None:
        self.closed = False
        self._waiting: list[Coroutine[Any, Any, Any]] = []

    def __await__(self) -> Generator[Any, None, None]:
        while self.closed:
            yield self

    def hold(self, work: Coroutine[Any, Any, Any]) -> None:
        self._waiting.append(work)

    def open(self, loop: Loop) -> None:
        self.closed = False
        waiting, self._waiting = self._waiting, []
        for work in waiting:
            loop.spawn(work)


class Loop:
    """Runs coroutines at once, as far as they get, and timers when the test says that time passes."""

    def __init__(self) -> None:
        self.time = 1000.0
        self._timers: dict[object, tuple[float, Callable[[], object]]] = {}

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        with suppress(StopIteration):
            work.send(None).hold(work)

    def now(self, work: Coroutine[Any, Any, Any]) -> Any:
        """The result of a coroutine that waits for nothing."""
        try:
            work.send(None)
        except StopIteration as end:
            return end.value
        raise AssertionError("it still waits")

    def clock(self) -> float:
        return self.time

    def later(self, seconds: float, function: Callable[[], object]) -> Callable[[], object]:
        key = object()
        self._timers[key] = (self.time + seconds, function)
        return lambda: self._timers.pop(key, None)

    def advance(self, seconds: float) -> None:
        self.time += seconds
        for key, (time, function) in list(self._timers.items()):
            if time <= self.time and self._timers.pop(key, None):
                function()


class Failing:
    """Fails where a test says so: ``fails["send"] = NotConnected(profile="romeo")``."""

    def __init__(self) -> None:
        self.fails: dict[str, SatError] = {}
        self.calls: list[tuple[Any, ...]] = []
        self.gate = Gate()

    async def called(self, *call: Any) -> None:
        self.calls.append(call)
        await self.gate
        if call[0] in self.fails:
            raise self.fails[call[0]]

    def count(self, name: str) -> int:
        return sum(1 for call in self.calls if call[0] == name)


def message(order: int, body: str = "", *, peer: JID = JULIET, outgoing: bool = False, **fields: Any) -> Message:
    """A message a minute after the one before."""
    sender = ROMEO if outgoing else peer
    state = MessageState.SENT if outgoing else MessageState.READ
    values = {"time": 60.0 * order, "state": state, **fields}
    return Message(f"m{order}", order, peer, sender, outgoing, body or f"message {order}", **values)


class Messages(Failing, MessagesApi):
    def __init__(self, *stored: Message) -> None:
        super().__init__()
        self.stored = {each.id: each for each in stored}

    def arrives(self, *messages: Message) -> None:
        """Store messages and tell of them, as the daemon does."""
        if not messages:
            return
        self.stored.update((each.id, each) for each in messages)
        self.added.emit(list(messages))
        self._count({each.peer for each in messages})

    def changes(self, id: str, state: MessageState, error: str = "") -> None:
        before = self.stored[id]
        self.stored[id] = before._replace(state=state, error=error if before.outgoing else before.error)
        self.updated.emit([MessageChange(id, before.peer, state, error)])

    def edits(self, id: str, **fields: Any) -> None:
        self.stored[id] = self.stored[id]._replace(**fields)
        self.edited.emit([self.stored[id]])

    def unread_of(self, peer: JID) -> int:
        return sum(1 for each in self.of(peer) if each.state is MessageState.UNREAD)

    def mentions_of(self, peer: JID) -> int:
        return sum(1 for each in self.of(peer) if each.state is MessageState.UNREAD and each.mention)

    def of(self, peer: JID) -> list[Message]:
        return sorted((each for each in self.stored.values() if each.peer == peer), key=lambda each: each.order)

    def _count(self, peers: set[JID]) -> None:
        self.unread.set(sum(1 for each in self.stored.values() if each.state is MessageState.UNREAD))
        self.unread_changed.emit([Unread(peer, self.unread_of(peer), self.mentions_of(peer)) for peer in sorted(peers)])

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
        await self.called("send", peer, body)
        order = max((each.order for each in self.stored.values()), default=0) + 1
        new = message(order, body, peer=peer, outgoing=True, state=MessageState.PENDING, reply=reply, extra=extra)
        self.arrives(new)
        return new.id

    async def retry(self, id: str) -> None:
        await self.called("retry", id)
        self.changes(id, MessageState.PENDING)

    async def get_message(self, id: str) -> Message:
        if id not in self.stored:
            raise NotFound(what=f"message {id}")
        return self.stored[id]

    async def get_versions(self, id: str) -> list[Version]:
        return [Version(self.stored[id].time, self.stored[id].body)]

    async def get_history(self, peer: JID, before: int = 0, limit: int = 50) -> list[Message]:
        assert limit <= 500
        found = [each for each in self.of(peer) if not before or each.order < before][-limit:]
        await self.called("get_history", peer, before, limit)  # the answer is older than what is told meanwhile
        return found

    async def search(self, text: str, peer: JID = ANYBODY, before: int = 0, limit: int = 50) -> list[Message]:
        return [each for each in self.stored.values() if text in each.body]

    async def get_conversations(self, limit: int = 100) -> list[Conversation]:
        await self.called("get_conversations")
        peers = {each.peer for each in self.stored.values()}
        return [
            Conversation(peer, self.unread_of(peer), self.of(peer)[-1], self.mentions_of(peer))
            for peer in sorted(peers)
        ][:limit]

    async def mark_read(self, peer: JID, order: int = 0) -> None:
        await self.called("mark_read", peer, order)
        for each in self.of(peer):
            if each.state is MessageState.UNREAD and (not order or each.order <= order):
                self.changes(each.id, MessageState.READ)
        self._count({peer})

    async def mark_unread(self, peer: JID, order: int = 0) -> None:
        await self.called("mark_unread", peer, order)
        theirs = [each for each in self.of(peer) if not each.outgoing]
        if not theirs:
            raise NotFound(what=f"message of {peer}")
        for each in theirs:
            if each.order >= (order or theirs[-1].order):
                self.changes(each.id, MessageState.UNREAD)
        self._count({peer})


class Correction(Failing, CorrectionApi):
    """``messages`` is any fake store with ``edits``."""

    def __init__(self, messages: Any) -> None:
        super().__init__()
        self._messages = messages

    async def correct(self, id: str, body: str) -> None:
        await self.called("correct", id, body)
        self._messages.edits(id, body=body, edited=1.0)


class Retraction(Failing, RetractionApi):
    def __init__(self, messages: Any) -> None:
        super().__init__()
        self._messages = messages

    async def retract(self, id: str) -> None:
        await self.called("retract", id)
        self._messages.edits(id, body="", retracted=True)


class Reactions(Failing, ReactionsApi):
    def __init__(self, messages: Any) -> None:
        super().__init__()
        self._messages = messages

    async def react(self, id: str, emojis: list[str]) -> None:
        await self.called("react", id, emojis)
        self._messages.edits(id, reactions=[Reaction(each, [], own=True) for each in emojis])


class NotifySettings(NotifySettingsApi):
    def __init__(self) -> None:
        self.choices: dict[JID, Choice] = {}

    async def get_choices(self) -> list[Choice]:
        return list(self.choices.values())

    async def choose(self, jid: JID, notify: Notify) -> None:
        self.choices[jid] = Choice(jid, notify)
        self.chosen.emit([self.choices[jid]])


class ChatStates(Failing, ChatStatesApi):
    async def set_typing(self, peer: JID, typing: bool) -> None:
        await self.called("set_typing", peer, typing)


class Attention(Failing, AttentionApi):
    """``messages`` is any fake store."""

    def __init__(self, messages: MessagesApi) -> None:
        super().__init__()
        self._messages = messages

    async def ask_attention(self, peer: JID) -> str:
        await self.called("ask_attention", peer)
        return await self._messages.send(peer, "", extra=Extra(attention=True))


class Drafts(Failing, DraftsApi):
    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[JID, str] = {}

    def sets(self, peer: JID, text: str) -> None:
        """Somebody begins something in another frontend, or here."""
        self.texts.pop(peer, None)
        if text:
            self.texts[peer] = text
        self.changed.emit([Draft(peer, text, 1.0)])

    async def get_drafts(self) -> list[Draft]:
        await self.called("get_drafts")
        return [Draft(peer, text, 1.0) for peer, text in self.texts.items()]

    async def get_draft(self, peer: JID) -> Draft:
        return Draft(peer, self.texts.get(peer, ""), 1.0)

    async def set_draft(self, peer: JID, text: str) -> None:
        await self.called("set_draft", peer, text)
        if text != self.texts.get(peer, ""):
            self.sets(peer, text)


class Archive(Failing, ArchiveApi):
    """``pages`` are put into the store one by one; they are announced too, as the daemon does."""

    def __init__(self, messages: Messages, *pages: list[Message]) -> None:
        super().__init__()
        self._messages, self.pages = messages, list(pages)

    async def fetch_older(self, peer: JID) -> int:
        await self.called("fetch_older", peer)
        if not self.pages:
            return 0
        page = self.pages.pop(0)
        self._messages.arrives(*page)
        return max(len(page), 1)  # also what has no body was counted


class Roster(Failing, RosterApi):
    def __init__(self, *contacts: Contact) -> None:
        super().__init__()
        self.contacts = {each.jid: each for each in contacts}

    def sets(self, contact: Contact) -> None:
        self.contacts[contact.jid] = contact
        self.changed.emit([contact])

    async def get_contacts(self) -> list[Contact]:
        await self.called("get_contacts")
        return list(self.contacts.values())

    async def add_contact(self, jid: JID, name: str = "", groups: list[str] = []) -> None:  # noqa: B006 - as the bus knows it, never changed
        await self.called("add_contact", jid, name)
        known = self.contacts.get(jid, Contact(jid, "", Subscription.NONE, [], asked=True))
        self.sets(known._replace(name=name or known.name, groups=groups or known.groups))

    async def set_contact(self, jid: JID, name: str, groups: list[str]) -> None:
        await self.called("set_contact", jid, name, groups)
        self.sets(self.contacts[jid]._replace(name=name, groups=groups))

    async def remove_contact(self, jid: JID) -> None:
        await self.called("remove_contact", jid)
        del self.contacts[jid]
        self.removed.emit([jid])


class Blocking(Failing, BlockingApi):
    def __init__(self) -> None:
        super().__init__()
        self.blocked: list[JID] = []

    def sets(self, *jids: JID) -> None:
        self.blocked = sorted(jids)
        self.changed.emit(self.blocked)

    async def get_blocked(self) -> list[JID]:
        await self.called("get_blocked")
        return self.blocked

    async def block(self, jid: JID, report: Report = Report.NONE, text: str = "", messages: Sequence[str] = ()) -> None:
        await self.called("block", jid, report, text, *([list(messages)] if messages else []))
        self.sets(*{*self.blocked, jid})

    async def unblock(self, jid: JID) -> None:
        await self.called("unblock", jid)
        if jid not in self.blocked:
            raise NotFound(what=f"{jid} among those whom you block")
        self.sets(*{*self.blocked} - {jid})


class Avatars(Failing, AvatarsApi):
    def __init__(self) -> None:
        super().__init__()
        self.pictures: dict[JID, Picture] = {}

    def sets(self, jid: JID, picture: Picture | None) -> None:
        self.pictures.pop(jid, None)
        if picture is not None:
            self.pictures[jid] = picture
        self.changed.emit([Shown(jid, picture.id if picture is not None else "")])

    async def get_shown(self) -> list[Shown]:
        await self.called("get_shown")
        return [Shown(jid, picture.id) for jid, picture in self.pictures.items()]

    async def get_picture(self, jid: JID) -> Picture:
        await self.called("get_picture", jid)
        if jid not in self.pictures:
            raise NotFound(what=f"picture of {jid}")
        return self.pictures[jid]

    async def set_own(self, data: bytes) -> None:
        await self.called("set_own", data)
        self.sets(ROMEO.bare, Picture("0" * 40, "image/png", data) if data else None)


class Presences(Failing, PresenceApi):
    def __init__(self, *presences: Presence) -> None:
        super().__init__()
        self.there = list(presences)
        self.asked: list[Request] = []

    async def set_presence(self, show: Show, status: str = "") -> None:
        await self.called("set_presence", show, status)
        self.own.set(Presence(ROMEO, show, status))

    async def get_presences(self) -> list[Presence]:
        await self.called("get_presences")
        return list(self.there)

    async def get_requests(self) -> list[Request]:
        await self.called("get_requests")
        return list(self.asked)

    async def subscribe(self, jid: JID) -> None:
        await self.called("subscribe", jid)

    async def unsubscribe(self, jid: JID) -> None:
        await self.called("unsubscribe", jid)

    async def approve(self, jid: JID) -> None:
        await self.called("approve", jid)

    async def refuse(self, jid: JID) -> None:
        await self.called("refuse", jid)


class ClientState(Failing, ClientStateApi):
    async def attend(self) -> None:
        await self.called("attend")


class Profile(Failing, ProfileApi):
    def __init__(self, name: str = "romeo", jid: JID = ROMEO, *, online: bool = False) -> None:
        super().__init__()
        self.name.value, self.jid.value = name, jid
        self.account = Account(jid)
        self.passwords: list[str] = []
        if online:
            self.connection.value = Connection(ConnectionState.ONLINE, jid.with_resource("x"))

    async def connect(self) -> None:
        self.connection.set(Connection(ConnectionState.CONNECTING))
        try:
            await self.called("connect")
        except SatError as error:
            name = type(error).__name__
            self.connection.set(Connection(ConnectionState.OFFLINE, error=name, details=error.details))
            raise
        self.connection.set(Connection(ConnectionState.ONLINE, self.account.jid.with_resource("x")))

    async def log_in(self, password: Secret) -> None:
        self.passwords.append(str(password))
        try:
            await self.connect()
        except SatError:
            self.passwords.pop()
            raise

    async def disconnect(self) -> None:
        await self.called("disconnect")
        self.connection.set(Connection())

    async def get_account(self) -> Account:
        return self.account

    async def set_account(self, account: Account) -> None:
        self.account = account

    async def set_password(self, password: Secret) -> None:
        self.passwords.append(str(password))

    async def change_password(self, password: Secret) -> None:
        await self.called("change_password", str(password))
        self.passwords.append(str(password))

    async def delete_account(self) -> None:
        await self.called("delete_account")
        self.connection.set(Connection())

    async def set_lock(self, old: Secret, new: Secret) -> None: ...

    async def check_password(self, password: Secret) -> None: ...

    async def forget_security(self) -> None: ...


class Manager(Failing, ManagerApi):
    def __init__(self, *infos: ProfileInfo) -> None:
        super().__init__()
        self.infos = {info.name: info for info in infos}
        self.profiles = {info.name: Profile(info.name, info.jid) for info in infos}
        self.prepare: Callable[[Profile], None] = lambda profile: None

    def profile(self, name: str) -> Profile:
        return self.profiles[name]

    async def list_profiles(self) -> list[ProfileInfo]:
        await self.called("list_profiles")
        return sorted(self.infos.values(), key=lambda info: not info.default)

    async def create_profile(self, name: str, jid: JID, password: Secret, lock: Secret = NO_SECRET) -> ProfileInfo:
        await self.called("create_profile", name, jid, password)
        info = self.infos[name] = ProfileInfo(name, jid, default=not self.infos)
        self.profiles[name] = Profile(name, jid)
        self.prepare(self.profiles[name])
        self.profile_added.emit(info)
        return info

    async def delete_profile(self, name: str) -> None:
        await self.called("delete_profile", name)
        if self.infos.pop(name, None) is None:
            raise ProfileNotFound(profile=name)
        self.profile_removed.emit(name)

    async def set_default_profile(self, name: str) -> None:
        for each in list(self.infos):
            self.infos[each] = self.infos[each]._replace(default=each == name)
        self.profile_changed.emit(self.infos[name])

    async def unlock_profile(self, name: str, lock: Secret) -> None:
        await self.called("unlock_profile", name, lock)
        self.infos[name] = self.infos[name]._replace(locked=False)
        self.profile_changed.emit(self.infos[name])

    async def check_lock(self, name: str, lock: Secret) -> None: ...

    async def list_plugins(self) -> list[PluginStatus]:
        return []

    async def shutdown(self) -> None: ...


class Registration(Failing, RegistrationApi):
    def __init__(self, *forms: Form) -> None:
        super().__init__()
        self.forms = list(forms)

    async def get_form(self, server: str, host: str = "", port: int = 0, token: str = "", pin: str = "") -> Form:
        await self.called("get_form", server, token, *filter(None, [pin]))
        return self.forms.pop(0) if len(self.forms) > 1 else self.forms[0]

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
        await self.called("register", server, fields, str(password), token, *filter(None, [pin]))


class Settings(Failing, SettingsApi):
    def __init__(self, *settings: Setting) -> None:
        super().__init__()
        self.settings = {each.key: each for each in settings}

    async def get_settings(self) -> list[Setting]:
        return list(self.settings.values())

    async def get_setting(self, key: str) -> Setting:
        return self.settings[key]

    async def set_setting(self, key: str, value: str) -> None:
        await self.called("set_setting", key, value)
        self.settings[key] = self.settings[key]._replace(value=value)
        self.changed.emit(SettingChange(key, value))


class Apis(fake_absent.Absent):
    """Everything of one profile, online."""

    def __init__(self, *contacts: Contact) -> None:
        super().__init__()
        self.profile = Profile(online=True)
        self.roster = Roster(*contacts)
        self.presence = Presences()
        self.blocking = Blocking()
        self.avatars = Avatars()
        self.notify_settings = NotifySettings()
        self.messages = Messages()
        self.chat_states = ChatStates()
        self.client_state = ClientState()
        self.drafts = Drafts()
        self.attention = Attention(self.messages)
        self.archive = Archive(self.messages)
        self.correction = Correction(self.messages)
        self.retraction = Retraction(self.messages)
        self.reactions = Reactions(self.messages)
