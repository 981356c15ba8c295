"""Our stay in one room: who is there, what the room says of itself and of us (XEP-0045 §7)."""

from __future__ import annotations

import re
from typing import Any

from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.disco import Info
from sat.plugins.rooms import muc
from sat.plugins.rooms.api import Occupant, OccupantsChange, Role, Room, RoomEvent, RoomEventKind, RoomState
from sat.plugins.rooms.bookmarks import Bookmark
from sat.plugins.rooms.muc import Status, Told
from sat.xmpp.stanzas import Presence

MOST = 10_000
"""Occupants of one room that are remembered."""

_FLAGS = (
    (Status.NOT_ANONYMOUS, "anonymous", False),
    (Status.NOW_NOT_ANONYMOUS, "anonymous", False),
    (Status.NOW_ANONYMOUS, "anonymous", True),
    (Status.LOGGED, "logged", True),
    (Status.NOT_LOGGED, "logged", False),
)
_OUT = (  # the first that fits says why somebody went
    (Status.BANNED, RoomEventKind.BANNED),
    (Status.DISRUPTED, RoomEventKind.DISRUPTED),
    (Status.SHUTDOWN, RoomEventKind.SHUTDOWN),
    (Status.KICKED, RoomEventKind.KICKED),
    (Status.AFFILIATION_CHANGED, RoomEventKind.REMOVED),
    (Status.MEMBERS_ONLY, RoomEventKind.REMOVED),
)


class Stay:
    """One room that we are in or want to be in."""

    def __init__(self, jid: JID, nick: str) -> None:
        self.jid = jid
        self.value = Room(jid, nick, RoomState.JOINING)
        self.wanted = nick
        """The nick that was chosen; at a reconnection another one may have to do."""
        self.password = ""
        self._names = ("", "")  # what we call it, what it calls itself
        self.occupants: dict[str, Occupant] = {}
        self.inside = False
        """Whether the room has told us that we are in: from then on it is listened to."""
        self.ready = False
        """Whether the room has told what was written before, so that what waits can leave."""
        self.caught_up = False
        self.created = False
        self.trusted = False  # whether its stanza-ids are true
        self.has_ids = False  # whether it knows its occupants by ids
        self.first = False  # whether what it tells of the past is nothing new to the reader
        self.own_id = ""
        self.members: tuple[float, set[JID]] = (0.0, set())
        """When it was asked who its members are, by the clock, and who they are."""
        self.entering: Deferred[None] | None = None
        self.heard = 0.0  # the clock's seconds
        self.wait = 0.0  # seconds until the next try
        self._present: dict[str, Occupant] = {}
        self._gone: set[str] = set()
        self._whole = False

    @property
    def address(self) -> JID:
        """Ours in this room."""
        return self.jid.with_resource(self.value.nick)

    def set(self, **fields: Any) -> None:
        """The room is otherwise now."""
        self.value = self.value._replace(**fields)

    def remember(self, bookmark: Bookmark) -> None:
        """The bookmark of the room says so. A nick holds from the next time on that we enter."""
        self.wanted = bookmark.nick or self.wanted
        self.password = str(bookmark.password) or self.password
        self._name(bookmark.name, self._names[1])

    def _name(self, ours: str, its_own: str) -> None:
        self._names = ours, its_own
        self.set(name=ours or its_own)

    def begin(self) -> None:
        """We are about to enter."""
        self.out(RoomState.JOINING, "")
        self.created = False

    def out(self, state: RoomState, error: str) -> None:
        """We are not inside, or no longer."""
        if self.inside:
            self._present.clear()
            self._gone.clear()
            self._whole = True
        self.inside = self.ready = self.caught_up = False
        self.occupants.clear()
        self.set(state=state, error=error, occupants=0, role=Role.NONE)

    def describe(self, info: Info) -> None:
        """What the room says of itself (§6.4)."""
        features = set(info.features)
        name = next((each.name for each in info.identities if each.category == "conference"), "")
        self.trusted = bool(features & {"urn:xmpp:sid:0", "urn:xmpp:mam:2"})
        self.has_ids = muc.NS_OCCUPANT in features
        self._name(self._names[0], name[: muc.NAME])
        self.set(
            private="muc_membersonly" in features,
            hidden="muc_hidden" in features,
            anonymous="muc_nonanonymous" not in features,
            moderated="muc_moderated" in features,
            archived="urn:xmpp:mam:2" in features,
            avatar=muc.avatar(info),
            takes_back=muc.NS_MODERATE in features,
        )

    # -- presences -----------------------------------------------------------------------------------------------

    def present(self, presence: Presence, nick: str) -> None:
        """Somebody is there, or is there in another way."""
        told = muc.told(presence) or Told(frozenset())
        own = Status.SELF in told.codes or (self.inside and nick == self.value.nick)
        if not own and nick not in self.occupants and len(self.occupants) >= MOST:
            return
        found = muc.occupant(presence, nick, told, own)
        if not self.has_ids:
            found = found._replace(id="")
        self.occupants[nick] = self._present[nick] = found
        self._gone.discard(nick)
        if own:
            self.own_id = found.id
            self.set(nick=nick, role=found.role, affiliation=found.affiliation)
            self.flags(told.codes)
            self.created = self.created or Status.CREATED in told.codes
            if not self.inside:
                self.inside = self._whole = True
                self.set(state=RoomState.JOINED, error="")
        self.set(occupants=len(self.occupants))

    def absent(self, presence: Presence, nick: str) -> RoomEvent | None:
        """Somebody has gone, or is called otherwise; what happened, if it is more than that. With ``own``, we are to be
        put out by :meth:`out`, unless it is our nick."""
        told = muc.told(presence) or Told(frozenset())
        own = Status.SELF in told.codes or (self.inside and nick == self.value.nick)
        if self.occupants.pop(nick, None) is not None:
            self._present.pop(nick, None)
            self._gone.add(nick)
            self.set(occupants=len(self.occupants))
        if Status.NICK_CHANGED in told.codes and told.new_nick:
            if own:
                self.set(nick=told.new_nick)
                self.wanted = told.new_nick
            return RoomEvent(self.jid, RoomEventKind.NICK, nick, own, other=told.new_nick)
        kind = next((kind for code, kind in _OUT if code in told.codes), None)
        if told.destroyed:
            kind = RoomEventKind.DESTROYED
        if kind is None:
            return None
        return RoomEvent(self.jid, kind, nick, own, told.actor, told.reason, str(told.other))

    def is_own(self, presence: Presence, nick: str) -> bool:
        """Whether a presence is about us."""
        told = muc.told(presence)
        return (told is not None and Status.SELF in told.codes) or (self.inside and nick == self.value.nick)

    def flags(self, codes: frozenset[int]) -> None:
        """What the room is like, as codes tell."""
        for code, name, value in _FLAGS:
            if code in codes:
                self.set(**{name: value})

    def mentions(self, text: str) -> bool:
        """Whether our nick stands in a text as a word."""
        nick = self.value.nick
        if nick.casefold() not in text.casefold():
            return False
        return re.search(rf"(?<!\w){re.escape(nick)}(?!\w)", text, re.IGNORECASE) is not None

    def take_change(self) -> OccupantsChange | None:
        """Who came and went since the last call; nothing before we are inside."""
        if not (self.inside or self._whole) or not (self._whole or self._present or self._gone):
            return None
        whole = self._whole
        present = list(self.occupants.values()) if whole else list(self._present.values())
        change = OccupantsChange(self.jid, present, [] if whole else sorted(self._gone), whole)
        self._present.clear()
        self._gone.clear()
        self._whole = False
        return change
