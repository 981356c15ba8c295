"""Typing notifications (XEP-0085)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from sat.api import JID
from sat.api.messages import MessageKind
from sat.api.settings import Tab
from sat.core.pipeline import Arrival, Departure, Stage
from sat.core.plugin import Offline, Plugin, configured, needs, on_event, on_message, on_sending, wants
from sat.core.settings import Help
from sat.plugins.chat_states.api import ChatState, ChatStatesApi, PeerState
from sat.plugins.chat_states.typists import Typists
from sat.plugins.messages.asides import Aside
from sat.plugins.messages.plugin import Messages
from sat.plugins.rooms.api import RoomsApi
from sat.xmpp.stanzas import Message

NS = "http://jabber.org/protocol/chatstates"
PAUSED_AFTER = 10.0  # seconds without a key (XEP-0085 §5.1 suggests some tens at most)
REMEMBERED = 2000  # contacts whose state we remember
STATES = {state.value: state for state in ChatState}


@dataclass
class Options:
    """What we tell while writing."""

    tab: ClassVar[Tab] = Tab.COMPOSITION
    send: Annotated[bool, "Tell contacts when you are typing"] = True
    send_in_rooms: Annotated[
        bool,
        "Tell rooms when you are typing",
        Help("All who are there hear it. Never in rooms of more than 20 people, nor where contacts are not told."),
    ] = True


class ChatStates(Plugin, ChatStatesApi):
    """Typing notifications (XEP-0085)."""

    xeps = ("0085", "0334")
    features = (NS,)
    messages = needs(Messages)
    rooms = wants(RoomsApi)
    options = configured(Options)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._ours: dict[JID, ChatState] = {}
        self._theirs: dict[JID, ChatState | None] = {}  # absent until the contact has written, None: no support
        self._typists = Typists(self.changed.emit)
        if self.rooms is not None:
            self.undo(self.rooms.changed.connect(self._typists.set_rooms))
            self.undo(self.rooms.removed.connect(self._typists.remove_rooms))
            self.undo(self.rooms.occupants_changed.connect(self._typists.move))

    async def load(self) -> None:
        if self.rooms is not None:
            self._typists.set_rooms(await self.rooms.get_rooms())

    async def set_typing(self, peer: JID, typing: bool) -> None:
        if not self._typists.knows(peer.bare):  # else it is the room, or somebody in it alone
            peer = peer.bare
        if typing:
            self._tell(peer, ChatState.COMPOSING)
            self.after(PAUSED_AFTER, lambda: self._tell(peer, ChatState.PAUSED), key=peer)
        else:
            self.tasks.cancel(peer)
            if self._ours.get(peer) is ChatState.COMPOSING:
                self._tell(peer, ChatState.ACTIVE)

    @on_message(Stage.ANNOUNCE)
    def _heard(self, arrival: Arrival) -> None:
        message = arrival.message
        if arrival.outgoing or message.kind not in (MessageKind.CHAT, MessageKind.GROUPCHAT):
            return
        told = message.children(NS)
        state = next((STATES[child.name] for child in told if child.name in STATES), None)
        if state is None and not message.body:
            return
        if message.kind == MessageKind.GROUPCHAT:
            if message.child("delay", "urn:xmpp:delay") is None:
                self._typists.hear(arrival.peer, arrival.sender.resource, state or ChatState.ACTIVE)
            return
        before = self._theirs.get(arrival.peer)
        if before is None and len(self._theirs) >= REMEMBERED:
            self._theirs.clear()
        self._theirs[arrival.peer] = state  # §5.1: no state in a message means no support
        # With each message it is active again, which is no news; it may be typing again after it has died.
        if state is not None and (state is not before or state is ChatState.COMPOSING):
            self.changed.emit(PeerState(arrival.peer, state))

    @on_sending(Stage.ANNOUNCE)
    def _mark_active(self, departure: Departure) -> None:
        peer, kind = departure.peer, departure.message.kind
        self.tasks.cancel(peer)
        if kind == MessageKind.CHAT:
            wanted = self.options.send and self._theirs.get(peer, ...) is not None
        else:
            wanted = kind == MessageKind.GROUPCHAT and self._ours.get(peer, ChatState.ACTIVE) is not ChatState.ACTIVE
        if wanted:
            departure.message.add(ChatState.ACTIVE.value, NS)
            self._ours[peer] = ChatState.ACTIVE

    @on_event(Offline)
    def _forget(self, event: Offline) -> None:
        self._ours.clear()

    def _tell(self, peer: JID, state: ChatState) -> None:
        in_room = not peer.resource and self._typists.knows(peer)
        if in_room:
            wanted = self.options.send and self.options.send_in_rooms and self._typists.can_tell(peer)
        else:
            wanted = self.options.send and self._theirs.get(peer) is not None
        if not wanted or not self.session.online or self._ours.get(peer) is state:  # §5.3: never the same one twice
            return
        self._ours[peer] = state
        message = Message.to(peer, MessageKind.GROUPCHAT if in_room else MessageKind.CHAT)
        message.add(state.value, NS)
        message.add("no-store", "urn:xmpp:hints")  # XEP-0334: nothing for the archive
        self.messages.asides.send(Aside(message, peer, fleeting=True, holds=lambda: self._ours.get(peer) is state))
