"""Rooms: who is in them, and that we come back into them (XEP-0045)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from sat.api import JID, Secret
from sat.api.errors import (
    Conflict,
    InvalidArgument,
    NotFound,
    NotInRoom,
    PeerError,
    SatError,
)
from sat.api.forms import Form
from sat.api.settings import Tab
from sat.api.values import ANYBODY, NO_SECRET
from sat.core.pipeline import Arrival, Departure, Stage
from sat.core.plugin import (
    Ended,
    FeaturesChanged,
    Online,
    Plugin,
    configured,
    needs,
    on_event,
    on_message,
    on_presence,
    on_sending,
    wants,
)
from sat.core.settings import Help
from sat.plugins.archive.plugin import Archive
from sat.plugins.disco.plugin import Disco
from sat.plugins.messages.edits import NS_SID
from sat.plugins.messages.plugin import Messages
from sat.plugins.messages.rooms import NO_ROOMS
from sat.plugins.nickname.api import NicknameApi
from sat.plugins.presence.api import Presence as OwnPresence
from sat.plugins.presence.api import Show
from sat.plugins.presence.plugin import PresencePlugin
from sat.plugins.rooms import muc
from sat.plugins.rooms.admin import Admin
from sat.plugins.rooms.answers import Answers
from sat.plugins.rooms.api import (
    Affiliated,
    Affiliation,
    FoundRooms,
    Invitation,
    Occupant,
    PublicRoom,
    Role,
    Room,
    RoomsApi,
    RoomState,
    VoiceRequest,
)
from sat.plugins.rooms.bookmarks import Bookmark, Bookmarks
from sat.plugins.rooms.entering import Entering
from sat.plugins.rooms.history import History
from sat.plugins.rooms.invitations import Invitations
from sat.plugins.rooms.stay import Stay
from sat.plugins.rooms.talk import Talk
from sat.plugins.rooms.telling import Telling
from sat.plugins.rooms.voice import Voice
from sat.xmpp import forms
from sat.xmpp.stanzas import Presence

if TYPE_CHECKING:
    from sat.plugins.rooms.searching import Searching


@dataclass
class Options:
    """How we are called, and where rooms are searched for."""

    tab: ClassVar[Tab] = Tab.GENERAL
    nick: Annotated[str, "Your nickname in rooms; if empty, the one that you publish, else the name before the @"] = ""
    search_service: Annotated[
        str,
        "Where rooms of other servers are searched for; if empty, at your own server",
        Help("An address, such as search.example.org. It learns what you search for."),
    ] = ""


class Rooms(Plugin, RoomsApi):
    """Rooms (XEP-0045), with invitations, archives and moderation."""

    xeps = ("0045", "0249", "0317", "0410", "0421", "0425", "0433")
    features = (muc.NS, muc.NS_DIRECT)
    disco = needs(Disco)
    messages = needs(Messages)
    presence = needs(PresencePlugin)
    archive = needs(Archive)
    nickname = wants(NicknameApi)
    options = configured(Options)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self.stays: dict[JID, Stay] = {}
        self.bookmarks = Bookmarks(self.store, self.secrets, self.log)
        self.before_entering: Callable[[], Awaitable[None]] = _at_once
        """What has to be done in a new session before we enter the rooms that have bookmarks."""
        self.telling = Telling(self)
        self.talk = Talk(self)
        self.entering = Entering(self)
        self.history = History(self)
        self.invitations = Invitations(self)
        self.admin = Admin(self)
        self.voice = Voice(self)
        for told in (self.changed, self.occupants_changed, self.removed):
            self.undo(told.connect(lambda _: self.voice.look()))
        self.answers = Answers(self)
        self.messages.rooms = self.talk
        self.messages.outbox.holds_back = self.talk.holds_back
        self.undo(self._leave_messages)
        self.undo(self._stop_waiting)
        self.undo(self.presence.leave_out(lambda jid: bool(jid.resource) and self.talk.knows(jid.bare)))
        self.undo(self.presence.own.changed.connect(self._we_changed))

    def _leave_messages(self) -> None:
        self.messages.rooms = NO_ROOMS
        self.messages.outbox.holds_back = lambda peer: False

    def _stop_waiting(self) -> None:
        for stay in self.stays.values():
            if stay.entering is not None:
                stay.entering.cancel()
        self.answers.stop()

    async def load(self) -> None:
        self.talk.remembered = set(await self.session.messages.rooms())
        await self.bookmarks.load()
        for bookmark in self.bookmarks.all():
            if bookmark.autojoin:
                self.entering.expect(bookmark)

    def enter_at_once(self) -> None:
        """There is nobody any more who has to do something before."""
        self.before_entering = _at_once

    def inside(self, room: JID) -> Stay:
        """The stay in a room that we are in. Errors: NotInRoom."""
        stay = self.stays.get(room.bare)
        if stay is None or not stay.inside:
            raise NotInRoom(room=room.bare)
        return stay

    # -- stanzas and events --------------------------------------------------------------------------------------

    @on_event(Online)
    def _online(self, event: Online) -> None:
        if not event.resumed:
            self.spawn(self.entering.all_expected())
            return
        for stay in list(self.stays.values()):
            if stay.inside:
                self.spawn(self.entering.check(stay))

    @on_event(Ended)
    def _ended(self, event: Ended) -> None:
        for stay in self.stays.values():
            if stay.entering is not None:
                stay.entering.cancel()
            stay.out(RoomState.JOINING, "")
            self.telling.touch(stay.jid)

    @on_presence
    def _heard(self, presence: Presence) -> None:
        sender = presence.sender
        if sender is not None and (stay := self.stays.get(sender.bare)):
            self.entering.heard(presence, stay, sender.resource)

    def _we_changed(self, own: OwnPresence) -> None:
        if own.show is Show.OFFLINE:  # the server tells the rooms itself
            return
        for stay in self.stays.values():
            if stay.inside:
                presence = Presence.to(stay.address)
                self.presence.complete(presence.element)
                self.session.send(presence.element)

    @on_event(FeaturesChanged)
    def _can_something_else(self, event: FeaturesChanged) -> None:
        self._we_changed(self.presence.own.value)

    @on_message(Stage.PLACE)
    def _place(self, arrival: Arrival) -> Awaitable[None] | None:
        return self.talk.place(arrival)

    @on_message(Stage.CORRECT, muc.NS_USER)
    def _mediated(self, arrival: Arrival) -> None:
        self.invitations.mediated(arrival)

    @on_message(Stage.CORRECT, muc.NS_DIRECT)
    def _direct(self, arrival: Arrival) -> None:
        self.invitations.direct(arrival)

    @on_message(Stage.CORRECT, forms.NS)
    def _form(self, arrival: Arrival) -> None:
        self.voice.heard(arrival)

    @on_message(Stage.ANNOUNCE, NS_SID)
    def _told(self, arrival: Arrival) -> None:
        if arrival.room is not None:
            self.history.told(arrival)

    @on_sending(Stage.PLACE)
    def _mark_private(self, departure: Departure) -> None:
        if departure.peer.resource and departure.peer.bare in self.stays:  # §7.5: so copies can be told apart
            departure.message.add("x", muc.NS_USER)

    # -- in and out ----------------------------------------------------------------------------------------------

    async def join(self, room: JID, nick: str = "", password: Secret = NO_SECRET) -> Room:
        return await self._join(room, nick or room.resource, str(password))

    async def _join(self, room: JID, nick: str, password: str, *, create: bool = False) -> Room:
        room = room_of(room)
        stay = self.stays.get(room)
        if stay is not None and stay.inside and create:
            raise Conflict(what=f"The room {room}")
        if stay is not None and stay.inside and await self.entering.still(stay):
            if nick and nick != stay.value.nick:
                await self.set_nick(room, nick)
            return stay.value
        new = stay is None
        if stay is None:
            stay = self.entering.expect(self.bookmarks.find(room) or Bookmark(room))
        try:
            stay.wanted = self.nick(nick or stay.wanted)
            stay.set(nick=stay.wanted)
            stay.password = password or self.invitations.password(room) or stay.password
            await self.entering.enter(stay, known=not new or self.invitations.has(room), create=create)
        except SatError as error:
            if new:
                self.entering.drop(stay)
            elif self.stays.get(room) is stay and stay.entering is None:
                stay.out(RoomState.FAILED, str(error))
                self.telling.touch(room)
            raise
        if create and not stay.created:
            await self.entering.leave(stay, "")
            raise Conflict(what=f"The room {room}")
        self.invitations.settle(room)
        await self.entering.keep(stay)
        return stay.value

    @property
    def usual_nick(self) -> str:
        """The nickname where none is given (XEP-0402 §2)."""
        published = self.nickname.own.value if self.nickname is not None else ""
        return self.options.nick or published or self.session.account.jid.local

    def nick(self, nick: str) -> str:
        """A nickname as a room has it. Errors: InvalidArgument."""
        nick = nick.strip()
        try:
            return JID.parse(f"a@b/{nick}").resource
        except SatError:
            raise InvalidArgument(reason=f"“{nick[:100]}” cannot be a nickname.") from None

    async def leave(self, room: JID, reason: str = "") -> None:
        stay = self.stays.get(room.bare)
        if stay is None:
            raise NotFound(what=f"room {room.bare} among yours")
        await self.entering.leave(stay, reason)

    async def get_rooms(self) -> list[Room]:
        return [stay.value for stay in self.stays.values()]

    async def get_occupants(self, room: JID) -> list[Occupant]:
        return list(self.inside(room).occupants.values())

    async def set_nick(self, room: JID, nick: str) -> None:
        stay = self.inside(room)
        await self.answers.set_nick(stay, self.nick(nick))

    async def set_subject(self, room: JID, subject: str) -> None:
        await self.answers.set_subject(self.inside(room), subject)

    # -- invitations ---------------------------------------------------------------------------------------------

    async def invite(self, room: JID, jid: JID, reason: str = "", direct: bool = False) -> None:
        stay = self.inside(room)
        self.invitations.send(stay.jid, jid.bare, reason, direct, stay.password)

    async def get_invitations(self) -> list[Invitation]:
        return self.invitations.all()

    async def decline(self, room: JID, reason: str = "") -> None:
        self.invitations.decline(room.bare, reason)

    # -- moderating ----------------------------------------------------------------------------------------------

    async def kick(self, room: JID, nick: str, reason: str = "") -> None:
        await self.set_role(room, nick, Role.NONE, reason)

    async def ban(self, room: JID, jid: JID, reason: str = "") -> None:
        await self.set_affiliation(room, jid, Affiliation.OUTCAST, reason)

    async def set_role(self, room: JID, nick: str, role: Role, reason: str = "") -> None:
        stay = self.inside(room)
        try:
            await self.admin.change(stay.jid, reason, nick=nick, role=role.value)
        except PeerError as error:
            if error.details.get("condition") == "item-not-found" and nick not in stay.occupants:
                raise NotFound(what=f"“{nick}” in the room {stay.jid}") from None
            raise

    async def set_affiliation(self, room: JID, jid: JID, affiliation: Affiliation, reason: str = "") -> None:
        await self.admin.change(self.inside(room).jid, reason, jid=jid.bare, affiliation=affiliation.value)

    async def get_affiliations(self, room: JID) -> list[Affiliated]:
        return await self.admin.affiliations(self.inside(room).jid)

    async def ask_voice(self, room: JID) -> None:
        await self.voice.ask(room)

    async def get_voice_requests(self) -> list[VoiceRequest]:
        return self.voice.all()

    async def answer_voice(self, number: str, allow: bool) -> None:
        self.voice.answer(number, allow)

    async def moderate(self, id: str, reason: str = "") -> None:
        await self.admin.moderate(id, reason)

    # -- owning --------------------------------------------------------------------------------------------------

    async def create(
        self,
        room: JID,
        nick: str = "",
        fields: dict[str, str] = {},  # noqa: B006
        private: bool = False,
    ) -> Room:
        await self._join(room, nick, "", create=True)
        return await self.admin.make(self.inside(room), fields, private)

    async def get_configuration(self, room: JID) -> Form:
        return await self.admin.configuration(self.inside(room).jid)

    async def set_configuration(self, room: JID, fields: dict[str, str]) -> None:
        stay = self.inside(room)
        await self.admin.configure(stay.jid, fields)
        with suppress(SatError):  # the room says by itself that it has changed, too
            await self.entering.describe(stay)
        self.telling.now()

    async def destroy(self, room: JID, reason: str = "", other: JID = ANYBODY) -> None:
        await self.admin.destroy(self.inside(room).jid, reason, other.bare)

    # -- finding -------------------------------------------------------------------------------------------------

    async def get_services(self) -> list[JID]:
        return await self.admin.services()

    async def get_public_rooms(self, service: JID = ANYBODY) -> list[PublicRoom]:
        return await self.admin.public_rooms(service)

    async def search(self, words: str, service: JID = ANYBODY, after: str = "") -> FoundRooms:
        return await self._searching.find(words, service, after)

    @cached_property
    def _searching(self) -> Searching:
        from sat.plugins.rooms.searching import Searching  # most sessions never search

        return Searching(self)


async def _at_once() -> None:
    pass


def room_of(jid: JID) -> JID:
    """The room of an address. Errors: InvalidArgument."""
    if not jid.local:
        raise InvalidArgument(reason=f"{jid} is no room: a room looks like name@rooms.example.org.")
    return jid.bare
