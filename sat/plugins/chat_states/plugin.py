"""Typing notifications (XEP-0085)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from sat.api import JID
from sat.api.messages import MessageKind
from sat.api.settings import Tab
from sat.core.pipeline import Arrival, Departure, Stage
from sat.core.plugin import Offline, Plugin, configured, on_event, on_message, on_sending
from sat.plugins.chat_states.api import ChatState, ChatStatesApi, PeerState
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


class ChatStates(Plugin, ChatStatesApi):
    """Typing notifications (XEP-0085)."""

    xeps = ("0085", "0334")
    features = (NS,)
    options = configured(Options)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._ours: dict[JID, ChatState] = {}
        self._theirs: dict[JID, ChatState | None] = {}  # absent until the contact has written, None: no support

    async def set_typing(self, peer: JID, typing: bool) -> None:
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
        if arrival.outgoing or arrival.archived or arrival.message.kind != MessageKind.CHAT:
            return
        told = arrival.message.children(NS)
        state = next((STATES[child.name] for child in told if child.name in STATES), None)
        if state is None and not arrival.message.body:
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
        peer = departure.peer
        self.tasks.cancel(peer)
        if self.options.send and departure.message.kind == MessageKind.CHAT and self._theirs.get(peer, ...) is not None:
            departure.message.add(ChatState.ACTIVE.value, NS)
            self._ours[peer] = ChatState.ACTIVE

    @on_event(Offline)
    def _forget(self, event: Offline) -> None:
        self._ours.clear()

    def _tell(self, peer: JID, state: ChatState) -> None:
        wanted = self.options.send and self._theirs.get(peer) is not None
        if not wanted or not self.session.online or self._ours.get(peer) is state:  # §5.3: never the same one twice
            return
        self._ours[peer] = state
        message = Message.to(peer, MessageKind.CHAT)
        message.add(state.value, NS)
        message.add("no-store", "urn:xmpp:hints")  # XEP-0334: nothing for the archive
        self.session.send(message.element)
