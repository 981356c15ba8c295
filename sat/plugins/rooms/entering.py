"""Entering rooms, staying in them and leaving them (XEP-0045 §7.2, §7.14, XEP-0410)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import CancelledError, Deferred, TimeoutError

from sat.api import JID, Secret
from sat.api.errors import (
    Cancelled,
    NickTaken,
    NotConnected,
    NotFound,
    PeerError,
    PutOut,
    RequestTimeout,
    RoomBanned,
    RoomClosed,
    RoomFull,
    RoomMembersOnly,
    RoomPasswordWrong,
    SatError,
)
from sat.core.tasks import in_time
from sat.plugins.rooms import muc
from sat.plugins.rooms.api import RoomEvent, RoomEventKind, RoomState
from sat.plugins.rooms.bookmarks import Bookmark
from sat.plugins.rooms.stay import Stay
from sat.xmpp.stanzas import Iq, Presence

if TYPE_CHECKING:
    from sat.plugins.rooms.plugin import Rooms

PATIENCE = 60.0  # seconds for a room to let us in
SILENCE = 900.0  # seconds after which we ask whether we are still in (XEP-0410)
AGAIN, AGAIN_AT_MOST = 30.0, 600.0  # seconds between two tries to come back
OTHER_NICKS = 3  # that are tried at a reconnection
TRANSIENT = ("remote-server-not-found", "remote-server-timeout", "resource-constraint", "internal-server-error")
INSIDE = ("service-unavailable", "feature-not-implemented", "item-not-found")
UNKNOWN = ("remote-server-not-found", "remote-server-timeout")
SOON = 0.2  # seconds in which several messages that a room refuses make us ask once
_WHY: dict[RoomEventKind | None, type[SatError]] = {
    RoomEventKind.BANNED: RoomBanned,
    RoomEventKind.DESTROYED: RoomClosed,
    RoomEventKind.SHUTDOWN: RoomClosed,
}


class Entering:
    """How we come into rooms."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    # -- by ourselves --------------------------------------------------------------------------------------------

    def expect(self, bookmark: Bookmark) -> Stay:
        """A stay that has still to begin."""
        stay = self._rooms.stays[bookmark.room] = Stay(bookmark.room, bookmark.nick or self._rooms.usual_nick)
        stay.remember(bookmark)
        return stay

    async def all_expected(self) -> None:
        """Enter the rooms where we want to be, in a new session."""
        try:
            await self._rooms.before_entering()
        except CancelledError:  # we are stopped
            raise
        except Exception:  # another plugin's fault
            self._rooms.log.exception("which rooms to enter could not be found out; those of before are entered")
        for stay in list(self._rooms.stays.values()):
            self._try(stay)

    async def follow(self, room: JID) -> None:
        """Be in a room or leave it, as its bookmark says that somebody has changed."""
        bookmark, stay = self._rooms.bookmarks.find(room), self._rooms.stays.get(room)
        if bookmark is None or not bookmark.autojoin:
            if stay is not None:
                await self.leave(stay, "")
            return
        if stay is None:
            stay = self.expect(bookmark)
        stay.remember(bookmark)
        self._rooms.telling.touch(room)
        self._try(stay)

    async def keep(self, stay: Stay) -> None:
        """Enter it by ourselves from now on."""
        bookmark = self._rooms.bookmarks.find(stay.jid) or Bookmark(stay.jid)
        changed = bookmark._replace(nick=stay.wanted, autojoin=True, password=Secret(stay.password))
        await self._rooms.bookmarks.keep(changed, made=True)

    # -- in ------------------------------------------------------------------------------------------------------

    async def enter(self, stay: Stay, *, known: bool, create: bool = False) -> None:
        """Enter a room, and return when we are in. ``known``: it is there, or was. With ``create`` it is to be made,
        and then waits for its settings. Errors: see ``join``."""
        rooms = self._rooms
        if not rooms.session.online:
            raise NotConnected(profile=rooms.session.name)
        if stay.entering is not None:
            stay.entering.cancel()  # this try is the one that counts now
        entered = stay.entering = Deferred()
        stay.begin()
        rooms.telling.touch(stay.jid)
        try:
            await self.describe(stay, needed=not (known or create))
            since = await rooms.history.begin(stay)
            if stay.entering is entered:
                presence = muc.entering(stay.address, stay.password, not stay.value.archived, since)
                rooms.presence.complete(presence.element)
                if not rooms.session.send(presence.element):
                    raise NotConnected(profile=rooms.session.name)
            await in_time(entered, PATIENCE, rooms.session.clock)
        except TimeoutError:
            rooms.session.send(Presence.to(stay.address, "unavailable").element)
            raise RequestTimeout(peer=stay.jid, seconds=f"{PATIENCE:g}") from None
        except CancelledError:
            raise Cancelled from None
        finally:
            entered.addErrback(lambda _: None)  # it has been told, or nobody waits for it
            if stay.entering is entered:
                stay.entering = None
        stay.wait = 0.0
        stay.heard = rooms.session.clock.seconds()
        self.listen_for_silence(stay)
        rooms.history.entered(stay)
        if stay.created:
            rooms.telling.event(RoomEvent(stay.jid, RoomEventKind.CREATED, stay.value.nick, own=True))
            if not create:  # it went when the last one left: nobody could follow us before it has settings
                await rooms.admin.accept_defaults(stay.jid)

    async def describe(self, stay: Stay, *, needed: bool = False) -> None:
        """Ask what the room is like. Errors: NotFound where it is ``needed`` and is not there."""
        self._rooms.disco.forget(stay.jid)
        try:
            stay.describe(await self._rooms.disco.get_info(stay.jid))
        except PeerError as error:
            condition = error.details.get("condition")
            if needed and condition == "item-not-found":
                raise NotFound(what=f"room {stay.jid}") from None
            if condition in UNKNOWN:
                raise
        except RequestTimeout:
            self._rooms.log.info("%s does not say what it is like", stay.jid)
        self._rooms.telling.touch(stay.jid)
        if stay.inside:
            self._rooms.history.described(stay)

    def heard(self, presence: Presence, stay: Stay, nick: str) -> None:
        """A presence has come from a room, or from somebody in it."""
        rooms = self._rooms
        stay.heard = rooms.session.clock.seconds()
        kind = presence.kind
        if kind == "error":
            if stay.entering is not None and not stay.entering.called and not stay.inside:
                stay.entering.errback(_refusal(presence.error, stay))
            elif stay.inside and presence.error is not None:
                rooms.answers.nick_refused(stay, presence.error)
            return
        if not nick or kind not in ("", "unavailable") or (stay.entering is None and not stay.inside):
            return
        rooms.telling.touch(stay.jid)
        if kind == "":
            before = stay.inside
            stay.present(presence, nick)
            if stay.inside and not before:  # our own presence is the last of all (§7.2.3)
                rooms.telling.at_once()
                if stay.entering is not None and not stay.entering.called:
                    stay.entering.callback(None)
            elif stay.inside and nick == stay.value.nick:
                rooms.answers.nick_settled(stay)
            return
        own = stay.is_own(presence, nick)
        event = stay.absent(presence, nick)
        if event is not None:
            rooms.telling.event(event)
        if own and (event is None or event.kind is not RoomEventKind.NICK):
            self._put_out(stay, event)

    def _put_out(self, stay: Stay, event: RoomEvent | None) -> None:
        if stay.entering is not None and not stay.entering.called:
            stay.out(RoomState.JOINING, "")
            return  # that was the stay before: the room has still to answer
        kind = event.kind if event else None
        why = f": “{event.reason}”" if event and event.reason else ""
        error = str(_WHY.get(kind, PutOut)(room=stay.jid, why=why))
        if kind in (RoomEventKind.SHUTDOWN, RoomEventKind.DISRUPTED):
            stay.out(RoomState.JOINING, error)
            self._later(stay)
            return
        stay.out(RoomState.LEFT, error)
        self._rooms.spawn(self._rooms.messages.give_up(stay.jid, error))
        if kind in (RoomEventKind.BANNED, RoomEventKind.DESTROYED):
            self._rooms.spawn(self._rooms.bookmarks.leave(stay.jid))

    # -- again ---------------------------------------------------------------------------------------------------

    async def again(self, stay: Stay) -> None:
        """Come back into a room, after a reconnection or when we were put out by a fault."""
        stay.set(nick=stay.wanted)
        for _ in range(OTHER_NICKS + 1):
            try:
                await self.enter(stay, known=True)
                return
            except NickTaken:
                stay.set(nick=f"{stay.value.nick}_")
            except (Cancelled, NotConnected):
                return  # somebody tries it otherwise, or the next connection does
            except SatError as error:
                self._failed(stay, error)
                return
        stay.set(nick=stay.wanted)
        self._failed(stay, NickTaken(room=stay.jid, nick=stay.wanted))

    def _failed(self, stay: Stay, error: SatError) -> None:
        self._rooms.log.info("%s", error)
        self._rooms.telling.touch(stay.jid)
        if isinstance(error, RequestTimeout) or error.details.get("condition") in TRANSIENT:
            stay.out(RoomState.JOINING, str(error))
            self._later(stay)
            return
        stay.out(RoomState.FAILED, str(error))
        self._rooms.spawn(self._rooms.messages.give_up(stay.jid, str(error)))

    def _later(self, stay: Stay) -> None:
        stay.wait = min(stay.wait * 2 or AGAIN, AGAIN_AT_MOST)
        self._rooms.after(stay.wait, lambda: self._try(stay), key=("again", stay.jid))

    def _try(self, stay: Stay) -> None:
        wanted = self._rooms.stays.get(stay.jid) is stay and not stay.inside and stay.entering is None
        if wanted and self._rooms.session.online:
            self._rooms.spawn(self.again(stay))

    # -- still -----------------------------------------------------------------------------------------------------

    def listen_for_silence(self, stay: Stay) -> None:
        """After a long silence, ask whether we are still in."""
        left = stay.heard + SILENCE - self._rooms.session.clock.seconds()
        self._rooms.after(max(left, 1.0), lambda: self._silent(stay), key=("silence", stay.jid))

    def _silent(self, stay: Stay) -> None:
        if not stay.inside or self._rooms.stays.get(stay.jid) is not stay:
            return
        if self._rooms.session.clock.seconds() - stay.heard < SILENCE:
            self.listen_for_silence(stay)
        elif self._rooms.session.online:
            self._rooms.spawn(self.check(stay))

    def doubt(self, stay: Stay) -> None:
        """The room says that we are not in: ask soon."""
        self._rooms.after(SOON, lambda: self._rooms.spawn(self.check(stay)), key=("silence", stay.jid))

    async def check(self, stay: Stay) -> None:
        """Ask whether we are still in a room; enter it again if not (XEP-0410 §3)."""
        if await self.still(stay):
            stay.heard = self._rooms.session.clock.seconds()
            self.listen_for_silence(stay)
        elif stay.inside and self._rooms.stays.get(stay.jid) is stay:
            self._rooms.log.info("we are no longer in %s", stay.jid)
            await self.again(stay)

    async def still(self, stay: Stay) -> bool:
        """Ask a room whether we are in; yes, too, where nothing is known."""
        ping = Iq.get(stay.address)
        ping.add("ping", "urn:xmpp:ping")
        try:
            await self._rooms.ask(ping)
        except PeerError as error:
            return error.details.get("condition") in (*INSIDE, *UNKNOWN)
        except SatError:
            pass
        return True

    # -- out -----------------------------------------------------------------------------------------------------

    async def leave(self, stay: Stay, reason: str) -> None:
        """Leave a room, for good."""
        rooms = self._rooms
        entering = stay.entering
        if (stay.inside or entering is not None) and rooms.session.online:
            presence = Presence.to(stay.address, "unavailable")
            if reason:
                presence.add("status", "jabber:client", reason[: muc.LONGEST])
            rooms.session.send(presence.element)
        self.drop(stay)
        if entering is not None:
            entering.cancel()
        await rooms.bookmarks.leave(stay.jid)
        await rooms.messages.give_up(stay.jid, str(PutOut(room=stay.jid, why="")))

    def drop(self, stay: Stay) -> None:
        """Know nothing of a room any more, but that it is one."""
        rooms = self._rooms
        if rooms.stays.get(stay.jid) is stay:
            rooms.talk.remembered.add(stay.jid)
            del rooms.stays[stay.jid]
            for key in ("again", "silence", "catch up", "doubt", "place"):
                rooms.tasks.cancel((key, stay.jid))
            rooms.telling.remove(stay.jid)


def _refusal(error: PeerError | None, stay: Stay) -> SatError:
    """Why a room does not let us in (§7.2)."""
    condition = error.details.get("condition", "") if error else ""
    room: JID = stay.jid
    match condition:
        case "not-authorized":
            return RoomPasswordWrong(room=room)
        case "registration-required":
            return RoomMembersOnly(room=room)
        case "forbidden":
            return RoomBanned(room=room, why="")
        case "conflict":
            return NickTaken(room=room, nick=stay.value.nick)
        case "service-unavailable":
            return RoomFull(room=room)
        case "item-not-found":
            return NotFound(what=f"room {room}")
    return error or PeerError(peer=room, condition="undefined-condition", reason="it does not let us in")
