"""Rooms: talking with many (XEP-0045)."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sat.api import JID, Api, Secret, method, signal
from sat.api.forms import Form
from sat.api.values import ANYBODY, NO_SECRET
from sat.plugins.presence.api import Show


class RoomState(StrEnum):
    """Whether we are in a room. LEFT: we were, and did not leave of our own will. FAILED: it did not let us in.
    A room that was joined is JOINING again after each reconnection."""

    JOINING = "joining"
    JOINED = "joined"
    LEFT = "left"
    FAILED = "failed"


class Role(StrEnum):
    """What an occupant may do in a room as long as they are in it (XEP-0045 §5.1)."""

    NONE = "none"
    VISITOR = "visitor"
    PARTICIPANT = "participant"
    MODERATOR = "moderator"


class Affiliation(StrEnum):
    """What somebody is to a room, also while they are not in it (XEP-0045 §5.2)."""

    OUTCAST = "outcast"
    NONE = "none"
    MEMBER = "member"
    ADMIN = "admin"
    OWNER = "owner"


class Room(NamedTuple):
    """A room that we are in or want to be in. ``error`` is a sentence that says why we are not.

    ``name`` is that of the bookmark, else what the room calls itself, perhaps nothing. ``private``: only members come
    in. ``hidden``: it stands in no list. ``anonymous``: only moderators see addresses. ``moderated``: visitors may not
    write. ``logged``: what is written may be public. ``archived``: it keeps its messages (XEP-0313). ``avatar`` is the
    SHA-1 of its picture, if it has one (XEP-0486). ``takes_back``: moderators can take back what others write in it
    (XEP-0425)."""

    jid: JID
    nick: str
    state: RoomState
    error: str = ""
    name: str = ""
    subject: str = ""
    private: bool = False
    hidden: bool = False
    anonymous: bool = True
    moderated: bool = False
    logged: bool = False
    archived: bool = False
    role: Role = Role.NONE
    affiliation: Affiliation = Affiliation.NONE
    occupants: int = 0
    avatar: str = ""
    takes_back: bool = False


class Occupant(NamedTuple):
    """Somebody in a room, or with ``own`` we ourselves. ``jid`` is who that is, where the room tells it.

    ``hats`` are titles that the room gives them (XEP-0317). ``id`` is the same as long as it is the same person,
    whatever their nick is (XEP-0421); nothing where the room has no such ids. The address for private messages is
    ``room/nick``."""

    nick: str
    role: Role
    affiliation: Affiliation
    show: Show = Show.ONLINE
    status: str = ""
    jid: JID = ANYBODY
    hats: list[str] = []  # noqa: RUF012 - a default of a named tuple, never changed
    id: str = ""
    own: bool = False


class OccupantsChange(NamedTuple):
    """Who came into a room or is there in another way, and the nicks that are gone. ``whole``: these are all that are
    there, whoever was told before."""

    room: JID
    present: list[Occupant]
    gone: list[str]
    whole: bool = False


class Invitation(NamedTuple):
    """Somebody wants us in a room. ``direct``: they say so themselves (XEP-0249); else the room says that they do, and
    that can be a lie. ``password``: there is one, and :meth:`RoomsApi.join` will use it."""

    room: JID
    sender: JID
    reason: str = ""
    direct: bool = False
    password: bool = False


class RoomEventKind(StrEnum):
    """What can happen in a room.

    KICKED, BANNED, REMOVED (no longer a member, or only members may be there now): ``nick`` was put out by ``actor``.
    SHUTDOWN, DISRUPTED: the service or a fault put us out; we come back by ourselves. DESTROYED: perhaps ``other`` is
    where it goes on. NICK: ``nick`` is called ``other`` now. CREATED: we made it. CONFIGURED: its settings are others
    now. DECLINED: ``actor`` does not follow our invitation."""

    KICKED = "kicked"
    BANNED = "banned"
    REMOVED = "removed"
    SHUTDOWN = "shutdown"
    DISRUPTED = "disrupted"
    DESTROYED = "destroyed"
    NICK = "nick"
    CREATED = "created"
    CONFIGURED = "configured"
    DECLINED = "declined"


class RoomEvent(NamedTuple):
    """Something happened in a room. ``own``: to us. ``actor`` is a nick or an address, where the room tells it."""

    room: JID
    kind: RoomEventKind
    nick: str = ""
    own: bool = False
    actor: str = ""
    reason: str = ""
    other: str = ""


class Affiliated(NamedTuple):
    """Somebody's affiliation with a room. ``nick`` is the one that is reserved for them, or that they have now."""

    jid: JID
    affiliation: Affiliation
    nick: str = ""
    reason: str = ""


class VoiceRequest(NamedTuple):
    """A visitor wants to write in a room that we moderate. ``number`` is that of the request here; ``jid`` is who that
    is, where the room tells it."""

    number: str
    room: JID
    nick: str
    jid: JID = ANYBODY


class PublicRoom(NamedTuple):
    """A room that a service lists. ``occupants`` is -1 where it does not say how many."""

    jid: JID
    name: str
    occupants: int = -1
    description: str = ""


class FoundRooms(NamedTuple):
    """Rooms that ``service`` found, those with most people first; with ``more``, it can be asked for those behind.
    ``listed``: it cannot search; these are all in its own list that fit."""

    service: JID
    rooms: list[PublicRoom]
    more: str = ""
    listed: bool = False


class RoomsApi(Api):
    """Rooms, who is in them and what they may do (XEP-0045). What is written there is in the interface ``messages``:
    the conversation is the room's address; private messages are a conversation with ``room/nick``."""

    changed = signal(list[Room], "Rooms that are new or different now.")
    removed = signal(list[JID], "Rooms that we left for good.")
    occupants_changed = signal(list[OccupantsChange], "Who came and went; the whole list once we are in a room.")
    invited = signal(list[Invitation], "Somebody wants us in a room.")
    settled = signal(list[JID], "The rooms whose invitations have an answer now.")
    happened = signal(list[RoomEvent], "What happened in rooms, to us or to others.")
    voice_asked = signal(list[VoiceRequest], "Visitors of rooms that we moderate want to write there.")
    voice_settled = signal(list[str], "The numbers of such requests that have an answer now, or need none any more.")

    @method
    async def join(self, room: JID, nick: str = "", password: Secret = NO_SECRET) -> Room:
        """Enter a room, now and after each reconnection; nick and password are those of the bookmark if none are given,
        else the nick is that of the settings. Both are remembered. Returns when we are in. Errors: NotFound, NickTaken,
        RoomPasswordWrong, RoomBanned, RoomMembersOnly, RoomFull, NotConnected, PeerError, RequestTimeout."""

    @method
    async def leave(self, room: JID, reason: str = "") -> None:
        """Leave a room, for good; its messages stay. A bookmark that entering has made goes, another one stays and no
        longer has us enter. Errors: NotFound."""

    @method
    async def get_rooms(self) -> list[Room]:
        """The rooms that we are in or want to be in."""

    @method
    async def get_occupants(self, room: JID) -> list[Occupant]:
        """Who is in a room. Errors: NotInRoom."""

    @method
    async def set_nick(self, room: JID, nick: str) -> None:
        """Be called otherwise in a room. Errors: NotInRoom, NickTaken, PeerError, RequestTimeout."""

    @method
    async def set_subject(self, room: JID, subject: str) -> None:
        """Say what the room is about. Errors: NotInRoom, PeerError, RequestTimeout."""

    @method
    async def invite(self, room: JID, jid: JID, reason: str = "", direct: bool = False) -> None:
        """Invite somebody: through the room, which lets them in where only members may, or with ``direct`` by ourselves
        (XEP-0249). Errors: NotInRoom, NotConnected, PeerError."""

    @method
    async def get_invitations(self) -> list[Invitation]:
        """The invitations without an answer. To follow one is to join the room."""

    @method
    async def decline(self, room: JID, reason: str = "") -> None:
        """Do not follow an invitation, and say so where the room told of it. Errors: NotFound."""

    # -- moderating ----------------------------------------------------------------------------------------------

    @method
    async def kick(self, room: JID, nick: str, reason: str = "") -> None:
        """Put an occupant out; they may come back. Errors: NotInRoom, NotFound, PeerError,
        RequestTimeout."""

    @method
    async def ban(self, room: JID, jid: JID, reason: str = "") -> None:
        """Put somebody out for good. Errors: NotInRoom, PeerError, RequestTimeout."""

    @method
    async def set_role(self, room: JID, nick: str, role: Role, reason: str = "") -> None:
        """Let an occupant do more or less (VISITOR: no longer write). Errors: NotInRoom, NotFound,
        PeerError, RequestTimeout."""

    @method
    async def set_affiliation(self, room: JID, jid: JID, affiliation: Affiliation, reason: str = "") -> None:
        """Make somebody a member, an admin, an owner, an outcast or nobody. Errors: NotInRoom, PeerError,
        RequestTimeout."""

    @method
    async def get_affiliations(self, room: JID) -> list[Affiliated]:
        """Owners, admins, members and outcasts, as far as the room tells us. Errors: NotInRoom, PeerError,
        RequestTimeout."""

    @method
    async def ask_voice(self, room: JID) -> None:
        """Ask the moderators of a room that we only visit to let us write; a room that does not pass that on has
        two seconds to say so. Errors: NotInRoom, InvalidArgument where we may already, NotConnected, PeerError."""

    @method
    async def get_voice_requests(self) -> list[VoiceRequest]:
        """The visitors who wait for our answer."""

    @method
    async def answer_voice(self, number: str, allow: bool) -> None:
        """Let a visitor write who asked, or not. Errors: NotFound, NotInRoom, NotConnected."""

    @method
    async def moderate(self, id: str, reason: str = "") -> None:
        """Take back the message of another (XEP-0425). ``id`` is that of the stored message. Errors: NotFound,
        NotEditable, NotInRoom, FeatureMissing, PeerError, RequestTimeout."""

    # -- owning --------------------------------------------------------------------------------------------------

    @method
    async def create(
        self,
        room: JID,
        nick: str = "",
        fields: dict[str, str] = {},  # noqa: B006
        private: bool = False,
    ) -> Room:
        """Make a room and enter it. ``fields`` are answers to its form, see ``get_configuration``; without them it is
        as the service makes rooms. ``private``: only members come in, they see who the others are, it stands in no list
        and stays when nobody is there. Errors: Conflict, FeatureMissing, those of ``join``."""

    @method
    async def get_configuration(self, room: JID) -> Form:
        """The form with a room's settings; for its owners. Errors: NotInRoom, PeerError, RequestTimeout."""

    @method
    async def set_configuration(self, room: JID, fields: dict[str, str]) -> None:
        """Change settings of a room: the fields of its form that are to be others; the lines of one with several values
        are these. Errors: InvalidArgument, NotInRoom, PeerError, RequestTimeout."""

    @method
    async def destroy(self, room: JID, reason: str = "", other: JID = ANYBODY) -> None:
        """Put everybody out and end a room; ``other`` is where it goes on. Errors: NotInRoom, PeerError,
        RequestTimeout."""

    # -- finding -------------------------------------------------------------------------------------------------

    @method
    async def get_services(self) -> list[JID]:
        """Where our server has rooms. Errors: NotConnected, PeerError, RequestTimeout."""

    @method
    async def get_public_rooms(self, service: JID = ANYBODY) -> list[PublicRoom]:
        """The rooms that a service lists, at most 1000; those of our server if none is given. Errors: NotFound,
        NotConnected, PeerError, RequestTimeout."""

    @method
    async def search(self, words: str, service: JID = ANYBODY, after: str = "") -> FoundRooms:
        """Find rooms of many servers by words (XEP-0433), at most 50; those behind ``after``, the ``more`` of what was
        found before. The service learns the words; if none is given it is that of the settings, else one of our own
        server. Where there is none, our own server's list of rooms is looked through. Errors: InvalidArgument,
        NotFound, AskedTooOften, NotConnected, PeerError, RequestTimeout."""
